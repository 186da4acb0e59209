import threading
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name

RIVALS = 8
PATIENCE = 60  # seconds


class RaceCommon(BaseCase):
    """Real transactions that commit: what one snapshot cannot see.

    One specialist with a shift and a service, in an empty branch, 40 days ahead. The
    data is made and removed with cursors of its own, for the cursor of a test case must
    not commit.
    """

    # How long the shift is, and what the data is called.
    hours = 8
    name = "Race"
    # Whether the shift is in a room of its own.
    has_room = False
    # What is called after a booking: what other addons make of it (an invoice, say) is
    # not what races here, and could not be deleted afterwards.
    hooks = dict.fromkeys(
        ("_after_book", "_after_confirm_hold", "_after_cancel"), lambda visits: None
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Post-install tests run while the registry is locked: threads would wait
        # for ever. Odoo's own HTTP tests do the same.
        cls.startClassPatcher(patch.object(Registry, "_lock", DummyRLock()))
        for hook, own in cls.hooks.items():
            model = Registry(get_db_name())["clinic.appointment"]
            cls.startClassPatcher(patch.object(model, hook, own))
        day = date.today() + timedelta(days=40)
        cls.start = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
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
        """Create a record that is removed in the end; return its id."""
        record = env[model].create(vals)
        cls.made.append((model, record.id))
        return record.id

    @classmethod
    def _create_data(cls, env):
        cls.specialty_id = cls._create(
            env, "clinic.specialty", {"name": f"{cls.name} therapy"}
        )
        cls.branch_id = cls._create(
            env, "clinic.branch", {"name": f"{cls.name} branch", "tz": "UTC"}
        )
        room_id = False
        if cls.has_room:
            room = {"name": f"{cls.name} room", "branch_id": cls.branch_id}
            room_id = cls._create(env, "clinic.room", room)
        cls.specialist_id = cls._create_specialist(env, f"{cls.name} doctor", room_id)
        cls.service_id = cls._create(
            env,
            "product.product",
            {
                "name": f"{cls.name} visit",
                "is_clinic_service": True,
                "duration": 30,
                "specialty_ids": [Command.set([cls.specialty_id])],
            },
        )

    @classmethod
    def _create_specialist(cls, env, name, room_id=False):
        """Create a specialist with a shift; return the id."""
        employee_id = cls._create(env, "hr.employee", {"name": name})
        specialist_id = cls._create(
            env,
            "clinic.specialist",
            {
                "employee_id": employee_id,
                "specialty_ids": [Command.set([cls.specialty_id])],
                "branch_ids": [Command.set([cls.branch_id])],
            },
        )
        cls._create(
            env,
            "clinic.shift",
            {
                "specialist_id": specialist_id,
                "branch_id": cls.branch_id,
                "room_id": room_id,
                "start": cls.start,
                "stop": cls.start + timedelta(hours=cls.hours),
            },
        )
        return specialist_id

    @classmethod
    def _create_patients(cls, env, count):
        return [
            cls._create(
                env, "res.partner", {"name": f"{cls.name} {n}", "is_patient": True}
            )
            for n in range(count)
        ]

    @classmethod
    def _clean_up(cls):
        with cls._env() as env:
            cls._forget(env)
            for model, record_id in reversed(cls.made):
                env[model].browse(record_id).exists().unlink()

    @classmethod
    def _forget(cls, env):
        """Remove what a test has made; called before each, and in the end."""
        visits = env["clinic.appointment"].search([("branch_id", "=", cls.branch_id)])
        visits.filtered(lambda v: v.state in ("hold", "booked"))._move(
            "cancelled", force=True
        )
        visits.unlink()

    def setUp(self):
        super().setUp()
        with self._env() as env:
            self._forget(env)

    def _at_once(self, *jobs, again=False):
        """Run jobs, each in a transaction that began before any has committed.

        :param again: repeat what could not be serialized, as Odoo does.
        :return: what each was told: "done", "repeated" or the words of a refusal.
        """
        gate = threading.Barrier(len(jobs), timeout=PATIENCE)
        told, broken = [], []

        def run(job):
            try:
                with self._env() as env:
                    # The snapshot is taken here, before anybody has committed.
                    env["clinic.appointment"].search([], limit=1)
                    gate.wait()
                    job(env)
                told.append("done")
            except UserError as error:
                told.append(str(error))
            except SerializationFailure as error:
                if not again:
                    broken.append(repr(error))
                    return
                try:
                    with self._env() as env:
                        job(env)
                    told.append("repeated")
                except UserError as refusal:
                    told.append(str(refusal))
            except Exception as error:  # noqa: BLE001 - reported by the assertion
                broken.append(repr(error))

        threads = [
            threading.Thread(target=run, args=(job,), daemon=True) for job in jobs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(broken, [])
        self.assertEqual(len(told), len(jobs), "somebody waits for ever")
        return told
