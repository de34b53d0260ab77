from odoo import api, models


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    def _get_home_steps(self):
        """Add "code found on your site": true only when a page really showed it (A11)."""
        sites = self.env["huolie.site"].sudo()
        seen = sites.search_count(
            [("enterprise_id", "=", self.id), ("first_seen_at", "!=", False)], limit=1
        )
        return super()._get_home_steps() + [
            {
                "key": "code",
                "label": self.env._("Put the code on your website"),
                "done": bool(seen),
                "action": "huolie_widget.huolie_site_action_style",
                "sequence": 20,
            }
        ]

    @api.model
    def _get_role_modules(self):
        return super()._get_role_modules() + [
            {
                "code": "style",
                "label": self.env._("Widget styles"),
                "see": "huolie_widget.group_style_see",
                "do": "huolie_widget.group_style_do",
                "sequence": 70,
            }
        ]

    def _on_stage_change(self, old, new):
        """A frozen enterprise's button vanishes, one back in service gets it again."""
        super()._on_stage_change(old, new)
        if old != new:
            sites = self.env["huolie.site"].sudo().with_context(active_test=False)
            sites.search([("enterprise_id", "in", self.ids)])._forget_scripts()
