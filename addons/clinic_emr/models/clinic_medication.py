from odoo import api, fields, models

FORMS = [
    ("tablet", "Tablets"),
    ("capsule", "Capsules"),
    ("solution", "Solution"),
    ("injection", "Solution for injections"),
    ("powder", "Powder"),
    ("syrup", "Syrup"),
    ("drops", "Drops"),
    ("spray", "Spray"),
    ("aerosol", "Aerosol"),
    ("ointment", "Ointment"),
    ("cream", "Cream"),
    ("gel", "Gel"),
    ("suppository", "Suppositories"),
    ("patch", "Patch"),
    ("other", "Other"),
]

UNITS = [
    ("tablet", "tab."),
    ("capsule", "caps."),
    ("ml", "ml"),
    ("mg", "mg"),
    ("g", "g"),
    ("drop", "drops"),
    ("puff", "puffs"),
    ("sachet", "sachets"),
    ("suppository", "supp."),
    ("iu", "IU"),
    ("application", "applications"),
]
WAYS = [
    ("oral", "By mouth"),
    ("sublingual", "Under the tongue"),
    ("intramuscular", "Into the muscle"),
    ("intravenous", "Into the vein"),
    ("subcutaneous", "Under the skin"),
    ("inhalation", "Inhaled"),
    ("nasal", "Into the nose"),
    ("eye", "Into the eye"),
    ("ear", "Into the ear"),
    ("topical", "On the skin"),
    ("rectal", "Rectally"),
    ("vaginal", "Vaginally"),
]


class ClinicMedication(models.Model):
    """A medicine of the clinic's list: substances, form, strength."""

    _name = "clinic.medication"
    _description = "Medicine"
    _order = "name, strength, id"
    _rec_names_search = ["name", "substance_ids.name", "substance_ids.latin_name"]

    name = fields.Char(required=True, index="trigram")
    substance_ids = fields.Many2many(
        "clinic.substance",
        string="Active Substances",
        help="Without them a prescription can't be checked against allergies.",
    )
    form = fields.Selection(FORMS)
    strength = fields.Char(help="As on the package: 500 mg, 1 mg/ml.")
    atc_code = fields.Char(string="ATC Code")
    default_way = fields.Selection(
        WAYS,
        string="Usual Way",
    )
    default_unit = fields.Selection(
        UNITS,
        string="Usual Unit",
    )
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "(lower(name), coalesce(form, ''), coalesce(strength, ''))",
        "This medicine in this form and strength is in the list already.",
    )

    @api.depends("name", "form", "strength")
    @api.depends_context("lang")
    def _compute_display_name(self):
        forms = dict(self._fields["form"]._description_selection(self.env))
        for medication in self:
            parts = [
                medication.name,
                (forms.get(medication.form) or "").lower(),
                medication.strength,
            ]
            medication.display_name = ", ".join(filter(None, parts))
