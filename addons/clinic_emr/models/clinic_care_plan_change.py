"""What becomes of an agreed plan: a service is declined, or replaced by another."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .clinic_referral import WAITING_STATES


class ClinicCarePlan(models.Model):
    _inherit = "clinic.care.plan"

    awaits_consent = fields.Boolean(
        string="To Be Agreed On", compute="_compute_awaits_consent"
    )

    is_changed = fields.Boolean(compute="_compute_is_changed")

    @api.depends("line_ids.declined_count")
    def _compute_is_changed(self):
        for plan in self:
            plan.is_changed = any(plan.line_ids.mapped("declined_count"))

    @api.depends("line_ids.awaits_consent", "line_ids.owed_count", "state")
    def _compute_awaits_consent(self):
        for plan in self:
            plan.awaits_consent = plan.state == "active" and any(
                line.awaits_consent and line.owed_count for line in plan.line_ids
            )

    def _renew_consents(self):
        """Fill consents that wait for a signature anew: one signs what is planned."""
        drafts = self.document_ids.filtered(
            lambda document: document.state == "draft" and document.is_mine
        )
        if drafts:
            drafts.write({"signature": False, "scan": False})
            drafts._compute_body()


class ClinicCarePlanLine(models.Model):
    _inherit = "clinic.care.plan.line"

    declined_count = fields.Integer(string="Declined", readonly=True, copy=False)
    decline_reason = fields.Char(string="Why Declined", readonly=True, copy=False)
    declined_at = fields.Datetime(string="Declined On", readonly=True, copy=False)
    declined_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    replaces_id = fields.Many2one(
        "clinic.care.plan.line",
        string="Instead Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    awaits_consent = fields.Boolean(
        readonly=True,
        copy=False,
        help="It came to the plan after the patient had signed: it is ordered once the "
        "patient has signed again.",
    )
    can_change = fields.Boolean(compute="_compute_can_change")

    @api.depends("plan_id.state", "plan_id.is_mine", "owed_count")
    def _compute_can_change(self):
        for line in self:
            plan = line.plan_id
            line.can_change = plan.state == "active" and plan.is_mine
            line.can_change &= line.owed_count > 0

    @api.model
    def _change_fields(self):
        """Return what a change of an agreed plan writes, and nobody by hand."""
        return {
            "declined_count",
            "decline_reason",
            "declined_at",
            "declined_by_id",
            "awaits_consent",
            "replaces_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_by_hand(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_by_hand(vals)
        return super().write(vals)

    def _check_not_by_hand(self, vals):
        if not self.env.su and any(vals.get(name) for name in self._change_fields()):
            raise UserError(
                self.env._("An agreed plan is changed by “Decline or Replace”.")
            )

    def action_change(self):
        """Ask how much of the service is declined, why, and what comes instead."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decline or Replace"),
            "res_model": "clinic.care.plan.change",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_line_id": self.id,
                "default_count": self.owed_count,
            },
        }

    def _decline(self, count, reason, service=None, quantity=1):
        """Take so much of the service off an agreed plan, maybe for another one.

        What was ordered and not done is revoked; a service instead of it waits until
        the patient has signed the changed plan.
        """
        self.ensure_one()
        plan = self.plan_id
        plan._check_own()
        self._check_can_decline(count, reason, service)
        self._take_back(count - self.left_count, reason)
        earlier = self.decline_reason
        # sudo: a line of an agreed plan is nobody's to write; the author was checked
        line_sudo = self.sudo()
        line_sudo.write(
            {
                "declined_count": self.declined_count + count,
                "decline_reason": f"{earlier}; {reason}" if earlier else reason,
                "declined_at": fields.Datetime.now(),
                "declined_by_id": self.env.uid,
            }
        )
        if service:
            line_sudo.create(
                {
                    "plan_id": plan.id,
                    "stage": self.stage,
                    "sequence": self.sequence,
                    "service_id": service.id,
                    "quantity": quantity,
                    "replaces_id": self.id,
                    "awaits_consent": True,
                }
            )
        plan._complete_when_done()

    def _check_can_decline(self, count, reason, service):
        plan = self.plan_id
        if plan.state != "active":
            raise UserError(
                self.env._("Only a plan the patient has agreed to is changed this way.")
            )
        if not 1 <= count <= self.owed_count:
            raise UserError(
                self.env._(
                    "Of this service %(count)s can be declined at the most.",
                    count=self.owed_count,
                )
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Write why the service is declined."))
        stays = sum(line.owed_count + line.done_count for line in plan.line_ids) - count
        if not stays and not service:
            raise UserError(
                self.env._("Nothing would be left of the plan: revoke it instead.")
            )

    def _take_back(self, count, reason):
        """Revoke orders of so much; what is still wanted of them is ordered anew."""
        requests = self.request_ids.filtered(lambda one: one.state == "active")
        for request in requests.sorted("id", reverse=True):
            if count <= 0:
                break
            # sudo: visits booked by one's own order
            referral_sudo = request.sudo().referral_id
            still = request.quantity - referral_sudo.done_count
            kept = max(still - count, 0)
            count -= still - kept
            request._revoke(reason)
            if kept:
                again = request.create(
                    {
                        **self._prepare_request_vals(),
                        "kind": request.kind,
                        "quantity": kept,
                    }
                )
                again._activate()
                waiting_sudo = referral_sudo.appointment_ids.filtered(
                    lambda visit: visit.state in WAITING_STATES
                ).sorted("start")
                waiting_sudo[:kept].referral_id = again.sudo().referral_id
