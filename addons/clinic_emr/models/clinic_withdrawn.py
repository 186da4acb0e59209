from odoo import api, fields, models
from odoo.tools import SQL

from .clinic_medical_mixin import MEDICAL_GROUPS

# more models than any clinic will ever have: keeps the ids of the rows apart
ID_STEP = 1000


class ClinicWithdrawn(models.Model):
    """What was withdrawn from medical records, of whatever model, in one list.

    Says who, when and why, not what it was; the chief physician opens it or brings it
    back. What went with its visit is not listed for itself: it comes back with it.
    """

    _name = "clinic.withdrawn"
    _description = "Withdrawn Entry of a Medical Record"
    _inherit = ["clinic.wall.time"]
    _auto = False
    _order = "archived_at desc, id desc"

    # closed records are closed here, too
    _medical_record_path = "record_id"

    res_model = fields.Selection(
        selection="_selection_res_model", string="Kind of Data", readonly=True
    )
    res_id = fields.Many2oneReference(
        string="Entry", model_field="res_model", readonly=True
    )
    record_id = fields.Many2one(
        "clinic.medical.record", readonly=True, groups=MEDICAL_GROUPS
    )
    patient_id = fields.Many2one("res.partner", readonly=True)
    archived_at = fields.Datetime(string="Withdrawn on", readonly=True)
    archived_by_id = fields.Many2one("res.users", string="Withdrawn by", readonly=True)
    archive_reason = fields.Char(string="Reason", readonly=True)

    @api.model
    def _selection_res_model(self):
        return self.env["clinic.record.access"]._selection_model()

    @api.model
    def _get_medical_author_path(self):
        return None

    @property
    def _table_query(self):
        parts = [
            self._select(self.env[name], number)
            for number, name in enumerate(sorted(self._withdrawable()))
        ]
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _withdrawable(self):
        """Return the names of models whose rows can be withdrawn one by one."""
        names = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        return [
            name
            for name in names
            if not self.env[name]._abstract
            and self.env[name]._medical_record_path == "record_id"
        ]

    @api.model
    def _select(self, model, number):
        visit = model._fields.get("encounter_id")
        with_visit = SQL("FALSE")
        if visit and visit.store and visit.comodel_name == "clinic.encounter":
            with_visit = SQL(
                """EXISTS (SELECT FROM clinic_encounter visit
                    WHERE visit.id = entry.encounter_id AND NOT visit.active
                      AND visit.archived_at = entry.archived_at)"""
            )
        return SQL(
            """SELECT entry.id::bigint * %(step)s + %(number)s AS id,
                      %(name)s AS res_model,
                      entry.id AS res_id,
                      entry.record_id,
                      record.patient_id,
                      entry.archived_at,
                      entry.archived_by_id,
                      entry.archive_reason
                 FROM %(table)s entry
                 LEFT JOIN clinic_medical_record record
                        ON record.id = entry.record_id
                WHERE NOT entry.active AND entry.archived_at IS NOT NULL
                  AND NOT %(with_visit)s""",
            step=ID_STEP,
            number=number,
            name=model._name,
            table=SQL.identifier(model._table),
            with_visit=with_visit,
        )

    @api.depends("res_model", "archived_at")
    def _compute_display_name(self):
        """Kind and day only, nothing of what was written."""
        kinds = dict(self._selection_res_model())
        for row in self:
            day = row.archived_at and fields.Datetime.context_timestamp(
                row, row.archived_at
            )
            row.display_name = " · ".join(
                filter(None, [kinds.get(row.res_model), day and f"{day:%d.%m.%Y}"])
            )

    def _entry(self):
        """Return the withdrawn row itself, in the rights of the current user."""
        self.ensure_one()
        self.check_access("read")
        return self.env[self.res_model].browse(self.res_id)

    def action_open(self):
        """Open what was withdrawn."""
        entry = self._entry()
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._selection_res_model())[self.res_model],
            "res_model": entry._name,
            "res_id": entry.id,
            "views": [(False, "form")],
        }

    def action_restore(self):
        """Bring it back into the record."""
        for row in self:
            row._entry()._restore_archived()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
