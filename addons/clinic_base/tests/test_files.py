from odoo.tests import BaseCase, tagged

from ..tools import files


@tagged("post_install", "-at_install")
class TestFiles(BaseCase):
    def test_what_is_kept_and_what_is_not(self):
        for name, content, expected in (
            ("knee.png", b"\x89PNG\r\n\x1a\n", None),
            ("scan.pdf", b"%PDF-1.4 <html> in a drawing", None),
            ("study.dcm", b"\0" * 128 + b"DICM", None),
            ("result.xml", b"<?xml version='1.0'?><ClinicalDocument/>", None),
            ("notes.txt", b"pressure < 120", None),
            ("", b"", None),
            ("scan.pdf", b"MZ\x90\x00", "program"),
            ("photo", b"\x7fELF\x02", "program"),
            ("run.BAT", b"echo", "program"),
            ("page.html", b"words", "page"),
            ("photo.png", b"<svg onload='x()'/>", "page"),
            ("result.txt", b"\xef\xbb\xbf \n<!DOCTYPE html><script>", "page"),
            ("result.xml", "<html><script>".encode("utf-16"), "page"),
            ("result.xml", b"<?xml version='1.0'?><svg onload='x()'/>", "page"),
        ):
            with self.subTest(name=name, content=content):
                self.assertEqual(files.refusal(name, content), expected)

    def test_size(self):
        self.assertIsNone(files.refusal("a.pdf", b"%" * files.LARGEST))
        self.assertEqual(files.refusal("a.pdf", b"%" * (files.LARGEST + 1)), "large")
