from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class HuolieTwoPersons(models.AbstractModel):
    """What one operator manager asks for, and another decides on."""

    _name = "huolie.two.persons"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Decided by a second person"

    # What may be typed when asking: the server sets all the rest.
    _asked_fields = ("enterprise_id", "reason")
    # First word of its actions in the audit log: ``<word>.asked``, ``.approved``, …
    _audit_word = None

    reason = fields.Text(required=True)
    state = fields.Selection(
        selection=[
            ("asked", "Asked for"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        default="asked",
        required=True,
        readonly=True,
        copy=False,
    )
    asked_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        default=lambda self: self.env.uid,
        required=True,
        readonly=True,
        ondelete="restrict",
        copy=False,
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        ondelete="restrict",
        copy=False,
    )
    decided_at = fields.Datetime(string="Decided at", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """Ask (operator manager); who asks is never typed."""
        self.env["huolie.enterprise"]._check_manager()
        kept = self._asked_fields
        records = super().create(
            [{key: vals[key] for key in kept if key in vals} for vals in vals_list]
        )
        for record in records:
            record._audit(record._get_audit_action(), None, record.reason)
        return records

    def action_approve(self):
        """Approve (another operator manager than who asked)."""
        self._decide("approved")
        return True

    def action_refuse(self):
        """Refuse (another operator manager than who asked)."""
        self._decide("refused")
        return True

    def _decide(self, state):
        """Change the state by one conditional UPDATE: of two deciders one wins."""
        self.ensure_one()
        self.env["huolie.enterprise"]._check_manager()
        if self.asked_by_id == self.env.user:
            raise AccessError(self.env._("Another person than who asked must decide."))
        self.flush_recordset()
        self.env.cr.execute(self._get_decide_query(state), log_exceptions=False)
        if not self.env.cr.fetchone():
            raise UserError(self.env._("This was decided already."))
        self.invalidate_recordset()
        self._audit(self._get_audit_action(), self.asked_by_id.name, self.reason)

    def _get_decide_query(self, state):
        return SQL(
            """
            UPDATE %s
               SET state = %s, decided_by_id = %s, decided_at = now() AT TIME ZONE 'UTC'
             WHERE id = %s AND state = 'asked'
            RETURNING id
            """,
            SQL.identifier(self._table),
            state,
            self.env.uid,
            self.id,
        )

    def _get_audit_action(self):
        """Return the action of the audit log for the state now."""
        return f"{self._audit_word}.{self.state}"
