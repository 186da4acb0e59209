from datetime import datetime, time, timedelta
from statistics import median

from odoo import api, fields, models
from odoo.fields import Domain

PERIOD_DAYS = 30


class ClinicWaitlistFigures(models.TransientModel):
    """What the waiting list has brought in a period."""

    _name = "clinic.waitlist.figures"
    _description = "Waiting List in Figures"

    date_from = fields.Date(
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) - timedelta(days=PERIOD_DAYS)
        ),
    )
    date_to = fields.Date(required=True, default=fields.Date.context_today)
    branch_id = fields.Many2one("clinic.branch", help="Leave empty for all branches.")
    windows_offered = fields.Integer(compute="_compute_figures")
    windows_filled = fields.Integer(compute="_compute_figures", string="Windows Resold")
    fill_rate = fields.Float(
        compute="_compute_figures",
        string="Fill Rate, %",
        help="Freed windows resold, of those offered.",
    )
    median_fill = fields.Float(
        compute="_compute_figures",
        string="Median Time to Fill, Minutes",
        help="From the moment the time became free to the booking.",
    )
    entries_added = fields.Integer(compute="_compute_figures", string="Joined the List")
    entries_booked = fields.Integer(compute="_compute_figures", string="Found a Time")
    median_wait = fields.Float(compute="_compute_figures", string="Median Wait, Days")
    offers_made = fields.Integer(compute="_compute_figures")
    offers_silent = fields.Integer(compute="_compute_figures", string="Not Answered")

    @api.depends("date_from", "date_to", "branch_id")
    def _compute_figures(self):
        for wizard in self:
            wizard.update(
                self._figures(wizard.date_from, wizard.date_to, wizard.branch_id)
            )

    @api.model
    def _figures(self, date_from, date_to, branch=None):
        """Return the figures of the days between two dates, both included."""
        start = datetime.combine(date_from or datetime.min.date(), time())
        stop = datetime.combine(date_to or datetime.max.date(), time())
        stop = min(stop, datetime.max - timedelta(days=2)) + timedelta(days=1)

        def within(field):
            return Domain(field, ">=", start) & Domain(field, "<", stop)

        of_branch = Domain("branch_id", "=", branch.id) if branch else Domain.TRUE
        freed = self.env["clinic.freed.window"].search(
            within("freed_at") & of_branch & Domain("was_offered", "=", 1)
        )
        filled = freed.filtered("was_filled")
        offers = self.env["clinic.waitlist.offer"].search(
            within("offered_at") & of_branch
        )
        entries = self.env["clinic.waitlist"]
        wishes = Domain.TRUE
        if branch:
            wishes = Domain("branch_ids", "in", (branch.id, False))
        booked = entries.search(
            within("closed_at") & wishes & Domain("state", "=", "booked")
        )
        waits = [
            (entry.closed_at - entry.since).total_seconds() / 86400 for entry in booked
        ]
        return {
            "windows_offered": len(freed),
            "windows_filled": len(filled),
            "fill_rate": 100.0 * len(filled) / len(freed) if freed else 0.0,
            "median_fill": median(filled.mapped("minutes_to_fill")) if filled else 0.0,
            "entries_added": entries.search_count(within("since") & wishes),
            "entries_booked": len(booked),
            "median_wait": median(waits) if waits else 0.0,
            "offers_made": len(offers),
            "offers_silent": len(offers.filtered(lambda o: o.state == "silent")),
        }
