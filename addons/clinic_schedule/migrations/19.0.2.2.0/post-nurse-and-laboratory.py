"""Nurses and the laboratory no longer read all visits.

Rules of this addon are not overwritten by an update: here the two roles are taken out
of those that let them read everything.
"""

from odoo import SUPERUSER_ID, Command, api

READ_ALL = (
    "rule_clinic_appointment_readers",
    "rule_clinic_appointment_series_readers",
    "rule_clinic_appointment_series_line_readers",
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    narrowed = env.ref("clinic_base.group_nurse") | env.ref("clinic_base.group_lab")
    for name in READ_ALL:
        rule = env.ref(f"clinic_schedule.{name}", raise_if_not_found=False)
        if rule:
            rule.groups = [Command.unlink(group.id) for group in narrowed]
