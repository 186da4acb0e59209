from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..tools import catalog

FREE = ("cancelled", "noshow")


@tagged("post_install", "-at_install")
class TestClinic(TransactionCase):
    """The clinic that was made when the addon was installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls.env["clinic.appointment"].search([])
        cls.company = cls.env.ref("base.main_company")

    def rows(self, query):
        self.env.flush_all()
        self.env.cr.execute(query)
        return self.env.cr.fetchall()

    def test_the_network(self):
        branches = self.env["clinic.branch"].search([])
        self.assertEqual(len(branches), 3)
        self.assertEqual(
            set(branches.mapped("tz")), {"Asia/Yekaterinburg", "Europe/Moscow"}
        )
        specialists = self.env["clinic.specialist"].search([])
        self.assertEqual(len(specialists), 12)
        self.assertEqual(len(specialists.specialty_ids), 8)
        self.assertTrue(all(specialists.mapped("image_128")))
        services = self.env["product.product"].search(
            [("is_clinic_service", "=", True)]
        )
        self.assertGreaterEqual(len(services), 25)
        self.assertEqual(
            {min(services.mapped("duration")), max(services.mapped("duration"))},
            {15, 90},
        )
        self.assertTrue(all(service._clinic_specialists() for service in services))
        patients = self.env["res.partner"].search([("is_patient", "=", True)])
        self.assertGreaterEqual(len(patients), 150)

    def test_names_in_both_languages(self):
        for model in ("clinic.specialty", "clinic.problem", "product.template"):
            domain = (
                [("is_clinic_service", "=", True)]
                if model == "product.template"
                else []
            )
            for record in self.env[model].search(domain):
                english = record.with_context(lang="en_US").name
                russian = record.with_context(lang="ru_RU").name
                self.assertTrue(english.isascii(), english)
                self.assertFalse(russian.isascii(), russian)
        for specialist in self.env["clinic.specialist"].search([]):
            self.assertTrue(specialist.with_context(lang="en_US").about.isascii())
            self.assertFalse(specialist.with_context(lang="ru_RU").about.isascii())

    def test_every_state_is_there(self):
        states = dict(self.visits._fields["state"].selection)
        self.assertEqual(set(self.visits.mapped("state")), set(states))

    def test_nobody_and_nothing_is_taken_twice(self):
        for column in ("specialist_id", "room_id", "patient_id"):
            overlaps = self.rows(
                f"""SELECT one.id, other.id
                      FROM clinic_appointment one
                      JOIN clinic_appointment other
                        ON one.{column} = other.{column} AND one.id < other.id
                       AND tsrange(one.start, one.stop)
                           && tsrange(other.start, other.stop)
                     WHERE one.state NOT IN {FREE} AND other.state NOT IN {FREE}"""
            )
            self.assertFalse(overlaps, column)

    def test_the_ledger_holds_what_is_booked(self):
        taken = self.visits.filtered(lambda visit: visit.state not in FREE)
        self.assertEqual(taken.claim_ids.appointment_id, taken)
        freed = self.visits - taken
        self.assertFalse(freed.claim_ids)

    def test_nobody_works_on_a_day_off(self):
        leaves = self.env["hr.leave"].search([])
        self.assertEqual(set(leaves.mapped("state")), {"validate"})
        self.assertEqual(len(leaves), 5)
        to_move = self.env["clinic.rebooking"].search([("state", "=", "open")])
        for leave in leaves:
            specialist = self.env["clinic.specialist"].search(
                [("employee_id", "=", leave.employee_id.id)]
            )
            during = self.visits.filtered(
                lambda visit, one=specialist, leave=leave: (
                    visit.specialist_id == one
                    and visit.state != "cancelled"
                    and visit.start < leave.date_to
                    and visit.stop > leave.date_from
                )
            )
            # Whoever fell ill had visits: each of them is on the list to be moved.
            self.assertFalse(during - to_move.appointment_id, specialist.name)

    def test_each_visit_has_its_invoice(self):
        for visit in self.visits:
            invoices = visit.invoice_ids.filtered(
                lambda m: m.move_type == "out_invoice"
            )
            self.assertTrue(invoices, visit.name)
            self.assertEqual(invoices.clinic_patient_id, visit.patient_id)
            self.assertEqual(invoices.currency_id.name, "RUB")
            self.assertAlmostEqual(
                sum(invoices.mapped("amount_total")), visit.price_agreed
            )
            said = [step for step in visit.price_chain if "price" in step]
            self.assertEqual(visit.price_agreed, said[-1]["price"])
            if {step["source"] for step in said} == {"service"}:
                self.assertEqual(visit.price_agreed, visit.service_id.lst_price)
            self.assertEqual(
                set(invoices.mapped("state")),
                {"draft" if visit.state == "hold" else "posted"},
            )
            if visit.state == "cancelled":
                self.assertEqual(visit.payment_state, "reversed")

    def test_programmes_pay_for_their_members(self):
        covered = self.visits.filtered("price_member_id")
        programmes = covered.price_member_id.programme_id
        self.assertEqual(set(programmes.mapped("kind")), {"insurance", "corporate"})
        for visit in covered.filtered(lambda one: one.state == "fulfilled"):
            by_payer = visit.invoice_ids.filtered(
                lambda move, visit=visit: move.partner_id == visit.price_payer_id
            )
            self.assertAlmostEqual(
                sum(by_payer.mapped("amount_total")), visit.price_covered
            )
        # An employer's discount and share: a price of its own, paid by two.
        corporate = covered.filtered(
            lambda one: one.price_member_id.programme_id.kind == "corporate"
        )
        self.assertTrue(any(visit.price_copay for visit in corporate))
        self.assertTrue(
            all(visit.price_agreed < visit.service_id.lst_price for visit in corporate)
        )

    def test_each_invoice_is_paid_by_what_was_matched_to_it(self):
        for invoice in self.visits.invoice_id.filtered(lambda m: m.state == "posted"):
            matched = self.env["clinic.payment.match"].search(
                [
                    ("debit_line_id", "in", invoice.line_ids.ids),
                    ("partial_id", "!=", False),  # undone ones stay in the log
                ]
            )
            self.assertAlmostEqual(
                invoice.amount_total - invoice.amount_residual,
                sum(matched.mapped("amount")),
                msg=invoice.name,
            )

    def test_each_balance_follows_from_the_documents(self):
        balances = dict(
            self.rows(
                """SELECT partner_id, -sum(line.balance)
                     FROM account_move_line line
                     JOIN account_account account ON account.id = line.account_id
                    WHERE account.account_type = 'asset_receivable'
                      AND line.parent_state = 'posted' AND partner_id IS NOT NULL
                    GROUP BY partner_id"""
            )
        )
        payers = self.env["res.partner"].browse(balances)
        for payer in payers:
            self.assertAlmostEqual(
                payer.clinic_balance, float(balances[payer.id]), msg=payer.name
            )
        self.assertTrue(any(balance > 0 for balance in balances.values()))
        self.assertTrue(any(balance < 0 for balance in balances.values()))

    def test_invoices_are_paid_fully_partly_early_and_not_at_all(self):
        states = set(self.visits.mapped("payment_state"))
        self.assertLessEqual({"paid", "partial", "not_paid", "reversed"}, states)
        payments = self.env["account.payment"].search([])
        early = payments.filtered(
            lambda payment: (
                payment.clinic_appointment_id
                and payment.date < payment.clinic_appointment_id.day
            )
        )
        self.assertTrue(early)
        # money sent by bank is under way until its statement; at a desk it is there
        by_patients = payments.filtered("partner_id.is_patient")
        self.assertEqual(set(by_patients.mapped("state")), {"paid"})
        self.assertTrue(self.env["payment.transaction"].search([]))

    def test_each_visit_that_took_place_is_written_down(self):
        encounters = self.env["clinic.encounter"].search([])
        came = self.visits.filtered(
            lambda visit: visit.state in ("in_progress", "fulfilled")
        )
        self.assertEqual(encounters.appointment_id, came)
        for encounter in encounters:
            done = encounter.appointment_id.state == "fulfilled"
            self.assertEqual(encounter.state, "finished" if done else "in_progress")
            self.assertTrue(encounter.complaint)
            if done:
                main = encounter.diagnosis_ids.filtered(lambda d: d.kind == "main")
                self.assertEqual(len(main), 1)
                self.assertTrue(encounter.recommendations)
                self.assertLessEqual(encounter.start, encounter.stop)

    def test_reception_reads_the_visits_but_not_the_records(self):
        reception = self.env["res.users"].search([("login", "=", "reception")])
        self.env.invalidate_all()
        visits = self.env["clinic.appointment"].with_user(reception)
        self.assertTrue(visits.search([], limit=1))
        for model in ("clinic.encounter", "clinic.diagnosis", "clinic.medical.record"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(reception).search([])

    def test_the_web_site_is_the_clinics(self):
        website = self.env.ref("website.default_website")
        self.assertEqual(website.name, catalog.COMPANY["name"])
        self.assertEqual(website.default_lang_id.code, "ru_RU")
        self.assertEqual(set(website.language_ids.mapped("code")), {"ru_RU", "en_US"})
        self.assertEqual(self.company.currency_id.name, "RUB")
        self.assertEqual(self.company.country_id.code, "RU")
        provider = self.env.ref("payment.payment_provider_demo")
        self.assertEqual(provider.state, "test")
        self.assertTrue(provider.is_published)

    def test_no_letters_were_written(self):
        patients = self.visits.patient_id
        letters = self.env["mail.mail"].search([("recipient_ids", "in", patients.ids)])
        self.assertFalse(letters)

    def test_the_desk_has_something_to_do(self):
        wishes = self.env["clinic.waitlist"].search([])
        self.assertGreaterEqual(len(wishes), 5)
        self.assertFalse([wish.exclusion for wish in wishes if wish.exclusion])
        series = self.env["clinic.appointment.series"].search([])
        self.assertGreaterEqual(len(series.line_ids.appointment_id), 3)
        notices = self.env["clinic.notice"].search([])
        self.assertLessEqual({"delivered", "failed"}, set(notices.mapped("state")))
        self.assertTrue(self.env["clinic.rebooking"].search([("state", "=", "open")]))
        for branch in self.env["clinic.branch"].search([]):
            kinds = self.env["clinic.device"].search([("branch_id", "=", branch.id)])
            self.assertEqual(len(kinds.kind_id), 2)
