from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestMatching(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spouse = cls._create_patient(name="Spouse", phone="+7 912 200-00-09")

    def _commit(self):
        """Do what a request does at its end."""
        self.env.cr.flush()
        self.env.invalidate_all()

    def _invoice(self, person, amount):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": person.id,
                "invoice_line_ids": [
                    Command.create({"name": "Visit", "price_unit": amount})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _family(self, payer, members, consent=True):
        payer._clinic_account().write(
            {"family_ids": [Command.set(members.ids)], "family_consent": consent}
        )

    # Everywhere money or a debt comes to be ------------------------------------------

    def test_payment_of_an_accountant_finds_the_invoice(self):
        visit = self._book()
        payment = self._open_payment(2000)
        self._commit()
        self.assertEqual(visit.payment_state, "paid")
        self.assertFalse(self._receivable(payment).amount_residual)

    def test_invoice_of_an_accountant_finds_the_money(self):
        self._open_payment(700)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.patient.id,
                "invoice_line_ids": [
                    Command.create({"name": "Certificate", "price_unit": 500})
                ],
            }
        )
        invoice.action_post()
        self._commit()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(), 200)

    def test_customers_who_are_no_patients_are_the_accountants(self):
        shop = self.env["res.partner"].create({"name": "A tenant"})
        self._open_payment(100, partner=shop)
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": shop.id,
                "invoice_line_ids": [
                    Command.create({"name": "Rent", "price_unit": 100})
                ],
            }
        ).action_post()
        self._commit()
        self.assertFalse(
            self.env["clinic.payment.match"]
            .search([])
            .filtered(lambda match: match.partner_id == shop)
        )

    def test_a_payment_of_who_owes_much_takes_few_queries(self):
        """Two of ten open invoices are paid, with everything that is written down."""
        people = self.patient | self.spouse
        for person in people:
            for number in range(10):
                self._invoice(person, 1500 + 100 * number)
        self._commit()
        self._open_payment(10, partner=self.spouse)
        self._commit()
        self.env["account.journal"].search([]).mapped("name")
        with self.assertQueryCount(110):
            payment = self._open_payment(2500)
            self._commit()
        self.assertFalse(self._receivable(payment).amount_residual)
        self.assertEqual(
            payment.move_id.line_ids.matched_debit_ids.mapped("amount"), [1500, 1000]
        )

    def test_who_paid_what_is_the_same_from_the_cache(self):
        """What is answered from the cache is what Odoo reads in the database."""
        first, second = (
            self._invoice(self.patient, 500),
            self._invoice(self.patient, 600),
        )
        payment = self._open_payment(700)
        self.patient._clinic_allocate()

        def found():
            return (
                self.env["account.move"].search(
                    [("reconciled_payment_ids", "in", payment.ids)]
                ),
                self.env["account.payment"].search(
                    [("reconciled_invoice_ids", "in", first.ids)]
                ),
            )

        warm = found()
        self._commit()
        self.assertEqual(warm, found())
        self.assertEqual(warm, (first | second, payment))

    def test_many_documents_are_matched_once(self):
        visits = self._book(10) | self._book(11)
        self._commit()
        partners = self.env.registry["res.partner"]
        with patch.object(
            partners,
            "_clinic_execute",
            autospec=True,
            side_effect=partners._clinic_execute,
        ) as execute:
            self._open_payment(2000)
            self._open_payment(2000)
            self._commit()
        self.assertEqual(execute.call_count, 1)
        self.assertEqual(set(visits.mapped("payment_state")), {"paid"})

    # Undo ----------------------------------------------------------------------------

    def test_undone_stays_undone(self):
        visit = self._book()
        payment = self._pay(visit)
        match = self.patient.clinic_match_ids
        match.with_user(self._user("cashier")).undo("Paid for another visit")
        self.assertEqual(match.undo_reason, "Paid for another visit")
        self.assertTrue(match.undone_at)
        self.assertEqual(match.undone_by_id, self._user("cashier"))
        for _again in range(2):
            self.assertEqual(self.patient.clinic_allocate()["matched"], 0)
        self.assertEqual(visit.payment_state, "not_paid")
        other = self._book(12)
        self._commit()
        self.assertEqual(other.payment_state, "paid")
        self.assertFalse(self._receivable(payment).amount_residual)

    def test_undone_can_be_matched_by_hand(self):
        visit = self._book()
        payment = self._pay(visit)
        match = self.patient.clinic_match_ids
        charge, money = match.debit_line_id, match.credit_line_id
        match.undo("Wrong")
        log = self.env["clinic.payment.match"].with_user(self._user("cashier"))
        again = log.browse(log.match_by_hand(charge.id, money.id, "No, it was right."))
        self.assertEqual(again.rule, "manual")
        self.assertIn("No, it was right.", again.reason)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(payment.state, "paid")

    def test_undo_wants_a_reason_once(self):
        self._pay(self._book())
        match = self.patient.clinic_match_ids
        for reason in ("", "  ", None):
            with self.assertRaisesRegex(UserError, "Say why"):
                match.undo(reason)
        match.undo("Wrong")
        with self.assertRaisesRegex(UserError, "already"):
            match.undo("Wrong")

    def test_undo_and_pay_another(self):
        first, second = self._book(10), self._book(12)
        self._pay(first)
        match = self.patient.clinic_match_ids
        cashier = self._user("cashier")
        action = match.with_user(cashier).action_undo()
        form = Form(
            self.env["clinic.match.undo"]
            .with_user(cashier)
            .with_context(**action["context"])
        )
        self.assertEqual(form.amount, 2000)
        form.reason = "The second one was meant"
        form.line_id = self._receivable(second.invoice_id)
        form.save().action_undo()
        self.assertEqual(first.payment_state, "not_paid")
        self.assertEqual(second.payment_state, "paid")
        self.assertEqual(self.patient.clinic_match_ids[0].rule, "manual")

    def _take_apart(self, match):
        """Take it apart on the screen, naming nothing instead; return its message."""
        cashier = self._user("cashier")
        match = match.with_user(cashier)
        wizard = self.env["clinic.match.undo"].with_user(cashier)
        form = Form(wizard.with_context(**match.action_undo()["context"]))
        form.reason = "Another one was meant"
        return form.save().action_undo()["params"]["message"]

    def test_money_taken_apart_finds_another_charge_at_once(self):
        first, second = self._book(10), self._book(12)
        self._pay(first)
        message = self._take_apart(self.patient.clinic_match_ids)
        self.assertIn(second.invoice_id.name, message)
        self.assertEqual(second.payment_state, "paid")
        self.assertEqual(first.payment_state, "not_paid")

    def test_money_taken_apart_with_nothing_to_pay_stays(self):
        visit = self._book()
        self._pay(visit)
        self.assertIn("stays", self._take_apart(self.patient.clinic_match_ids))
        self.assertEqual(visit.payment_state, "not_paid")

    def test_taken_apart_on_the_invoice_stays_apart(self):
        visit = self._book()
        self._pay(visit)
        partial = self.patient.clinic_match_ids.partial_id
        visit.invoice_id.js_remove_outstanding_partial(partial.id)
        self.assertEqual(self.patient.clinic_allocate()["matched"], 0)
        self.assertEqual(visit.payment_state, "not_paid")

    def test_reset_to_draft_may_meet_again(self):
        visit = self._book()
        self._pay(visit)
        visit.invoice_id.button_draft()
        visit.invoice_id.action_post()
        self._commit()
        self.assertEqual(visit.payment_state, "paid")

    def test_undo_is_for_the_desk_only(self):
        self._pay(self._book())
        match = self.patient.clinic_match_ids
        for role in ("specialist", "callcenter", "director"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env.invalidate_all()
                match.with_user(self._user(role)).undo("Because")
        self.assertTrue(match.partial_id)

    def test_hand_does_not_pay_for_a_stranger(self):
        visit = self._book(patient_id=self.spouse.id)
        money = self._receivable(self._open_payment(2000))
        charge = self._receivable(visit.invoice_id)
        log = self.env["clinic.payment.match"]
        with self.assertRaisesRegex(UserError, "has not agreed"):
            log.match_by_hand(charge.id, money.id)
        with self.assertRaisesRegex(UserError, "Choose a charge"):
            log.match_by_hand(money.id, charge.id)

    # Family --------------------------------------------------------------------------

    def test_family_is_paid_from_what_is_left(self):
        own = self._book(10)
        others = self._book(11, patient_id=self.spouse.id)
        self._family(self.patient, self.spouse)
        self._open_payment(3500)
        self._commit()
        self.assertEqual(own.payment_state, "paid")
        self.assertEqual(others.amount_due, 500)
        match = self.patient.clinic_match_ids[0]
        self.assertEqual(match.rule, "family")
        self.assertEqual(match.charge_partner_id, self.spouse)
        self.assertIn("Spouse", match.reason)
        self.assertEqual(self._balance(self.patient), 0)
        self.assertEqual(self._balance(self.spouse), -500)

    def test_family_invoice_finds_the_payers_money(self):
        self._family(self.patient, self.spouse)
        self._open_payment(2000)
        self._commit()
        visit = self._book(11, patient_id=self.spouse.id)
        self._commit()
        self.assertEqual(visit.payment_state, "paid")

    def test_no_family_without_consent(self):
        visit = self._book(11, patient_id=self.spouse.id)
        self._family(self.patient, self.spouse, consent=False)
        self._open_payment(2000)
        self._commit()
        self.assertEqual(visit.payment_state, "not_paid")
        account = self.patient._clinic_account()
        self.assertFalse(account.family_consent_at)
        account.family_consent = True
        self._commit()
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(account.family_consent_by_id, self.env.user)

    def test_nobody_is_their_own_family(self):
        with self.assertRaises(ValidationError):
            self._family(self.patient, self.patient)

    # Held money ----------------------------------------------------------------------

    def test_held_money_waits_for_its_visit(self):
        visit = self._hold(12)
        payment = self._open_payment(5000, clinic_held_for_id=visit.id)
        other = self._book(10)
        self._commit()
        self.assertEqual(other.payment_state, "not_paid")
        visit.action_confirm()
        self._commit()
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self.patient.clinic_match_ids[0].rule, "link")
        self.assertFalse(self._receivable(payment).amount_residual)

    def test_held_money_is_free_when_the_visit_is_cancelled(self):
        visit = self._book(12)
        held = self._open_payment(2500, clinic_held_for_id=visit.id)
        other = self._book(10)
        self._commit()
        self.assertEqual(self._receivable(held).amount_residual, -500)
        self.assertEqual(other.payment_state, "not_paid")
        visit.action_cancel()
        self._commit()
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual(self._balance(), 500)

    # The account and its guards -------------------------------------------------------

    def test_number_tells_whose_money(self):
        number = self.patient.clinic_account_number
        found = self.env["res.partner"]._clinic_find_by_account_number
        self.assertEqual(found(f"л/с {number}, за лечение"), self.patient)
        self.assertEqual(self.patient._clinic_account().number, number)
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        for text in (wrong, f"{number}/2026", "", None):
            self.assertFalse(found(text))

    def test_every_writer_raises_the_version(self):
        account = self.patient._clinic_account()
        version = account.version
        visit = self._book()
        self._commit()
        booked = account.version
        self.assertGreater(booked, version)
        self._pay(visit)
        self._commit()
        paid = account.version
        self.assertGreater(paid, booked)
        self.patient.clinic_match_ids.undo("Wrong")
        self.assertGreater(account.version, paid)

    def test_staff_changes_nothing_but_the_family(self):
        account = self.patient._clinic_account().with_user(self._user("cashier"))
        account.family_ids = self.spouse
        for vals in ({"version": 0}, {"number": "1"}, {"partner_id": 1}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                account.write(vals)
        with self.assertRaises(AccessError):
            account.create({"partner_id": 1})
        for role in ("specialist", "callcenter"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env.invalidate_all()
                account.with_user(self._user(role)).read(["number"])

    def test_database_refuses_a_doubled_rouble(self):
        visit = self._book()
        self._pay(visit)
        partial = self.patient.clinic_match_ids.partial_id
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                """INSERT INTO account_partial_reconcile
                       (debit_move_id, credit_move_id, amount, company_id)
                   SELECT debit_move_id, credit_move_id, 0.01, company_id
                     FROM account_partial_reconcile WHERE id = %s""",
                [partial.id],
            )
            self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_closed_books_stay_closed(self):
        visit = self._book()
        payment = self._open_payment(2000)
        (visit.invoice_id | payment.move_id).line_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE account_move_line SET date = '2020-01-31' WHERE move_id IN %s",
            [tuple((visit.invoice_id | payment.move_id).ids)],
        )
        self.env.invalidate_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = '2020-12-31' WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.patient.clinic_allocate()["matched"], 0)
        self._open_payment(2000)
        self._commit()
        self.assertEqual(visit.payment_state, "paid")

    # The mass run ---------------------------------------------------------------------

    def test_cron_matches_what_was_left_behind(self):
        visit = self._book()
        payment = self._open_payment(100)
        self.env.cr.precommit.clear()
        self.patient._clinic_account().sudo().matched_at = False
        self.assertIn(self.patient.id, self.env["clinic.account"]._partners_to_match())
        with self.enter_registry_test_mode():
            self.env.ref("clinic_finance.ir_cron_match").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(visit.amount_due, 1900)
        self.assertFalse(self._receivable(payment).amount_residual)
        self.assertNotIn(
            self.patient.id, self.env["clinic.account"]._partners_to_match()
        )
