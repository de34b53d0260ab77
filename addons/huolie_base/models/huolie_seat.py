from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services import life


class HuolieSeat(models.Model):
    _name = "huolie.seat"
    _inherit = ["huolie.tenant.mixin", "mail.thread"]
    _description = "Seat"
    _order = "enterprise_id, number"

    number = fields.Integer(required=True, readonly=True, copy=False, aggregator=None)
    name = fields.Char()
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("invited", "Invited"),
            ("accepted", "Accepted"),
            ("active", "Active"),
            ("stopped", "Stopped"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    is_trial_seat = fields.Boolean(readonly=True, copy=False)
    serve_until = fields.Datetime(readonly=True, copy=False)

    _number_uniq = models.UniqueIndex(
        "(enterprise_id, number)", "This seat number is taken."
    )
    _user_uniq = models.UniqueIndex(
        "(user_id) WHERE user_id IS NOT NULL", "This person already has a seat."
    )

    @api.depends("number", "name")
    def _compute_display_name(self):
        for seat in self:
            number = f"{seat.number:03d}"
            seat.display_name = f"{number} {seat.name}" if seat.name else number

    @api.model_create_multi
    def create(self, vals_list):
        """Create seats, each with the next number of its enterprise (A7)."""
        for vals in vals_list:
            enterprise_id = vals.get("enterprise_id") or self.env.user.enterprise_id.id
            vals["number"] = self._take_number(enterprise_id)
        seats = super().create(vals_list)
        seats._sync_serve_until()
        return seats

    def write(self, vals):
        """Write, and tell the other addons what they must know about a seat."""
        res = super().write(vals)
        if {"state", "user_id", "serve_until", "name"} & vals.keys():
            self._on_seat_change()
        return res

    @api.model
    def _take_number(self, enterprise_id):
        """Take the next number: updating the enterprise's row makes others wait."""
        self.env.cr.execute(
            "UPDATE huolie_enterprise SET seat_count = COALESCE(seat_count, 0) + 1"
            " WHERE id = %s RETURNING seat_count",
            (enterprise_id,),
        )
        row = self.env.cr.fetchone()
        if not row:
            raise UserError(self.env._("A seat belongs to an enterprise."))
        return row[0]

    @api.model
    def _create_trial_seat(self, enterprise, user):
        """Create the built-in seat of the trial, active at once for the admin."""
        return self.create(
            {
                "enterprise_id": enterprise.id,
                "name": user.name,
                "user_id": user.id,
                "state": "active",
                "is_trial_seat": True,
            }
        )

    # === SERVICE === #
    def _get_bought_until(self):
        """Return the end of the service bought for this seat (billing extends)."""
        self.ensure_one()
        return None

    def _get_serve_until(self):
        """Return until when this seat may receive, by ``services/life.py``."""
        self.ensure_one()
        enterprise = self.enterprise_id
        return life.seat_serve_until(
            enterprise.state,
            enterprise.is_house,
            self.is_trial_seat,
            enterprise.trial_until,
            self._get_bought_until(),
            enterprise._is_billed(),
        )

    def _sync_serve_until(self):
        """Write ``serve_until``, the one column that the conversation engine reads."""
        for seat in self.sudo():
            until = seat._get_serve_until()
            if seat.serve_until != (until or False):
                seat.serve_until = until

    def _on_seat_change(self):
        """React to a changed seat: chat keeps its agent row in step."""

    def _check_can_activate(self):
        """Raise when the seat may not be activated.

        :raise UserError: says what is missing
        """
        for seat in self:
            if seat.state not in ("accepted", "stopped") or not seat.user_id:
                raise UserError(
                    self.env._(
                        "Seat %s can be activated after its person accepted the"
                        " invitation.",
                        seat.display_name,
                    )
                )
