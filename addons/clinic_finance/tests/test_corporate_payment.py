from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestCorporatePayment(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employer = cls.env["res.partner"].create(
            {"name": "Employer", "is_company": True}
        )
        cls.staff = [
            cls._create_patient(name=f"Worker {n}", payer_id=cls.employer.id)
            for n in range(3)
        ]
        cls.visits = [
            cls._book(9 + n, patient_id=patient.id)
            for n, patient in enumerate(cls.staff)
        ]

    def _register(self, user=None, chosen=(0, 1, 2), **values):
        wizard = (
            self.env["clinic.corporate.payment"]
            .with_user(user or self.env.user)
            .create({"partner_id": self.employer.id, "number": "77", **values})
        )
        invoices = self.env["account.move"].concat(
            *(self.visits[n].invoice_id for n in chosen)
        )
        for line in wizard.line_ids:
            line.chosen = line.move_id in invoices
        if "amount" in values:
            wizard.amount = values["amount"]
        return wizard

    def _states(self):
        return [visit.payment_state for visit in self.visits]

    def test_one_payment_for_many_people(self):
        wizard = self._register()
        self.assertEqual(len(wizard.line_ids), 3)
        self.assertEqual(wizard.amount, 6000)
        payment = wizard._pay()
        self.assertEqual(payment.amount, 6000)
        self.assertEqual(self._states(), ["paid"] * 3)
        rules = set(self.employer.clinic_match_ids.mapped("rule"))
        self.assertEqual(rules, {"link"})

    def test_only_what_the_register_names(self):
        self._register(chosen=(2,), amount=2000)._pay()
        self.assertEqual(self._states(), ["not_paid", "not_paid", "paid"])

    def test_the_last_one_in_part(self):
        self._register(amount=5000)._pay()
        self.assertEqual(self._states(), ["paid", "paid", "partial"])
        self.assertEqual(self.visits[2].amount_due, 1000)

    def test_the_same_payment_order_twice(self):
        first = self._register(chosen=(0,), amount=2000)._pay()
        again = self._register(chosen=(1,), amount=2000)._pay()
        self.assertEqual(first, again)
        self.assertEqual(self._states(), ["paid", "not_paid", "not_paid"])
        with self.assertRaisesRegex(UserError, "already taken"):
            self._register(chosen=(1,), amount=3000)._pay()

    def test_money_that_is_there_is_distributed(self):
        self.visits[0].invoice_id.button_draft()
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.employer.id,
                "amount": 2000,
                "journal_id": self.company.clinic_card_journal_id.id,
            }
        )
        payment.with_context(clinic_match_later=False).action_post()
        wizard = self._register(chosen=(2,), payment_id=payment.id)
        self.assertEqual(wizard.amount, 2000)
        self.assertEqual(wizard._pay(), payment)
        self.assertEqual(self.visits[2].payment_state, "paid")
        self.assertEqual(self.visits[1].payment_state, "not_paid")

    def test_screen_fills_itself(self):
        form = Form(self.env["clinic.corporate.payment"])
        form.partner_id = self.employer
        form.number = "78"
        self.assertEqual(form.amount, 0)
        form.with_planned = True
        self.assertEqual(form.amount, 6000)
        self.assertEqual(form.amount_left, 0)
        form.amount = 6500
        self.assertEqual(form.amount_left, 500)
        form.save()._pay()
        self.assertEqual(self._states(), ["paid"] * 3)
        self.assertEqual(self._balance(self.employer), 500)

    def test_a_register_is_of_what_was_provided(self):
        self.visits[1]._move("arrived", force=True)
        wizard = self.env["clinic.corporate.payment"].create(
            {"partner_id": self.employer.id, "number": "79"}
        )
        chosen = wizard.line_ids.filtered("chosen")
        self.assertEqual(chosen.move_id, self.visits[1].invoice_id)
        self.assertEqual((wizard.line_ids - chosen).mapped("is_ahead"), [True, True])
        self.assertEqual(wizard.amount, 2000)

    def test_who_books(self):
        self._register(user=self._user("finance"), chosen=(0,), amount=2000)._pay()
        for role in ("cashier", "reception", "director", "callcenter", "specialist"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self._register(user=self._user(role))
