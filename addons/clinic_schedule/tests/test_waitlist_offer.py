from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_waitlist import WaitlistCommon


@tagged("post_install", "-at_install")
class TestWaitlistOffer(WaitlistCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._fill_day()

    def _free(self, hour=10):
        self.visits[hour].action_cancel("Asked")

    def _offer(self, hour=10, **values):
        """Return the offer that the cancelled visit of an hour leads to."""
        self._wish(**values)
        self._free(hour)
        self._work()
        return self._pending()

    # Events ------------------------------------------------------------------

    def test_a_cancelled_visit_is_offered_and_held(self):
        entry = self._wish(specialist_ids=[Command.set(self.specialist.ids)])
        self._free()
        window = self.Window.search([("state", "=", "queued")])
        self.assertEqual(window.origin, "cancel")
        cron = self.env.ref("clinic_schedule.ir_cron_waitlist")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        self._work()
        offer = self._pending()
        self.assertEqual(offer.entry_id, entry)
        self.assertEqual(offer.start, self._at(10))
        self.assertEqual(offer.channel, "both")
        self.assertEqual(entry.state, "offered")
        self.assertEqual(window.state, "offering")
        self.assertEqual(offer.appointment_id.state, "hold")
        self.assertEqual(offer.valid_until, self.now + timedelta(minutes=30))
        self.assertIn("asked for this specialist", offer.reason_words)
        notices = self.env["clinic.notice"].search(
            [("kind", "=", "waitlist_offer"), ("res_id", "=", offer.id)]
        )
        self.assertEqual(set(notices.mapped("channel")), {"sms", "email"})
        self.assertEqual(notices.mapped("expires"), [offer.valid_until] * 2)

    def test_what_the_desk_frees_is_offered_when_undo_is_over(self):
        self._wish()
        visit = self.visits[10]
        visit.with_user(self._user("reception")).action_cancel("Asked")
        self._work()
        self.assertFalse(self._pending())
        with freeze_time(self.now + timedelta(seconds=21)):
            self._work()
            self.assertEqual(self._pending().start, self._at(10))

    def test_the_message_names_time_and_link_but_no_patient_nor_service(self):
        offer = self._offer()
        self.env["clinic.notice"].search([("res_id", "=", offer.id)])._send()
        sms = self.env["sms.sms"].search([], limit=1, order="id desc")
        self.assertIn("/c/", sms.body)
        self.assertIn("10:00", sms.body)
        self.assertIn("12:30", sms.body)
        mail = self.env["mail.mail"].search(
            [("model", "=", "clinic.notice")], limit=1, order="id desc"
        )
        for text in (sms.body, mail.subject, mail.body_html):
            self.assertNotIn("Waiting 0", text)
            self.assertNotIn("Test visit", text)

    def test_all_events_free_windows(self):
        day_off = self.env["resource.calendar.leaves"].create(
            {
                "name": "Day off",
                "resource_id": self.specialist2.resource_id.id,
                "date_from": self._at(9),
                "date_to": self._at(12),
            }
        )
        block = self.env["clinic.block"].create(
            {
                "name": "Meeting",
                "specialist_id": self.specialist2.id,
                "start": self._at(13),
                "stop": self._at(14),
            }
        )
        later = self.day + timedelta(days=1)

        def freed():
            found = self.Window.search([("state", "=", "queued")])
            result = [(w.origin, w.specialist_id, w.start, w.stop) for w in found]
            found.state = "nobody"
            return result

        shift = self._create_shift(self.specialist, day=later)
        self.assertEqual(
            freed(),
            [
                (
                    "shift",
                    self.specialist,
                    self._at(9, day=later),
                    self._at(15, day=later),
                )
            ],
        )
        shift.stop = self._at(17, day=later)
        self.assertEqual(
            freed(),
            [
                (
                    "shift",
                    self.specialist,
                    self._at(15, day=later),
                    self._at(17, day=later),
                )
            ],
        )
        shift.action_archive()
        self.assertEqual(freed(), [])
        shift.action_unarchive()
        self.assertEqual([event[0] for event in freed()], ["shift"])
        self.visits[10].reschedule(self._at(10, day=later))
        self.assertEqual(
            freed(), [("move", self.specialist, self._at(10), self._at(10, 30))]
        )
        block.unlink()
        self.assertEqual(
            freed(), [("block", self.specialist2, self._at(13), self._at(14))]
        )
        day_off.unlink()
        self.assertIn(("leave", self.specialist2, self._at(9), self._at(12)), freed())
        with freeze_time(self._at(11, 10)):
            self.visits[11]._move("noshow")
            self.assertEqual(
                freed(),
                [("noshow", self.specialist, self._at(11, 10), self._at(11, 30))],
            )

    def test_a_rolled_back_cancellation_frees_nothing(self):
        self._wish()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self._free()
            raise ZeroDivisionError
        self.assertFalse(self._work())

    def test_nobody_waits(self):
        self._free()
        self._work()
        self.assertFalse(self._pending())
        self.assertEqual(self.Window.search([], limit=1).state, "nobody")

    # Whom --------------------------------------------------------------------

    def test_the_window_is_grown_to_all_that_is_free(self):
        self._wish(service_id=self.service_prepaid.id)
        self.visits[10].action_cancel()
        self._work()
        self.assertFalse(self._pending(), "half an hour is too short for an hour")
        self.visits[10.5].action_cancel()
        self._work()
        offer = self._pending()
        self.assertEqual((offer.start, offer.stop), (self._at(10), self._at(11)))

    def test_the_rest_of_a_long_window_is_offered_to_others_meanwhile(self):
        first, second = self._wish(self.people[0]), self._wish(self.people[1])
        self._create_shift(self.specialist, day=self.day + timedelta(days=1))
        self._work()
        self._work()
        offers = self._pending()
        self.assertEqual(offers.entry_id, first | second)
        spans = sorted((offer.start, offer.stop) for offer in offers)
        self.assertLessEqual(spans[0][1], spans[1][0])

    def test_order_priority_then_fit_then_waiting(self):
        plain_early = self._wish(self.people[0])
        plain_early.since = self.now - timedelta(days=9)
        named = self._wish(
            self.people[1], specialist_ids=[Command.set(self.specialist.ids)]
        )
        urgent = self._wish(self.people[2], priority="1")
        plain_late = self._wish(self.people[3])
        self._free()
        order = []
        for _turn in range(4):
            self._work()
            offer = self._pending()
            order.append(offer.entry_id)
            offer._decline("link")
        self.assertEqual(order, [urgent, named, plain_early, plain_late])
        self._work()
        self.assertFalse(self._pending())
        self.assertEqual(offer.window_id.state, "nobody")

    def test_who_is_not_asked(self):
        cases = {
            "paused": {"paused_until": self.day},
            "too short notice": {"notice_hours": 72},
            "another branch": {"branch_ids": [Command.set(self.branch_msk.ids)]},
            "another day": {"weekdays": "0"},
            "another hour": {"hour_from": 10.25},
            "until earlier": {"hour_to": 10.25},
            "over": {"date_to": self.day - timedelta(days=1)},
            "another service": {
                "service_id": self._create_service(
                    specialty_ids=[Command.set(self.specialty2.ids)]
                ).id
            },
        }
        for case, values in cases.items():
            entry = self._wish(**values)
            window = self.Window._freed(
                [(self.specialist.id, self._at(10), self._at(10, 30))], "cancel"
            )
            window.branch_id = self.branch
            with self.subTest(case=case):
                self.assertFalse(window._matches())
            entry.unlink()

    def test_a_busy_patient_is_passed_over(self):
        self._book(
            10,
            patient_id=self.people[0].id,
            specialist_id=self.specialist2.id,
            service_id=self._create_service(
                specialty_ids=[Command.set(self.specialty2.ids)]
            ).id,
        )
        other = self._wish(self.people[1])
        offer = self._offer(priority="2")
        self.assertEqual(offer.entry_id, other)

    def test_whom_the_specialist_does_not_receive_is_passed_over(self):
        self.people[0].gender = "male"
        self.people[1].gender = "female"
        other = self._wish(self.people[1])
        self.specialist.patient_gender = "female"
        self.assertEqual(self._offer(priority="2").entry_id, other)

    def test_a_problem_is_for_who_takes_it(self):
        stranger = self.env["clinic.problem"].create(
            {
                "name": "Another problem",
                "specialty_ids": [Command.set(self.specialty2.ids)],
            }
        )
        self._wish(self.people[1], problem_id=stranger.id, priority="2")
        entry = self._wish(self.people[2], problem_id=self.problem.id)
        self._free()
        self._work()
        self.assertEqual(self._pending().entry_id, entry)

    def test_one_person_gets_one_offer_at_a_time(self):
        entry = self._wish()
        second = self._wish(service_id=self.service_prepaid.id)
        for hour in (10, 12, 12.5):
            self._free(hour)
        self._work()
        offer = self._pending()
        self.assertEqual(len(offer), 1)
        waiting = (entry | second) - offer.entry_id
        self.assertEqual(waiting.state, "open")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UserError, "another"),
            self.env.cr.savepoint(),
        ):
            self.env["clinic.waitlist.offer"]._make(
                waiting, self.specialist.id, self._at(12)
            )
        offer._decline("link")
        self._work()
        self.assertTrue(self._pending(), "the windows passed over are looked at again")

    def test_without_phone_and_mail_the_desk_has_to_call(self):
        self.people[0].write({"phone": False, "email": False})
        self._wish()
        self._free()
        (window,) = self._work()
        self.assertEqual(window.state, "call")
        self.assertFalse(self._pending())

    def test_who_has_an_account_only_sees_it_there_before_the_desk_calls(self):
        self.people[0].write({"phone": False, "email": False})
        entry = self._wish()
        sees = patch.object(type(entry), "_sees_offers", lambda _entry: True)
        self.startPatcher(sees)
        self._free()
        (window,) = self._work()
        offer = self._pending()
        self.assertRecordValues(
            offer, [{"entry_id": entry.id, "channel": "account", "state": "pending"}]
        )
        self.assertFalse(
            self.env["clinic.notice"].search(
                [("kind", "=", "waitlist_offer"), ("res_id", "=", offer.id)]
            )
        )
        # not looked at in time: the desk calls, and may offer the very same time
        offer._fall_silent()
        self._work()
        self.assertFalse(self._pending())
        self.assertEqual((window.state, entry.state), ("call", "open"))
        suggested = (
            self.env["clinic.waitlist.suggest"]
            .with_context(default_window_id=window.id)
            .default_get(["window_id", "line_ids"])
        )
        [(_create, _id, line)] = suggested["line_ids"]
        self.assertEqual(line["entry_id"], entry.id)

    def test_who_can_be_told_comes_before_who_only_has_an_account(self):
        self.people[0].write({"phone": False, "email": False})
        untold = self._wish()
        told = self._wish(self.people[1])
        sees = patch.object(type(untold), "_sees_offers", lambda _entry: True)
        self.startPatcher(sees)
        self._free()
        self._work()
        self.assertRecordValues(
            self._pending(), [{"entry_id": told.id, "channel": "both"}]
        )

    # Answers -----------------------------------------------------------------

    def test_accepted(self):
        offer = self._offer()
        visit = offer._accept("link")
        self.assertEqual(visit.state, "booked")
        self.assertEqual(offer.state, "accepted")
        self.assertEqual(offer.entry_id.state, "booked")
        self.assertEqual(offer.entry_id.appointment_id, visit)
        window = offer.window_id
        self.assertEqual((window.state, window.fill_rate), ("filled", 100.0))
        # Twice does no harm.
        self.assertEqual(offer._accept("link"), visit)
        offer._decline("link")
        self.assertEqual(visit.state, "booked")

    def test_confirmed_at_the_desk_by_the_button_of_the_visit(self):
        offer = self._offer()
        offer.appointment_id.with_user(self._user("reception")).action_confirm()
        self.assertEqual(offer.state, "accepted")
        self.assertEqual(offer.entry_id.state, "booked")
        self.assertEqual(offer.window_id.state, "filled")

    def test_declined_goes_to_the_next(self):
        second = self._wish(self.people[1])
        offer = self._offer(priority="1")
        offer._decline("link")
        self.assertEqual(offer.state, "declined")
        self.assertEqual(offer.entry_id.state, "open")
        self.assertEqual(offer.appointment_id.state, "cancelled")
        self._work()
        self.assertEqual(self._pending().entry_id, second)

    def test_silence_goes_to_the_next_and_a_late_yes_is_too_late(self):
        second = self._wish(self.people[1])
        offer = self._offer(priority="1")
        with freeze_time(self.now + timedelta(minutes=31)):
            offer.appointment_id._expire()
            self.assertEqual(offer.state, "silent")
            self._work()
            following = self._pending()
            self.assertEqual(following.entry_id, second)
            self.assertEqual(following.start, offer.start)
            with self.assertRaisesRegex(UserError, "this time is gone"):
                offer._accept("link")
            following._accept("link")
        self.assertEqual(offer.entry_id.state, "open")
        self.assertEqual(
            self.env["clinic.appointment"].search_count(
                [("start", "=", offer.start), ("state", "=", "booked")]
            ),
            1,
        )

    def test_a_late_yes_counts_while_the_time_is_free(self):
        offer = self._offer()
        with freeze_time(self.now + timedelta(minutes=31)):
            offer.appointment_id._expire()
            self._work()
            self.assertEqual(offer._page_state(), "late")
            visit = offer._accept("link")
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.start, self._at(10))
        self.assertEqual(offer.entry_id.state, "booked")

    def test_a_hold_that_ran_out_but_was_not_released_yet_can_be_accepted(self):
        offer = self._offer()
        with freeze_time(self.now + timedelta(minutes=31)):
            self.assertEqual(offer._accept("link").state, "booked")

    def test_cancelling_the_accepted_visit_frees_the_window_again(self):
        second = self._wish(self.people[1])
        offer = self._offer(priority="1")
        offer._accept("link").action_cancel()
        self._work()
        self.assertEqual(self._pending().entry_id, second)

    def test_what_the_patient_may_read(self):
        offer = self._offer(note="Between ourselves")
        values = offer.entry_id._portal_values()
        self.assertEqual(values["state"], "offered")
        self.assertEqual(values["offer"]["state"], "offer")
        self.assertEqual(values["offer"]["minutes"], 30)
        self.assertNotIn("Between ourselves", str(values))

    def test_leaving_the_list_takes_the_offer_back(self):
        offer = self._offer()
        offer.entry_id.action_leave()
        self.assertEqual(offer.state, "withdrawn")
        self.assertEqual(offer.appointment_id.state, "cancelled")
        self.assertEqual(offer._page_state(), "left")
        with self.assertRaises(UserError):
            offer._accept("link")

    def test_own_booking_takes_the_offer_back_and_serves_the_next(self):
        second = self._wish(self.people[1])
        offer = self._offer(priority="1")
        service = self.service
        self._create_shift(
            self.specialist, day=self.day + timedelta(days=1), hours=(9, 10)
        )
        self.Window.search([("origin", "=", "shift")]).state = "nobody"
        self._book(
            patient_id=self.people[0].id,
            service_id=service.id,
            start=self._at(9, day=self.day + timedelta(days=1)),
        )
        self.assertEqual(offer.state, "withdrawn")
        self.assertEqual(offer.entry_id.state, "booked")
        self._work()
        self.assertEqual(self._pending().entry_id, second)

    def test_the_desk_answers_for_the_patient(self):
        offer = self._offer().with_user(self._user("callcenter"))
        offer.action_accept()
        self.assertEqual(offer.answered_how, "desk")
        self.assertEqual(offer.answered_by_id, self._user("callcenter"))

    def test_book_at_the_offered_time_confirms_the_hold(self):
        offer = self._offer()
        visit_id = offer.entry_id.book_at(self.specialist.id, self._at(10))
        self.assertEqual(visit_id, offer.appointment_id.id)
        self.assertEqual(offer.state, "accepted")

    def test_book_at_another_time_withdraws_the_offer(self):
        offer = self._offer()
        self.visits[14].action_cancel()
        offer.entry_id.book_at(self.specialist.id, self._at(14))
        self.assertEqual(offer.state, "withdrawn")
        self.assertEqual(offer.entry_id.state, "booked")

    # Night -------------------------------------------------------------------

    def test_at_night_the_window_waits_for_the_morning(self):
        self._wish()
        evening = self.day - timedelta(days=2)
        with freeze_time(self._at(22, day=evening)):
            self._free()
            (window,) = self._work()
            self.assertEqual(window.state, "waiting")
            self.assertEqual(
                window.next_at, self._at(9, day=evening + timedelta(days=1))
            )
            self.assertFalse(self._work())
        with freeze_time(self._at(9, 1, day=evening + timedelta(days=1))):
            self._work()
            self.assertEqual(self._pending().channel, "both")

    def test_at_night_what_cannot_wait_goes_by_mail_only(self):
        self.people[1].email = False
        self._wish(self.people[1], priority="2", notice_hours=0)
        with_mail = self._wish(self.people[0])
        with freeze_time(self._at(4)):
            self.visits[9].action_cancel()
            self._work()
            offer = self._pending()
            self.assertEqual(offer.entry_id, with_mail)
            self.assertEqual(offer.channel, "email")
            notices = self.env["clinic.notice"].search([("res_id", "=", offer.id)])
            notices._send()
            by_channel = {n.channel: n.state for n in notices}
            self.assertEqual(by_channel["sms"], "skipped")

    # By hand -----------------------------------------------------------------

    def test_the_desk_offers_a_window_to_whom_it_wants(self):
        self._wish(self.people[1], priority="2")
        chosen = self._wish(self.people[2])
        window = self.Window._freed(
            [(self.specialist.id, self._at(10), self._at(10, 30))], "cancel"
        )
        self.visits[10].action_cancel()
        wizard = (
            self.env["clinic.waitlist.suggest"]
            .with_user(self._user("reception"))
            .create({"window_id": window.id})
        )
        self.assertEqual(len(wizard.line_ids), 0)
        values = wizard.with_context(default_window_id=window.id).default_get(
            ["window_id", "line_ids"]
        )
        lines = wizard.line_ids.create(
            [{**vals, "suggest_id": wizard.id} for _c, _i, vals in values["line_ids"]]
        )
        self.assertEqual(
            lines.mapped("entry_id.patient_id"), self.people[1] | self.people[2]
        )
        lines.filtered(lambda line: line.entry_id == chosen).action_offer()
        offer = self._pending()
        self.assertEqual(offer.entry_id, chosen)
        self.assertEqual(window.state, "offering")
        with self.assertRaisesRegex(UserError, "Withdraw that offer first"):
            lines[0].action_offer()

    def test_a_free_time_is_offered_from_the_entry(self):
        entry = self._wish()
        self.visits[10].action_cancel()
        wizard = (
            self.env["clinic.waitlist.pick"]
            .with_user(self._user("callcenter"))
            .create(
                {
                    "entry_id": entry.id,
                    "service_id": self.service.id,
                    "chosen": f"{self.specialist.id}|{self.room.id}|{self._at(10)}",
                }
            )
        )
        wizard.action_offer()
        offer = self._pending()
        self.assertEqual(offer.entry_id, entry)
        self.assertFalse(offer.window_id)
        self.assertEqual(offer.appointment_id.create_uid, self._user("callcenter"))

    def test_offers_and_windows_cannot_be_written_by_the_desk(self):
        offer = self._offer()
        self.env.invalidate_all()
        for role in ("reception", "admin"):
            user = self._user(role)
            with self.subTest(role=role), self.assertRaises(AccessError):
                offer.with_user(user).state = "accepted"
            with self.assertRaises(AccessError):
                offer.window_id.with_user(user).state = "filled"
        with self.assertRaises(AccessError):
            offer.with_user(self._user("cashier")).action_accept()

    # The job -----------------------------------------------------------------

    def test_one_window_that_fails_stops_nobody(self):
        self._wish()
        self._free(10)
        self._free(12)
        broken = self.Window.search([("start", "=", self._at(10))], limit=1)
        work = type(self.Window)._work

        def sometimes(window):
            if window == broken:
                raise ValueError("broken")
            work(window)

        with (
            patch.object(type(self.Window), "_work", sometimes),
            mute_logger("odoo.addons.clinic_schedule.models.clinic_freed_window"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("clinic_schedule.ir_cron_waitlist").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._pending().start, self._at(12))
        self.assertEqual(broken.state, "queued")
        self.assertEqual(broken.attempts, 1)
        self.assertGreater(broken.next_at, self.now)

    def test_statistics(self):
        self._wish(self.people[1])
        offer = self._offer(priority="1")
        with freeze_time(self.now + timedelta(minutes=10)):
            offer._decline("link")
            self._work()
        with freeze_time(self.now + timedelta(minutes=20)):
            self._pending()._accept("link")
        self._wish(self.people[2])
        self.visits[12].action_cancel()
        self._work()
        figures = self.env["clinic.waitlist.figures"]._figures(
            self.now.date() - timedelta(days=1), self.day, self.branch
        )
        self.assertEqual(figures["windows_offered"], 2)
        self.assertEqual(figures["windows_filled"], 1)
        self.assertEqual(figures["fill_rate"], 50.0)
        self.assertEqual(figures["median_fill"], 20.0)
        self.assertEqual(figures["entries_booked"], 1)
        self.assertEqual(figures["offers_made"], 3)
