from odoo import api, fields, models

LIMITS = ("return_days", "max_held", "max_per_day", "cooldown_hours")


class HuolieLeadPolicy(models.Model):
    """Rules of the public pool, one row per enterprise (C13)."""

    _name = "huolie.lead.policy"
    _inherit = ["huolie.tenant.mixin", "huolie.audited"]
    _description = "Rules of the lead pool"
    _support_may = "*"
    _rec_name = "enterprise_id"

    return_days = fields.Integer(
        string="Return after days without follow-up",
        default=7,
        help="0: leads never go back to the pool by themselves.",
    )
    max_held = fields.Integer(
        string="Leads held at once", default=50, help="Per seat. 0: no limit."
    )
    max_per_day = fields.Integer(
        string="Claims a day", default=20, help="Per seat. 0: no limit."
    )
    cooldown_hours = fields.Integer(
        string="Hours before the same person may claim again",
        default=12,
        help="After returning a lead. 0: at once.",
    )

    _enterprise_uniq = models.UniqueIndex(
        "(enterprise_id)", "The pool has its rules already."
    )
    _not_negative = models.Constraint(
        "CHECK(return_days >= 0 AND max_held >= 0 AND max_per_day >= 0"
        " AND cooldown_hours >= 0)",
        "Limits cannot be negative; 0 means no limit.",
    )

    @api.depends_context("lang")
    def _compute_display_name(self):
        """Call the only row what its menu is called."""
        self.display_name = self.env._("Rules of the lead pool")

    @api.model
    def _get(self, enterprise):
        """Return the rules of ``enterprise``, made with the defaults if missing."""
        # sudo: every agent is bound by them, few may edit them
        rules = self.sudo().search([("enterprise_id", "=", enterprise.id)], limit=1)
        return rules or self.sudo().create({"enterprise_id": enterprise.id})

    def _as_dict(self):
        self.ensure_one()
        return {name: self[name] for name in LIMITS}

    @api.model
    def action_open(self):
        """Open the rules of the caller's enterprise (settings menu)."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rules of the lead pool"),
            "res_model": self._name,
            "views": [(False, "form")],
            "res_id": self._get(self.env.user.enterprise_id).id,
        }
