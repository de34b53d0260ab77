from odoo import api, fields, models

# Parameter -> field, and what holds when it is empty.
PARAMETERS = {
    "trial_days": ("huolie.trial_days", 14),
    "registrations_per_hour": ("huolie.registrations_per_hour", 5),
}
OPEN = "huolie.registration"
TWO_FACTOR = "huolie.operator_two_factor"


class HuolieAccountSettings(models.TransientModel):
    """What operator managers set about registration and trial (A3)."""

    _name = "huolie.account.settings"
    _description = "Settings of registration and trial"

    trial_days = fields.Integer(string="Days of trial", required=True)
    registrations_per_hour = fields.Integer(
        string="Registrations an hour",
        required=True,
        help="From one network address, and with one e-mail address.",
    )
    registration_open = fields.Boolean(string="Registration page is open")

    two_factor = fields.Boolean(
        string="Operators need two-factor sign-in",
        help="Off is for demos: every page of operators then carries a warning.",
    )

    _trial_days_range = models.Constraint(
        "CHECK(trial_days BETWEEN 1 AND 365)", "A trial has 1 to 365 days."
    )
    _hourly_range = models.Constraint(
        "CHECK(registrations_per_hour BETWEEN 1 AND 10000)",
        "At least one registration an hour.",
    )

    @api.model
    def default_get(self, fields_list):
        """Show the values that hold now (operator manager)."""
        self.env["huolie.enterprise"]._check_manager()
        values = super().default_get(fields_list)
        params = self.env["ir.config_parameter"].sudo()
        for name, (key, usual) in PARAMETERS.items():
            text = params.get_param(key) or ""
            values[name] = int(text) if text.isdecimal() else usual
        values["registration_open"] = params.get_param(OPEN, "open") != "closed"
        values["two_factor"] = params.get_param(TWO_FACTOR) != "off"
        return values

    def action_save(self):
        """Keep the values; new registrations follow them (operator manager)."""
        self.ensure_one()
        self.env["huolie.enterprise"]._check_manager()
        params = self.env["ir.config_parameter"].sudo()
        for name, (key, _usual) in PARAMETERS.items():
            params.set_param(key, str(self[name]))
        params.set_param(OPEN, "open" if self.registration_open else "closed")
        params.set_param(TWO_FACTOR, "on" if self.two_factor else "off")
        return {"type": "ir.actions.act_window_close"}
