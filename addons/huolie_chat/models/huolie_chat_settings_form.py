from odoo import api, fields, models


class HuolieChatSettings(models.Model):
    _inherit = "huolie.chat.settings"

    typing_preview = fields.Boolean(
        string="See what visitors are typing",
        default=True,
        help="Agents see unsent words. Switched off, they see only that one types.",
    )
    require_summary = fields.Boolean(
        string="Summary tag before ending",
        help="Agents choose what it was about before they end a conversation.",
    )

    @api.model
    def action_open(self):
        """Open the settings of the caller's enterprise (settings menu)."""
        enterprise = self.env.user.enterprise_id
        # sudo: the row is made by the server; the form itself is bound to the rules
        rows = self.sudo().search([("enterprise_id", "=", enterprise.id)], limit=1)
        row = rows or self.sudo().create({"enterprise_id": enterprise.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reception and queue"),
            "res_model": self._name,
            "views": [(False, "form")],
            "res_id": row.id,
        }
