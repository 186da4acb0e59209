import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..tools import client_bank
from .common import FinanceCommon

OURS = "40702810900000000001"


def document(number, amount, purpose, **values):
    """Return a section of a file: an incoming payment unless told otherwise."""
    facts = {
        "Номер": number,
        "Дата": "20.11.2026",
        "Сумма": amount,
        "ПлательщикСчет": "40817810500000000077",
        "ПлательщикИНН": "",
        "Плательщик1": "Иванов Пётр",
        "ПолучательСчет": OURS,
        "ДатаПоступило": "21.11.2026",
        "НазначениеПлатежа": purpose,
        **values,
    }
    body = "\r\n".join(f"{name}={value}" for name, value in facts.items())
    return f"СекцияДокумент=Платежное поручение\r\n{body}\r\nКонецДокумента"


def statement(*documents, incoming=None, codec="cp1251", name="Windows", end=True):
    """Return the bytes of a file as a bank exports it."""
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", f"Кодировка={name}"]
    lines += ["ДатаНачала=20.11.2026", "ДатаКонца=21.11.2026", f"РасчСчет={OURS}"]
    if incoming is not None:
        lines += ["СекцияРасчСчет", f"РасчСчет={OURS}", f"ВсегоПоступило={incoming}"]
        lines += ["КонецРасчСчет"]
    lines += documents
    if end:
        lines.append("КонецФайла")
    return "\r\n".join(lines).encode(codec)


@tagged("post_install", "-at_install")
class TestClientBankFile(BaseCase):
    def test_reads_what_a_bank_writes(self):
        data = statement(
            document("17", "1500.50", "Лечение Иванова", ПлательщикИНН="7707083893"),
            incoming="1500.50",
        )
        found = client_bank.parse(data)
        self.assertEqual(found.accounts, (OURS,))
        [one] = found.incoming
        self.assertEqual(one.kopecks, 150050)
        self.assertEqual(one.purpose, "Лечение Иванова")
        self.assertEqual(one.payer_inn, "7707083893")
        self.assertEqual(str(one.received), "2026-11-21")
        self.assertEqual(found.difference(), 0)

    def test_encodings(self):
        for codec, name in (
            ("cp1251", "Windows"),
            ("cp866", "DOS"),
            ("utf-8", "UTF-8"),
            ("utf-8-sig", "UTF-8"),
        ):
            with self.subTest(codec):
                data = statement(document("1", "1", "Ёлка"), codec=codec, name=name)
                self.assertEqual(client_bank.parse(data).incoming[0].purpose, "Ёлка")

    def test_purpose_in_pieces_and_own_transfers(self):
        other = "40702810900000000002"
        pieces = {
            "НазначениеПлатежа": "",
            "НазначениеПлатежа1": "Часть один",
            "НазначениеПлатежа2": "часть два",
        }
        data = statement(
            document("1", "10", "", **pieces),
            document("2", "20", "на другой счёт", ПлательщикСчет=OURS),
            document(
                "3", "30", "поставщику", ПлательщикСчет=OURS, ПолучательСчет=other
            ),
        )
        found = client_bank.parse(data)
        self.assertEqual([d.purpose for d in found.incoming], ["Часть один часть два"])
        self.assertEqual([d.number for d in found.outgoing], ["2", "3"])

    def test_key_is_of_the_movement_not_of_the_file(self):
        first = client_bank.parse(statement(document("1", "10", "x"))).incoming[0]
        again = client_bank.parse(
            statement(document("9", "1", "y"), document("1", "10.00", "x, corrected"))
        ).incoming[1]
        self.assertEqual(first.key, again.key)
        for change in (("2", "10", {}), ("1", "10.01", {})):
            other = client_bank.parse(
                statement(document(change[0], change[1], "x"))
            ).incoming[0]
            self.assertNotEqual(first.key, other.key)

    def test_bad_files(self):
        good = document("1", "10", "x")
        cases = [
            (b"", "not_client_bank"),
            (b"%PDF-1.4", "not_client_bank"),
            (statement(good, end=False), "cut_off"),
            (statement(good)[:-60], "cut_off"),
            (statement(document("1", "", "x")), "bad_sum"),
            (statement(document("1", "10.001", "x")), "bad_sum"),
            (statement(document("1", "NaN", "x")), "bad_sum"),
            (statement(document("1", "10", "x", Дата="31.02.2026")), "bad_date"),
            (statement(document("1", "10", "x", Дата="")), "bad_date"),
        ]
        for data, reason in cases:
            with (
                self.subTest(reason=reason, data=data[-30:]),
                self.assertRaises(client_bank.ClientBankError) as caught,
            ):
                client_bank.parse(data)
            self.assertEqual(caught.exception.reason, reason)

    def test_turnover_that_does_not_agree(self):
        data = statement(document("1", "10", "x"), incoming="25")
        self.assertEqual(client_bank.parse(data).difference(), -1500)


@tagged("post_install", "-at_install")
class TestClientBankImport(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Current account",
                "type": "bank",
                "code": "RSCH",
                "bank_acc_number": OURS,
            }
        )

    def _import(self, *documents, user=None, **values):
        wizards = self.env["clinic.bank.import"].with_user(user or self.env.user)
        data = base64.b64encode(statement(*documents, **values))
        wizard = wizards.create({"file": data, "filename": "kl_to_1c.txt"})
        self.assertEqual(wizard.journal_id, self.journal)
        action = wizard.action_import()
        return self.env["clinic.payment.intent"].search(action["domain"], order="id")

    def test_number_of_the_invoice_finds_the_payer_and_the_invoice(self):
        other, visit = self._book(10), self._book(11)
        name = visit.invoice_id.name
        intent = self._import(document("5", "2000", f"Оплата по счету {name} без НДС"))
        self.assertEqual(intent.state, "done")
        self.assertEqual(intent.payment_id.journal_id, self.journal)
        self.assertEqual(str(intent.payment_id.date), "2026-11-21")
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(other.payment_state, "not_paid")

    def test_number_without_its_prefix(self):
        """Booked where it is no guess; else a person is shown who it may be."""
        patient = self._create_patient(name="Other Patient", phone="+79122000009")
        other = self._book(10)
        visit = self._book(11, patient_id=patient.id)
        invoice = visit.invoice_id
        serial = invoice.sequence_number
        day = invoice.invoice_date
        sure = [
            f"Оплата по счёту № {serial} от {day:%d.%m}",
            f"сч {day.year}/{serial:05}",
            f"сч.{serial}-{day:%y}",
        ]
        for number, text in enumerate(sure):
            intent = self._import(document(f"1{number}", "100", text))
            self.assertEqual(intent.partner_id, patient, text)
            match = self.env["clinic.payment.match"].search(
                [("credit_move_id", "=", intent.payment_id.move_id.id)]
            )
            self.assertEqual(match.debit_move_id, invoice)
            self.assertEqual(match.rule, "reference")
        intent = self._import(document("20", "50", f"сч {serial}"))
        self.assertEqual(intent.state, "waiting")
        self.assertEqual(intent.suggested_partner_ids, patient)
        context = intent.action_assign()["context"]
        wizard = self.env["clinic.bank.assign"].with_context(**context).new({})
        self.assertEqual(wizard.partner_id, patient)
        left = f"{invoice.amount_residual:.2f}"
        intent = self._import(document("21", left, f"сч {serial}"))
        self.assertEqual(intent.partner_id, patient)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(other.payment_state, "not_paid")
        other_serial = other.invoice_id.sequence_number
        day_before = f"от {day.day % 28 + 1}.{day:%m}"
        for number, text in enumerate(
            (
                f"счета №№ {serial}, {other_serial} от {day:%d.%m.%y}",
                f"сч {other_serial} {day_before}",
                f"счет-фактура {other_serial}",
                f"договор {day.year}/{other_serial}",
            )
        ):
            intent = self._import(document(f"3{number}", "2000", text))
            self.assertEqual(intent.state, "waiting", text)

    def test_namesake_is_proposed_not_booked(self):
        self.patient.name = "Иванова Анна Петровна"
        facts = {"Плательщик1": "ИВАНОВА АННА ПЕТРОВНА//г. Тверь//"}
        intent = self._import(document("5", "700", "за лечение", **facts))
        self.assertEqual(intent.state, "waiting")
        self.assertEqual(intent.suggested_partner_ids, self.patient)

    def test_personal_account_number_finds_the_payer(self):
        visit = self._book()
        number = self.patient.clinic_account_number
        intent = self._import(document("5", "2000", f"лицевой счет {number}"))
        self.assertEqual(intent.partner_id, self.patient)
        self.assertEqual(visit.payment_state, "paid")

    def test_inn_finds_the_payer_unless_two_have_it(self):
        employer = self.env["res.partner"].create(
            {"name": "Employer", "is_company": True, "vat": "7707083893"}
        )
        facts = {"ПлательщикИНН": "7707083893"}
        intent = self._import(document("5", "700", "по договору", **facts))
        self.assertEqual(intent.partner_id, employer)
        employer.copy({"vat": "7707083893"})
        intent = self._import(document("6", "700", "по договору", **facts))
        self.assertEqual(intent.state, "waiting")

    def test_the_same_file_twice_and_a_longer_one(self):
        first = self._import(document("5", "700", "?"), document("6", "800", "?"))
        again = self._import(document("5", "700", "?"), document("6", "800", "?"))
        self.assertEqual(first, again)
        more = self._import(document("6", "800", "?"), document("7", "900", "?"))
        self.assertEqual(len(first | more), 3)
        self.assertFalse((first | more).payment_id)

    def test_waiting_money_is_booked_when_a_person_says_whose(self):
        visit = self._book()
        intent = self._import(document("5", "2000", "за лечение мамы"))
        self.assertEqual((intent.state, intent.payer_name), ("waiting", "Иванов Пётр"))
        finance = self._user("finance")
        context = intent.with_user(finance).action_assign()["context"]
        assign = self.env["clinic.bank.assign"].with_user(finance)
        wizard = assign.with_context(**context).create({"partner_id": self.patient.id})
        wizard.action_assign()
        self.assertEqual(intent.state, "done")
        self.assertEqual(visit.payment_state, "paid")
        with self.assertRaisesRegex(UserError, "already"):
            wizard.action_assign()
        again = self._import(document("5", "2000", "за лечение мамы"))
        self.assertEqual(again.payment_id, intent.payment_id)

    def test_left_out_and_brought_back(self):
        intent = self._import(document("5", "2000", "возврат от поставщика"))
        intent.action_leave_out()
        self.assertEqual(intent.state, "skipped")
        with self.assertRaisesRegex(UserError, "already"):
            intent.action_leave_out()
        intent.action_bring_back()
        self.assertEqual(intent.state, "waiting")

    def test_bad_file_says_why(self):
        wizard = self.env["clinic.bank.import"].create(
            {"file": base64.b64encode(b"%PDF"), "filename": "a.pdf"}
        )
        self.assertIn("1CClientBankExchange", wizard.problem)
        with self.assertRaisesRegex(UserError, "1CClientBankExchange"):
            wizard.action_import()

    def test_who_imports(self):
        self._import(document("5", "1", "?"), user=self._user("finance"))
        intent = self.env["clinic.payment.intent"].search([], limit=1)
        for role in ("cashier", "reception", "director", "callcenter", "specialist"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self._import(document("6", "1", "?"), user=self._user(role))
            with self.subTest(role), self.assertRaises(AccessError):
                intent.with_user(self._user(role)).action_leave_out()
