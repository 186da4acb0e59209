from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("open", "Opened"),
    ("list", "Seen in a list"),
    ("export", "Exported"),
    ("group", "Statistics"),
    ("print", "Printed"),
]


class ClinicRecordAccess(models.Model):
    """One look into a medical record: who, when, whose record; never what was in it.

    Lines are added by the system and can be neither changed nor deleted.
    """

    _name = "clinic.record.access"
    _description = "Look into a Medical Record"
    _order = "date desc, id desc"
    _rec_name = "date"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Datetime(
        required=True, readonly=True, index=True, default=fields.Datetime.now
    )
    record_id = fields.Many2one(
        "clinic.medical.record",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Empty for statistics, which show no single patient.",
    )
    patient_id = fields.Many2one(
        related="record_id.patient_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    model = fields.Selection(
        selection="_selection_model",
        string="Kind of Data",
        required=True,
        readonly=True,
    )

    @api.model
    def _selection_model(self):
        """Return the medical models; those of other addons come by themselves."""
        get = self.env["ir.model"]._get
        names = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        return [
            (name, get(name).name)
            for name in names
            if not self.env.registry[name]._abstract
        ]

    @api.model
    def _note(self, records, model, kind):
        """Add the looks of the current user; once a transaction for the same thing."""
        noted = self.env.cr.precommit.data.setdefault("clinic_record_access", set())
        keys = [
            key
            for record_id in records.ids or [False]
            if (key := (self.env.uid, record_id, model, kind)) not in noted
        ]
        noted.update(keys)
        # sudo: the log has no create right for anybody
        self.sudo().create(
            [
                {
                    "user_id": uid,
                    "record_id": record_id,
                    "model": model,
                    "kind": kind,
                }
                for uid, record_id, model, kind in keys
            ]
        )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The log of looks into medical records can't be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The log of looks into medical records can't be deleted.")
        )

    def _move_to_record(self, record):
        """Hand the lines over to the record that its twin was merged into."""
        # past our own refusal to write: the only change a line can ever see
        super().write({"record_id": record.id})
