from odoo import fields, models

FAILURES = [
    ("clinic_no_gateway", "No SMS gateway is set up"),
    ("clinic_auth", "Wrong login or key of the SMS gateway"),
    ("clinic_destination", "SMS cannot be delivered to the number"),
    ("clinic_text", "Text or sender name not allowed"),
    ("clinic_parameters", "Refused by the SMS gateway"),
    ("clinic_blocked", "Server blocked by the SMS gateway"),
    ("clinic_no_answer", "No answer of the SMS gateway"),
]


class MailNotification(models.Model):
    _inherit = "mail.notification"

    failure_type = fields.Selection(selection_add=FAILURES)
