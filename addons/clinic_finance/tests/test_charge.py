from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestCharge(FinanceCommon):
    """Services dropped from a visit and added to it; the documents follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.extra = cls._create_service(name="Test extra", list_price=700.0)

    def _add(self, visit, product=None, **options):
        charge_id = visit.add_charge((product or self.extra).id, **options)
        return self.env["clinic.charge"].browse(charge_id)

    def test_added_service_has_its_own_invoice(self):
        visit = self._book()
        first = visit.invoice_id
        charge = self._add(visit, quantity=2)
        self.assertEqual((charge.amount, charge.is_added), (1400.0, True))
        second = charge.line_ids.move_id
        self.assertNotEqual(first, second)
        self.assertEqual(second.state, "posted")
        self.assertEqual((visit.amount_total, visit.amount_due), (3400.0, 3400.0))
        self.assertEqual(visit.invoice_id, first)
        self.assertEqual(self._balance(), -3400.0)
        self.assertConserved(visit)

    def test_documents_speak_the_payers_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.patient.lang = "ru_RU"
        service = self._create_service(name="Check-up", list_price=500.0)
        service.with_context(lang="ru_RU").name = "Осмотр"
        visit = self._book(service_id=service.id)
        self.assertEqual(visit.charge_ids.name, "Осмотр")
        self.assertEqual(visit.invoice_id.invoice_line_ids.name, "Осмотр")
        fee = visit._charge_fee(100.0)
        self.assertIn("Осмотр", fee.name)
        self._pay(visit, amount=100)
        payment = self.env["account.payment"].search(
            [("clinic_appointment_id", "=", visit.id)]
        )
        visit._tell_money_is_kept(payment)
        told = visit.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertIn("Мы позвоним", told[:1].body)

    def test_both_invoices_are_paid_at_the_desk_at_once(self):
        visit = self._book()
        self._add(visit)
        self._pay(visit)
        self.assertRecordValues(
            visit, [{"payment_state": "paid", "amount_due": 0.0, "amount_total": 2700}]
        )
        self.assertEqual(self._balance(), 0.0)

    def test_link_asks_for_the_document_that_is_open(self):
        visit = self._book()
        self._pay(visit)
        self.assertFalse(visit.payment_url)
        charge = self._add(visit)
        values = visit._portal_payment_values()
        self.assertEqual(values["invoice"], charge.line_ids.move_id)
        self.assertEqual(values["amount"], 700.0)

    def test_draft_is_changed_not_credited(self):
        after = self._create_service(name="After", list_price=3000, prepayment="after")
        visit = self._book(service_id=after.id)
        self._add(visit)
        self.assertEqual(visit.invoice_ids, visit.invoice_id)
        self.assertEqual(visit.amount_total, 3700.0)
        visit.charge_ids[0].drop("not done")
        self.assertEqual(visit.invoice_id.amount_total, 700.0)
        self.assertFalse(visit.invoice_ids.reversal_move_ids)
        self.assertConserved(visit)

    def test_dropped_service_is_credited_and_its_money_is_free(self):
        visit = self._book()
        charge = self._add(visit)
        self._pay(visit)
        charge.drop("not needed")
        self.assertRecordValues(
            charge,
            [
                {
                    "state": "dropped",
                    "drop_reason": "not needed",
                    "dropped_by_id": self.env.uid,
                }
            ],
        )
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual((visit.amount_total, visit.amount_due), (2000.0, 0.0))
        self.assertEqual(self._balance(), 700.0)
        self.assertConserved(visit)

    def test_part_of_an_invoice_is_credited(self):
        """One document, two services, one dropped after it was paid."""
        after = self._create_service(name="After", list_price=3000, prepayment="after")
        visit = self._book(service_id=after.id)
        charge = self._add(visit)
        self._fulfil(visit)
        with freeze_time(visit.stop):
            self._pay(visit)
            charge.drop("done for nothing")
        [note] = visit.invoice_id.reversal_move_ids
        self.assertEqual((note.state, note.amount_total), ("posted", 700.0))
        self.assertEqual(note.amount_residual, 0.0)
        self.assertEqual(visit.invoice_id.amount_residual, 0.0)
        self.assertEqual((visit.amount_total, visit.payment_state), (3000.0, "paid"))
        self.assertEqual(self._balance(), 700.0)
        self.assertConserved(visit)

    def test_cancelled_visit_gives_back_everything(self):
        visit = self._book()
        self._add(visit)
        dropped = self._add(visit)
        dropped.drop("twice by mistake")
        self._pay(visit, amount=2500)
        visit.action_cancel()
        self.assertEqual(self._balance(), 2500.0)
        self.assertEqual(visit.amount_due, 0.0)
        self.assertEqual(visit.payment_state, "reversed")
        self.assertConserved(visit)
        visit.action_undo()
        self.assertEqual(
            visit.charge_ids.mapped("state"), ["planned", "planned", "dropped"]
        )
        self.assertEqual((visit.amount_total, visit.amount_due), (2700.0, 200.0))
        self.assertConserved(visit)

    def test_what_was_charged_is_not_rewritten(self):
        charge = self._book().charge_ids
        for values in ({"price_unit": 1}, {"quantity": 5}, {"percent": 90}):
            with self.subTest(values=values), self.assertRaises(UserError):
                charge.sudo().write(values)
        with self.assertRaises(UserError):
            charge.unlink()

    def test_refusals_in_words(self):
        visit = self._book()
        charge = visit.charge_ids
        with self.assertRaisesRegex(UserError, "why"):
            charge.drop(" ")
        with self.assertRaisesRegex(UserError, "more than zero"):
            visit.add_charge(self.extra.id, quantity=0)
        with self.assertRaisesRegex(UserError, "service of the clinic"):
            visit.add_charge(self.env["product.product"].create({"name": "Soap"}).id)
        charge.drop("first")
        with self.assertRaisesRegex(UserError, "already"):
            charge.drop("second")
        visit.action_cancel()
        with self.assertRaisesRegex(UserError, "not on"):
            visit.add_charge(self.extra.id)

    # Rights ------------------------------------------------------------------

    def test_who_may_change_what_is_charged(self):
        visit = self._book()
        for role in ("reception", "specialist", "finance"):
            with self.subTest(role=role):
                user = self._user(role)
                self.env.invalidate_all()
                charge_id = visit.with_user(user).add_charge(self.extra.id)
                charge = self.env["clinic.charge"].with_user(user).browse(charge_id)
                charge.drop("a mistake")
                self.assertEqual(charge.dropped_by_id, user)
        for role in ("callcenter", "cashier", "nurse", "director", "lab"):
            user = self._user(role)
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                visit.with_user(user).add_charge(self.extra.id)
            with self.subTest(role=role), self.assertRaises(AccessError):
                visit.charge_ids[0].with_user(user).drop("no")

    def test_who_has_nothing_to_do_with_patients_sees_no_charge(self):
        visit = self._book()
        for role in ("lab", "storekeeper"):
            user = self._user(role)
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                visit.charge_ids.with_user(user).read(["name"])
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env["clinic.charge"].with_user(user).search([])

    def test_specialist_only_on_own_visits(self):
        self.service.specialty_ids |= self.specialty2
        visit = self._book(specialist_id=self.specialist2.id)
        user = self._user("specialist")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            visit.with_user(user).add_charge(self.extra.id)
        self.assertFalse(
            self.env["clinic.charge"]
            .with_user(user)
            .search([("appointment_id", "=", visit.id)])
        )

    def test_nobody_writes_charges_directly(self):
        charge = self._book().charge_ids
        for role in ("reception", "specialist", "finance", "director", "admin"):
            user = self._user(role)
            self.env.invalidate_all()
            mine = charge.with_user(user)
            with self.subTest(role=role), self.assertRaises(AccessError):
                mine.write({"state": "dropped"})
            with self.subTest(role=role), self.assertRaises(AccessError):
                mine.create({"appointment_id": charge.appointment_id.id})

    def test_portal_sees_no_charges(self):
        charge = self._book().charge_ids
        portal = self.env["res.users"].create(
            {
                "name": "Test Portal",
                "login": "test_portal_charges",
                "partner_id": self.patient.id,
                "group_ids": [(6, 0, [self.env.ref("base.group_portal").id])],
            }
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            charge.with_user(portal).read(["amount"])

    def test_other_company_sees_no_charges(self):
        charge = self._book().charge_ids
        other = self.env["res.company"].create({"name": "Test Other Clinic"})
        user = self._user("finance")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.env.invalidate_all()
        self.assertFalse(
            self.env["clinic.charge"].with_user(user).search([("id", "=", charge.id)])
        )

    def test_percent_is_for_the_books_only(self):
        charge = self._book().charge_ids
        for role, allowed in (("finance", True), ("reception", False)):
            user = self._user(role)
            self.env.invalidate_all()
            self.assertEqual("percent" in charge.with_user(user).fields_get(), allowed)

    def test_after_the_day_only_the_accountant(self):
        visit = self._book()
        with freeze_time(visit.start + timedelta(days=1)):
            with self.assertRaises(AccessError):
                visit.with_user(self._user("reception")).add_charge(self.extra.id)
            finance = visit.with_user(self._user("finance"))
            with self.assertRaisesRegex(UserError, "so late"):
                finance.add_charge(self.extra.id)
            finance.add_charge(self.extra.id, reason="forgotten")
        self.assertEqual(visit.amount_total, 2700.0)
        self.assertConserved(visit)
