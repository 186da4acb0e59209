from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.claims import DEVICE, ROOM, SPECIALIST


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        clinical = services.filtered("is_clinic_service")
        if clinical:
            # sudo: the list follows from what was created, by right
            self.env["clinic.skill"].sudo()._sync(services=clinical)
        return services

    def _clinic_specialists(self):
        """Return the active specialists who do the service, now or some time later."""
        self.ensure_one()
        if not self.is_clinic_service:
            return self.env["clinic.specialist"]
        # sudo: everybody may know who does what
        found = self.env["clinic.skill"].sudo()._search(self._clinic_skill_domain())
        return self.env["clinic.specialist"].search([("skill_ids", "in", found)])

    def _clinic_skill_domain(self):
        today = fields.Date.context_today(self)
        return Domain("service_id", "in", self.ids) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        )

    def _clinic_skill_pairs(self):
        """Return ``(specialist id, service id)`` of who does which of the services."""
        # sudo: everybody may know who does what
        skills_sudo = self.env["clinic.skill"].sudo()
        found = skills_sudo.search_fetch(
            self._clinic_skill_domain(), ["specialist_id", "service_id"]
        )
        return {(skill.specialist_id.id, skill.service_id.id) for skill in found}

    def _clinic_durations(self, specialists):
        """Return the minutes the service takes each of the specialists, by id."""
        self.ensure_one()
        own = {
            skill.specialist_id.id: skill.duration
            for skill in self.env["clinic.skill"]
            .sudo()
            .search_fetch(
                [
                    ("service_id", "=", self.id),
                    ("specialist_id", "in", specialists.ids),
                    ("duration", ">", 0),
                ],
                ["specialist_id", "duration"],
            )
        }
        return {
            specialist_id: own.get(specialist_id) or self.duration
            for specialist_id in specialists.ids
        }

    def _clinic_buffers(self):
        """Return the minutes before and after a visit, by column of the ledger."""
        names = {SPECIALIST: "specialist", ROOM: "room", DEVICE: "device"}
        found = {
            column: (self[f"{name}_buffer_before"], self[f"{name}_buffer_after"])
            for column, name in names.items()
        }
        return {column: pair for column, pair in found.items() if any(pair)}
