from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ChatCase

LOOK = "huolie_chat.group_visitor_see,huolie_base.group_scope_own"


@tagged("post_install", "-at_install")
class TestInvite(ChatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = cls._make_agent(cls.enterprise, "host", LOOK.replace("see", "do"))
        cls.looker = cls._make_agent(cls.enterprise, "looker", LOOK)
        cls.other = cls.env["huolie.enterprise"].create(
            {"name": "Coffee House", "state": "formal"}
        )
        cls.spy = cls._make_agent(cls.other, "spy", LOOK.replace("see", "do"))
        cls.visitor = cls._make_visitor()

    def _as(self, seat):
        self.env.invalidate_all()
        return self.visitor.with_user(seat.user_id)

    def test_who_is_here_is_invited_once_a_minute(self):
        self.assertTrue(self._as(self.host).is_here)
        self._as(self.host).action_invite()
        self.assertTrue(self.visitor.invited_at)
        with self.assertRaises(UserError):
            self._as(self.host).action_invite()

    def test_who_left_is_not_invited(self):
        self.env.cr.execute(
            "UPDATE huolie_visitor SET seen_at = now() AT TIME ZONE 'utc'"
            " - interval '5 minutes' WHERE id = %s",
            (self.visitor.id,),
        )
        with self.assertRaises(UserError):
            self._as(self.host).action_invite()

    def test_looking_is_not_inviting(self):
        with self.assertRaises(AccessError):
            self._as(self.looker).action_invite()

    def test_other_enterprises_visitors_cannot_be_invited(self):
        with self.assertRaises(AccessError):
            self._as(self.spy).action_invite()
