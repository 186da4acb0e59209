from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import ranking
from .clinic_agenda import HABIT_VISITS

# So many of the last visits at the same time make a regular of a patient.
REGULAR_VISITS = 3
# Whoever has not been for so long is no regular any more.
REGULAR_DAYS = 60


class ClinicPatientHabit(models.Model):
    """When, with whom and where a patient usually comes.

    Learned from the last visits each night, or set by hand: what is set by hand stays,
    and the search goes by it at once. A regular's time is softly kept: others are
    offered it last.
    """

    _name = "clinic.patient.habit"
    _description = "Usual Visit of a Patient"
    _rec_name = "patient_id"

    patient_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    usual_weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        string="Day of the Week",
    )
    usual_time = fields.Float(
        string="Time",
        aggregator=None,
        help="By the clock of the branch; 0:00 for none.",
    )
    specialist_id = fields.Many2one(
        "clinic.specialist", index="btree_not_null", ondelete="cascade"
    )
    branch_id = fields.Many2one("clinic.branch", ondelete="set null")
    duration = fields.Integer(default=30, aggregator=None)
    source = fields.Selection(
        [("learned", "Learned"), ("manual", "By Hand")],
        required=True,
        default="manual",
        readonly=True,
    )
    is_regular = fields.Boolean(
        compute="_compute_is_regular",
        store=True,
        readonly=False,
        help="The time is kept for the patient: others are offered it last.",
    )

    _patient_uniq = models.Constraint(
        "UNIQUE(patient_id)", "The usual visit of this patient is there already."
    )
    _time_range = models.Constraint(
        "CHECK(usual_time >= 0 AND usual_time < 24)",
        "The usual time must be between 0:00 and 23:59.",
    )

    @api.depends("source", "usual_weekday", "usual_time", "specialist_id")
    def _compute_is_regular(self):
        for habit in self:
            if habit.source == "manual":
                habit.is_regular = bool(
                    habit.usual_weekday and habit.usual_time and habit.specialist_id
                )

    def write(self, vals):
        by_hand = {"usual_weekday", "usual_time", "specialist_id", "branch_id"}
        if vals.keys() & by_hand and "source" not in vals:
            vals = {"source": "manual", **vals}
        return super().write(vals)

    def action_forget(self):
        """Give up what was set by hand: learn again from the visits."""
        patients = self.patient_id
        self.unlink()
        # sudo: what is learned follows from the visits, whoever asks for it
        self.sudo()._learn_for(patients.ids)
        return True

    @api.model
    def _cron_learn(self):
        self._learn_for()

    @api.model
    def _learn_for(self, patient_ids=None):
        """Learn from the last visits; rows set by hand stay as they are.

        :param patient_ids: of these; None: of everybody with a recent visit.
        """
        visits = self.env["clinic.appointment"]
        visits.flush_model()
        self.flush_model()
        scope = (
            SQL("patient_id = ANY(%s)", list(patient_ids))
            if patient_ids is not None
            else SQL(
                """patient_id IN (
                   SELECT patient_id FROM clinic_appointment
                    WHERE start > %(now)s - %(days)s * INTERVAL '1 day'
                    UNION SELECT patient_id FROM clinic_patient_habit)""",
                now=fields.Datetime.now(),
                days=REGULAR_DAYS,
            )
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT patient_id,
                       array_agg(specialist_id ORDER BY start DESC),
                       array_agg(branch_id ORDER BY start DESC),
                       array_agg((floor(date_part('epoch', start) / 60)
                                  - 15778080)::int ORDER BY start DESC),
                       (array_agg(duration ORDER BY start DESC))[1],
                       max(start) > %(now)s - %(days)s * INTERVAL '1 day'
                  FROM (SELECT *, row_number() OVER (
                               PARTITION BY patient_id ORDER BY start DESC) AS place
                          FROM clinic_appointment
                         WHERE state NOT IN ('hold', 'cancelled', 'noshow')
                           AND %(scope)s) visit
                 WHERE place <= %(most)s
                   AND NOT EXISTS (SELECT FROM clinic_patient_habit habit
                                    WHERE habit.patient_id = visit.patient_id
                                      AND habit.source = 'manual')
                 GROUP BY patient_id""",
                scope=scope,
                now=fields.Datetime.now(),
                days=REGULAR_DAYS,
                most=HABIT_VISITS,
            )
        )
        known = self.search([("patient_id", "in", [row[0] for row in rows])])
        by_patient = {habit.patient_id.id: habit for habit in known}
        new = []
        for patient_id, specialists, branches, starts, duration, is_recent in rows:
            found = list(zip(specialists, branches, starts, strict=True))
            vals = self._learned_vals(found, duration, is_recent)
            habit = by_patient.get(patient_id)
            if habit:
                changed = {
                    name: value
                    for name, value in vals.items()
                    if habit._fields[name].convert_to_write(habit[name], habit) != value
                }
                if changed:
                    habit.write({"source": "learned", **changed})
            else:
                new.append({"patient_id": patient_id, **vals})
        self.create(new)

    @api.model
    def _learned_vals(self, visits, duration, is_recent):
        found = self.env["clinic.agenda"]._former_visits(visits)
        usual = ranking.habits(found)
        has_time = usual.minute is not None and usual.weekday is not None
        times = ranking.times_at(found, usual)
        return {
            "usual_weekday": str(usual.weekday) if has_time else False,
            "usual_time": round(usual.minute / 60, 4) if has_time else 0.0,
            "specialist_id": usual.specialist_id,
            "branch_id": usual.branch_id,
            "duration": duration or ranking.SHORTEST_VISIT,
            "source": "learned",
            "is_regular": has_time and is_recent and times >= REGULAR_VISITS,
        }


class ResPartner(models.Model):
    _inherit = "res.partner"

    habit_ids = fields.One2many(
        "clinic.patient.habit",
        "patient_id",
        string="Usual Visit",
        groups="clinic_base.group_reception,clinic_base.group_callcenter,"
        "clinic_base.group_admin,clinic_base.group_specialist,clinic_base.group_nurse",
    )
