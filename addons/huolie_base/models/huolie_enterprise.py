from odoo import fields, models


class HuolieEnterprise(models.Model):
    _name = "huolie.enterprise"
    _inherits = {"res.partner": "partner_id"}
    _description = "Enterprise"

    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, ondelete="restrict", index=True
    )
    code = fields.Char(string="Enterprise ID", required=True, readonly=True, copy=False)
    is_house = fields.Boolean(string="House enterprise")
    state = fields.Selection(
        selection=[
            ("trial", "Trial"),
            ("formal", "Formal"),
            ("frozen", "Frozen"),
            ("closed", "Closed"),
        ],
        default="trial",
        required=True,
        index=True,
        copy=False,
    )
    trial_until = fields.Datetime(copy=False)
    service_until = fields.Datetime(copy=False)
    seat_ids = fields.One2many(
        comodel_name="huolie.seat", inverse_name="enterprise_id"
    )

    _code_uniq = models.UniqueIndex("(code)", "This enterprise ID is taken.")
