from odoo.tests import HttpCase, tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestDocumentTour(HttpCase, EmrCommon):
    def test_from_template_to_signed_pdf(self):
        self.patient.name = "Tour Patient"
        encounter = self._create_encounter()
        self.env["clinic.document.template"].create(
            {
                "name": "Tour consent",
                "kind": "consent",
                "body": "<p>{{signer.name}}: {{visit.service}}</p>",
            }
        )
        self.start_tour(
            f"/odoo/clinic-visits/{encounter.id}",
            "clinic_emr_document",
            login=self.doctor.login,
        )
        document = encounter.document_ids
        self.assertRecordValues(
            document, [{"state": "issued", "signed_by_id": self.patient.id}]
        )
        self.assertTrue(document.signature)
        self.assertTrue(document.pdf)
        self.assertIn(self.service.name, document.body)
