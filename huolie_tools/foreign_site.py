"""A small website of somebody else: another origin, where the snippet is pasted.

The snippet is kept in a file of the data folder; `/edit` is the form to paste it.
"""

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGES = {
    "/": ("春风茶叶", "新茶上市，全国包邮。", "明前龙井、信阳毛尖，产地直发。"),
    "/products": ("产品", "龙井 298 元 / 250 克", "附检测报告，七天无理由退货。"),
    "/contact": ("联系我们", "浙江省杭州市西湖区", "有问题请点右下角的在线客服。"),
}

PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - 春风茶叶</title>
<style>
body {{ font: 16px/1.7 system-ui, sans-serif; margin: 0; color: #233; }}
header {{ background: #2f6b4f; color: #fff; padding: 1rem 2rem; }}
header a {{ color: #fff; margin-right: 1.5rem; }}
main {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }}
textarea {{ width: 100%; height: 10rem; font-family: monospace; }}
</style>
</head>
<body>
<header><a href="/">首页</a><a href="/products">产品</a><a href="/contact">联系我们</a>
<a href="/edit">粘贴客服代码</a></header>
<main><h1>{title}</h1>{body}</main>
{snippet}
</body>
</html>
"""


class ForeignSite:
    """The website on `port`; `snippet_file` holds what the form was given."""

    def __init__(self, snippet_file, port, host="127.0.0.1"):
        self.snippet_file, self.port, self.host = snippet_file, port, host
        snippet_file.parent.mkdir(parents=True, exist_ok=True)

    @property
    def url(self):
        return f"http://localhost:{self.port}/"

    @property
    def snippet(self):
        return self.snippet_file.read_text() if self.snippet_file.exists() else ""

    def set_snippet(self, snippet):
        self.snippet_file.write_text(snippet)

    def start(self):
        handler = type("Handler", (_Site,), {"site": self})
        self.server = ThreadingHTTPServer((self.host, self.port), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class _Site(BaseHTTPRequestHandler):
    site = None

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/edit":
            self._send("粘贴客服代码", self._form())
        elif path in PAGES:
            title, lead, text = PAGES[path]
            body = f"<p><strong>{lead}</strong></p><p>{text}</p>"
            self._send(title, body, self.site.snippet)
        else:
            self.send_error(404)

    def do_POST(self):
        length = min(int(self.headers.get("Content-Length") or 0), 100_000)
        fields = parse_qs(self.rfile.read(length).decode())
        self.site.set_snippet(fields.get("snippet", [""])[0])
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _form(self):
        return (
            "<p>把后台「风格管理」里复制的代码粘贴到这里，它会出现在本站每一页。</p>"
            '<form method="post"><textarea name="snippet" aria-label="snippet">'
            f"{html.escape(self.site.snippet)}</textarea>"
            '<p><button type="submit">保存</button></p></form>'
        )

    def _send(self, title, body, snippet=""):
        content = PAGE.format(title=title, body=body, snippet=snippet).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Nothing on the terminal: it belongs to ./huolie run."""
