from unittest.mock import patch

from odoo.tests import tagged

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestReports(ClinicCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The words are tested here; compiling the style sheets takes half a minute.
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["ir.qweb"], "_get_asset_nodes", return_value=[]
            )
        )

    def _html(self, report, record, role="reception"):
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self._user(role))
            ._render_qweb_html(report, record.ids)
        )
        return html.decode()

    def test_card_has_the_number_and_its_barcode(self):
        html = self._html("clinic_base.report_patient_card", self.patient)
        self.assertIn(self.patient.patient_number, html)
        self.assertIn("17.05.1985", html)
        self.assertIn("data:image/png;base64", html)

    def test_cards_of_several_patients(self):
        other = self._create_patient(name="Second Patient")
        html = self._html("clinic_base.report_patient_card", self.patient | other)
        self.assertIn("Second Patient", html)

    def test_consent_has_text_and_giver(self):
        consent = self.env["clinic.consent"]._give(self.patient, "treatment")
        html = self._html("clinic_base.report_consent", consent)
        self.assertIn(self.patient.name, html)
        self.assertIn(self.patient.patient_number, html)
        self.assertIn("informed", html.lower())

    def test_barcode_picture_of_the_page(self):
        self.assertIn(self.patient.patient_number, self.patient.patient_barcode_url)
