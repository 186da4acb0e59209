import threading
import time
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .race_common import PATIENCE, RIVALS, RaceCommon


class BookingRace(RaceCommon):
    """A shift in a room of its own, and as many patients as there are rivals."""

    has_room = True

    @classmethod
    def _create_data(cls, env):
        super()._create_data(env)
        cls.patient_ids = cls._create_patients(env, RIVALS)

    def _book(self, env, patient_id, **values):
        return env["clinic.appointment"]._book(
            {
                "patient_id": patient_id,
                "service_id": self.service_id,
                "specialist_id": self.specialist_id,
                "start": self.start,
                **values,
            }
        )

    def _all_book(self, **values_of):
        """Let every rival book at once; ``values_of`` are functions of his number."""

        def rival(number):
            values = {name: value(number) for name, value in values_of.items()}
            return lambda env: self._book(env, self.patient_ids[number], **values)

        return self._at_once(*map(rival, range(RIVALS)))

    def _hold_that_ran_out(self):
        with self._env() as env:
            hold = self._book(env, self.patient_ids[0], hold_minutes=5)
            past = datetime.now() - timedelta(minutes=1)
            hold.hold_until = past
            hold.claim_ids.hold_until = past
            return hold.id


@tagged("post_install", "-at_install")
class TestRace(BookingRace):
    """All want one window."""

    def _assert_one_winner(self, told):
        self.assertEqual(told.count("done"), 1, told)
        for sentence in told:
            if sentence != "done":
                self.assertIn("Free instead", sentence)
                self.assertNotIn("09:00", sentence.partition("Free instead")[2])
        with self._env() as env:
            visits = env["clinic.appointment"].search(
                [
                    ("specialist_id", "=", self.specialist_id),
                    ("state", "=", "booked"),
                ]
            )
            self.assertEqual(len(visits), 1)
            self.assertEqual(len(visits.claim_ids), 3)

    def test_one_of_eight_wins(self):
        self._assert_one_winner(self._all_book())

    def test_one_of_eight_wins_under_an_expired_hold(self):
        self._hold_that_ran_out()
        self._assert_one_winner(self._all_book())

    def _let_somebody_wait(self, while_waiting):
        """Book, let a rival stand behind that booking; return what he was told."""
        told = []

        def rival():
            with self._env() as env:
                env["clinic.appointment"].search([], limit=1)
                started.set()
                try:
                    while_waiting(env)
                    told.append("done")
                except UserError as error:
                    told.append(error)

        started = threading.Event()
        thread = threading.Thread(target=rival, daemon=True)
        with self._env() as env:
            self._book(env, self.patient_ids[0])
            thread.start()
            self.assertTrue(started.wait(PATIENCE))
            time.sleep(0.3)  # now the rival stands at the lock
        thread.join(PATIENCE)
        return told[0]

    def test_loser_hears_it_at_once_and_gets_what_is_free(self):
        """The winner commits while the loser waits: invisible to its snapshot."""
        told = self._let_somebody_wait(lambda env: self._book(env, self.patient_ids[1]))
        self.assertIn("has just been taken", str(told))
        starts = [slot["start"] for slot in told.alternatives]
        self.assertEqual(starts[0], str(self.start + timedelta(minutes=30)))
        self.assertEqual(len(starts), 3)

    def test_loser_asks_little_and_gives_his_locks_back(self):
        counted = []

        def lose(env):
            before = env.cr.sql_log_count
            try:
                self._book(env, self.patient_ids[1])
            except UserError:
                env.cr.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                    " AND pid = pg_backend_pid()"
                )
                counted.extend((env.cr.sql_log_count - before, *env.cr.fetchone()))
                raise

        self._let_somebody_wait(lose)
        queries, locks = counted
        self.assertLessEqual(queries, 16)
        self.assertEqual(locks, 0, "others stand behind the loser")

    def test_who_waited_for_another_hour_gets_what_he_wants(self):
        hour = timedelta(hours=1)
        told = self._let_somebody_wait(
            lambda env: self._book(env, self.patient_ids[1], start=self.start + hour)
        )
        self.assertEqual(told, "done")

    def test_cancelling_while_the_booking_is_being_told(self):
        """The job has sent a notice since the one who cancels began."""
        with self._env() as env:
            visit = self._book(env, self.patient_ids[0])
            visit._tell("booked")
            visit_id, notice_ids = visit.id, visit.notice_ids.ids
        self.assertEqual(len(notice_ids), 2)
        with self._env() as env:
            visit = env["clinic.appointment"].browse(visit_id)
            self.assertEqual(visit.state, "booked")  # the snapshot is taken here
            with self._env() as job:
                job["clinic.notice"].browse(notice_ids[0])._become("sent")
            visit.action_cancel()
        with self._env() as env:
            states = {
                notice.kind: env["clinic.notice"]
                .search([("appointment_id", "=", visit_id), ("kind", "=", notice.kind)])
                .mapped("state")
                for notice in env["clinic.appointment"].browse(visit_id).notice_ids
            }
        self.assertEqual(sorted(states["booked"]), ["sent", "skipped"])

    def test_confirming_a_hold_and_taking_it_over_are_all_or_nothing(self):
        hold_id = self._hold_that_ran_out()
        with self._env() as env:
            env["clinic.appointment"].browse(hold_id).action_confirm()
        with self._env() as env, self.assertRaisesRegex(UserError, "already booked"):
            self._book(env, self.patient_ids[1])
