from odoo.tests import tagged

from .common import ScheduleCommon

MOST = 20


@tagged("post_install", "-at_install")
class TestBookingQueries(ScheduleCommon):
    """What one booking costs, with access rules, tracking and mail on."""

    def test_one_booking(self):
        on_top = self.env["ir.module.module"].search(
            [("name", "=", "clinic_finance"), ("state", "=", "installed")]
        )
        if on_top:
            self.skipTest("Other addons add to a booking; this is of the schedule.")
        # Tests switch mail off by the context; here it is on.
        desk = self.env(user=self._user("reception"), context={})
        Appointment = desk["clinic.appointment"]
        values = (self.service.id, self.specialist.id)
        other = self._create_patient()
        # Rights, rules and defaults are in Odoo's caches, as in a running server.
        Appointment.book(other.id, *values, str(self._at(9)))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(MOST):
            visit_id = Appointment.book(self.patient.id, *values, str(self._at(10)))
            self.env.flush_all()
        visit = Appointment.browse(visit_id)
        self.assertEqual(visit.day, self.day)
        self.assertEqual(visit.specialist_user_id, self.specialist.user_id)
        self.assertTrue(visit.message_ids)
        self.assertEqual(len(visit.sudo().claim_ids), 3)
