from datetime import timedelta

from odoo import api, models


class ClinicEncounter(models.Model):
    """What a nurse measured before the visit stands in it when it begins."""

    _inherit = "clinic.encounter"

    @api.model
    def _open(self, appointments, when=None):
        encounters = super()._open(appointments, when=when)
        encounters._take_over_measures()
        return encounters

    def _take_over_measures(self):
        """Put the clinic's measurements of the same day into the visits."""
        if not self:
            return
        # sudo: the values become a part of the visit, whoever measured them
        waiting = (
            self.env["clinic.observation"]
            .sudo()
            .search(
                [
                    ("record_id", "in", self.record_id.ids),
                    ("encounter_id", "=", False),
                    ("source", "=", "clinic"),
                    ("effective", ">=", min(self.mapped("start")) - timedelta(days=1)),
                ],
                order="effective",
            )
        )
        for encounter in self if waiting else ():
            day = encounter._local_day()
            latest = {
                line.code: line
                for line in waiting
                if line.record_id == encounter.record_id
                and not line.encounter_id
                and encounter.branch_id._localize(line.effective).date() == day
            }
            known = encounter.observation_ids.mapped("code")
            for code, line in latest.items():
                if code not in known:
                    line.encounter_id = encounter
        (waiting.encounter_id & self.sudo())._name_measures()
        self.invalidate_recordset(["sheet", "observation_ids"])

    def _name_measures(self):
        """Let measured values be called as the template of their visit calls them."""
        for encounter in self:
            items = {
                item.code: item
                for item in encounter.template_version_id.item_ids
                if item.kind == "number"
            }
            for line in encounter.observation_ids:
                item = items.get(line.code)
                if line.measure_id and not line.item_id and item:
                    line.write(
                        {
                            "item_id": item.id,
                            "name": item.name,
                            "part": item.part,
                            "sequence": item.sequence,
                        }
                    )
