import json
import uuid

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.huolie_base.services.life import FOREVER

from ..services import assign, engine, limits, settings

AGENT = (
    "huolie_chat.group_chat_do,huolie_chat.group_record_see,huolie_base.group_scope_own"
)


class ChatMixin:
    """An enterprise with a site and agents, and visitors who ask."""

    @classmethod
    def _make_agent(cls, enterprise, login, groups=AGENT):
        user = new_test_user(cls.env, login=login, groups=groups, password=login * 3)
        user.partner_id.enterprise_id = enterprise
        seat = cls.env["huolie.seat"].create(
            {
                "enterprise_id": enterprise.id,
                "name": login,
                "user_id": user.id,
                "state": "active",
            }
        )
        # where service is sold (billing is installed), this seat has bought it
        bought = {"serve_until", "bought_until"} & set(seat._fields)
        seat.write(dict.fromkeys(bought, FOREVER))
        return seat

    @classmethod
    def _start(cls):
        limits.reset()
        settings.forget(cls.env.cr.dbname)
        # A house enterprise is in service with billing installed and without.
        cls.enterprise = cls.env["huolie.enterprise"].create(
            {"name": "Tea House", "state": "formal", "is_house": True}
        )
        domain = [("enterprise_id", "=", cls.enterprise.id)]
        cls.site = cls.env["huolie.site"].search(domain)
        cls.group = cls.env["huolie.group"].search(domain)
        cls.settings = cls.env["huolie.chat.settings"].search(domain)
        cls.cr = cls.env.cr

    @classmethod
    def _make_visitor(cls, site=None):
        site = site or cls.site
        visitor = cls.env["huolie.visitor"].create(
            {
                "enterprise_id": site.enterprise_id.id,
                "site_id": site.id,
                "uid": uuid.uuid4().hex,
            }
        )
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE huolie_visitor SET seen_at = now() AT TIME ZONE 'utc'"
            " WHERE id = %s",
            (visitor.id,),
        )
        return visitor

    @classmethod
    def _open(cls, visitor=None, state="waiting", group=None):
        """Open a conversation and look for an agent; return its id."""
        visitor = visitor or cls._make_visitor()
        group = group or cls.group
        conversation, _created = engine.open_conversation(
            cls.env.cr, visitor.id, group=group.id, state=state
        )
        if state == "waiting":
            assign.enter_queue(cls.env.cr, conversation, group.id)
        return conversation

    def _online(self, *seats):
        self.env.flush_all()
        for seat in seats:
            assign.set_status(self.env.cr, seat.id, "online")

    def _conversation(self, conversation):
        self.env.invalidate_all()
        return self.env["huolie.conversation"].browse(conversation)

    def _state(self, seat):
        self.env.invalidate_all()
        return self.env["huolie.agent.state"].search([("seat_id", "=", seat.id)])

    def _kinds(self, conversation):
        return [
            event["k"] for event in engine.events_after(self.env.cr, conversation, 0)
        ]


class ChatCase(ChatMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._start()
        cls.ann = cls._make_agent(cls.enterprise, "ann")
        cls.bob = cls._make_agent(cls.enterprise, "bob")
        cls.env.flush_all()


def as_text(body):
    """Return a body as the widget sends it."""
    return json.dumps(body).encode()
