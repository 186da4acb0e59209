from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class ClinicLocalDayMixin(models.AbstractModel):
    """Something with a ``day`` in the wall time of its ``branch_id``.

    “Today” is the branch's today, wherever the one who looks at the list may be.
    """

    _name = "clinic.local.day.mixin"
    _description = "Day in the Branch"

    days_ahead = fields.Integer(
        compute="_compute_days_ahead",
        search="_search_days_ahead",
        help="How many days from today in the branch; negative for past days.",
    )

    @api.depends("day", "branch_id.tz")
    def _compute_days_ahead(self):
        now = fields.Datetime.now()
        for record in self:
            today = record.branch_id._localize(now).date()
            record.days_ahead = (record.day - today).days if record.day else 0

    @api.model
    def _search_days_ahead(self, operator, value):
        if operator not in ("in", "<", "<=", ">", ">="):
            return NotImplemented
        now = fields.Datetime.now()
        # sudo: only to know which zones there are
        branches_sudo = self.env["clinic.branch"].sudo().with_context(active_test=False)
        domains = []
        for today, group in (
            branches_sudo.search([]).grouped(lambda b: b._localize(now).date()).items()
        ):
            days = (
                [today + timedelta(days=number) for number in value]
                if operator == "in"
                else today + timedelta(days=value)
            )
            domains.append(
                Domain("branch_id", "in", group.ids) & Domain("day", operator, days)
            )
        return Domain.OR(domains)
