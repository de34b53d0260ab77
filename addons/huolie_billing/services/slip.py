"""What a bank slip or an issued fapiao may be: a picture or a PDF, by its content."""

import base64
import binascii

MAX_BYTES = 10 * 1024 * 1024
_HEADS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"%PDF-": "pdf",
}


def fault(content, allow=("png", "jpg", "pdf")):
    """Say what is wrong with an uploaded file.

    :param str|bytes content: base64
    :return: None, ``size`` or ``type``
    """
    if len(content or b"") > MAX_BYTES * 4 // 3 + 4:
        return "size"
    try:
        head = base64.b64decode(content or b"", validate=False)[:16]
    except binascii.Error:
        return "type"
    kind = next((kind for mark, kind in _HEADS.items() if head.startswith(mark)), "")
    if kind == "" and head.startswith(b"PK\x03\x04"):
        kind = "zip"
    if kind == "" and head.lstrip().startswith(b"<?xml"):
        kind = "xml"
    return None if kind in allow else "type"
