from datetime import datetime, timedelta

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.http import request

from ..tools.chart import Reading, draw
from ..tools.measures import KINDS, read_values
from .health_pages import READINGS_SHOWN, ClinicHealthPages

ROWS_SHOWN = 30


class ClinicMeasurements(ClinicHealthPages, http.Controller):
    """What patients measure at home, beside what the clinic measured."""

    @http.route(
        '/my/clinic/measurements/<any("pressure","pulse","glucose","weight",'
        '"temperature"):kind>',
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_measurements(self, kind, **_params):
        return self._measurements_page(kind, {}, {})

    def _measurements_page(self, kind, values, errors, notices=()):
        record, records = self._chosen_record_sudo()
        codes = [value.code for value in KINDS[kind]]
        lines = self._observations_sudo(record, codes, READINGS_SHOWN * len(codes))
        labels = request.env["clinic.observation"]._patient_labels()
        branch = self._home_branch()
        now = self._local(self._now())
        return self._health_page(
            "clinic_portal.my_measurements",
            {
                "page_title": self._kind_labels()[kind],
                "back_url": "/my/clinic/health",
                "back_label": request.env._("My health"),
                "kind": kind,
                "has_record": bool(record),
                "inputs": [
                    {
                        "code": value.code,
                        "label": labels[value.code],
                        "unit": self._unit_name(value.unit),
                        "decimal": bool(value.digits),
                    }
                    for value in KINDS[kind]
                ],
                "values": {"moment": now.strftime("%Y-%m-%dT%H:%M"), **values},
                "zone": branch and self._zone(branch, self._now()),
                "latest_moment": now.strftime("%Y-%m-%dT%H:%M"),
                "errors": errors,
                "notices": list(notices),
                "chart": self._chart(lines, codes),
                "series_labels": [labels[code] for code in codes],
                "rows": self._reading_rows(lines, codes),
            },
            record,
            records,
        )

    def _unit_name(self, code):
        unit = request.env["clinic.unit"].sudo().search([("code", "=", code)], limit=1)
        return unit.name or ""

    def _chart(self, lines, codes):
        chart = draw(
            [
                [
                    Reading(
                        self._local(
                            line.effective, line.encounter_id.branch_id
                        ).replace(tzinfo=None),
                        line.value_number,
                        line.source == "patient",
                    )
                    for line in lines
                    if line.code == code
                ]
                for code in codes
            ]
        )
        if chart:
            for day in chart["days"]:
                day["label"] = day["moment"].strftime("%d.%m.%Y")
            for line in chart["lines"]:
                line["label"] = self._comma(line["label"])
        return chart

    def _reading_rows(self, lines, codes):
        """Return the table of the readings: what belongs together in one row."""
        env = request.env
        together = {}
        for line in lines:
            key = (line.effective, line.source, line.encounter_id.id)
            together.setdefault(key, {})[line.code] = line
        rows = []
        for (_effective, source, _visit), found in together.items():
            present = [found[code] for code in codes if code in found]
            own = source == "patient"
            rows.append(
                {
                    "when": self._measured_at(present[0]),
                    "value": self._value_words(present),
                    "own": own,
                    "who": env._("by myself") if own else env._("at the clinic"),
                    "id": present[0].id if own else None,
                }
            )
        return rows[:ROWS_SHOWN]

    @http.route(
        '/my/clinic/measurements/<any("pressure","pulse","glucose","weight",'
        '"temperature"):kind>',
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_measurement_post(self, kind, moment=None, **post):
        env = request.env
        record, _records = self._chosen_record_sudo()
        if not record:
            return request.redirect("/my/clinic/health")
        numbers, wrong = read_values(kind, post)
        words = {
            "missing": env._("Please enter the value."),
            "unreadable": env._("This is not a number."),
            "unlikely": env._("This value cannot be true. Please check it."),
            "swapped": env._("The lower pressure is below the upper one."),
        }
        errors = {code: words[problem] for code, problem in wrong.items()}
        when = self._read_moment(moment)
        if not when:
            errors["moment"] = env._("When was it measured? Not in the future.")
        typed = {**post, "moment": moment}
        if errors:
            return self._measurements_page(kind, typed, errors)
        try:
            with env.cr.savepoint():
                # sudo: a patient adds to the own record what he measured, only this way
                env["clinic.observation"].sudo()._add_by_patient(record, numbers, when)
        except (UserError, ValidationError) as error:
            return self._measurements_page(
                kind, typed, {}, [["warning", error.args[0]]]
            )
        self._notify("success", env._("Written down. Your specialist sees it, too."))
        return request.redirect(f"/my/clinic/measurements/{kind}")

    def _read_moment(self, text):
        """Return the moment typed by the clock of the cabinet as naive UTC, or None."""
        branch = self._home_branch()
        try:
            wall = datetime.strptime((text or "").strip()[:16], "%Y-%m-%dT%H:%M")
            moment = branch._to_utc(wall) if branch else wall
        except (ValueError, OverflowError):
            return None
        now = self._now()
        if moment > now + timedelta(minutes=5) or moment < now - timedelta(days=3660):
            return None
        return min(moment, now)

    @http.route(
        "/my/clinic/measurement/<int:observation_id>/remove",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_measurement_remove(self, observation_id, **_post):
        """Withdraw a value written down by mistake; it stays in the record."""
        line_sudo = (
            request.env["clinic.observation"]
            .sudo()
            .search(
                Domain("id", "=", observation_id)
                & Domain("record_id", "in", self._my_records_sudo().ids)
                & Domain("source", "=", "patient"),
                limit=1,
            )
        )
        if not line_sudo:
            raise request.not_found()
        line_sudo._withdraw_by_patient()
        kind = next(
            kind
            for kind, values in KINDS.items()
            if line_sudo.code in [value.code for value in values]
        )
        self._notify("success", request.env._("Removed."))
        return request.redirect(f"/my/clinic/measurements/{kind}")
