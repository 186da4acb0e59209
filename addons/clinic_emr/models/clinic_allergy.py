from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [("allergy", "Allergy"), ("intolerance", "Intolerance")]
CATEGORIES = [
    ("medication", "Medicine"),
    ("food", "Food"),
    ("environment", "Environment"),
    ("biologic", "Vaccine or serum"),
    ("other", "Other"),
]
CRITICALITIES = [
    ("low", "Low risk"),
    ("high", "High risk"),
    ("unknown", "Risk unknown"),
]
VERIFICATIONS = [
    ("unconfirmed", "Said by the patient"),
    ("confirmed", "Confirmed"),
    ("refuted", "Refuted"),
    ("error", "Entered in error"),
]
# what still warns whoever treats the patient
WARNING_VERIFICATIONS = ("unconfirmed", "confirmed")


class ClinicAllergy(models.Model):
    """An allergy or intolerance of the patient; stands on top of record and visits.

    The substance is never written over: a wrong entry is marked as such.
    """

    _name = "clinic.allergy"
    _description = "Allergy or Intolerance"
    _inherit = ["clinic.record.entry"]
    _order = "criticality_rank, substance, id"

    substance = fields.Char(
        required=True, help="A medicine is checked against it when prescribed."
    )
    kind = fields.Selection(KINDS, required=True, default="allergy")
    category = fields.Selection(CATEGORIES, required=True, default="medication")
    criticality = fields.Selection(
        CRITICALITIES,
        required=True,
        default="unknown",
        help="High: the next contact may threaten life.",
    )
    criticality_rank = fields.Integer(
        compute="_compute_criticality_rank", store=True, precompute=True
    )
    reaction = fields.Char(help="What happened: rash, oedema, anaphylaxis.")
    verification = fields.Selection(VERIFICATIONS, required=True, default="unconfirmed")
    since = fields.Date(help="When the reaction was first seen.")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("criticality")
    def _compute_criticality_rank(self):
        for allergy in self:
            allergy.criticality_rank = 0 if allergy.criticality == "high" else 1

    @api.depends("substance", "kind", "criticality", "reaction", "verification")
    @api.depends_context("lang")
    def _compute_summary(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "criticality", "verification")
        }
        for allergy in self:
            words = [allergy.reaction]
            if allergy.kind == "intolerance":
                words.append(labels["kind"]["intolerance"].lower())
            if allergy.criticality == "high":
                words.append(labels["criticality"]["high"].lower())
            if allergy.verification != "confirmed":
                words.append(
                    (labels["verification"].get(allergy.verification) or "").lower()
                )
            details = ", ".join(filter(None, words))
            allergy.summary = (allergy.substance or "") + (
                f" ({details})" if details else ""
            )

    def write(self, vals):
        if "substance" in vals and any(
            allergy.substance != vals["substance"] for allergy in self
        ):
            raise UserError(
                self.env._(
                    "The substance of an allergy isn't written over: mark the entry "
                    "as entered in error and add another one."
                )
            )
        return super().write(vals)

    def _is_warning(self):
        """Return the allergies of ``self`` that still warn."""
        return self.filtered(
            lambda allergy: (
                allergy.active and allergy.verification in WARNING_VERIFICATIONS
            )
        )
