from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestPatientCopy(FinanceCommon):
    def test_services_invoices_and_payments_are_in_it_and_nobody_elses(self):
        visit = self._hold()
        self._pay(visit)
        other = self._create_patient(name="Somebody Else", phone="+79123456700")
        found = {
            rows._name: rows
            for _heading, rows, _names in self.patient._patient_copy_sections()
        }
        self.assertEqual(found["clinic.charge"], visit.charge_ids)
        self.assertIn(visit.invoice_id, found["account.move"])
        self.assertEqual(sum(found["account.payment"].mapped("amount")), 5000)
        for _heading, rows, names in other._patient_copy_sections():
            self.assertFalse(rows)
            self.assertFalse(set(names) - set(rows._fields))
