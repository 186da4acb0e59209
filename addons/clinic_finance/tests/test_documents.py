from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_finance.tools.bank_qr import parse
from odoo.addons.clinic_finance.tools.requisites import account_check

from .common import FinanceCommon

BIC, CORRESPONDENT = "044525225", "30101810400000000225"
ACCOUNT = "40702810938000000001"


class DocumentsCommon(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("reception", "cashier", "finance", "director", "callcenter"):
            cls._user(role)
        cls.company.country_id = cls.env.ref("base.ru")
        bank = cls.env["res.bank"].create(
            {
                "name": "Test bank",
                "bic": BIC,
                "clinic_correspondent_account": CORRESPONDENT,
            }
        )
        cls.account = cls.env["res.partner.bank"].create(
            {
                "acc_number": cls._account(),
                "bank_id": bank.id,
                "partner_id": cls.company.partner_id.id,
            }
        )
        cls.company.write(
            {
                "vat": "7707083893",
                "clinic_kpp": "770701001",
                "clinic_director_name": "Test Director",
                "clinic_accountant_name": "Test Accountant",
                "clinic_bank_account_id": cls.account.id,
            }
        )

    @classmethod
    def _account(cls):
        return account_check(ACCOUNT, BIC[6:])

    def _html(self, report, records, user=None):
        self.env.invalidate_all()
        reports = self.env["ir.actions.report"]
        if user:
            reports = reports.with_user(user)
        html, _kind = reports._render_qweb_html(f"clinic_finance.{report}", records.ids)
        return html.decode().replace("\u00a0", " ")

    def _as(self, record, role):
        self.env.invalidate_all()
        return record.with_user(self._user(role))


@tagged("post_install", "-at_install")
class TestAct(DocumentsCommon):
    def _arrived(self, hour=10, **values):
        visit = self._book(hour, **values)
        visit._move("arrived", force=True)
        return visit

    def test_what_a_patient_gets_is_no_proforma(self):
        visit = self._book(service_id=self.service_prepaid.id)
        invoice = visit.invoice_id
        visit.action_cancel("Asked")
        for move in invoice | invoice.reversal_move_ids:
            with self.subTest(move=move.move_type):
                reports = self.env["ir.actions.report"]
                page, _kind = reports.with_context(
                    proforma_invoice=True
                )._render_qweb_html("account.account_invoices", move.ids)
                self.assertIn(move.name, page.decode())
                self.assertNotIn("roforma", page.decode())
                paper = move._get_invoice_pdf_proforma()
                self.assertIn(move.name.replace("/", "_"), paper["filename"])
                self.assertNotIn("proforma", paper["filename"])
                self.assertIn(move.name, paper["content"].decode())

    def test_act_shows_what_was_done_and_what_is_due(self):
        visit = self._arrived()
        self._pay(visit, amount=500)
        self._as(visit, "reception").action_print_act()
        html = self._html("report_clinic_act", visit, self._user("reception"))
        self.assertIn(visit.act_number, html)
        self.assertIn("Две тысячи рублей 00 копеек", html)
        self.assertIn(self.service.name, html)
        self.assertIn("ИНН 7707083893", html)
        self.assertIn("К оплате: <b>1 500,00</b>", " ".join(html.split()))

    def test_number_is_given_once_and_is_digits(self):
        first, second = self._arrived(10), self._arrived(11)
        first.action_print_act()
        number = first.act_number
        first.action_print_act()
        second.action_print_act()
        self.assertEqual(first.act_number, number)
        self.assertTrue(number.isdigit())
        self.assertEqual(int(second.act_number), int(number) + 1)
        self.assertEqual(first.act_date, first.day)

    def test_act_of_a_visit_to_come_is_refused(self):
        with self.assertRaisesRegex(UserError, "once the patient is here"):
            self._book().action_print_act()

    def test_scanned_act_opens_its_payment(self):
        visit = self._arrived()
        visit.action_print_act()
        scan = self._as(self.env["clinic.appointment"], "cashier").action_scan
        for code in (visit.act_number, f" {visit.act_number}\n", visit.name):
            with self.subTest(code):
                action = scan(code)
                self.assertEqual(action["res_model"], "clinic.payment.wizard")
                context = action["context"]
                self.assertEqual(context["default_appointment_id"], visit.id)

    def test_scanner_under_the_russian_layout(self):
        visit = self._arrived()
        visit.name = "V98765"
        action = self.env["clinic.appointment"].action_scan("М98765")
        self.assertEqual(action["context"]["default_appointment_id"], visit.id)

    def test_number_of_an_invoice_is_found_too(self):
        visit = self._arrived()
        action = self.env["clinic.appointment"].action_scan(visit.invoice_id.name)
        self.assertEqual(action["context"]["default_appointment_id"], visit.id)

    def test_paid_visit_is_not_paid_again(self):
        visit = self._arrived()
        visit.action_print_act()
        self._pay(visit)
        action = self.env["clinic.appointment"].action_scan(visit.act_number)
        self.assertEqual(action["tag"], "display_notification")

    def test_unknown_code_and_empty_code(self):
        for code in ("99999999999", "", " ", "%", "_____"):
            with self.subTest(code), self.assertRaisesRegex(UserError, "Nothing was"):
                self.env["clinic.appointment"].action_scan(code)

    def test_only_the_desk_scans(self):
        visit = self._arrived()
        for role in ("director", "callcenter"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._as(self.env["clinic.appointment"], role).action_scan(visit.name)

    def test_act_of_another_company_is_not_found(self):
        visit = self._arrived()
        visit.action_print_act()
        other = self.env["res.company"].create({"name": "Test other clinic"})
        user = self._user("cashier")
        user.write({"company_ids": [(4, other.id)]})
        scan = (
            self.env["clinic.appointment"]
            .with_user(user)
            .with_context(allowed_company_ids=other.ids)
            .action_scan
        )
        with self.assertRaisesRegex(UserError, "Nothing was"):
            scan(visit.act_number)


@tagged("post_install", "-at_install")
class TestBill(DocumentsCommon):
    def test_bill_has_requisites_and_a_code_for_bank_apps(self):
        invoice = self._book().invoice_id
        self._as(invoice, "cashier").action_clinic_print_bill()
        html = self._html("report_clinic_bill", invoice, self._user("cashier"))
        for text in (BIC, CORRESPONDENT, self._account(), "КПП", invoice.name):
            self.assertIn(text, html)
        self.assertIn("Две тысячи рублей 00 копеек", html)
        fields = parse(invoice._clinic_qr())
        self.assertEqual(fields["Sum"], "200000")
        self.assertEqual(fields["PersonalAcc"], self._account())
        self.assertEqual(fields["PayeeINN"], "7707083893")
        self.assertIn(invoice.name, fields["Purpose"])
        self.assertNotIn(self.service.name, fields["Purpose"])

    def test_credit_note_asks_for_nothing(self):
        visit = self._book()
        invoice = visit.invoice_id
        visit.action_cancel()
        refund = invoice.reversal_move_ids
        html = self._html("report_clinic_bill", refund)
        self.assertIn("Корректировка счёта", html)
        self.assertIn(refund.name, html)
        for text in ("Счёт на оплату", "Оплатить до", "Осталось оплатить", BIC):
            self.assertNotIn(text, html)

    def test_code_asks_for_what_is_still_due(self):
        visit = self._book()
        self._pay(visit, amount=1500.5)
        self.assertEqual(parse(visit.invoice_id._clinic_qr())["Sum"], "49950")
        self._pay(visit, amount=499.5)
        self.assertFalse(visit.invoice_id._clinic_qr())

    def test_bill_without_requisites_says_what_is_missing(self):
        self.company.clinic_bank_account_id = False
        self.company.bank_ids.unlink()
        with self.assertRaisesRegex(UserError, "Finance Settings"):
            self._book().invoice_id.action_clinic_print_bill()

    def test_corporate_payer_has_inn_and_kpp_on_the_bill(self):
        payer = self.env["res.partner"].create(
            {
                "name": "Test Works",
                "is_company": True,
                "country_id": self.env.ref("base.ru").id,
                "vat": "7707083893",
                "clinic_kpp": "770701001",
            }
        )
        self.patient.payer_id = payer
        invoice = self._book().invoice_id
        html = self._html("report_clinic_bill", invoice)
        self.assertIn("Test Works, ИНН 7707083893, КПП 770701001", html)
        self.assertIn(self.patient.name, html)

    def test_who_may_print(self):
        invoice = self._book().invoice_id
        with self.assertRaises(AccessError):
            self._as(invoice, "callcenter").action_clinic_print_bill()


@tagged("post_install", "-at_install")
class TestCashOrders(DocumentsCommon):
    def test_receipt_order(self):
        visit = self._book()
        payment = self._pay(visit, user=self._user("cashier"), amount=1234.56)
        self._as(payment, "cashier").action_clinic_print_order()
        html = self._html("report_clinic_cash_in", payment, self._user("cashier"))
        self.assertIn("Одна тысяча двести тридцать четыре рубля 56 копеек", html)
        for text in ("0310001", "Квитанция", visit.invoice_id.name, "1 234,56"):
            self.assertIn(text, html)
        self.assertIn(self._user("cashier").name, html)
        self.assertNotIn(self.service.name, html)
        number = rf"nowrap;?\">\s*№ <b>\s*{payment.clinic_order_number}\s*</b>"
        self.assertRegex(html, number, "the number stays with its sign")
        self.assertNotIn('class="row', html, "Bootstrap's rows stick out of the form")

    def test_receipt_order_of_several_invoices(self):
        names = (self._book(9) | self._book(10)).mapped("invoice_id.name")
        payment = self._wizard(amount=4000)._take()
        payment.action_clinic_print_order()
        html = self._html("report_clinic_cash_in", payment, self._user("cashier"))
        self.assertIn("по счетам", html)
        for name in names:
            self.assertIn(name, html)

    def test_numbers_run_by_desk_year_and_kind(self):
        first = self._pay(self._book(9), amount=100)
        second = self._pay(self._book(10), amount=100)
        second.action_clinic_print_order()
        first.action_clinic_print_order()
        start = second.clinic_order_number
        self.assertEqual(first.clinic_order_number, start + 1)
        first.action_clinic_print_order()
        self.assertEqual(first.clinic_order_number, start + 1)
        refund = self._refund(100)
        refund.action_clinic_print_order()
        self.assertEqual(
            (refund.clinic_order_year, refund.payment_type),
            (refund.date.year, "outbound"),
        )
        html = self._html("report_clinic_cash_out", refund)
        self.assertIn("0310002", html)
        self.assertIn("Возврат", html)

    def _refund(self, amount):
        refund = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.patient.id,
                "amount": amount,
                "journal_id": self.branch.cash_journal_id.id,
            }
        )
        refund.action_post()
        return refund

    def test_cash_order_names_the_tax_that_was_paid(self):
        payment = self._pay(self._book())
        self.assertEqual(payment._clinic_order_values()["vat"], "без налога (НДС)")
        group = self.env["account.tax.group"].create({"name": "VAT"})
        self.service.taxes_id = self.env["account.tax"].create(
            {
                "name": "VAT 22%",
                "amount": 22,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "tax_group_id": group.id,
            }
        )
        half = self._pay(self._book(12), amount=1220)
        self.assertEqual(half._clinic_order_values()["vat"], "НДС 220 руб. 00 коп.")

    def test_card_payment_has_no_cash_order(self):
        payment = self._pay(self._book(), method="card")
        with self.assertRaisesRegex(UserError, "for cash"):
            payment.action_clinic_print_order()

    def test_database_refuses_the_same_number(self):
        first = self._pay(self._book(9), amount=100)
        second = self._pay(self._book(10), amount=100)
        first.action_clinic_print_order()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            second.write(
                {
                    "clinic_order_number": first.clinic_order_number,
                    "clinic_order_year": first.clinic_order_year,
                }
            )
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestRequisites(DocumentsCommon):
    def test_mistyped_requisites_are_refused(self):
        russia = self.env.ref("base.ru").id
        for values in (
            {"vat": "7707083894"},
            {"clinic_kpp": "77070100"},
            {"company_registry": "1027700132194"},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "mistyped"),
            ):
                self.env["res.partner"].create(
                    {"name": "Test Works", "country_id": russia, **values}
                )

    def test_requisites_abroad_are_not_ours_to_check(self):
        partner = self.env["res.partner"].create(
            {
                "name": "Test Abroad",
                "country_id": self.env.ref("base.us").id,
                "clinic_kpp": "1",
            }
        )
        self.assertTrue(partner)

    def test_account_must_fit_its_bank(self):
        wrong = self._account()[:-1] + str((int(self._account()[-1]) + 1) % 10)
        with self.assertRaisesRegex(ValidationError, "mistyped"):
            self.account.acc_number = wrong
        with self.assertRaisesRegex(ValidationError, "does not belong"):
            self.account.bank_id.clinic_correspondent_account = CORRESPONDENT[:-1] + "6"

    def test_accountant_fills_in_the_settings(self):
        self.company.clinic_bank_account_id = False
        self.company.bank_ids.unlink()
        settings = self.env["clinic.finance.settings"].with_user(self._user("finance"))
        self.assertFalse(self._user("finance").has_group("base.group_system"))
        form = Form(settings)
        form.clinic_director_name = "Test Head"
        form.clinic_noshow_policy = "never"
        form.bank_bic = BIC
        # The bank is known already.
        self.assertEqual(form.bank_name, "Test bank")
        form.bank_account = self._account()
        form.save().action_save()
        company = self.company
        self.assertEqual(company.clinic_director_name, "Test Head")
        self.assertEqual(company.clinic_noshow_policy, "never")
        self.assertEqual(company.clinic_bank_account_id.acc_number, self._account())
        self.assertEqual(company._clinic_payee().correspondent, CORRESPONDENT)
        again = Form(settings)
        self.assertEqual(again.bank_account, self._account())
        self.assertEqual(again.vat, "7707083893")

    def test_others_do_not_change_the_settings(self):
        for role in ("reception", "cashier", "director", "callcenter"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._as(self.env["clinic.finance.settings"], role).create(
                    {"clinic_director_name": "Me"}
                ).action_save()

    def test_settings_write_nothing_else_of_the_company(self):
        names = self.env["clinic.finance.settings"]._company_fields()
        self.assertNotIn("currency_id", names)
        self.assertNotIn("fiscalyear_lock_date", names)
        self.assertIn("clinic_okpo", names)


@tagged("post_install", "-at_install")
class TestScanTour(FinanceCommon, HttpCase):
    def test_cashier_scans_and_takes_the_payment(self):
        user = self._user("cashier")
        visit = self._book()
        visit.name = "V900001"
        self.start_tour(
            "/odoo/action-clinic_finance.action_clinic_scan",
            "clinic_scan_tour",
            login=user.login,
        )
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self.patient.clinic_payment_ids.create_uid, user)
