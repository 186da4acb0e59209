from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.placeholders import as_blank, unknown_blanks

KINDS = [
    ("certificate", "Certificate"),
    ("sick_note", "Sick note"),
    ("extract", "Extract"),
    ("consent", "Consent"),
    ("refusal", "Refusal"),
    ("contract", "Contract"),
    ("recipe", "Recipe"),
    ("other", "Other"),
]
SIGNED_KINDS = ("consent", "refusal", "contract")
OPEN_BLANKS = (
    "today",
    "patient.name",
    "patient.birthdate",
    "patient.age",
    "patient.number",
    "patient.phone",
    "patient.address",
    "patient.snils",
    "signer.name",
    "clinic.name",
    "clinic.address",
    "clinic.phone",
    "branch.name",
    "branch.address",
    "author.name",
    "specialist.name",
    "specialist.specialties",
    "visit.date",
    "visit.service",
)
MEDICAL_BLANKS = (
    "visit.complaint",
    "visit.anamnesis",
    "visit.examination",
    "visit.diagnosis",
    "visit.recommendations",
    "visit.prescriptions",
    "visit.orders",
    "plan.table",
    "plan.total",
)


class ClinicDocumentTemplate(models.Model):
    """The text of a kind of document, with blanks that the system fills.

    The clinic edits it; each text that was ever in use is kept as a version, and a
    document keeps its own words.
    """

    _name = "clinic.document.template"
    _description = "Document Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default="certificate")
    is_medical = fields.Boolean(
        string="Medical",
        default=True,
        help="Medical documents are open to the medical staff only; others (contracts) "
        "are also for the reception.",
    )
    needs_signature = fields.Boolean(
        compute="_compute_needs_signature",
        store=True,
        readonly=False,
        help="It is issued when the patient has signed it, on screen or on paper.",
    )
    is_blocking = fields.Boolean(
        string="Before the Visit",
        help="A visit whose service needs this consent can't begin without it.",
    )
    validity_days = fields.Integer(
        string="Valid for, Days", aggregator=None, help="0: without limit."
    )
    body = fields.Html(string="Text", required=True)
    version = fields.Integer(readonly=True, default=1, aggregator=None, copy=False)
    version_ids = fields.One2many(
        "clinic.document.template.version",
        "template_id",
        string="Texts Kept",
        readonly=True,
    )
    active = fields.Boolean(default=True)
    blanks = fields.Char(compute="_compute_blanks", string="Blanks You May Use")

    _validity_range = models.Constraint(
        "CHECK(validity_days BETWEEN 0 AND 3660)", "From 0 days to 10 years."
    )

    @api.depends("kind")
    def _compute_needs_signature(self):
        for template in self:
            template.needs_signature = template.kind in SIGNED_KINDS

    @api.depends("is_medical")
    def _compute_blanks(self):
        for template in self:
            names = template._known_blanks()
            template.blanks = "  ".join(map(as_blank, names))

    def _known_blanks(self):
        """Return the names that may stand in the text."""
        self.ensure_one()
        return OPEN_BLANKS + (MEDICAL_BLANKS if self.is_medical else ())

    @api.constrains("body", "is_medical")
    def _check_blanks(self):
        for template in self:
            unknown = unknown_blanks(template.body, template._known_blanks())
            if unknown:
                raise ValidationError(
                    self.env._(
                        "“%(template)s”: nothing fills %(blanks)s. Take names from the "
                        "list under the text; medical ones only in medical documents.",
                        template=template.name,
                        blanks=", ".join(map(as_blank, unknown)),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        templates._keep_version()
        return templates

    def write(self, vals):
        changed = self.browse()
        if "body" in vals:
            changed = self.filtered(lambda one: (one.body or "") != vals["body"])
        result = super().write(vals)
        for template in changed:
            if template.sudo().version_ids[:1].is_used:
                super(ClinicDocumentTemplate, template).write(
                    {"version": template.version + 1}
                )
        changed._keep_version()
        return result

    def _keep_version(self):
        """Keep the present text: anew after documents, else over what nobody used."""
        # sudo: versions are made by nobody but this way
        versions_sudo = self.env["clinic.document.template.version"].sudo()
        for template in self:
            last = template.sudo().version_ids.filtered(
                lambda one, number=template.version: one.version == number
            )
            if last:
                last.body = template.body
            else:
                versions_sudo.create(
                    {
                        "template_id": template.id,
                        "version": template.version,
                        "body": template.body,
                    }
                )

    def _current_version(self):
        self.ensure_one()
        # sudo: whoever may issue a document may know which text it is of
        return self.sudo().version_ids.filtered(
            lambda one: one.version == self.version
        )[:1]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.sudo().version_ids.filtered("is_used"):
            raise UserError(
                self.env._("Documents were made of this template: archive it instead.")
            )
