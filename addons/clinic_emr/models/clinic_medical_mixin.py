from odoo import api, models

MEDICAL_GROUPS = (
    "clinic_base.group_specialist,"
    "clinic_base.group_nurse,"
    "clinic_base.group_chief_physician"
)

# fields that say nothing about the person's health
NEUTRAL_FIELDS = {"id", "display_name", "patient_number", "create_date", "write_date"}


class ClinicMedicalMixin(models.AbstractModel):
    """Keeps account of who looked into medical data by virtue of office.

    The treating staff reads in the course of treatment. The chief physician may read
    every record, and each look leaves a line in ``clinic.record.access``: opening,
    lists, exports, statistics and print. The log is written where the ORM hands
    values over to the outside, whichever button or RPC method asked for them.
    """

    _name = "clinic.medical.mixin"
    _description = "Medical Data with Logged Access"

    def _medical_records(self):
        """Return the medical records that ``self`` belongs to."""
        return self.record_id

    def _log_look(self, kind):
        """Note that the current user looks at ``self``, when such looks are logged."""
        if self and self._look_is_logged():
            # sudo: nobody may write the log, and a look must never fail because of it
            records_sudo = self.sudo()._origin.exists()._medical_records()
            self.env["clinic.record.access"]._note(records_sudo, self._name, kind)

    def _look_is_logged(self):
        """Return whether looks of the current user go to the log."""
        return not self.env.su and self.env.user.has_group(
            "clinic_base.group_chief_physician"
        )

    # === the ways out of the ORM === #

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load=load)
        if set(fnames) - NEUTRAL_FIELDS:
            self._log_look("open" if len(self) == 1 else "list")
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        rows = super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        self._log_look("export")
        return rows

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
