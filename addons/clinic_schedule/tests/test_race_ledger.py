import threading
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_race import PATIENCE, RIVALS, TestRace


@tagged("post_install", "-at_install")
class TestRaceLedger(TestRace):
    """What a group, a limited day and shared rooms come to when all want them at once.

    The rivals' snapshots are all older than anybody's booking.
    """

    # Those of the parent run there.
    test_one_of_eight_wins = None
    test_one_of_eight_wins_under_an_expired_hold = None
    test_loser_hears_it_at_once_and_gets_what_is_free = None
    test_confirming_a_hold_and_taking_it_over_are_all_or_nothing = None

    def _all_at_once(self, **values_of):
        """Let every rival book at once; ``values_of`` are functions of his number."""
        gate = threading.Barrier(RIVALS, timeout=PATIENCE)
        told, broken = [], []

        def rival(number):
            try:
                with self._env() as env:
                    env["clinic.appointment"].search([], limit=1)
                    gate.wait()
                    values = {name: value(number) for name, value in values_of.items()}
                    self._book(env, self.patient_ids[number], **values)
                    told.append("booked")
            except UserError as error:
                told.append(str(error))
            except Exception as error:  # noqa: BLE001 - reported by the assertion
                broken.append(repr(error))

        threads = [
            threading.Thread(target=rival, args=(number,), daemon=True)
            for number in range(RIVALS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(broken, [])
        return told

    def test_a_group_is_never_larger_than_it_is(self):
        with self._env() as env:
            env["product.product"].browse(self.service_id).group_size = 5
        try:
            told = self._all_at_once()
            self.assertEqual(told.count("booked"), 5, told)
            self.assertEqual(sum("is full" in words for words in told), 3, told)
        finally:
            with self._env() as env:
                self._forget_visits(env)
                env["product.product"].browse(self.service_id).group_size = 1

    def test_a_limit_of_the_day_holds(self):
        with self._env() as env:
            env["clinic.specialist"].browse(self.specialist_id).max_visits_per_day = 3
        try:
            told = self._all_at_once(
                start=lambda number: self.start + timedelta(minutes=30 * number)
            )
            self.assertEqual(told.count("booked"), 3, told)
            self.assertEqual(sum("as many visits" in words for words in told), 5, told)
        finally:
            with self._env() as env:
                self._forget_visits(env)
                env["clinic.specialist"].browse(
                    self.specialist_id
                ).max_visits_per_day = 0

    def test_every_free_room_is_found(self):
        """Eight specialists and eight rooms of the branch: nobody is turned away."""
        with self._env() as env:
            branch = (
                env["clinic.shift"]
                .search([("specialist_id", "=", self.specialist_id)])
                .branch_id
            )
            specialty = env["product.product"].browse(self.service_id).specialty_ids
            made = env["clinic.room"].create(
                [
                    {"name": f"Race room {n}", "branch_id": branch.id}
                    for n in range(RIVALS - 1)
                ]
            )
            employees = env["hr.employee"].create(
                [{"name": f"Race pool {n}"} for n in range(RIVALS)]
            )
            specialists = env["clinic.specialist"].create(
                [
                    {
                        "employee_id": employee.id,
                        "specialty_ids": [Command.set(specialty.ids)],
                    }
                    for employee in employees
                ]
            )
            shifts = env["clinic.shift"].create(
                [
                    {
                        "specialist_id": specialist.id,
                        "branch_id": branch.id,
                        "start": self.start,
                        "stop": self.start + timedelta(hours=8),
                    }
                    for specialist in specialists
                ]
            )
            ids = specialists.ids
            records = [
                (shifts._name, shifts.ids),
                (specialists._name, ids),
                (employees._name, employees.ids),
                (made._name, made.ids),
            ]
        try:
            told = self._all_at_once(specialist_id=lambda number: ids[number])
            self.assertEqual(told, ["booked"] * RIVALS)
        finally:
            with self._env() as env:
                visits = env["clinic.appointment"].search(
                    [("specialist_id", "in", ids)]
                )
                visits._move("cancelled", force=True)
                visits.unlink()
                for model, record_ids in records:
                    env[model].browse(record_ids).unlink()
