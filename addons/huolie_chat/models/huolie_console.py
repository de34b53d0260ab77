"""What the console 对话 reads and does: one thin method per request (C1, C7-C9).

The words themselves travel over the fast path (``/huolie/a/…``); this is the rest.
"""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..services import engine, settings, wire

SUPERVISE = (
    "huolie_base.group_scope_enterprise,huolie_base.group_scope_groups",
    "huolie_chat.group_chat_do",
)
CARD_FIELDS = ("name", "phone", "email", "wechat")
CARD_LENGTH = 200
ROWS = 200
# The way out of "you cannot receive": action, and the group that may go there.
WAYS = {
    "huolie_base.huolie_seat_action": "huolie_base.group_seat_do",
    "huolie_base.huolie_enterprise_account_action": "huolie_base.group_account_see",
}
PREVIOUS = 10
PAGES = 15
TRANSCRIPT = 2000


class HuolieConsole(models.AbstractModel):
    _name = "huolie.console"
    _description = "Console of the agents"
    _support_may = (
        "card",
        "lists",
        "load",
        "others",
        "transcript",
        "transfer_targets",
    )

    # === ENDPOINTS: READING === #

    @api.model
    def load(self):
        """Return all the console needs to begin.

        :return: ``{me, rights, tags, replies, site_seen, mine, queue}``
        :raise AccessError: the role does not include conversations
        """
        self._check_may_see()
        return {
            "me": self._get_me(),
            "rights": self._get_rights(),
            "tags": self.env["huolie.tag"].search_read([], ["name"]),
            "replies": self.env["huolie.quick.reply"].search_read(
                [], ["name", "folder", "shortcut", "body"]
            ),
            "site_seen": self._is_site_seen(),
            **self._get_lists(),
        }

    @api.model
    def lists(self):
        """Return what changes all the time: ``{me, mine, queue}``."""
        self._check_may_see()
        return {"me": self._get_me(), **self._get_lists()}

    @api.model
    def others(self):
        """Return the running conversations of colleagues (supervisors, C7)."""
        self._check_may_see()
        if not self._may_supervise():
            raise AccessError(self.env._("Only supervisors watch colleagues."))
        seat = self._get_seat()
        domain = [("state", "in", ("open", "robot")), ("seat_id", "!=", seat.id)]
        return self._rows(self._search(domain))

    @api.model
    def card(self, conversation_id):
        """Return the card of a conversation's visitor.

        :param int conversation_id: one that the caller may read
        """
        return self._card(self._browse(conversation_id))

    @api.model
    def transcript(self, conversation_id):
        """Return all events of a conversation for a record's form (C11).

        :param int conversation_id: one that the caller may read
        """
        conversation = self._browse(conversation_id, "huolie_chat.group_record_see")
        # sudo: the conversation was checked; links to files are signed for the caller
        with conversation.sudo()._engine() as cr:
            events = engine.last_events(cr, conversation.id, TRANSCRIPT)
        kept = settings.get(self.env.cr.dbname, self.env.cr)
        return wire.dress(events, kept, "a")

    @api.model
    def transfer_targets(self, conversation_id):
        """Return who may take over: ``[{kind, id, name, hint, free}]``."""
        conversation = self._browse(conversation_id)
        return self._get_seat_targets() + self._get_group_targets(conversation)

    # === ENDPOINTS: DOING === #

    @api.model
    def set_status(self, status):
        """Set the caller's status and return ``me`` (C1)."""
        self.env["huolie.conversation"].action_set_status(status)
        return self._get_me()

    @api.model
    def take(self, conversation_id):
        """Take a waiting conversation, or take over one as supervisor (C7)."""
        self._browse(conversation_id).action_take()
        return True

    @api.model
    def transfer(self, conversation_id, kind, target_id, note=None):
        """Hand a conversation to a ``seat`` or a ``group`` (C7)."""
        if kind not in ("seat", "group"):
            raise UserError(self.env._("There is no such agent or group."))
        target = {f"{kind}_id": int(target_id)}
        self._browse(conversation_id).action_transfer(note=note or None, **target)
        return True

    @api.model
    def close(self, conversation_id):
        """End a conversation.

        :raise UserError: a summary tag is required first (C9)
        """
        conversation = self._browse(conversation_id)
        self._check_summary(conversation.sudo())
        conversation.action_close()
        return True

    @api.model
    def note(self, conversation_id, text, client_uid):
        """Write an internal note, also while only watching (C7).

        :return: ``{s}``
        """
        conversation = self._browse(conversation_id)
        self._check_may_do()
        seat = self._get_seat()
        text = str(text or "").strip()[:5000]
        if not text or not seat:
            raise UserError(self.env._("There is nothing to note."))
        with conversation._engine() as cr:
            seq, _doubled = engine.append(
                cr,
                conversation.id,
                "agent",
                "note",
                text,
                client_uid=str(client_uid)[:64],
                name=seat.name,
            )
        return {"s": seq}

    @api.model
    def save_card(self, conversation_id, vals):
        """Change name, phone, e-mail or WeChat of the visitor; return the card."""
        conversation = self._browse(conversation_id)
        self._check_may_do()
        clean = {
            key: str(vals[key] or "").strip()[:CARD_LENGTH] or False
            for key in CARD_FIELDS
            if key in vals
        }
        # sudo: the conversation was checked; the visitor, and what it became, follow
        visitor = conversation.sudo().visitor_id
        visitor.write(clean)
        self._get_lead(visitor).write(clean)
        if visitor.partner_id:
            visitor.partner_id.write({k: v for k, v in clean.items() if v})
        return self._card(conversation)

    @api.model
    def save_summary(self, conversation_id, vals):
        """Set summary text and tags of a conversation; return the card (C9)."""
        conversation = self._browse(conversation_id)
        self._check_may_do()
        clean = {}
        if "summary" in vals:
            clean["summary"] = str(vals["summary"] or "")[:5000]
        if "tag_ids" in vals:
            wanted = [("id", "in", [int(tag) for tag in vals["tag_ids"]])]
            clean["tag_ids"] = [(6, 0, self.env["huolie.tag"].search(wanted).ids)]
        # sudo: people never write conversations, the summary is the exception
        conversation.sudo().write(clean)
        return self._card(conversation)

    @api.model
    def make_lead(self, conversation_id):
        """Turn the conversation into a lead of the caller; return the card (C13)."""
        conversation = self._browse(conversation_id)
        self.env["huolie.lead"]._check_may_do()
        visitor = conversation.sudo().visitor_id
        if not self._get_lead(visitor):
            vals = self._prepare_lead_vals(conversation.sudo())
            self.env["huolie.lead"].sudo().create(vals)
        return self._card(conversation)

    @api.model
    def make_customer(self, conversation_id):
        """Turn the conversation's visitor into a customer; return the card (C13)."""
        conversation = self._browse(conversation_id)
        self._check_group("huolie_chat.group_customer_do")
        visitor = conversation.sudo().visitor_id
        if not visitor.partner_id:
            lead = self._get_lead(visitor)
            partner = self.env["res.partner"].sudo()
            vals = self._prepare_customer_vals(conversation.sudo())
            visitor.partner_id = partner.search(
                self._get_known_domain(visitor), limit=1
            ) or partner.create(vals)
            lead.write(
                {
                    "partner_id": visitor.partner_id.id,
                    "state": "done",
                    "result": "won",
                }
            )
        return self._card(conversation)

    @api.model
    def _check_summary(self, conv):
        """Ask for a tag where the enterprise wants one and there are any."""
        own = [("enterprise_id", "=", conv.enterprise_id.id)]
        settings_row = self.env["huolie.chat.settings"].sudo().search(own, limit=1)
        if not settings_row.require_summary or conv.tag_ids:
            return
        if self.env["huolie.tag"].sudo().search_count(own, limit=1):
            raise UserError(
                self.env._("Choose a summary tag on the visitor's card first.")
            )

    # === RIGHTS === #

    @api.model
    def _check_group(self, group):
        if not self.env.user.has_groups(group):
            raise AccessError(self.env._("Your role does not include this."))

    @api.model
    def _check_may_see(self, *more):
        self._check_group(",".join(("huolie_chat.group_chat_see", *more)))

    @api.model
    def _check_may_do(self):
        self._check_group("huolie_chat.group_chat_do")

    @api.model
    def _may_supervise(self):
        return all(self.env.user.has_groups(groups) for groups in SUPERVISE)

    @api.model
    def _browse(self, conversation_id, *groups):
        """Return a conversation that the caller may read.

        :raise AccessError: the same for "not yours" and "not there"
        """
        self._check_may_see(*groups)
        found = self.env["huolie.conversation"].search(
            [("id", "=", int(conversation_id))]
        )
        if not found:
            raise AccessError(self.env._("This conversation is not yours."))
        return found

    @api.model
    def _get_rights(self):
        user = self.env.user
        may_site = user.has_group("huolie_chat.group_settings_see")
        return {
            "do": user.has_group("huolie_chat.group_chat_do"),
            "supervise": self._may_supervise(),
            "lead": user.has_group("huolie_chat.group_lead_do"),
            "customer": user.has_group("huolie_chat.group_customer_do"),
            "site_action": may_site and "huolie_chat.huolie_site_action",
        }

    # === ME === #

    @api.model
    def _get_seat(self):
        return self.env["huolie.lead"]._get_my_seat()

    @api.model
    def _get_me(self):
        """Return the caller's seat, status and, when not receiving, why."""
        seat = self._get_seat()
        # sudo: a person may always know its own state
        state = (
            self.env["huolie.agent.state"].sudo().search([("seat_id", "=", seat.id)])
            if seat
            else None
        )
        reason = self._get_reason(seat)
        return {
            "seat_id": seat.id,
            "name": seat.name or "",
            "status": state.status if state else "offline",
            "load": state.load if state else 0,
            "cap": state.cap_wished if state else 0,
            "serving": bool(seat) and not reason,
            "reason": False,
            **reason,
        }

    @api.model
    def _get_reason(self, seat):
        """Return why the caller cannot receive, in words, with the way forward."""
        texts = self._get_reason_texts()
        enterprise = self.env.user.enterprise_id.sudo()
        if not seat:
            return texts["seat"]
        if seat.state != "active":
            return texts["inactive"]
        if not enterprise._is_in_service():
            return texts["stage"]
        if not seat.serve_until or seat.serve_until <= self.env.cr.now():
            return texts["service"]
        return {}

    @api.model
    def _get_reason_texts(self):
        ask = self.env._("Ask your administrator.")
        seats = self._get_way("huolie_base.huolie_seat_action")
        account = self._get_way("huolie_base.huolie_enterprise_account_action")
        return {
            "seat": {
                "reason_title": self.env._("You have no seat"),
                "reason": self.env._("A seat is needed to receive visitors.")
                + ("" if seats else " " + ask),
                **seats,
            },
            "inactive": {
                "reason_title": self.env._("Your seat is not active"),
                "reason": self.env._("An administrator activates it.")
                + ("" if seats else " " + ask),
                **seats,
            },
            "stage": {
                "reason_title": self.env._("The service is not running"),
                "reason": self.env._(
                    "The trial or the service of your enterprise has ended; visitors "
                    "leave messages meanwhile."
                )
                + ("" if account else " " + ask),
                **account,
            },
            "service": {
                "reason_title": self.env._("Your seat is not in service"),
                "reason": self.env._("Service for this seat is opened in the account.")
                + ("" if account else " " + ask),
                **account,
            },
        }

    @api.model
    def _get_way(self, xmlid):
        """Return the button to an action when it is there and the caller may use it."""
        action = self.env.ref(xmlid, raise_if_not_found=False)
        if not action or not self.env.user.has_group(WAYS[xmlid]):
            return {}
        label = (
            self.env._("Open seats")
            if xmlid.endswith("seat_action")
            else self.env._("Open the account")
        )
        return {"reason_action": xmlid, "reason_button": label}

    @api.model
    def _is_site_seen(self):
        domain = [
            ("enterprise_id", "=", self.env.user.enterprise_id.id),
            ("first_seen_at", "!=", False),
        ]
        return bool(self.env["huolie.site"].sudo().search_count(domain, limit=1))

    # === LISTS === #

    @api.model
    def _search(self, domain, **kwargs):
        return self.env["huolie.conversation"].search(domain, limit=ROWS, **kwargs)

    @api.model
    def _get_lists(self):
        seat = self._get_seat()
        mine = [("seat_id", "=", seat.id), ("state", "=", "open")] if seat else False
        return {
            "mine": self._rows(self._search(mine)) if mine else [],
            "queue": self._rows(self._search(self._get_queue_domain(seat))),
        }

    @api.model
    def _get_queue_domain(self, seat):
        domain = [("state", "=", "waiting")]
        if not self._may_supervise():
            domain.append(("group_id.member_ids.seat_id", "=", seat.id or 0))
        return domain

    @api.model
    def _rows(self, conversations):
        """Return the lines of a list; ``conversations`` were found with the rules."""
        owed = self._get_owed(conversations)
        # sudo: names of visitor, site, group and agent of conversations just checked
        return [self._row(conv, owed) for conv in conversations.sudo()]

    @api.model
    def _row(self, conv, owed):
        return {
            "id": conv.id,
            "state": conv.state,
            "name": conv.visitor_id.display_name,
            "realName": conv.visitor_id.name or "",
            "site": conv.site_id.name,
            "group": conv.group_id.name,
            "seat": conv.seat_id.name or "",
            "seq": conv.last_seq,
            "unread": conv.unread_agent,
            "preview": conv.last_body or "",
            "lastAt": self._millis(conv.last_visitor_at or conv.opened_at),
            "owed": owed.get(conv.id, 0),
            "waitingSince": self._millis(conv.waiting_since or conv.opened_at),
            "priority": conv.priority,
            "visitorRead": conv.read_visitor,
        }

    @api.model
    def _get_owed(self, conversations):
        """Return ``{conversation: ms of the oldest message without an answer}``."""
        running = conversations.filtered(lambda conv: conv.state == "open")
        if not running:
            return {}
        self.env.cr.execute(
            """SELECT c.id, LEAST(min(m.create_date), CASE
                        WHEN c.first_answer_at IS NULL THEN c.waiting_since END)
                 FROM huolie_conversation c
                 LEFT JOIN huolie_message m
                   ON m.conversation_id = c.id AND m.author = 'visitor'
                  AND m.create_date > COALESCE(c.last_agent_at, '-infinity')
                WHERE c.id IN %s
             GROUP BY c.id""",
            [tuple(running.ids)],
        )
        return {row[0]: self._millis(row[1]) for row in self.env.cr.fetchall()}

    @api.model
    def _millis(self, moment):
        return wire.millis(moment) if moment else 0

    # === CARD === #

    @api.model
    def _card(self, conversation):
        # sudo: the conversation was checked by the caller of this method
        conv = conversation.sudo()
        visitor = conv.visitor_id
        lead = self._get_lead(visitor) or conv.lead_ids[:1]
        partner = visitor.partner_id
        return {
            "id": conv.id,
            "visitor": {
                "number": f"{visitor.id:06d}",
                **{key: visitor[key] or "" for key in CARD_FIELDS},
            },
            "facts": self._get_facts(conv),
            "pages": self._get_pages(conv),
            "previous": self._get_previous(conversation),
            "tag_ids": conv.tag_ids.ids,
            "summary": conv.summary or "",
            "lead_id": lead.id,
            "partner_id": partner.id,
            "partner_name": partner.name or "",
            "duplicate": self._get_duplicate(visitor),
            "views": {
                "res.partner": self.env.ref("huolie_chat.res_partner_view_form").id
            },
        }

    @api.model
    def _get_facts(self, conv):
        visitor = conv.visitor_id
        facts = [
            (self.env._("Website"), conv.site_id.name),
            (self.env._("Page"), visitor.last_title or visitor.last_page or conv.page),
            (self.env._("Source"), visitor.source),
            (self.env._("Device"), self._get_device(visitor)),
            (self.env._("IP address"), visitor.ip),
            (self.env._("Language"), visitor.lang),
            (self.env._("Visits"), str(visitor.visits or 1)),
        ]
        return [{"label": label, "value": value} for label, value in facts if value]

    @api.model
    def _get_device(self, visitor):
        device = visitor._fields["device"].convert_to_export(visitor.device, visitor)
        return " · ".join(filter(None, (device, visitor.browser)))

    @api.model
    def _get_pages(self, conv):
        """Return the page trail, newest first: ``[{t, url, title}]`` (C10)."""
        # sudo: the conversation was checked; the trail is its visitor's
        views = self.env["huolie.page.view"].sudo()
        seen = views.search([("visitor_id", "=", conv.visitor_id.id)], limit=PAGES)
        return [
            {
                "t": self._millis(view.create_date),
                "url": view.url or "",
                "title": view.title or "",
            }
            for view in seen
        ]

    @api.model
    def _get_previous(self, conversation):
        domain = [
            ("visitor_id", "=", conversation.sudo().visitor_id.id),
            ("id", "!=", conversation.id),
        ]
        found = self.env["huolie.conversation"].search(domain, limit=PREVIOUS)
        return [
            {
                "id": conv.id,
                "t": self._millis(conv.opened_at),
                "seat": conv.seat_id.name or "",
                "preview": conv.last_body or "",
            }
            for conv in found.sudo()
        ]

    @api.model
    def _get_lead(self, visitor):
        return (
            self.env["huolie.lead"]
            .sudo()
            .search([("visitor_id", "=", visitor.id), ("state", "!=", "done")], limit=1)
        )

    @api.model
    def _get_known_domain(self, visitor):
        """Customers of the enterprise that share a contact with this visitor."""
        contacts = [(key, "=", visitor[key]) for key in CARD_FIELDS[1:] if visitor[key]]
        return [
            ("enterprise_id", "=", visitor.enterprise_id.id),
            ("is_enterprise_customer", "=", True),
            *(["|"] * (len(contacts) - 1)),
            *(contacts or [("id", "=", 0)]),
        ]

    @api.model
    def _get_duplicate(self, visitor):
        """Return the name of a customer with the same contact, or an empty text."""
        if visitor.partner_id:
            return ""
        found = (
            self.env["res.partner"]
            .sudo()
            .search(self._get_known_domain(visitor), limit=1)
        )
        return found.name or ""

    @api.model
    def _prepare_lead_vals(self, conv):
        visitor = conv.visitor_id
        return {
            **{key: visitor[key] for key in CARD_FIELDS},
            "enterprise_id": conv.enterprise_id.id,
            "name": visitor.name or visitor.display_name,
            "body": conv.summary or conv.last_body,
            "source": "conversation",
            "state": "doing",
            "seat_id": self._get_seat().id,
            "visitor_id": visitor.id,
            "conversation_id": conv.id,
            "site_id": conv.site_id.id,
        }

    @api.model
    def _prepare_customer_vals(self, conv):
        visitor = conv.visitor_id
        return {
            **{key: visitor[key] for key in CARD_FIELDS},
            "name": visitor.name or visitor.display_name,
            "enterprise_id": conv.enterprise_id.id,
            "is_enterprise_customer": True,
            "customer_seat_id": self._get_seat().id,
        }

    # === TRANSFER === #

    @api.model
    def _get_seat_targets(self):
        mine = self._get_seat()
        # sudo: colleagues' names and whether they are free, nothing else
        states = (
            self.env["huolie.agent.state"]
            .sudo()
            .search(
                [
                    ("enterprise_id", "=", self.env.user.enterprise_id.id),
                    ("seat_id", "!=", mine.id),
                    ("seat_id.state", "=", "active"),
                    ("serve_until", ">", self.env.cr.now()),
                ]
            )
        )
        labels = dict(states._fields["status"]._description_selection(self.env))
        return [
            {
                "kind": "seat",
                "id": state.seat_id.id,
                "name": state.seat_id.display_name,
                "hint": f"{labels[state.status]} {state.load}/{state.cap_wished}",
                "free": state.online and state.load < state.cap,
            }
            for state in states.sorted(lambda s: (not s.online, s.load))
        ]

    @api.model
    def _get_group_targets(self, conversation):
        groups = (
            self.env["huolie.group"]
            .sudo()
            .search([("enterprise_id", "=", self.env.user.enterprise_id.id)])
        )
        return [
            {
                "kind": "group",
                "id": group.id,
                "name": group.name,
                "hint": self.env._("to the queue"),
                "free": bool(group.member_ids),
            }
            for group in groups
        ]
