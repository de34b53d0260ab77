"""A mailbox for demonstration and tests: takes all mail, shows it on a page.

An SMTP server that delivers nothing, and a page that lists what came in, so that
confirmation links and notices can be seen and clicked without a mail server.
"""

import asyncio
import email
import email.policy
import html
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SIZE_LIMIT = 20 * 1024 * 1024
LOCAL = "127.0.0.1"  # only our Odoo hands mails in; the page may be for others


class Mailbox:
    """SMTP on `smtp_port`, the page on `http_port`, mails as files in `folder`."""

    def __init__(self, folder, smtp_port, http_port, host=LOCAL):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.host, self.smtp_port, self.http_port = host, smtp_port, http_port
        self.lock = threading.Lock()
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()

    @property
    def url(self):
        return f"http://localhost:{self.http_port}/"

    def start(self):
        threading.Thread(target=self._serve_smtp, daemon=True).start()
        self.ready.wait(10)
        handler = type("Handler", (_Page,), {"mailbox": self})
        self.page = ThreadingHTTPServer((self.host, self.http_port), handler)
        threading.Thread(target=self.page.serve_forever, daemon=True).start()

    def stop(self):
        self.page.shutdown()
        self.page.server_close()
        self.loop.call_soon_threadsafe(self.loop.stop)

    # === MAILS === #

    def keep(self, recipients, content):
        with self.lock:
            number = len(list(self.folder.glob("*.eml"))) + 1
            head = f"X-Envelope-To: {', '.join(recipients)}\r\n".encode()
            (self.folder / f"{number:06d}.eml").write_bytes(head + content)

    def mails(self, to=None):
        """Mails, newest first, as `{number, to, subject, date, text, html, links}`."""
        files = sorted(self.folder.glob("*.eml"), reverse=True)
        found = [self.mail(int(file.stem)) for file in files]
        return [mail for mail in found if not to or to.lower() in mail["to"].lower()]

    def mail(self, number):
        content = (self.folder / f"{number:06d}.eml").read_bytes()
        message = email.message_from_bytes(content, policy=email.policy.default)
        bodies = {
            kind: part.get_content() if part else ""
            for kind, part in (
                (kind, message.get_body((kind,))) for kind in ("plain", "html")
            )
        }
        links = re.findall(r"""href=["']([^"']+)""", bodies["html"])
        links += re.findall(r"https?://[^\s<>\"']+", bodies["plain"])
        return {
            "number": number,
            "to": message["X-Envelope-To"],
            "subject": message["Subject"] or "",
            "date": message["Date"] or "",
            "text": bodies["plain"],
            "html": bodies["html"],
            "links": list(dict.fromkeys(html.unescape(link) for link in links)),
        }

    def wait_for(self, to, subject="", timeout=20):
        """The newest mail to `to` whose subject holds `subject`; waits for it."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for mail in self.mails(to):
                if subject in mail["subject"]:
                    return mail
            time.sleep(0.2)
        seen = [(mail["to"], mail["subject"]) for mail in self.mails()]
        raise AssertionError(f"no mail to {to} about {subject!r}; there are {seen}")

    # === SMTP === #

    def _serve_smtp(self):
        asyncio.set_event_loop(self.loop)
        serve = asyncio.start_server(
            self._smtp, LOCAL, self.smtp_port, limit=SIZE_LIMIT
        )
        self.loop.run_until_complete(serve)
        self.ready.set()
        self.loop.run_forever()

    async def _smtp(self, reader, writer):
        def answer(text):
            writer.write(f"{text}\r\n".encode())

        recipients = []
        answer("220 mailbox")
        while line := await reader.readline():
            command = line.decode("utf-8", "replace").strip()
            verb = command[:4].upper()
            if verb == "EHLO":
                answer("250-mailbox")
                answer("250-8BITMIME")
                answer("250 SMTPUTF8")
            elif verb == "RCPT":
                recipients.append(command.split(":", 1)[-1].split()[0].strip("<>"))
                answer("250 OK")
            elif verb == "DATA":
                answer("354 end with .")
                self.keep(recipients, await _smtp_data(reader))
                recipients = []
                answer("250 OK")
            elif verb == "QUIT":
                answer("221 bye")
                break
            else:
                answer("250 OK")
            await writer.drain()
        writer.close()


async def _smtp_data(reader):
    content = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
    return re.sub(rb"(^|\r\n)\.\.", rb"\1.", content)


PAGE = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 15px/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
padding: 0 1rem; color: #222 }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd }}
iframe {{ width: 100%; height: 32rem; border: 1px solid #ddd }}
pre {{ white-space: pre-wrap; background: #f6f6f6; padding: 1rem }}
</style><h1>{title}</h1>{body}</html>"""


class _Page(BaseHTTPRequestHandler):
    mailbox = None

    def do_GET(self):
        address = urlsplit(self.path)
        if address.path == "/mails.json":
            to = parse_qs(address.query).get("to", [None])[0]
            mails = self.mailbox.mails(to)
            self._send(json.dumps(mails, ensure_ascii=False), "application/json")
        elif address.path.strip("/").isdigit():
            self._send_mail(int(address.path.strip("/")))
        else:
            self._send(PAGE.format(title="邮箱 Mailbox", body=self._list()))

    def _list(self):
        rows = [
            f'<tr><td><a href="/{mail["number"]}">{html.escape(mail["subject"])}</a>'
            f"<td>{html.escape(mail['to'])}<td>{html.escape(mail['date'])}"
            for mail in self.mailbox.mails()
        ]
        if not rows:
            return "<p>还没有邮件。Odoo 发出的邮件都会出现在这里。 No mail yet.</p>"
        return (
            "<table><tr><th>主题 Subject<th>收件人 To<th>时间 Date"
            + "".join(rows)
            + "</table>"
        )

    def _send_mail(self, number):
        try:
            mail = self.mailbox.mail(number)
        except FileNotFoundError:
            self.send_error(404)
            return
        links = "".join(
            f'<li><a target="_blank" rel="noopener" href="{html.escape(link)}">'
            f"{html.escape(link)}</a>"
            for link in mail["links"]
            if link.startswith(("http://", "https://"))
        )
        shown = html.escape('<base target="_blank">' + mail["html"])
        body = (
            f"<p><a href='/'>← 全部 All</a></p><p>{html.escape(mail['to'])}</p>"
            f"<ul>{links}</ul>"
            # no scripts and no forms of a mail on our page
            f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" '
            f'srcdoc="{shown}"></iframe><pre>{html.escape(mail["text"])}</pre>'
        )
        self._send(PAGE.format(title=html.escape(mail["subject"]), body=body))

    def _send(self, text, kind="text/html"):
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Nothing on the terminal: it belongs to ./huolie run."""
