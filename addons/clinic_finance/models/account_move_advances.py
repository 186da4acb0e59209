from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    clinic_advances_on = fields.Date(
        string="Advances On",
        readonly=True,
        copy=False,
        help="This entry shows the advances of that day apart from the debts.",
    )

    _clinic_advances_once = models.UniqueIndex(
        "(company_id, clinic_advances_on)"
        " WHERE clinic_advances_on IS NOT NULL AND state = 'posted'",
        "The advances of this day are booked already.",
    )
