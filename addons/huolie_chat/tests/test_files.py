import io

from PIL import Image

from odoo.tests import BaseCase, tagged

from ..services import files
from ..services.errors import Refused


def picture(kind="PNG", size=(4, 3)):
    """Return the bytes of a small picture."""
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, kind)
    return data.getvalue()


@tagged("post_install", "-at_install")
class TestFiles(BaseCase):
    def test_pictures_are_known_by_content(self):
        for kind, mime in files.PICTURES.items():
            found = files.look_at("x.bin", picture(kind))
            self.assertEqual((found["kind"], found["mime"]), ("image", mime))
            self.assertEqual((found["w"], found["h"]), (4, 3))

    def test_documents_need_the_right_beginning(self):
        self.assertEqual(files.look_at("a.pdf", b"%PDF-1.7")["mime"], "application/pdf")
        self.assertEqual(files.look_at("a.txt", b"hello")["kind"], "file")

    def test_others_are_refused(self):
        wrong = {
            "a.exe": b"MZ",
            "a.png": b"<svg onload='alert(1)'/>",
            "a.svg": b"<svg/>",
            "a.html": b"<script>",
            "a.pdf": b"MZ",
            "a.txt": b"MZ\0\0",
            "a.php": b"<?php",
            "noextension": b"text",
        }
        for name, data in wrong.items():
            with self.assertRaises(Refused, msg=name) as caught:
                files.look_at(name, data)
            self.assertEqual(caught.exception.code, "file")

    def test_empty_and_too_big(self):
        with self.assertRaises(Refused) as caught:
            files.look_at("a.txt", b"")
        self.assertEqual(caught.exception.status, 422)
        with self.assertRaises(Refused) as caught:
            files.look_at("a.txt", b"a" * (files.MAX_SIZE + 1))
        self.assertEqual(caught.exception.status, 413)

    def test_picture_with_too_many_pixels(self):
        head = picture("PNG")
        bomb = head[:16] + (30000).to_bytes(4, "big") * 2 + head[24:]
        with self.assertRaises(Refused):
            files.look_at("a.png", bomb)
