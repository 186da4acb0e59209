import base64
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import icd10_file

_logger = logging.getLogger(__name__)

PORTION = 500
COUNTERS = ("created", "updated", "closed", "reopened", "unchanged")


class ClinicIcd10Import(models.Model):
    """One import of the Ministry's classifier, done in portions by a scheduled job.

    A line of the file is known by its code, so a second import of the same file changes
    nothing. Each portion is committed with the position it reached: a restart goes on
    from there. What the clinic decided by hand (own codes, codes archived or taken back
    into use) stays until the Ministry itself closes or opens the code.
    """

    _name = "clinic.icd10.import"
    _description = "Import of ICD-10"
    _inherit = ["clinic.wall.time"]
    _order = "id desc"
    _rec_name = "filename"

    file = fields.Binary(required=True, attachment=True)
    filename = fields.Char()
    version = fields.Char(compute="_compute_version", store=True)
    state = fields.Selection(
        [
            ("draft", "New"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("done", "Finished"),
        ],
        required=True,
        readonly=True,
        default="draft",
    )
    total = fields.Integer(string="Lines in the File", readonly=True)
    position = fields.Integer(string="Lines Done", readonly=True)
    progress = fields.Integer(compute="_compute_progress")
    created = fields.Integer(string="New Codes", readonly=True)
    updated = fields.Integer(string="Changed Codes", readonly=True)
    closed = fields.Integer(string="Closed Codes", readonly=True)
    reopened = fields.Integer(string="Opened Again", readonly=True)
    unchanged = fields.Integer(string="The Same as Before", readonly=True)
    absent = fields.Integer(
        string="Not in the File",
        readonly=True,
        help="Codes in use here that the file does not name: they are left as they "
        "are.",
    )
    started_at = fields.Datetime(string="Started", readonly=True)
    finished_at = fields.Datetime(string="Finished", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Started By",
        readonly=True,
        default=lambda self: self.env.user,
    )

    _one_running = models.UniqueIndex(
        "(state) WHERE state = 'running'", "Another import of ICD-10 is running."
    )

    @api.depends("filename")
    def _compute_version(self):
        for one in self:
            one.version = icd10_file.version_of(one.filename)

    @api.depends("total", "position")
    def _compute_progress(self):
        for one in self:
            one.progress = 100 * one.position // one.total if one.total else 0

    @api.model_create_multi
    def create(self, vals_list):
        imports = super().create(vals_list)
        for one in imports:
            one.total = len(one._rows())
        return imports

    def write(self, vals):
        if "file" in vals and set(self.mapped("state")) != {"draft"}:
            raise UserError(
                self.env._("This import has begun. Make a new one for another file.")
            )
        result = super().write(vals)
        if "file" in vals:
            for one in self:
                one.total = len(one._rows())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if "running" in self.mapped("state"):
            raise UserError(self.env._("Stop the import before you delete it."))

    def action_start(self):
        """Begin, or go on after a stop; the scheduled job does the work."""
        self.ensure_one()
        if self.state == "done":
            raise UserError(self.env._("This file has been imported already."))
        others = self.search([("state", "=", "running"), ("id", "!=", self.id)])
        if others:
            raise UserError(
                self.env._(
                    "The import of %(file)s is running. Wait until it is done.",
                    file=others[0].filename,
                )
            )
        self.write(
            {
                "state": "running",
                "started_at": self.started_at or fields.Datetime.now(),
            }
        )
        # sudo: who may import need not have rights on scheduled jobs
        self.env.ref("clinic_emr.ir_cron_icd10_import").sudo()._trigger()
        return True

    def action_stop(self):
        """Stop after the portion in hand."""
        self.filtered(lambda one: one.state == "running").write({"state": "stopped"})
        return True

    def action_open_codes(self):
        """Show the classifier."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_emr.action_clinic_icd10"
        )

    @api.model
    def _cron_import(self):
        cron = self.env["ir.cron"]
        running = self.search([("state", "=", "running")], limit=1)
        cron._commit_progress(remaining=running.total - running.position)
        rows = running._rows() if running else ()
        while running.state == "running":
            done = running._import_portion(rows)
            if not cron._commit_progress(done):
                break
            running.invalidate_recordset(["state"])

    def _rows(self):
        """Return the rows of the file; a file that can't be read is refused."""
        self.ensure_one()
        try:
            return icd10_file.parse(base64.b64decode(self.file or b""))
        except icd10_file.Icd10FileError as error:
            raise UserError(self._file_problem(error)) from error

    def _file_problem(self, error):
        """Return what is wrong with the file, in words."""
        _ = self.env._
        words = {
            "empty": _("The file is empty or is not a table with “;” between columns."),
            "columns": _("The file lacks the columns %s.", error.detail),
            "zip": _("The archive must contain exactly one CSV file."),
            "too_big": _("The file is too big to be the classifier."),
            "double_id": _("The ID %s is in the file twice.", error.detail),
            "parent": _("The parent %s is not in the file.", error.detail),
            "cycle": _("The line with the ID %s is its own parent.", error.detail),
        }
        default = _("Line %s can't be read: is it the file of ICD-10?", error.detail)
        return words.get(error.reason, default)

    def _import_portion(self, rows):
        """Bring in the next portion and return how many rows it had."""
        portion = rows[self.position : self.position + PORTION]
        counts = self._apply(portion)
        vals = {name: self[name] + counts[name] for name in COUNTERS}
        vals["position"] = self.position + len(portion)
        if vals["position"] >= len(rows):
            vals |= {
                "state": "done",
                "finished_at": fields.Datetime.now(),
                "absent": self._count_absent(rows),
            }
            _logger.info("ICD-10 imported: %s lines", len(rows))
        self.write(vals)
        return len(portion)

    def _count_absent(self, rows):
        return self.env["clinic.icd10"].search_count(
            [("code", "not in", [row.code for row in rows])]
        )

    def _apply(self, rows):
        """Create and update the codes of some rows; return the counts of each kind."""
        lines = self.env["clinic.icd10"].with_context(active_test=False)
        codes = {row.code for row in rows} | {row.parent for row in rows if row.parent}
        known = {
            line.code: line for line in lines.search([("code", "in", list(codes))])
        }
        counts = dict.fromkeys(COUNTERS, 0)
        new = [row for row in rows if row.code not in known]
        while new:
            # parents first: a generation can be created when the one before is there
            ready = [row for row in new if not row.parent or row.parent in known]
            created = lines.create([self._line_vals(row, known) for row in ready])
            known |= {line.code: line for line in created}
            counts["created"] += len(ready)
            done = {row.code for row in ready}
            new = [row for row in new if row.code not in done]
            rows = [row for row in rows if row.code not in done]
        touched = lines
        for row in rows:
            line = known[row.code]
            touched += line
            self._update(line, self._line_vals(row, known), counts)
        self._own_by_file(touched)
        return counts

    def _line_vals(self, row, known):
        return {
            "code": row.code,
            "name": row.name,
            "parent_id": known[row.parent].id if row.parent else False,
            "mark": row.mark or False,
            "official_id": row.official_id,
            "is_closed_officially": not row.is_actual,
            "changed_on": row.changed_on or False,
            "active": row.is_actual,
        }

    def _update(self, line, vals, counts):
        """Write what differs; whether a code is in use only when the file says new."""
        was_known = bool(line.official_id)
        if was_known and vals["is_closed_officially"] == line.is_closed_officially:
            del vals["active"]
        elif not was_known and not line.active:
            del vals["active"]  # the clinic has put it aside itself
        current = {
            name: line[name].id if name == "parent_id" else line[name] for name in vals
        }
        changed = {name: vals[name] for name in vals if vals[name] != current[name]}
        if not changed:
            counts["unchanged"] += 1
            return
        if "active" in changed:
            counts["reopened" if changed["active"] else "closed"] += 1
        elif set(changed) & {"name", "parent_id", "mark"}:
            counts["updated"] += 1
        else:
            counts["unchanged"] += 1
        line.write(changed)

    def _own_by_file(self, lines):
        """Keep updates of the addon from putting its older names back.

        The bundled selection is loaded anew by each update of the addon; after an
        import the Ministry's file is the authority.
        """
        self.env.execute_query(
            SQL(
                """UPDATE ir_model_data SET noupdate = true
                    WHERE model = 'clinic.icd10' AND module = 'clinic_emr'
                      AND NOT noupdate AND res_id = ANY(%s) RETURNING id""",
                lines.ids,
            )
        )
