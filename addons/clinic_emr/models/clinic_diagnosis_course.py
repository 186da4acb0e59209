from odoo import api, fields, models
from odoo.exceptions import UserError

COURSES = [
    ("active", "Ongoing"),
    ("chronic", "Chronic, under observation"),
    ("resolved", "Resolved"),
]


class ClinicDiagnosis(models.Model):
    """The course of an illness through the visits: since when, how it stands now.

    Each visit says it anew in a line of its own, so an old visit shows what was known
    then. Most of it follows from the visit before and need not be typed.
    """

    _inherit = "clinic.diagnosis"

    course = fields.Selection(
        COURSES,
        string="Clinical Status",
        required=True,
        default="active",
        help="Chronic under observation: the patient stays under dispensary "
        "observation. Resolved: no longer offered in later visits.",
    )
    onset_date = fields.Date(string="Ill Since", help="As the patient or papers say.")
    resolved_date = fields.Date(
        string="Resolved On",
        compute="_compute_resolved_date",
        store=True,
        readonly=False,
        precompute=True,
    )
    previous_id = fields.Many2one(
        "clinic.diagnosis",
        string="Carried Over From",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_first = fields.Boolean(
        string="First in Life",
        compute="_compute_is_first",
        store=True,
        readonly=False,
        precompute=True,
        help="No earlier visit has this illness; counts once in the statistics.",
    )

    _dates_in_order = models.Constraint(
        "CHECK(resolved_date IS NULL OR onset_date IS NULL"
        " OR resolved_date >= onset_date)",
        "An illness can't end before it begins.",
    )

    @api.depends("course", "date")
    def _compute_resolved_date(self):
        for line in self:
            if line.course != "resolved":
                line.resolved_date = False
            elif not line.resolved_date:
                line.resolved_date = line.date

    @api.depends("icd10_id", "encounter_id")
    def _compute_is_first(self):
        """By the category: J06.9 after J06.0 is no new illness."""
        # sudo: an illness is known whoever of the clinic has found it
        earlier = self.sudo().search_fetch(
            [("record_id", "in", self.encounter_id.record_id.ids)],
            ["record_id", "icd10_id", "encounter_id"],
        )
        known = {}
        for line in earlier:
            known.setdefault((line.record_id.id, line._category()), set()).add(
                line.encounter_id.id
            )
        for line in self:
            record = line.encounter_id.record_id._origin
            visits = known.get((record.id, line._category()), ())
            line.is_first = bool(line.icd10_id) and not (
                set(visits) - {line.encounter_id._origin.id}
            )

    @api.model_create_multi
    def create(self, vals_list):
        diagnoses = super().create(vals_list)
        diagnoses.encounter_id._sync_care_items()
        return diagnoses

    def write(self, vals):
        result = super().write(vals)
        if {"icd10_id", "course"} & set(vals):
            self.encounter_id._sync_care_items()
        return result

    def unlink(self):
        encounters = self.encounter_id
        result = super().unlink()
        encounters._sync_care_items()
        return result

    def _category(self):
        return (self.icd10_id.code or "")[:3]

    def action_carry_over(self):
        """Take the diagnosis into the visit named by the context, as it stands."""
        encounter = self.env["clinic.encounter"].browse(
            self.env.context.get("clinic_encounter_id")
        )
        encounter.check_access("write")
        if self.record_id != encounter.record_id:
            raise UserError(self.env._("The diagnosis is of another patient."))
        self._carry_over(encounter)
        return True

    def _carry_over(self, encounter):
        """Copy the diagnoses to a visit of the same patient, unless they are there."""
        encounter.ensure_one()
        # a code just changed must reach the database before its old place is taken
        encounter.diagnosis_ids.flush_recordset(["icd10_id"])
        present = encounter.diagnosis_ids.icd10_id
        has_main = "main" in encounter.diagnosis_ids.mapped("kind")
        vals_list = []
        for line in self.sorted(lambda line: line._kind_rank()):
            if line.icd10_id not in present:
                vals = line._prepare_carried_vals(encounter)
                if line.kind == "main" and has_main:
                    vals["kind"] = "accompanying"
                has_main = has_main or vals["kind"] == "main"
                vals_list.append(vals)
        return self.create(vals_list)

    def _prepare_carried_vals(self, encounter):
        """Return the values of the diagnosis in a later visit."""
        return {
            "encounter_id": encounter.id,
            "icd10_id": self.icd10_id.id,
            "note": self.note,
            "kind": self.kind,
            "status": self.status,
            "course": self.course,
            "onset_date": self.onset_date or self.date,
            "previous_id": self.id,
            "is_first": False,
        }

    def _latest(self):
        """Return the latest line of each illness of each patient."""
        latest = {}
        for line in self.sorted(lambda line: (line.date, line.id)):
            latest[line.record_id.id, line.icd10_id.id] = line
        return self.browse(line.id for line in reversed(latest.values()))
