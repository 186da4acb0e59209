from odoo import fields
from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestMergeCards(FinanceCommon):
    """What is there once a patient and company does not keep two cards apart."""

    def test_two_cards_with_a_risk_and_a_block_each(self):
        twin = self._create_patient(name="Twin", phone="+79122000077")
        company = self.env.company
        Risk, Block = self.env["clinic.debt.risk"], self.env["clinic.financial.block"]
        for patient in (self.patient, twin):
            Risk.search([("patient_id", "=", patient.id)]).unlink()
            Risk.create({"patient_id": patient.id, "company_id": company.id})
            Block.create(
                {
                    "patient_id": patient.id,
                    "company_id": company.id,
                    "reason": f"Owed by {patient.name}",
                    "date": fields.Date.today(),
                }
            )
        earlier = Block.create(
            {
                "patient_id": twin.id,
                "company_id": company.id,
                "reason": "Long ago",
                "date": fields.Date.today(),
                "active": False,
                "lift_reason": "Paid",
            }
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.patient | twin).ids, self.patient)
        self.assertFalse(twin.exists())
        mine = [("patient_id", "=", self.patient.id)]
        self.assertEqual(Risk.search_count(mine), 1)
        self.assertEqual(
            Block.search(mine).mapped("reason"), [f"Owed by {self.patient.name}"]
        )
        self.assertEqual(earlier.exists().patient_id, self.patient)
