from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services import life, secret_link

INVITE_DAYS = 7
TYPED = {"name", "email", "role_id"}


class HuolieSeat(models.Model):
    _name = "huolie.seat"
    _inherit = ["huolie.tenant.mixin", "mail.thread", "huolie.audited"]
    _description = "Seat"
    _order = "enterprise_id, number"
    # Who holds a seat and in which state: set by actions, not typed.
    _audit_fields = ("state", "user_id")

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
    email = fields.Char(
        string="E-mail for the invitation",
        help="The invitation is mailed to it too; may stay empty.",
    )
    is_trial_seat = fields.Boolean(
        string="Seat of the trial", readonly=True, copy=False
    )
    serve_until = fields.Datetime(string="In service until", readonly=True, copy=False)
    is_serving = fields.Boolean(string="Receives", compute="_compute_is_serving")
    served_until = fields.Datetime(
        string="Service until",
        compute="_compute_is_serving",
        help="Empty: without end, or without service.",
    )
    invite_hash = fields.Char(groups=fields.NO_ACCESS, copy=False)
    invite_until = fields.Datetime(
        string="Invitation valid until", readonly=True, copy=False
    )
    held_since = fields.Datetime(string="Held since", readonly=True, copy=False)
    holder_ids = fields.One2many(
        comodel_name="huolie.seat.holder",
        inverse_name="seat_id",
        string="Earlier holders",
    )

    _number_uniq = models.UniqueIndex(
        "(enterprise_id, number)", "This seat number is taken."
    )
    _user_uniq = models.UniqueIndex(
        "(user_id) WHERE user_id IS NOT NULL", "This person already has a seat."
    )

    _invite_uniq = models.UniqueIndex("(invite_hash) WHERE invite_hash IS NOT NULL")

    @api.depends("state", "serve_until")
    def _compute_is_serving(self):
        now = fields.Datetime.now()
        for seat in self:
            until = seat.serve_until
            seat.is_serving = bool(seat.state == "active" and until and until > now)
            seat.served_until = until if until != life.FOREVER else False

    @api.depends("number", "name")
    def _compute_display_name(self):
        for seat in self:
            number = f"{seat.number:03d}"
            seat.display_name = f"{number} {seat.name}" if seat.name else number

    @api.model_create_multi
    def create(self, vals_list):
        """Create seats, each with the next number of its enterprise (A7)."""
        if not self.env.su:
            self._check_may_add()
        for vals in vals_list:
            self._check_typed(vals)
            enterprise_id = vals.get("enterprise_id") or self.env.user.enterprise_id.id
            vals["number"] = self._take_number(enterprise_id)
        seats = super().create(vals_list)
        seats._sync_serve_until()
        return seats

    def write(self, vals):
        """Write, and tell the other addons what they must know about a seat."""
        self._check_typed(vals)
        mailed = self.filtered(lambda s: s.state == "invited" and s.email)
        before = {seat: seat.email for seat in mailed}
        res = super().write(vals)
        # A link that was mailed to somebody else must not open this seat (SEC-I7).
        self.browse().union(
            *(seat for seat, email in before.items() if seat.email != email)
        )._revoke()
        if {"state", "user_id", "serve_until", "name"} & vals.keys():
            self._on_seat_change()
        return res

    @api.model
    def _get_typed_fields(self):
        """Return what people may write on a seat; other addons add theirs."""
        return TYPED

    def _check_typed(self, vals):
        typed = self._get_typed_fields() | {"enterprise_id"}
        if not self.env.su and (vals.keys() - typed) & self._fields.keys():
            raise AccessError(self.env._("This cannot be set by hand."))

    @api.model
    def _check_may_add(self):
        """Refuse new seats before the account is formal (A7).

        :raise UserError: says the way forward
        """
        if self.env.user.enterprise_id.sudo().state != "formal":
            raise UserError(self._get_way_to_seats())

    @api.model
    def _get_way_to_seats(self):
        return self.env._(
            "On trial there is one seat. Seats can be added by formal accounts: have"
            " the enterprise verified, then recharge."
        )

    def action_open_add(self):
        """Open the form that adds seats; on trial, lead to 账户管理 [添加工号]."""
        self._check_do()
        actions = self.env["ir.actions.actions"]
        if self.env.user.enterprise_id.sudo().state == "formal":
            return actions._for_xml_id("huolie_base.huolie_seat_add_action")
        account = "huolie_base.huolie_enterprise_account_action"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self._get_way_to_seats(),
                "type": "warning",
                "sticky": True,
                "next": actions._for_xml_id(account),
            },
        }

    @api.model
    def _take_number(self, enterprise_id):
        """Take the next number: updating the enterprise's row makes others wait."""
        self.env.cr.execute(
            "UPDATE huolie_enterprise SET seat_count = COALESCE(seat_count, 0) + 1"
            " WHERE id = %s RETURNING seat_count",
            (enterprise_id,),
            log_exceptions=False,
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

    # === INVITATION === #
    def action_invite(self):
        """Make new personal links (the ones before die), mail and show them."""
        self._check_do()
        links = []
        for seat in self.sudo():
            if seat.state not in ("draft", "invited"):
                raise UserError(
                    self.env._("Seat %s has a person already.", seat.display_name)
                )
            link = seat._make_link()
            seat._mail_link(link)
            links.append({"label": seat.display_name, "link": link})
        text = self.env._(
            "Send each person the link. It works once and for %s days; you can make a"
            " new one at any time.",
            INVITE_DAYS,
        )
        return self.env["huolie.enterprise"]._show_links(links, text)

    def action_revoke(self):
        """Make the invitation links void."""
        self._check_do()
        self._revoke()
        return True

    def _revoke(self):
        invited = self.sudo().filtered(lambda seat: seat.state == "invited")
        if invited:
            void = {"state": "draft", "invite_hash": False, "invite_until": False}
            invited.write(void)

    def _check_do(self):
        """Check the rights for an action on seats, then the server may write."""
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group("huolie_base.group_seat_do"):
            raise AccessError(self.env._("Your role does not include the seats."))

    def _make_link(self):
        self.ensure_one()
        token = secret_link.make()
        until = fields.Datetime.now() + timedelta(days=INVITE_DAYS)
        self.write(
            {
                "state": "invited",
                "invite_hash": secret_link.digest(token),
                "invite_until": until,
            }
        )
        return f"{self.get_base_url()}/huolie/invite#{token}"

    def _mail_link(self, link):
        if not self.email:
            return
        template = self.env.ref("huolie_base.mail_template_seat_invite").sudo()
        template = template.with_context(link=link, lang=self.env.lang)
        self.env["huolie.enterprise"]._send_template(template, self)

    @api.model
    def _find_by_token(self, token):
        """Return the seat of a link that still works, or nothing."""
        seat = self.sudo().search(
            [
                ("invite_hash", "=", secret_link.digest(token)),
                ("invite_until", ">", fields.Datetime.now()),
                ("state", "=", "invited"),
            ],
            limit=1,
        )
        return seat if seat.enterprise_id.state in ("trial", "formal") else self

    def _accept(self, vals):
        """Let the invited person take the seat; of two clicks at once, one wins.

        :param dict vals: ``contact email password lang`` (checked before)
        :return: the new user, or None when the link was used in the meantime
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE huolie_seat SET state = 'accepted', invite_hash = NULL"
            " WHERE id = %s AND state = 'invited' AND invite_hash IS NOT NULL"
            " RETURNING id",
            (self.id,),
            log_exceptions=False,
        )
        won = self.env.cr.fetchone()
        self.invalidate_recordset()
        if not won:
            return None
        enterprise = self.enterprise_id
        user = enterprise._create_person(vals, enterprise._get_agent_groups())
        self._audit("seat.accept", "invited", "accepted")
        self.write(self._prepare_holder_vals(user))
        self._tell_accepted()
        return user

    def _prepare_holder_vals(self, user):
        return {
            "user_id": user.id,
            "name": user.name,
            "held_since": fields.Datetime.now(),
            "invite_until": False,
        }

    def _tell_accepted(self):
        name = self.display_name
        self.enterprise_id._notify(
            lambda env: env._("Seat %s: invitation accepted", name),
            lambda env: env._("Next step: activate the seat in the list of seats."),
            url="/odoo/action-huolie_base.huolie_seat_action",
        )

    # === ACTIVATE, STOP, HAND OVER === #
    def action_activate(self):
        """Activate seats whose person accepted the invitation [激活]."""
        self._check_do()
        self._check_can_activate()
        seats = self.sudo()
        seats.user_id.filtered(lambda user: not user.active).active = True
        seats.write({"state": "active"})
        seats._sync_serve_until()
        return True

    def action_stop(self):
        """Stop seats: their people cannot receive nor log in any more."""
        self._check_do()
        for seat in self.sudo().filtered(lambda s: s.state in ("accepted", "active")):
            seat.state = "stopped"
            seat._lock_out(seat.user_id)
        return True

    def _lock_out(self, user):
        """End the log-in of a person, but never of an admin or of oneself."""
        admins = self.enterprise_id._get_admins()
        if user and user != self.env.user and user not in admins:
            user.active = False

    def action_hand_over(self):
        """Free a seat for another person; its history keeps the old name."""
        self._check_do()
        self.ensure_one()
        seat = self.sudo()
        if not seat.user_id:
            raise UserError(self.env._("This seat has no person."))
        self.env["huolie.seat.holder"].sudo().create(seat._prepare_history_vals())
        seat._lock_out(seat.user_id)
        seat.write({"user_id": False, "email": False, "state": "draft"})
        return seat.with_env(self.env).action_invite()

    def _prepare_history_vals(self):
        return {
            "enterprise_id": self.enterprise_id.id,
            "seat_id": self.id,
            "user_id": self.user_id.id,
            "name": self.user_id.name,
            "held_from": self.held_since or self.create_date,
            "held_until": fields.Datetime.now(),
        }
