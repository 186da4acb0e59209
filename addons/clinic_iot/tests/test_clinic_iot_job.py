from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IotCommon


@tagged("post_install", "-at_install")
class TestJobs(IotCommon):
    def test_the_same_key_gives_the_same_job(self):
        job = self._give(key="payment/1/income")
        self.assertEqual(self._give(key="payment/1/income"), job)
        with self.assertRaisesRegex(UserError, "other contents"):
            self._give(key="payment/1/income", payload={"total": 1})
        with self.assertRaisesRegex(UserError, "other contents"):
            self._give("drawer", key="payment/1/income")
        self.assertNotEqual(self._give(key="payment/2/income"), job)

    def test_a_cashier_gives_jobs_but_writes_none(self):
        cashier = self._user("cashier")
        jobs = self.env["clinic.iot.job"].with_user(cashier)
        job = jobs._give(self.register, "drawer")
        self.assertEqual(job.user_id, cashier)
        self.assertEqual(job.state, "queued")
        with self.assertRaises(AccessError):
            job.write({"state": "done"})
        with self.assertRaises(AccessError):
            jobs.create({"device_id": self.register.id, "kind": "drawer"})

    def test_jobs_of_a_device_go_in_their_order(self):
        first, second, third = (self._give("drawer") for _ in range(3))
        self.assertEqual(self._next().ids, (first | second | third).ids)
        self.assertEqual(set((first | second | third).mapped("state")), {"leased"})
        # the answer was lost: all that the box has not, still in their order
        self.assertEqual(self._next(have=[second.uuid]).ids, (first | third).ids)
        self.assertFalse(self._next(have=(first | second | third).mapped("uuid")))

    def test_a_stuck_device_holds_no_other(self):
        held = [self._give("drawer") for _ in range(20)]
        terminal = self._create_device(self.box, "card1", type="payment")
        payment = self._give("payment", device=terminal)
        fetched = self._next()
        self.assertIn(payment, fetched)
        self.assertEqual(len(fetched - payment), 5, "the others can be withdrawn")
        self.assertFalse(self._next(have=fetched.mapped("uuid")))
        self.assertEqual(held[5].state, "queued")

    def test_another_box_gets_nothing(self):
        self._give()
        other = self._create_box("box-of-others")
        self.assertFalse(self._next(other))

    def test_begin_is_allowed_once_and_again_to_who_has_begun(self):
        job = self._give()
        self._next()
        self.assertTrue(self._begin(job))
        self.assertEqual((job.state, job.attempts), ("running", 1))
        self.assertTrue(self._begin(job), "found out that it was not done")
        self.assertFalse(self._begin(job, journal="a new disk"))
        self._report(job, "unknown", settled=False, code="offline")
        self.assertTrue(self._begin(job))
        self._report(job, "done", fd=7)
        self.assertFalse(self._begin(job))

    def test_running_is_never_given_again(self):
        job = self._give()
        self._next()
        self._begin(job)
        self.env["clinic.iot.box"]._cron_watch()
        self.assertFalse(self._next())
        self.assertEqual(job.state, "running")

    def test_what_is_late_fails_without_being_begun(self):
        late = fields.Datetime.now() - timedelta(seconds=5)
        queued = self._give("drawer", deadline=late)
        running = self._give("drawer")
        self._next()
        self._begin(running)
        running.deadline = late
        self.assertFalse(self._begin(queued))
        self.env["clinic.iot.box"]._cron_watch()
        self.assertEqual((queued.state, queued.settled), ("failed", True))
        self.assertEqual(queued.result["code"], "too_late")
        self.assertEqual(running.state, "running")

    def test_an_end_is_kept(self):
        job = self._give()
        self._next()
        self._begin(job)
        self._report(job, "unknown", settled=False, code="offline", message="No line")
        self.assertEqual((job.state, job.result["message"]), ("unknown", "No line"))
        self.assertEqual(job.message, "The device is not reached")
        self._report(job, "done", fd=7)
        self.assertEqual((job.state, job.settled), ("done", True))
        self._report(job, "failed", code="other")
        self.assertEqual((job.state, job.result), ("done", {"fd": 7}))

    def test_a_lost_memory_makes_what_was_running_unknown(self):
        job, waiting = self._give(), self._give("drawer")
        self._next()
        self._begin(job, journal="old")
        self.env["clinic.iot.job"]._memory_lost(self.box, "new")
        self.assertEqual((job.state, job.settled), ("unknown", True))
        self.assertEqual(waiting.state, "leased")

    def test_who_gave_it_is_told_and_may_stumble(self):
        first = self._give()
        told = self._give("find", record=first)
        heard = []

        def hear(record, job):
            heard.append((record.id, job.id, record.env.su))
            if len(heard) == 1:
                raise ValueError("not now")

        self.patch(type(first), "_iot_job_ended", hear)
        with mute_logger("odoo.addons.clinic_iot.models.clinic_iot_job"):
            self._report(told, "done", fd=7)
        self.assertEqual(told.state, "done", "the end stands all the same")
        self.env["clinic.iot.box"]._cron_watch()
        self.env["clinic.iot.box"]._cron_watch()
        self.assertEqual(heard, [(first.id, told.id, True)] * 2)

    def test_names_say_nothing_about_people(self):
        job = self._give(payload={"contact": "+79122000001"})
        self.assertNotIn("+7912", job.display_name)

    def test_state_of_a_box(self):
        boxes = self.env["clinic.iot.box"]
        self.assertEqual(self.box.state, "online")
        self.assertTrue(self.register.is_online)
        self.box.last_seen = fields.Datetime.now() - timedelta(minutes=5)
        self.assertEqual(self.box.state, "offline")
        self.assertIn(self.box, boxes.search([("state", "=", "offline")]))
        self.assertIn(self.box, boxes.search([("state", "!=", "online")]))
        devices = self.env["clinic.iot.device"]
        self.assertIn(self.register, devices.search([("is_online", "=", False)]))
        self.assertNotIn(self.register, devices.search([("is_online", "=", True)]))
        self.box.action_unpair()
        self.assertEqual(self.box.state, "unpaired")
        self.assertFalse(self.box._secret_sudo())

    def test_condition_of_a_device(self):
        self.register._on_event("condition", {"code": "no_paper", "message": "Paper"})
        since = self.register.condition_since
        self.assertTrue(since)
        self.register._on_event("condition", {"code": "no_paper", "message": "Again"})
        self.assertEqual(self.register.condition_since, since)
        self.register._on_event("condition", {})
        self.assertFalse(self.register.condition_code)
        self.assertFalse(self.register.condition_since)
