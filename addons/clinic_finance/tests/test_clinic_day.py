from datetime import date, timedelta

from odoo import SUPERUSER_ID
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestClinicDay(FinanceCommon):
    """What the website, a notice or a job makes at night bears the clinic's day.

    Half past two in the morning in Yekaterinburg, the evening before in London; none
    of them has a time zone, or a patient on a journey has another one.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # fixed by the day of the visits, not by the hour of the run
        cls.night = cls.day - timedelta(days=3)
        cls.before = cls.night - timedelta(days=1)
        cls.env.ref("base.user_root").tz = False

    def _at_night(self):
        return freeze_time(f"{self.before} 21:30:00")

    def _callers(self):
        """Yield the environments of those who come without the clinic's zone."""
        for zone in (False, "America/Los_Angeles"):
            yield self.env(user=SUPERUSER_ID, context={"tz": zone})

    def test_invoice_and_credit_note(self):
        for hour, env in enumerate(self._callers(), 10):
            with self.subTest(zone=env.context["tz"]), self._at_night():
                visit = self._book(hour, service_id=self.service_prepaid.id)
                visit = visit.with_env(env)
                self.assertEqual(visit.invoice_id.invoice_date, self.night)
                invoice = visit.invoice_id
                visit.action_cancel("Asked")
                [note] = invoice.reversal_move_ids
                self.assertEqual((note.invoice_date, note.date), (self.night,) * 2)

    def test_joint_invoice(self):
        for hour, env in enumerate(self._callers(), 10):
            with self.subTest(zone=env.context["tz"]), self._at_night():
                visits = self._book(hour) | self._book(hour + 2)
                invoice_id = visits.with_env(env).invoice_together()
                invoice = env["account.move"].browse(invoice_id)
                self.assertEqual(invoice.invoice_date, self.night)

    def test_draft_that_is_posted(self):
        self.service.prepayment = "after"
        visit = self._book()
        # of the day that has just begun
        self.env.cr.execute(
            "UPDATE clinic_appointment SET start = %s, stop = %s WHERE id = %s",
            (f"{self.before} 21:00:00", f"{self.before} 21:30:00", visit.id),
        )
        visit.invalidate_recordset()
        visit.modified(["start", "stop"])
        draft = visit.invoice_id
        self.assertEqual((draft.state, visit.day), ("draft", self.night))
        with self._at_night():
            for env in self._callers():
                draft.with_env(env)._clinic_date_for_posting()
                self.assertEqual(draft.invoice_date, self.night)

    def test_block_and_refund_in_part(self):
        visit = self._book(service_id=self.service_prepaid.id)
        payment = self._pay(visit)
        self.assertTrue(payment)
        invoice = visit.invoice_id
        for env in self._callers():
            with self._at_night():
                invoice.with_env(env)._clinic_credit_part(100.0, "Test")
                note = invoice.reversal_move_ids.sorted("id")[-1]
                self.assertEqual(note.invoice_date, self.night)
                patient = self.patient.with_env(env)
                block = patient._set_financial_block("Test")
                self.assertEqual(block.date, self.night)

    def test_what_is_neither_of_a_branch_nor_in_the_schedule(self):
        with self._at_night():
            for env in self._callers():
                day = env["clinic.branch"]._clinic_day(self.company)
                self.assertIsInstance(day, date)
                self.assertEqual(day, self.night)
