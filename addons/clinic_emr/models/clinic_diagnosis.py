from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("main", "Main"),
    ("complication", "Complication"),
    ("accompanying", "Accompanying"),
]
STATUSES = [("preliminary", "Preliminary"), ("final", "Final")]


class ClinicDiagnosis(models.Model):
    _name = "clinic.diagnosis"
    _description = "Diagnosis"
    _inherit = ["clinic.encounter.line"]
    _order = "date desc, encounter_id desc, sequence, id"

    sequence = fields.Integer(default=10)
    patient_id = fields.Many2one(
        related="encounter_id.patient_id", store=True, precompute=True, index=True
    )
    icd10_id = fields.Many2one(
        "clinic.icd10",
        string="ICD-10",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_diagnosis", "=", True)],
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    status = fields.Selection(STATUSES, required=True, default="preliminary")
    note = fields.Char(help="The diagnosis in the specialist's own words.")
    date = fields.Date(
        compute="_compute_date", store=True, readonly=False, precompute=True
    )
    summary = fields.Char(compute="_compute_summary")

    _code_once = models.Constraint(
        "UNIQUE(encounter_id, icd10_id)",
        "This diagnosis is in the visit already.",
    )

    @api.depends("encounter_id")
    def _compute_kind(self):
        """The first diagnosis of a visit is the main one, others accompany it."""
        for line in self.filtered(lambda line: not line.kind):
            others = line.encounter_id.diagnosis_ids - line
            has_main = "main" in others.mapped("kind")
            line.kind = "accompanying" if has_main else "main"

    @api.depends("encounter_id.start")
    def _compute_date(self):
        for line in self:
            encounter = line.encounter_id
            line.date = (
                encounter.branch_id._localize(encounter.start).date()
                if encounter.start
                else fields.Date.context_today(line)
            )

    @api.depends("icd10_id", "kind", "status", "note")
    @api.depends_context("lang")
    def _compute_summary(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        statuses = dict(self._fields["status"]._description_selection(self.env))
        for line in self:
            words = ", ".join(
                filter(None, [kinds.get(line.kind), statuses.get(line.status)])
            ).lower()
            text = line.icd10_id.display_name or ""
            if line.note:
                text = f"{text}. {line.note}"
            line.summary = f"{text} ({words})"

    @api.constrains("kind", "encounter_id")
    def _check_one_main(self):
        for encounter in self.encounter_id:
            if len(encounter.diagnosis_ids.filtered(lambda d: d.kind == "main")) > 1:
                raise ValidationError(
                    self.env._(
                        "The visit %(visit)s has more than one main diagnosis: make "
                        "the others accompanying.",
                        visit=encounter.display_name,
                    )
                )

    @api.constrains("icd10_id")
    def _check_icd10(self):
        for line in self:
            if not line.icd10_id.is_diagnosis:
                raise ValidationError(
                    self.env._(
                        "%(code)s is a group of ICD-10 codes. Choose a code in it.",
                        code=line.icd10_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        diagnoses = super().create(vals_list)
        diagnoses.encounter_id._check_not_locked()
        return diagnoses

    def write(self, vals):
        self.encounter_id._check_not_locked()
        if "encounter_id" in vals and any(
            line.encounter_id.id != vals["encounter_id"] for line in self
        ):
            raise UserError(self.env._("A diagnosis can't be moved to another visit."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.encounter_id._check_not_locked()

    def _kind_rank(self):
        """Return the place of this diagnosis among those of its visit."""
        kinds = [kind for kind, _label in KINDS]
        return kinds.index(self.kind) if self.kind in kinds else len(kinds)
