import pytz

from odoo import api, models

from ..tools.windows import to_minutes


class ClinicAppointmentTimeOff(models.Model):
    """Vacations, sick leaves and holidays take time, by the clock of each branch."""

    _inherit = "clinic.appointment"

    @api.model
    def _time_off(self, specialists, start, stop, zones):
        """Yield ``(specialist id, zone, span)`` of the time off between two moments.

        :param start: naive UTC, as ``stop``.
        :param zones: names of the time zones of the branches asked about.
        :return: the zone is None when the span (in minutes) holds everywhere, else it
            holds in branches of that zone only.
        """
        known = {name: pytz.timezone(name) for name in zones}
        leaves = self.env["resource.calendar.leaves"]
        for specialist, leave in leaves._clinic_search(specialists, start, stop):
            absence = leave._clinic_absence()
            places = known.items() if absence.floats else ((None, pytz.utc),)
            for zone, tz in places:
                first, last = absence.in_zone(tz)
                if first < stop and start < last:
                    yield (
                        specialist.id,
                        zone,
                        (to_minutes(first), to_minutes(last, up=True)),
                    )
