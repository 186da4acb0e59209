from datetime import timedelta

from babel.dates import format_datetime

from odoo import api, fields, models
from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang

from ..tools import rebooking
from ..tools.windows import DAY, from_minutes, to_minutes

NEAR = timedelta(days=3)
# Nothing free in the first weeks: look on.
FAR_DAYS = (14, 35, 70)
COLLEAGUES, OWN, OTHERS = 2, 3, 2


class ClinicRebookingFinder(models.AbstractModel):
    """Finds what to offer to a patient whose visit cannot take place."""

    _name = "clinic.rebooking.finder"
    _description = "Proposals for Visits to Move"

    @api.model
    def _proposals(self, visit, taken):
        """Return proposals for one visit, best first; call it by sudo.

        A colleague at the same time, then the nearest windows of the specialist, then
        those of others. ``taken`` are spans promised to other visits already.
        """
        wanted = to_minutes(visit.start)
        colleagues = self._colleagues(visit)
        same_time = [
            slot
            for slot in self._slots(visit, colleagues, visit.start, visit.stop, taken)
            if slot.start == wanted
        ]
        rank = {specialist.id: place for place, specialist in enumerate(colleagues)}
        same_time.sort(
            key=lambda slot: (
                slot.branch_id != visit.branch_id.id,
                rank[slot.specialist_id],
            )
        )
        own = self._nearest(visit, visit.specialist_id, OWN, taken)
        others = self._nearest(visit, colleagues, OTHERS, taken)
        return [
            self._words(visit, slot, kind)
            for kind, slots in (
                ("colleague", same_time[:COLLEAGUES]),
                ("own", own),
                ("other", others),
            )
            for slot in slots
        ]

    @api.model
    def _colleagues(self, visit):
        """Return the others who suit this patient and service, the most alike first."""
        own, patient = visit.specialist_id, visit.patient_id
        found = visit.service_id._clinic_specialists() - own
        found = found.filtered(lambda one: self._takes(one, patient))
        counts = dict(
            self.env["clinic.appointment"]._read_group(
                [
                    ("specialist_id", "in", found.ids),
                    ("day", "=", visit.day),
                    ("state", "not in", ("cancelled", "noshow")),
                ],
                ["specialist_id"],
                ["__count"],
            )
        )
        return found.sorted(
            lambda one: (
                -len(one.specialty_ids & own.specialty_ids),
                -len(one.problem_ids & own.problem_ids),
                counts.get(one, 0),
                one.sequence,
            )
        )

    @api.model
    def _takes(self, specialist, patient):
        """Tell whether the specialist takes patients of this age and sex."""
        if specialist.patient_gender != "any" and (
            patient.gender and patient.gender != specialist.patient_gender
        ):
            return False
        if not patient.birthdate_date:
            return True
        return specialist.age_min <= patient.age and (
            not specialist.age_max or patient.age <= specialist.age_max
        )

    @api.model
    def _nearest(self, visit, specialists, count, taken):
        wanted = to_minutes(visit.start)
        offset = visit.branch_id._localize(visit.start).utcoffset()
        wall = wanted + int(offset.total_seconds() // 60)
        for days in FAR_DAYS:
            slots = self._slots(
                visit,
                specialists,
                visit.start - NEAR,
                visit.start + timedelta(days=days),
                taken,
            )
            slots = [slot for slot in slots if slot.start != wanted]
            if slots or not specialists:
                return rebooking.best_moves(slots, wall, count)
        return []

    @api.model
    def _slots(self, visit, specialists, start, stop, taken):
        """Return the free windows, without what is promised or about to be blocked."""
        visits = self.env["clinic.appointment"]
        slots = visits._find_slots(
            dict.fromkeys(specialists, visit.service_id),
            start,
            stop,
            patient=visit.patient_id,
            moving=visit,
        )
        blocks = self._blocks(visit, start, stop)
        promised = {
            specialist_id: [
                tuple(to_minutes(fields.Datetime.to_datetime(m)) for m in span)
                for span in spans
            ]
            for specialist_id, spans in taken.items()
        }
        return [
            slot
            for slot in slots
            if not _overlaps(slot, promised.get(slot.specialist_id, ()))
            and not _overlaps(slot, blocks.get(("room", slot.room_id), ()))
            and not _overlaps(slot, blocks.get(("person", slot.specialist_id), ()))
        ]

    @api.model
    def _blocks(self, visit, start, stop):
        """Return forced blocks: where the visit itself is, they hold no time yet."""
        found = {}
        for block in self.env["clinic.block"].search(
            [("forced", "=", True), ("start", "<", stop), ("stop", ">", start)]
        ):
            key = (
                ("room", block.room_id.id)
                if block.room_id
                else ("person", block.specialist_id.id)
            )
            span = (to_minutes(block.start), to_minutes(block.stop, up=True))
            found.setdefault(key, []).append(span)
        return found

    @api.model
    def _short_time(self, branch, moment):
        """Return a moment on the clock of the branch, without the year."""
        locale = babel_locale_parse(get_lang(self.env).code)
        pattern = "EEE dd.MM HH:mm" if locale.language == "ru" else "EEE d MMM HH:mm"
        local = branch._localize(moment)
        return format_datetime(local, pattern, tzinfo=branch._tz(), locale=locale)

    @api.model
    def _words(self, visit, slot, kind):
        branch = self.env["clinic.branch"].browse(slot.branch_id)
        specialist = self.env["clinic.specialist"].browse(slot.specialist_id)
        start, stop = from_minutes(slot.start), from_minutes(slot.stop)
        when = self._short_time(branch, start)
        if (slot.start + slot.offset) // DAY == (
            to_minutes(visit.start) + slot.offset
        ) // DAY:
            when = f"{branch._localize(start):%H:%M}"
        parts = {
            "colleague": (_short_name(specialist.name), self.env._("the same time")),
            "own": (when,),
            "other": (when, _short_name(specialist.name)),
        }[kind]
        if branch != visit.branch_id:
            parts = (*parts, branch.name)
        return {
            "key": f"{slot.specialist_id}|{slot.room_id or 0}|{start}",
            "kind": kind,
            "words": ", ".join(parts),
            "when": branch._format_local(start),
            "who": specialist.name,
            "branch": branch.name,
            "specialist_id": slot.specialist_id,
            "start": str(start),
            "stop": str(stop),
        }


def _short_name(name):
    """Return the surname and initials of a name in three parts."""
    parts = (name or "").split()
    if len(parts) != 3:
        return name or ""
    return f"{parts[0]} {parts[1][0]}. {parts[2][0]}."


def _overlaps(slot, spans):
    return any(start < slot.stop and slot.start < stop for start, stop in spans)
