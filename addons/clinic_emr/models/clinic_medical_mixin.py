from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

MEDICAL_GROUPS = (
    "clinic_base.group_specialist,"
    "clinic_base.group_nurse,"
    "clinic_base.group_chief_physician"
)

# fields that say nothing about the person's health
NEUTRAL_FIELDS = {"id", "display_name", "patient_number", "create_date", "write_date"}

ARCHIVE_FIELDS = {"active", "archived_at", "archived_by_id", "archive_reason"}


class ClinicMedicalMixin(models.AbstractModel):
    """Keeps account of who looked into medical data, and on what ground.

    Each look of each reader leaves a line in ``clinic.record.access``: opening, lists,
    exports, statistics and print. The log is written where the ORM hands values over
    to the outside, whichever button or RPC method asked for them. Only the system
    itself (superuser mode) is not noted.
    """

    _name = "clinic.medical.mixin"
    _description = "Medical Data with Logged Access"
    _inherit = ["clinic.wall.time"]

    # readonly: else Odoo offers its own “Archive”, which asks for no reason
    active = fields.Boolean(default=True, readonly=True, copy=False)
    archived_at = fields.Datetime(string="Withdrawn on", readonly=True, copy=False)
    archived_by_id = fields.Many2one(
        "res.users",
        string="Withdrawn by",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    archive_reason = fields.Char(
        string="Reason of Withdrawal", readonly=True, copy=False
    )

    # The dotted path from this model to its medical record, "" for the record itself.
    # What closes a record (``ir.rule``) is closed along this path.
    _medical_record_path = "record_id"
    # The dotted path to the user who wrote it: one's own words are never closed.
    _medical_author_path = None

    @api.model
    def _get_medical_author_path(self):
        """Return the path to the user who wrote this, by the visit it belongs to."""
        visit = self._fields.get("encounter_id")
        if self._medical_author_path or not visit:
            return self._medical_author_path
        if (
            visit.comodel_name != "clinic.encounter"
            or not visit._description_searchable
        ):
            return None
        return "encounter_id.specialist_id.user_id"

    def _medical_records(self):
        """Return the medical records that ``self`` belongs to."""
        return self.record_id

    def _wall_branch(self):
        visit = self._fields.get("encounter_id")
        if not visit or visit.comodel_name != "clinic.encounter":
            return super()._wall_branch()
        # sudo: the clock of a visit is no secret, the visit may be
        return self.sudo().encounter_id.branch_id or super()._wall_branch()

    def _dated_name(self, number, moment):
        """Return a display name of number and date, the only two that are no secret."""
        if isinstance(moment, datetime):
            branch = self._wall_branch()
            moment = (
                branch._localize(moment)
                if branch
                else fields.Datetime.context_timestamp(self, moment)
            )
        day = moment and moment.strftime("%d.%m.%Y")
        return " · ".join(filter(None, [number, day]))

    def _log_look(self, kind):
        """Note that the current user looks at ``self``, when such looks are logged."""
        if self and self._look_is_logged():
            # sudo: nobody may write the log, and a look must never fail because of it
            records_sudo = self.sudo()._origin.exists()._medical_records()
            if records_sudo:
                self.env["clinic.record.access"]._note(records_sudo, self._name, kind)

    def _look_is_logged(self):
        """Return whether looks of the current user go to the log."""
        return not self.env.su

    # === what is written stays === #

    def write(self, vals):
        """Refuse to archive without a reason."""
        if not self.env.su and ARCHIVE_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "What is written in a medical record is not archived without a "
                    "reason: choose “Withdraw” in the menu of actions."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_unfinished(self):
        """Only what belongs to a visit still being written may be struck out."""
        if kept := self.filtered(lambda row: not row._may_be_struck_out()):
            raise UserError(
                self.env._(
                    "A medical record is never deleted. Withdraw %(rows)s with a "
                    "reason instead.",
                    rows=", ".join(kept.mapped("display_name")),
                )
            )

    def _may_be_struck_out(self):
        """Return whether this may still be deleted; superuser mode merges and moves."""
        self.ensure_one()
        visit = self._fields.get("encounter_id")
        if self.env.su or not visit or visit.comodel_name != "clinic.encounter":
            return self.env.su or self._medical_record_path == ""
        return not self.encounter_id or self.encounter_id.state == "in_progress"

    def action_withdraw(self):
        """Ask for the reason, then withdraw what was written by mistake."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_emr.action_clinic_encounter_archive"
        )
        context = {"active_model": self._name, "active_ids": self.ids}
        return {**action, "context": context}

    def _archive_with_reason(self, reason):
        """Take out of sight what was written by mistake; it stays, with the reason.

        Its author may do that, and the chief physician.
        """
        self.check_access("read")
        is_chief = self.env.user.has_group("clinic_base.group_chief_physician")
        if not is_chief and not all(row._is_written_by_me() for row in self):
            raise AccessError(
                self.env._(
                    "Only its author or the chief physician may withdraw what is "
                    "written in a medical record."
                )
            )
        self._log_look("archive")
        self._set_archived(
            {
                "active": False,
                "archived_at": fields.Datetime.now(),
                "archived_by_id": self.env.uid,
                "archive_reason": reason,
            }
        )

    def _restore_archived(self):
        """Bring withdrawn rows back; the chief physician may do that."""
        self.check_access("read")
        if not self.env.user.has_group("clinic_base.group_chief_physician"):
            raise AccessError(
                self.env._("Only the chief physician brings withdrawn entries back.")
            )
        self._log_look("archive")
        self._set_archived(
            {
                "active": True,
                "archived_at": False,
                "archived_by_id": False,
                "archive_reason": False,
            }
        )

    def _is_written_by_me(self):
        self.ensure_one()
        author = self._get_medical_author_path()
        # sudo: who wrote it decides, not what else of it the user may read
        writers = self.sudo().mapped(author) if author else self.sudo().create_uid
        return self.env.user in writers

    def _set_archived(self, vals):
        # sudo, and past write() of the models, which refuse to touch what is locked:
        # nothing of the content changes
        super(ClinicMedicalMixin, self.sudo()).write(vals)

    # === the ways out of the ORM === #

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load=load)
        if set(fnames) - NEUTRAL_FIELDS:
            self._log_look("open" if len(self) == 1 else "list")
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # the ORM hands out external ids unasked, and makes them where there are none
        self.check_access("read")
        rows = super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        self._log_look("export")
        return rows

    def onchange(self, values, field_names, fields_spec):
        result = super().onchange(values, field_names, fields_spec)
        self._log_look("open")
        return result

    @api.model
    def search_count(self, domain, limit=None):
        """As the ORM's; to count by what is written is to look."""
        count = super().search_count(domain, limit=limit)
        named = {c.field_expr for c in Domain(domain).iter_conditions()}
        if named - NEUTRAL_FIELDS - self._patient_fields():
            self._log_statistics([self._name], ())
        return count

    @api.model
    def _patient_fields(self):
        """Return the fields that say whose data this is, and nothing about health."""
        return {"record_id", "patient_id", "encounter_id"}

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        rows = super()._read_group(domain, groupby, aggregates, *args, **kwargs)
        self._log_statistics(groupby, aggregates)
        return rows

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        rows = super()._read_grouping_sets(
            domain, grouping_sets, aggregates=aggregates, order=order
        )
        self._log_statistics([name for names in grouping_sets for name in names], ())
        return rows

    @api.model
    def _log_statistics(self, groupby, aggregates):
        """Note that the current user counted medical data of no single patient."""
        counts_only = not groupby and set(aggregates) <= {"__count"}
        if not counts_only and self._look_is_logged():
            records = self.env["clinic.medical.record"]
            self.env["clinic.record.access"]._note(records, self._name, "group")
