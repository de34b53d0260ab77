import json
import time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .accounts_common import PASSWORD, AccountsHttpCase

TOPIC = "huolie.rights"


@tagged("post_install", "-at_install")
class TestOpenSession(AccountsHttpCase):
    """What an open session feels of a changed role, seat or grant (A8, SEC-T17)."""

    def setUp(self):
        super().setUp()
        self.enterprise, self.admin = self._create_enterprise()
        roles = self.env["huolie.role"].with_user(self.admin)
        self.role = roles.create({"name": "Reads roles"})
        self._set_line("see", True)
        self.person = self.enterprise._create_person(
            {"contact": "Li", "email": "li@test.example", "password": PASSWORD},
            self.enterprise._get_agent_groups(),
        )
        self.role._assign(self.person)

    def _set_line(self, name, value):
        line = self.role.line_ids.filtered(lambda row: row.module == "role")
        line.with_user(self.admin).write({name: value})

    def _read_roles(self):
        params = {"model": "huolie.role", "method": "search_read"}
        params |= {"args": [[], ["name"]], "kwargs": {}}
        path = "/web/dataset/call_kw/huolie.role/search_read"
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            return self.url_open(path, json={"params": params}).json()

    def _told(self, user):
        """Return how often the open pages of a person were told to load again."""
        self.env.cr.precommit.run()  # the rows of the bus are written just then
        self.env.cr.execute("SELECT channel, message FROM bus_bus ORDER BY id")
        rows = self.env.cr.fetchall()
        mine = f'"res.partner",{user.partner_id.id}]'
        heard = [text for to, text in rows if to.replace(" ", "").endswith(mine)]
        return sum(json.loads(text)["type"] == TOPIC for text in heard)

    def test_a_changed_role_acts_on_the_next_request(self):
        self._log_in(self.person)
        self.assertIn("result", self._read_roles())
        before, start = self._told(self.person), time.monotonic()
        self._set_line("see", False)
        self.assertIn("error", self._read_roles())
        self.assertLess(time.monotonic() - start, 10)
        self.assertGreater(self._told(self.person), before)
        self._set_line("see", True)
        self.assertIn("result", self._read_roles())

    def test_another_role_acts_on_the_next_request(self):
        self._log_in(self.person)
        self.assertIn("result", self._read_roles())
        agent = self.enterprise._get_ready_role("agent").with_user(self.admin)
        agent._assign(self.person)
        self.assertIn("error", self._read_roles())

    def test_a_stopped_seat_ends_the_session(self):
        seats = self.env["huolie.seat"].sudo()
        own = {"enterprise_id": self.enterprise.id, "name": "Li"}
        seat = seats.create({**own, "user_id": self.person.id, "state": "active"})
        self._log_in(self.person)
        self.assertIn("result", self._read_roles())
        seat.with_user(self.admin).action_stop()
        self.assertIn("error", self._read_roles())
        self.assertIn("login", self.url_open("/odoo").url)
