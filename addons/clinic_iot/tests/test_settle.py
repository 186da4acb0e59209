from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import IotCommon


@tagged("post_install", "-at_install")
class TestSettle(IotCommon):
    def setUp(self):
        super().setUp()
        self.cashier = self._user("cashier")
        self.job = self._give(key="payment/1/income")
        self._next()
        self._begin(self.job)

    def _wizard(self, decision, job=None, user=None, **values):
        job = (job or self.job).with_user(user or self.cashier)
        context = job.action_settle()["context"]
        wizards = self.env["clinic.iot.job.settle"].with_user(user or self.cashier)
        return wizards.with_context(**context).create(
            {"decision": decision, "reason": "Looked at the tape", **values}
        )

    def _notes(self, job=None):
        return " ".join((job or self.job).message_ids.mapped("body"))

    def test_done_by_hand_keeps_the_document_and_the_reason(self):
        self._report(self.job, "unknown", code="memory_lost")
        self._wizard("done", fd=17, fp="123", fn="999").action_settle()
        self.assertRecordValues(
            self.job,
            [
                {
                    "state": "done",
                    "settled": True,
                    "handled_by": self.cashier.id,
                    "handled_reason": "Looked at the tape",
                }
            ],
        )
        self.assertEqual(self.job.result["fd"], 17)
        self.assertIn("Looked at the tape", self._notes())
        self.assertEqual(self.job.message_ids[0].author_id, self.cashier.partner_id)
        self.assertFalse(self._begin(self.job))
        with self.assertRaises(UserError):
            self.job.with_user(self.cashier).action_settle()

    def test_repeated_by_hand_the_old_one_is_kept(self):
        self._report(self.job, "failed", code="no_paper", message="No paper")
        action = self._wizard("again").action_settle()
        fresh = self.env["clinic.iot.job"].browse(action["res_id"])
        self.assertEqual(fresh.retry_of_id, self.job)
        self.assertEqual((fresh.payload, fresh.state), (self.job.payload, "queued"))
        self.assertEqual(self.job.state, "failed")
        self.assertEqual(self.job.result["code"], "no_paper")
        # whoever gives the same gets the one that counts now
        self.assertEqual(self._give(key="payment/1/income"), fresh)
        with self.assertRaises(UserError):
            self.job.with_user(self.cashier)._settle_by_hand("again", "Twice")

    def test_receipt_given_up_by_mistake_is_printed_after_all(self):
        self._report(self.job, "failed", code="no_paper")
        self._wizard("failed").action_settle()
        self.assertTrue(self.job.can_settle, "the money still wants its receipt")
        action = self._wizard("again").action_settle()
        fresh = self.env["clinic.iot.job"].browse(action["res_id"])
        self.assertEqual((fresh.retry_of_id, fresh.state), (self.job, "queued"))
        self.job.invalidate_recordset(["can_settle"])
        self.assertFalse(self.job.can_settle, "once")
        # Nothing else that was given up comes back: a card, a drawer.
        other = self._give("drawer")
        self._wizard("failed", job=other).action_settle()
        self.assertFalse(other.can_settle)

    def test_repeated_on_another_device_of_the_branch(self):
        self._report(self.job, "failed", code="offline")
        spare = self._create_device(self.box, "kassa2")
        action = self._wizard("again", device_id=spare.id).action_settle()
        fresh = self.env["clinic.iot.job"].browse(action["res_id"])
        self.assertEqual(fresh.device_id, spare)
        self._report(fresh, "failed")
        box = self._create_box("moscow", branch=self.branch_msk)
        far = self._create_device(box, "kassa3")
        with self.assertRaisesRegex(UserError, "another branch"):
            self._wizard("again", job=fresh, device_id=far.id).action_settle()

    def test_an_unknown_that_is_repeated_cannot_begin_any_more(self):
        self._report(self.job, "unknown", settled=False, code="offline")
        self._wizard("again").action_settle()
        self.assertEqual((self.job.state, self.job.settled), ("failed", True))
        self.assertFalse(self._begin(self.job))

    def test_the_box_finds_out_otherwise(self):
        self._report(self.job, "unknown", settled=False, code="offline")
        self._wizard("failed").action_settle()
        self._report(self.job, "done", fd=18)
        self.assertEqual(self.job.state, "failed")
        self.assertEqual(self.job.late_result["fd"], 18)
        self.assertIn("otherwise", self._notes())
        # It cannot be printed a second time, and the document is kept.
        with self.assertRaises(UserError):
            self._wizard("again").action_settle()
        wizard = self._wizard("done")
        self.assertEqual(wizard.fd, 18)
        wizard.action_settle()
        self.assertEqual((self.job.state, self.job.result["fd"]), ("done", 18))
        self.assertFalse(self.job.can_settle)

    def test_what_was_taken_for_done_and_was_not_is_done_after_all(self):
        self._report(self.job, "unknown", settled=False, code="no_paper")
        self._wizard("done").action_settle()
        self.assertFalse(self.job.can_settle)
        self._report(self.job, "failed", code="withdrawn")
        self.assertEqual(
            self.job.message_ids[0].author_id, self.env.ref("base.partner_root")
        )
        self.job.invalidate_recordset(["can_settle"])
        self.assertTrue(self.job.can_settle)
        self.assertEqual(
            self.job.with_user(self.cashier).action_settle()["context"][
                "default_decision"
            ],
            "again",
        )
        self._wizard("again").action_settle()
        self.assertEqual(self.job.retry_ids.state, "queued")
        self.job.invalidate_recordset(["can_settle"])
        self.assertFalse(self.job.can_settle)

    def test_what_waits_can_be_withdrawn(self):
        waiting = self._give("drawer")
        self._wizard("failed", job=waiting).action_settle()
        self.assertEqual(waiting.state, "failed")
        self.assertNotIn(waiting, self._next())

    def test_what_is_being_done_is_left_to_the_box(self):
        with self.assertRaisesRegex(UserError, "still at it"):
            self.job.with_user(self.cashier).action_settle()
        self.box.last_seen = fields.Datetime.now() - timedelta(hours=1)
        self.assertTrue(self.job.can_settle)
        self._wizard("done").action_settle()
        self.assertEqual(self.job.state, "done")

    def test_the_register_is_asked(self):
        before = self._give("drawer")
        self._report(before, "done", fd=40)
        job = self._give()
        self._report(job, "unknown", code="memory_lost")
        self.assertTrue(job.can_find)
        finder = self.env["clinic.iot.job.find"].with_user(self.cashier)
        finder = finder.create({"job_id": job.id})
        self.assertEqual(finder.fd, 41, "the number after the last known")
        finder.action_find()
        asked = self.env["clinic.iot.job"].search([("kind", "=", "find")], limit=1)
        self.assertEqual(asked.payload, {"fd": 41})
        self._report(
            asked,
            "done",
            fn="999",
            fd=41,
            fp=55,
            operation=1,
            total=150000,
            moment="2026-11-23T09:30:00",
        )
        self.assertIn(" 41 ", self._notes(job))
        self.assertEqual(job.state, "unknown", "a person decides")
        wizard = self._wizard("done", job=job)
        self.assertEqual((wizard.fn, wizard.fd, wizard.fp), ("999", 41, "55"))
        wizard.action_settle()
        self.assertEqual(
            job.result["check"], "t=20261123T0930&s=1500.00&fn=999&i=41&fp=55&n=1"
        )

    def test_who_may_settle(self):
        self._report(self.job, "unknown", code="memory_lost")
        for role in ("director", "admin", "nurse", "specialist"):
            user = self._user(role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.job.with_user(user)._settle_by_hand("done", "I say so")
        self.job.with_user(self._user("reception"))._settle_by_hand("done", "Seen")
        self.assertEqual(self.job.state, "done")

    def test_jobs_of_another_company_are_closed(self):
        company = self.env["res.company"].create({"name": "Another clinic"})
        branch = self.env["clinic.branch"].create(
            {"name": "There", "company_id": company.id}
        )
        box = self._create_box("there", branch=branch)
        device = self._create_device(box, "kassa9")
        job = self._give(device=device)
        self._report(job, "unknown", code="memory_lost")
        for record in (box, device, job):
            self.env.invalidate_all()
            with self.subTest(record), self.assertRaises(AccessError):
                record.with_user(self.cashier).read(["display_name"])
        with self.assertRaises(AccessError):
            job.with_user(self.cashier)._settle_by_hand("done", "Not mine")

    def _receipt_job(self):
        item = {"name": "Visit", "quantity": "1", "price": 150000, "total": 150000}
        item |= {"vat": "none", "method": 4, "object": 4}
        payload = {"operation": "income", "items": [item], "tax_system": 2}
        return self._give(payload={**payload, "payments": {"card": 150000}})

    def _ask(self, job, fd=41):
        finder = self.env["clinic.iot.job.find"].with_user(self.cashier)
        finder.create({"job_id": job.id, "fd": fd}).action_find()
        return self.env["clinic.iot.job"].search([("kind", "=", "find")], limit=1)

    def _found(self, job):
        job.invalidate_recordset(["find_state", "find_words"])
        return job.with_user(self.cashier).find_state

    def test_question_to_the_register_says_how_it_stands(self):
        self._report(self.job, "failed", code="no_paper")
        job = self._receipt_job()
        self._next()
        self._begin(job)
        self._report(job, "unknown", code="memory_lost")
        self.assertFalse(self._found(job))
        asked = self._ask(job)
        self.assertEqual(self._found(job), "waiting")
        answer = {"fd": 41, "moment": "2026-11-23T10:05", "fp": 5}
        self._report(asked, "done", operation=1, total=150000, **answer)
        self.assertEqual(self._found(job), "same")
        self.assertIn("41", job.find_words)
        other = self._ask(job, fd=42)
        self.assertEqual(self._found(job), "waiting", "the newest question counts")
        self._report(other, "done", operation=2, total=150000, **answer)
        self.assertEqual(self._found(job), "other")
        none = self._ask(job, fd=43)
        self._report(none, "failed", code="fn_no_data")
        self.assertEqual(self._found(job), "none")

    def test_question_says_that_the_register_does_not_answer(self):
        job = self._receipt_job()
        self._next()
        self._begin(job)
        self._report(job, "unknown", settled=False, code="no_answer")
        self._ask(job)
        waiting = job.find_words
        self.assertIn("does not answer", waiting)
        self.box.last_seen = fields.Datetime.now() - timedelta(hours=1)
        job.invalidate_recordset()
        self.assertIn("box is not reached", job.find_words)
