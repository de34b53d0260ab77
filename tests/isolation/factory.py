"""Two enterprises with a marked row in every model of the suite.

A new model needs a line in `RECIPES` (or in `COMMON`, with the reason): without it the
run fails. What a recipe leaves out, `Factory` fills in by the type of the field.
"""

import base64
from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tools import mute_logger

# Models that hold nothing of an enterprise, and why they may be read by all who can.
COMMON = {
    "huolie.bank.import": "statements of the operator's bank, for its finance",
    "huolie.bank.line": "lines of them, for the operator's finance",
    "huolie.bank.rule": "lines of the operator's bank to ignore, for its finance",
    "huolie.bank.template": "columns of banks' files, for the operator's finance",
    "huolie.gateway.bill": "daily bills of the gateways, for the operator's finance",
    "huolie.gateway.bill.line": "their lines, for the operator's finance",
    "huolie.account.settings": "settings of the operator",
    "huolie.bank.account": "the operator's own accounts, shown to whoever transfers",
    "huolie.billing.config": "settings of the operator",
    "huolie.books.check": "nightly check of all books, for the operator's finance",
    "huolie.price": "the price list",
    "huolie.terms": "the terms of use",
    "huolie.throttle": "counters of attempts, readable by nobody",
    "huolie.workday.override": "the official calendar",
}

# Values that cannot be guessed. `f` is the factory, `e` the enterprise.
RECIPES = {
    "huolie.account.data": {},
    "huolie.admin.change": lambda f, e: {
        "contact": f.marker(e),
        "email": f"{f.marker(e)}@admin.example",
    },
    "huolie.admin.transfer": {},
    "huolie.agent.log": {},
    "huolie.agent.state": {},
    "huolie.audit": {},
    "huolie.bank.columns": {},
    "huolie.bank.columns.line": {},
    "huolie.bank.pair": {},
    "huolie.bank.pair.line": {},
    "huolie.books.check.line": {},
    "huolie.charge": {},
    "huolie.chat.settings": {},
    "huolie.conversation": {},
    "huolie.enterprise": lambda f, e: e,
    "huolie.enterprise.freeze": {},
    "huolie.evidence": {},
    "huolie.fapiao": {},
    "huolie.fapiao.issue": {},
    "huolie.fapiao.issue.line": {},
    "huolie.fapiao.wizard": {},
    "huolie.faq": {"link_url": False},
    "huolie.faq.category": {},
    "huolie.faq.phrase": {},
    "huolie.faq.test": {},
    "huolie.faq.test.line": {},
    "huolie.file": {},
    "huolie.form.field": {},
    "huolie.gateway.notice": {},
    "huolie.gift": {"kind": "percent", "percent": 10},
    "huolie.group": {},
    "huolie.group.member": {},
    "huolie.knowledge": {},
    "huolie.lead": {},
    "huolie.lead.answer": {},
    "huolie.lead.assign": {},
    "huolie.lead.followup": {},
    "huolie.lead.policy": {},
    "huolie.licence.view": lambda f, e: {"user_id": f.env.ref("base.user_admin").id},
    "huolie.message": {"seq": 9001, "kind": "text", "author": "visitor"},
    "huolie.notice": {},
    "huolie.open.wizard": {},
    "huolie.page.view": {},
    "huolie.quick.reply": {},
    "huolie.recharge": {"method": "transfer", "amount": 100},
    "huolie.recharge.reject": {},
    "huolie.recharge.wizard": {},
    "huolie.refund": {"amount": 1},
    "huolie.registration": lambda f, e: {"email": f"{f.marker(e)}@reg.example"},
    "huolie.renew.wizard": {},
    "huolie.robot": {},
    "huolie.robot.query": {},
    "huolie.robot.unknown": {},
    "huolie.role": {},
    "huolie.role.line": {"module": "probe"},
    "huolie.seat": {},
    "huolie.seat.add": {},
    "huolie.seat.holder": {},
    "huolie.service": {},
    "huolie.site": {},
    "huolie.site.style": {},
    "huolie.statement.page": {},
    "huolie.support.grant": {"hours": "4"},
    "huolie.tag": {},
    "huolie.terms.acceptance": {},
    "huolie.verification": {},
    "huolie.verification.reject": {},
    "huolie.visitor": {},
    "huolie.wallet": {},
    "huolie.wallet.entry": {},
    # of the ERP, marked by enterprise
    "res.partner": lambda f, e: {
        "name": f.marker(e),
        "email": f"{f.marker(e)}@customer.example",
        "is_enterprise_customer": True,
    },
}
# Made by the enterprise's admin: their defaults ask who is there.
AS_ADMIN = {
    "huolie.account.data",
    "huolie.fapiao.wizard",
    "huolie.open.wizard",
    "huolie.recharge.wizard",
    "huolie.renew.wizard",
}
PASSWORD = "Correct-Horse-9"


class Factory:
    """Makes what is missing, and remembers which rows are whose."""

    def __init__(self, env):
        self.env = env(su=True, context={**env.context, "tracking_disable": True})
        self.rows = {}

    # === WHAT THERE IS === #
    def suite_models(self):
        """Names of all models of the suite that hold rows."""
        return [
            name
            for name in sorted(self.env.registry.models)
            if name.startswith("huolie.")
            and self.env[name]._auto
            and not self.env[name]._abstract
        ]

    def missing(self):
        """Models that have neither a recipe nor a reason to have none."""
        return [m for m in self.suite_models() if m not in RECIPES and m not in COMMON]

    def marker(self, enterprise):
        return f"ZQ{enterprise.id}XMARK"

    # === MAKING === #
    def enterprise(self, title):
        """An enterprise with admin, agent, and rows everywhere."""
        email = f"admin.{title.lower()}@probe.example"
        enterprise = self.env["huolie.enterprise"]._register_enterprise(
            {
                "name": title,
                "contact": f"{title} admin",
                "email": email,
                "phone": "13800000000",
                "password": PASSWORD,
                "lang": "en_US",
            }
        )
        enterprise.write(
            {
                "name": f"{title} {self.marker(enterprise)}",
                "state": "formal",
                "verified": True,
            }
        )
        enterprise._create_person(
            {
                "contact": f"{title} agent",
                "email": email.replace("admin", "agent"),
                "password": PASSWORD,
            },
            enterprise._get_agent_groups(),
        )
        for user in self.people(enterprise):
            user.name = f"{user.name} {self.marker(enterprise)}"
        return enterprise

    def people(self, enterprise):
        domain = [("enterprise_id", "=", enterprise.id)]
        return self.env["res.users"].search(domain)

    def fill(self, enterprise):
        """Put a row into every model; says which could not be made."""
        failed = {}
        for name in [*self.suite_models(), "res.partner"]:
            if name in RECIPES:
                try:
                    with self.env.cr.savepoint():
                        self.row(name, enterprise)
                except Exception as error:  # the test reports all of them at once
                    failed[name] = f"{type(error).__name__}: {error}"
        self._attach(enterprise)
        return failed

    def row(self, name, enterprise):
        """The row of a model that belongs to an enterprise, made when missing."""
        key = (name, enterprise.id)
        if key not in self.rows:
            self.rows[key] = self._make(name, enterprise)
        return self.rows[key]

    def _make(self, name, enterprise):
        if name == "res.users":
            return self.people(enterprise)[0]
        recipe = RECIPES.get(name, {})
        given = recipe(self, enterprise) if callable(recipe) else recipe
        if not isinstance(given, dict):
            return given
        model = self.env[name]
        if name in AS_ADMIN:
            admin = enterprise._get_ready_role("admin").user_ids[0]
            model = model.with_user(admin).sudo()
        try:
            # a second row of what exists once is refused by the database
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return model.create(self._values(model, enterprise, given))
        except (IntegrityError, UserError):
            # one row per enterprise, made with it
            found = name.startswith("huolie.") and model.search(
                [("enterprise_id", "=", enterprise.id)], limit=1
            )
            if not found:
                raise
            return found

    def _values(self, model, enterprise, given):
        if not model._name.startswith("huolie."):
            # the ERP's own models have more fields than anybody can fill
            return {"enterprise_id": enterprise.id, **given} if given else {}
        vals = {}
        for field in model._fields.values():
            wanted = field.required or field.type in ("char", "text", "many2one")
            if (
                wanted
                and field.store
                and not field.related
                and field.name not in given
                and not field.name.startswith(("create_", "write_", "message_"))
                and not (field.compute and field.readonly)
            ):
                value = self._value(model, field, enterprise)
                if value is not None:
                    vals[field.name] = value
        return {**vals, **given}

    def _value(self, model, field, enterprise):
        if field.type == "many2one":
            return self._target(model, field, enterprise)
        if field.type in ("char", "text", "html"):
            has_default = field.name in model.default_get([field.name])
            return None if has_default else self.marker(enterprise)
        if field.name in model.default_get([field.name]):
            return None
        return self._plain(model, field)

    def _target(self, model, field, enterprise):
        name = field.comodel_name
        if name == "huolie.enterprise":
            return enterprise.id if field.name == "enterprise_id" else None
        if not field.required and name != "res.partner":
            return None
        if name in RECIPES or name == "res.users":
            return self.row(name, enterprise).id
        return self.env[name].search([], limit=1).id or self._common(name).id

    def _common(self, name):
        model = self.env[name]
        return model.create(self._values(model, self.env["huolie.enterprise"], {}))

    def _plain(self, model, field):
        if field.type == "selection":
            return field.get_values(self.env)[0]
        if field.type in ("integer", "float", "monetary"):
            return 1
        if field.type == "datetime":
            return datetime.now() + timedelta(days=1)
        if field.type == "date":
            return date.today()
        return None

    def _attach(self, enterprise):
        """A private file and a note on a row that has a chatter."""
        customer = self.row("res.partner", enterprise)
        text = self.marker(enterprise)
        message = customer.message_post(body=text, subtype_xmlid="mail.mt_note")
        attachment = self.env["ir.attachment"].create(
            {
                "name": text,
                "datas": base64.b64encode(text.encode()),
                "res_model": "res.partner",
                "res_id": customer.id,
            }
        )
        self.rows["mail.message", enterprise.id] = message
        self.rows["ir.attachment", enterprise.id] = attachment
