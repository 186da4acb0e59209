from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

OFFERS = 12
OFFER_DAYS = 28
PER_DAY = 4
LAST_MINUTE = timedelta(minutes=30)


class ClinicLinkVisit(models.AbstractModel):
    """The page of a visit behind the link in its notices."""

    _name = "clinic.link.visit"
    _inherit = "clinic.link.handler"
    _description = "One-Tap Page of a Visit"

    @api.model
    def _link_lang(self, record):
        return record.patient_id._notice_recipient("sms").lang

    @api.model
    def _link_page(self, record, params):
        wanted = params.get("do")
        said = params.get("said") or {}
        ahead = record.state in ("booked", "confirmed") and self._is_ahead(record)
        values = {
            "visit": record,
            "branch": record.branch_id,
            "clinic": record.company_id.name,
            "when": record._notice_time(),
            "name": record.service_id._notice_name().capitalize(),
            "minutes": record.duration,
            "phone": record.branch_id.phone or record.company_id.phone,
            "state": self._state(record),
            "step": wanted if ahead and wanted in ("move", "cancel") else "show",
            "done": params.get("done"),
            "said": said,
            "can_act": ahead,
            "offers": [],
        }
        if values["step"] == "move":
            values["offers"] = self._offers(record)
        return "clinic_schedule.link_visit", values

    @api.model
    def _state(self, visit):
        """Return how the page calls the state of the visit."""
        if visit.state in ("booked", "confirmed"):
            return visit.state if self._is_ahead(visit) else "over"
        return {"cancelled": "cancelled", "hold": "hold"}.get(visit.state, "over")

    @api.model
    def _is_ahead(self, visit):
        return visit.start > fields.Datetime.now()

    # Acting -------------------------------------------------------------------

    @api.model
    def _link_post(self, record, action, params):
        # Whoever acts second, in another tab or at the desk, acts on what he sees.
        record.lock_for_update()
        if params.get("start_now") and params["start_now"] != str(record.start):
            return {"problem": self.env._("The visit has been moved meanwhile.")}
        method = {
            "confirm": self._confirm,
            "cancel": self._cancel,
            "move": self._reschedule,
        }.get(action)
        return method and method(record, params)

    @api.model
    def _check_ahead(self, visit):
        if not self._is_ahead(visit) or visit.state not in ("booked", "confirmed"):
            raise UserError(
                self.env._(
                    "This visit cannot be changed here any more. Please call us."
                )
            )

    @api.model
    def _confirm(self, visit, params):
        if visit.state == "confirmed":
            return {"done": "confirmed"}
        self._check_ahead(visit)
        self._as_patient(visit)._move("confirmed", confirmed_how="link")
        self._log(visit, self.env._("Confirmed by the patient, by the link."))
        return {"done": "confirmed"}

    @api.model
    def _cancel(self, visit, params):
        if visit.state == "cancelled":
            return {"done": "cancelled"}
        self._check_ahead(visit)
        self._as_patient(visit).action_cancel(self.env._("Cancelled by the patient"))
        self._log(visit, self.env._("Cancelled by the patient, by the link."))
        return {"done": "cancelled"}

    @api.model
    def _reschedule(self, visit, params):
        """Take the new time first; if that fails, the old one is kept."""
        self._check_ahead(visit)
        offers = {offer["start"] for offer in self._offers(visit)}
        start = params.get("start")
        if start not in offers:
            raise UserError(
                self.env._("This time has just been taken. Please choose another one.")
            )
        try:
            self._as_patient(visit).reschedule(start)
        except UserError as error:
            raise UserError(
                self.env._("This time has just been taken. Please choose another one.")
            ) from error
        self._log(visit, self.env._("Moved by the patient, by the link."))
        return {"done": "moved"}

    @api.model
    def _as_patient(self, visit):
        """Return the visit so that what is tracked names the patient, not a robot."""
        visit._track_set_author(visit.patient_id._notice_recipient("sms"))
        return visit

    @api.model
    def _log(self, visit, body):
        visit._message_log(
            body=body, author_id=visit.patient_id._notice_recipient("sms").id
        )

    @api.model
    def _offers(self, visit):
        """Return the next free times of the same specialist for the same service."""
        begin = fields.Datetime.now() + LAST_MINUTE
        found = visit._find_offers(
            visit.service_id.id,
            begin,
            begin + timedelta(days=OFFER_DAYS),
            specialist_ids=visit.specialist_id.ids,
            branch_ids=visit.branch_id.ids,
            patient_id=visit.patient_id.id,
            per_day=PER_DAY,
        )
        found.sort(key=lambda offer: offer["start"])
        branch = visit.branch_id
        return [
            {
                "start": offer["start"],
                "label": visit._say_time(
                    branch._localize(fields.Datetime.to_datetime(offer["start"])),
                    branch,
                ),
            }
            for offer in found
            if fields.Datetime.to_datetime(offer["start"]) != visit.start
        ][:OFFERS]

    # The calendar file --------------------------------------------------------

    @api.model
    def _link_file(self, record, name):
        """Return ``(content, mimetype)`` of a file that belongs to the page."""
        if name != "visit.ics":
            return None
        return self._calendar(record).encode(), "text/calendar; charset=utf-8"

    @api.model
    def _calendar(self, visits):
        """Return the visits as an iCalendar file (RFC 5545), naming nobody."""
        events = [line for visit in visits for line in self._event_lines(visit)]
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Clinic Suite//Visits//EN",
            "METHOD:PUBLISH",
            *events,
            "END:VCALENDAR",
        ]
        return "".join(f"{_fold(line)}\r\n" for line in lines)

    @api.model
    def _event_lines(self, visit):
        def utc(moment):
            return f"{moment:%Y%m%dT%H%M%SZ}"

        where = ", ".join(
            part
            for part in (visit.branch_id.name, visit.branch_id._notice_address())
            if part
        )
        cancelled = visit.state in ("cancelled", "noshow")
        return [
            "BEGIN:VEVENT",
            f"UID:clinic-visit-{visit.id}@{self._host()}",
            f"SEQUENCE:{visit.notice_serial}",
            f"DTSTAMP:{utc(fields.Datetime.now())}",
            f"DTSTART:{utc(visit.start)}",
            f"DTEND:{utc(visit.stop)}",
            f"SUMMARY:{_escape(visit.service_id._notice_name().capitalize())}",
            f"LOCATION:{_escape(where)}",
            f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT2H",
            f"DESCRIPTION:{_escape(visit.service_id._notice_name().capitalize())}",
            "END:VALARM",
            "END:VEVENT",
        ]

    @api.model
    def _host(self):
        return self.get_base_url().partition("://")[2].partition("/")[0]


def _escape(text):
    for char in "\\;,":
        text = text.replace(char, "\\" + char)
    return text.replace("\r", "").replace("\n", "\\n")


def _fold(line):
    """Break a line after 74 octets at most, never inside a letter."""
    parts, part, size = [], "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > 74:
            parts.append(part)
            part, size = " ", 1
        part += char
        size += octets
    return "\r\n".join([*parts, part])
