"""An Odoo 19 that somebody already has: their apps and people, nothing of ours."""

import os
import re
import subprocess
import time
import zlib

import requests

from huolie_tools import configuration, database, places, postgres
from tests.support import logs
from tests.support.rpc import RpcError, Session
from tests.support.server import free_port

THEIR_APPS = ["website", "sale_management", "im_livechat", "hr", "crm"]
OUR_APPS = list(database.manifests())
EMPLOYEE, PORTAL, PASSWORD = "employee@host.example", "portal@host.example", "host-pw-1"
# Their sales: login -> the group besides being an employee.
SALES = {
    "clerk@host.example": "base.group_user",
    "salesman@host.example": "sales_team.group_sale_salesman_all_leads",
    "manager@host.example": "sales_team.group_sale_manager",
}
# Of their own contact and lead, and of one enterprise's customer and lead, later.
SHARED_EMAIL = "twin@contact.example"

PREPARE = """
company = env.company
company.country_id = env.ref(country)
env.ref(currency).active = True
company.currency_id = env.ref(currency)
env.cr.commit()
"""
PEOPLE = """
Users = env["res.users"].with_context(no_reset_password=True)
groups = ["base.group_user", "sales_team.group_sale_salesman",
          "im_livechat.im_livechat_group_user", "hr.group_hr_user"]
Users.create({"name": "Employee", "login": employee, "password": password,
              "group_ids": [(6, 0, [env.ref(g).id for g in groups])]})
Users.create({"name": "Customer", "login": portal, "password": password,
              "group_ids": [(6, 0, [env.ref("base.group_portal").id])]})
for login, group in sales.items():
    ids = [env.ref(g).id for g in {"base.group_user", group}]
    Users.create({"name": login, "login": login, "password": password,
                  "group_ids": [(6, 0, ids)]})
env["res.partner"].create({"name": "Their contact", "email": shared})
env["crm.lead"].create({"name": "Their lead", "email_from": shared, "type": "lead"})
env["im_livechat.channel"].create({"name": "Their live chat"})
env.ref("base.user_admin").password = password
env.cr.commit()
"""
# Two enterprises with rows everywhere, and words that nobody of theirs may meet.
ENTERPRISES = """
import sys
sys.path.insert(0, project)
from tests.isolation.factory import Factory
factory = Factory(env)
for title in ("Alpha", "Beta"):
    enterprise = factory.enterprise(title)
    failed = factory.fill(enterprise)
    assert not failed, failed
    own = {"enterprise_id": enterprise.id, "email": shared}
    env["res.partner"].create(
        {**own, "name": "Twin of " + title, "is_enterprise_customer": True})
    env["huolie.lead"].create({**own, "name": "Twin lead of " + title})
env.cr.commit()
"""


class Host:
    """One such Odoo: a database of theirs, started with nothing but addons_path."""

    def __init__(self, title, country, currency, demo=False, workers=0):
        self.title, self.workers, self.demo = title, workers, demo
        self.country, self.currency = country, currency
        self.db = f"huolie_host_{title}_run"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder = places.make_folder(places.ARTEFACTS / "logs")
        self.log = folder / f"install-{title}.log"
        self.process = self.newest = None

    # === THEIR DATABASE === #

    def make(self):
        """A fresh copy of their database; made once, then cloned."""
        made_by = zlib.crc32((PREPARE + PEOPLE + str(SALES)).encode())
        kept = f"huolie_host_{self.title}_{database.odoo_key()}_{made_by:x}"
        if not database.exists(kept):
            self._build(kept)
        database.drop(self.db)
        database.clone(kept, self.db)

    def _build(self, kept):
        part = f"{kept}_part"
        database.drop(part)
        theirs = sorted({*THEIR_APPS, *database.odoo_modules()} - {database.CHART})
        demo = ["--with-demo"] if self.demo else []
        self.odoo(part, "-i", "base", *demo)
        self.shell(part, PREPARE, country=self.country, currency=self.currency)
        self.odoo(part, "-i", ",".join(theirs))
        people = {"employee": EMPLOYEE, "portal": PORTAL, "password": PASSWORD}
        self.shell(part, PEOPLE, **people, sales=SALES, shared=SHARED_EMAIL)
        database.sql("postgres", f'ALTER DATABASE "{part}" RENAME TO "{kept}"')
        filestore = configuration.data_dir() / "filestore"
        if (filestore / part).exists():
            (filestore / part).rename(filestore / kept)

    # === COMMANDS === #

    def options(self):
        return [
            f"--addons-path={places.ADDONS}",
            f"--data-dir={configuration.data_dir()}",
            "--http-interface=127.0.0.1",
        ]

    def odoo(self, name, *arguments):
        command = configuration.odoo_command(*self.options(), "-d", name, *arguments)
        with self.log.open("a") as output:
            subprocess.run(
                [*command, "--stop-after-init", "--no-http"],
                env=self.environment(),
                stdout=output,
                stderr=output,
                check=True,
            )

    def shell(self, name, script, **values):
        preset = "".join(f"{key} = {value!r}\n" for key, value in values.items())
        command = configuration.odoo_command(
            "shell", *self.options(), "-d", name, "--no-http"
        )
        done = subprocess.run(
            command,
            input=preset + script,
            env=self.environment(),
            text=True,
            capture_output=True,
        )
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr

    def environment(self):
        environment = {**os.environ, **configuration.environment()}
        environment.pop("ODOO_RC", None)
        return environment

    def start(self):
        evented = free_port()
        command = [
            configuration.odoo_command()[0],
            str(places.PROJECT / "huolie_tools/bin/odoo-bin"),
            *self.options(),
            f"--http-port={self.port}",
            f"--gevent-port={evented}",
            f"--workers={self.workers}",
            # a process of its own for scheduled actions, still on the old code while
            # columns go, complains for a moment: that is Odoo's
            f"--max-cron-threads={0 if self.workers else 2}",
            "--limit-memory-hard=0",
            "--limit-memory-soft=0",
            "--limit-time-real=600",
            "--limit-time-cpu=600",
            f"--database={self.db}",
        ]
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                command, env=self.environment(), stdout=output, stderr=output
            )
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                if requests.get(f"{self.url}/web/health", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.3)
        raise AssertionError(f"their Odoo does not answer: {self.log}")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)
        database.drop(self.db)

    def complaints(self):
        return logs.complaints_of(self.log, logs.place_of(__file__))

    # === WHAT THEIR PEOPLE SEE === #

    def admin(self):
        # installing and uninstalling is one long request
        return Session(self.url, self.db, "admin", PASSWORD, timeout=600)

    def view_of_employee(self):
        """Menus, models and groups of an employee."""
        session = Session(self.url, self.db, EMPLOYEE, PASSWORD)
        menus = session.call("ir.ui.menu", "load_menus", False)
        names = sorted(
            f"{menu.get('xmlid')}: {menu['name']}"
            for menu in menus.values()
            if isinstance(menu, dict) and menu.get("id") != "root"
        )
        theirs = [["id", "<=", self.last_partner()]]
        partners = session.call("res.partner", "search_count", theirs)
        fields = session.call("res.partner", "get_views", [[False, "form"]])
        form = fields["views"]["form"]["arch"]
        groups = session.call("res.users", "read", [session.uid], ["all_group_ids"])
        return {
            "menus": names,
            "partners": partners,
            "partner form": form,
            "groups": len(groups[0]["all_group_ids"]),
            "page": session.get("/odoo").status_code,
        }

    def add_enterprises(self):
        """Two enterprises of ours, with a customer and a lead like one of theirs."""
        project = str(places.PROJECT)
        self.shell(self.db, ENTERPRISES, project=project, shared=SHARED_EMAIL)

    def view_of_sales(self):
        """What each of their sales people finds: lists, pipeline, digest, twins."""
        return {login: self._sales_of(login) for login in SALES}

    def _sales_of(self, login):
        session = Session(self.url, self.db, login, PASSWORD)
        partners = [["id", "<=", self.last_partner()]]
        strangers = [
            "|",
            ["name", "ilike", "XMARK"],
            "|",
            ["name", "=like", "Twin of%"],
            ["email", "=like", "%@customer.example"],
        ]
        found = {
            "contacts": session.call("res.partner", "search_count", partners),
            "twins": session.call(
                "res.partner", "search_count", [["email", "=", SHARED_EMAIL]]
            ),
            "customers of enterprises": self._customers(session, strangers),
            "by country": session.call(
                "res.partner",
                "formatted_read_group",
                partners,
                ["country_id"],
                ["__count"],
            ),
        }
        if SALES[login] != "base.group_user":
            found.update(self._pipeline_of(session))
        return found

    def _customers(self, session, strangers):
        named = session.call("res.partner", "name_search", "Twin of")
        people = [["user_ids", "=", False], ["is_company", "=", False]]
        return [
            len(named),
            session.call("res.partner", "search_count", [*people, *strangers]),
        ]

    def _pipeline_of(self, session):
        fields = ["name", "duplicate_lead_count"]
        leads = session.call("crm.lead", "search_read", [], fields, order="id")
        stages = session.call(
            "crm.lead", "formatted_read_group", [], ["stage_id"], ["__count"]
        )
        digest = session.call("digest.digest", "search", [], limit=1)
        kpis = ["kpi_crm_lead_created_value", "kpi_mail_message_total_value"][:1]
        return {
            "leads": [[lead["name"], lead["duplicate_lead_count"]] for lead in leads],
            "pipeline": stages,
            "digest": digest and session.call("digest.digest", "read", digest, kpis),
        }

    def last_partner(self):
        """The newest partner when they started: demo data of ours come after it."""
        if self.newest is None:
            found = database.sql(self.db, "SELECT max(id) FROM res_partner")
            self.newest = int(found[0][0])
        return self.newest

    def view_of_portal(self):
        session = Session(self.url, self.db, PORTAL, PASSWORD)
        home = session.get("/my")
        return {"status": home.status_code, "page": _shape(home.text)}

    def view_of_visitor(self):
        session = requests.Session()
        session.get(f"{self.url}/web/login", params={"db": self.db}, timeout=60)
        pages = {
            path: session.get(self.url + path, timeout=60)
            for path in ("/", "/web/login", "/contactus", "/im_livechat/support/1")
        }
        return {path: (p.status_code, _shape(p.text)) for path, p in pages.items()}

    def set_present(self, user, present=True):
        """As the websocket of an open page of the backend does."""
        query = f"DELETE FROM mail_presence WHERE user_id = {int(user)};"
        if present:
            now = "now() AT TIME ZONE 'utc'"
            query += (
                "INSERT INTO mail_presence (user_id, status, last_poll, last_presence)"
                f" VALUES ({int(user)}, 'online', {now}, {now})"
            )
        database.sql(self.db, query)

    def tables(self):
        """{(table, column)} of the database."""
        query = (
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        return {tuple(row) for row in database.sql(self.db, query)}

    def leftovers(self):
        """Rows that name us in the tables where Odoo keeps what addons bring."""
        queries = {
            "data": "SELECT model || ' ' || name FROM ir_model_data"
            " WHERE module LIKE 'huolie\\_%'",
            "parameters": "SELECT key FROM ir_config_parameter"
            " WHERE key LIKE 'huolie%'",
            "models": "SELECT model FROM ir_model WHERE model LIKE 'huolie.%'",
            "fields": "SELECT model || '.' || name FROM ir_model_fields"
            " WHERE name LIKE 'huolie%'",
            "crons": "SELECT cron_name FROM ir_cron WHERE cron_name ILIKE '%huolie%'",
            "functions": "SELECT proname FROM pg_proc WHERE proname LIKE 'huolie%'",
            "triggers": "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'huolie%'",
            "attachments": "SELECT name FROM ir_attachment"
            " WHERE res_model LIKE 'huolie.%'",
        }
        found = {}
        for kind, query in queries.items():
            rows = [row[0] for row in database.sql(self.db, query)]
            if rows:
                found[kind] = rows
        return found

    def module_state(self, name):
        query = f"SELECT state FROM ir_module_module WHERE name = '{name}'"
        return database.sql(self.db, query)[0][0]

    def install(self, name):
        """As a click on Activate in the Apps menu does; there it is gone when done."""
        if self.module_state(name) != "installed":
            self._press("button_immediate_install", name)

    def uninstall(self, name):
        self._press("button_immediate_uninstall", name)

    def _press(self, button, name):
        """Odoo asks to try again while a scheduled action of its own runs."""
        for _attempt in range(20):
            session = self.admin()
            found = session.call("ir.module.module", "search", [["name", "=", name]])
            try:
                session.call("ir.module.module", button, found)
                return
            except RpcError as error:
                if "scheduled action" not in str(error):
                    raise
                time.sleep(2)
        raise AssertionError(f"{button} of {name}: a scheduled action never ended")


def _shape(page):
    """A page without what differs at every request (tokens, asset versions)."""
    page = re.sub(r"csrf_token[^,\n>]*", "", page)
    page = re.sub(r"/web/assets/[^\"'>]*", "", page)
    page = re.sub(r"[0-9a-f]{32,}[o\d]*", "", page)
    page = re.sub(r"unique=\w+|registry_hash[^,]*|\d{10,}", "", page)
    return re.sub(r"\s+", " ", page)


def server_running():
    """PostgreSQL for as long as the tests run."""
    return postgres.server()
