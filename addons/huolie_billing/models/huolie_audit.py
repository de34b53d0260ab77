from odoo import api, models


class HuolieAudit(models.Model):
    _inherit = "huolie.audit"

    @api.model
    def _get_action_names(self):
        """Add the decisions about money."""
        _ = self.env._
        return {
            **super()._get_action_names(),
            "recharge.approved": _("Recharge approved"),
            "recharge.rejected": _("Recharge rejected"),
            "recharge.withdrawn": _("Recharge withdrawn"),
            "refund.held": _("Refund approved, money set aside"),
            "refund.done": _("Refund done"),
            "refund.refused": _("Refund refused"),
            "refund.released": _("Refund taken back"),
            "fapiao.accepted": _("Fapiao request accepted"),
            "fapiao.issued": _("Fapiao issued"),
            "fapiao.delivered": _("Fapiao delivered"),
            "fapiao.rejected": _("Fapiao request rejected"),
            "fapiao.red": _("Red fapiao issued"),
            "gift.grant": _("Gift granted"),
            "gift.end": _("Gift ended"),
        }
