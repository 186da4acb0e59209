from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_block_hold_minutes = fields.Integer(
        string="Time Kept for Prepayment, Minutes",
        default=180,
        help="How long the time of a visit is kept for a patient who books only with "
        "prepayment.",
    )
    clinic_late_days = fields.Integer(
        string="Late After, Days",
        default=7,
        help="An invoice paid so many days after it was due counts as paid late.",
    )
    clinic_lifted_days = fields.Integer(
        string="Rules Leave a Lifted Block Alone, Days",
        default=90,
        help="Whoever lifted a block decided so: no rule blocks the patient again for "
        "so many days.",
    )

    _clinic_block_hold_range = models.Constraint(
        "CHECK(clinic_block_hold_minutes BETWEEN 1 AND 1440)",
        "The time is kept for 1 minute to 24 hours.",
    )
    _clinic_late_days_range = models.Constraint(
        "CHECK(clinic_late_days BETWEEN 0 AND 365)",
        "Days from 0 to 365.",
    )
    _clinic_lifted_days_range = models.Constraint(
        "CHECK(clinic_lifted_days BETWEEN 0 AND 3650)",
        "Days from 0 to 3650.",
    )
