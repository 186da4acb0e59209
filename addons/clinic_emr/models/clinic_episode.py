from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import episodes

KINDS = [
    (episodes.ILLNESS, "Illness"),
    (episodes.PROPHYLACTIC, "Preventive"),
    (episodes.DISPENSARY, "Dispensary observation"),
]
OUTCOMES = [
    ("recovered", "Recovered"),
    ("improved", "Improved"),
    ("unchanged", "Unchanged"),
    ("worse", "Worse"),
    ("referred", "Referred elsewhere"),
    ("completed", "Examination completed"),
    ("lapsed", "The patient came no more"),
]


class ClinicEpisode(models.Model):
    """An illness, a preventive examination or an observation, with all its visits.

    It begins and goes on by itself when a visit is finished, from the main diagnosis.
    """

    _name = "clinic.episode"
    _description = "Episode of Care"
    _inherit = ["clinic.medical.mixin"]
    _order = "date_start desc, id desc"

    record_id = fields.Many2one(
        "clinic.medical.record",
        string="Medical Record",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    patient_id = fields.Many2one(
        related="record_id.patient_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(KINDS, required=True, index=True)
    icd10_id = fields.Many2one(
        "clinic.icd10", string="ICD-10", required=True, index=True, ondelete="restrict"
    )
    specialist_id = fields.Many2one(
        "clinic.specialist",
        string="Begun By",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", readonly=True)
    last_visit = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    outcome = fields.Selection(OUTCOMES)
    encounter_ids = fields.One2many(
        "clinic.encounter", "episode_id", string="Visits", readonly=True
    )
    visit_count = fields.Integer(
        string="Number of Visits",
        compute="_compute_visit_count",
        store=True,
        aggregator="sum",
    )

    _end_after_start = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "An episode can't end before it begins.",
    )

    @api.depends("record_id.patient_id.patient_number", "date_start")
    def _compute_display_name(self):
        """Number and date only: the ORM shows this where the episode is closed."""
        for episode in self:
            number = episode.record_id.patient_id.patient_number
            episode.display_name = self._dated_name(number, episode.date_start)

    @api.depends("encounter_ids")
    def _compute_visit_count(self):
        counts = {
            episode.id: count
            for episode, count in self.env["clinic.encounter"]
            .sudo()
            ._read_group([("episode_id", "in", self.ids)], ["episode_id"], ["__count"])
        }
        for episode in self:
            episode.visit_count = counts.get(episode._origin.id, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_empty(self):
        if self.encounter_ids:
            raise UserError(
                self.env._("An episode with visits is a part of the medical record.")
            )

    def action_close(self):
        """Close the episode on the day of its last visit."""
        for episode in self.filtered(lambda one: one.state == "open"):
            default = (
                "completed" if episode.kind == episodes.PROPHYLACTIC else "improved"
            )
            episode._close(episode.outcome or default)
        return True

    def action_reopen(self):
        """Open it again: the next visit goes on with it."""
        self.write({"state": "open", "date_end": False, "outcome": False})
        return True

    def _close(self, outcome):
        for last_visit, some in self.grouped("last_visit").items():
            some.write({"state": "closed", "date_end": last_visit, "outcome": outcome})

    def _fact(self):
        """Return the episode as the arithmetic takes it."""
        self.ensure_one()
        category = episodes.category_of(self.icd10_id.code)
        return episodes.Episode(self.id, self.kind, category, self.last_visit)
