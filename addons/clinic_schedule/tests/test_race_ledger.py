from contextlib import contextmanager
from datetime import timedelta

from odoo.tests import tagged

from .race_common import RIVALS
from .test_race import BookingRace


@tagged("post_install", "-at_install")
class TestRaceLedger(BookingRace):
    """What a group, a limited day and shared rooms come to when all want them at once.

    The rivals' snapshots are all older than anybody's booking.
    """

    @contextmanager
    def _changed(self, model, res_id, **values):
        """Give a record other values while the block lasts."""
        with self._env() as env:
            record = env[model].browse(res_id)
            old = {name: record[name] for name in values}
            record.write(values)
        try:
            yield
        finally:
            with self._env() as env:
                self._forget(env)
                env[model].browse(res_id).write(old)

    def test_a_group_is_never_larger_than_it_is(self):
        with self._changed("product.product", self.service_id, group_size=5):
            told = self._all_book()
            self.assertEqual(told.count("done"), 5, told)
            self.assertEqual(sum("is full" in words for words in told), 3, told)

    def test_a_limit_of_the_day_holds(self):
        with self._changed(
            "clinic.specialist", self.specialist_id, max_visits_per_day=3
        ):
            told = self._all_book(
                start=lambda number: self.start + timedelta(minutes=30 * number)
            )
            self.assertEqual(told.count("done"), 3, told)
            self.assertEqual(sum("as many visits" in words for words in told), 5, told)


@tagged("post_install", "-at_install")
class TestRaceRooms(BookingRace):
    """Eight specialists and eight rooms of the branch: nobody is turned away."""

    @classmethod
    def _create_data(cls, env):
        super()._create_data(env)
        for number in range(RIVALS - 1):
            room = {"name": f"Race room {number}", "branch_id": cls.branch_id}
            cls._create(env, "clinic.room", room)
        cls.pool_ids = [
            cls._create_specialist(env, f"Race pool {number}")
            for number in range(RIVALS)
        ]

    def test_every_free_room_is_found(self):
        told = self._all_book(specialist_id=lambda number: self.pool_ids[number])
        self.assertEqual(told, ["done"] * RIVALS)
