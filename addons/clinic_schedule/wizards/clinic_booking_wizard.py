from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicBookingWizard(models.TransientModel):
    _name = "clinic.booking.wizard"
    _description = "New Booking"
    _inherit = ["clinic.slot.picker.mixin"]

    patient_id = fields.Many2one(
        "res.partner",
        domain=[("is_patient", "=", True)],
        help="Search by phone in any spelling, by name or by number.",
    )
    is_new_patient = fields.Boolean(string="New Patient")
    new_name = fields.Char(string="Full Name")
    new_phone = fields.Char(string="Phone")
    new_birthdate = fields.Date(string="Birth Date")
    new_gender = fields.Selection(
        [("male", "Male"), ("female", "Female")], string="Sex"
    )
    same_phone_ids = fields.Many2many(
        "res.partner", compute="_compute_same_phone_ids", string="Have This Phone"
    )
    patient_hint = fields.Char(compute="_compute_patient_hint")
    note = fields.Text(help="On organising the visit. Nothing medical.")

    def _picker_patient(self):
        super()._picker_patient()
        if self.is_new_patient:
            return self.env["res.partner"]
        return self.patient_id

    @api.depends("patient_id", "is_new_patient")
    def _compute_offers(self):
        return super()._compute_offers()

    @api.depends("is_new_patient", "new_phone")
    def _compute_same_phone_ids(self):
        Partner = self.env["res.partner"]
        for wizard in self:
            found = Partner
            if wizard.is_new_patient and len(wizard.new_phone or "") >= 6:
                found = Partner.search(
                    [
                        ("is_patient", "=", True),
                        ("display_name", "ilike", wizard.new_phone),
                    ],
                    limit=5,
                )
            wizard.same_phone_ids = found

    @api.depends("patient_id")
    @api.depends_context("lang")
    def _compute_patient_hint(self):
        """Say when the patient comes next: callers often forget they are booked."""
        Appointment = self.env["clinic.appointment"]
        for wizard in self:
            wizard.patient_hint = False
            patient = wizard.patient_id._origin
            if patient:
                ahead = Appointment.search(
                    [
                        ("patient_id", "=", patient.id),
                        ("start", ">=", fields.Datetime.now()),
                        ("state", "in", ("hold", "booked", "confirmed")),
                    ],
                    order="start",
                    limit=3,
                )
                wizard.patient_hint = "; ".join(
                    f"{visit.local_time}, {visit.specialist_id.name}" for visit in ahead
                )

    @api.onchange("patient_id")
    def _onchange_patient_id(self):
        if self.patient_id:
            self.is_new_patient = False

    def action_book(self):
        """Register the patient if new, book the chosen window, show the visit."""
        self.ensure_one()
        specialist, room, start = self._parse_chosen()
        patient = self._get_patient()
        if not self.service_id:
            raise UserError(self.env._("Choose the service."))
        visit = self.env["clinic.appointment"]._book(
            {
                "patient_id": patient.id,
                "service_id": self.service_id.id,
                "specialist_id": specialist.id,
                "start": start,
                "room_id": room.id or None,
                "note": self.note or None,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment",
            "res_id": visit.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _get_patient(self):
        if not self.is_new_patient:
            if not self.patient_id:
                raise UserError(
                    self.env._("Choose the patient, or tick “New patient”.")
                )
            return self.patient_id
        if not self.new_name or not self.new_phone:
            raise UserError(
                self.env._("Enter at least the name and the phone of the new patient.")
            )
        return self.env["res.partner"]._clinic_find_or_create_patient(
            {
                "name": self.new_name,
                "phone": self.new_phone,
                "birthdate_date": self.new_birthdate,
                "gender": self.new_gender,
            }
        )
