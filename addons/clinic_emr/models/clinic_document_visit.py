from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ClinicDocument(models.Model):
    """A document made before its visit begins: a consent, a contract."""

    _inherit = "clinic.document"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="The visit the document is for, where it is not written yet.",
    )

    is_mine = fields.Boolean(compute="_compute_is_mine")
    available_template_ids = fields.Many2many(
        "clinic.document.template", compute="_compute_available_template_ids"
    )

    @api.depends("author_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for document in self:
            document.is_mine = document.author_id == self.env.user

    @api.depends_context("uid")
    def _compute_available_template_ids(self):
        """What the current user may make: nurses consents, the desk contracts."""
        has_group = self.env.user.has_group
        domain = Domain.FALSE
        if has_group("clinic_base.group_reception"):
            domain |= Domain("is_medical", "=", False)
        if has_group("clinic_base.group_nurse"):
            domain |= Domain("kind", "in", ("consent", "refusal"))
        if has_group("clinic_base.group_specialist"):
            domain = Domain.TRUE
        self.available_template_ids = self.env["clinic.document.template"].search(
            domain
        )

    def write(self, vals):
        """Take the signature off a draft that changes: other words were signed."""
        if "signature" not in vals:
            signed = self.filtered(
                lambda document: document.state == "draft" and document.signature
            )
            if changed := signed.filtered(lambda one: one._says_otherwise(vals)):
                super(ClinicDocument, changed).write({"signature": False})
        return super().write(vals)

    def _says_otherwise(self, vals):
        """Return whether the values change what is signed, or who signs it."""
        self.ensure_one()
        return any(
            name in vals
            and self._fields[name].convert_to_record(
                self._fields[name].convert_to_cache(vals[name], self), self
            )
            != self[name]
            for name in ("title", "body", "template_id", "signed_by_id")
        )

    @api.constrains("appointment_id", "patient_id")
    def _check_appointment(self):
        for document in self:
            # sudo: only whether both are of one person
            visit_sudo = document.appointment_id.sudo()
            if visit_sudo and visit_sudo.patient_id != document.patient_id:
                raise ValidationError(
                    self.env._("The document and its visit belong to two patients.")
                )

    @api.model
    def _system_fields(self):
        return super()._system_fields() | {"appointment_id"}

    def _branch_sudo(self):
        """Return the branch that stands in the head of the document."""
        self.ensure_one()
        # sudo: where it was is no secret to whoever may read the document
        document_sudo = self.sudo()
        return (
            document_sudo.encounter_id.branch_id
            or document_sudo.appointment_id.branch_id
        )

    def _wall_branch(self):
        return self._branch_sudo() or super()._wall_branch()

    def _placeholder_values(self):
        values = super()._placeholder_values()
        # sudo: time, place and service of the visit, for whoever may make documents
        visit_sudo = self.appointment_id.sudo()
        if self.encounter_id or not visit_sudo:
            return values
        if visit_sudo.patient_id != self.patient_id:
            return values
        branch, specialist = visit_sudo.branch_id, visit_sudo.specialist_id
        return {
            **values,
            "branch.name": branch.name,
            "branch.address": ", ".join(filter(None, [branch.city, branch.street])),
            "specialist.name": specialist.name,
            "specialist.specialties": ", ".join(
                specialist.specialty_ids.mapped("name")
            ),
            "visit.date": branch._localize(visit_sudo.start).strftime("%d.%m.%Y"),
            "visit.service": visit_sudo.service_id.name,
        }
