"""What visitors and agents may send as a file (SECURITY.md F): known kinds only."""

import io
import re
import unicodedata

from PIL import Image, WebPImagePlugin  # noqa: F401  (Odoo loads few of them)

from .errors import Refused
from .fastpath import UPLOAD_SIZE as MAX_SIZE

MAX_PIXELS = 40_000_000
PICTURES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
# extension: (type, beginnings of the content; none: plain text)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = (b"\xd0\xcf\x11\xe0",)
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "zip": ("application/zip", ZIP),
    "docx": (f"{OFFICE}wordprocessingml.document", ZIP),
    "xlsx": (f"{OFFICE}spreadsheetml.sheet", ZIP),
    "pptx": (f"{OFFICE}presentationml.presentation", ZIP),
    "doc": ("application/msword", OLE),
    "xls": ("application/vnd.ms-excel", OLE),
    "ppt": ("application/vnd.ms-powerpoint", OLE),
    "rar": ("application/vnd.rar", (b"Rar!",)),
    "7z": ("application/x-7z-compressed", (b"7z\xbc\xaf",)),
    "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "mp4": ("video/mp4", None),
    "txt": ("text/plain", ()),
    "csv": ("text/csv", ()),
}


def clean_name(name):
    """Return a file name that is harmless on every screen and disk."""
    name = re.split(r"[\\/]", name or "")[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:100]}{dot}{extension[:10]}" if dot else name[:100] or "file"


def look_at(name, data):
    """Return what a file is, from its content.

    :param bytes data: whole content
    :return: ``{"kind": "image"|"file", "name", "mime", "size", "w", "h"}``
    :raise Refused: ``size`` 413, ``empty`` 422, ``file`` 422 (kind not allowed)
    """
    if not data:
        raise Refused("empty", 422)
    if len(data) > MAX_SIZE:
        raise Refused("size", 413, max=MAX_SIZE)
    name = clean_name(name)
    picture = _picture(data)
    found = {"name": name, "size": len(data), "w": 0, "h": 0}
    if picture:
        return {**found, **picture, "kind": "image"}
    extension = name.rpartition(".")[2].lower()
    mime, marks = DOCUMENTS.get(extension, (None, None))
    if not mime or not _fits(extension, data, marks):
        raise Refused("file", 422)
    return {**found, "kind": "file", "mime": mime}


def _picture(data):
    """Return type and size of a picture from its head; pixels are not decoded."""
    try:
        with Image.open(io.BytesIO(data), formats=list(PICTURES)) as image:
            mime, (width, height) = PICTURES[image.format], image.size
    except Exception:
        return None
    if width * height > MAX_PIXELS:
        raise Refused("file", 422)
    return {"mime": mime, "w": width, "h": height}


def _fits(extension, data, marks):
    if extension == "mp4":
        return data[4:8] == b"ftyp"
    if marks:
        return data.startswith(marks)
    return b"\0" not in data[:4096]
