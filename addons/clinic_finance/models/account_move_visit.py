from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # The inverse of the visit's invoice. Without it the visit's state of payment is
    # found by a query at each change of each entry, some twenty for one payment.
    clinic_visit_ids = fields.One2many(
        "clinic.appointment",
        "invoice_id",
        string="Visits",
        readonly=True,
        groups="clinic_base.group_staff,account.group_account_invoice",
    )
