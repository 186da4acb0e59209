import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..tools.placeholders import fill
from .clinic_document_template import KINDS

# who is younger makes contracts by his legal representatives
AGE_OF_MAJORITY = 18
STATES = [("draft", "Draft"), ("issued", "Issued"), ("annulled", "Annulled")]


class ClinicDocument(models.Model):
    """A document for the patient: filled in, looked over, signed, issued, frozen.

    Not medical are those whose template says so (a contract): the reception makes and
    reads them. All others follow the rules of the medical record, files included.
    """

    _name = "clinic.document"
    _description = "Document of a Patient"
    _inherit = ["clinic.frozen.mixin"]
    _order = "id desc"

    _medical_author_path = "author_id"

    title = fields.Char(
        compute="_compute_body", store=True, readonly=False, precompute=True
    )
    template_id = fields.Many2one(
        "clinic.document.template", required=True, index=True, ondelete="restrict"
    )
    version_id = fields.Many2one(
        "clinic.document.template.version", readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, compute="_compute_kind", store=True, precompute=True)
    is_medical = fields.Boolean(
        string="Medical", compute="_compute_kind", store=True, precompute=True
    )
    needs_signature = fields.Boolean(related="template_id.needs_signature")
    encounter_id = fields.Many2one(
        "clinic.encounter",
        string="Visit",
        index="btree_not_null",
        ondelete="restrict",
    )
    record_id = fields.Many2one(
        "clinic.medical.record",
        string="Medical Record",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
        compute="_compute_patient_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    author_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    body = fields.Html(
        string="Text",
        compute="_compute_body",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", index=True, copy=False
    )
    issued_at = fields.Datetime(string="Issued On", readonly=True, copy=False)
    valid_until = fields.Date(
        copy=False, help="The last day. Empty: as long as its template says."
    )
    signed_by_id = fields.Many2one(
        "res.partner",
        compute="_compute_signed_by_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', possible_signer_ids)]",
        help="The patient, or a guardian on behalf of the patient.",
    )
    possible_signer_ids = fields.Many2many(
        "res.partner", compute="_compute_possible_signer_ids"
    )
    signed_at = fields.Datetime(string="Signed On", readonly=True, copy=False)
    signature = fields.Binary(attachment=True, copy=False)
    scan = fields.Binary(
        string="Signed on Paper",
        attachment=True,
        copy=False,
        help="The scan or photo of the signed sheet, instead of a signature on screen.",
    )
    scan_name = fields.Char(copy=False)
    pdf = fields.Binary(string="PDF", attachment=True, readonly=True, copy=False)
    pdf_name = fields.Char(readonly=True, copy=False)
    annul_reason = fields.Char(string="Why Annulled", readonly=True, copy=False)

    # === COMPUTE === #

    @api.depends("name", "issued_at")
    def _compute_display_name(self):
        for document in self:
            moment = document.issued_at or document.create_date or fields.Datetime.now()
            document.display_name = self._dated_name(
                document.name or self.env._("Draft"), moment
            )

    @api.depends("template_id")
    def _compute_kind(self):
        for document in self:
            document.kind = document.template_id.kind
            document.is_medical = document.template_id.is_medical

    @api.depends("encounter_id.patient_id")
    def _compute_patient_id(self):
        for document in self:
            document.patient_id = (
                document.encounter_id.patient_id or document.patient_id
            )

    @api.depends("patient_id", "kind")
    def _compute_signed_by_id(self):
        """A contract needs a grown-up; to a treatment one consents from 15 on."""
        for document in self:
            patient = document.patient_id
            age = AGE_OF_MAJORITY if document.kind == "contract" else None
            document.signed_by_id = patient and patient._clinic_usual_signer(age)

    @api.depends("patient_id")
    def _compute_possible_signer_ids(self):
        for document in self:
            patient = document.patient_id
            document.possible_signer_ids = patient._clinic_signers()

    @api.depends(
        "template_id", "encounter_id", "appointment_id", "patient_id", "signed_by_id"
    )
    def _compute_body(self):
        """Fill the template as the current user, who may not read every visit."""
        for document in self:
            if document.state != "draft" or not document.template_id:
                document.title = document.title
                document.body = document.body
                continue
            written = document.with_context(lang=document._language())
            document.title = written.template_id.name
            document.body = fill(
                written.template_id.body, written._placeholder_values()
            )

    def _language(self):
        """Return the language it is written in: the patient's, else the clinic's.

        Not that of whoever, or whatever program, makes it.
        """
        self.ensure_one()
        company = self.encounter_id.branch_id.company_id or self.env.company
        return self.patient_id.lang or company.partner_id.lang or self.env.lang

    def _placeholder_values(self):
        """Return what fills the blanks of a template. Extend with new names."""
        self.ensure_one()
        encounter, patient = self.encounter_id, self.patient_id
        branch = encounter.branch_id
        company = branch.company_id or self.env.company
        user = self.author_id or self.env.user
        specialist = encounter.specialist_id or self.env["clinic.specialist"].search(
            [("user_id", "=", user.id)], limit=1
        )

        def day(value):
            return value and format_date(self.env, value, date_format="dd.MM.yyyy")

        def address(place):
            return ", ".join(filter(None, [place.zip, place.city, place.street]))

        values = {
            "today": day(branch._clinic_day(company)),
            "patient.name": patient.name,
            "patient.birthdate": day(patient.birthdate_date),
            "patient.age": patient.birthdate_date and patient.age,
            "patient.number": patient.patient_number,
            "patient.phone": patient.clinic_contact_phone,
            "patient.address": address(patient),
            "patient.snils": patient.snils,
            "signer.name": self.signed_by_id.name or patient.name,
            "clinic.name": company.name,
            "clinic.address": address(company.partner_id),
            "clinic.phone": company.phone,
            "branch.name": branch.name,
            "branch.address": ", ".join(filter(None, [branch.city, branch.street])),
            "author.name": user.name,
            "specialist.name": specialist.name or user.name,
            "specialist.specialties": ", ".join(
                specialist.specialty_ids.mapped("name")
            ),
            "visit.date": encounter.start
            and branch._localize(encounter.start).strftime("%d.%m.%Y"),
            "visit.service": encounter.service_id.name,
        }
        if self.template_id.is_medical:
            values.update(self._medical_values(encounter))
        return values

    def _medical_values(self, encounter):
        """Return what fills the medical blanks; of a finished visit none stays open."""
        values = {
            "visit.complaint": encounter.complaint,
            "visit.anamnesis": encounter.anamnesis,
            "visit.examination": encounter.examination,
            "visit.diagnosis": encounter.diagnosis_summary,
            "visit.recommendations": encounter.recommendations,
            "visit.prescriptions": "\n".join(
                one._summary_line()
                for one in encounter.medication_request_ids
                if one.state != "revoked"
            ),
            "visit.orders": "\n".join(
                one._summary_line()
                for one in encounter.service_request_ids
                if one.state != "revoked"
            ),
        }
        if encounter.state == "finished":
            values = {name: value or "—" for name, value in values.items()}
        return values

    # === CONSTRAINTS === #

    @api.constrains("encounter_id", "patient_id")
    def _check_same_patient(self):
        for document in self:
            visit = document.encounter_id
            if visit and visit.patient_id != document.patient_id:
                raise ValidationError(
                    self.env._("The document and its visit belong to two patients.")
                )

    @api.constrains("signed_by_id", "patient_id")
    def _check_signed_by(self):
        for document in self:
            if (
                document.signed_by_id
                and document.signed_by_id not in document.possible_signer_ids
            ):
                raise ValidationError(
                    self.env._(
                        "%(person)s is neither the patient nor a guardian of "
                        "%(patient)s.",
                        person=document.signed_by_id.name,
                        patient=document.patient_id.name,
                    )
                )

    @api.constrains("scan", "scan_name")
    def _check_scan_kind(self):
        self.env["clinic.file.rules"]._check_binary(self, "scan", "scan_name")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self.browse().check_access("create")
        for vals in vals_list:
            if not self.env.su:
                vals["author_id"] = self.env.uid
        documents = super().create(vals_list)
        records = self.env["clinic.medical.record"]._of_patients_sudo(
            documents.patient_id
        )
        by_patient = {record.patient_id: record for record in records}
        for document in documents:
            # sudo: the record it belongs to follows from the patient
            document.sudo().record_id = by_patient[document.patient_id]
        # the rules of the record apply to what was made, too
        documents.check_access("create")
        return documents

    @api.model
    def _system_fields(self):
        return super()._system_fields() | {
            "issued_at",
            "pdf",
            "pdf_name",
            "signed_at",
            "author_id",
            "version_id",
            "is_medical",
            "annul_reason",
        }

    @api.model
    def _frozen_sentence(self, names):
        return self.env._(
            "%(documents)s: issued documents stay as they are. Annul it and make a new "
            "one.",
            documents=names,
        )

    # === ACTIONS === #

    def action_issue(self):
        """Number it, freeze it and keep it as PDF."""
        for document in self:
            document._issue()
        return True

    def action_open(self):
        """Open the document on a page of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Document"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_refill(self):
        """Fill the text anew from the template; what was typed is dropped."""
        self._check_is_draft()
        self._compute_body()
        return True

    def action_print(self):
        """Print a draft to be signed on paper, or open the PDF that was issued."""
        self.ensure_one()
        if self.pdf:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/clinic.document/{self.id}/pdf?download=false",
                "target": "new",
            }
        return self.env.ref("clinic_emr.action_report_document").report_action(self)

    # === BUSINESS === #

    def _issue(self):
        self.ensure_one()
        self.check_access("write")
        self._check_is_draft()
        if not self.env.su and self.author_id != self.env.user:
            raise AccessError(self.env._("Who made the document issues it."))
        if self.needs_signature and not self._is_signed():
            raise UserError(
                self.env._(
                    "“%(title)s” is not signed yet. Let the patient sign on the "
                    "screen, or print it and add the scan of the signed sheet.",
                    title=self.title,
                )
            )
        now = fields.Datetime.now()
        days, until = self.template_id.validity_days, self.valid_until
        if days and not until:
            branch = self.encounter_id.branch_id
            until = branch._clinic_day() + timedelta(days=days)
        version = self.template_id._current_version()
        version.is_used = True
        # sudo: state and number are nobody's to write; the right was checked above
        document_sudo = self.sudo()
        document_sudo.write(
            {
                "name": self.env["ir.sequence"].next_by_code("clinic.document"),
                "state": "issued",
                "issued_at": now,
                "version_id": version.id,
                "signed_at": now if self.needs_signature else False,
                "valid_until": until,
            }
        )
        content, kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "clinic_emr.report_document", self.ids
        )
        attachment_name = f"{self.name}.{kind}"
        document_sudo.write(
            {
                "pdf": self._encode(content),
                "pdf_name": attachment_name,
            }
        )

    def _is_signed(self):
        """Return whether it is signed in one of the ways. Extend, call super."""
        self.ensure_one()
        return bool(self.signature or self.scan)

    @staticmethod
    def _encode(content):
        raw = content.encode() if isinstance(content, str) else content
        return base64.b64encode(raw)

    def _annul(self, reason):
        """Take an issued document back; it stays in the record."""
        self.check_access("read")
        if not self.env.su and any(one.author_id != self.env.user for one in self):
            raise AccessError(self.env._("Who issued the document annuls it."))
        if any(one.state != "issued" for one in self):
            raise UserError(self.env._("Only an issued document is annulled."))
        if not (reason or "").strip():
            raise UserError(self.env._("Write why the document is annulled."))
        # sudo: the state is nobody's to write; the author was checked
        self.sudo().write({"state": "annulled", "annul_reason": reason})

    def action_annul(self):
        """Ask why; the document stays in the record as annulled."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.env._('Annul')} · {self.display_name}",
            "res_model": "clinic.document.annul",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_res_id": self.id},
        }

    def _log_look(self, kind):
        """What is not medical is no look into the record."""
        # sudo: only to tell the one from the other
        medical = self.sudo().exists().filtered("is_medical")
        return super(ClinicDocument, medical.with_env(self.env))._log_look(kind)
