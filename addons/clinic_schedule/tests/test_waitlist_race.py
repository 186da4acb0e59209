from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.modules.registry import Registry
from odoo.tests import get_db_name, tagged

from .race_common import RaceCommon

RIVALS = 6


@tagged("post_install", "-at_install")
class TestWaitlistRace(RaceCommon):
    """One offer, one window, several at once."""

    hours = 0.5
    name = "Waiting"
    # The waiting list itself is of interest, so its own hooks are called.
    hooks = {
        "_after_book": lambda visits: visits._close_waiting(),
        "_after_confirm_hold": lambda visits: visits._close_waiting(),
        "_after_cancel": lambda visits: None,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        waitlist = Registry(get_db_name())["clinic.waitlist"]
        cls.startClassPatcher(
            patch.object(waitlist, "_channel", lambda *a, **k: "phone")
        )

    @classmethod
    def _create_data(cls, env):
        super()._create_data(env)
        env["clinic.branch"].browse(cls.branch_id).write(
            {"quiet_from": 0, "quiet_to": 0}
        )
        cls.entry_ids = []
        for patient_id in cls._create_patients(env, 2):
            vals = {
                "patient_id": patient_id,
                "service_id": cls.service_id,
                "specialist_ids": [Command.set([cls.specialist_id])],
                "date_from": cls.start.date(),
                "date_to": cls.start.date(),
            }
            cls.entry_ids.append(cls._create(env, "clinic.waitlist", vals))

    @classmethod
    def _forget(cls, env):
        entries = env["clinic.waitlist"].browse(cls.entry_ids)
        entries.offer_ids.unlink()
        super()._forget(env)
        env["clinic.freed.window"].search(
            [("specialist_id", "=", cls.specialist_id)]
        ).unlink()
        entries.write({"state": "open", "closed_at": False, "appointment_id": False})

    def _offer(self, env):
        """Free the window, offer it to the first entry, return the offer's id."""
        window = env["clinic.freed.window"]._freed(
            [(self.specialist_id, self.start, self.start + timedelta(minutes=30))],
            "cancel",
        )
        window._work()
        return window.pending_offer_id.id

    def _booked(self, env):
        return env["clinic.appointment"].search(
            [("specialist_id", "=", self.specialist_id), ("state", "=", "booked")]
        )

    def test_accepted_six_times_at_once_is_one_booking(self):
        with self._env() as env:
            offer_id = self._offer(env)

        def accept(env):
            env["clinic.waitlist.offer"].browse(offer_id)._accept("link")

        told = self._at_once(*[accept] * RIVALS, again=True)
        self.assertEqual(len(told), RIVALS)
        with self._env() as env:
            self.assertEqual(len(self._booked(env)), 1)
            offer = env["clinic.waitlist.offer"].browse(offer_id)
            self.assertEqual(offer.state, "accepted")
            self.assertEqual(offer.entry_id.state, "booked")
            self.assertEqual(offer.window_id.state, "filled")

    def test_accept_and_decline_at_once_agree(self):
        with self._env() as env:
            offer_id = self._offer(env)
        self._at_once(
            lambda env: env["clinic.waitlist.offer"].browse(offer_id)._accept("link"),
            lambda env: env["clinic.waitlist.offer"].browse(offer_id)._decline("desk"),
            again=True,
        )
        with self._env() as env:
            offer = env["clinic.waitlist.offer"].browse(offer_id)
            booked = len(self._booked(env))
            self.assertEqual(booked, int(offer.state == "accepted"))
            self.assertEqual(offer.entry_id.state, "booked" if booked else "open")

    def test_two_workers_offer_a_window_once(self):
        with self._env() as env:
            window_id = (
                env["clinic.freed.window"]
                ._freed(
                    [
                        (
                            self.specialist_id,
                            self.start,
                            self.start + timedelta(minutes=30),
                        )
                    ],
                    "cancel",
                )
                .id
            )

        def work(env):
            window = env["clinic.freed.window"].browse(window_id)
            window.try_lock_for_update()._work_safely()

        self._at_once(*[work] * RIVALS, again=True)
        with self._env() as env:
            window = env["clinic.freed.window"].browse(window_id)
            self.assertEqual(len(window.offer_ids), 1)
            self.assertEqual(window.state, "offering")

    def test_offering_by_hand_to_two_at_once_holds_one_time(self):
        def offer_to(entry_id):
            def job(env):
                env["clinic.waitlist.offer"]._make(
                    env["clinic.waitlist"].browse(entry_id),
                    self.specialist_id,
                    self.start,
                )

            return job

        told = self._at_once(*map(offer_to, self.entry_ids), again=True)
        self.assertEqual(told.count("done") + told.count("repeated"), 1, told)
        with self._env() as env:
            holds = env["clinic.appointment"].search_count(
                [("specialist_id", "=", self.specialist_id), ("state", "=", "hold")]
            )
            self.assertEqual(holds, 1)
