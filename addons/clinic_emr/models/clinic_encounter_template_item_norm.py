from odoo import api, fields, models

NUMBERS = ("minimum", "maximum", "low", "high", "critical_low", "critical_high")


class ClinicEncounterTemplateItem(models.Model):
    """Norms of a field by the patient's sex and age."""

    _name = "clinic.encounter.template.item"
    _inherit = ["clinic.encounter.template.item", "clinic.norm.mixin"]

    range_ids = fields.One2many(
        "clinic.reference.range", "item_id", string="Norms by Sex and Age", copy=True
    )
    measure_id = fields.Many2one(
        "clinic.measure",
        string="Measurement",
        compute="_compute_measure_id",
        readonly=False,
        help="The measurement of this code: its norms by sex and age hold here too.",
    )

    @api.depends("code", "kind")
    def _compute_measure_id(self):
        measures = {
            measure.code: measure.id
            for measure in self.env["clinic.measure"].search(
                [("code", "in", self.mapped("code"))]
            )
        }
        for item in self:
            item.measure_id = item.kind == "number" and measures.get(item.code)

    def _norm_ranges(self):
        """Its own ones, else those of the measurement."""
        return super()._norm_ranges() or self.measure_id.range_ids

    @api.onchange("measure_id")
    def _onchange_measure_id(self):
        """Take over all that is known of the measurement."""
        measure = self.measure_id
        if measure and measure.code != self.code:
            self.update(
                {
                    "code": measure.code,
                    "kind": "number",
                    "name": measure.name,
                    "part": "vitals",
                    "unit_id": measure.unit_id.id,
                    **{name: measure[name] for name in NUMBERS},
                }
            )

    def action_open_norms(self):
        """Open the norms of the field by sex and age."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Norms: %s", self.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (
                    self.env.ref(
                        "clinic_emr.view_clinic_encounter_template_item_norms"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
        }
