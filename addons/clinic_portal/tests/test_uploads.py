from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..tools import uploads
from .common import PortalCommon

PDF = b"%PDF-1.4\n%%EOF"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 40


@tagged("post_install", "-at_install")
class TestUploadRules(BaseCase):
    """Which files are taken, by their content and size."""

    def _refusal(self, *files):
        with self.assertRaises(uploads.RefusedError) as refused:
            uploads.check(files)
        return refused.exception.code

    def test_content_decides_not_the_name(self):
        [kept] = uploads.check([("analysis.exe", PDF)])
        self.assertEqual(
            (kept.name, kept.mimetype), ("analysis.pdf", "application/pdf")
        )
        for name, content in (
            ("photo.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
            ("paper.pdf", b"<html><script>x()</script></html>"),
            ("paper.pdf", b"MZ\x90\x00"),
            ("photo.png", b"GIF89a"),
            ("photo.jpg", b" \xff\xd8\xff"),
        ):
            with self.subTest(name=name, content=content):
                self.assertEqual(self._refusal((name, content)), "kind")

    def test_size_and_number(self):
        self.assertEqual(self._refusal(("a.pdf", b"")), "empty")
        largest = PDF + b"0" * (uploads.LARGEST - len(PDF))
        self.assertTrue(uploads.check([("a.pdf", largest)]))
        self.assertEqual(self._refusal(("a.pdf", largest + b"0")), "large")
        self.assertEqual(len(uploads.check([("a.pdf", PDF)] * uploads.MOST)), 5)
        self.assertEqual(self._refusal(*[("a.pdf", PDF)] * 6), "many")

    def test_names_are_plain(self):
        for name, expected in (
            ("Анализ крови.PDF", "Анализ крови.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\temp\\рентген.jpeg", "рентген.pdf"),
            ('x"\r\nSet-Cookie: a=b.pdf', "x Set-Cookie a b.pdf"),
            ("<b>.pdf", "b.pdf"),
            (".pdf", "pdf.pdf"),
            ("", "file.pdf"),
            ("я" * 300 + ".pdf", "я" * 80 + ".pdf"),
        ):
            with self.subTest(name=name):
                self.assertEqual(uploads.clean_name(name, ".pdf"), expected)


@tagged("post_install", "-at_install")
class TestUploads(PortalCommon):
    """Files that patients send with their questions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reception = cls._user("reception")
        cls.chief = cls._user("chief_physician")

    def setUp(self):
        super().setUp()
        self._sign_in()

    def _send(self, path, files, **values):
        data = {"csrf_token": http.Request.csrf_token(self), **values}
        parts = [("files", (name, content)) for name, content in files]
        return self._page(self.url_open(path, data=data, files=parts))

    def _ask(self, *files, kind="desk"):
        tree = self._send(
            "/my/clinic/questions/new",
            files,
            kind=kind,
            body="Is this the right paper?",
            patient=self.patient.id,
        )
        question = self.env["clinic.question"].search([], order="id desc", limit=1)
        return question, tree

    def _file_path(self, question, file=None):
        file = file or question._files()
        return f"/my/clinic/question/{question.id}/file/{file.id}"

    def test_what_was_sent_comes_back_as_a_file(self):
        question, tree = self._ask(("Справка 1.pdf", PDF), ("фото.jpg", JPEG))
        links = self._found(tree, "o_clinic_files")[0].xpath(".//a/@href")
        self.assertEqual(len(links), 2)
        first = question._files()[0]
        self.assertTrue(links[0].endswith(self._file_path(question, first)))
        response = self._get(links[0])
        self.assertEqual(response.content, PDF)
        headers = response.headers
        self.assertTrue(headers["Content-Disposition"].startswith("attachment"))
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        # more with a further message
        tree = self._send(
            f"/my/clinic/question/{question.id}", [("next.pdf", PDF)], body="And this"
        )
        self.assertEqual(len(self._found(tree, "o_clinic_files")), 2)

    def test_refusal_is_a_sentence_and_keeps_the_words(self):
        before = self.env["clinic.question"].search_count([])
        for files in (
            [("x.svg", b"<svg/>")],
            [("big.pdf", PDF + b"0" * uploads.LARGEST)],
            [("none.pdf", b"")],
            [("a.pdf", PDF)] * 6,
        ):
            with self.subTest(files[0][0]):
                _question, tree = self._ask(*files)
                self.assertTrue(self._found(tree, "invalid-feedback"))
                self.assertIn("Is this the right paper?", tree.text_content())
        self.assertEqual(self.env["clinic.question"].search_count([]), before)
        question, _tree = self._ask()
        tree = self._send(
            f"/my/clinic/question/{question.id}", [("x.svg", b"<svg/>")], body="Words"
        )
        self.assertTrue(self._found(tree, "invalid-feedback"))
        self.assertEqual(len(question._thread()), 1)
        self.assertFalse(question._files())

    def test_files_are_of_who_reads_the_question(self):
        question, _tree = self._ask(("paper.pdf", PDF))
        medical, _tree = self._ask(("knee.jpg", JPEG), kind="medical")
        for user, seen, closed in (
            (self.reception, question, medical),
            (self.chief, medical, question),
        ):
            file, hidden = seen._files(), closed._files()
            self.env.invalidate_all()
            self.assertEqual(seen.with_user(user).file_ids, file)
            self.assertTrue(file.with_user(user).read(["raw"]))
            self.env.invalidate_all()
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                hidden.with_user(user).read(["raw"])
            self.assertFalse(
                self.env["ir.attachment"]
                .with_user(user)
                .search([("id", "=", hidden.id)])
            )
        looks = self.env["clinic.record.access"].search(
            [("user_id", "=", self.chief.id), ("record_id", "=", medical.record_id.id)]
        )
        self.assertTrue(looks)

    @mute_logger("odoo.http")
    def test_files_of_others_do_not_exist(self):
        question, _tree = self._ask(("paper.pdf", PDF))
        other, _tree = self._ask(("other.pdf", PDF))
        # a file is found under its own question only
        crossed = self._file_path(question, other._files())
        self.assertEqual(self._get(crossed).status_code, 404)
        self._sign_in(self.stranger_user)
        self.assertEqual(self._get(self._file_path(question)).status_code, 404)
        for path in ("/web/content/%s", "/web/image/%s"):
            response = self._get(path % question._files().id)
            self.assertNotIn(b"PDF-1.4", response.content)
