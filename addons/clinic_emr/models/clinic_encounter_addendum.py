from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicEncounterAddendum(models.Model):
    """What a specialist adds to a finished visit; itself it can't be changed."""

    _name = "clinic.encounter.addendum"
    _description = "Addendum to a Visit"
    _inherit = ["clinic.encounter.line"]
    _order = "date, id"

    reason = fields.Selection(
        [
            ("addition", "Addition"),
            ("result", "A result came"),
            ("correction", "Correction of an error"),
            ("request", "Asked by the patient"),
        ],
        required=True,
        default="addition",
        help="Why the finished visit is added to.",
    )
    text = fields.Text(required=True)
    author_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    local_time = fields.Char(
        string="Time", compute="_compute_local_time", help="The branch's wall time."
    )

    @api.depends("date", "encounter_id.branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for addendum in self:
            branch = addendum.encounter_id.branch_id
            addendum.local_time = branch and branch._format_local(addendum.date)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals["author_id"] = self.env.uid
                vals["date"] = fields.Datetime.now()
        addenda = super().create(vals_list)
        if open_visits := addenda.encounter_id.filtered(
            lambda encounter: encounter.state != "finished"
        ):
            raise UserError(
                self.env._(
                    "The visit %(visits)s is not finished yet: write into the visit "
                    "itself.",
                    visits=", ".join(open_visits.mapped("display_name")),
                )
            )
        return addenda

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("An addendum can't be changed. Write another one instead.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An addendum can't be deleted."))
