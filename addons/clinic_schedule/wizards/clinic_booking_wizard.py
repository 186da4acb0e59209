from odoo import models


class ClinicBookingWizard(models.TransientModel):
    _name = "clinic.booking.wizard"
    _description = "New Booking"
