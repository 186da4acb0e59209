from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# a course that ends so soon is prescribed again
ENDS_SOON = timedelta(days=7)


class ClinicEncounter(models.Model):
    """What is ordered in a visit: given when it is finished, if not before."""

    _inherit = "clinic.encounter"

    service_request_ids = fields.One2many(
        "clinic.service.request", "encounter_id", string="Referrals and Orders"
    )
    medication_request_ids = fields.One2many(
        "clinic.medication.request", "encounter_id", string="Prescriptions"
    )
    service_request_id = fields.Many2one(
        related="appointment_id.service_request_id",
        string="By Referral",
        related_sudo=False,
    )
    referral_reason = fields.Text(
        related="service_request_id.reason", related_sudo=False, string="Referred For"
    )
    has_prescription = fields.Boolean(compute="_compute_has_prescription")
    has_prescription_warning = fields.Boolean(
        compute="_compute_has_prescription_warning"
    )

    @api.depends("medication_request_ids.state")
    def _compute_has_prescription(self):
        for encounter in self:
            encounter.has_prescription = any(
                request.state in ("draft", "active")
                for request in encounter.medication_request_ids
            )

    @api.depends(
        "medication_request_ids.warning", "medication_request_ids.override_reason"
    )
    def _compute_has_prescription_warning(self):
        for encounter in self:
            encounter.has_prescription_warning = any(
                request.warning or request.override_reason
                for request in encounter.medication_request_ids
            )

    def _finish(self, when=None):
        self._check_not_locked()
        self._check_own()
        self.service_request_ids._activate()
        self.medication_request_ids._activate()
        return super()._finish(when=when)

    def _has_content(self):
        return (
            super()._has_content()
            or bool(self.service_request_ids)
            or bool(self.medication_request_ids)
        )

    def action_print_prescription(self):
        """Give the visit's prescriptions and print them on one sheet."""
        self.ensure_one()
        requests = self.medication_request_ids.filtered(
            lambda request: request.state in ("draft", "active")
        )
        return requests.action_print()

    def action_repeat_prescriptions(self):
        """Write what the latest visit prescribed once more, as drafts; not what is
        here already, and not what is taken for more than a week yet."""
        for encounter in self:
            encounter._check_not_locked()
            encounter._check_own()
            encounter._repeat_prescriptions()
        return True

    def _repeat_prescriptions(self):
        """As the current user: the search leaves out what they may not read."""
        self.ensure_one()
        Request = self.env["clinic.medication.request"]
        earlier = (
            Domain("record_id", "=", self.record_id.id)
            & Domain("encounter_id", "not in", [False, self.id])
            & Domain("encounter_id.start", "<=", self.start)
            & Domain("state", "in", ["active", "completed"])
        )
        latest = Request.search(earlier, order="ordered_at desc, id desc", limit=1)
        latest._log_look("open")
        soon = self.branch_id._localize(fields.Datetime.now()).date() + ENDS_SOON
        again = latest.encounter_id.medication_request_ids.filtered(
            lambda one: (
                one.state in ("active", "completed")
                and (one.state == "completed" or (one.date_end and one.date_end < soon))
                and one.medication_id not in self.medication_request_ids.medication_id
                and one.medication_id.active
            )
        )
        Request.create(
            [
                {"encounter_id": self.id, **one._prepare_again_vals()}
                for one in again.sorted("id")
            ]
        )
