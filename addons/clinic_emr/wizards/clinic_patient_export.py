import base64

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

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
}
CARD_FIELDS = (
    "name",
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
        """Return the archive's bytes, as far as the current user reads the record."""
        self.ensure_one()
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
        medical, files = self._medical_sections(record)
        record._log_look("export")
        title = self.env._("All data on %s", self.patient_id.name)
        return patient_archive.build(
            title, sections + medical, files, self.env.lang or "ru"
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
        card = self._rows(patient_sudo, CARD_FIELDS)
        visits = self._rows(
            visits_sudo, ("local_time", "service_id", "specialist_id", "state")
        )
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
        """Return (heading, rows) of each medical model, and the files in them."""
        sections, files = [], []
        names = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        for name in sorted(names):
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
                sections.append((heading, self._rows(rows)))
                files += self._files(rows)
        looks = [
            [
                (self.env._("Date"), str(look["date"])),
                (self.env._("Who"), look["name"]),
                (self.env._("On What Ground"), look["ground"]),
            ]
            for look in record._access_log_for_patient()
        ]
        sections.append((self.env._("Who opened the record"), looks))
        return sections, files

    def _rows(self, records, names=None):
        """Return each record as (label, text) of the fields that say something."""
        texts = records.fields_get(
            [name for name in names if name in records._fields]
            if names
            else [
                name
                for name, field in records._fields.items()
                if field.store and field.type not in ("binary", "one2many", "json")
            ],
            ["string", "selection"],
        )
        return [
            [
                (about["string"], text)
                for name, about in texts.items()
                if name not in LEFT_OUT and (text := self._text(record, name, about))
            ]
            for record in records
        ]

    def _text(self, record, name, about):
        """Return what a field says in words."""
        value = record[name]
        if isinstance(value, models.BaseModel):
            return ", ".join(filter(None, value.sudo().mapped("display_name")))
        if about.get("selection"):
            return dict(about["selection"]).get(value, "")
        if record._fields[name].type == "boolean":
            return self.env._("yes") if value else ""
        if value is False or value is None:
            return ""
        return str(value) if value or value == 0 and name != "color" else ""

    def _files(self, rows):
        """Return (name, bytes) of what is attached to the rows."""
        # sudo: whoever reads the row reads its files; checked when it was found
        attachments_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", rows._name),
                    ("res_id", "in", rows.ids),
                    ("type", "=", "binary"),
                ],
                order="id",
            )
        )
        return [
            (attachment.name, attachment.raw or b"") for attachment in attachments_sudo
        ]
