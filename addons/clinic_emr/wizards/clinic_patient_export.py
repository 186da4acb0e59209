import base64
import mimetypes
from collections import defaultdict
from datetime import date, datetime

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, html2plaintext
from odoo.tools.misc import get_lang

from ..tools import patient_archive

# of no use to the patient, or of the machinery
LEFT_OUT = {
    "create_uid",
    "write_uid",
    "write_date",
    "display_name",
    "active",
    "id",
    "sequence",
    # whose all of it is stands above
    "record_id",
    "patient_id",
    # what the lists of the staff are sorted and counted by
    "criticality_rank",
    "done_count",
}
# what a patient looks for first; the rest follows in the order of names
FIRST = (
    "clinic.medical.record",
    "clinic.encounter",
    "clinic.encounter.addendum",
    "clinic.diagnosis",
)
CARD_FIELDS = (
    "patient_number",
    "birthdate_date",
    "gender",
    "snils",
    "phone",
    "email",
    "street",
    "city",
    "zip",
    "guardian_ids",
    "payer_id",
)


class ClinicPatientExport(models.TransientModel):
    """A patient asks for all the clinic keeps on him (Federal Law 152-FZ, art. 14).

    The chief physician hands it over: one archive, readable without any program of
    ours. The log of looks notes it as an export.
    """

    _name = "clinic.patient.export"
    _description = "Patient's Copy of All Data"

    patient_id = fields.Many2one(
        "res.partner", required=True, domain=[("is_patient", "=", True)]
    )
    # kept in the row, which goes with the wizard, and not among the attachments
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    def action_export(self):
        """Make the archive and offer it for download."""
        self.ensure_one()
        self.write(
            {
                "file": base64.b64encode(self._build()),
                "file_name": f"{self.patient_id.patient_number or self.id}.zip",
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}"
            "?download=true",
            "target": "download",
        }

    def _build(self):
        """Return the archive's bytes, as far as the current user reads the record.

        In the patient's language: it is the patient who reads it.
        """
        self.ensure_one()
        lang = self.patient_id.lang or self.env.company.partner_id.lang
        if lang and lang != self.env.lang:
            return self.with_context(lang=lang)._build()
        if not self.env.user.has_group("clinic_base.group_chief_physician"):
            raise AccessError(
                self.env._("The chief physician hands over a patient's copy.")
            )
        if not self.patient_id.is_patient:
            raise UserError(self.env._("Choose a patient."))
        self.patient_id.check_access("read")
        # sudo: a record that is closed must be found to be refused
        record = (
            self.env["clinic.medical.record"]
            .sudo()
            .search([("patient_id", "=", self.patient_id.id)])
            .with_env(self.env)
        )
        record.check_access("read")
        sections = self._administrative_sections()
        medical = self._medical_sections(record)
        record._log_look("export")
        title = self.env._("All data on %s", self.patient_id.name)
        return patient_archive.build(
            title,
            sections + medical,
            get_lang(self.env).iso_code,
            self._show,
            self.env._("Files"),
        )

    def _administrative_sections(self):
        """Return (heading, rows) of what is no medical data; other addons add theirs.

        sudo: it is the patient's own, whatever of it the chief physician sees.
        """
        patient_sudo = self.patient_id.sudo()
        visits_sudo = (
            self.env["clinic.appointment"]
            .sudo()
            .search([("patient_id", "=", patient_sudo.id)], order="start")
        )
        # what Odoo calls the name of a contact is said of things, too
        card = [
            [(self.env._("Full Name"), patient_sudo.name)] + row
            for row in self._rows(patient_sudo, CARD_FIELDS)
        ]
        visits = [
            [(self.env._("Time"), visit.local_time)] + row
            for visit, row in zip(
                visits_sudo,
                self._rows(
                    visits_sudo, ("service_id", "specialist_id", "branch_id", "state")
                ),
                strict=True,
            )
        ]
        sections = [
            (self.env._("Patient"), card),
            (self.env._("Appointments"), visits),
        ]
        consents_sudo = (
            self.env["clinic.consent"]
            .sudo()
            .search([("patient_id", "=", patient_sudo.id)])
        )
        sections.append((self.env._("Consents"), self._rows(consents_sudo)))
        for heading, rows_sudo, names in patient_sudo._patient_copy_sections():
            sections.append((heading, self._rows(rows_sudo, names)))
        return sections

    def _medical_sections(self, record):
        """Return (heading, rows) of each medical model, with the files in them."""
        sections = []
        names = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        for name in (*FIRST, *sorted(set(names) - set(FIRST))):
            model = self.env[name]
            if model._abstract or not model.has_access("read") or not record:
                continue
            path = model._medical_record_path or "id"
            rows = model.with_context(active_test=False).search(
                [(path, "=", record.id)], order="id"
            )
            if rows:
                rows._log_look("export")
                heading = self.env["ir.model"]._get(name).name
                files = self._files(rows, heading)
                told = [
                    row + files.get(one.id, [])
                    for one, row in zip(rows, self._rows(rows), strict=True)
                ]
                sections.append((heading, told))
        looks = [
            [
                (self.env._("Date"), self._local(look["date"])),
                (self.env._("Who"), look["name"]),
                (self.env._("On What Ground"), look["ground"]),
            ]
            for look in record._access_log_for_patient()
        ]
        sections.append((self.env._("Who opened the record"), looks))
        return sections

    def _rows(self, records, names=None):
        """Return each record as (label, text) of the fields that say something."""
        about_fields = records.fields_get(
            [name for name in names if name in records._fields]
            if names
            else [
                name
                for name, field in records._fields.items()
                if field.store and field.type not in ("binary", "one2many", "json")
            ],
            ["string", "selection"],
        )
        ordered = {
            name: about_fields[name]
            for name in names or about_fields
            if name in about_fields
        }
        return [
            [
                (about["string"], text)
                for name, about in ordered.items()
                if name not in LEFT_OUT
                and (text := self._text(record, name, about)) != ""
            ]
            for record in records
        ]

    def _show(self, value):
        """Return a value of a row as the patient reads it."""
        if isinstance(value, datetime):
            return f"{format_date(self.env, value.date())} {value:%H:%M}"
        if isinstance(value, date):
            return format_date(self.env, value)
        if isinstance(value, float):
            point = get_lang(self.env).decimal_point
            return str(value).removesuffix(".0").replace(".", point)
        return str(value)

    def _local(self, moment, record=None):
        """Return a naive UTC moment in the time of the branch it belongs to.

        What belongs to none is told in the time of the patient's last visit.
        """
        branch_sudo = self.env["clinic.branch"].sudo()
        if record:
            # sudo: only whose clock it was
            record_sudo = record.sudo()
            visit = "encounter_id" in record._fields and record_sudo.encounter_id
            branch_sudo = "branch_id" in record._fields and record_sudo.branch_id
            branch_sudo = branch_sudo or (visit and visit.branch_id)
        return (branch_sudo or self._usual_branch_sudo())._localize(moment)

    def _usual_branch_sudo(self):
        """Return where the patient was last."""
        return (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                [("patient_id", "=", self.patient_id.id)], order="start desc", limit=1
            )
            .branch_id
        )

    def _text(self, record, name, about):
        """Return what a field says: words, a date, or a moment with its zone."""
        value = record[name]
        if isinstance(value, datetime):
            return self._local(value, record).replace(microsecond=0)
        if isinstance(value, date):
            return value
        if isinstance(value, models.BaseModel):
            return ", ".join(filter(None, value.sudo().mapped("display_name")))
        if about.get("selection"):
            return dict(about["selection"]).get(value, "")
        if record._fields[name].type == "boolean":
            return self.env._("yes") if value else ""
        if value is False or value is None:
            return ""
        if record._fields[name].type == "html":
            return html2plaintext(value) if value else ""
        if isinstance(value, float):
            return value
        return str(value) if value or value == 0 and name != "color" else ""

    def _files(self, rows, heading):
        """Return ``{id: [(label, file)]}``: attached to rows, or kept in them."""
        # sudo: whoever reads the row reads its files; checked when it was found
        attachments_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", rows._name),
                    ("res_id", "in", rows.ids),
                    ("type", "=", "binary"),
                    # without a word on it the files in fields are left out: images,
                    # scans and issued documents
                    "|",
                    ("res_field", "=", False),
                    ("res_field", "!=", False),
                ],
                order="id",
            )
        )
        files = defaultdict(list)
        for attachment in attachments_sudo:
            row = rows.browse(attachment.res_id).sudo()
            day, about = self._belongs_to(row, heading)
            file = patient_archive.File(
                self._file_name(attachment), attachment.raw or b"", day, about
            )
            files[row.id].append((self.env._("File"), file))
        return files

    def _belongs_to(self, row, heading):
        """Return the day of the visit a file belongs to, and in words what it is of."""
        visit = row
        if row._name != "clinic.encounter":
            visit = "encounter_id" in row._fields and row.encounter_id
        if not visit:
            return self._local(row.create_date, row).date(), heading
        day = self._local(visit.start, row).date()
        about = self.env._(
            "%(what)s; visit of %(date)s, %(service)s, %(specialist)s",
            what=heading,
            date=format_date(self.env, day),
            service=visit.service_id.name,
            specialist=visit.specialist_id.name,
        )
        return day, about

    def _file_name(self, attachment):
        """Return the name a person gave, else that of the field and what it is of."""
        field = attachment.res_field
        if not field:
            return attachment.name
        row = self.env[attachment.res_model].browse(attachment.res_id).sudo()
        for given in (f"{field}_name", "name"):
            if given in row._fields and "." in (row[given] or ""):
                return row[given]
        label = row.fields_get([field], ["string"])[field]["string"]
        ending = mimetypes.guess_extension(attachment.mimetype or "") or ""
        return f"{label} {row.display_name}{ending}"
