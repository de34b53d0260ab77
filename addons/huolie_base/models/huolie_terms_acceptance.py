from odoo import fields, models
from odoo.exceptions import UserError


class HuolieTermsAcceptance(models.Model):
    _name = "huolie.terms.acceptance"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Acceptance of the terms"
    _order = "id desc"
    _rec_name = "terms_id"

    terms_id = fields.Many2one(
        comodel_name="huolie.terms", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Person", required=True, ondelete="restrict"
    )
    accepted_at = fields.Datetime(
        string="Accepted at", required=True, default=fields.Datetime.now
    )
    address = fields.Char(string="IP address")
    agent = fields.Char(string="Browser")

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: an acceptance is evidence.

        :raise UserError: always
        """
        raise UserError(self.env._("An acceptance of the terms never changes."))
