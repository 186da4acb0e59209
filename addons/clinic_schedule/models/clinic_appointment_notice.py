from datetime import datetime, timedelta

from babel.dates import format_datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang

from ..tools import quiet_hours
from .clinic_notice import GRACE_SECONDS

EXPECTED = ("booked", "confirmed")
# Whoever was told of the time so shortly before needs no reminder.
JUST_TOLD = timedelta(hours=2)


class ClinicAppointment(models.Model):
    """What patients are told of a visit, and whether they have confirmed it."""

    _inherit = "clinic.appointment"

    notice_ids = fields.One2many(
        "clinic.notice",
        "appointment_id",
        string="Notices",
        groups="clinic_base.group_staff",
    )
    notice_state = fields.Selection(
        [
            ("waiting", "Waiting to be sent"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Not delivered"),
        ],
        string="Last Notice",
        compute="_compute_notice_state",
        groups="clinic_base.group_staff",
        help="What became of the last notice to the patient, by its best channel.",
    )
    # When the present time was agreed: who books late needs no reminder.
    slot_since = fields.Datetime(default=fields.Datetime.now, readonly=True, copy=False)
    notice_serial = fields.Integer(
        readonly=True,
        copy=False,
        help="Grows with each change the patient is told of: each is told once.",
    )
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    confirmed_how = fields.Selection(
        [
            ("link", "Patient, by the link in a message"),
            ("call", "By phone"),
            ("staff", "Staff"),
        ],
        string="Confirmed by",
        readonly=True,
        copy=False,
    )
    call_count = fields.Integer(
        string="Calls Without Answer", readonly=True, copy=False
    )
    last_call_at = fields.Datetime(string="Last Call", readonly=True, copy=False)
    needs_call = fields.Boolean(
        string="To Call", compute="_compute_needs_call", search="_search_needs_call"
    )

    @api.depends("notice_ids.state")
    def _compute_notice_state(self):
        best = ["delivered", "sent", "sending", "failed", "waiting"]
        shown = {"sending": "sent"}
        for visit in self:
            last = visit.notice_ids.filtered(lambda n: n.state != "skipped")[:1]
            same = visit.notice_ids.filtered(
                lambda n, last=last: (
                    (n.kind, n.occurrence) == (last.kind, last.occurrence)
                )
            )
            states = set(same.mapped("state"))
            found = next((state for state in best if state in states), False)
            visit.notice_state = shown.get(found, found)

    # Telling of changes -------------------------------------------------------

    def _after_book(self):
        result = super()._after_book()
        booked = self.filtered(lambda visit: visit.state != "hold")
        booked._tell_of_booking()
        return result

    def _after_confirm_hold(self):
        result = super()._after_confirm_hold()
        self._tell("booked")
        return result

    def _after_reschedule(self, old):
        result = super()._after_reschedule(old)
        if old["start"] != self.start or old["specialist_id"] != self.specialist_id:
            self._tell_of_move(old["start"])
        return result

    def _move(self, state, force=False, at=None, **vals):
        expected = self.filtered(lambda visit: visit.state in EXPECTED)
        if state == "confirmed":
            vals.setdefault("confirmed_how", "staff")
            vals.setdefault("confirmed_at", fields.Datetime.now())
        result = super()._move(state, force=force, at=at, **vals)
        if state == "cancelled":
            expected._tell_of_cancel()
        return result

    def _tell_of_booking(self):
        self._tell("booked")

    def _is_news(self):
        """Return the visits worth a notice: those to come, not the imported ones."""
        now = fields.Datetime.now()
        return self.filtered(lambda v: v.start > now and v.origin != "import")

    def _tell(self, kind, **extra):
        """Leave a notice about each visit for the job that sends them."""
        at = fields.Datetime.now() + timedelta(seconds=GRACE_SECONDS)
        for visit in self._is_news():
            self.env["clinic.notice"]._notify(
                kind, visit, at=at, occurrence=str(visit.notice_serial), **extra
            )

    def _tell_again(self):
        """Tell of visits that are on again after their cancellation was undone."""
        for visit in self._is_news():
            waiting = visit._drop_waiting("cancel_undone")
            if any(notice.kind == "cancelled" for notice in waiting):
                continue  # nobody has been told that it was off
            visit.sudo().notice_serial += 1
            visit._tell("booked")

    def _tell_of_move(self, was_start):
        """Tell of a new time, unless it is the one the patient knows."""
        self.ensure_one()
        visit_sudo = self.sudo()
        visit_sudo.write(
            {
                "notice_serial": visit_sudo.notice_serial + 1,
                "slot_since": fields.Datetime.now(),
            }
        )
        if self.state not in EXPECTED or not self._is_news():
            return
        waiting_sudo = self._drop_waiting("moved_again")
        never_told = waiting_sudo.filtered(lambda n: n.kind == "booked")
        moves_sudo = waiting_sudo.filtered(lambda n: n.kind == "moved").sorted("id")
        known = moves_sudo[:1].was_start or was_start
        if not never_told and moves_sudo and known == self.start:
            return
        self._tell("booked" if never_told else "moved")
        if not never_told:
            # Not all that wait: one that is just being sent is not ours to write.
            serial = str(visit_sudo.notice_serial)
            new_sudo = visit_sudo.notice_ids.filtered(
                lambda n: n.kind == "moved" and n.occurrence == serial
            )
            new_sudo.was_start = known

    def _tell_of_cancel(self):
        for visit in self._is_news():
            waiting = visit._drop_waiting("cancelled")
            if any(notice.kind == "booked" for notice in waiting):
                continue  # booked and undone before anybody was told
            visit._tell("cancelled")

    def _drop_waiting(self, reason):
        """Take the unsent notices out of the outbox; return them (sudo)."""
        # sudo: the outbox is written by nobody but the rules
        waiting_sudo = (
            self.env["clinic.notice"]
            .sudo()
            .search([("appointment_id", "in", self.ids), ("state", "=", "waiting")])
        )
        waiting_sudo = waiting_sudo._lock_unsent()
        waiting_sudo._skip(reason)
        return waiting_sudo

    def _why_notice_pointless(self, notice):
        """Return why a notice about this visit need not be sent any more, or None."""
        self.ensure_one()
        if notice.kind == "cancelled":
            if self.state != "cancelled":
                return "on_again"
            return None
        if notice.kind not in ("booked", "moved", "reminder"):
            return None
        if self.state not in EXPECTED:
            return "not_expected"
        if notice.visit_start != self.start:
            return "moved"
        return None

    # Reminders ----------------------------------------------------------------

    @api.model
    def _remind(self):
        """Leave the reminders that are due in the outbox."""
        now = fields.Datetime.now()
        rules = self.env["clinic.notice.rule"].search([("kind", "=", "reminder")])
        if not rules:
            return
        # A reminder may be sent up to a night earlier because of the quiet hours.
        horizon = now + timedelta(hours=max(rules.mapped("lead_hours")) + 24)
        visits = self.search(
            Domain("state", "in", EXPECTED)
            & Domain("start", ">", now)
            & Domain("start", "<=", horizon)
            & Domain("origin", "!=", "import")
        )
        rows = []
        for visit in visits:
            rows += visit._due_reminders(now)
        self.env["clinic.notice"]._insert_once(rows)

    def _due_reminders(self, now):
        """Return the outbox rows of the reminders of a visit that are due."""
        self.ensure_one()
        notices = self.env["clinic.notice"]
        rows = []
        for rule_id, channel in self.env["clinic.notice.rule"]._channels(
            "reminder", self.branch_id.id, self.company_id.id
        ):
            rule = self.env["clinic.notice.rule"].browse(rule_id)
            lead = timedelta(hours=rule.lead_hours)
            moment = self._reminder_moment(lead)
            # After a server was down, a reminder may come late, but not too late.
            if not moment <= now <= moment + lead / 2:
                continue
            if self.slot_since and self.slot_since > moment - JUST_TOLD:
                continue
            rows.append(
                {
                    **notices._outbox_vals(self.sudo()),
                    "kind": "reminder",
                    "occurrence": f"{self.start} {rule.lead_hours:g}",
                    "send_after": now,
                    "body_values": None,
                    "rule_id": rule_id,
                    "channel": channel,
                }
            )
        return rows

    def _reminder_moment(self, lead):
        """Return when to remind of the visit (naive UTC)."""
        self.ensure_one()
        branch = self.branch_id
        wall = branch._localize(self.start).replace(tzinfo=None)
        return branch._to_utc(
            quiet_hours.reminder_moment(wall, lead, branch.quiet_from, branch.quiet_to)
        )

    # Words --------------------------------------------------------------------

    def _notice_time(self):
        """Return the wall time of the visit in the branch, as one says it."""
        self.ensure_one()
        branch = self.branch_id
        return self._say_time(branch._localize(self.start), branch)

    @api.model
    def _say_time(self, local: datetime, branch):
        locale = babel_locale_parse(get_lang(self.env).code)
        pattern = {
            "ru": "d MMMM (EEE) 'в' HH:mm",
            "en": "EEE d MMMM 'at' HH:mm",
        }.get(locale.language, "EEE d MMMM HH:mm")
        return format_datetime(local, pattern, tzinfo=branch._tz(), locale=locale)

    # The call centre ----------------------------------------------------------

    @api.depends("state", "start")
    def _compute_needs_call(self):
        found = self.filtered_domain(self._needs_call_domain())
        for visit in self:
            visit.needs_call = visit in found

    @api.model
    def _search_needs_call(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._needs_call_domain()

    @api.model
    def _needs_call_domain(self):
        """Return the domain of visits to come that the patient has not confirmed."""
        now = fields.Datetime.now()
        branches = self.env["clinic.branch"].with_context(active_test=False).search([])
        return (
            Domain("state", "=", "booked")
            & Domain("start", ">", now)
            & Domain.OR(
                Domain("branch_id", "in", alike.ids)
                & Domain("start", "<=", now + timedelta(hours=hours))
                for hours, alike in branches.grouped("call_hours").items()
            )
        )

    def action_call_confirmed(self):
        """The patient was called and comes."""
        self._move("confirmed", confirmed_how="call")
        return True

    def action_call_no_answer(self):
        """The patient was called in vain: the visit goes to the end of the list."""
        self.check_access("write")
        for visit in self:
            if visit.state != "booked":
                raise UserError(
                    self.env._(
                        "Visit %(name)s needs no call: it is in the state “%(state)s”.",
                        name=visit.name,
                        state=visit._state_label(),
                    )
                )
        for visit_sudo in self.sudo():
            visit_sudo.write(
                {
                    "call_count": visit_sudo.call_count + 1,
                    "last_call_at": fields.Datetime.now(),
                }
            )
        return True

    def action_open_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_notice"
        )
        action["domain"] = [("appointment_id", "=", self.id)]
        action["context"] = {}
        return action
