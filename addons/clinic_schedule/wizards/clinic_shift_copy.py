from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MAX_WEEKS = 26
_WEEK = timedelta(weeks=1)


def monday_of(day):
    return day - timedelta(days=day.weekday())


class ClinicShiftCopy(models.TransientModel):
    """Copies the shifts of one week, as they really are, to the weeks that follow.

    By the clock of the branch. Where the specialist has a shift at that time already,
    that one stays.
    """

    _name = "clinic.shift.copy"
    _description = "Copy a Week of Shifts"

    date_from = fields.Date(
        string="Week To Copy",
        required=True,
        default=fields.Date.context_today,
        help="Any day of the week.",
    )
    date_to = fields.Date(
        string="To the Week Of",
        required=True,
        default=lambda self: fields.Date.context_today(self) + _WEEK,
        help="Any day of the week.",
    )
    weeks = fields.Integer(
        string="Number of Weeks",
        required=True,
        default=1,
        help="So many weeks, one after another, become like the one copied.",
    )
    branch_id = fields.Many2one("clinic.branch", help="Leave empty for all branches.")
    specialist_ids = fields.Many2many(
        "clinic.specialist", string="Specialists", help="Leave empty for everybody."
    )
    summary = fields.Char(compute="_compute_summary")

    @api.depends("date_from", "date_to", "weeks", "branch_id", "specialist_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = False
            if not (wizard.date_from and wizard.date_to) or not wizard._is_possible():
                continue
            vals_list, there = wizard._plan()
            wizard.summary = self.env._(
                "Shifts to make: %(count)s. There already, and left as they are: "
                "%(there)s.",
                count=len(vals_list),
                there=there,
            )

    def _is_possible(self):
        first, target = monday_of(self.date_from), monday_of(self.date_to)
        return 0 < self.weeks <= MAX_WEEKS and target > first

    def action_copy(self):
        """Make the shifts and show them."""
        self.ensure_one()
        if not self._is_possible():
            raise UserError(
                self.env._(
                    "Choose a later week than the one to copy, and from 1 to %(most)s "
                    "weeks.",
                    most=MAX_WEEKS,
                )
            )
        vals_list, there = self._plan()
        if not vals_list:
            if there:
                raise UserError(
                    self.env._("There is nothing to make: all these shifts exist.")
                )
            raise UserError(self.env._("There are no shifts in the week to copy."))
        shifts = self.env["clinic.shift"].create(vals_list)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_shift"
        )
        action["domain"] = [("id", "in", shifts.ids)]
        action["context"] = {}
        return action

    def _plan(self):
        """Return the values of the shifts to make, and how many are there already."""
        self.ensure_one()
        shifts = self._shifts_of(monday_of(self.date_from), 1)
        target = monday_of(self.date_to)
        spans = {}
        # A day more at both ends: a shift may go on past midnight.
        for shift in self._shifts_of(target, self.weeks, everywhere=True):
            spans.setdefault(shift.specialist_id, []).append((shift.start, shift.stop))
        later = target - monday_of(self.date_from)
        vals_list, there = [], 0
        for number in range(self.weeks):
            for shift in shifts:
                vals = shift._from_wall(
                    {
                        "specialist_id": shift.specialist_id.id,
                        "branch_id": shift.branch_id.id,
                        "room_id": shift.room_id.id,
                        "note": shift.note,
                        "day": shift.day + later + number * _WEEK,
                        "hour_from": shift.hour_from,
                        "hour_to": shift.hour_to,
                    }
                )
                if any(
                    start < vals["stop"] and vals["start"] < stop
                    for start, stop in spans.get(shift.specialist_id, ())
                ):
                    there += 1
                else:
                    vals_list.append(vals)
        return vals_list, there

    def _shifts_of(self, monday, weeks, everywhere=False):
        """Return the shifts on the local days of some weeks.

        :param everywhere: those in other branches, and of the neighbouring days, too.
        """
        margin = timedelta(days=1 if everywhere else 0)
        domain = Domain("day", ">=", monday - margin) & Domain(
            "day", "<", monday + weeks * _WEEK + margin
        )
        if self.specialist_ids:
            domain &= Domain("specialist_id", "in", self.specialist_ids.ids)
        if self.branch_id and not everywhere:
            domain &= Domain("branch_id", "=", self.branch_id.id)
        return self.env["clinic.shift"].search(domain)
