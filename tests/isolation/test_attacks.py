"""What an attacker tries besides the prober: each of these went through once.

Contexts that set what the server sets, imports in another addon's name, seats and
roles that give more than one holds, and the operator's words on an enterprise.
"""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .two_enterprises import TwoEnterprises

RULES = "odoo.addons.base.models.ir_rule"
FAR = "2099-01-01 00:00:00"


@tagged("post_install", "-at_install")
class TestAttacks(TwoEnterprises, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._person("admin")
        cls.agent = cls._person("agent")
        cls.customer = cls.factory.row("res.partner", cls.beta)
        cls.foreign = cls.factory.row("res.partner", cls.alpha)

    def _as(self, user, **context):
        """An environment of this person that knows nothing from before."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env(user=user.id, su=False, context={"lang": "en_US", **context})

    def _clerk(self):
        """Somebody who manages seats and nothing else."""
        role = self.env["huolie.role"].create(
            {"name": "Clerk", "enterprise_id": self.beta.id, "scope": "own"}
        )
        role.line_ids.filtered(lambda line: line.module == "seat").do = True
        role.sudo()._assign(self.agent)
        return self.agent

    def _refused(self, call):
        with mute_logger(RULES), self.assertRaises(AccessError):
            call()
            self.env.flush_all()

    # === `default_…` in a context reaches what `create` refuses (SEC-R5) === #
    def test_no_verification_is_born_approved(self):
        env = self._as(self.admin, default_state="approved", default_decided_at=FAR)
        made = env["huolie.verification"].create({"legal_name": "x"}).sudo()
        self.assertEqual((made.state, made.decided_at), ("draft", False))

    def test_no_seat_is_born_active(self):
        env = self._as(
            self.admin,
            default_state="active",
            default_is_trial_seat=True,
            default_serve_until=FAR,
            default_user_id=self.admin.id,
        )
        made = env["huolie.seat"].create({"name": "x"}).sudo()
        self.assertEqual(made.state, "draft")
        self.assertFalse(made.is_trial_seat or made.serve_until or made.user_id)

    def test_no_grant_is_born_longer(self):
        env = self._as(self.admin, default_granted_until=FAR, default_hours="72")
        made = env["huolie.support.grant"].create({"hours": "1"}).sudo()
        self.assertLess((made.granted_until - made.create_date).total_seconds(), 3700)

    def test_no_customer_becomes_an_address_of_the_enterprise(self):
        parent = self.beta.partner_id.id
        env = self._as(self.admin, default_parent_id=parent, default_type="invoice")
        self._refused(lambda: env["res.partner"].create({"name": "x"}))

    def test_no_role_comes_by_context(self):
        """A seat with the admin's role would make its holder an admin (SEC-R4)."""
        clerk = self._clerk()
        admin_role = self.beta._get_ready_role("admin")
        env = self._as(clerk, default_role_id=admin_role.id)
        self._refused(lambda: env["huolie.seat"].create({"name": "x"}))

    # === WHAT GIVES RIGHTS GIVES NONE THAT THE GIVER LACKS (SEC-R4) === #
    def test_an_admins_seat_is_not_handed_over(self):
        clerk = self._clerk()
        seat = self.beta.seat_ids.filtered(lambda s: s.user_id == self.admin)
        mine = self._as(clerk)["huolie.seat"].browse(seat.id)
        self._refused(mine.action_hand_over)
        self.assertEqual(seat.user_id, self.admin)

    def test_no_link_for_a_seat_of_a_greater_role(self):
        clerk = self._clerk()
        seat = self.env["huolie.seat"].create(
            {
                "enterprise_id": self.beta.id,
                "role_id": self.beta._get_ready_role("supervisor").id,
            }
        )
        self._refused(self._as(clerk)["huolie.seat"].browse(seat.id).action_invite)
        seat.role_id = self.beta._get_ready_role("agent")
        self.assertTrue(self._as(clerk)["huolie.seat"].browse(seat.id).action_invite())

    def test_rows_of_a_greater_role_stay(self):
        great = self.env["huolie.role"].create(
            {"name": "Great", "enterprise_id": self.beta.id, "scope": "own"}
        )
        great.line_ids.filtered(lambda r: r.module in ("account", "role")).do = True
        small = self.env["huolie.role"].create(
            {"name": "Small", "enterprise_id": self.beta.id, "scope": "own"}
        )
        small.line_ids.filtered(lambda line: line.module == "role").do = True
        small.sudo()._assign(self.agent)
        lines = self._as(self.agent)["huolie.role.line"].browse(great.line_ids.ids)
        self._refused(lines.unlink)

    def test_fields_of_the_server_are_not_sent(self):
        """What `call_kw` asks of each value from outside, at any depth."""
        env = self._as(self.admin)
        for model, vals in (
            ("huolie.seat", {"serve_until": FAR}),
            ("huolie.role", {"user_ids": [Command.link(self.agent.id)]}),
            ("huolie.role", {"line_ids": [Command.create({"locked": False})]}),
            ("res.partner", {"commercial_partner_id": self.beta.partner_id.id}),
            ("huolie.lead", {"claimed_at": FAR}),
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                env[model]._check_client_values(vals)
        env["huolie.role"]._check_client_values(
            {"line_ids": [Command.create({"module": "chat", "see": True})]}
        )

    # === EXTERNAL IDS ARE ONE NAME SPACE FOR THE WHOLE ERP (SEC-T5) === #
    def _load(self, user, rows, names=("id", "name"), **context):
        partners = self._as(user, **context)["res.partner"]
        return partners.load(list(names), rows)

    def test_no_external_id_in_an_addons_name(self):
        for context in ({}, {"module": "huolie_base"}):
            for name in ("huolie_base.squatter", "squatter"):
                self.assertTrue(self._load(self.admin, [[name, "x"]], **context)["ids"])
        self.assertFalse(
            self.env["ir.model.data"].search(
                [("name", "=", "squatter"), ("module", "=like", "huolie%")]
            )
        )

    def test_no_external_id_is_turned_to_another_record(self):
        """Odoo's import context makes `create` write external ids over old ones."""
        env = self._as(self.admin, _import_current_module="x")
        for name in ("base.main_partner", "base.CNY", "huolie_base.enterprise_house"):
            target = self.env.ref(name)
            env["res.partner"].create({"name": "x", "id": name})
            self.env.flush_all()
            self.env.registry.clear_cache()
            self.assertEqual(self.env.ref(name), target)

    def test_an_id_that_is_no_text_is_no_external_id(self):
        for context in ({}, {"_import_current_module": "x"}):
            partners = self._as(self.admin, **context)["res.partner"]
            for value in (self.foreign.id, False, None, ["x"]):
                made = partners.create({"name": "x", "id": value})
                self.assertNotEqual(made.id, self.foreign.id)
                self.assertFalse(any(made.sudo().get_external_id().values()))

    def test_two_enterprises_use_the_same_external_ids(self):
        other = self.alpha._get_ready_role("admin").user_ids[0]
        first = self._load(other, [["c1", "Of alpha"]])["ids"]
        second = self._load(self.admin, [["c1", "Of beta"]])["ids"]
        self.assertTrue(first and second)
        self.assertNotEqual(first, second)
        again = self._load(self.admin, [["c1", "Of beta again"]])["ids"]
        self.assertEqual(again, second)

    def test_foreign_and_missing_external_ids_answer_alike(self):
        self.env["ir.model.data"].create(
            {
                "module": "__export__",
                "name": "foreign_one",
                "model": "res.partner",
                "res_id": self.foreign.id,
            }
        )
        texts = set()
        for name in ("__export__.foreign_one", "__export__.missing_one"):
            answer = self._load(
                self.admin, [["x", name]], names=("name", "parent_id/id")
            )
            self.assertFalse(answer["ids"])
            texts.add(str(answer["messages"]).replace(name.split("_one")[0], ""))
        self.assertEqual(len({text.replace("missing", "foreign") for text in texts}), 1)

    def test_columns_of_the_server_are_not_imported(self):
        seats = self._as(self.admin)["huolie.seat"]
        self._refused(lambda: seats.load(["name", "serve_until"], [["x", FAR]]))

    # === FILES AND WORDS === #
    def test_a_customer_gets_another_name(self):
        """Odoo reads the ERP's bank accounts on the way; there are none to see."""
        partner = self._as(self.agent)["res.partner"].browse(self.customer.id)
        partner.write({"name": "Renamed"})
        self.assertEqual(self.customer.name, "Renamed")
        self.assertFalse(self._as(self.agent)["res.partner.bank"].search([]))

    def test_a_note_is_still_there_tomorrow(self):
        note = self._as(self.agent)["res.partner"].browse(self.customer.id)
        message = note.message_post(body="Prefers mornings")
        for user in (self.agent, self.admin):
            seen = self._as(user)["mail.message"].search([("id", "=", message.id)])
            self.assertEqual(seen.body, "<p>Prefers mornings</p>")

    def test_the_operators_words_are_its_own(self):
        """What is written and filed on the form of an enterprise (SEC-T10, T12)."""
        self.beta.message_post(body="Suspicious", subtype_xmlid="mail.mt_comment")
        file = self.env["ir.attachment"].create(
            {
                "name": "Case 12",
                "raw": b"secret",
                "res_model": "huolie.enterprise",
                "res_id": self.beta.id,
            }
        )
        for user in (self.admin, self.agent):
            env = self._as(user)
            words = [("model", "=", "huolie.enterprise")]
            self.assertFalse(env["mail.message"].search(words))
            self.assertFalse(env["ir.attachment"].search([("id", "=", file.id)]))
            self._refused(lambda env=env: env["ir.attachment"].browse(file.id).read())

    def test_no_file_goes_public(self):
        files = self._as(self.agent)["ir.attachment"]
        made = files.create({"name": "x", "raw": b"x", "public": True})
        self.assertFalse(made.sudo().public)
        self._refused(lambda: made.write({"public": True}))

    def test_no_file_takes_the_place_of_a_checked_one(self):
        """The licence is written by its check alone, not as an attachment."""
        row = self.factory.row("huolie.verification", self.beta)
        files = self._as(self.admin)["ir.attachment"]
        self._refused(
            lambda: files.create(
                {
                    "name": "x",
                    "raw": b"x",
                    "res_model": row._name,
                    "res_id": row.id,
                    "res_field": "licence_data",
                }
            )
        )

    def test_a_favourite_is_for_oneself(self):
        filters = self._as(self.agent)["ir.filters"]
        vals = {"name": "x", "model_id": "huolie.lead", "is_default": True}
        everybody = [Command.set([self.agent.id, self.admin.id])]
        self._refused(lambda: filters.create({**vals, "user_ids": everybody}))
        mine = filters.create({**vals, "user_ids": [Command.set(self.agent.ids)]})
        self._refused(lambda: mine.write({"user_ids": everybody}))

    def test_configuration_of_the_erp_is_not_there(self):
        """SEC-R8, SEC-T9: models that hold no row of anybody, and are closed."""
        env = self._as(self.admin)
        for name in (
            "bus.bus",
            "ir.actions.actions",
            "ir.actions.report",
            "ir.actions.server",
            "ir.config_parameter",
            "ir.cron",
            "ir.default",
            "ir.model.access",
            "ir.model.data",
            "ir.rule",
            "ir.sequence",
            "ir.ui.view",
            "mail.alias",
            "mail.presence",
            "mail.template",
            "mail.tracking.value",
            "res.groups",
            "res.users.log",
        ):
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(name):
                    self.assertFalse(env[name].has_access(operation))
