from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestRecordLooks(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records = cls.env["clinic.medical.record"]._of_patients_sudo(
            cls.patient | cls.ward | cls.stranger
        )
        cls.mine, cls.wards, cls.foreign = (
            records.filtered(lambda r, p=person: r.patient_id == p)
            for person in (cls.patient, cls.ward, cls.stranger)
        )
        cls.reader = cls._user("chief_physician")
        for record, words in ((cls.mine, "Latex"), (cls.foreign, "Novocaine")):
            record.allergy_note = words
        cls.foreign_reader = cls.reader.copy({"login": "portal_x", "name": "Foreign"})

    def test_own_and_wards_and_nobody_elses(self):
        self.mine.with_user(self.reader).read(["allergy_note"])
        self.foreign.with_user(self.foreign_reader).read(["allergy_note"])
        self._sign_in()
        tree = self._page(self._get("/my/clinic/record-looks"))
        text = tree.text_content()
        self.assertIn(self.reader.name, text)
        self.assertIn(self.ward.name, text)
        for words in ("Latex", "Novocaine", "Foreign", self.stranger.name):
            self.assertNotIn(words, text)

    def test_when_is_told_by_the_clock_of_the_clinic(self):
        self.user.tz = "America/New_York"
        self.mine.with_user(self.reader).read(["allergy_note"])
        self._sign_in()
        look = self.env["clinic.record.access"].search([], order="id desc", limit=1)
        text = self._page(self._get("/my/clinic/record-looks")).text_content()
        wall = self.website._clinic_branches()[:1]._localize(look.date)
        self.assertIn(f"{wall:%d.%m.%Y %H:%M}", text)

    def test_needs_signing_in(self):
        self._sign_out()
        response = self._get("/my/clinic/record-looks")
        self.assertIn("/web/login", response.url)
