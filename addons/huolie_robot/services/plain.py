"""Turn a rich answer into the text that visitors get. Pure function."""

import re

from lxml import html

_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "blockquote"}


def to_text(rich):
    """Return the text of an HTML fragment; links keep their address.

    :param str rich: HTML, or False
    :rtype: str
    """
    if not rich or not str(rich).strip():
        return ""
    out = []
    for node in html.fragments_fromstring(str(rich)):
        if isinstance(node, str):
            out.append(node)
        else:
            _walk(node, out)
    text = "".join(out).replace("\xa0", " ")
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _walk(node, out):
    if not isinstance(node.tag, str):
        return
    if node.tag == "br":
        out.append("\n")
    if node.tag == "li":
        out.append("· ")
    out.append(node.text or "")
    for child in node:
        _walk(child, out)
        out.append(child.tail or "")
    _close(node, out)


def _close(node, out):
    if node.tag == "a":
        address = node.get("href") or ""
        if address.startswith(("http://", "https://")) and address != node.text:
            out.append(f" {address} ")
    if node.tag == "li" or (node.tag in _BLOCKS and out and not out[-1].endswith("\n")):
        out.append("\n")
