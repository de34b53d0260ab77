import logging
from contextlib import contextmanager

import psycopg2
from psycopg2.pool import PoolError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import sql

from ..services import assign, db, engine, settings, upkeep
from ..services.errors import Refused

_logger = logging.getLogger(__name__)

STATUSES = ("online", "busy", "rest", "offline")


class HuolieConversation(models.Model):
    """States ``robot waiting open closed``; rows change in ``services/`` only."""

    _name = "huolie.conversation"
    _inherit = ["huolie.tenant.mixin"]
    _description = "Conversation"
    _order = "id desc"

    site_id = fields.Many2one(
        comodel_name="huolie.site",
        string="Website",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    group_id = fields.Many2one(
        comodel_name="huolie.group",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    visitor_id = fields.Many2one(
        comodel_name="huolie.visitor",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        string="Agent",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    # Everyone who had it keeps the right to read it.
    seat_ids = fields.Many2many(
        comodel_name="huolie.seat",
        relation="huolie_conversation_seat_rel",
        column1="conversation_id",
        column2="seat_id",
        string="Agents who took part",
        readonly=True,
    )
    last_seat_id = fields.Many2one(
        comodel_name="huolie.seat",
        string="Agent of last time",
        readonly=True,
        ondelete="set null",
    )
    state = fields.Selection(
        selection=[
            ("robot", "With the robot"),
            ("waiting", "Waiting"),
            ("open", "Open"),
            ("closed", "Closed"),
        ],
        required=True,
        readonly=True,
    )
    last_seq = fields.Integer(string="Events", readonly=True, aggregator=None)
    priority = fields.Integer(readonly=True, aggregator=None)
    waiting_since = fields.Datetime(string="Waiting since", readonly=True)
    opened_at = fields.Datetime(string="Opened at", readonly=True, index=True)
    first_answer_at = fields.Datetime(string="First answer", readonly=True)
    last_visitor_at = fields.Datetime(string="Visitor's last message", readonly=True)
    last_agent_at = fields.Datetime(string="Last answer", readonly=True)
    warned_at = fields.Datetime(string="Warned of closing", readonly=True)
    closed_at = fields.Datetime(string="Closed at", readonly=True)
    close_reason = fields.Selection(
        string="Close reason",
        selection=[
            ("visitor", "Ended by the visitor"),
            ("agent", "Ended by the agent"),
            ("idle", "Visitor silent"),
            ("wait", "Waited too long"),
            ("left", "Visitor left the queue"),
            ("full", "Queue was full"),
            ("nobody", "Nobody was online"),
            ("form", "Left a message"),
            ("freeze", "Enterprise frozen"),
        ],
        readonly=True,
    )
    unread_agent = fields.Integer(string="Unread", readonly=True, aggregator=None)
    unread_visitor = fields.Integer(
        string="Unread by the visitor", readonly=True, aggregator=None
    )
    read_agent = fields.Integer(
        string="Read by the agent up to", readonly=True, aggregator=None
    )
    read_visitor = fields.Integer(
        string="Read by the visitor up to", readonly=True, aggregator=None
    )
    last_body = fields.Char(string="Last message", readonly=True)
    page = fields.Char(string="Opened on page", readonly=True)
    title = fields.Char(string="Title of that page", readonly=True)
    score = fields.Integer(string="Satisfaction", readonly=True, aggregator="avg")
    solved = fields.Selection(
        selection=[("yes", "Solved"), ("no", "Not solved")], readonly=True
    )
    rating_text = fields.Char(string="Visitor's comment", readonly=True)
    message_ids = fields.One2many(
        comodel_name="huolie.message", inverse_name="conversation_id", readonly=True
    )

    # One open conversation per visitor and site: opening is get-or-create under it.
    _one_open = models.UniqueIndex(
        "(visitor_id, site_id) WHERE state <> 'closed'",
        "This visitor has an open conversation.",
    )
    _queue_idx = models.Index(
        "(group_id, priority DESC, waiting_since, id) WHERE state = 'waiting'"
    )
    _running_idx = models.Index("(seat_id) WHERE state = 'open'")
    _agent_when_open = models.Constraint(
        "CHECK (state = 'closed' OR (state = 'open') = (seat_id IS NOT NULL))",
        "An open conversation has an agent; a waiting one has none.",
    )
    _score_range = models.Constraint(
        "CHECK (score IS NULL OR score BETWEEN 0 AND 5)", "Ratings are 1 to 5."
    )

    @api.depends("visitor_id")
    def _compute_display_name(self):
        for conversation in self:
            conversation.display_name = conversation.visitor_id.sudo().display_name

    def init(self):
        """Leave room in the pages: each message updates its conversation's row."""
        if sql.table_exists(self.env.cr, self._table):
            self.env.cr.execute("ALTER TABLE huolie_conversation SET (fillfactor = 60)")

    # === HOOKS OF OTHER ADDONS === #
    @api.model
    def _start_state(self, site):
        """Return the state of a new conversation: ``robot`` or ``waiting``.

        :param site: ``huolie.site`` record (sudo); the answer is kept for 10 seconds
        """
        return "waiting"

    @api.model
    def _auto_reply(self, message):
        """Answer a visitor while no agent is asked for (robot addon).

        Called after the message is committed, in a transaction of its own, also again
        for a message that the visitor sent twice: answer with a ``client_uid`` made
        from ``seq``, so that the answer is stored once.

        :param dict message: an event (docs/contracts.md) plus ``conversation`` (id);
            kind ``opened`` greets
        """

    # === THE ENGINE FROM THE ORM === #
    @contextmanager
    def _engine(self):
        """Lend the connection the engine works on, and translate its refusals.

        A kept connection that commits by itself: in this request's transaction a
        second writer of a row would fail instead of waiting (SECURITY.md §7). In
        tests it is the test's own cursor.
        """
        try:
            if settings.in_test(self.env.registry):
                self.env.flush_all()
                yield self.env.cr
                self.env.invalidate_all()
            else:
                with db.link(self.env.cr.dbname) as link:
                    yield link
                self.env.invalidate_all(flush=False)
        except Refused as refused:
            raise UserError(self._explain(refused)) from refused

    @api.model
    def _explain(self, refused):
        """Return a refusal of the engine in the user's words."""
        texts = {
            "full": self.env._(
                "This agent is not online or has reached the limit of conversations."
            ),
            "closed": self.env._("This conversation has ended."),
            "conversation": self.env._("This conversation is not yours any more."),
            "late": self.env._("A message can be recalled within 2 minutes."),
            "service": self.env._(
                "Your seat is not in service. Ask your administrator to open it."
            ),
        }
        return texts.get(refused.code) or self.env._("That did not work, try again.")

    @api.model
    def _drain_later(self, groups):
        """Look for agents for the queues of groups once this request is committed."""
        if settings.in_test(self.env.registry):
            return

        def drain(link):
            for group in set(groups):
                assign.drain(link, group)

        self._after_commit(drain)

    @api.model
    def _after_commit(self, work):
        """Do ``work(link)`` once this request is committed.

        When it fails the request has succeeded all the same: upkeep finds what was
        left undone.
        """
        dbname = self.env.cr.dbname

        def run():
            try:
                with db.link(dbname) as link:
                    work(link)
            except (psycopg2.Error, PoolError):
                _logger.info("huolie: left to the upkeep", exc_info=True)

        self.env.cr.postcommit.add(run)

    @api.model
    def _forget_sites(self):
        """Let all processes read sites, groups and stages again after the commit."""
        settings.forget(self.env.cr.dbname)
        db.notify(self.env.cr, ["x:sites"])

    def _my_seat(self):
        """Return the seat of the current user.

        :raise UserError: when the user has none
        """
        seat = (
            self.env["huolie.seat"]
            .sudo()
            .search([("user_id", "=", self.env.uid), ("state", "=", "active")], limit=1)
        )
        if not seat:
            raise UserError(self.env._("You have no active seat."))
        return seat

    def _check_mine(self):
        """Check that the user may act on these conversations.

        Own ones; supervisors (chat, whole enterprise or own groups) all they can read.

        :raise AccessError: otherwise
        """
        if not self.env.user.has_group("huolie_chat.group_chat_do"):
            raise AccessError(self.env._("Your role does not include conversations."))
        self.check_access("read")
        seat = self._my_seat()
        wide = self.env.user.has_groups(
            "huolie_base.group_scope_enterprise,huolie_base.group_scope_groups"
        )
        for conversation in self.sudo():
            if conversation.seat_id != seat and not wide:
                raise AccessError(self.env._("This conversation is not yours."))
        return seat

    # === ACTIONS OF THE CONSOLE (all endpoints check inside) === #
    @api.model
    def action_set_status(self, status):
        """Set the own status: ``online busy rest offline`` (C1).

        :raise UserError: not in service, or no such status
        """
        if status not in STATUSES:
            raise UserError(self.env._("That did not work, try again."))
        if not self.env.user.has_group("huolie_chat.group_chat_do"):
            raise AccessError(self.env._("Your role does not include conversations."))
        seat = self._my_seat()
        with self._engine() as cr:
            assign.set_status(cr, seat.id, status)
        return True

    def action_close(self):
        """End conversations (the agent, or a supervisor)."""
        seat = self._check_mine()
        who = {"author": "agent", "name": seat.name}
        for conversation in self:
            # handed over a moment ago: it is not the former agent's to end
            own = seat.id if conversation.sudo().seat_id == seat else None
            with self._engine() as cr:
                engine.close(cr, conversation.id, "agent", seat=own, **who)
        return True

    def action_take(self):
        """Take a waiting conversation, or take over one as supervisor.

        :raise UserError: own limit reached, already ended
        """
        self.ensure_one()
        if not self.env.user.has_group("huolie_chat.group_chat_do"):
            raise AccessError(self.env._("Your role does not include conversations."))
        self.check_access("read")
        seat = self._my_seat()
        if self.sudo().state == "open":
            self._check_mine()
        with self._engine() as cr:
            assign.give(cr, self.id, seat.id, kind="joined", must_be_online=False)
        return True

    def action_transfer(self, seat_id=None, group_id=None, note=None):
        """Hand over to an agent or to a group, with a note the visitor never sees (C7).

        :raise UserError: the agent is not online or full; the conversation has ended
        """
        self.ensure_one()
        mine = self._check_mine()
        target = self.env["huolie.seat"].browse(seat_id and int(seat_id)).sudo()
        group = self.env["huolie.group"].browse(group_id and int(group_id)).sudo()
        for record in (target, group):
            if record and record.exists().enterprise_id != self.sudo().enterprise_id:
                raise UserError(self.env._("There is no such agent or group."))
        with self._engine() as cr:
            if target:
                assign.give(cr, self.id, target.id, by=mine.name)
            elif group and not assign.release(
                cr, self.id, group=group.id, kind="transferred", name=group.name
            ):
                raise Refused("conversation", 404)
            # after the hand-over: one that is refused leaves no note behind
            if note:
                text = str(note)[:2000]
                engine.append(cr, self.id, "agent", "note", text, name=mine.name)
        return True

    @api.model
    def _cron_upkeep(self):
        """Safety net of the hubs' own upkeep, once a minute."""
        with self._engine() as cr:
            upkeep.sweep(cr)

    @api.model
    def _close_all_of(self, enterprise, reason="freeze"):
        """End every conversation of an enterprise (freeze, closing of the account)."""
        running = self.sudo().search(
            [("enterprise_id", "=", enterprise.id), ("state", "!=", "closed")]
        )
        if settings.in_test(self.env.registry):
            for conversation in running:
                engine.close(self.env.cr, conversation.id, reason)
            running.invalidate_recordset()
            return

        def close(link):
            for conversation in running.ids:
                engine.close(link, conversation, reason)

        self._after_commit(close)

    @api.model
    def _revoke(self, seats):
        """Make agents' tokens minted so far void, everywhere within seconds."""
        assign.revoke(self.env.cr, seats.ids)
