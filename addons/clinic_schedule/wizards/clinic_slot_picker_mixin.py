from datetime import datetime, time, timedelta

from babel.dates import format_date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang

from ..tools.windows import from_minutes

SHOWN_DAYS = 7
# Nothing free in the days shown: look on, so that nobody has to leaf through weeks.
FARTHER_DAYS = (14, 28, 56)
BEST_OFFERS = 3
DAY_PARTS = {"morning": (0, 12), "day": (12, 17), "evening": (17, 24)}


class ClinicSlotPickerMixin(models.AbstractModel):
    """A dialog that shows free windows by day and specialist, to click on one."""

    _name = "clinic.slot.picker.mixin"
    _description = "Choice of a Free Window"

    service_id = fields.Many2one(
        "product.product", domain=[("is_clinic_service", "=", True)]
    )
    service_specialty_ids = fields.Many2many(related="service_id.specialty_ids")
    specialist_id = fields.Many2one(
        "clinic.specialist", help="Leave empty to see everybody who provides it."
    )
    branch_id = fields.Many2one("clinic.branch", help="Leave empty for all branches.")
    date_from = fields.Date(
        string="From Day", required=True, default=fields.Date.context_today
    )
    day_part = fields.Selection(
        [
            ("morning", "Morning"),
            ("day", "Afternoon"),
            ("evening", "Evening"),
        ],
        help="Before noon, from noon to 17:00, after 17:00 by the clock of the branch.",
    )
    weekdays = fields.Char(
        help="Numbers of the weekdays with commas, 0 for Monday; empty for any."
    )
    offers = fields.Json(compute="_compute_offers")
    chosen = fields.Char(help="The window clicked on.")
    chosen_words = fields.Char(compute="_compute_chosen_words", string="Chosen Time")
    refusal = fields.Json(help="Why the window could not be had, and what is free.")

    def _picker_patient(self):
        """Return the patient the windows are for, if known."""
        return self.env["res.partner"]

    def _picker_moving(self):
        """Return the appointment that is being moved, if any."""
        return self.env["clinic.appointment"]

    def _picker_specialists(self, service, specialist):
        """Return whose windows are looked for."""
        return specialist or service._clinic_specialists()

    @api.depends(
        "service_id",
        "specialist_id",
        "branch_id",
        "date_from",
        "day_part",
        "weekdays",
    )
    @api.depends_context("lang")
    def _compute_offers(self):
        for wizard in self:
            wizard.offers = wizard._get_offers()

    def _get_offers(self):
        """Return days of specialists of windows, for the picker on the screen."""
        self.ensure_one()
        if not self.service_id or not self.date_from:
            return self._no_offers("service")
        if self.specialist_id and not self.specialist_id._can_do(self.service_id):
            return self._no_offers("specialty")
        ranked, days = self._search_farther(
            lambda span: self._ranked_offers(self.service_id, self.specialist_id, span)
        )
        return {
            **self._no_offers("" if ranked else "none"),
            "why": "" if ranked else self._why_nobody(),
            "days": self._group_offers(ranked),
            "best": self._best_offers(ranked) if self._picker_patient() else [],
            "soonest": self._soonest_offers(ranked),
            "jumped": self._jump_words(ranked[0][3] if ranked else None, days),
        }

    def _why_nobody(self):
        """Return why no window can ever suit: none of them receives such a patient."""
        specialists = self._picker_specialists(self.service_id, self.specialist_id)
        return specialists._why_none_receives(self._picker_patient(), self.date_from)

    def _no_offers(self, hint):
        return {"days": [], "best": [], "soonest": [], "hint": hint, "jumped": ""}

    def _search_farther(self, search):
        """Return ``(found, days)`` of the first look that finds anything.

        :param search: called with a number of days from ``date_from`` on.
        """
        found, days = [], SHOWN_DAYS
        for days in (SHOWN_DAYS, *FARTHER_DAYS):
            found = search(days)
            if found:
                break
        return found, days

    def _search_span(self, days):
        """Return the naive UTC moments that hold these local days of any branch."""
        start = datetime.combine(self.date_from, time()) - timedelta(hours=12)
        return start, start + timedelta(days=days + 1)

    def _ranked_offers(self, service, specialist, days):
        """Return ``(slot, score, reasons, local start)`` of one service, best first."""
        visits = self.env["clinic.appointment"]
        slots = self._find_slots(service, specialist, days)
        patient = self._picker_patient()._origin
        return [
            (slot, score, reasons, local)
            for slot, score, reasons in visits._rank(
                visits._pick_offers(slots), patient
            )
            if self._suits(local := self._local_start(slot), days)
        ]

    def _find_slots(self, service, specialist, days):
        """Return every feasible start as a slot."""
        specialists = self._picker_specialists(service, specialist)
        return self.env["clinic.appointment"]._find_slots(
            dict.fromkeys(specialists, service),
            *self._search_span(days),
            branch_ids=self.branch_id.ids,
            patient=self._picker_patient()._origin,
            moving=self._picker_moving()._origin or None,
        )

    def _local_start(self, slot):
        branch = self.env["clinic.branch"].browse(slot.branch_id)
        return branch._localize(from_minutes(slot.start))

    def _suits(self, local, days):
        """Tell whether a local start is on the days and at the hours asked for."""
        last = self.date_from + timedelta(days=days)
        if not self.date_from <= local.date() < last:
            return False
        if self.weekdays and str(local.weekday()) not in self.weekdays.split(","):
            return False
        first_hour, last_hour = DAY_PARTS.get(self.day_part, (0, 24))
        return first_hour <= local.hour < last_hour

    def _jump_words(self, local, days):
        """Return the day found when the days asked for had nothing, in words."""
        if days == SHOWN_DAYS or local is None:
            return ""
        return self._day_words(local.date())

    def _group_offers(self, ranked):
        days = {}
        for slot, _score, reasons, local in sorted(ranked, key=lambda i: i[0].start):
            day = days.setdefault(local.date(), {})
            rows = day.setdefault((slot.specialist_id, slot.branch_id), [])
            rows.append(self._offer(slot, reasons, local))
        specialists = self.env["clinic.specialist"]
        branches = self.env["clinic.branch"]
        result = []
        notes = self._notes(days)
        for date in sorted(days):
            rows = []
            for (specialist_id, branch_id), windows in days[date].items():
                specialist = specialists.browse(specialist_id)
                own_notes = [specialist.schedule_note or ""]
                own_notes += notes.get((date, specialist_id), ())
                rows.append(
                    {
                        "specialist": specialist.name,
                        "specialties": ", ".join(
                            specialist.specialty_ids.mapped("name")
                        ),
                        "branch": self._branch_words(branches.browse(branch_id)),
                        "note": ". ".join(note for note in own_notes if note),
                        "windows": windows,
                    }
                )
            rows.sort(key=lambda row: row["windows"][0]["start"])
            result.append(
                {
                    "day": self._day_words(date),
                    "notes": notes.get((date, False), []),
                    "rows": rows,
                }
            )
        return result

    def _notes(self, days):
        """Return the notes on the days shown, by day and specialist (or False)."""
        result = {}
        if not days:
            return result
        found = self.env["clinic.schedule.note"]._for_days(
            min(days), max(days), branch_ids=self.branch_id.ids or None
        )
        for note in found:
            for date in days:
                if note["date_from"] <= date <= note["date_to"]:
                    key = (date, note["specialist_id"] or False)
                    result.setdefault(key, []).append(note["text"])
        return result

    def _best_offers(self, ranked):
        best = sorted(ranked, key=lambda item: -item[1])[:BEST_OFFERS]
        return [self._worded_offer(*item) for item in best]

    def _soonest_offers(self, ranked):
        soonest = sorted(ranked, key=lambda item: item[0].start)[:BEST_OFFERS]
        return [self._worded_offer(*item) for item in soonest]

    def _worded_offer(self, slot, _score, reasons, local):
        offer = self._offer(slot, reasons, local)
        specialist = self.env["clinic.specialist"].browse(slot.specialist_id)
        branch = self.env["clinic.branch"].browse(slot.branch_id)
        offer["words"] = self._offer_words(local, specialist, branch)
        return offer

    def _offer_words(self, local, specialist, branch):
        """Return a window in words; with the branch wherever it may be another."""
        words = f"{self._day_words(local.date(), short=True)} {local:%H:%M}"
        names = [words, specialist.name]
        if branch != self.branch_id and self._several_branches():
            names.append(self._branch_words(branch))
        return ", ".join(names)

    def _several_branches(self):
        return len(self.env["clinic.branch"]._clinic_directory().zones) > 1

    def _branch_words(self, branch):
        """Return the name of a branch, with its city where it may surprise."""
        return branch._words_from(self.branch_id or self._picker_moving().branch_id)

    def _offer(self, slot, reasons, local):
        visits = self.env["clinic.appointment"]
        start = from_minutes(slot.start)
        return {
            "key": f"{slot.specialist_id}|{slot.room_id or 0}|{start}",
            "start": str(start),
            "time": f"{local:%H:%M}",
            "minutes": slot.stop - slot.start,
            "reasons": ", ".join(visits._slot_reason_label(code) for code in reasons),
            "gap": "leaves_gap" in reasons,
        }

    def _refusal_values(self, error):
        """Return the sentence of a refusal, and what is free instead."""
        return {
            "message": getattr(error, "sentence", None) or str(error),
            "offers": [self._offer_of_values(one) for one in error.alternatives],
        }

    def _offer_of_values(self, values):
        """Return a worded offer of what ``error.alternatives`` holds."""
        start = fields.Datetime.to_datetime(values["start"])
        branch = self.env["clinic.branch"].browse(values["branch_id"])
        specialist = self.env["clinic.specialist"].browse(values["specialist_id"])
        local = branch._localize(start)
        visits = self.env["clinic.appointment"]
        return {
            "key": f"{values['specialist_id']}|{values['room_id'] or 0}|{start}",
            "words": self._offer_words(local, specialist, branch),
            "reasons": ", ".join(
                visits._slot_reason_label(code) for code in values["reasons"]
            ),
        }

    def _day_words(self, date, short=False):
        locale = babel_locale_parse(get_lang(self.env).code)
        russian = locale.language == "ru"
        if short:
            pattern = "EEE d MMM" if russian else "EEE, d MMM"
        else:
            pattern = "EEEE, d MMMM" if russian else "EEEE d MMMM"
        return format_date(date, pattern, locale=locale)

    # The choice --------------------------------------------------------------

    def _parse_chosen(self):
        """Return ``(specialist, room, start)`` of the window clicked on."""
        self.ensure_one()
        return self._parse_key(self.chosen)

    def _parse_key(self, key):
        try:
            specialist_id, room_id, start = (key or "").split("|")
            return (
                self.env["clinic.specialist"].browse(int(specialist_id)),
                self.env["clinic.room"].browse(int(room_id) or ()),
                fields.Datetime.to_datetime(start),
            )
        except ValueError:
            raise UserError(self.env._("Choose a free time first.")) from None

    def _key_words(self, key):
        specialist, room, start = self._parse_key(key)
        branch = (
            room.branch_id
            or self.env["clinic.appointment"]
            ._shift_at(specialist, start, start)
            .branch_id
        )
        branch = branch or specialist.branch_ids[:1]
        words = (
            branch._format_local(start),
            specialist.name,
            branch.name,
            room.name,
        )
        return ", ".join(word for word in words if word)

    @api.depends("chosen")
    @api.depends_context("lang")
    def _compute_chosen_words(self):
        for wizard in self:
            keys = (wizard.chosen or "").split(";")
            wizard.chosen_words = (
                "; ".join(wizard._key_words(key) for key in keys if key) or False
            )

    @api.onchange(
        "service_id",
        "specialist_id",
        "branch_id",
        "date_from",
        "day_part",
        "weekdays",
    )
    def _onchange_search(self):
        self.chosen = False
        self.refusal = False
