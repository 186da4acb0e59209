from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import absence
from ..tools.absence import Absence
from .clinic_appointment import MOVING

_DAY = timedelta(days=1)


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    clinic_wall_from = fields.Datetime(
        compute="_compute_clinic_wall",
        store=True,
        help="The wall time it begins at in each branch, whatever its zone. Empty: it "
        "begins and ends at exact moments, the same in all zones.",
    )
    clinic_wall_to = fields.Datetime(compute="_compute_clinic_wall", store=True)

    @api.depends(
        "date_from",
        "date_to",
        "resource_id",
        "calendar_id",
        "holiday_id.request_unit_half",
        "holiday_id.request_unit_hours",
        "holiday_id.request_date_from_period",
        "holiday_id.request_date_to_period",
    )
    def _compute_clinic_wall(self):
        for leave in self:
            wall = None
            if leave.date_from and leave.date_to:
                if leave.holiday_id:
                    wall = leave._wall_of_request()
                elif not leave.resource_id:
                    wall = absence.whole_days(
                        leave.date_from, leave.date_to, leave._entry_zones()
                    )
            leave.clinic_wall_from, leave.clinic_wall_to = wall or (False, False)

    def _wall_of_request(self):
        """Return the wall times of what somebody asked for in Time Off.

        Odoo takes the hours of the working calendar (8 to 17, say) in the zone of the
        employee. Shifts know no such hours: a day off is the whole day, a half day all
        that comes before the end of the morning, or after the beginning of the
        afternoon.
        """
        # sudo: the hours of a day off are no secret, its kind and reason are not read
        return self._wall_of(self.holiday_id.sudo())

    def _wall_of(self, request):
        """Return the wall times this time off has by a request of Time Off."""
        tz = pytz.timezone(request.employee_id.tz or self.env.user.tz or "UTC")
        first = absence.wall_time(self.date_from, tz)
        last = absence.wall_time(self.date_to, tz)
        if request.request_unit_hours:
            return first, last
        half = request.request_unit_half
        if not half or request.request_date_from_period == "am":
            first = absence.day_start(first)
        if not half or request.request_date_to_period == "pm":
            last = absence.next_midnight(last)
        return first, last

    def _entry_zones(self):
        """Return the zones in which a public holiday may have been entered."""
        branches_sudo = self.env["clinic.branch"].sudo().search([])
        names = [
            self.calendar_id.tz,
            self.env.context.get("tz"),
            self.env.user.tz,
            self.company_id.resource_calendar_id.tz,
            *branches_sudo.mapped("tz"),
            "UTC",
        ]
        return [pytz.timezone(name) for name in dict.fromkeys(filter(None, names))]

    # Visits booked before -------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        self.env["clinic.rebooking"]._sync(leaves._clinic_visits())
        return leaves

    def write(self, vals):
        visits = self._clinic_visits()
        result = super().write(vals)
        self.env["clinic.rebooking"]._sync(visits | self._clinic_visits())
        return result

    def unlink(self):
        visits = self._clinic_visits()
        result = super().unlink()
        self.env["clinic.rebooking"]._sync(visits)
        return result

    def _clinic_visits(self):
        """Return the visits ahead that lie in this time off, by the clock of each."""
        # sudo: who approves time off need not have rights on visits
        visits_sudo = self.env["clinic.appointment"].sudo()
        now = fields.Datetime.now()
        found = visits_sudo
        for leave_sudo in self.sudo():
            domain = (
                Domain("state", "in", MOVING)
                & Domain("stop", ">", now)
                & Domain("start", "<", leave_sudo.date_to + _DAY)
                & Domain("stop", ">", leave_sudo.date_from - _DAY)
            )
            if leave_sudo.resource_id:
                domain &= Domain(
                    "specialist_id.resource_id", "=", leave_sudo.resource_id.id
                )
            elif leave_sudo.company_id:
                domain &= Domain("company_id", "=", leave_sudo.company_id.id)
            absence = leave_sudo._clinic_absence()
            for visit in visits_sudo.search(domain):
                start, stop = absence.in_zone(visit.branch_id._tz())
                if start < visit.stop and visit.start < stop:
                    found |= visit
        return found

    # What the schedule reads ------------------------------------------------

    def _clinic_absence(self):
        """Return the time off as the pure functions know it."""
        self.ensure_one()
        if self.clinic_wall_from and self.clinic_wall_to:
            return Absence(self.clinic_wall_from, self.clinic_wall_to, floats=True)
        return Absence(self.date_from, self.date_to)

    @api.model
    def _clinic_search(self, specialists, start, stop):
        """Return the time off that may touch the specialists between two UTC moments.

        Of one person, of one working calendar, or of the whole company; by sudo, for a
        day off takes time for everybody. Wider by a day at both ends: what floats is
        placed by the zone of each branch.

        :return: pairs of a specialist and one time off.
        """
        specialists_sudo = specialists.sudo()
        leaves_sudo = self.sudo().search_fetch(
            Domain("date_from", "<", stop + _DAY)
            & Domain("date_to", ">", start - _DAY)
            & (
                Domain("resource_id", "in", specialists_sudo.resource_id.ids)
                | Domain("resource_id", "=", False)
            ),
            [
                "resource_id",
                "calendar_id",
                "company_id",
                "date_from",
                "date_to",
                "clinic_wall_from",
                "clinic_wall_to",
            ],
        )
        by_resource = leaves_sudo.grouped("resource_id")
        common = by_resource.get(self.env["resource.resource"].sudo(), self.browse())
        for specialist in specialists_sudo:
            resource = specialist.resource_id
            for leave in by_resource.get(resource, ()) if resource else ():
                yield specialist, leave
            for leave in common:
                company, calendar = leave.company_id, leave.calendar_id
                if company and company != specialist.company_id:
                    continue
                if calendar and calendar != resource.calendar_id:
                    continue
                yield specialist, leave
