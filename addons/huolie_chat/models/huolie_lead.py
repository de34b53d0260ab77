"""Leads: people who left a message or were marked worth following (C12, C13)."""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

SCOPE_GROUPS = "huolie_base.group_scope_groups"
SCOPE_ENTERPRISE = "huolie_base.group_scope_enterprise"


def contact_key(kind, value):
    """Return the form of a contact under which duplicates meet, or False.

    :param str kind: ``phone``, ``email`` or ``wechat``
    :param str value: as typed
    """
    value = (value or "").strip().lower()
    if kind == "phone":
        value = re.sub(r"[^0-9]", "", value)
        value = re.sub(r"^(0086|86)(?=1\d{10}$)", "", value)
    return value or False


class HuolieLead(models.Model):
    _name = "huolie.lead"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Lead"
    _order = "create_date desc, id desc"
    _rec_names_search = ["name", "phone", "email", "wechat"]

    name = fields.Char(index="trigram")
    phone = fields.Char()
    email = fields.Char(string="E-mail")
    wechat = fields.Char(string="WeChat")
    company_name = fields.Char(string="Company")
    body = fields.Text(string="Message")
    note = fields.Text(string="Internal note")
    payload = fields.Json(
        string="Form answers", help="Further fields of the message form, by label."
    )
    payload_text = fields.Text(
        string="Further answers", compute="_compute_payload_text"
    )
    state = fields.Selection(
        selection=[("unread", "Unread"), ("doing", "In progress"), ("done", "Done")],
        default="unread",
        required=True,
        index=True,
        copy=False,
        group_expand=True,
    )
    result = fields.Selection(
        selection=[("won", "Became a customer"), ("lost", "No interest")],
        copy=False,
    )
    source = fields.Selection(
        selection=[
            ("form", "Message left"),
            ("conversation", "Conversation"),
            ("manual", "Entered by hand"),
        ],
        default="manual",
        required=True,
        index=True,
    )
    seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        string="Owner",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="Empty: the lead is in the public pool.",
    )
    is_mine = fields.Boolean(
        string="Is mine", compute="_compute_is_mine", search="_search_is_mine"
    )
    visitor_id = fields.Many2one(
        comodel_name="huolie.visitor", index="btree_not_null", ondelete="set null"
    )
    conversation_id = fields.Many2one(
        comodel_name="huolie.conversation", index="btree_not_null", ondelete="set null"
    )
    site_id = fields.Many2one(comodel_name="huolie.site", ondelete="set null")
    # A form sent again after a broken line is stored once (C16).
    client_uid = fields.Char(string="Client's id", readonly=True, copy=False)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    claimed_at = fields.Datetime(string="Claimed at", readonly=True, copy=False)
    last_seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        string="Last owner",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    returned_at = fields.Datetime(string="Returned at", readonly=True, copy=False)
    last_followup_at = fields.Datetime(
        string="Last follow-up", readonly=True, copy=False
    )
    next_date = fields.Date(string="Next follow-up", index=True, copy=False)
    followup_ids = fields.One2many(
        comodel_name="huolie.lead.followup", inverse_name="lead_id"
    )
    answered_at = fields.Datetime(string="Answered by mail", readonly=True, copy=False)
    phone_key = fields.Char(compute="_compute_keys", store=True, index=True)
    email_key = fields.Char(compute="_compute_keys", store=True, index=True)
    wechat_key = fields.Char(compute="_compute_keys", store=True, index=True)
    duplicate_count = fields.Integer(
        string="Possible duplicates", compute="_compute_duplicate_count"
    )
    has_duplicate = fields.Boolean(
        string="Has duplicate",
        compute="_compute_duplicate_count",
        search="_search_has_duplicate",
    )

    _client_uniq = models.UniqueIndex(
        "(visitor_id, client_uid) WHERE client_uid IS NOT NULL",
        "This message is stored already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "phone", "email", "wechat")
    def _compute_display_name(self):
        for lead in self:
            lead.display_name = (
                lead.name
                or lead.phone
                or lead.email
                or lead.wechat
                or self.env._("Visitor without a name")
            )

    @api.depends("payload")
    def _compute_payload_text(self):
        for lead in self:
            answers = lead.payload if isinstance(lead.payload, dict) else {}
            lead.payload_text = "\n".join(f"{k}: {v}" for k, v in answers.items())

    @api.depends("phone", "email", "wechat")
    def _compute_keys(self):
        for lead in self:
            for kind in ("phone", "email", "wechat"):
                lead[f"{kind}_key"] = contact_key(kind, lead[kind])

    @api.depends("seat_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for lead in self:
            lead.is_mine = lead.seat_id.sudo().user_id == self.env.user

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("seat_id.user_id", "=", self.env.uid)

    @api.depends("phone_key", "email_key", "wechat_key")
    def _compute_duplicate_count(self):
        for lead in self:
            domain = lead._get_duplicate_domain()
            # sudo: the flag tells of every lead of the enterprise, also of a
            # colleague's; the domain keeps to the enterprise
            lead.duplicate_count = domain and self.sudo().search_count(domain) or 0
            lead.has_duplicate = bool(lead.duplicate_count)

    def _search_has_duplicate(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model(["phone_key", "email_key", "wechat_key"])
        rows = self.env.execute_query_dict(self._get_duplicate_query())
        return Domain("id", "in", [row["id"] for row in rows])

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create leads; what a person enters by hand is that person's own."""
        if not self.env.su:
            seat = self._get_my_seat()
            for vals in vals_list:
                if vals.get("seat_id") not in (None, False, seat.id):
                    self._check_may_assign()
                if "seat_id" not in vals and self.env.context.get("lead_mine"):
                    vals["seat_id"] = seat.id
        return super().create(vals_list)

    def write(self, vals):
        """Write leads; the owner changes by claim, assign and return only."""
        if "seat_id" in vals and not self.env.su:
            self._check_may_assign()
        return super().write(vals)

    # === ACTIONS === #

    def action_claim(self):
        """Take leads from the public pool for the caller's seat; one winner (C13).

        :raise UserError: when none could be claimed, or a limit is reached
        """
        self._check_may_do()
        self.check_access("read")
        seat = self._get_my_seat(required=True)
        self._check_cooldown(seat)
        self._check_holdings(seat, len(self))
        taken = self._claim(seat)
        if not taken:
            raise UserError(self.env._("A colleague was faster: already claimed."))
        return self._notify_result(
            self.env._(
                "%(taken)s of %(asked)s claimed. You find them under My leads.",
                taken=len(taken),
                asked=len(self),
            )
        )

    def action_return(self):
        """Give the caller's leads back to the public pool (C13)."""
        self._check_may_do()
        self.check_access("write")
        if not self._may_assign() and any(not lead.is_mine for lead in self):
            raise UserError(self.env._("You can return your own leads only."))
        self._return_to_pool()
        return True

    def action_assign(self):
        """Open the dialog that hands leads to a colleague (C13)."""
        self._check_may_assign()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign to"),
            "res_model": "huolie.lead.assign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_ids": self.ids},
        }

    def action_doing(self):
        """Mark as being worked on (C12)."""
        self.write({"state": "doing"})

    def action_done(self):
        """Mark as done (C12)."""
        self.write({"state": "done", "next_date": False})

    def action_answer(self):
        """Open the dialog that answers a message left by mail (C12)."""
        self.ensure_one()
        self._check_may_do()
        if not self.email:
            raise UserError(
                self.env._("There is no e-mail address. Call, or use WeChat.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer by mail"),
            "res_model": "huolie.lead.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_id": self.id},
        }

    def action_convert(self):
        """Turn the lead into a customer and open the customer (C13)."""
        self.ensure_one()
        self._check_may_do()
        self.check_access("write")
        partner = self.partner_id or self._create_customer()
        self.sudo().write({"partner_id": partner.id, "state": "done", "result": "won"})
        if self.visitor_id and not self.visitor_id.sudo().partner_id:
            self.visitor_id.sudo().partner_id = partner
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": partner.id,
            "views": [(self.env.ref("huolie_chat.res_partner_view_form").id, "form")],
        }

    def action_view_duplicates(self):
        """List the leads that share a contact with this one."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Possible duplicates"),
            "res_model": "huolie.lead",
            "view_mode": "list,form",
            "domain": list(self._get_duplicate_domain() or [("id", "=", 0)]),
        }

    # === BUSINESS === #

    def _claim(self, seat):
        """Give unowned leads of ``self`` to ``seat``; return those it got.

        One conditional UPDATE: of two people at once, one finds the row taken.
        """
        self.flush_recordset(["seat_id"])
        self.env.cr.execute(
            """UPDATE huolie_lead
                  SET seat_id = %s, claimed_at = now() AT TIME ZONE 'UTC',
                      state = CASE state WHEN 'unread' THEN 'doing' ELSE state END
                WHERE id = ANY(%s) AND seat_id IS NULL AND enterprise_id = %s
            RETURNING id""",
            [seat.id, self.ids, seat.enterprise_id.id],
        )
        taken = [row[0] for row in self.env.cr.fetchall()]
        self.invalidate_recordset(["seat_id", "claimed_at", "state"])
        return self.browse(taken)

    def _assign(self, seat):
        """Hand the leads to ``seat``, whoever owns them now."""
        # sudo: the caller was checked; rules of "own" scope hide the new owner's
        self.sudo().write({"seat_id": seat.id, "claimed_at": fields.Datetime.now()})
        self.sudo().filtered(lambda lead: lead.state == "unread").state = "doing"

    def _return_to_pool(self):
        """Put leads back; the last owner is kept for the cool-down."""
        for seat, leads in self.sudo().grouped("seat_id").items():
            leads.write(
                {
                    "seat_id": False,
                    "last_seat_id": seat.id,
                    "returned_at": fields.Datetime.now(),
                    "state": "unread",
                }
            )

    def _create_customer(self):
        """Create the customer of this lead (same enterprise, same contacts)."""
        # sudo: enterprise_id is the server's to set, never the tenant's
        return self.env["res.partner"].sudo().create(self._prepare_customer_vals())

    def _prepare_customer_vals(self):
        return {
            "name": self.display_name,
            "phone": self.phone,
            "email": self.email,
            "wechat": self.wechat,
            "comment": self.body,
            "enterprise_id": self.enterprise_id.id,
            "is_enterprise_customer": True,
            "customer_seat_id": self.seat_id.id or self._get_my_seat().id,
        }

    @api.model
    def _cron_return_to_pool(self):
        """Give back leads whose owner let them lie (automatic return, C13)."""
        for enterprise, policy in self._get_policies().items():
            days = policy["return_days"]
            if days:
                limit = fields.Datetime.now() - timedelta(days=days)
                self.search(self._get_stale_domain(enterprise, limit))._return_to_pool()

    # === HELPERS === #

    def _get_stale_domain(self, enterprise, limit):
        return Domain.AND(
            [
                Domain("enterprise_id", "=", enterprise.id),
                Domain("state", "!=", "done"),
                Domain("seat_id", "!=", False),
                Domain("claimed_at", "<", limit),
                Domain("last_followup_at", "=", False)
                | Domain("last_followup_at", "<", limit),
                Domain("next_date", "=", False)
                | Domain("next_date", "<", fields.Date.today()),
            ]
        )

    @api.model
    def _get_policies(self):
        """Return ``{enterprise: policy}`` of all enterprises with a lead rule."""
        settings = self.env["huolie.lead.policy"].sudo().search([])
        return {row.enterprise_id: row._as_dict() for row in settings}

    def _get_policy(self):
        enterprise = self.env.user.enterprise_id
        return self.env["huolie.lead.policy"]._get(enterprise)._as_dict()

    def _check_cooldown(self, seat):
        hours = self._get_policy()["cooldown_hours"]
        limit = fields.Datetime.now() - timedelta(hours=hours)
        cooling = self.sudo().filtered(
            lambda lead: lead.last_seat_id == seat
            and lead.returned_at
            and lead.returned_at > limit
        )
        if hours and cooling:
            raise UserError(
                self.env._(
                    "You gave %(name)s back a short while ago. You may claim it "
                    "again %(hours)s hours after that; until then it is your "
                    "colleagues' turn.",
                    name=cooling[0].display_name,
                    hours=hours,
                )
            )

    def _check_holdings(self, seat, asked):
        policy = self._get_policy()
        mine = Domain("seat_id", "=", seat.id)
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0)
        held = self.sudo().search_count(mine & Domain("state", "!=", "done"))
        claimed = self.sudo().search_count(mine & Domain("claimed_at", ">=", today))
        if policy["max_held"] and held + asked > policy["max_held"]:
            raise UserError(
                self.env._(
                    "You hold %(held)s leads; the limit is %(limit)s. Finish or "
                    "return some first.",
                    held=held,
                    limit=policy["max_held"],
                )
            )
        if policy["max_per_day"] and claimed + asked > policy["max_per_day"]:
            raise UserError(
                self.env._(
                    "You claimed %(claimed)s leads today; the limit is %(limit)s. "
                    "More tomorrow.",
                    claimed=claimed,
                    limit=policy["max_per_day"],
                )
            )

    def _get_duplicate_domain(self):
        self.ensure_one()
        keys = [
            Domain(key, "=", self[key])
            for key in ("phone_key", "email_key", "wechat_key")
            if self[key]
        ]
        if not keys:
            return None
        return (
            Domain.OR(keys)
            & Domain("enterprise_id", "=", self.enterprise_id.id)
            & Domain("id", "not in", self._origin.ids)
        )

    def _get_duplicate_query(self):
        return SQL(
            """SELECT DISTINCT a.id FROM huolie_lead a
                 JOIN huolie_lead b
                   ON b.enterprise_id = a.enterprise_id AND b.id <> a.id
                  AND (b.phone_key = a.phone_key OR b.email_key = a.email_key
                       OR b.wechat_key = a.wechat_key)
                WHERE a.enterprise_id = %s""",
            self.env.user.enterprise_id.id or 0,
        )

    @api.model
    def _get_my_seat(self, required=False):
        """Return the seat of the caller.

        :raise UserError: when ``required`` and the caller has none
        """
        # sudo: a person may always know its own seat
        seat = (
            self.env["huolie.seat"]
            .sudo()
            .search([("user_id", "=", self.env.uid)], limit=1)
        )
        if required and not seat:
            raise UserError(
                self.env._(
                    "You have no seat. Ask your administrator to invite you under "
                    "Settings, Seats."
                )
            )
        return seat

    @api.model
    def _may_assign(self):
        user = self.env.user
        return self.env.su or (
            user.has_group("huolie_chat.group_lead_do")
            and (user.has_group(SCOPE_GROUPS) or user.has_group(SCOPE_ENTERPRISE))
        )

    @api.model
    def _check_may_assign(self):
        if not self._may_assign():
            raise AccessError(
                self.env._("Only supervisors assign leads. Claim it from the pool.")
            )

    @api.model
    def _check_may_do(self):
        if not self.env.su and not self.env.user.has_group("huolie_chat.group_lead_do"):
            raise AccessError(self.env._("Your role lets you see leads only."))

    @api.model
    def _notify_result(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
