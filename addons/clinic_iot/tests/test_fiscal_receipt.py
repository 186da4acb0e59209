from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_iot.iot_handlers.clinic_devices.receipt import Receipt

from .desk import DeskCommon


@tagged("post_install", "-at_install")
class TestFiscalReceipt(DeskCommon):
    """What is printed for what happens to money, by 54-ФЗ."""

    def test_top_up_is_an_advance(self):
        self._pay_at_desk(cash=1000)
        [receipt] = self._receipts()
        self.assertEqual(self._methods(receipt), [(3, 10, 1000.0)])
        self.assertEqual(self._paid_by(receipt), {"cash": 1000.0})
        self.assertEqual(receipt.state, "queued")

    def test_known_visit_is_prepaid_then_settled_by_offset(self):
        visit = self._book()
        self._pay_at_desk(visit, card=2000)
        [paid] = self._receipts()
        self.assertEqual(self._methods(paid), [(1, 4, 2000.0)])
        self.assertEqual(self._paid_by(paid), {"card": 2000.0})
        self._fulfil(visit)
        _paid, settled = self._receipts()
        self.assertEqual(settled.kind, "settlement")
        self.assertEqual(self._methods(settled), [(4, 4, 2000.0)])
        self.assertEqual(self._paid_by(settled), {"advance": 2000.0})
        self.assertEqual(settled.move_id, visit.invoice_id)

    def test_advance_becomes_a_settlement_when_the_visit_is_over(self):
        self._pay_at_desk(cash=5000)
        visit = self._book()
        self.env["res.partner"]._clinic_match_waiting()
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(len(self._receipts()), 1)
        self._fulfil(visit)
        _advance, settled = self._receipts()
        self.assertEqual(self._methods(settled), [(4, 4, 2000.0)])
        self.assertEqual(self._paid_by(settled), {"advance": 2000.0})

    def test_provided_visit_paid_in_cash_by_card_and_from_the_account(self):
        self._pay_at_desk(cash=300)
        visit = self._book()
        self._fulfil(visit)
        self._pay_at_desk(visit, cash=700, card=1000, cash_given=1000, key="split")
        receipts = self._receipts()
        # the account had paid its part when the visit was booked
        self.assertEqual(visit.payment_state, "paid")
        money = receipts.filtered("payment_ids")[-1]
        self.assertEqual(len(money.payment_ids), 2)
        total = sum(self._paid_by(one).get("cash", 0) for one in receipts)
        self.assertEqual(total - 300, 1000.0, "the notes that were given")
        self.assertEqual(self._paid_by(money)["card"], 1000.0)

    def test_refund_returns_the_same_items(self):
        visit = self._book()
        self._pay_at_desk(visit, card=2000)
        payment = self.env["account.payment"].search(
            [("clinic_desk_id", "=", self.desk.id)]
        )
        wizard = (
            self.env["clinic.refund.wizard"]
            .with_user(self.cashier)
            .create(
                {
                    "payment_id": payment.id,
                    "partner_id": payment.partner_id.id,
                    "amount": 2000,
                    "method": "card",
                    "reason": "The doctor is ill",
                    "credit": True,
                }
            )
        )
        wizard._refund()
        _paid, back = self._receipts()
        self.assertEqual(back.operation, "income_return")
        self.assertEqual(back.payload["items"], _paid.payload["items"])
        self.assertEqual(self._paid_by(back), {"card": 2000.0})

    def test_sent_twice_takes_and_prints_once(self):
        visit = self._book()
        dues = [(visit.id, 200000)]
        first = self._pay_at_desk(visit, cash=2000, key="once", dues=dues)
        again = self._pay_at_desk(visit, cash=2000, key="once", dues=dues)
        self.assertEqual(first["payments"], again["payments"])
        self.assertEqual(len(self._receipts()), 1)
        self.assertEqual(again["receipts"][0]["id"], first["receipts"][0]["id"])

    def test_the_payment_screen_of_before_prints_too(self):
        visit = self._book()
        self._pay(visit, user=self.cashier)
        [receipt] = self._receipts()
        self.assertEqual(self._methods(receipt), [(1, 4, 2000.0)])
        self.assertEqual(receipt.desk_id, self.desk)

    def test_without_a_register_nothing_is_printed(self):
        self.desk.register_id = False
        answer = self._pay_at_desk(self._book(), cash=2000)
        self.assertFalse(answer["receipts"])
        self.assertFalse(answer["desk"]["can_print"])
        self.assertFalse(self._receipts())

    def test_bank_money_is_not_printed(self):
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)]
        ) - (self.branch.card_journal_id | self.company.clinic_card_journal_id)
        if not bank:
            self.skipTest("the chart has no bank journal")
        self._open_payment(500, journal_id=bank[0].id)
        self.assertFalse(self._receipts())

    def test_printed_receipt_has_its_fiscal_data(self):
        answer = self._pay_at_desk(self._book(), cash=2000)
        self.assertEqual(self._work(), ["receipt"])
        [receipt] = self._screen().receipts([answer["receipts"][0]["id"]])
        self.assertEqual(receipt["state"], "done")
        self.assertEqual(receipt["fd"], str(self.fd))
        self.assertEqual(receipt["moment"], "23.11.2026 10:15")
        payment = self.env["account.payment"].browse(answer["payments"])
        self.assertEqual(payment.clinic_receipt_ids.fd, str(self.fd))
        shown = payment.clinic_receipt_ids.moment_shown
        self.assertEqual(shown, "23.11.2026 10:15")

    def test_box_away_receipts_wait_in_order_and_the_desk_goes_on(self):
        self.box.last_seen = "2026-01-01 00:00:00"
        visits = self._book() | self._book(hour=12)
        for number, visit in enumerate(visits):
            answer = self._pay_at_desk(visit, cash=2000, key=f"away-{number}")
            self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(answer["desk"]["queue"]["count"], 2)
        self.assertTrue(answer["desk"]["queue"]["since"])
        self.assertFalse(answer["desk"]["register"]["online"])
        receipts = self._receipts()
        self.assertEqual(set(receipts.mapped("state")), {"queued"})
        self._work()
        self.assertEqual(set(receipts.mapped("state")), {"done"})
        self.assertLess(int(receipts[0].fd), int(receipts[1].fd))

    def test_failed_receipt_is_shown_and_follows_its_repetition(self):
        self._pay_at_desk(self._book(), cash=2000)
        self._work("failed", code="bad_receipt", message="No such rate")
        [receipt] = self._receipts()
        self.assertEqual(receipt.state, "failed")
        self.assertEqual(self._screen().state(self.desk.id)["queue"]["problems"], 1)
        job = receipt.job_id.with_user(self.cashier)
        job._settle_by_hand("again", "The rates are set now")
        self.assertEqual(receipt.state, "queued")
        self._work()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(len(self._receipts()), 1)

    def test_what_was_not_printed_is_printed_at_one_stroke_in_its_order(self):
        for number in range(3):
            self._pay_at_desk(cash=500, key=f"again-{number}")
        self._work("failed", code="shift_expired", message="Longer than 24 hours")
        receipts = self._receipts().with_user(self.cashier)
        self.assertEqual(set(receipts.mapped("state")), {"failed"})
        jobs = receipts.job_id
        # The last of the list is chosen first.
        receipts.sorted("id", reverse=True).action_print_again()
        self.assertEqual(receipts.mapped("state"), ["queued"] * 3)
        repeated = receipts.mapped("job_id").sorted("id")
        self.assertEqual(repeated.retry_of_id.ids, jobs.ids)
        self.assertTrue(all(jobs.mapped("handled_reason")))
        with self.assertRaises(UserError):
            receipts.action_print_again()
        self._work("unknown")
        with self.assertRaises(UserError):
            receipts.action_print_again()
        self.assertEqual(len(self._receipts().job_id), 3)

    def _close_the_desk(self):
        self._screen().shift_open(self.desk.id)
        expected = self._screen().shift_figures(self.desk.id)["expected"]
        notes = {}
        left = round(expected * 100)
        for value in (100000, 10000, 100, 10):
            notes[str(value)], left = divmod(left, value)
        self._screen().shift_close(self.desk.id, notes)

    def test_visit_that_is_over_and_not_paid_is_on_credit_until_it_is_paid(self):
        visit = self._book()
        self.desk.credit_from = visit.invoice_id.invoice_date or visit.day
        to_come = self._book(hour=12)
        self._fulfil(visit)
        self.assertFalse(self._receipts(), "they may still come to the desk")
        self._close_the_desk()
        [credit] = self._receipts()
        self.assertEqual(self._methods(credit), [(6, 4, 2000.0)])
        self.assertEqual(self._paid_by(credit), {"credit": 2000.0})
        self.assertEqual(credit.move_id, visit.invoice_id)
        self.assertNotEqual(credit.move_id, to_come.invoice_id)
        self._close_the_desk()
        self.assertEqual(len(self._receipts()), 1, "said once")
        self._pay_at_desk(visit, cash=500, key="part")
        self._pay_at_desk(visit, card=1500, key="rest")
        _credit, part, rest = self._receipts()
        self.assertEqual(self._methods(part), [(7, 10, 500.0)])
        self.assertEqual(self._methods(rest), [(7, 10, 1500.0)])
        self.assertEqual(self._paid_by(rest), {"card": 1500.0})
        self.assertEqual(
            self._work(),
            ["shift_open", "receipt", "shift_close", "shift_open", "shift_close"]
            + ["receipt"] * 2,
        )

    def test_credit_waits_for_the_last_desk_that_closes(self):
        visit = self._book()
        self.desk.credit_from = visit.day
        self._fulfil(visit)
        second = self.env["clinic.cash.desk"].create(
            {
                "name": "Second",
                "branch_id": self.branch.id,
                "register_id": self.register.id,
            }
        )
        self.env["clinic.cash.shift"].with_user(self.cashier)._start(second)
        self._close_the_desk()
        self.assertFalse(self._receipts())
        shift = second._open_shift()
        self.assertIn(visit.invoice_id, shift._unpaid_moves())
        second.credit_from = False
        self.assertFalse(shift._unpaid_moves())

    def test_money_that_passed_no_register_gets_correction_receipts(self):
        self.desk.register_id = False
        visit = self._book()
        self._fulfil(visit)
        self._pay_at_desk(visit, cash=2000, key="before")
        self._pay_at_desk(card=300, key="top-up")
        payments = self.env["account.payment"].search(
            [("clinic_desk_id", "=", self.desk.id)]
        )
        self.desk.register_id = self.register
        first = self.desk.copy(
            {"name": "A first", "sequence": 1, "cash_journal_id": False}
        )
        first.register_id = self._create_device(self.box, "kassa2")
        values = {
            "payment_ids": payments.ids,
            "basis": "ordered",
            "reason": "The register was broken",
        }
        model = self.env["clinic.fiscal.receipt.missed"]
        with self.assertRaises(AccessError):
            model.with_user(self.cashier).create(values)
        finance = self._user("finance")
        wizard = model.with_user(finance).create(values)
        self.assertEqual(wizard.desk_id, self.desk, "where the money was taken")
        with self.assertRaises(UserError, msg="an order has a number"):
            wizard.action_print()
        wizard.number = "12-34/567"
        wizard.action_print()
        paid, advance = self._receipts()
        self.assertEqual({paid.kind, advance.kind}, {"correction"})
        self.assertEqual(paid.payload["cashier"], finance.name, "who prints it")
        self.assertEqual((paid | advance).user_id, finance)
        self.assertEqual(self._methods(paid), [(4, 4, 2000.0)])
        self.assertEqual(self._methods(advance), [(3, 10, 300.0)])
        self.assertEqual(self._paid_by(paid), {"cash": 2000.0})
        self.assertNotIn("open_drawer", paid.payload, "the money lies in it already")
        day = payments[0].date.isoformat()
        self.assertEqual(
            Receipt.parse(paid.payload).correction,
            {"type": "ordered", "number": "12-34/567", "date": day},
        )
        with self.assertRaises(UserError, msg="they have receipts now"):
            wizard.action_print()

    def test_correction_is_proposed_at_the_desk_of_who_prints_it(self):
        """If the money was taken at no desk that prints."""
        mine = self.desk.copy(
            {"name": "Mine", "sequence": 50, "cash_journal_id": False}
        )
        mine.register_id = self._create_device(self.box, "kassa2")
        online = self.desk.copy(
            {"name": "Net", "sequence": 1, "is_internet": True, "site": "a.example"}
        )
        online.register_id = self._create_device(self.box, "kassa3")
        payments = self.env["account.payment"].with_user(self._user("finance"))
        self.assertEqual(payments._clinic_correction_desk(), self.desk)
        # Sudo: the choice of the cash screen.
        payments.env.user.sudo().clinic_desk_id = mine
        self.assertEqual(payments._clinic_correction_desk(), mine)

    def test_wrong_receipt_is_taken_back_by_another(self):
        self._pay_at_desk(self._book(), cash=2000)
        self._work()
        [receipt] = self._receipts()
        finance = self._user("finance")
        wizard = {
            "receipt_id": receipt.id,
            "reason": "It was a card",
            "again": "card",
        }
        self.env["clinic.fiscal.receipt.correct"].with_user(finance).create(
            wizard
        ).action_correct()
        _first, back, right = self._receipts()
        self.assertEqual(back.operation, "income_return")
        self.assertEqual(back.payload["wrong_document_sign"], receipt.fp)
        self.assertTrue(receipt.payload["open_drawer"])
        self.assertNotIn("open_drawer", back.payload, "no money changes hands")
        self.assertNotIn("open_drawer", right.payload)
        self.assertEqual({back.payload["cashier"]}, {finance.name})
        self.assertEqual(self._paid_by(right), {"card": 2000.0})
        with self.assertRaises(AccessError):
            self.env["clinic.fiscal.receipt.correct"].with_user(self.cashier).create(
                wizard
            )

    def test_online_payment_names_the_site_and_goes_to_the_payer(self):
        internet = self.env["clinic.cash.desk"].create(
            {
                "name": "Internet",
                "branch_id": self.branch.id,
                "register_id": self.register.id,
                "is_internet": True,
                "site": "clinic.example.ru",
            }
        )
        self.patient.email = "payer@example.com"
        visit = self._book()
        tx = self._online_payment(visit, provider_reference="net-1")
        tx._set_done()
        tx._post_process()
        self._receipts()
        receipt = self.env["clinic.fiscal.receipt"].search(
            [("desk_id", "=", internet.id)]
        )
        self.assertEqual(receipt.payload["internet_site"], "clinic.example.ru")
        self.assertEqual(receipt.payload["contact"], "payer@example.com")
        self.assertTrue(receipt.payload["electronic_only"])
        self.assertEqual(self._methods(receipt), [(1, 4, 2000.0)])
        self.assertNotIn("cashier", receipt.payload, "nobody has taken it")

    def test_service_with_vat_says_its_rate_and_a_medical_one_none(self):
        group = self.env["account.tax.group"].create({"name": "VAT"})
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 22%",
                "amount": 22,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "tax_group_id": group.id,
            }
        )

        def rates(receipt):
            return [item["vat"] for item in receipt.payload["items"]]

        medical = self._book()
        self.service.taxes_id = tax
        taxed = self._book(12)
        self._pay_at_desk(medical, cash=2000)
        self._pay_at_desk(taxed, cash=2000)
        self._fulfil(taxed)
        before, prepaid, settled = self._receipts()
        self.assertEqual(rates(before), ["none"])
        # Of money taken before the service the rate is in the sum.
        self.assertEqual((rates(prepaid), prepaid.amount), (["vat122"], 2000))
        self.assertEqual((rates(settled), settled.amount), (["vat22"], 2000))

    def test_receipt_is_in_the_language_of_the_clinic(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.company.partner_id.lang = "fr_FR"
        visit = self._book()
        service = visit.service_id
        service.with_context(lang="fr_FR").name = "Visite"
        self.assertNotEqual(service.name, "Visite")
        self._pay_at_desk(visit, cash=2000)
        [receipt] = self._receipts()
        self.assertEqual(
            [item["name"] for item in receipt.payload["items"]], ["Visite"]
        )

    def test_contact_is_cleaned_or_refused(self):
        clean = self.env["clinic.fiscal.receipt"]._clean_contact
        self.assertEqual(clean("8 (912) 345-67-89"), "+79123456789")
        self.assertEqual(clean("a@b.ru"), "a@b.ru")
        for wrong in ("12345", "a@b", "@"):
            with self.assertRaises(UserError):
                clean(wrong)

    def test_copy_is_sent_by_text_and_by_mail(self):
        self._pay_at_desk(self._book(), cash=2000)
        [receipt] = self._receipts()
        send = self.env["clinic.fiscal.receipt.send"].with_user(self.cashier)
        with self.assertRaises(UserError):
            send.create({"receipt_id": receipt.id, "contact": "a@b.ru"}).action_send()
        self._work()
        self._set_ways(mail=True, sms=True)
        sent = send.create({"receipt_id": receipt.id, "contact": "a@b.ru"})
        self.assertIn("a@b.ru", sent.action_send()["params"]["message"])
        mail = self.env["mail.mail"].search([("email_to", "=", "a@b.ru")])
        self.assertIn(receipt.fd, mail.body_html)
        send.create({"receipt_id": receipt.id, "contact": "89123456789"}).action_send()
        sms = self.env["sms.sms"].search([("number", "=", "+79123456789")])
        self.assertIn(receipt.fd, sms.body)

    def _set_ways(self, mail, sms):
        notices = self.env.registry["clinic.notice"]
        companies = self.env.registry["res.company"]
        self.patch(notices, "_mail_ready", lambda _notices: mail)
        self.patch(companies, "_clinic_sms_ready", lambda _company: sms)

    def test_copy_that_cannot_leave_is_not_said_to_be_sent(self):
        self._pay_at_desk(self._book(), cash=2000)
        self._work()
        [receipt] = self._receipts()
        self._set_ways(mail=False, sms=False)
        send = self.env["clinic.fiscal.receipt.send"].with_user(self.cashier)
        for contact in ("a@b.ru", "+79123456789"):
            with self.assertRaises(UserError) as refused:
                send.create(
                    {"receipt_id": receipt.id, "contact": contact}
                ).action_send()
            self.assertIn(contact, str(refused.exception))
        self.assertFalse(self.env["mail.mail"].search([("email_to", "=", "a@b.ru")]))
        self.assertFalse(self.env["sms.sms"].search([("number", "=", "+79123456789")]))

    def test_undone_match_of_a_provided_visit_is_taken_back(self):
        visit = self._book()
        self._fulfil(visit)
        self._pay_at_desk(visit, cash=2000)
        match = self.env["clinic.payment.match"].search(
            [("debit_line_id.move_id", "=", visit.invoice_id.id)]
        )
        match.with_user(self.cashier).undo("It was for the wife")
        _paid, back = self._receipts()
        self.assertEqual((back.kind, back.operation), ("return", "income_return"))
        self.assertEqual(self._paid_by(back), {"advance": 2000.0})

    def test_nobody_writes_receipts(self):
        self._pay_at_desk(self._book(), cash=2000)
        [receipt] = self._receipts()
        for role in ("cashier", "reception", "finance", "admin", "director"):
            own = receipt.with_user(self._user(role))
            with self.assertRaises(AccessError):
                own.write({"fd": "1"})
            with self.assertRaises(AccessError):
                own.copy()
            with self.assertRaises(AccessError):
                own.unlink()
        for role in ("specialist", "nurse", "callcenter"):
            with self.assertRaises(AccessError):
                receipt.with_user(self._user(role)).read(["amount"])
            with self.assertRaises(AccessError):
                self._screen(self._user(role)).at_desk()

    @mute_logger("odoo.sql_db")
    def test_one_receipt_a_payment(self):
        self._pay_at_desk(self._book(), cash=2000)
        [receipt] = self._receipts()
        self.assertTrue(receipt.payment_ids)
        self.assertFalse(receipt._make(receipt.payment_ids, receipt.move_id))
