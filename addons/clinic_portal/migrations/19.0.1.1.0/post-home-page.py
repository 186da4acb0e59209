from odoo import SUPERUSER_ID, api

from odoo.addons.clinic_portal import hooks


def migrate(cr, version):
    """The home page describes itself; Odoo's sample stood in its way."""
    hooks._drop_sample_description(api.Environment(cr, SUPERUSER_ID, {}))
