from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError

# What specialists keep up to date themselves; the rest is the administrator's.
PROFILE_FIELDS = {
    "about",
    "accepts_new_patients",
    "age_max",
    "age_min",
    "image_1920",
    "patient_gender",
    "pause_ids",
    "problem_ids",
}


class ClinicSpecialist(models.Model):
    """The profile: whom a specialist takes, kept by the specialist."""

    _inherit = "clinic.specialist"

    pause_ids = fields.One2many(
        "clinic.specialist.pause",
        "specialist_id",
        string="Pauses",
        help="Problems not taken for a while; they come back by themselves.",
    )
    is_paused = fields.Boolean(
        string="Has a Pause", compute="_compute_is_paused", search="_search_is_paused"
    )

    @api.depends("pause_ids.date_from", "pause_ids.date_to")
    def _compute_is_paused(self):
        for specialist in self:
            specialist.is_paused = bool(specialist._pauses())

    def _search_is_paused(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The day differs between the zones by one at most; then by each one's own.
        today = fields.Datetime.now().date()
        near = self.search(
            [
                (
                    "pause_ids",
                    "any",
                    [
                        ("date_from", "<=", today + timedelta(days=1)),
                        ("date_to", ">=", today - timedelta(days=1)),
                    ],
                )
            ]
        )
        return [("id", "in", near.filtered("is_paused").ids)]

    def write(self, vals):
        self._check_profile_write(vals)
        return super().write(vals)

    def _check_profile_write(self, vals):
        user = self.env.user
        if self.env.su or user.has_group("clinic_base.group_admin"):
            return
        foreign = vals.keys() - PROFILE_FIELDS
        if foreign:
            names = self.fields_get(sorted(foreign), ["string"])
            raise AccessError(
                self.env._(
                    "You keep your own profile; this is for the administrator to "
                    "change: %(fields)s.",
                    fields=", ".join(field["string"] for field in names.values()),
                )
            )

    def _pauses(self, day=None):
        """Return the pauses in force on a day (today in the zone of each, if None)."""
        pauses = self.pause_ids.browse()
        for specialist in self:
            pauses |= specialist.pause_ids._on(day or specialist._today())
        return pauses

    def _today(self):
        """Return the date where the specialist works, whoever asks from wherever."""
        # sudo: the zone of the working hours, which colleagues may not read
        zone = pytz.timezone(self.sudo().resource_id.tz or "UTC")
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()

    @api.model
    def action_open_own_profile(self):
        """Open the profile of the specialist who is signed in."""
        specialist = self.search([("user_id", "=", self.env.uid)], limit=1)
        if not specialist:
            raise AccessError(
                self.env._(
                    "You are no specialist of the clinic. Ask the administrator to "
                    "link your user to one."
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_specialist_profile"
        )
        action["res_id"] = specialist.id
        return action
