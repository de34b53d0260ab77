"""Checks of licence files by their content, and cleaning of pictures (SECURITY F)."""

import io
import re

from PIL import Image, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
# What a PDF may do besides being looked at.
_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|OpenAction|AA|XFA)\b"
)


class LicenceError(ValueError):
    """Says what is wrong: ``empty big kind broken cut active``."""


def kind(data):
    """Tell the kind of file by its first bytes: ``png jpeg pdf`` or None."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "pdf" if data.startswith(b"%PDF-") else None


def clean(data):
    """Check a licence file and return it without anything hidden in it.

    :param bytes data: the file as uploaded
    :return: ``(mime type, bytes to store)``
    :raise LicenceError: when it cannot be taken
    """
    if not data:
        raise LicenceError("empty")
    if len(data) > MOST_BYTES:
        raise LicenceError("big")
    found = kind(data)
    if not found:
        raise LicenceError("kind")
    if found == "pdf":
        return "application/pdf", _clean_pdf(data)
    return f"image/{found}", _clean_picture(data, found.upper())


def _clean_picture(data, form):
    """Draw the picture anew: no EXIF (place, camera), no script behind the pixels."""
    # Odoo tells Pillow, for the whole process, to fill what is missing with grey.
    if not (_has_png_end if form == "PNG" else _has_jpeg_end)(data):
        raise LicenceError("cut")
    try:
        picture = Image.open(io.BytesIO(data), formats=[form])
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise LicenceError("broken")
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        mode = "RGB" if form == "JPEG" or picture.mode not in ("L", "RGBA") else None
        picture = picture.convert(mode) if mode else picture
        fresh = Image.new(picture.mode, picture.size)
        fresh.paste(picture)
        out = io.BytesIO()
        fresh.save(out, form, quality=90, optimize=False)
    except LicenceError:
        raise
    except Exception as error:  # Pillow raises anything on broken files
        raise LicenceError("broken") from error
    return out.getvalue()


def _has_png_end(data):
    """Say whether all chunks of a PNG are there up to its end."""
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at += size + 12
    return False


def _has_jpeg_end(data):
    """Say whether a JPEG has its end; those of pictures within it do not count."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xDA:  # from here on, an end mark is the end
            return b"\xff\xd9" in data[at:]
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _clean_pdf(data):
    if b"%%EOF" not in data[-2048:]:
        raise LicenceError("broken")
    if _ACTIVE.search(data):
        raise LicenceError("active")
    return data
