from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import series

REASONS = [
    (series.PAST, "The time is over"),
    (series.NOT_YET, "The schedule is not made that far yet"),
    (series.HOLIDAY, "Public holiday"),
    (series.ABSENCE, "The specialist is away"),
    (series.NO_SHIFT, "The specialist does not receive then"),
    (series.LIMIT, "The limit of visits of that day is reached"),
    (series.PATIENT, "The patient has another visit then"),
    (series.BUSY, "The specialist is busy"),
    (series.ROOM, "No free room or device"),
    ("taken", "Has just been taken"),
    ("skipped", "Left out"),
    ("cancelled", "Cancelled"),
    ("ended", "The regular visits have ended"),
]


class ClinicAppointmentSeriesLine(models.Model):
    """One date of regular visits: booked, left out, or still to be settled.

    To be settled is a date without a visit, and a date whose visit cannot stay where
    it is (the specialist has taken time off since).
    """

    _name = "clinic.appointment.series.line"
    _description = "Date of Regular Visits"
    _order = "start, id"

    series_id = fields.Many2one(
        "clinic.appointment.series", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="series_id.patient_id", store=True, index=True)
    specialist_id = fields.Many2one(
        related="series_id.specialist_id", store=True, index=True
    )
    specialist_user_id = fields.Many2one(
        related="series_id.specialist_user_id", store=True, index=True
    )
    service_id = fields.Many2one(related="series_id.service_id")
    branch_id = fields.Many2one(related="series_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="series_id.company_id", store=True, index=True)
    patient_phone = fields.Char(
        related="patient_id.clinic_contact_phone", string="Phone"
    )
    day = fields.Date(required=True, index=True, help="In the branch's own time zone.")
    start = fields.Datetime(required=True, string="Wanted Time")
    state = fields.Selection(
        [("to_do", "To settle"), ("booked", "Booked"), ("skipped", "Left out")],
        required=True,
        default="to_do",
        index=True,
    )
    reason = fields.Selection(REASONS)
    appointment_id = fields.Many2one(
        "clinic.appointment", index="btree_not_null", ondelete="set null", copy=False
    )
    appointment_state = fields.Selection(
        related="appointment_id.state", string="State of the Visit"
    )
    day_words = fields.Char(compute="_compute_words", string="Wanted Day")
    visit_words = fields.Char(compute="_compute_words", string="Visit")
    is_moved = fields.Boolean(compute="_compute_words")
    offers = fields.Json(
        compute="_compute_offers",
        string="Free Instead",
        help="Looked up anew each time; one click books.",
    )

    # Serves the list of dates to settle.
    _to_do_idx = models.Index("(start) WHERE state = 'to_do'")

    # Computes ----------------------------------------------------------------

    @api.depends("start", "branch_id.tz", "appointment_id.start")
    @api.depends_context("lang")
    def _compute_words(self):
        for line in self:
            visit = line.appointment_id
            line.day_words = line.branch_id._format_local(line.start)
            line.visit_words = visit.local_time if visit else False
            line.is_moved = bool(visit) and visit.start != line.start

    @api.depends("state", "start", "appointment_id", "series_id.specialist_id")
    @api.depends_context("lang")
    def _compute_offers(self):
        self.offers = False
        open_lines = self.filtered(lambda line: line.state == "to_do" and line._origin)
        for group, lines in open_lines.grouped("series_id").items():
            verdicts = group._judge(
                {line.id: line.appointment_id.start or line.start for line in lines},
                moving=lines.appointment_id,
                taken_days={
                    line.day for line in group.line_ids if line.state == "booked"
                },
            )
            for line in lines:
                line.offers = verdicts[line.id].as_offer()

    # Buttons -----------------------------------------------------------------

    def action_take(self, key):
        """Book (or move the visit of) this date to a window that was offered.

        :param key: ``specialist|room|YYYY-MM-DD HH:MM:SS`` of the offer, room 0: any.
        :raise UserError: it is not free any more, with what is free instead.
        """
        self.ensure_one()
        self.check_access("read")
        self.series_id._check_may_plan()
        if self.state != "to_do":
            raise UserError(self.env._("This date is settled already."))
        vals = self.series_id._parse_key(key)
        if self.appointment_id:
            self.appointment_id.reschedule(
                vals["start"], vals["specialist_id"], vals["room_id"]
            )
        else:
            visit = self.env["clinic.appointment"]._book(
                {**self._prepare_visit_vals(), **vals}
            )
            self.sudo().appointment_id = visit
        self._set_booked()
        return True

    def action_skip(self):
        """Leave these dates out; whose visit is booked is for moving or cancelling."""
        self._check_may_change()
        if self.appointment_id:
            raise UserError(
                self.env._(
                    "Booked visits are not left out: move or cancel them (%(visits)s).",
                    visits=", ".join(self.appointment_id.mapped("display_name")),
                )
            )
        self._skip("skipped")
        return True

    def action_reopen(self):
        """Dates that were left out are to be settled after all."""
        self._check_may_change()
        lines = self.filtered(
            lambda line: (
                line.state == "skipped"
                and (
                    not line.appointment_id or line.appointment_id.state == "cancelled"
                )
            )
        )
        # sudo: lines are written by these methods only, the rights were checked
        lines.sudo().write({"state": "to_do", "reason": False, "appointment_id": False})
        lines.series_id.sudo().state = "running"
        return True

    def action_retry(self):
        """Book the dates at the wanted time if it has become free meanwhile."""
        self._check_may_change()
        lines = self.filtered(
            lambda line: line.state == "to_do" and not line.appointment_id
        )
        return lines.series_id._notify(*lines._book_wanted())

    def action_open_visit(self):
        """Open the visit of this date; there is nothing to open without one."""
        self.ensure_one()
        return self.appointment_id and {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment",
            "res_id": self.appointment_id.id,
            "views": [(False, "form")],
        }

    def action_open_series(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment.series",
            "res_id": self.series_id.id,
            "views": [(False, "form")],
        }

    # Business ----------------------------------------------------------------

    def _check_may_change(self):
        self.check_access("read")
        self.series_id._check_may_plan()

    def _prepare_visit_vals(self):
        """Return the values of the visit this date asks for. Extend to give more."""
        self.ensure_one()
        parent = self.series_id
        return {
            "patient_id": parent.patient_id.id,
            "service_id": parent.service_id.id,
            "specialist_id": parent.specialist_id.id,
            "room_id": parent.room_id.id or None,
            "start": self.start,
            "series_id": parent.id,
        }

    def _book_wanted(self, chosen=None):
        """Book these dates, each as wanted or at the chosen window.

        What somebody else has taken meanwhile stays to be settled; the rest is booked,
        all in this transaction. The reasons of what is left are looked up at once.

        :param chosen: values of the visit (start, specialist, room) by line.
        :return: ``(booked lines, lines left)``
        """
        chosen = chosen or {}
        known_bad = self.browse()
        as_wanted = self.filtered(lambda line: line not in chosen)
        for parent, lines in as_wanted.grouped("series_id").items():
            verdicts = parent._judge(
                {line.id: line.start for line in lines}, alternatives=0
            )
            for line in lines:
                if not verdicts[line.id].ok:
                    # sudo: as in _set_booked
                    line.sudo().reason = verdicts[line.id].code
                    known_bad |= line
        return self._book_lines(self - known_bad, chosen, known_bad)

    def _book_lines(self, lines, chosen, known_bad):
        visits = self.env["clinic.appointment"]
        vals = {
            line: {**line._prepare_visit_vals(), **chosen.get(line, {})}
            for line in lines
        }
        booked = self.browse()
        if vals:
            lines.series_id._take_turns(
                [values["start"] for values in vals.values()],
                {values["specialist_id"] for values in vals.values()},
            )
            try:
                with self.env.cr.savepoint():
                    for line, visit in zip(
                        vals, visits._book(list(vals.values())), strict=True
                    ):
                        line.sudo().appointment_id = visit
                booked = lines
            except AccessError:
                raise
            except UserError:
                # One of them cannot be: find out which, and book the others.
                for line, values in vals.items():
                    try:
                        with self.env.cr.savepoint():
                            line.sudo().appointment_id = visits._book(values)
                        booked |= line
                    except UserError:
                        line.sudo().reason = "taken"
        booked._set_booked()
        return booked, (known_bad | (lines - booked)).sorted("start")

    def _move_to(self, target, vals):
        """Move the visit of this date, or book it there; tell whether it worked.

        :param target: what the rule wants now; ``vals``: where the visit really goes.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                if self.appointment_id:
                    self.appointment_id.reschedule(
                        vals["start"], vals["specialist_id"], vals["room_id"]
                    )
                else:
                    self.sudo().appointment_id = self.env["clinic.appointment"]._book(
                        {**self._prepare_visit_vals(), **vals}
                    )
        except AccessError:
            raise
        except UserError:
            if self.appointment_id:
                return False
        # sudo: lines are written by these methods only, the rights were checked
        self.sudo().write({"day": target.day, "start": target.start})
        if not self.appointment_id:
            return False
        self._set_booked()
        return True

    def _set_booked(self):
        # sudo: lines are written by these methods only, the rights were checked
        self.sudo().write({"state": "booked", "reason": False})

    def _skip(self, reason):
        # sudo: as above
        self.sudo().write({"state": "skipped", "reason": reason})
        self.series_id._end_if_over()
