"""Files for the forms: a licence that is a picture, and files that are not."""

import struct
import zlib


def png(width=640, height=420):
    """A valid PNG of a plain colour with a frame."""
    rows = []
    for y in range(height):
        edge = y < 6 or y >= height - 6
        row = bytearray()
        for x in range(width):
            dark = edge or x < 6 or x >= width - 6
            row += bytes((180, 40, 30) if dark else (250, 246, 232))
        rows.append(b"\0" + bytes(row))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"".join(rows))),
            (b"IEND", b""),
        )
    )


def _chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def write_all(folder):
    """Write the files; {name: path}."""
    files = {
        "good": ("营业执照.png", png()),
        "huge": ("营业执照.png", png(8, 8) + b"\0" * (30 * 1024 * 1024)),
        "exe": ("营业执照.jpg", b"MZ\x90\0" + b"\0" * 4096),
        "slip": ("回单.png", png(300, 200)),
    }
    written = {}
    for name, (file, content) in files.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        written[name] = folder / name / file
        written[name].write_bytes(content)
    return written
