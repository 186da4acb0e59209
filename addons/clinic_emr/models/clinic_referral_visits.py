from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .clinic_referral import TAKEN_STATES, WAITING_STATES

# what was held so long before the order is not what was ordered
RECENT = timedelta(days=30)


class ClinicReferral(models.Model):
    """Visits that were not booked by the referral: attached by itself and by hand."""

    _inherit = "clinic.referral"

    can_choose_visits = fields.Boolean(compute="_compute_can_choose_visits")

    @api.depends("state", "completed")
    def _compute_can_choose_visits(self):
        """What its visits have closed is opened again by taking one off."""
        for referral in self:
            referral.can_choose_visits = referral.state in ("open", "booked") or (
                referral.state == "done" and not referral.completed
            )

    def action_choose_visits(self):
        """Open the visits that may be meant, to attach or detach them by hand."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_choose_visits()
        visits_sudo = self._fitting_visits()
        if not visits_sudo:
            raise UserError(
                self.env._(
                    "%(patient)s has no visit for “%(service)s” that could be "
                    "attached to the referral.",
                    patient=self.patient_id.name,
                    service=self.service_id.name,
                )
            )
        # sudo: the choice is made by the system, the user ticks
        choice_sudo = (
            self.env["clinic.referral.choice"]
            .sudo()
            .create(
                {
                    "referral_id": self.id,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "visit": visit.id,
                                "local_time": visit.local_time,
                                "specialist": visit.specialist_id.name,
                                "branch": visit.branch_id.name,
                                "state": visit._state_label(),
                                "is_attached": visit.referral_id == self,
                            }
                        )
                        for visit in visits_sudo
                    ],
                }
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Visits of the Referral"),
            "res_model": choice_sudo._name,
            "res_id": choice_sudo.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # === BUSINESS === #

    def _attach_visits(self):
        """Attach visits booked before the order was written, if that leaves no doubt.

        With more of them than were ordered it is the first to come that is attached,
        when the patient arrives (``clinic.appointment._attach_referrals``).
        """
        now = fields.Datetime.now()
        # sudo: what the order is about was checked; the visits may be a colleague's
        for referral_sudo in self.sudo():
            visits_sudo = referral_sudo._fitting_visits().filtered(
                lambda visit: (
                    not visit.referral_id
                    and not visit.referral_apart
                    and visit.state in WAITING_STATES
                    and visit.day >= visit.branch_id._localize(now).date()
                )
            )
            if len(visits_sudo) <= referral_sudo.left_count:
                visits_sudo.referral_id = referral_sudo

    def _fitting_visits(self):
        """Return, as superuser, the visits of the referral and those it may mean."""
        self.ensure_one()
        # sudo: the visit the order was written in is not the one that was ordered
        written_in_sudo = (
            self.env["clinic.service.request"]
            .sudo()
            .search([("referral_id", "=", self.id)])
            .encounter_id.appointment_id
        )
        visits_sudo = (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                [
                    ("patient_id", "=", self.patient_id.id),
                    ("service_id", "=", self.service_id.id),
                    ("referral_id", "in", [False, self.id]),
                    ("state", "in", TAKEN_STATES),
                    "|",
                    ("referral_id", "=", self.id),
                    ("start", ">=", datetime.combine(self.date, time()) - RECENT),
                ],
                order="start, id",
            )
        )
        return (visits_sudo - written_in_sudo).filtered(
            lambda visit: (
                visit.referral_id
                or self.specialist_id.id in (False, visit.specialist_id.id)
            )
        )

    def _check_may_choose_visits(self):
        """It is for the author and for whoever books."""
        books = self.env["clinic.appointment"].has_access("create")
        if not (self.env.su or books or self.requester_user_id == self.env.user):
            raise AccessError(
                self.env._(
                    "Visits are attached by who wrote the referral and by the "
                    "reception."
                )
            )

    def _choose_visits(self, visits):
        """Attach these visits of the fitting ones, and no others."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_choose_visits()
        # sudo: the right was checked, and only what fits can be chosen
        referral_sudo = self.sudo()
        if not referral_sudo.can_choose_visits:
            raise UserError(
                self.env._(
                    "The referral %s is closed: its visits stay as they are.",
                    self.display_name,
                )
            )
        fitting_sudo = self._fitting_visits()
        chosen_sudo = fitting_sudo.filtered(lambda visit: visit.id in visits.ids)
        if len(chosen_sudo) < len(visits):
            raise UserError(
                self.env._("The visits have changed meanwhile. Open the list anew.")
            )
        if len(chosen_sudo) > referral_sudo.quantity:
            raise UserError(
                self.env._(
                    "The referral %(referral)s is for %(quantity)s visits, not more.",
                    referral=self.display_name,
                    quantity=referral_sudo.quantity,
                )
            )
        off_sudo = fitting_sudo.filtered(lambda visit: visit.referral_id) - chosen_sudo
        was_done = referral_sudo.state == "done"
        requests_sudo = off_sudo.service_request_id
        off_sudo.write({"referral_id": False, "referral_apart": True})
        chosen_sudo.write({"referral_id": self.id, "referral_apart": False})
        if was_done and referral_sudo.state != "done":
            requests_sudo._reopen()
        chosen_sudo._complete_orders()
