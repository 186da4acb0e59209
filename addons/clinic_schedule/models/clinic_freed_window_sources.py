"""What frees time besides visits: shifts, blocks, time off."""

from odoo import api, models

from ..tools.windows import from_minutes, subtract, to_minutes


class ClinicShift(models.Model):
    _inherit = "clinic.shift"

    @api.model_create_multi
    def create(self, vals_list):
        shifts = super().create(vals_list)
        shifts._free_added({})
        return shifts

    def write(self, vals):
        watched = vals.keys() & {"start", "stop", "specialist_id", "active"}
        before = {
            shift.id: (shift.specialist_id.id, shift.start, shift.stop)
            for shift in self
            if watched and shift.active
        }
        result = super().write(vals)
        if watched:
            self._free_added(before)
        return result

    def _free_added(self, before):
        """Queue the working time that is new.

        :param before: ``(specialist id, start, stop)`` of the shifts that were active.
        """
        spans = []
        for shift in self.filtered("active"):
            now = (to_minutes(shift.start), to_minutes(shift.stop))
            specialist_id, start, stop = before.get(shift.id, (None, None, None))
            known = []
            if specialist_id == shift.specialist_id.id:
                known = [(to_minutes(start), to_minutes(stop))]
            spans += [
                (shift.specialist_id.id, from_minutes(first), from_minutes(last))
                for first, last in subtract(now, known)
            ]
        self.env["clinic.freed.window"]._freed(spans, "shift")


class ClinicBlock(models.Model):
    _inherit = "clinic.block"

    def write(self, vals):
        watched = vals.keys() & {"specialist_id", "room_id", "start", "stop"}
        spans = self._blocked_spans() if watched else []
        result = super().write(vals)
        # What is still blocked is not free, so it is not offered.
        self.env["clinic.freed.window"]._freed(spans, "block")
        return result

    def unlink(self):
        spans = self._blocked_spans()
        result = super().unlink()
        self.env["clinic.freed.window"]._freed(spans, "block")
        return result

    def _blocked_spans(self):
        """Return ``(specialist id, start, stop)`` that these blocks may stand in for.

        A blocked room is in the way of whoever receives in it, or anywhere, then.
        """
        spans = []
        for block in self:
            specialists = block.specialist_id
            if block.room_id:
                shifts_sudo = self.env["clinic.shift"].sudo()  # sudo: see _freed
                specialists = shifts_sudo.search(
                    [
                        ("branch_id", "=", block.room_id.branch_id.id),
                        ("room_id", "in", (block.room_id.id, False)),
                        ("start", "<", block.stop),
                        ("stop", ">", block.start),
                    ]
                ).specialist_id
            spans += [(s.id, block.start, block.stop) for s in specialists]
        return spans


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    def write(self, vals):
        watched = vals.keys() & {
            "date_from",
            "date_to",
            "resource_id",
            "calendar_id",
            "company_id",
        }
        spans = self._clinic_spans() if watched else []
        result = super().write(vals)
        # What is still off is not free, so it is not offered.
        self.env["clinic.freed.window"]._freed(spans, "leave")
        return result

    def unlink(self):
        spans = self._clinic_spans()
        result = super().unlink()
        self.env["clinic.freed.window"]._freed(spans, "leave")
        return result

    def _clinic_spans(self):
        """Return ``(specialist id, start, stop)`` that the time off takes, by zone."""
        spans = set()
        # sudo: time off frees time for the clinic whoever ends it; no reason is read
        for leave in self.sudo():
            absence = leave._clinic_absence()
            for specialist in leave._clinic_specialists_off():
                for branch in specialist.branch_ids:
                    spans.add((specialist.id, *absence.in_zone(branch._tz())))
                if not specialist.branch_ids:
                    spans.add((specialist.id, leave.date_from, leave.date_to))
        return sorted(spans)

    def _clinic_specialists_off(self):
        """Return the specialists whose time this time off takes."""
        self.ensure_one()
        specialists = self.env["clinic.specialist"]
        if self.resource_id:
            return specialists.search([("resource_id", "=", self.resource_id.id)])
        domain = []
        if self.company_id:
            domain.append(("company_id", "=", self.company_id.id))
        if self.calendar_id:
            domain.append(("resource_id.calendar_id", "=", self.calendar_id.id))
        return specialists.search(domain)
