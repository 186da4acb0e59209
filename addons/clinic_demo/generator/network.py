import base64
from datetime import timedelta

from odoo.fields import Command

from ..tools import avatar, catalog, roster

WEEKS_BACK = 4


class Network:
    """Branches, rooms, specialties, services, specialists and their working time."""

    def __init__(self, env, now):
        self.env = env
        self.today = now.date()
        self.plan = catalog.specialists()
        self.branches = {}
        self.rooms = {}
        self.specialties = {}
        self.services = {}
        self.specialists = {}

    def make(self):
        self._make_branches()
        self._make_specialties()
        self._make_problems()
        self._make_services()
        self._make_specialists()
        self._make_absences()
        self._make_shifts()
        return self

    def _make_branches(self):
        branches = self.env["clinic.branch"].create(
            [
                {
                    "name": branch.name,
                    "code": branch.key[:3].upper(),
                    "city": branch.city,
                    "street": branch.street,
                    "phone": branch.phone,
                    "email": branch.email,
                    "tz": branch.tz,
                    "sequence": number,
                }
                for number, branch in enumerate(catalog.BRANCHES, 1)
            ]
        )
        self.branches = _by_key(catalog.BRANCHES, branches)
        places = [
            (branch.key, room) for branch in catalog.BRANCHES for room in branch.rooms
        ]
        rooms = self.env["clinic.room"].create(
            [
                {"name": f"Кабинет {room}", "branch_id": self.branches[branch].id}
                for branch, room in places
            ]
        )
        self.rooms = dict(zip(places, rooms, strict=True))

    def _make_specialties(self):
        """Take over what there is, by code or by name; make what is lacking."""
        Specialty = self.env["clinic.specialty"]
        for number, (code, names) in enumerate(catalog.SPECIALTIES.items(), 1):
            found = Specialty.search(
                ["|", ("code", "=", code), ("name", "in", names)], limit=1
            )
            self.specialties[code] = found or self._translated(
                Specialty, [{"code": code, "sequence": number}], [names]
            )
            self.specialties[code].code = code

    def _make_problems(self):
        Problem = self.env["clinic.problem"]
        for number, problem in enumerate(catalog.problems(), 1):
            names = (problem.name, problem.name_en)
            record = Problem.search([("name", "in", names)], limit=1)
            record = record or self._translated(
                Problem, [{"sequence": number}], [names]
            )
            record.specialty_ids |= self._specialties(problem.specialties)

    def _make_services(self):
        plan = catalog.services()
        templates = self._translated(
            self.env["product.template"],
            [
                {
                    "is_clinic_service": True,
                    "duration": service.minutes,
                    "list_price": service.price,
                    "prepayment": "full" if service.prepaid else "none",
                    "is_first_visit": service.kind == catalog.FIRST,
                    "specialty_ids": [
                        Command.set(self._specialties(service.specialties).ids)
                    ],
                }
                for service in plan
            ],
            [(service.name, service.name_en) for service in plan],
        )
        self.services = {
            service.key: template.product_variant_id
            for service, template in zip(plan, templates, strict=True)
        }

    def _make_specialists(self):
        employees = self.env["hr.employee"].create(
            [
                {
                    "name": one.name,
                    "job_title": one.job,
                    "tz": self.branches[one.weeks[0].branch].tz,
                    "work_email": f"{one.key}@istok.example.com",
                }
                for one in self.plan
            ]
        )
        records = self.env["clinic.specialist"].create(
            [
                {
                    "employee_id": employee.id,
                    "specialty_ids": [
                        Command.set(self._specialties(one.specialties).ids)
                    ],
                    "branch_ids": [
                        Command.set(
                            [self.branches[key].id for key in self._branch_keys(one)]
                        )
                    ],
                    "age_min": one.age_min,
                    "age_max": one.age_max,
                    "patient_gender": one.patient_gender,
                    "experience_since": one.since,
                    "about": f"<p>{one.about}</p>",
                    "image_1920": self._portrait(one),
                    "sequence": number,
                }
                for number, (one, employee) in enumerate(
                    zip(self.plan, employees, strict=True), 1
                )
            ]
        )
        self.specialists = _by_key(self.plan, records)
        # HTML is translated by its terms: the source first, then what it is in Russian.
        russian = "ru_RU" in dict(self.env["res.lang"].get_installed())
        for one in self.plan:
            specialist = self.specialists[one.key]
            specialist.with_context(lang="en_US").about = f"<p>{one.about_en}</p>"
            if russian:
                specialist.update_field_translations(
                    "about", {"ru_RU": {one.about_en: one.about}}, source_lang="en_US"
                )
            if spoken := catalog.LANGUAGES.get(one.key):
                specialist.with_context(lang="en_US").languages = spoken[0]
                if russian:
                    specialist.with_context(lang="ru_RU").languages = spoken[1]

    def _make_absences(self):
        vacation = self.env["hr.leave.type"].create(
            {
                "name": "Ежегодный отпуск",
                "requires_allocation": False,
                "leave_validation_type": "hr",
            }
        )
        kinds = {
            "vacation": vacation,
            "sick": self.env.ref("hr_holidays.leave_type_sick_time_off"),
        }
        leaves = self.env["hr.leave"].create(
            [
                {
                    "employee_id": self.specialists[absence.specialist].employee_id.id,
                    "holiday_status_id": kinds[absence.kind].id,
                    "request_date_from": absence.first,
                    "request_date_to": absence.last,
                }
                for absence in roster.absences(self.today)
            ]
        )
        leaves.action_approve()

    def _make_shifts(self):
        weekly = [
            self._template_vals(one.key, week, weekday, hours)
            for one in self.plan
            for week in one.weeks
            for weekday in week.weekdays
            for hours in week.hours
        ]
        single = [
            {
                **self._template_vals(
                    duty.specialist, duty.week, duty.day.weekday(), hours
                ),
                "date_from": duty.day,
                "date_to": duty.day,
                "parity": "all",
            }
            for duty in roster.duties(self.plan, self.today)
            for hours in duty.week.hours
        ]
        Template = self.env["clinic.shift.template"]
        templates = Template.create(weekly + single)
        templates._generate(
            self.today - timedelta(weeks=WEEKS_BACK),
            self.today + timedelta(weeks=Template._horizon_weeks()),
        )

    def _template_vals(self, specialist, week, weekday, hours):
        return {
            "specialist_id": self.specialists[specialist].id,
            "branch_id": self.branches[week.branch].id,
            "room_id": self.rooms[week.branch, week.room].id,
            "weekday": str(weekday),
            "hour_from": hours[0],
            "hour_to": hours[1],
            "parity": week.parity,
        }

    def _translated(self, model, vals_list, names):
        """Create records that have both names, given as (Russian, English)."""
        records = model.with_context(lang="en_US").create(
            [
                {**vals, "name": english}
                for vals, (_russian, english) in zip(vals_list, names, strict=True)
            ]
        )
        records = records.with_env(self.env)
        for record, (russian, _english) in zip(records, names, strict=True):
            record.name = russian
        return records

    def _specialties(self, codes):
        return self.env["clinic.specialty"].concat(
            *(self.specialties[code] for code in codes)
        )

    @staticmethod
    def _branch_keys(one):
        return dict.fromkeys(week.branch for week in one.weeks)

    @staticmethod
    def _portrait(one):
        grey = one.since < 1999
        return base64.b64encode(avatar.portrait(one.key, one.gender, grey))


def _by_key(plan, records):
    return {one.key: record for one, record in zip(plan, records, strict=True)}
