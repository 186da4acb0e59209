from odoo.tests import tagged

from .common import ScheduleCommon
from .queries import own_queries

MOST = 20


@tagged("post_install", "-at_install")
class TestBookingQueries(ScheduleCommon):
    """What one booking costs, with access rules, tracking and mail on.

    What the addons above the schedule ask on their own account is not counted.
    """

    def test_one_booking(self):
        # Tests switch mail off by the context; here it is on.
        desk = self.env(user=self._user("reception"), context={})
        Appointment = desk["clinic.appointment"]
        values = (self.service.id, self.specialist.id)
        other = self._create_patient()
        # Rights, rules and defaults are in Odoo's caches, as in a running server.
        Appointment.book(other.id, *values, str(self._at(9)))
        self.env.flush_all()
        self.env.invalidate_all()
        with own_queries(self.env) as queries:
            visit_id = Appointment.book(self.patient.id, *values, str(self._at(10)))
            self.env.flush_all()
        self.assertLessEqual(len(queries), MOST, "\n".join(queries))
        visit = Appointment.browse(visit_id)
        self.assertEqual(visit.day, self.day)
        self.assertEqual(visit.specialist_user_id, self.specialist.user_id)
        self.assertTrue(visit.message_ids)
        self.assertEqual(len(visit.sudo().claim_ids), 3)
