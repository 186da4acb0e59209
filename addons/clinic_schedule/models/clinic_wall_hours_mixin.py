from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_WALL = {"day", "day_to", "hour_from", "hour_to"}
_DAY = timedelta(days=1)


def wall_moment(day, hour):
    """Return the naive wall time of an hour (a float; 24 is the end) of a day."""
    return datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))


class ClinicWallHoursMixin(models.AbstractModel):
    """Time that people read and enter by the clock of the branch.

    ``start`` and ``stop`` are UTC; a screen that showed them would show the zone of the
    browser. The fields here are what stands on the wall. ``create`` and ``write`` take
    either; an hour to that is not after the hour from means the next day.
    """

    _name = "clinic.wall.hours.mixin"
    _description = "Hours in the Branch"
    _inherit = ["clinic.local.day.mixin"]

    day = fields.Date(compute="_compute_day", store=True, readonly=False, index=True)
    day_to = fields.Date(string="To Day", compute="_compute_wall_hours", readonly=False)
    hour_from = fields.Float(
        string="From", compute="_compute_wall_hours", readonly=False, aggregator=None
    )
    hour_to = fields.Float(
        string="To", compute="_compute_wall_hours", readonly=False, aggregator=None
    )

    def _wall_branch(self, vals=None):
        """Return the branch whose clock counts, for the record as ``vals`` make it."""
        branch_id = (vals or {}).get("branch_id", self.branch_id.id)
        return self.env["clinic.branch"].browse(branch_id or ())

    @api.depends("start", "branch_id.tz")
    def _compute_day(self):
        for record in self:
            # A new record: what has been typed so far stays.
            day = record.day
            if record.start:
                day = record.branch_id._localize(record.start).date()
            record.day = day

    @api.depends("start", "stop", "branch_id.tz")
    def _compute_wall_hours(self):
        for record in self:
            if not (record.start and record.stop):
                for name in ("day_to", "hour_from", "hour_to"):
                    record[name] = record[name]
                continue
            branch = record.branch_id
            first, last = branch._localize(record.start), branch._localize(record.stop)
            midnight = last.hour == last.minute == 0
            record.day_to = last.date() - _DAY if midnight else last.date()
            record.hour_from = first.hour + first.minute / 60
            record.hour_to = 24.0 if midnight else last.hour + last.minute / 60

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._from_wall(vals) for vals in vals_list])

    def write(self, vals):
        moves = not vals.keys() & {"start", "stop"}
        if moves and vals.keys() & (_WALL | {"branch_id"}):
            for record in self:
                super(ClinicWallHoursMixin, record).write(record._from_wall(vals))
            return True
        return super().write(
            {name: value for name, value in vals.items() if name not in _WALL}
        )

    def _from_wall(self, vals):
        """Return the values with UTC moments in place of hours on the wall.

        The hours of the record itself fill in what the values do not say.
        """
        rest = {name: value for name, value in vals.items() if name not in _WALL}
        wall = {name: vals[name] for name in _WALL if name in vals}
        # A form that was opened with moments sends both: what was typed counts.
        typed = wall.get("day") and "hour_from" in wall
        if rest.get("start") and not typed:
            return rest
        if not (wall or (self and "branch_id" in vals)):
            return rest
        day = fields.Date.to_date(wall.get("day", self.day))
        hour_from = wall.get("hour_from", self.hour_from)
        hour_to = wall.get("hour_to", self.hour_to)
        if not day:
            raise ValidationError(self.env._("Choose the day."))
        if not (0 <= hour_from < 24 and 0 <= hour_to <= 24):
            raise ValidationError(self.env._("Hours run from 0:00 to 24:00."))
        day_to = fields.Date.to_date(wall.get("day_to"))
        last = day_to or (day + (self.day_to - self.day) if self.day else day)
        branch = self._wall_branch({**rest, "day": day})
        start, stop = wall_moment(day, hour_from), wall_moment(last, hour_to)
        if stop <= start and last == day:
            stop += _DAY
        rest["start"], rest["stop"] = branch._to_utc(start), branch._to_utc(stop)
        return rest
