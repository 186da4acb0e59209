from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestRefund(FinanceCommon):
    def _refund(self, payment=None, user=None, **values):
        env = self.env(user=user) if user else self.env
        record = (payment or self.patient).with_env(env)
        context = record.action_clinic_refund()["context"]
        wizard = env["clinic.refund.wizard"].with_context(**context)
        values.setdefault("reason", "ill")
        return wizard.create(values)._refund()

    def _paid_online(self, visit):
        tx = self._online_payment(visit, provider_reference=f"prov-{visit.id}")
        tx.provider_id.support_refund = "partial"
        tx._set_done()
        tx._post_process()
        return tx

    def test_whole_refund_makes_the_visit_unpaid(self):
        visit = self._book()
        payment = self._pay(visit)
        refund = self._refund(payment)
        self.assertRecordValues(
            refund,
            [
                {
                    "payment_type": "outbound",
                    "amount": 2000.0,
                    "state": "paid",
                    "journal_id": self.company.clinic_cash_journal_id.id,
                    "clinic_refund_of_id": payment.id,
                }
            ],
        )
        self.assertEqual(visit.payment_state, "not_paid")
        self.assertEqual(self._balance(), -2000.0)
        self.assertEqual(payment.clinic_refundable, 0.0)
        match = self.patient.clinic_match_ids.filtered(lambda m: not m.undone_at)
        self.assertEqual(match.rule, "refund")
        self.assertIn(payment.name, match.reason)

    def test_refund_of_a_service_not_provided_credits_it(self):
        visit = self._book()
        self._refund(self._pay(visit), credit=True)
        self.assertEqual(visit.payment_state, "reversed")
        self.assertEqual(self._balance(), 0.0)
        self.assertEqual(visit.charge_ids.mapped("state"), ["dropped"])
        # Nothing bills it anew.
        self._fulfil(visit)
        visit._invoice()
        self.assertEqual(self._balance(), 0.0)

    def test_part_not_provided_is_credited_and_the_rest_stays_paid(self):
        visit = self._book()
        payment = self._pay(visit)
        self._refund(payment, amount=500.33, credit=True)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 0.0)
        note = visit.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual(note.amount_total, 500.33)
        self.assertEqual(payment.clinic_refundable, 1499.67)

    def test_part_of_a_taxed_service_takes_back_its_tax(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 22%",
                "amount": 22,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "tax_group_id": self.env["account.tax.group"]
                .create({"name": "VAT"})
                .id,
            }
        )
        self.service.taxes_id = tax
        visit = self._book()
        self._refund(self._pay(visit), amount=610, credit=True)
        note = visit.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual((note.amount_total, note.amount_tax), (610.0, 110.0))

    def test_part_without_credit_is_to_be_paid_anew(self):
        visit = self._book()
        self._refund(self._pay(visit), amount=500)
        self.assertEqual(visit.payment_state, "partial")
        self.assertEqual(visit.amount_due, 500.0)
        self.assertEqual(self._balance(), -500.0)

    def test_newest_matches_of_the_payment_go_first(self):
        first, second = self._book(10), self._book(11)
        payment = self._pay(amount=5000)  # two visits and 1000 on the account
        self.assertEqual(self._balance(), 1000.0)
        self._refund(payment, amount=700)
        self.assertEqual(self._balance(), 300.0)
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.payment_state, "paid")
        self._refund(payment, amount=1300, credit=True)
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.invoice_id.payment_state, "paid")
        notes = second.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual(notes.mapped("amount_total"), [1000.0])
        self.assertEqual(self._balance(), 0.0)
        self._refund(payment, amount=1000)
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.amount_due, 1000.0)

    def test_not_more_than_was_paid(self):
        payment = self._pay(self._book())
        with self.assertRaisesRegex(UserError, "Not more than"):
            self._refund(payment, amount=2000.01)
        self._refund(payment, amount=1500)
        with self.assertRaisesRegex(UserError, "Not more than"):
            self._refund(payment, amount=501)
        with self.assertRaisesRegex(UserError, "Enter the amount"):
            self._refund(payment, amount=0)

    def test_same_screen_sent_twice_returns_once(self):
        payment = self._pay(self._book())
        context = payment.action_clinic_refund()["context"]
        wizard = (
            self.env["clinic.refund.wizard"]
            .with_context(**context)
            .create({"reason": "ill", "amount": 700})
        )
        self.assertEqual(wizard._refund(), wizard._refund())
        self.assertEqual(payment.clinic_refundable, 1300.0)

    def test_what_waits_on_the_account(self):
        visit = self._book()
        self._pay(amount=2600)
        refund = self._refund(amount=600)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 0.0)
        self.assertEqual(refund.amount, 600)
        with self.assertRaisesRegex(UserError, "nothing left to return"):
            self._refund(amount=1)

    def test_online_refund_is_booked_when_the_provider_says_so(self):
        visit = self._book()
        tx = self._paid_online(visit)
        # This provider answers later.
        self.assertFalse(self._refund(tx.payment_id, amount=800, method="online"))
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(tx.payment_id.clinic_refundable, 1200.0)
        child = tx.child_transaction_ids
        child._set_done()
        child._post_process()
        self.assertEqual(child.payment_id.amount, 800.0)
        self.assertEqual(child.payment_id.clinic_refund_of_id, tx.payment_id)
        self.assertEqual(tx.payment_id.clinic_refundable, 1200.0)
        self.assertEqual(visit.amount_due, 800.0)
        self.assertEqual(self._balance(), -800.0)

    def test_online_refund_of_a_dropped_service(self):
        visit = self._book()
        tx = self._paid_online(visit)
        self._refund(tx.payment_id, method="online", credit=True)
        tx.child_transaction_ids._set_done()
        tx.child_transaction_ids._post_process()
        self.assertEqual(visit.payment_state, "reversed")
        self.assertEqual(self._balance(), 0.0)

    def test_screen_tells_what_will_happen(self):
        visit = self._book()
        payment = self._pay(visit)
        context = payment.action_clinic_refund()["context"]
        form = Form(self.env["clinic.refund.wizard"].with_context(**context))
        self.assertEqual(form.amount, 2000.0)
        self.assertEqual(form.method, "cash")
        self.assertIn(visit.invoice_id.name, form.consequence)
        form.credit = True
        self.assertIn("credited", form.consequence)

    def test_who_returns_money(self):
        payment = self._pay(self._book())
        for role in ("cashier", "finance"):
            self.env.invalidate_all()
            refund = self._refund(payment, user=self._user(role), amount=100)
            self.assertEqual(refund.create_uid, self._user(role))
        for role in ("reception", "director", "callcenter", "specialist"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self._refund(payment, user=self._user(role), amount=100)

    def test_money_goes_back_to_who_has_paid(self):
        other = self._create_patient(name="Other", phone="+7 912 200-00-09")
        refund = self._refund(self._pay(self._book()), partner_id=other.id, amount=5)
        self.assertEqual(refund.partner_id, self.patient)

    def test_no_money_of_a_company_out_of_sight(self):
        payment = self._pay(self._book())
        company = self.env["res.company"].create({"name": "Other clinic"})
        for values in ({"payment_id": payment.id}, {"payment_id": False}):
            with self.subTest(values), self.assertRaises(AccessError):
                self._refund(
                    payment, user=self._user("cashier"), company_id=company.id, **values
                )
