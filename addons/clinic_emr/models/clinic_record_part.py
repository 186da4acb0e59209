from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicRecordPart(models.AbstractModel):
    """What hangs on a medical record, by its visit or directly.

    Its display name says number and date only: the ORM shows it where the part itself
    is closed.
    """

    _name = "clinic.record.part"
    _description = "Part of a Medical Record"
    _inherit = ["clinic.medical.mixin"]

    # the field of the moment that dates it
    _part_moment = "create_date"

    record_id = fields.Many2one(
        "clinic.medical.record",
        string="Medical Record",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_record_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    patient_id = fields.Many2one(
        related="record_id.patient_id", store=True, precompute=True, index=True
    )
    encounter_id = fields.Many2one(
        "clinic.encounter",
        string="Visit",
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.depends("encounter_id.record_id")
    def _compute_record_id(self):
        for part in self:
            part.record_id = part.encounter_id.record_id or part.record_id

    @api.depends(
        lambda self: ("record_id.patient_id.patient_number", self._part_moment)
    )
    def _compute_display_name(self):
        for part in self:
            number = part.record_id.patient_id.patient_number
            part.display_name = part._dated_name(number, part[self._part_moment])

    @api.constrains("record_id", "encounter_id")
    def _check_same_record(self):
        for part in self:
            if part.encounter_id and part.encounter_id.record_id != part.record_id:
                raise ValidationError(
                    self.env._("The entry and its visit belong to different patients.")
                )
