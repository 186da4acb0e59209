from odoo.tests import HttpCase, tagged

from .test_series import SeriesCommon


@tagged("post_install", "-at_install")
class TestSeriesTour(SeriesCommon, HttpCase):
    def test_a_visit_is_repeated_at_the_desk(self):
        visit = self._book(10)
        self._holiday(self.days[3], name="Tour holiday")
        self.start_tour(
            f"/odoo/clinic-appointments/{visit.id}",
            "clinic_series_tour",
            login=self._user("reception").login,
        )
        series = visit.series_id
        self.assertEqual((series.line_count, series.todo_count), (12, 0))
        self.assertEqual(series.booked_count, 11)
        skipped = series.line_ids.filtered(lambda line: line.state == "skipped")
        self.assertEqual(skipped.day, self.days[-1])
        moved = series.line_ids.filtered("is_moved")
        self.assertEqual(moved.day, self.days[3])
        self.assertNotEqual(moved.appointment_id.day, self.days[3])
