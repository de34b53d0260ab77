"""A foreign website and the protocol peer, for trying the widget alone in Chromium."""

import http.server
import json
import pathlib
import subprocess
import threading
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = """<!doctype html><html lang="%(lang)s"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title><link rel="stylesheet" href="/site.css"></head>
<body class="%(theme)s"><h1>Foreign shop</h1><p>Some text of the shop.</p>
<button id="buy">Buy</button><script src="/site.js"></script>
<script async src="%(src)s"></script></body></html>"""
CSS = """body{font-family:serif;margin:40px;min-height:1400px}
body.dark{background:#111;color:#ddd}
/* what real sites do to widgets */
div:empty{display:none !important} button{border-radius:0;text-transform:uppercase}
*{letter-spacing:1px}"""
JS = """window.shifts = 0; window.errors = []; window.policy = [];
window.addEventListener("error", function (e) { errors.push(String(e.message)); });
document.addEventListener("securitypolicyviolation", function (e) {
    policy.push(e.violatedDirective + " " + e.blockedURI); });
new PerformanceObserver(function (list) { list.getEntries().forEach(function (e) {
    shifts += e.value; }); }).observe({type: "layout-shift", buffered: true});
window.before = Object.keys(window);"""


class Site:
    """One page on an origin of its own, under a policy that trusts only `origin`."""

    def __init__(self, origin, src, lang="zh-CN", theme=""):
        self.origin, self.src, self.lang, self.theme = origin, src, lang, theme
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.answer(self)

            def log_message(self, *args):
                """Tests are quiet."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://localhost:{self.server.server_address[1]}/"

    def answer(self, request):
        bodies = {
            "/site.css": ("text/css", CSS),
            "/site.js": ("text/javascript", JS),
            "/empty.js": ("text/javascript", ""),
        }
        kind, body = bodies.get(request.path, ("text/html", None))
        if body is None:
            body = PAGE % {"lang": self.lang, "theme": self.theme, "src": self.src}
        request.send_response(200)
        request.send_header("Content-Type", f"{kind}; charset=utf-8")
        request.send_header("Content-Security-Policy", self.policy())
        request.end_headers()
        request.wfile.write(body.encode())

    def policy(self):
        o = self.origin
        return (
            f"default-src 'none'; script-src 'self' {o}; style-src 'self'; "
            f"connect-src {o}; img-src {o}; base-uri 'none'; "
            "require-trusted-types-for 'script'; trusted-types huolie"
        )

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Peer:
    """The Node peer of tests/js as a process; `peer.agentSays(1, "hi")` acts there."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["node", str(ROOT / "tests/js/peer.mjs"), "0"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()

    def __getattr__(self, name):
        def pull(*args):
            request = urllib.request.Request(
                f"{self.url}/test/{name}", json.dumps(args).encode(), method="POST"
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)["out"]

        return pull

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
