from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL


class ClinicSpecialistBooking(models.Model):
    """What a specialist does, and how much of it a day."""

    _inherit = "clinic.specialist"

    skill_ids = fields.One2many(
        "clinic.skill", "specialist_id", string="Services of the Specialist"
    )
    max_visits_per_day = fields.Integer(
        string="Visits a Day at Most", aggregator=None, help="0: no limit."
    )
    max_first_visits_per_day = fields.Integer(
        string="First Visits a Day at Most",
        aggregator=None,
        help="Of patients who have not been to this specialist; 0: no limit.",
    )
    schedule_note = fields.Char(
        help="What the desk should know when booking; shown wherever a time is chosen."
    )

    _clinic_limits_not_negative = models.Constraint(
        "CHECK(max_visits_per_day >= 0 AND max_first_visits_per_day >= 0)",
        "A limit of visits must not be negative; 0 means no limit.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        specialists = super().create(vals_list)
        # sudo: the list follows from the specialties, whoever may set those
        self.env["clinic.skill"].sudo()._sync(specialists=specialists)
        return specialists

    def write(self, vals):
        result = super().write(vals)
        if "specialty_ids" in vals:
            self.env["clinic.skill"].sudo()._sync(specialists=self)
        if vals.keys() & {"max_visits_per_day", "max_first_visits_per_day"}:
            self._number_visits()
        return result

    def _number_visits(self):
        """Give the visits that are booked already their numbers of the limited days.

        A day may have more of them than the new limit: nobody is turned away for
        that, but nobody else is booked.
        """
        self.env.flush_all()
        ahead = SQL(
            """SELECT c.id, v.day, v.specialist_id, v.patient_id, v.start
                 FROM clinic_claim c
                 JOIN clinic_appointment v ON v.id = c.appointment_id
                WHERE c.specialist_id = ANY(%s) AND v.start > %s""",
            self.ids,
            fields.Datetime.now(),
        )
        # In two steps: PostgreSQL checks the uniqueness row by row.
        self.env.cr.execute(
            SQL(
                """UPDATE clinic_claim SET day = ahead.day, day_number = NULL,
                          first_number = NULL
                     FROM (%s) ahead WHERE ahead.id = clinic_claim.id""",
                ahead,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH ahead AS (%s), numbered AS (
                    SELECT id, day, specialist_id, start,
                           row_number() OVER (
                               PARTITION BY specialist_id, day ORDER BY start, id
                           ) AS number,
                           NOT EXISTS (
                               SELECT FROM clinic_appointment other
                                WHERE other.patient_id = ahead.patient_id
                                  AND other.specialist_id = ahead.specialist_id
                                  AND other.start < ahead.start
                                  AND other.state
                                      NOT IN ('hold', 'cancelled', 'noshow')
                           ) AS is_first
                      FROM ahead)
                UPDATE clinic_claim
                   SET day_number = numbered.number,
                       first_number = CASE WHEN is_first THEN (
                           SELECT count(*) FROM numbered mate
                            WHERE mate.is_first AND mate.day = numbered.day
                              AND mate.specialist_id = numbered.specialist_id
                              AND (mate.start, mate.id)
                                  <= (numbered.start, numbered.id)) END
                  FROM numbered WHERE numbered.id = clinic_claim.id
                """,
                ahead,
            )
        )
        self.env["clinic.claim"].invalidate_model(flush=False)

    def _can_do(self, product):
        """Tell whether the specialist does the service, now or some time later."""
        self.ensure_one()
        return self in product._clinic_specialists() if product else False

    def _why_none_receives(self, patient, day):
        """Return a sentence if none of these receives such a patient, else ""."""
        reasons = [one._why_not_receives(patient, day) for one in self]
        if not reasons or not all(reasons):
            return ""
        return self.env._(
            "None of those who provide the service receives this patient: %(reasons)s.",
            reasons="; ".join(
                f"{specialist.name} — {reason}"
                for specialist, reason in zip(self, reasons, strict=True)
            ),
        )

    def _why_not_receives(self, patient, day):
        """Return why the specialist does not receive a patient on a day, "" if he does.

        By age and sex, in a few words; what is not known of the patient is no reason.
        """
        self.ensure_one()
        _ = self.env._
        words = {"female": _("women only"), "male": _("men only")}
        wanted = self.patient_gender if self.patient_gender in words else None
        if wanted and patient.gender in words and patient.gender != wanted:
            return words[wanted]
        if not patient.birthdate_date:
            return ""
        age = relativedelta(day, patient.birthdate_date).years
        if (self.age_min or 0) <= age and (not self.age_max or age <= self.age_max):
            return ""
        visits = self.env["clinic.appointment"]
        ages = visits._ages_in_words(self.age_min, self.age_max)
        return _("patients %(ages)s", ages=ages)
