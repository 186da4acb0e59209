from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

KINDS = [
    ("referral", "Referral to a colleague"),
    ("laboratory", "Laboratory"),
    ("diagnostic", "Diagnostics"),
    ("procedure", "Procedure"),
    ("course", "Course of procedures"),
]
MAX_QUANTITY = 60


class ClinicServiceRequest(models.Model):
    """A referral or an order: a service the patient is to get, and why.

    Given, it puts a ``clinic.referral`` before the desk, which says nothing medical;
    the visits booked by that bring the request to its end.
    """

    _name = "clinic.service.request"
    _description = "Referral or Order"
    _inherit = ["clinic.order.mixin"]
    _order_sequence = "clinic.service.request"

    kind = fields.Selection(KINDS, required=True, default="referral")
    service_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("type", "=", "service"), ("sale_ok", "=", True)],
    )
    service_specialty_ids = fields.Many2many(related="service_id.specialty_ids")
    performer_id = fields.Many2one(
        "clinic.specialist",
        string="To Whom",
        ondelete="restrict",
        help="Leave empty for whoever provides the service.",
    )
    quantity = fields.Integer(required=True, default=1, aggregator=None)
    urgency = fields.Selection(
        [("0_routine", "Planned"), ("1_urgent", "Urgent"), ("2_asap", "At Once")],
        required=True,
        default="0_routine",
    )
    reason = fields.Text(
        help="What for, with the diagnosis. Only the medical staff reads it."
    )
    referral_id = fields.Many2one(
        "clinic.referral",
        string="Booking",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    booking_state = fields.Selection(related="referral_id.state", string="Booked")
    appointment_ids = fields.Many2many(
        "clinic.appointment", compute="_compute_appointment_ids", string="Visits"
    )
    progress = fields.Char(compute="_compute_progress")
    can_book = fields.Boolean(compute="_compute_progress")
    can_complete = fields.Boolean(compute="_compute_progress")
    can_choose_visits = fields.Boolean(compute="_compute_can_choose_visits")

    _quantity_range = models.Constraint(
        f"CHECK(quantity BETWEEN 1 AND {MAX_QUANTITY})",
        "From 1 to 60 times may be ordered at once.",
    )
    _referral_uniq = models.Constraint(
        "UNIQUE(referral_id)", "A referral before the desk belongs to one order."
    )

    @api.depends("referral_id.appointment_ids")
    def _compute_appointment_ids(self):
        for request in self:
            # sudo: that and when the patient is booked by one's own order is no secret
            request.appointment_ids = request.sudo().referral_id.appointment_ids

    @api.depends(
        "state",
        "quantity",
        "referral_id.state",
        "referral_id.booked_count",
        "referral_id.done_count",
        "service_id.is_clinic_service",
    )
    @api.depends_context("lang")
    def _compute_progress(self):
        for request in self:
            # sudo: counts of visits by this very order
            referral = request.sudo().referral_id
            open_ = request.state in ("draft", "active")
            request.can_book = (
                open_
                and request.service_id.is_clinic_service
                and (not referral or referral.state == "open")
            )
            request.can_complete = request.state == "active"
            if request.state in ("active", "completed") and referral:
                request.progress = self.env._(
                    "%(quantity)s ordered, %(booked)s booked, %(done)s done",
                    quantity=request.quantity,
                    booked=referral.booked_count,
                    done=referral.done_count,
                )
            else:
                request.progress = False

    @api.depends("state", "is_mine", "referral_id.can_choose_visits")
    def _compute_can_choose_visits(self):
        for request in self:
            # sudo: whether the referral of this very order is still open
            request.can_choose_visits = (
                request.is_mine
                and request.sudo().referral_id.can_choose_visits
                and (request.state == "active" or request.booking_state == "done")
            )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == "course" and self.quantity < 2:
            self.quantity = 10

    @api.onchange("service_id")
    def _onchange_service_id(self):
        if self.performer_id and not self.performer_id._can_do(self.service_id):
            self.performer_id = False

    @api.constrains("performer_id", "service_id")
    def _check_performer(self):
        for request in self:
            performer = request.performer_id
            if performer and not performer._can_do(request.service_id):
                raise ValidationError(
                    self.env._(
                        "%(specialist)s does not provide “%(service)s”. Choose another "
                        "specialist, or leave it to the reception.",
                        specialist=performer.name,
                        service=request.service_id.name,
                    )
                )

    @api.model
    def _system_fields(self):
        return super()._system_fields() | {"referral_id"}

    # === ACTIONS === #

    def action_book(self):
        """Give the order and end in the search of free windows, referral attached."""
        self.ensure_one()
        self._activate()
        if not self.referral_id:
            raise UserError(
                self.env._(
                    "“%(service)s” is not booked by time: the patient is directed "
                    "there with the printed referral.",
                    service=self.service_id.name,
                )
            )
        if self.booking_state == "booked":
            return self._booked_already()
        return self.referral_id.action_book()

    def _booked_already(self):
        """Say that a visit booked before is now that of the order."""
        # sudo: when the patient comes by one's own order is no secret
        visits_sudo = self.sudo().referral_id.appointment_ids
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("Booked already"),
                "message": self.env._(
                    "The patient is booked for “%(service)s”: %(times)s. The order is "
                    "attached to the visit.",
                    service=self.service_id.name,
                    times=", ".join(visits_sudo.mapped("local_time")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_choose_visits(self):
        """Open the visits that may be meant, to attach or detach them by hand."""
        self.ensure_one()
        self.check_access("read")
        return self.referral_id.action_choose_visits()

    def action_complete(self):
        """Note that what was ordered has been done, by no booked visit."""
        user = self.env.user
        for request in self:
            request.check_access("read")
            performs = request.performer_id.user_id == user
            # sudo: whose visit it is decides, not who may read it
            nurses = user in request.sudo().encounter_id.nurse_ids
            if not (self.env.su or request.is_mine or performs or nurses):
                raise AccessError(
                    self.env._(
                        "This is noted by who ordered it or by who carries it out."
                    )
                )
        self._complete()
        return True

    def action_print(self):
        """Print the referral for the patient to take along."""
        return self.env.ref("clinic_emr.action_report_service_request").report_action(
            self
        )

    def action_open(self):
        """Open the order on a page of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Referral or Order"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # === BUSINESS === #

    def _summary_line(self):
        """Return what is ordered and how many times, as a document says it."""
        self.ensure_one()
        times = f" × {self.quantity}" if self.quantity > 1 else ""
        return f"{self.service_id.name}{times}"

    def _booked_for(self):
        """Return when, with whom and where the visits to come are, in words."""
        self.ensure_one()
        # sudo: that and when the patient is booked by one's own order is no secret
        visits_sudo = self.sudo().appointment_ids.filtered(
            lambda visit: visit.state in ("booked", "confirmed", "arrived")
        )
        return [
            ", ".join(
                filter(
                    None,
                    [
                        visit.local_time,
                        visit.specialist_id.name,
                        visit.branch_id.name,
                    ],
                )
            )
            for visit in visits_sudo.sorted("start")
        ]

    def _after_activate(self):
        result = super()._after_activate()
        for request in self.filtered("service_id.is_clinic_service"):
            # sudo: nobody makes referrals before the desk but by this way
            request_sudo = request.sudo()
            request_sudo.referral_id = (
                self.env["clinic.referral"]
                .sudo()
                .create(request._prepare_referral_vals())
            )
            request_sudo.referral_id._attach_visits()
        return result

    def _prepare_referral_vals(self):
        """Return what the desk gets to know. Nothing medical belongs in it."""
        self.ensure_one()
        return {
            "name": self.name,
            "patient_id": self.patient_id.id,
            "service_id": self.service_id.id,
            "specialist_id": self.performer_id.id,
            "requester_id": self.specialist_id.id,
            "date": fields.Date.context_today(self),
            "urgency": self.urgency,
            "quantity": self.quantity,
        }

    def _complete(self):
        active = self.filtered(lambda request: request.state == "active")
        active._close("completed")
        # sudo: the desk need not book what is done
        active.sudo().referral_id.filtered(
            lambda referral: referral.state == "open"
        ).completed = True

    def _after_revoke(self):
        result = super()._after_revoke()
        # sudo: the desk must not book by it any more; booked visits stay to be called
        self.sudo().referral_id.revoked = True
        return result

    def _set_archived(self, vals):
        """An order withdrawn as a mistake is not to be booked any more."""
        result = super()._set_archived(vals)
        if vals.get("active") is False:
            # sudo: the desk's line follows the order
            self.sudo().referral_id.revoked = True
        return result
