"""The rule of patients' visits asks the clinic's age of consent instead of 15.

Rules of this addon are not overwritten by an update: this one is, unless the clinic has
changed it.
"""

from odoo import SUPERUSER_ID, api

OLD, NEW = '"today -15y"', '"today -%dy" % user.partner_id._clinic_age_of_consent()'


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref(
        "clinic_schedule.rule_clinic_appointment_portal", raise_if_not_found=False
    )
    if rule and OLD in (rule.domain_force or ""):
        rule.domain_force = rule.domain_force.replace(OLD, NEW)
