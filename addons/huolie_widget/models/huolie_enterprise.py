import hashlib
import hmac

from odoo import api, models


class HuolieEnterprise(models.Model):
    _inherit = "huolie.enterprise"

    def _get_home_steps(self):
        """Lead the step "code found on your site" to the screen with the code (A11)."""
        steps = super()._get_home_steps()
        for step in steps:
            if step["key"] == "code":
                step.pop("action", None)
                step["call"] = "action_open_code"
        return steps

    def action_open_code(self):
        """Open the screen with the code: the only website's, else the list (D1)."""
        xmlid = "huolie_widget.huolie_site_action_style"
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        sites = self.env["huolie.site"].search([], limit=2)
        if len(sites) == 1:
            action["views"] = [view for view in action["views"] if view[1] == "form"]
            action["res_id"] = sites.id
        return action

    @api.model
    def _get_house_site(self):
        house = self.env.ref("huolie_base.enterprise_house").sudo()
        sites = self.env["huolie.site"].sudo()
        return sites.search([("enterprise_id", "=", house.id)], limit=1)

    @api.model
    def _get_contact_url(self):
        """Lead "contact us" to the stand-alone chat page of the house (A12)."""
        site = self._get_house_site()
        return f"/huolie/chat/{site.key}" if site else super()._get_contact_url()

    def _prepare_contact(self):
        """Add the house's widget, with the person signed in as its customer (A12)."""
        contact = super()._prepare_contact()
        site = self._get_house_site()
        if not site or self == site.enterprise_id:
            return contact
        user, named = self.env.user, site._get_named_database()
        identity = f"{self.code}-{user.id}"
        secret = site.secret.encode()
        return {
            **contact,
            "script": f"/huolie/w/{site.key}.js" + (f"?db={named}" if named else ""),
            "key": site.key,
            "who": {
                "id": identity,
                "sig": hmac.new(secret, identity.encode(), hashlib.sha256).hexdigest(),
                "name": f"{self.name} {user.name}",
                "phone": user.phone or "",
                "email": user.email or "",
            },
            "facts": {
                self.env._("Enterprise ID"): self.code,
                self.env._("Account"): self._get_label("state"),
            },
        }

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
