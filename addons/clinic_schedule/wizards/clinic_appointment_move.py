from odoo import models


class ClinicAppointmentMove(models.TransientModel):
    _name = "clinic.appointment.move"
    _description = "Move a Visit"
