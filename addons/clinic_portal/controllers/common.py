"""What the clinic's controllers share: reading ids, money and times in words."""

import secrets
from urllib.parse import urlencode

from babel.dates import format_date, format_time, get_timezone_location

from odoo import fields
from odoo.http import request
from odoo.tools import babel_locale_parse, groupby
from odoo.tools.misc import formatLang, get_lang

from ..tools import forms, lookup

NOTICES_KEY = "clinic_portal_notices"
# the word of the address of the page about a record
ADDRESSES = {
    "clinic.specialist": "specialist",
    "product.product": "service",
    "clinic.problem": "problem",
    "clinic.branch": "branch",
}
PRIVATE_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class ClinicPages:
    """Helpers of the public and of the patient's pages.

    Public pages show only what is on a clinic's front door: services with prices,
    specialists, branches and free times. They are read with sudo in the ``_web_*``
    methods here and nowhere else.
    """

    # -- what the visitor refers to

    def _web_record(self, records, text):
        """Return the record among those offered that the text is the id of."""
        wanted = forms.read_id(text)
        return records.filtered(lambda record: record.id == wanted)

    def _web_services(self):
        return request.env["product.product"].sudo()._clinic_web_services()

    def _by_specialty(self, services):
        """Return the services under the name of their first specialty."""

        def specialty(service):
            first = service.specialty_ids[:1]
            return (first.sequence, first.name or request.env._("Other"))

        found = groupby(services.sorted(specialty), key=specialty)
        return [(name, group) for (_sequence, name), group in found]

    def _web_specialists(self, service):
        return service.sudo()._clinic_specialists().filtered("on_website")

    def _web_branches(self):
        return request.website._clinic_branches()

    def _web_offers(self, services, start, stop, branches=None, per_day=None):
        """Return readable free windows; ``services`` are by specialist."""
        branches = branches or self._web_branches()
        return (
            request.env["clinic.appointment"]
            .sudo()
            ._clinic_web_offers(services, start, stop, branches.ids, per_day=per_day)
        )

    # -- the window the visitor has chosen

    def _read_window(self, params):
        """Return what was chosen and None, or None and what is wrong with it."""
        env = request.env
        service = self._web_record(self._web_services(), params.get("service"))
        if not service:
            return None, env._("This service is not offered any more. Choose another.")
        specialist = self._web_record(
            self._web_specialists(service), params.get("specialist")
        )
        if not specialist:
            return None, env._(
                "This specialist does not do the chosen service. Choose another one."
            )
        branch = self._web_record(self._web_branches(), params.get("branch"))
        start = forms.read_start(params.get("start"))
        if not branch or not start:
            return None, env._("Please choose the time once more.")
        if start <= self._now():
            return None, env._("This time has already passed. Choose another one.")
        free = (
            env["clinic.appointment"]
            .sudo()
            ._clinic_web_is_free(service, specialist, branch, start)
        )
        if not free:
            return None, env._(
                "This time has just been taken. Here are the nearest free times."
            )
        return {
            "service": service,
            "specialist": specialist,
            "branch": branch,
            "start": start,
        }, None

    # -- who the visitor is

    def _signed_in(self):
        return not request.env.user._is_public()

    def _me_sudo(self):
        """Return the visitor's own partner."""
        return request.env.user.partner_id.sudo()

    def _family_sudo(self):
        """Return the visitor and those the visitor acts for."""
        return self._me_sudo()._clinic_family()

    def _record_family_sudo(self):
        """Return those of the family whose medical part the visitor may see."""
        return self._me_sudo()._clinic_record_family()

    # -- notices that survive a redirect

    def _notify(self, colour, sentence):
        notices = request.session.get(NOTICES_KEY) or []
        request.session[NOTICES_KEY] = [*notices, [colour, sentence]]

    def _take_notices(self):
        return request.session.pop(NOTICES_KEY, None) or []

    def _render(self, template, values, private=False):
        notices = [*self._take_notices(), *values.pop("notices", [])]
        response = request.render(
            template,
            {
                "notices": notices,
                "errors": {},
                "initials": self._initials,
                "age_words": self._age_words,
                "branch_label": self._branch_label,
                **values,
            },
        )
        if private:
            response.headers.update(PRIVATE_HEADERS)
        return response

    # -- words

    def _locale(self):
        return babel_locale_parse(get_lang(request.env).code)

    def _money(self, amount, currency=None):
        currency = currency or request.env.company.sudo().currency_id
        decimals = 0 if currency.is_zero(amount - round(amount)) else None
        if decimals is None:
            return currency.format(amount)
        number = formatLang(request.env, amount, digits=0)
        pair = (currency.symbol, number)
        return "\N{NO-BREAK SPACE}".join(
            pair if currency.position == "before" else reversed(pair)
        )

    def _minutes(self, minutes):
        return request.env._("%(minutes)s min", minutes=minutes)

    def _initials(self, name):
        return "".join(word[0] for word in (name or "").split()[:2]).upper()

    def _age_words(self, person):
        if not person.birthdate_date:
            return ""
        return request.env._(
            "born %(date)s",
            date=format_date(person.birthdate_date, "dd.MM.yyyy", self._locale()),
        )

    def _branch_label(self, branch):
        return ", ".join(filter(None, [branch.name, branch.city]))

    def _address(self, branch):
        return ", ".join(filter(None, [branch.city, branch.street]))

    def _zone(self, branch, moment):
        """Return whose wall time it is, so that nobody comes an hour off."""
        local = branch._localize(moment)
        hours, seconds = divmod(int(local.utcoffset().total_seconds()), 3600)
        offset = f"{hours:+d}" + (f":{seconds // 60:02d}" if seconds else "")
        return request.env._(
            "Local time: %(place)s, UTC%(offset)s",
            place=get_timezone_location(
                branch.tz, locale=self._locale(), return_city=True
            ),
            offset=offset,
        )

    def _day_title(self, day, inside=False):
        """Return the day in words; ``inside`` a sentence Russian has no capital."""
        russian = self._locale().language == "ru"
        pattern = "EEEE, d MMMM" if russian else "EEEE, MMMM d"
        title = format_date(day, pattern, self._locale())
        return title if inside else title[:1].upper() + title[1:]

    def _time(self, local):
        return format_time(local.time(), "HH:mm", locale=self._locale())

    def _when(self, branch, moment, inside=False):
        local = branch._localize(moment)
        return request.env._(
            "%(day)s, %(time)s",
            day=self._day_title(local.date(), inside),
            time=self._time(local),
        )

    def _short_day_and_time(self, local):
        pattern = "EEE d MMM" if self._locale().language == "ru" else "EEE MMM d"
        day = format_date(local.date(), pattern, self._locale()).strip(".")
        return request.env._("%(day)s, %(time)s", day=day, time=self._time(local))

    def _short_when(self, branch, moment):
        return self._short_day_and_time(branch._localize(moment))

    def _summary(self, service, specialist, branch, start, price, patient=None):
        """Return the values of ``clinic_portal.visit_summary``."""
        return {
            "when": self._when(branch, start),
            "zone": self._zone(branch, start),
            "service": service.name,
            "duration": self._minutes(service.duration),
            "specialist": specialist.name,
            "specialties": ", ".join(specialist.specialty_ids.mapped("name")),
            "branch": branch.name,
            "address": self._address(branch),
            "patient": patient.name if patient else "",
            "price": self._money(price),
        }

    # -- addresses

    def _page_path(self, record):
        """Return the address of the page about a record, in words people can read."""
        kind = ADDRESSES[record._name]
        return f"/clinic/{kind}/{lookup.slug(record.name, record.id)}"

    def _url(self, path, **params):
        given = {key: value for key, value in params.items() if value}
        return f"{path}?{urlencode(given)}" if given else path

    def _window_params(self, service, specialist, branch, start, screening=None):
        return {
            "service": service.id,
            "specialist": specialist.id,
            "branch": branch.id,
            "start": forms.write_start(start),
            "screening": screening,
        }

    def _allow(self, kind, who=None):
        """Tell whether this visitor (or ``who``) may try once more."""
        who = who or request.httprequest.remote_addr
        return request.env["clinic.portal.attempt"]._allow(kind, who)

    def _now(self):
        return fields.Datetime.now()

    def _about(self, specialist):
        """Return specialties and years of practice in one line."""
        parts = [", ".join(specialist.specialty_ids.mapped("name"))]
        if specialist.experience_years:
            parts.append(
                request.env._(
                    "practising since %(year)s", year=specialist.experience_since
                )
            )
        return " · ".join(filter(None, parts))

    def _screening_sudo(self, token):
        """Return the screening whoever has the token filled in, or none."""
        # Nobody but doctors may read screenings; the token is the visitor's own.
        screenings_sudo = request.env["clinic.screening"].sudo()
        if not isinstance(token, str) or len(token) < forms.TOKEN_LENGTH:
            return screenings_sudo
        return screenings_sudo.search([("token", "=", token)], limit=1)

    def _count_step(self, step, question_id=None):
        """Count how far this visitor came in the screening."""
        session = request.session.get("clinic_screening")
        if not session:
            session = request.session["clinic_screening"] = secrets.token_urlsafe(12)
        # sudo: visitors may count, not see
        request.env["clinic.screening.step"].sudo()._count(
            session, step, "web", question_id
        )

    def _window(self, window, specialist, branch, screening=None, dated=False):
        """Return what a button with a free time needs."""
        params = {
            "service": window.service_id,
            "specialist": specialist.id,
            "branch": branch.id,
            "start": forms.write_start(window.start),
            "screening": screening,
        }
        time = self._time(window.local)
        if dated:
            time = self._short_day_and_time(window.local)
        return {
            "time": time,
            "url": self._url("/clinic/book/confirm", **params),
            "label": request.env._(
                "%(when)s, %(specialist)s",
                when=self._when(branch, window.start),
                specialist=specialist.name,
            ),
        }
