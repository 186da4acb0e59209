from odoo import api, fields, models


class ClinicMedicalRecord(models.Model):
    _inherit = "clinic.medical.record"

    current_diagnosis_ids = fields.Many2many(
        "clinic.diagnosis",
        string="Current Illnesses",
        compute="_compute_current_diagnosis_ids",
        help="The latest word on each illness that is not resolved.",
    )
    episode_ids = fields.One2many(
        "clinic.episode", "record_id", string="Episodes of Care"
    )
    hint_text = fields.Text(string="Hints", compute="_compute_hint_text")

    @api.depends("diagnosis_ids.course", "diagnosis_ids.icd10_id")
    def _compute_current_diagnosis_ids(self):
        current = self._current_diagnoses()
        for record in self:
            record.current_diagnosis_ids = current.get(
                record._origin.id, self.env["clinic.diagnosis"]
            )

    @api.depends("diagnosis_ids", "encounter_ids")
    @api.depends_context("lang")
    def _compute_hint_text(self):
        hints = self.env["clinic.hint"]._of_records(self._origin)
        for record in self:
            record.hint_text = "\n".join(hints.get(record._origin.id, ()))

    def _current_diagnoses(self):
        """Return ``{record id: the latest line of each illness not resolved}``.

        As the current user: the search leaves out what they may not read.
        """
        lines = self.env["clinic.diagnosis"].search([("record_id", "in", self.ids)])
        current = lines._latest().filtered(
            # an examination, a vaccination (Z00-Z99) is no illness that goes on
            lambda line: (
                line.course == "chronic"
                or (
                    line.course != "resolved" and not line.icd10_id.code.startswith("Z")
                )
            )
        )
        return {
            record.id: found for record, found in current.grouped("record_id").items()
        }

    def _absorb(self, other):
        """Take the episodes along; their visits follow by themselves."""
        other.episode_ids.write({"record_id": self.id})
        return super()._absorb(other)
