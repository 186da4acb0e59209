from odoo import models


class ClinicEncounter(models.Model):
    _inherit = "clinic.encounter"

    _medical_author_path = "specialist_id.user_id"

    def _set_archived(self, vals):
        """Withdraw a visit with all its parts, whatever addon they are of."""
        parts = [
            self.env[name]
            .sudo()
            .with_context(active_test=False)
            .search(self._parts_domain(vals))
            for name in self._part_models()
        ]
        super()._set_archived(vals)
        for rows in parts:
            rows._set_archived(vals)
        records_sudo = self.sudo().record_id
        for name in ("encounter_count", "last_visit"):
            self.env.add_to_compute(records_sudo._fields[name], records_sudo)

    def _parts_domain(self, vals):
        """Return which parts go along: not what was withdrawn for itself before."""
        domain = [("encounter_id", "in", self.ids)]
        if vals["active"]:
            return [*domain, ("archived_at", "in", self.mapped("archived_at"))]
        return [*domain, ("active", "=", True)]

    def _part_models(self):
        """Return the names of medical models whose rows belong to a visit."""
        return [
            name
            for name in self.env.registry.descendants(
                ["clinic.medical.mixin"], "_inherit"
            )
            if not self.env[name]._abstract
            and (field := self.env[name]._fields.get("encounter_id"))
            and field.store
            and field.comodel_name == self._name
        ]
