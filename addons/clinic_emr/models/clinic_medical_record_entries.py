from odoo import api, fields, models

# entries of the record that follow it when two cards of one person are merged
ENTRY_MODELS = (
    "clinic.allergy",
    "clinic.immunization",
    "clinic.media",
    "clinic.observation",
)


class ClinicMedicalRecord(models.Model):
    _inherit = "clinic.medical.record"

    allergy_ids = fields.One2many("clinic.allergy", "record_id", string="Allergies")
    no_known_allergies = fields.Boolean(
        help="The patient was asked and knows of none. "
        "Cleared by the first allergy entered."
    )
    immunization_ids = fields.One2many(
        "clinic.immunization", "record_id", string="Vaccinations"
    )
    media_ids = fields.One2many("clinic.media", "record_id", string="Files and Images")
    warning = fields.Text(
        compute="_compute_warning",
        string="Warnings",
        help="Allergies that count, the gravest first, then the other warnings.",
    )

    @api.depends(
        "allergy_ids.summary",
        "allergy_ids.active",
        "allergy_ids.verification",
        "allergy_note",
    )
    @api.depends_context("lang")
    def _compute_warning(self):
        for record in self:
            lines = record._allergies().mapped("summary")
            if note := (record.allergy_note or "").strip():
                lines.append(note)
            record.warning = "\n".join(lines)

    def _allergies(self):
        """Return the allergies that count: neither refuted, entered in error, nor
        archived; the gravest first."""
        return self.allergy_ids._is_warning()

    def action_add_allergy(self):
        """Open an empty allergy of this patient."""
        return self._action_add("clinic.allergy", self.env._("Allergy"))

    def action_add_immunization(self):
        """Open an empty vaccination of this patient."""
        return self._action_add("clinic.immunization", self.env._("Vaccination"))

    def action_add_media(self):
        """Open an empty file of this patient."""
        return self._action_add("clinic.media", self.env._("File or Image"))

    def _action_add(self, model, title, encounter=None):
        self.ensure_one()
        context = {"default_record_id": self.id}
        if encounter:
            context["default_encounter_id"] = encounter.id
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _absorb(self, other):
        """Take the entries along; those of a visit follow their visit."""
        for model in ENTRY_MODELS:
            entries = self.env[model].with_context(active_test=False)
            entries.search(
                [("record_id", "in", other.ids), ("encounter_id", "=", False)]
            ).write({"record_id": self.id})
        self.no_known_allergies = False
        return super()._absorb(other)
