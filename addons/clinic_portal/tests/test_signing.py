import base64
import io

from PIL import Image, ImageDraw

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PortalCommon


def picture(draw=True, size=(300, 120), kind="PNG"):
    """Return a drawing as the browser sends it."""
    image = Image.new("RGBA", size)
    if draw:
        ImageDraw.Draw(image).line([(10, 90), (90, 20), (200, 100)], "black", 3)
    stream = io.BytesIO()
    image.convert("RGBA" if kind == "PNG" else "RGB").save(stream, kind)
    return data_address(stream.getvalue())


def data_address(raw):
    return "data:image/png;base64," + base64.b64encode(raw).decode()


@tagged("post_install", "-at_install")
class TestSigning(PortalCommon):
    """Consents read and signed in the cabinet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates = {
            way: cls.env["clinic.document.template"].create(
                {
                    "name": f"Consent by {way}",
                    "kind": "consent",
                    "body": "<p>I agree to the treatment</p>",
                    "web_signing": way,
                }
            )
            for way in ("no", "tick", "signature")
        }

    def setUp(self):
        super().setUp()
        self._sign_in()

    def _draft(self, way="tick", patient=None, offer=True):
        document = self.env["clinic.document"].create(
            {
                "patient_id": (patient or self.patient).id,
                "template_id": self.templates[way].id,
            }
        )
        if offer:
            document.action_offer_on_web()
        return document

    def _tick(self, document, **values):
        values = {"agree": "1", "seen": document._web_digest(), **values}
        return self._post(f"/my/clinic/document/{document.id}/agree", values)

    def _sign(self, document, signature=None):
        return self._tick(document, signature=signature or picture())

    def test_consent_is_signed_with_a_tick(self):
        document = self._draft()
        tree = self._page(self._get("/my/clinic/documents"))
        self.assertTrue(self._found(tree, "o_clinic_to_sign"))
        tree = self._page(self._get(f"/my/clinic/document/{document.id}/sign"))
        self.assertIn("I agree to the treatment", tree.text_content())
        self._page(self._tick(document))
        self.assertRecordValues(
            document, [{"state": "issued", "signed_by_id": self.patient.id}]
        )
        self.assertTrue(document.web_signed_at)
        self.assertTrue(document.pdf)
        self.assertEqual(
            self._get(f"/my/clinic/document/{document.id}").status_code, 200
        )
        self.assertEqual(self._tick(document).status_code, 404)

    def test_the_day_of_a_document_is_the_clinics(self):
        document = self._draft()
        self._page(self._tick(document))
        self.env.flush_all()
        # half past three in the morning at the clinic
        self.env.cr.execute(
            "UPDATE clinic_document SET issued_at = '2026-03-10 22:30' WHERE id = %s",
            (document.id,),
        )
        self.env.invalidate_all()
        page = self._page(self._get("/my/clinic/documents")).text_content()
        self.assertIn("11.03.2026", page)
        self.assertNotIn("10.03.2026", page)

    def test_consent_is_signed_with_a_drawing(self):
        document = self._draft("signature")
        tree = self._page(self._get(f"/my/clinic/document/{document.id}/sign"))
        self.assertTrue(self._found(tree, "o_clinic_sign_pad"))
        self._page(self._sign(document))
        self.assertEqual(document.state, "issued")
        self.assertEqual(base64.b64decode(document.signature)[1:4], b"PNG")

    def test_what_is_no_drawing_signs_nothing(self):
        document = self._draft("signature")
        wrong = {
            "nothing": "",
            "no drawing": "Test Patient",
            "no address": "data:image/png;base64,%%%",
            "a script": data_address(b"<svg onload='x()'/>"),
            "cut off": picture()[:300],
            "another format": picture(kind="JPEG"),
            "empty": picture(draw=False),
            "too wide": picture(size=(5000, 20)),
            "too much": data_address(b"\x89PNG\r\n\x1a\n" + b"0" * 400_000),
        }
        for name, signature in wrong.items():
            with self.subTest(name):
                tree = self._page(self._tick(document, signature=signature))
                self.assertTrue(self._found(tree, "alert-warning"))
        # neither a drawing without the tick
        tree = self._page(self._tick(document, agree="", signature=picture()))
        self.assertTrue(self._found(tree, "alert-warning"))
        self.assertEqual(document.state, "draft")
        self.assertFalse(document.signature)

    def test_without_the_tick_nothing_is_signed(self):
        document = self._draft()
        tree = self._page(self._tick(document, agree=""))
        self.assertTrue(self._found(tree, "alert-warning"))
        self.assertEqual(document.state, "draft")

    def test_another_text_than_the_one_read_is_not_signed(self):
        document = self._draft()
        seen = document._web_digest()
        document.body = "<p>I agree to something else</p>"
        tree = self._page(self._tick(document, seen=seen))
        self.assertTrue(self._found(tree, "alert-warning"))
        self.assertIn("something else", tree.text_content())
        self.assertEqual(document.state, "draft")

    def test_guardian_signs_for_the_ward_and_an_ex_guardian_does_not(self):
        first, second = self._draft(patient=self.ward), self._draft(patient=self.ward)
        self._tick(first)
        self.assertEqual(first.signed_by_id, self.patient)
        self.ward.guardian_ids = False
        self.assertEqual(self._tick(second).status_code, 404)
        self.assertEqual(second.state, "draft")

    def test_what_was_not_sent_to_the_cabinet_does_not_exist(self):
        stranger = self._draft(patient=self.stranger)
        hidden = self._draft(offer=False)
        for document in (stranger, hidden):
            path = f"/my/clinic/document/{document.id}"
            self.assertEqual(self._get(f"{path}/sign").status_code, 404)
            self.assertEqual(self._tick(document).status_code, 404)
            self.assertEqual(self._sign(document).status_code, 404)
            self.assertEqual(self._get(path).status_code, 404)
        self.assertEqual((stranger | hidden).mapped("state"), ["draft", "draft"])

    def test_some_are_signed_at_the_clinic_only(self):
        with self.assertRaises(UserError):
            self._draft("no")
        nobody = self._create_patient(
            name="Without Cabinet",
            phone="+7 912 200-00-77",
            birthdate_date="1960-01-01",
        )
        with self.assertRaises(UserError):
            self._draft(patient=nobody)
