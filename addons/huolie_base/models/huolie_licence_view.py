from odoo import fields, models
from odoo.exceptions import UserError


class HuolieLicenceView(models.Model):
    _name = "huolie.licence.view"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Viewing of a licence"
    _order = "id desc"
    _rec_name = "viewed_at"

    verification_id = fields.Many2one(
        comodel_name="huolie.verification",
        required=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Viewed by", required=True, ondelete="restrict"
    )
    viewed_at = fields.Datetime(
        string="Viewed at", required=True, default=fields.Datetime.now
    )
    address = fields.Char(string="IP address")

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: the log is evidence.

        :raise UserError: always
        """
        raise UserError(self.env._("The log of viewings never changes."))
