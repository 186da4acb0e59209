from datetime import timedelta

from psycopg2.errors import ReadOnlySqlTransaction

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ("open", "Opened"),
    ("list", "Seen in a list"),
    ("export", "Exported"),
    ("group", "Statistics"),
    ("print", "Printed"),
    ("file", "File opened"),
    ("emergency", "Emergency access taken"),
    ("archive", "Withdrawn or brought back"),
]
BASES = [
    ("treatment", "Treats the patient"),
    ("referral", "Referred to by a colleague"),
    ("nursing", "Carries out the treatment"),
    ("team", "Care team"),
    ("duty", "On duty"),
    ("emergency", "Emergency access"),
    ("named", "Named reader of a closed record"),
    ("chief", "Chief physician"),
    ("other", "Other"),
]
# Who treats the patient saves the visit over and over: that is one look, not fifty.
MERGED_BASES = ("treatment", "referral", "nursing")
MERGED_FOR = timedelta(minutes=10)


class ClinicRecordAccess(models.Model):
    """One look into a medical record: who, when, whose, why; never what was in it.

    Lines are added by the system and can be neither changed nor deleted.
    """

    _name = "clinic.record.access"
    _description = "Look into a Medical Record"
    _inherit = ["clinic.wall.time"]
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
    basis = fields.Selection(
        BASES, string="On What Ground", required=True, readonly=True, default="other"
    )
    model = fields.Selection(
        selection="_selection_model",
        string="Kind of Data",
        required=True,
        readonly=True,
    )

    # serves _note(): did this reader look at the same thing a moment ago?
    _reader_idx = models.Index("(user_id, record_id, date DESC)")

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
        """Add the looks of the current user; once a transaction for the same thing.

        However many records a list shows, this costs one statement, and those that
        find out on what ground the user reads.

        :param records: the medical records looked at, empty for statistics
        """
        noted = self.env.cr.precommit.data.setdefault("clinic_record_access", set())
        ids = [
            record_id
            for record_id in records.ids or [False]
            if (self.env.uid, record_id, model, kind) not in noted
        ]
        if not ids:
            return
        if self.env.cr.readonly:
            # Odoo reads lists from a replica: it starts again on the main database
            raise ReadOnlySqlTransaction("A look into a medical record is noted")
        noted.update((self.env.uid, record_id, model, kind) for record_id in ids)
        bases = records._reading_bases()
        # A line only where the record still is: lines follow it when records merge.
        records.flush_model(["patient_id"])
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """INSERT INTO clinic_record_access
                          (create_uid, write_uid, create_date, write_date, date,
                           user_id, record_id, patient_id, model, kind, basis)
                   SELECT %(uid)s, %(uid)s, %(now)s, %(now)s, %(now)s,
                          %(uid)s, look.record_id, record.patient_id,
                          %(model)s, %(kind)s, look.basis
                     FROM unnest(%(ids)s::int[], %(bases)s::text[])
                          AS look(record_id, basis)
                     LEFT JOIN clinic_medical_record record
                            ON record.id = look.record_id
                    WHERE NOT (look.basis = ANY(%(merged)s) AND EXISTS (
                              SELECT FROM clinic_record_access before
                               WHERE before.user_id = %(uid)s
                                 AND before.record_id = look.record_id
                                 AND before.model = %(model)s
                                 AND before.kind = %(kind)s
                                 AND before.date > %(since)s))""",
                uid=self.env.uid,
                now=now,
                since=now - MERGED_FOR,
                model=model,
                kind=kind,
                ids=[record_id or None for record_id in ids],
                bases=[
                    bases.get(record_id) or self._statistics_basis()
                    for record_id in ids
                ],
                merged=list(MERGED_BASES),
            )
        )

    @api.model
    def _statistics_basis(self):
        has_group = self.env.user.has_group
        for basis, group in (
            ("chief", "chief_physician"),
            ("treatment", "specialist"),
            ("nursing", "nurse"),
        ):
            if has_group(f"clinic_base.group_{group}"):
                return basis
        return "other"

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
