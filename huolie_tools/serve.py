"""./huolie run: PostgreSQL, Odoo, a foreign website and a mailbox, until Ctrl-C."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

from . import configuration, database, places, ports, processes, python_env
from .errors import Halt
from .foreign_site import ForeignSite
from .front import Front
from .mailbox import Mailbox
from .progress import elapsed, say, step

ODOO_BIN = Path(__file__).with_name("bin") / "odoo-bin"
PUBLIC_PORT = 8069
ANSWER_SECONDS = 90
# our own server is not asked through a proxy of the environment
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class OdooServer:
    """One Odoo on `database`; with workers behind the front on the public port."""

    def __init__(
        self, name, port, workers=0, host="127.0.0.1", smtp_port=None, log=None
    ):
        self.name, self.port, self.workers, self.host = name, port, workers, host
        logs = places.make_folder(places.data() / "logs")
        self.log = log or logs / f"{name}-run.log"
        self.smtp_port = smtp_port
        self.process = self.front = self.conf = None

    @property
    def url(self):
        everywhere = self.host in ("127.0.0.1", "0.0.0.0", "::")
        return f"http://{'localhost' if everywhere else self.host}:{self.port}"

    def start(self):
        """Start it and wait until it answers."""
        internal = self._internal_ports()
        options = self._options(*internal)
        self.conf = configuration.write(f"{self.name}-{self.port}", **options)
        command = [str(python_env.python()), str(ODOO_BIN)]
        command += ["server", "-c", str(self.conf), "-d", self.name]
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=places.PROJECT,
                env=configuration.environment(),
                # Ctrl-C is for us: we stop things in the right order
                start_new_session=True,
                preexec_fn=processes.end_with_parent,
                **configuration.as_odoo_user(),
            )
        if self.workers:
            self.front = Front(self.host, self.port, *internal)
            self.front.start()
        self.wait_until_it_answers()

    def _internal_ports(self):
        if not self.workers:
            return self.port, self.port + 1
        http = ports.choose(self.port + 1, "Odoo's workers")
        return http, ports.choose(http + 1, "Odoo's evented process")

    def _options(self, http_port, evented_port):
        options = {
            "http_port": http_port,
            "gevent_port": evented_port,
            "workers": self.workers,
            "dbfilter": f"^{self.name}$",
            # without workers nobody stands before Odoo who could be trusted
            "proxy_mode": bool(self.workers),
            "http_interface": "127.0.0.1" if self.workers else self.host,
        }
        if self.smtp_port:
            options |= {
                "smtp_server": "127.0.0.1",
                "smtp_port": self.smtp_port,
                "email_from": "noreply@huolie.example",
            }
        return options

    def wait_until_it_answers(self):
        end = time.monotonic() + ANSWER_SECONDS
        paths = ["/web/health"] + ["/websocket/health"] * bool(self.workers)
        while time.monotonic() < end:
            if self.process.poll() is not None:
                tail = "\n".join(self.log.read_text().splitlines()[-8:])
                raise Halt(f"Odoo ended at once; its log is {self.log}:\n{tail}")
            if all(self._answers(path) for path in paths):
                return
            time.sleep(0.15)
        raise Halt(f"Odoo does not answer on {self.url}: read {self.log}.")

    def _answers(self, path):
        with contextlib.suppress(OSError):
            with DIRECT.open(self.url + path, timeout=5) as got:
                return got.status == 200
        return False

    def stop(self):
        """Stop this Odoo and its workers, and nothing else."""
        if self.front:
            self.front.stop()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.conf:
            self.conf.unlink(missing_ok=True)  # it names the master password

    def kill(self):
        """End it and its workers without a goodbye, as a crash would."""
        if self.front:
            self.front.stop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def run(name, port=None, workers=0, host="127.0.0.1", demo_password=None):
    """Start everything, say where it is, wait for Ctrl-C, stop what was started.

    PostgreSQL runs already (`postgres.server()`).
    """
    public = ports.choose(port or PUBLIC_PORT, "Odoo", strict=bool(port), host=host)
    others = _choose_others(public, host)
    password = _prepare(name, demo_password)
    server = OdooServer(name, public, workers, host, smtp_port=others["smtp"])
    database.set_parameter(name, "web.base.url", server.url)
    database.set_parameter(name, "web.base.url.freeze", "True")
    mailbox = Mailbox(places.data() / "mail", others["smtp"], others["mailbox"], host)
    site = ForeignSite(places.data() / "foreign_site.html", others["site"], host)
    with contextlib.ExitStack() as stack:
        for part in (mailbox, site):
            part.start()
            stack.callback(part.stop)
        stack.callback(server.stop)
        with step("Odoo"):
            server.start()
        _introduce(server, site, mailbox, name, password)
        _wait(server)


def _choose_others(public, host):
    """Ports of the foreign website, the mailbox's page and its SMTP (for Odoo only)."""
    wishes = {
        "site": (8090, "the foreign website", host),
        "mailbox": (8025, "the mailbox", host),
        "smtp": (8026, "mail", "127.0.0.1"),
    }
    # the two after it are Odoo's own where it has workers
    chosen, taken = {}, {public, public + 1, public + 2}
    for what, (wanted, title, address) in wishes.items():
        chosen[what] = ports.choose(wanted, title, host=address, taken=taken)
        taken.add(chosen[what])
    return chosen


def _prepare(name, demo_password):
    known = configuration.secrets()["demo_password"]
    password = demo_password or known
    if not database.exists(name):
        database.create(name, password)
    else:
        database.update_if_changed(name)
        if demo_password and demo_password != known:
            database.set_demo_password(name, password)
    if demo_password and demo_password != known:
        configuration.remember_demo_password(demo_password)
    return password


def _introduce(server, site, mailbox, name, password):
    say("")
    say(f"火烈云客服 Huolie Cloud    {server.url}/huolie/login")
    say(f"  企业注册 sign up        {server.url}/huolie/register")
    say(f"  外部网站 foreign site   {site.url}")
    say(f"  邮箱 mailbox            {mailbox.url}")
    say(f"  日志 log                {server.log}")
    say(f"登录 logins, 密码 password: {password}")
    for login, person in database.demo_logins(name):
        say(f"  {login:28} {person}")
    say("Ctrl-C 停止 stops all of it.")


def _wait(server):
    since = time.monotonic()
    try:
        while server.process.poll() is None:
            time.sleep(0.3)
        raise Halt(f"Odoo ended by itself: read {server.log}.")
    except KeyboardInterrupt:
        say(f"\nstopping after {elapsed(since)} ...")
