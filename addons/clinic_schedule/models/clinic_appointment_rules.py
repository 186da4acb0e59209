from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import offers
from ..tools.windows import from_minutes, to_minutes
from .clinic_appointment import Plan
from .clinic_claim import PATIENT, ROOM

ALTERNATIVES = 3
ALTERNATIVE_DAYS = 14


class ClinicAppointmentRules(models.Model):
    """The rules a visit must obey, and what people are told when it does not."""

    _inherit = "clinic.appointment"

    # The rules --------------------------------------------------------------

    @api.model
    def _to_moment(self, value):
        """Return naive UTC of what came over the wire."""
        try:
            moment = fields.Datetime.to_datetime(value)
        except ValueError:
            moment = None
        if not moment:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is not a time. Give it as YYYY-MM-DD HH:MM:SS in UTC.",
                    value=value,
                )
            )
        return moment

    @api.model
    def _get_service(self, service_id):
        service = self.env["product.product"].browse(service_id).exists()
        if not service.is_clinic_service or not service.active:
            raise UserError(
                self.env._("This service cannot be booked. Choose another service.")
            )
        return service

    @api.model
    def _plan(self, vals, allow_past=False, moving=None):
        """Check a wanted visit against the rules; return the plan or raise.

        What is already taken is not looked at: that is for the ledger.
        """
        patient = self.env["res.partner"].browse(vals.get("patient_id") or ()).exists()
        if not patient.is_patient:
            raise UserError(self.env._("Choose the patient the visit is for."))
        service = self._get_service(vals.get("service_id") or ())
        specialist = (
            self.env["clinic.specialist"]
            .browse(vals.get("specialist_id") or ())
            .exists()
        )
        if not specialist.active:
            raise UserError(
                self.env._("This specialist does not receive patients. Choose another.")
            )
        start = self._to_moment(vals.get("start"))
        if start.second or start.microsecond:
            raise ValidationError(self.env._("A visit starts at a whole minute."))
        stop = start + timedelta(minutes=vals.get("duration") or service.duration)
        shift = self._shift_at(specialist, start, stop)
        branch = shift.branch_id or specialist.branch_ids[:1]
        when = branch._format_local(start)
        if not allow_past and start < fields.Datetime.now():
            raise UserError(
                self.env._("%(time)s is in the past. Choose a later time.", time=when)
            )
        if not specialist._can_do(service):
            raise UserError(
                self.env._(
                    "%(specialist)s does not provide “%(service)s”. Choose another "
                    "specialist or another service.",
                    specialist=specialist.name,
                    service=service.name,
                )
            )
        span = (to_minutes(start), to_minutes(stop))
        if any(
            taken[0] < span[1] and span[0] < taken[1]
            for _id, _zone, taken in self._time_off(
                specialist, start, stop, [branch._tz().zone]
            )
        ):
            raise self._refusal(
                self.env._(
                    "%(specialist)s has time off on %(time)s.",
                    specialist=specialist.name,
                    time=when,
                ),
                Plan(patient, service, specialist, branch, start, stop, ()),
                moving,
            )
        if not shift:
            raise self._refusal(
                self.env._(
                    "%(specialist)s does not receive patients on %(time)s.",
                    specialist=specialist.name,
                    time=when,
                ),
                Plan(patient, service, specialist, branch, start, stop, ()),
                moving,
            )
        rooms = self._plan_rooms(vals.get("room_id"), shift, service)
        return Plan(
            patient,
            service,
            specialist,
            branch,
            start,
            stop,
            tuple(self._room_lanes(rooms)),
        )

    @api.model
    def _plan_rooms(self, room_id, shift, service):
        """Return the rooms to choose from: the one asked for, or those of the shift."""
        rooms = self.env["clinic.room"]
        if not room_id:
            lanes = self._shift_lanes(
                shift.room_id,
                rooms.search([("branch_id", "=", shift.branch_id.id)]),
                service,
            )
            return rooms.browse(
                dict.fromkeys(lane.room_id for lane in lanes if lane.room_id)
            )
        room = rooms.browse(room_id).exists()
        if not room.active or room.branch_id != shift.branch_id:
            raise UserError(
                self.env._(
                    "The room is not in branch %(branch)s, where the specialist "
                    "receives at this time. Choose a room there.",
                    branch=shift.branch_id.name,
                )
            )
        unfit = room.specialty_ids and not room.specialty_ids & service.specialty_ids
        if unfit and room != shift.room_id:
            raise UserError(
                self.env._(
                    "Room %(room)s is not equipped for “%(service)s”. Choose another "
                    "room.",
                    room=room.name,
                    service=service.name,
                )
            )
        return room

    @api.model
    def _shift_at(self, specialist, start, stop):
        """Return the shift that holds the whole visit, if there is one."""
        return self.env["clinic.shift"].search(
            [
                ("specialist_id", "=", specialist.id),
                ("branch_id.active", "=", True),
                ("start", "<=", start),
                ("stop", ">=", stop),
            ],
            limit=1,
        )

    # Refusals ---------------------------------------------------------------

    @api.model
    def _clash_error(self, plan, clash, moving=None):
        """Return the UserError for a clash, with up to three free times instead."""
        return self._refusal(
            self._clash_sentence(plan, clash), plan, moving, raced=clash.raced
        )

    @api.model
    def _clash_sentence(self, plan, clash):
        when = plan.branch._format_local(plan.start)
        if clash.column == ROOM:
            return self.env._("There is no free room on %(time)s.", time=when)
        if clash.column == PATIENT:
            return self.env._(
                "%(patient)s already has a visit on %(time)s.",
                patient=plan.patient.name,
                time=when,
            )
        values = {"specialist": plan.specialist.name, "time": when}
        if clash.raced:
            return self.env._(
                "%(time)s with %(specialist)s has just been taken.", **values
            )
        if clash.kind == "hold":
            return self.env._(
                "%(time)s with %(specialist)s is being booked by somebody right now.",
                **values,
            )
        if clash.kind == "block":
            return self.env._(
                "%(specialist)s is occupied otherwise on %(time)s.", **values
            )
        return self.env._("%(specialist)s is already booked on %(time)s.", **values)

    @api.model
    def _refusal(self, sentence, plan, moving=None, raced=False):
        """Return a UserError: the sentence, and what is free instead.

        The alternatives are also in its attribute ``alternatives``, as slots.
        """
        if raced:
            # The rival's booking is invisible in this transaction: look with new eyes.
            with self.env.registry.cursor() as cr:
                fresh = self.with_env(self.env(cr=cr))
                slots = fresh._alternatives(plan, moving)
        else:
            slots = self._alternatives(plan, moving)
        bare = sentence
        if slots:
            sentence = self.env._(
                "%(refusal)s Free instead: %(times)s.",
                refusal=sentence,
                times=", ".join(
                    self._alternative_words(slot, plan)
                    for slot in sorted(slots, key=lambda slot: slot.start)
                ),
            )
        error = UserError(sentence)
        error.sentence = bare
        error.alternatives = [self._slot_values(*item) for item in self._rank(slots)]
        return error

    @api.model
    def _alternatives(self, plan, moving=None):
        """Return the free windows nearest to the wanted one, the specialist's first."""
        if not plan.specialist._can_do(plan.service):
            return []
        wanted = to_minutes(plan.start)
        span = (
            plan.start - timedelta(days=1),
            plan.start + timedelta(days=ALTERNATIVE_DAYS),
        )
        service = self.env["product.product"].browse(plan.service.id)
        own = self.env["clinic.specialist"].browse(plan.specialist.id)
        patient = self.env["res.partner"].browse(plan.patient.id)
        # sudo: whoever was let through to book may hear what is free
        search = self.sudo()
        for specialists in (own, service.sudo()._clinic_specialists() - own):
            slots = search._find_slots(
                dict.fromkeys(specialists.sudo(), service.sudo()),
                *span,
                patient=patient,
                moving=moving,
            )
            if slots:
                return offers.nearest(slots, wanted, ALTERNATIVES)
        return []

    @api.model
    def _alternative_words(self, slot, plan):
        branch = self.env["clinic.branch"].sudo().browse(slot.branch_id)
        words = branch._format_local(from_minutes(slot.start))
        if slot.specialist_id != plan.specialist.id:
            specialist = self.env["clinic.specialist"].sudo().browse(slot.specialist_id)
            words = f"{words} ({specialist.name})"
        return words
