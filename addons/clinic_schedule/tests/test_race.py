import threading
import time
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged

RIVALS = 8
PATIENCE = 60  # seconds


@tagged("post_install", "-at_install")
class TestRace(BaseCase):
    """Real transactions that commit: what one snapshot cannot see.

    The data is made and removed with cursors of its own, for the cursor of a test case
    must not commit.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Post-install tests run while the registry is locked: threads would wait
        # for ever. Odoo's own HTTP tests do the same.
        cls.startClassPatcher(patch.object(Registry, "_lock", DummyRLock()))
        # What other addons add to a booking (an invoice, say) is not what races here,
        # and could not be deleted afterwards.
        for hook in ("_after_book", "_after_confirm_hold", "_after_cancel"):
            model = Registry(get_db_name())["clinic.appointment"]
            cls.startClassPatcher(patch.object(model, hook, lambda visits: None))
        cls.start = datetime.combine(
            date.today() + timedelta(days=40), datetime.min.time()
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
        specialty = cls._create(env, "clinic.specialty", {"name": "Race therapy"})
        branch = cls._create(env, "clinic.branch", {"name": "Race branch", "tz": "UTC"})
        room = cls._create(
            env, "clinic.room", {"name": "Race room", "branch_id": branch}
        )
        employee = cls._create(env, "hr.employee", {"name": "Race Doctor"})
        cls.specialist_id = cls._create(
            env,
            "clinic.specialist",
            {"employee_id": employee, "specialty_ids": [Command.set([specialty])]},
        )
        cls._create(
            env,
            "clinic.shift",
            {
                "specialist_id": cls.specialist_id,
                "branch_id": branch,
                "room_id": room,
                "start": cls.start,
                "stop": cls.start + timedelta(hours=8),
            },
        )
        cls.service_id = cls._create(
            env,
            "product.product",
            {
                "name": "Race visit",
                "is_clinic_service": True,
                "duration": 30,
                "specialty_ids": [Command.set([specialty])],
            },
        )
        cls.patient_ids = [
            cls._create(
                env, "res.partner", {"name": f"Race patient {n}", "is_patient": True}
            )
            for n in range(RIVALS)
        ]

    @classmethod
    def _clean_up(cls):
        with cls._env() as env:
            cls._forget_visits(env)
            for model, record_id in reversed(cls.made):
                env[model].browse(record_id).exists().unlink()

    @classmethod
    def _forget_visits(cls, env):
        visits = env["clinic.appointment"].search(
            [("specialist_id", "=", cls.specialist_id)]
        )
        visits.filtered(lambda v: v.state == "booked")._move("cancelled", force=True)
        visits.unlink()

    def setUp(self):
        super().setUp()
        with self._env() as env:
            self._forget_visits(env)

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

    def _stampede(self, before=None):
        """Let all rivals book the same window at once; return what each was told."""
        gate = threading.Barrier(RIVALS, timeout=PATIENCE)
        told, broken = [], []

        def rival(patient_id):
            try:
                with self._env() as env:
                    # The snapshot is taken here, before anybody has committed.
                    env["clinic.appointment"].search([], limit=1)
                    gate.wait()
                    self._book(env, patient_id)
                    told.append("booked")
            except UserError as error:
                told.append(str(error))
            except Exception as error:  # noqa: BLE001 - reported by the assertion
                broken.append(repr(error))

        threads = [
            threading.Thread(target=rival, args=(patient_id,), daemon=True)
            for patient_id in self.patient_ids
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(broken, [])
        return told

    def _assert_one_winner(self, told):
        self.assertEqual(told.count("booked"), 1, told)
        for sentence in told:
            if sentence != "booked":
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
        self._assert_one_winner(self._stampede())

    def test_one_of_eight_wins_under_an_expired_hold(self):
        with self._env() as env:
            hold = self._book(env, self.patient_ids[0], hold_minutes=5)
            past = datetime.now() - timedelta(minutes=1)
            hold.hold_until = past
            hold.claim_ids.hold_until = past
        self._assert_one_winner(self._stampede())

    def test_loser_hears_it_at_once_and_gets_what_is_free(self):
        """The winner commits while the loser waits: invisible to its snapshot."""
        told = []

        def loser():
            with self._env() as env:
                env["clinic.appointment"].search([], limit=1)
                started.set()
                try:
                    self._book(env, self.patient_ids[1])
                except UserError as error:
                    told.append(error)

        started = threading.Event()
        thread = threading.Thread(target=loser, daemon=True)
        with self._env() as env:
            self._book(env, self.patient_ids[0])
            thread.start()
            self.assertTrue(started.wait(PATIENCE))
            time.sleep(0.3)  # now the loser stands at the lock
        thread.join(PATIENCE)
        self.assertIn("has just been taken", str(told[0]))
        starts = [slot["start"] for slot in told[0].alternatives]
        self.assertEqual(starts[0], str(self.start + timedelta(minutes=30)))
        self.assertEqual(len(starts), 3)

    def test_confirming_a_hold_and_taking_it_over_are_all_or_nothing(self):
        with self._env() as env:
            hold_id = self._book(env, self.patient_ids[0], hold_minutes=5).id
            hold = env["clinic.appointment"].browse(hold_id)
            past = datetime.now() - timedelta(minutes=1)
            hold.hold_until = past
            hold.claim_ids.hold_until = past
        with self._env() as env:
            env["clinic.appointment"].browse(hold_id).action_confirm()
        with self._env() as env, self.assertRaisesRegex(UserError, "already booked"):
            self._book(env, self.patient_ids[1])
