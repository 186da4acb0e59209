from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    clinic_price_profile_ids = fields.One2many(
        "clinic.price.profile",
        "patient_id",
        string="Agreed Prices",
        groups="clinic_finance.group_payment_viewer,clinic_finance.group_price_terms",
    )
    clinic_price_member_ids = fields.One2many(
        "clinic.price.programme.member",
        "patient_id",
        string="Policies and Programmes",
        groups="clinic_finance.group_payment_viewer,clinic_finance.group_price_terms,"
        "clinic_base.group_callcenter",
    )
