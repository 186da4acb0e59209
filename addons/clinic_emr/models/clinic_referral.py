from odoo import api, fields, models
from odoo.exceptions import UserError

# visits not held yet
WAITING_STATES = ("hold", "booked", "confirmed", "arrived")
TAKEN_STATES = (*WAITING_STATES, "in_progress", "fulfilled")


class ClinicReferral(models.Model):
    """What the desk may know of an order: a patient is to be booked for a service.

    Nothing medical on purpose: who, for what service, to whom, how soon. The reason
    and all the rest stay in ``clinic.service.request``, which points here; nothing
    here points back at it.
    """

    _name = "clinic.referral"
    _description = "Referral to Book"
    _order = "urgency desc, date, id"

    name = fields.Char(string="No.", readonly=True, required=True)
    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    patient_phone = fields.Char(related="patient_id.clinic_contact_phone")
    service_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="restrict"
    )
    specialist_id = fields.Many2one(
        "clinic.specialist",
        string="To Whom",
        readonly=True,
        ondelete="restrict",
        help="Empty: whoever provides the service.",
    )
    requester_id = fields.Many2one(
        "clinic.specialist",
        string="Referred By",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="requester_id.company_id", store=True, index=True
    )
    requester_user_id = fields.Many2one(
        related="requester_id.user_id", store=True, index=True
    )
    date = fields.Date(string="Referred On", required=True, readonly=True)
    urgency = fields.Selection(
        [("0_routine", "Planned"), ("1_urgent", "Urgent"), ("2_asap", "At Once")],
        required=True,
        readonly=True,
        default="0_routine",
    )
    quantity = fields.Integer(string="Visits", required=True, readonly=True, default=1)
    revoked = fields.Boolean(readonly=True)
    completed = fields.Boolean(
        readonly=True,
        help="Done without a visit booked by it: nothing is to be booked.",
    )
    appointment_ids = fields.One2many(
        "clinic.appointment", "referral_id", string="Booked Visits", readonly=True
    )
    booked_count = fields.Integer(
        string="Booked", compute="_compute_progress", store=True, compute_sudo=True
    )
    done_count = fields.Integer(
        string="Carried Out", compute="_compute_progress", store=True, compute_sudo=True
    )
    left_count = fields.Integer(
        string="To Book", compute="_compute_progress", store=True, compute_sudo=True
    )
    state = fields.Selection(
        [
            ("open", "To Book"),
            ("booked", "Booked"),
            ("done", "Completed"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_progress",
        store=True,
        index=True,
        compute_sudo=True,
    )

    _open_idx = models.Index("(patient_id, service_id) WHERE state = 'open'")

    @api.depends("appointment_ids.state", "quantity", "revoked", "completed")
    def _compute_progress(self):
        for referral in self:
            states = referral.appointment_ids.mapped("state")
            referral.done_count = states.count("fulfilled")
            referral.booked_count = sum(state in TAKEN_STATES for state in states)
            referral.left_count = max(referral.quantity - referral.booked_count, 0)
            if referral.revoked:
                referral.state = "revoked"
            elif referral.completed or referral.done_count >= referral.quantity:
                referral.state = "done"
            else:
                referral.state = "open" if referral.left_count else "booked"

    @api.depends("name", "date")
    def _compute_display_name(self):
        for referral in self:
            day = referral.date and referral.date.strftime("%d.%m.%Y")
            referral.display_name = " · ".join(filter(None, [referral.name, day]))

    def action_book(self):
        """Open the search of free windows with the referral attached."""
        self.ensure_one()
        self.check_access("read")
        self._check_can_book()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_booking_wizard"
        )
        action["context"] = {
            "dialog_size": "extra-large",
            "default_referral_id": self.id,
            "default_patient_id": self.patient_id.id,
            "default_service_id": self.service_id.id,
            "default_specialist_id": self.specialist_id.id,
        }
        return action

    def action_plan_series(self):
        """Open the plan of a series: a course is booked at once."""
        self.ensure_one()
        self.check_access("read")
        self._check_can_book()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_series_plan"
        )
        action["context"] = {
            "dialog_size": "extra-large",
            "default_patient_id": self.patient_id.id,
            "default_service_id": self.service_id.id,
            "default_specialist_id": self.specialist_id.id,
        }
        return action

    def action_open_visits(self):
        """Open the visits booked by the referral."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Booked Visits"),
            "res_model": "clinic.appointment",
            "view_mode": "list,form",
            "domain": [("referral_id", "=", self.id)],
        }

    def _check_can_book(self, patient=None, service=None):
        """Refuse what would not be the visit that was referred for."""
        self.ensure_one()
        if self.revoked:
            raise UserError(
                self.env._("The referral %s was revoked.", self.display_name)
            )
        if self.state != "open":
            raise UserError(
                self.env._(
                    "The referral %s is booked already: cancel or move the visit "
                    "instead.",
                    self.display_name,
                )
            )
        if (patient and patient != self.patient_id) or (
            service and service != self.service_id
        ):
            raise UserError(
                self.env._(
                    "The referral %(referral)s is for another patient or service. "
                    "Close the booking and begin it from the referral.",
                    referral=self.display_name,
                )
            )
