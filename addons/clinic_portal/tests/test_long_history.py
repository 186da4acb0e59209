from odoo.tests import tagged
from odoo.tools import SQL

from .common import NUMBER, WORDS, PortalCommon

VISITS = 1000
DOCUMENTS = 300
MOST_QUERIES = 60
# Files, whose making is not a page; a letter's link that leads on at once.
NO_PAGES = (
    "/visit.ics",
    "/act",
    "/statement",
    "/receipt",
    "/pdf",
    "/accept/",
    "/file/",
)
DOCUMENT = "/document/<int:document_id>"


@tagged("post_install", "-at_install")
class TestLongHistory(PortalCommon):
    """A patient of many years: pages cost what they cost a new one.

    A thousand visits, invoices and payments each, hundreds of documents.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        visit = cls._book(10)
        cls._pay(visit)
        cls._fulfil(visit)
        ahead = cls._book(12)
        cls.encounter = cls.env["clinic.encounter"]._open(visit)
        cls.encounter.recommendations = "Advice"
        cls.encounter._lock(visit.stop)
        cls.env.flush_all()
        cls._multiply(
            visit,
            start=SQL("start - n * interval '1 day'"),
            stop=SQL("stop - n * interval '1 day'"),
            name=SQL("name || '-' || n"),
            state=SQL("'fulfilled'"),
            access_token=SQL("NULL"),
            act_number=SQL("NULL"),
        )
        cls._multiply_money(visit)
        questions = [
            cls.env["clinic.question"]._ask(
                cls.patient, cls.patient, "desk", f"Question {index}"
            )
            for index in range(3)
        ]
        template = cls.env["clinic.document.template"].create(
            {
                "name": "Consent",
                "kind": "consent",
                "body": "<p>x</p>",
                "web_signing": "tick",
            }
        )
        document = cls.env["clinic.document"].create(
            {"patient_id": cls.patient.id, "template_id": template.id}
        )
        document.action_offer_on_web()
        cls.env.flush_all()
        cls._multiply(
            document,
            DOCUMENTS,
            state=SQL("CASE WHEN n %% 2 = 0 THEN 'issued' ELSE state END"),
            issued_at=SQL("now() AT TIME ZONE 'UTC' - n * interval '1 day'"),
        )
        cls.targets = {
            "appointment_id": ahead.id,
            "invoice_id": visit.invoice_id.id,
            "document_id": document.id,
            "encounter_id": cls.encounter.id,
            "question_id": questions[0].id,
        }
        cls.env["clinic.observation"].create(
            [
                {
                    "record_id": cls.encounter.record_id.id,
                    "code": "pulse",
                    "name": "Pulse",
                    "value_number": 60 + number % 40,
                    "source": "patient",
                }
                for number in range(VISITS)
            ]
        )
        cls.env.invalidate_all()

    @classmethod
    def _multiply(cls, record, count=VISITS, **changes):
        """Copy a row; ``changes`` are SQL, in which ``n`` is the number of the copy."""
        table = record._table
        columns = [
            name
            for name, field in record._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        values = [changes.get(name, SQL.identifier(table, name)) for name in columns]
        cls.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(10, %s) n "
                "WHERE id = %s",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
                SQL.identifier(table),
                count + 9,
                record.id,
            )
        )

    @classmethod
    def _multiply_move(cls, move):
        """Copy an entry with its lines; return what finds a copy by its number."""
        numbered = SQL("%s || '-' || n", move.name)
        cls._multiply(
            move,
            name=numbered,
            access_token=SQL("NULL"),
            clinic_appointment_id=SQL("NULL"),
        )
        copy_id = SQL("(SELECT m.id FROM account_move m WHERE m.name = %s)", numbered)
        for line in move.line_ids:
            cls._multiply(line, move_id=copy_id, move_name=numbered)
        return copy_id

    @classmethod
    def _multiply_money(cls, visit):
        """Copy the paid invoice of the visit and its payment."""
        payment = cls.env["account.payment"].search(
            [("partner_id", "=", visit.invoice_id.partner_id.id)], limit=1
        )
        cls._multiply_move(visit.invoice_id)
        cls._multiply(
            payment,
            move_id=cls._multiply_move(payment.move_id),
            clinic_key=SQL("NULL"),
        )

    def _pages(self):
        """Yield each page of the cabinet, found in the registry."""
        for path, routing, _names in self._cabinet_routes():
            if routing["type"] != "http" or "GET" not in routing["methods"]:
                continue
            if any(part in path for part in NO_PAGES) or path.endswith(DOCUMENT):
                continue
            yield self._filled(path, **self.targets)

    def _odoo_pages(self):
        """Yield each of Odoo's own pages of a patient, found in the registry."""
        for rule in self.env["ir.http"].routing_map().iter_rules():
            routing, path = rule.endpoint.routing, rule.rule
            for argument, value in WORDS.items():
                path = path.replace(argument, value)
            if (
                path.startswith("/my")
                and not path.startswith("/my/clinic")
                and routing["type"] == "http"
                and routing.get("website")
                and "GET" in (routing["methods"] or ("GET",))
                and self.targets.keys() >= set(NUMBER.findall(path))
            ):
                yield self._filled(path, **self.targets)

    def _invoices_on(self, path):
        """Return the numbers of the invoices on a page of Odoo's list."""
        return [
            link.get("title")
            for link in self._page(self._get(path)).xpath("//td/a[@title]")
            if link.get("role") != "button"
        ]

    def test_no_page_costs_more_than_sixty_queries(self):
        self._sign_in()
        self.assertGreater(len(self._visits()), VISITS)
        for model in ("account.move", "account.payment"):
            found = self.env[model].search_count([("partner_id", "=", self.patient.id)])
            self.assertGreater(found, VISITS)
        pages = [*self._odoo_pages(), *self._pages()]
        self.assertLessEqual({"/my", "/my/account", "/my/invoices"}, set(pages))
        self.assertGreater(len(pages), 20)
        for path in pages:
            with self.subTest(path=path):
                self.assertLessEqual(self._count_queries(path), MOST_QUERIES)

    def test_first_look_at_many_invoices_costs_as_much(self):
        """Links to them, which nobody has opened yet, are made on the way."""
        self._sign_in()
        pages = ("/my/invoices", "/my/invoices/page/2")
        self.assertLessEqual(
            self._count_queries(pages[1], alike=pages[0]), MOST_QUERIES
        )
        invoices = self.env["account.move"].search(
            [("partner_id", "=", self.patient.id), ("access_token", "!=", False)]
        )
        self.assertGreater(len(invoices), 150)
        self.assertEqual(len(set(invoices.mapped("access_token"))), len(invoices))
        self.assertFalse(any(invoices.mapped("is_manually_modified")))

    def test_pages_of_invoices_of_one_day_neither_repeat_nor_miss_any(self):
        self._sign_in()
        first = self._invoices_on("/my/invoices")
        second = self._invoices_on("/my/invoices/page/2")
        self.assertEqual(len({*first, *second}), len(first) + len(second))
        self.assertGreater(len(second), 10)
        self.assertEqual(self._invoices_on("/my/invoices"), first)
