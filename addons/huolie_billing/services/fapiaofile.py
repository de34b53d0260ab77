"""What a fapiao file says: its number, and whose it is. Pure; reading is best effort.

Files of the tax system carry the number in their name (``dzfp_<20 digits>_….pdf``); XML
and OFD hold all of it as text, PDF mostly.
"""

import io
import re
import zipfile

from .matching import plain_name

NUMBER = re.compile(r"(?<!\d)\d{20}(?!\d)")
MAX_PART = 2_000_000
MAX_PARTS = 30
MAX_PAGES = 3


def read_text(content):
    """Return the text inside a fapiao file, or "" when it cannot be read.

    :param bytes content: PDF, OFD (zip) or XML
    """
    try:
        if content.startswith(b"%PDF-"):
            return _read_pdf(content)
        if content.startswith(b"PK\x03\x04"):
            return _read_zip(content)
        if content.lstrip()[:5] == b"<?xml":
            return _strip_tags(content[:MAX_PART])
    except Exception:
        # A file that nobody can read is issued by what finance types.
        return ""
    return ""


def _read_pdf(content):
    from odoo.tools.pdf import PdfReader  # slow to load, and few need it

    pages = PdfReader(io.BytesIO(content)).pages
    return "\n".join(page.extract_text() or "" for page in pages[:MAX_PAGES])


def _read_zip(content):
    texts = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [i for i in archive.infolist() if i.filename.lower().endswith(".xml")]
        for part in parts[:MAX_PARTS]:
            if part.file_size <= MAX_PART:
                texts.append(_strip_tags(archive.read(part)))
    return "\n".join(texts)


def _strip_tags(raw):
    return re.sub(r"<[^>]*>", "\n", raw.decode("utf-8", "replace"))


def find_number(name, text):
    """Return the 20 digits of a fapiao: in the file's name, else the only ones inside.

    :return: the number, or "" when there is none or more than one
    """
    for source in (name, text):
        found = set(NUMBER.findall(source or ""))
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def names_somebody(name):
    """Whether a file's name holds what looks like the name of an enterprise."""
    return bool(re.search(r"[\u4e00-\u9fff]{4}", name or ""))


def score(name, text, wanted):
    """Count how well a file fits a request.

    :param dict wanted: ``title tax_number fen``
    :return: ``(points, set of what fits)``; without title or tax number no points
    """
    plain = plain_name(f"{name} {text}")
    fits = set()
    if wanted["title"] and plain_name(wanted["title"]) in plain:
        fits.add("title")
    if wanted["tax_number"] and wanted["tax_number"].upper() in plain:
        fits.add("tax_number")
    if not fits:
        return 0, fits
    if _has_amount(f"{name} {text}", wanted["fen"]):
        fits.add("amount")
    points = {"title": 50, "tax_number": 50, "amount": 20}
    return sum(points[what] for what in fits), fits


def _has_amount(text, fen):
    whole, rest = divmod(fen, 100)
    forms = {f"{whole}.{rest:02}", f"{whole:,}.{rest:02}"}
    return any(
        re.search(rf"(?<![\d.,]){re.escape(form)}(?!\d)", text) for form in forms
    )


def assign(files, requests):
    """Give each file to the request that it fits best; the best pairs go first.

    Two requests that a file fits equally well (same title, same amount) are the same to
    the tax system: the first one gets it.
    :param dict files: key → ``{"name", "text"}``
    :param dict requests: key → ``wanted`` as in ``score``, in order
    :return: dict file key → ``(request key, set of what fits)``
    """
    order = {key: index for index, key in enumerate(requests)}
    pairs = []
    for file_key, file in files.items():
        for key, wanted in requests.items():
            points, fits = score(file["name"], file["text"], wanted)
            if points:
                pairs.append((-points, order[key], file_key, key, fits))
    found, taken = {}, set()
    for _points, _order, file_key, key, fits in sorted(pairs, key=lambda x: x[:2]):
        if file_key not in found and key not in taken:
            found[file_key] = (key, fits)
            taken.add(key)
    return found
