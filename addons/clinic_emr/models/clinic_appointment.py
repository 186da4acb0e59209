from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .clinic_medical_mixin import MEDICAL_GROUPS

# who is needed now, first; what needs nobody any more, last
DAY_RANKS = {
    "in_progress": 1,
    "arrived": 2,
    "hold": 3,
    "booked": 3,
    "confirmed": 3,
    "fulfilled": 4,
    "noshow": 5,
    "cancelled": 6,
}


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    patient_caption = fields.Char(
        string="Sex and Age", compute="_compute_patient_caption"
    )
    encounter_ids = fields.One2many(
        "clinic.encounter", "appointment_id", string="Visits", groups=MEDICAL_GROUPS
    )
    has_encounter = fields.Boolean(
        compute="_compute_has_encounter", groups=MEDICAL_GROUPS
    )
    day_rank = fields.Integer(
        compute="_compute_day_rank",
        aggregator=None,
        help="The order of a day: who is in the room, who waits, who is to come, who "
        "was here.",
    )

    @api.depends("patient_id.gender", "patient_id.birthdate_date")
    @api.depends_context("lang")
    def _compute_patient_caption(self):
        for appointment in self:
            appointment.patient_caption = appointment.patient_id._clinic_caption()

    @api.depends("encounter_ids")
    def _compute_has_encounter(self):
        # sudo: that a visit is written down is no secret among medical staff
        for appointment in self:
            appointment.has_encounter = bool(appointment.sudo().encounter_ids)

    @api.depends("state")
    def _compute_day_rank(self):
        for appointment in self:
            appointment.day_rank = DAY_RANKS.get(appointment.state, 0)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Order by the rank of the state, which is no column of its own."""
        if field_name != "day_rank":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        state = self._field_to_sql(alias, "state", query)
        ranks = SQL(" ").join(
            SQL("WHEN %s THEN %s", *pair) for pair in DAY_RANKS.items()
        )
        return SQL("(CASE %s %s END) %s %s", state, ranks, direction, nulls)

    def action_open_encounter(self):
        """Open the visit; the specialist's first click begins it."""
        self.ensure_one()
        self.env["clinic.encounter"].check_access("read")
        # sudo: a visit of somebody else's patient must be found to be refused
        encounter = self.sudo().encounter_ids.with_env(self.env)
        if encounter:
            encounter.check_access("read")
            return encounter.action_open()
        return self._start_encounters().action_open()

    def action_open_medical_record(self):
        """Open the patient's whole medical record."""
        self.ensure_one()
        return self.patient_id.action_clinic_medical_record()

    def _start_encounters(self, when=None):
        """Begin the visits of the current user's own appointments and return them.

        :param when: the moment they began, naive UTC; by default when the appointment
            was started
        """
        self._check_can_start_encounter()
        self.filtered(lambda visit: visit.state == "arrived").action_start()
        return self.env["clinic.encounter"]._open(self, when=when)

    def _check_can_start_encounter(self):
        """Refuse other people's appointments and those whose patient is not here."""
        is_specialist = self.env.user.has_group("clinic_base.group_specialist")
        for appointment in self:
            if not self.env.su and not (
                is_specialist and appointment.specialist_id.user_id == self.env.user
            ):
                raise AccessError(
                    self.env._(
                        "Only the specialist who receives the patient may do this."
                    )
                )
            if appointment.state in ("hold", "booked", "confirmed"):
                raise UserError(
                    self.env._(
                        "%(patient)s has not arrived yet: the reception marks the "
                        "arrival, then the visit can begin.",
                        patient=appointment.patient_id.name,
                    )
                )
            if appointment.state in ("cancelled", "noshow"):
                raise UserError(
                    self.env._(
                        "The appointment of %(patient)s did not take place, there is "
                        "no visit to write.",
                        patient=appointment.patient_id.name,
                    )
                )
