from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .clinic_medical_mixin import MEDICAL_GROUPS


class ClinicAppointment(models.Model):
    """The referral a visit was booked by, and the order behind it."""

    _inherit = "clinic.appointment"

    referral_id = fields.Many2one(
        "clinic.referral",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    referral_apart = fields.Boolean(
        string="Taken Off a Referral",
        readonly=True,
        copy=False,
        help="By hand: it is not attached to a referral by itself any more.",
    )
    service_request_id = fields.Many2one(
        "clinic.service.request",
        string="Ordered By",
        compute="_compute_service_request_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        groups=MEDICAL_GROUPS,
    )

    @api.depends("referral_id")
    def _compute_service_request_id(self):
        requests = self.env["clinic.service.request"].search(
            [("referral_id", "in", self.referral_id.ids)]
        )
        by_referral = {request.referral_id: request for request in requests}
        for visit in self:
            visit.service_request_id = by_referral.get(visit.referral_id)

    @api.constrains("referral_id", "patient_id", "service_id")
    def _check_referral(self):
        # sudo: that it is for somebody else is all that is said
        for visit in self.sudo().filtered("referral_id"):
            referral = visit.referral_id
            if (visit.patient_id, visit.service_id) != (
                referral.patient_id,
                referral.service_id,
            ):
                raise ValidationError(
                    self.env._(
                        "The referral %(referral)s is for another patient or service.",
                        referral=referral.display_name,
                    )
                )

    def _prepare_booking_vals(self, vals, allow_past):
        """A referral lets its author book the colleague it is to."""
        referral_id = vals.get("referral_id")
        if not referral_id:
            return super()._prepare_booking_vals(vals, allow_past)
        referral = self.env["clinic.referral"].browse(referral_id)
        referral.check_access("read")
        # sudo: read by the rules above; who books it may not see all it points to
        referral_sudo = referral.sudo()
        referral_sudo._check_can_book(
            self.env["res.partner"].browse(vals.get("patient_id")),
            self.env["product.product"].browse(vals.get("service_id")),
        )
        target = self
        if referral_sudo.requester_user_id == self.env.user:
            target = self.sudo()
        return super(ClinicAppointment, target)._prepare_booking_vals(vals, allow_past)

    def _write_as_user(self, vals):
        """The referral is attached by booking, or chosen on the referral."""
        vals = {
            key: value
            for key, value in vals.items()
            if key not in ("referral_id", "referral_apart")
        }
        return super()._write_as_user(vals)

    def _after_book(self):
        result = super()._after_book()
        self._attach_referrals()
        return result

    def _attach_referrals(self):
        """Attach open referrals to visits booked past them: by phone, on the site,
        before the order was written."""
        # sudo: whoever books (a patient, too) fulfils the referral, seen or not
        visits_sudo = self.sudo().filtered(
            lambda visit: not visit.referral_id and not visit.referral_apart
        )
        if not visits_sudo:
            return
        referrals_sudo = (
            self.env["clinic.referral"]
            .sudo()
            .search(
                [
                    ("state", "=", "open"),
                    ("patient_id", "in", visits_sudo.patient_id.ids),
                    ("service_id", "in", visits_sudo.service_id.ids),
                ],
                order="date, id",
            )
        )
        for visit in visits_sudo if referrals_sudo else ():
            visit.referral_id = referrals_sudo.filtered(
                lambda referral, visit=visit: (
                    referral.state == "open"
                    and referral.patient_id == visit.patient_id
                    and referral.service_id == visit.service_id
                    and referral.specialist_id.id in (False, visit.specialist_id.id)
                )
            )[:1]

    def _move(self, state, force=False, at=None, **vals):
        result = super()._move(state, force=force, at=at, **vals)
        if state == "arrived":
            self._attach_referrals()
        elif state == "fulfilled":
            self._complete_orders()
        return result

    def _complete_orders(self):
        """Complete the orders whose last visit has been held."""
        # sudo: who receives the patient completes the order of a colleague
        requests_sudo = self.sudo().service_request_id
        requests_sudo.filtered(
            lambda request: request.referral_id.state == "done"
        )._complete()
