"""SEC-T: nobody of one enterprise finds, or changes, anything of another."""

import fnmatch
from collections import Counter
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from .factory import Factory
from .prober import Prober
from .two_enterprises import TwoEnterprises

HERE = Path(__file__).parent
ALLOWED = HERE / "allowed.txt"
# Lines of the allow-list that some person's probe met: the others have to go.
USED = set()
REPORT = HERE.parent.parent / "artefacts" / "isolation"


def allowed_patterns():
    """Reviewed findings: `[(way, model pattern)]`; each line has its reason."""
    patterns = []
    for line in ALLOWED.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _hash, reason = line.partition("  # ")
            if not reason.strip():
                raise ValueError(f"{ALLOWED.name}: a line without its reason: {line}")
            way, _space, name = pattern.strip().rpartition(" ")
            patterns.append((way, name))
    return patterns


def is_allowed(way, name, patterns):
    return any(
        fnmatch.fnmatch(way, one) and fnmatch.fnmatch(name, other)
        for one, other in patterns
    )


@tagged("post_install", "-at_install")
class TestIsolation(TwoEnterprises, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.failed = cls._fill()

    def test_every_model_of_the_suite_has_rows_of_both(self):
        self.assertEqual(self.factory.missing(), [], "add a line to factory.RECIPES")
        lines = [f"{name}: {error}" for name, error in self.failed.items()]
        self.assertFalse(lines, "mend in factory.RECIPES:\n" + "\n".join(lines))

    def test_admin_finds_nothing_of_another_enterprise(self):
        self._probe("admin", self._person("admin"), thorough=True)

    def test_agent_finds_nothing_of_another_enterprise(self):
        self._probe("agent", self._person("agent"))

    def test_supervisor_finds_nothing_of_another_enterprise(self):
        agent = self._person("agent")
        self.beta._get_ready_role("supervisor").sudo()._assign(agent)
        self._probe("supervisor", agent)

    def test_who_has_no_module_finds_nothing_of_anybody(self):
        agent = self._person("agent")
        empty = self.env["huolie.role"].create(
            {"name": "Nothing", "enterprise_id": self.beta.id, "scope": "own"}
        )
        empty.sudo()._assign(agent)
        self._probe("no module", agent, tries=1200)

    def test_the_prober_finds_what_is_open(self):
        """Without its rule, a model is found open in every way: the prober sees."""
        rules = self.env["ir.rule"].search([("model_id.model", "=", "huolie.tag")])
        self.assertTrue(rules, "huolie.tag has no rule at all")
        rules.active = False
        prober = Prober(self.factory, self._person("admin"), self.alpha, self.beta)
        model = prober.env["huolie.tag"]
        prober.reading("huolie.tag", model)
        prober.grouping("huolie.tag", model)
        prober.oracles("huolie.tag", model)
        prober.writing("huolie.tag", model)
        ways = {way for way, _name, _detail in prober.findings}
        self.assertLessEqual(
            {"search", "read", "web_read", "name_search", "export", "group"}
            | {"oracle", "write", "web_save", "load"},
            ways,
        )

    def test_zz_every_allowed_line_is_needed(self):
        """Runs last; says nothing when the probes before it did not run."""
        if not list(REPORT.glob("*.tsv")):
            self.skipTest("no probe has run")
        unused = [" ".join(p) for p in allowed_patterns() if p not in USED]
        self.assertFalse(unused, f"lines of {ALLOWED.name} that nothing needs any more")

    def _probe(self, title, user, tries=3000, thorough=False):
        prober = Prober(self.factory, user, self.alpha, self.beta, thorough)
        prober.run()
        self._write_report(title, prober)
        patterns = allowed_patterns()
        found = sorted(
            {f for f in prober.findings if not is_allowed(f[0], f[1], patterns)}
        )
        USED.update(
            pattern
            for pattern in patterns
            for way, name, _detail in prober.findings
            if is_allowed(way, name, [pattern])
        )
        lines = [f"{way} {name}: {detail}" for way, name, detail in found]
        self.assertFalse(found, f"{len(found)} findings:\n" + "\n".join(lines[:60]))
        self.assertGreater(
            sum(prober.counts.values()), tries, "the prober tried little"
        )

    def _write_report(self, title, prober):
        """The truth table: tries and findings by model and way."""
        REPORT.mkdir(parents=True, exist_ok=True)
        found = Counter((name, way) for way, name, _detail in prober.findings)
        lines = ["model\tway\ttries\tfindings"]
        for (name, way), tries in sorted(prober.counts.items()):
            lines.append(f"{name}\t{way}\t{tries}\t{found[name, way]}")
        (REPORT / f"{title}.tsv").write_text("\n".join(lines) + "\n")


@tagged("post_install", "-at_install")
class TestOperator(TransactionCase):
    """The operator's ordinary employees meet no customer and no lead of anybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.factory = Factory(cls.env)
        cls.alpha = cls.factory.enterprise("Alpha")
        cls.factory.fill(cls.alpha)
        cls.factory.env.flush_all()

    def _employee(self, *xmlids):
        groups = self.env["res.groups"].union(*[self.env.ref(x) for x in xmlids])
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "employee",
                    "login": f"employee{len(xmlids)}",
                    "group_ids": [(6, 0, groups.ids)],
                }
            )
        )

    def _roles(self):
        yield ("base.group_user",)
        yield ("base.group_user", "base.group_partner_manager")
        if self.env.ref("sales_team.group_sale_manager", raise_if_not_found=False):
            yield (
                "base.group_user",
                "base.group_partner_manager",
                "sales_team.group_sale_manager",
            )

    def test_employees_see_no_customer_and_no_lead(self):
        marker = self.factory.marker(self.alpha)
        for xmlids in self._roles():
            env = self.env(user=self._employee(*xmlids).id, su=False)
            partners = env["res.partner"].with_context(active_test=False)
            with self.subTest(xmlids):
                customers = [("is_enterprise_customer", "=", True)]
                self.assertFalse(partners.search(customers))
                self.assertFalse(partners.name_search(f"{marker}@customer"))
                self.assertFalse(partners.search([("email", "ilike", "@customer.ex")]))
                for name in self.factory.suite_models():
                    self.assertFalse(
                        env[name].has_access("read") and env[name].search([]), name
                    )
