from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import episodes


class ClinicEncounter(models.Model):
    _inherit = "clinic.encounter"

    episode_id = fields.Many2one(
        "clinic.episode",
        string="Episode of Care",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('record_id', '=', record_id), ('state', '=', 'open')]",
        help="Left empty, it follows from the main diagnosis when the visit is "
        "finished.",
    )
    episode_kind = fields.Selection(
        related="episode_id.kind", related_sudo=False, string="Kind of Care"
    )
    current_diagnosis_ids = fields.Many2many(
        "clinic.diagnosis",
        string="Known Illnesses",
        compute="_compute_current_diagnosis_ids",
        help="Not resolved in earlier visits and not yet in this one.",
    )

    @api.depends("record_id", "diagnosis_ids.icd10_id")
    def _compute_current_diagnosis_ids(self):
        current = self.record_id._origin._current_diagnoses()
        for encounter in self:
            known = current.get(
                encounter.record_id._origin.id, self.env["clinic.diagnosis"]
            )
            here = encounter.diagnosis_ids.icd10_id
            encounter.current_diagnosis_ids = known.filtered(
                lambda line, encounter=encounter, here=here: (
                    line.encounter_id != encounter._origin and line.icd10_id not in here
                )
            )

    @api.constrains("episode_id")
    def _check_episode(self):
        for encounter in self:
            episode = encounter.episode_id
            if episode and episode.record_id != encounter.record_id:
                raise ValidationError(
                    self.env._("The episode belongs to another patient.")
                )

    def action_carry_over_all(self):
        """Take all known illnesses into the visit."""
        self.ensure_one()
        self.check_access("write")
        self.current_diagnosis_ids._carry_over(self)
        return True

    def _finish(self, when=None):
        self._check_not_locked()
        self._check_own()
        self._check_can_finish()
        self._assign_episodes()
        return super()._finish(when=when)

    def _assign_episodes(self):
        """Let each visit begin or continue an episode; close what has ended."""
        Episode = self.env["clinic.episode"]
        open_ones = Episode.search(
            [("record_id", "in", self.record_id.ids), ("state", "=", "open")]
        )
        by_record = {
            record: list(found)
            for record, found in open_ones.grouped("record_id").items()
        }
        for encounter in self.sorted(lambda one: (one.start, one.id)):
            main = encounter.diagnosis_ids.filtered(lambda line: line.kind == "main")
            known = by_record.setdefault(encounter.record_id, [])
            episode = encounter.episode_id
            if not episode and not main:
                continue
            if not episode:
                episode = encounter._find_episode(main[0], known)
                encounter.episode_id = episode
            if episode not in known:
                known.append(episode)
            episode.last_visit = max(episode.last_visit, encounter._episode_day())
            if main.course == "resolved" and episode.state == "open":
                episode._close("recovered")
                known.remove(episode)

    def _episode_day(self):
        return self.branch_id._localize(self.start).date()

    def _find_episode(self, main, known):
        """Return the episode that a main diagnosis continues, a new one if none."""
        day = self._episode_day()
        code = main.icd10_id.code
        kind = episodes.kind_of(code, is_chronic=main.course == "chronic")
        category = episodes.category_of(code)
        facts = {episode.id: episode for episode in known}
        same = [episode._fact() for episode in known]
        if found := episodes.choose(kind, category, day, same):
            return facts[found.id]
        for fact in same:
            if episodes.is_over(fact, day):
                facts[fact.id]._close("lapsed")
                known.remove(facts[fact.id])
        return self.env["clinic.episode"].create(
            {
                "record_id": self.record_id.id,
                "kind": kind,
                "icd10_id": main.icd10_id.id,
                "specialist_id": self.specialist_id.id,
                "date_start": day,
                "last_visit": day,
            }
        )
