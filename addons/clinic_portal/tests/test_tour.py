from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.payment.models.payment_transaction import PaymentTransaction

from .common import PortalCommon

BANK_FORM = """
<form action="/payment/status" method="get">
    <input type="hidden" name="bank" value="test" />
</form>
"""


@tagged("post_install", "-at_install")
class TestPatientTour(PortalCommon):
    """From the first question to a paid visit, in a browser.

    Needs no real provider: a bank that agrees at once stands in, so the whole of
    Odoo's own way of paying is walked: form, transaction, status page, booking.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["payment.provider"].search([]).state = "disabled"
        provider = cls._online_provider()
        form = cls.env["ir.ui.view"].create(
            {"name": "Test bank", "type": "qweb", "arch": BANK_FORM}
        )
        method = cls.env.ref("payment.payment_method_unknown")
        provider.write(
            {
                "payment_method_ids": [(6, 0, method.ids)],
                "redirect_form_view_id": form.id,
            }
        )
        method.active = True
        # only our specialist and our question are in the way of the tour
        cls._publish_questions()
        cls.problem.name = "Tour headache"

    def test_patient_from_screening_to_payment(self):
        def bank_agrees(tx, values):
            tx._set_done()
            return {}

        with patch.object(
            PaymentTransaction, "_get_specific_rendering_values", bank_agrees
        ):
            self.start_tour("/clinic/screening", "clinic_portal_patient", timeout=120)
        user = self.env["res.users"].search([("login", "=", "tour@example.com")])
        visit = self._visits(user.partner_id)
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "booked",
                    "payment_state": "paid",
                    "amount_due": 0.0,
                    "origin": "web",
                    "specialist_id": self.specialist.id,
                }
            ],
        )
        self.assertTrue(visit.sudo().screening_id.problem_ids)
        self.assertEqual(self._balance(user.partner_id), 0.0)


@tagged("post_install", "-at_install")
class TestUrgentTour(PortalCommon):
    """Who must not wait is told so at once, not after the last question."""

    def test_red_flag_ends_the_questions(self):
        self._publish_questions(
            {
                "name": "Tour urgent",
                "kind": "multi",
                "sequence": 1,
                "answer_ids": [
                    Command.create(
                        {
                            "name": "Tour chest pain",
                            "is_red_flag": True,
                            "advice": "Sit down",
                        }
                    ),
                    Command.create({"name": "Tour none"}),
                ],
            }
        )
        before = self.env["clinic.screening"].search_count([])
        self.start_tour("/clinic/screening", "clinic_portal_urgent", timeout=60)
        self.assertEqual(self.env["clinic.screening"].search_count([]), before)
