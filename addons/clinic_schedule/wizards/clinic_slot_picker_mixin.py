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
    offers = fields.Json(compute="_compute_offers")
    chosen = fields.Char(help="The window clicked on.")
    chosen_words = fields.Char(compute="_compute_chosen_words", string="Chosen Time")

    def _picker_patient(self):
        """Return the patient the windows are for, if known."""
        return self.env["res.partner"]

    def _picker_moving(self):
        """Return the appointment that is being moved, if any."""
        return self.env["clinic.appointment"]

    @api.depends("service_id", "specialist_id", "branch_id", "date_from")
    @api.depends_context("lang")
    def _compute_offers(self):
        for wizard in self:
            wizard.offers = wizard._get_offers()

    def _get_offers(self):
        """Return days of specialists of windows, for the picker on the screen."""
        self.ensure_one()
        if not self.service_id or not self.date_from:
            return {"days": [], "best": [], "hint": "service"}
        visits = self.env["clinic.appointment"]
        service = self.service_id
        specialists = self.specialist_id or service._clinic_specialists()
        if self.specialist_id and not self.specialist_id._can_do(service):
            return {"days": [], "best": [], "hint": "specialty"}
        # The day begins in the westernmost branch; sorted out by branch below.
        start = datetime.combine(self.date_from, time()) - timedelta(hours=12)
        patient = self._picker_patient()._origin
        ranked = []
        for days in (SHOWN_DAYS, *FARTHER_DAYS):
            slots = visits._find_slots(
                dict.fromkeys(specialists, service),
                start,
                start + timedelta(days=days + 1),
                branch_ids=self.branch_id.ids,
                patient=patient,
                moving=self._picker_moving()._origin or None,
            )
            ranked = self._offers_between(slots, patient, days)
            if ranked:
                break
        return {
            "days": self._group_offers(ranked),
            "best": self._best_offers(ranked) if patient else [],
            "hint": "" if ranked else "none",
            "from": self._day_words(self.date_from),
        }

    def _offers_between(self, slots, patient, days):
        """Return the offers ranked whose local day is one of the days asked for."""
        visits = self.env["clinic.appointment"]
        last = self.date_from + timedelta(days=days)
        branches = self.env["clinic.branch"]
        result = []
        for slot, score, reasons in visits._rank(visits._pick_offers(slots), patient):
            branch = branches.browse(slot.branch_id)
            local = branch._localize(from_minutes(slot.start))
            if self.date_from <= local.date() < last:
                result.append((slot, score, reasons, local))
        return result

    def _group_offers(self, ranked):
        days = {}
        for slot, _score, reasons, local in sorted(ranked, key=lambda i: i[0].start):
            day = days.setdefault(local.date(), {})
            rows = day.setdefault((slot.specialist_id, slot.branch_id), [])
            rows.append(self._offer(slot, reasons, local))
        specialists = self.env["clinic.specialist"]
        branches = self.env["clinic.branch"]
        result = []
        for date in sorted(days):
            rows = []
            for (specialist_id, branch_id), windows in days[date].items():
                specialist = specialists.browse(specialist_id)
                rows.append(
                    {
                        "specialist": specialist.name,
                        "specialties": ", ".join(
                            specialist.specialty_ids.mapped("name")
                        ),
                        "branch": branches.browse(branch_id).name,
                        "windows": windows,
                    }
                )
            rows.sort(key=lambda row: row["windows"][0]["start"])
            result.append({"day": self._day_words(date), "rows": rows})
        return result

    def _best_offers(self, ranked):
        specialists = self.env["clinic.specialist"]
        best = []
        for slot, _score, reasons, local in sorted(ranked, key=lambda i: -i[1]):
            offer = self._offer(slot, reasons, local)
            offer["words"] = (
                f"{self._day_words(local.date(), short=True)} {offer['time']}, "
                f"{specialists.browse(slot.specialist_id).name}"
            )
            best.append(offer)
            if len(best) == BEST_OFFERS:
                break
        return best

    def _offer(self, slot, reasons, local):
        visits = self.env["clinic.appointment"]
        start = from_minutes(slot.start)
        return {
            "key": f"{slot.specialist_id}|{slot.room_id or 0}|{start}",
            "start": str(start),
            "time": f"{local:%H:%M}",
            "reasons": ", ".join(visits._slot_reason_label(code) for code in reasons),
            "gap": "leaves_gap" in reasons,
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
        try:
            specialist_id, room_id, start = (self.chosen or "").split("|")
            return (
                self.env["clinic.specialist"].browse(int(specialist_id)),
                self.env["clinic.room"].browse(int(room_id) or ()),
                fields.Datetime.to_datetime(start),
            )
        except ValueError:
            raise UserError(self.env._("Choose a free time first.")) from None

    @api.depends("chosen")
    @api.depends_context("lang")
    def _compute_chosen_words(self):
        for wizard in self:
            wizard.chosen_words = False
            if wizard.chosen:
                specialist, room, start = wizard._parse_chosen()
                branch = room.branch_id or specialist.branch_ids[:1]
                words = (
                    branch._format_local(start),
                    specialist.name,
                    branch.name,
                    room.name,
                )
                wizard.chosen_words = ", ".join(word for word in words if word)

    @api.onchange("service_id", "specialist_id", "branch_id", "date_from")
    def _onchange_search(self):
        self.chosen = False
