from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestChargeCorrections(FinanceCommon):
    """Less is taken for a service than was agreed: the charge says both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extra = cls._create_service(name="Test extra", list_price=700.0)
        cls.after = cls._create_service(
            name="Test after", list_price=3000.0, prepayment="after"
        )

    def _credit(self, invoice, amount):
        """Make the credit note an accountant makes in Odoo's own screens."""
        note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        note.invoice_line_ids.price_unit = amount
        note.action_post()
        return note

    def _both(self):
        """Return a visit with two services on one posted invoice, and its charges."""
        visit = self._book(service_id=self.after.id)
        visit.add_charge(self.extra.id)
        self._fulfil(visit)
        self.assertEqual(
            visit.invoice_ids.invoice_line_ids.mapped("price_total"), [3000, 700]
        )
        return visit, visit.charge_ids

    def _refund(self, payment, amount):
        context = payment.action_clinic_refund()["context"]
        wizard = self.env["clinic.refund.wizard"].with_context(**context)
        return wizard.create(
            {"amount": amount, "reason": "dear", "credit": True}
        )._refund()

    def test_credit_note_of_the_accountant_reduces_the_price(self):
        visit = self._book()
        charge = visit.charge_ids
        self.assertRecordValues(
            charge, [{"amount": 2000, "amount_reduced": 0, "amount_net": 2000}]
        )
        self.assertFalse(visit.has_reduced_charges)
        note = self._credit(visit.invoice_id, 500)
        self.assertRecordValues(
            charge,
            [
                {
                    "state": "planned",
                    "price_unit": 2000,
                    "amount": 2000,
                    "amount_reduced": 500,
                    "amount_net": 1500,
                }
            ],
        )
        self.assertTrue(visit.has_reduced_charges)
        self.assertEqual(visit.amount_total, 1500)
        note.button_draft()
        note.button_cancel()
        self.assertEqual(charge.amount_net, 2000)

    def _own_lines(self, invoice, *lines):
        """Make a credit note whose lines the accountant wrote anew."""
        note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        note.invoice_line_ids = [
            Command.clear(),
            *(Command.create({"tax_ids": [], **values}) for values in lines),
        ]
        note.action_post()
        return note

    def test_lines_of_the_accountants_own_find_their_charges(self):
        visit, charges = self._both()
        invoice = visit.invoice_ids
        self._own_lines(invoice, {"name": "Regular patient", "price_unit": 400})
        self.assertEqual(charges.mapped("amount_net"), [2600, 700])
        self._own_lines(
            invoice, {"product_id": self.extra.id, "name": "Dear", "price_unit": 300}
        )
        self.assertEqual(charges.mapped("amount_net"), [2600, 400])
        self._own_lines(
            invoice,
            # More than is left of the service named: the other one has enough.
            {"product_id": self.extra.id, "name": "Much", "price_unit": 500},
            {"name": "The rest", "price_unit": 2100},
        )
        self.assertEqual(charges.mapped("amount_net"), [0, 400])
        self.assertEqual(visit.amount_total, 400)

    def test_what_fits_no_charge_stays_a_line_of_its_own(self):
        visit, charges = self._both()
        note = self._own_lines(visit.invoice_ids, {"name": "Gift", "price_unit": 3500})
        self.assertFalse(note.invoice_line_ids.clinic_charge_id)
        self.assertEqual(charges.mapped("amount_net"), [3000, 700])

    def test_accountant_without_the_clinic_credits_by_own_lines(self):
        visit = self._book()
        user = new_test_user(
            self.env, "books_only", groups="account.group_account_invoice"
        )
        self.env.flush_all()
        self.env.invalidate_all()
        invoice = visit.invoice_id.with_user(user)
        self._own_lines(invoice, {"name": "Sorry", "price_unit": 500})
        self.assertEqual(visit.charge_ids.amount_net, 1500)

    def test_reduced_service_that_is_dropped_is_credited_for_the_rest(self):
        visit = self._book()
        self._credit(visit.invoice_id, 500)
        visit.charge_ids.drop("not done")
        self.assertRecordValues(
            visit.charge_ids, [{"amount_reduced": 0, "amount_net": 0}]
        )
        self.assertEqual(self._balance(), 0)

    def test_part_returned_is_taken_off_the_services_none_below_zero(self):
        visit, charges = self._both()
        with freeze_time(visit.stop):
            payment = self._pay(visit)
            self._refund(payment, 3200)
        self.assertEqual(charges.mapped("amount_net"), [0, 500])
        self.assertEqual(charges.mapped("state"), ["done", "done"])
        self.assertEqual(self._balance(), 0)
        with freeze_time(visit.stop):
            charges[1].drop("not done")
        # Only what was still charged for it comes back.
        self.assertEqual(self._balance(), 500)
        self.assertEqual(charges.mapped("amount_net"), [0, 0])

    def test_second_return_finds_the_service_that_has_something_left(self):
        visit, charges = self._both()
        with freeze_time(visit.stop):
            payment = self._pay(visit)
            self._refund(payment, 2500)
            self._refund(payment, 600)
        self.assertEqual(charges.mapped("amount_net"), [0, 600])
        self.assertEqual(visit.amount_total, 600)

    def test_cancelled_and_booked_again_costs_its_price(self):
        visit = self._book()
        visit.action_cancel("by mistake")
        visit.action_undo()
        self.assertRecordValues(
            visit.charge_ids,
            [{"amount": 2000, "amount_reduced": 0, "amount_net": 2000}],
        )

    # What the act lists --------------------------------------------------------

    def _act(self, visit):
        visit.action_print_act()
        return visit._act_values()

    def _lines(self, act):
        return [
            (line["name"], line["quantity"], line["amount"]) for line in act["lines"]
        ]

    def _arrived(self, hour=10, **values):
        visit = self._book(hour, **values)
        visit._move("arrived", force=True)
        return visit

    def test_act_lists_what_was_added_and_not_what_was_dropped(self):
        visit = self._arrived()
        visit.add_charge(self.extra.id, quantity=2)
        dropped = self.env["clinic.charge"].browse(visit.add_charge(self.after.id))
        dropped.drop("not needed")
        act = self._act(visit)
        self.assertEqual(
            self._lines(act),
            [(self.service.display_name, 1, 2000), (self.extra.display_name, 2, 1400)],
        )
        self.assertEqual((act["total"], act["paid"], act["due"]), (3400, 0, 3400))

    def test_act_of_a_visit_on_a_joint_invoice_lists_its_own_services(self):
        visits = self._arrived(10) | self._arrived(11)
        visits.invoice_together()
        act = self._act(visits[0])
        self.assertEqual(len(act["lines"]), 1)
        self.assertEqual((act["total"], act["due"]), (2000, 2000))

    def test_act_before_what_is_paid_after_the_visit_is_not_paid(self):
        act = self._act(self._arrived(service_id=self.after.id))
        self.assertEqual((act["paid"], act["due"]), (0, 3000))

    def test_act_shows_the_reduced_price(self):
        visit = self._arrived()
        self._credit(visit.invoice_id, 500)
        act = self._act(visit)
        self.assertEqual(self._lines(act), [(self.service.display_name, 1, 1500)])
        self.assertEqual((act["total"], act["due"]), (1500, 1500))
