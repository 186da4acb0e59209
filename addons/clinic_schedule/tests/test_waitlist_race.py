import threading
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged

RIVALS = 6
PATIENCE = 60  # seconds


@tagged("post_install", "-at_install")
class TestWaitlistRace(BaseCase):
    """Real transactions that commit: one offer, one window, several at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Post-install tests run while the registry is locked: threads would wait
        # for ever. Odoo's own HTTP tests do the same.
        cls.startClassPatcher(patch.object(Registry, "_lock", DummyRLock()))
        registry = Registry(get_db_name())
        # What other addons add to a booking could not be deleted afterwards; here the
        # waiting list itself is of interest, so its own hooks are called.
        for name, own in (
            ("_after_book", lambda visits: visits._close_waiting()),
            ("_after_confirm_hold", lambda visits: visits._close_waiting()),
            ("_after_cancel", lambda visits: None),
        ):
            cls.startClassPatcher(
                patch.object(registry["clinic.appointment"], name, own)
            )
        cls.startClassPatcher(
            patch.object(
                registry["clinic.waitlist"], "_channel", lambda *a, **k: "phone"
            )
        )
        cls.start = datetime.combine(
            date.today() + timedelta(days=47), datetime.min.time()
        )
        cls.start += timedelta(hours=9)
        cls.made = []
        cls.addClassCleanup(cls._clean_up)
        with cls._env() as env:
            cls._create_data(env)

    @classmethod
    @contextmanager
    def _env(cls):
        with db_connect(get_db_name()).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    @classmethod
    def _create(cls, env, model, vals):
        record = env[model].create(vals)
        cls.made.append((model, record.id))
        return record.id

    @classmethod
    def _create_data(cls, env):
        specialty = cls._create(env, "clinic.specialty", {"name": "Waiting therapy"})
        branch = cls._create(
            env,
            "clinic.branch",
            {"name": "Waiting branch", "tz": "UTC", "quiet_from": 0, "quiet_to": 0},
        )
        employee = cls._create(env, "hr.employee", {"name": "Waited-for Doctor"})
        cls.specialist_id = cls._create(
            env,
            "clinic.specialist",
            {
                "employee_id": employee,
                "specialty_ids": [Command.set([specialty])],
                "branch_ids": [Command.set([branch])],
            },
        )
        cls._create(
            env,
            "clinic.shift",
            {
                "specialist_id": cls.specialist_id,
                "branch_id": branch,
                "start": cls.start,
                "stop": cls.start + timedelta(minutes=30),
            },
        )
        service = cls._create(
            env,
            "product.product",
            {
                "name": "Waiting visit",
                "is_clinic_service": True,
                "duration": 30,
                "specialty_ids": [Command.set([specialty])],
            },
        )
        cls.entry_ids = []
        for number in range(2):
            patient = cls._create(
                env,
                "res.partner",
                {"name": f"Waiting rival {number}", "is_patient": True},
            )
            cls.entry_ids.append(
                cls._create(
                    env,
                    "clinic.waitlist",
                    {
                        "patient_id": patient,
                        "service_id": service,
                        "specialist_ids": [Command.set([cls.specialist_id])],
                        "date_from": cls.start.date(),
                        "date_to": cls.start.date(),
                    },
                )
            )

    @classmethod
    def _clean_up(cls):
        with cls._env() as env:
            cls._forget(env)
            for model, record_id in reversed(cls.made):
                env[model].browse(record_id).exists().unlink()

    @classmethod
    def _forget(cls, env):
        env["clinic.waitlist"].browse(cls.entry_ids).offer_ids.unlink()
        visits = env["clinic.appointment"].search(
            [("specialist_id", "=", cls.specialist_id)]
        )
        visits.filtered(lambda v: v.state in ("hold", "booked"))._move(
            "cancelled", force=True
        )
        visits.unlink()
        env["clinic.freed.window"].search(
            [("specialist_id", "=", cls.specialist_id)]
        ).unlink()
        entries = env["clinic.waitlist"].browse(cls.entry_ids)
        entries.write({"state": "open", "closed_at": False, "appointment_id": False})

    def setUp(self):
        super().setUp()
        with self._env() as env:
            self._forget(env)

    def _offer(self, env):
        """Free the window, offer it to the first entry, return the offer's id."""
        window = env["clinic.freed.window"]._freed(
            [(self.specialist_id, self.start, self.start + timedelta(minutes=30))],
            "cancel",
        )
        window._work()
        return window.pending_offer_id.id

    def _at_once(self, *jobs):
        """Run the jobs, each in a transaction that began before any has committed."""
        gate = threading.Barrier(len(jobs), timeout=PATIENCE)
        told = []

        def run(job):
            try:
                with self._env() as env:
                    env["clinic.waitlist.offer"].search([], limit=1)
                    gate.wait()
                    job(env)
                told.append("done")
            except SerializationFailure:
                # Odoo repeats such a request; then it sees what the other has done.
                with self._env() as env:
                    try:
                        job(env)
                        told.append("repeated")
                    except UserError as error:
                        told.append(str(error))
            except UserError as error:
                told.append(str(error))
            except Exception as error:  # noqa: BLE001 - reported by the assertion
                told.append(f"broken {error!r}")

        threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertFalse([word for word in told if word.startswith("broken")], told)
        return told

    def _booked(self, env):
        return env["clinic.appointment"].search(
            [("specialist_id", "=", self.specialist_id), ("state", "=", "booked")]
        )

    def test_accepted_six_times_at_once_is_one_booking(self):
        with self._env() as env:
            offer_id = self._offer(env)

        def accept(env):
            env["clinic.waitlist.offer"].browse(offer_id)._accept("link")

        told = self._at_once(*[accept] * RIVALS)
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

        self._at_once(*[work] * RIVALS)
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

        told = self._at_once(*map(offer_to, self.entry_ids))
        self.assertEqual(told.count("done") + told.count("repeated"), 1, told)
        with self._env() as env:
            holds = env["clinic.appointment"].search_count(
                [("specialist_id", "=", self.specialist_id), ("state", "=", "hold")]
            )
            self.assertEqual(holds, 1)
