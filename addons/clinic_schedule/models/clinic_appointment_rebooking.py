from odoo import api, fields, models

from .clinic_appointment import FREE, MOVING


class ClinicAppointmentRebooking(models.Model):
    """A visit that is moved or ends need not be moved any more."""

    _inherit = "clinic.appointment"

    rebooking_ids = fields.One2many(
        "clinic.rebooking",
        "appointment_id",
        groups="clinic_base.group_reception,clinic_base.group_callcenter,"
        "clinic_base.group_admin,clinic_base.group_specialist",
    )
    must_move = fields.Boolean(
        compute="_compute_must_move",
        search="_search_must_move",
        string="To Be Moved",
        help="Time off, a block or a change of shifts has taken its time.",
    )

    @api.depends("rebooking_ids.state")
    def _compute_must_move(self):
        # sudo: that a visit must move is for all who see the visit
        todos_sudo = (
            self.env["clinic.rebooking"]
            .sudo()
            .search([("state", "=", "open"), ("appointment_id", "in", self.ids)])
        )
        stranded = set(todos_sudo.appointment_id.ids)
        for visit in self:
            visit.must_move = visit.id in stranded

    @api.model
    def _search_must_move(self, operator, value):
        if operator != "in":
            return NotImplemented
        todos_sudo = (
            self.env["clinic.rebooking"].sudo().search([("state", "=", "open")])
        )
        return [("id", "in", todos_sudo.appointment_id.ids)]

    def _open_rebookings(self):
        # sudo: to-dos end with the visit, whoever ended it
        return (
            self.env["clinic.rebooking"]
            .sudo()
            .search([("state", "=", "open"), ("appointment_id", "in", self.ids)])
            .with_env(self.env)
        )

    def _after_reschedule(self, old):
        result = super()._after_reschedule(old)
        todos = self._open_rebookings()
        if todos:
            reasons = todos.sudo()._reasons(self.sudo())
            outcome = (
                "moved" if old["specialist_id"] == self.specialist_id else "handed"
            )
            todos.filtered(lambda t: t.appointment_id.sudo() not in reasons)._close(
                outcome
            )
        self.env["clinic.block"]._grow(old["start"], old["stop"])
        return result

    def _move(self, state, force=False, at=None, **vals):
        result = super()._move(state, force=force, at=at, **vals)
        if state not in MOVING:
            outcome = "cancelled" if state in FREE else "kept"
            self._open_rebookings()._close(outcome)
        if state in FREE:
            for visit in self:
                self.env["clinic.block"]._grow(visit.start, visit.stop)
        return result

    def _stranded_preview(self):
        """Return the table of these visits, for somebody about to strand them.

        Who may not read visits sees their numbers and times, and no patients.
        """
        if not self:
            return False
        named = self.with_user(self.env.user).sudo(False)._filtered_access("read")
        return self.env["ir.qweb"]._render(
            "clinic_schedule.stranded_visits",
            {"visits": self.sudo(), "named": set(named.ids)},
        )
