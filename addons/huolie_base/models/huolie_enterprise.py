from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import enterprise_code


class HuolieEnterprise(models.Model):
    """A customer of the operator; each of its subjects has a file of its own."""

    _name = "huolie.enterprise"
    _inherits = {"res.partner": "partner_id"}
    _inherit = ["mail.thread", "huolie.audited"]
    _description = "Enterprise"
    _audit_fields = ("name", "email", "phone", "street", "city", "state", "verified")
    _order = "id desc"
    _rec_names_search = ["name", "code"]

    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, ondelete="restrict", index=True
    )
    name = fields.Char(
        string="Enterprise name",
        related="partner_id.name",
        inherited=True,
        readonly=False,
        required=True,
    )
    code = fields.Char(string="Enterprise ID", required=True, readonly=True, copy=False)
    is_house = fields.Boolean(string="House enterprise", readonly=True)
    state = fields.Selection(
        selection=[
            ("trial", "Trial"),
            ("formal", "Formal"),
            ("frozen", "Frozen"),
            ("closed", "Closed"),
        ],
        string="Account state",
        default="trial",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    seat_ids = fields.One2many(comodel_name="huolie.seat", inverse_name="enterprise_id")
    # Numbers given so far: a number is never given twice.
    seat_count = fields.Integer(string="Seats numbered", readonly=True, copy=False)

    _code_uniq = models.UniqueIndex("(code)", "This enterprise ID is taken.")

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        """Create enterprises; each gets its 企业ID (A2), its partner points back."""
        for vals in vals_list:
            vals["code"] = self._new_code()
            vals.setdefault("is_company", True)
        enterprises = super().create(vals_list)
        for enterprise in enterprises:
            enterprise.partner_id.enterprise_id = enterprise
        return enterprises

    @api.model
    def _new_code(self):
        code = enterprise_code.make()
        while self.sudo().search_count([("code", "=", code)], limit=1):
            code = enterprise_code.make()
        return code

    @api.model
    def _get_own(self):
        """Return the enterprise of the current person.

        :raise UserError: for employees of the ERP who belong to none
        """
        enterprise = self.env.user.enterprise_id
        if not enterprise:
            raise UserError(self.env._("You do not belong to an enterprise."))
        return enterprise

    def _check_manager(self):
        manager = "huolie_base.group_operator_manager"
        if not self.env.su and not self.env.user.has_group(manager):
            raise AccessError(self.env._("Only operator managers may do this."))

    # === WHAT OTHER ADDONS ADD TO === #
    @api.model
    def _is_billed(self):
        """Say whether service is sold in this database (billing: yes)."""
        return False

    @api.model
    def _get_billable_services(self):
        """Return the services sold besides seats: ``[{"code", "label"}]``."""
        return []
