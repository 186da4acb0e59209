import secrets
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..tools import screening, windows
from ..tools.ranking import has_dead_gap
from .clinic_screening_step import CHANNELS

MATCH_DAYS = 28
KEEP_DAYS = 30
SOON_DAYS = 3


class ClinicScreening(models.Model):
    """A finished screening.

    What a visitor answers tells of health: only those who treat may read it.
    """

    _name = "clinic.screening"
    _description = "Screening"
    _order = "create_date desc, id desc"
    _rec_name = "token"

    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_urlsafe(24),
    )
    answers = fields.Json(
        string="Answers Given", help="Ids of the answers given, by id of the question."
    )
    answer_ids = fields.Many2many(
        "clinic.screening.answer", "clinic_screening_given_rel", string="Answers"
    )
    questionnaire_id = fields.Many2one(
        "clinic.screening.questionnaire",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    problem_ids = fields.Many2many(
        "clinic.problem", "clinic_screening_problem_rel", string="Problems"
    )
    channel = fields.Selection(CHANNELS, required=True, default="web")
    birthdate = fields.Date()
    gender = fields.Selection(
        [("male", "Male"), ("female", "Female"), ("other", "Other")], string="Sex"
    )
    branch_ids = fields.Many2many(
        "clinic.branch", "clinic_screening_branch_rel", string="Branches"
    )
    partner_id = fields.Many2one("res.partner", index=True, ondelete="cascade")
    appointment_id = fields.Many2one(
        "clinic.appointment", index="btree_not_null", ondelete="set null"
    )
    is_red_flag = fields.Boolean(
        compute="_compute_is_red_flag", store=True, string="Red Flag"
    )

    _token_uniq = models.Constraint("UNIQUE(token)", "The token must be unique.")

    @api.depends("answer_ids.is_red_flag")
    def _compute_is_red_flag(self):
        for record in self:
            record.is_red_flag = any(record.answer_ids.mapped("is_red_flag"))

    @api.depends("create_date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # Neither the token, which opens the screening, nor anything answered.
        for record in self:
            record.display_name = self.env._("Screening %(id)s", id=record.id)

    @api.autovacuum
    def _gc_unused(self):
        """Forget screenings that led to no visit."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search(
            [("appointment_id", "=", False), ("create_date", "<", limit)]
        ).unlink()

    def _get_answers(self):
        """Return what :meth:`match_specialists` takes, of a stored screening."""
        self.ensure_one()
        return {
            "problem_ids": self.problem_ids.ids,
            "birthdate": fields.Date.to_string(self.birthdate) or None,
            "gender": self.gender or None,
            "branch_ids": self.branch_ids.ids or None,
            "patient_id": self.partner_id.id or None,
        }

    @api.model
    def _reason_label(self, code):
        """Return the words for a reason code of a match or a refusal."""
        return self.env["clinic.appointment"]._slot_reason_label(code)

    @api.model
    def _reason_words(self, codes, specialist=None, wanted=None):
        """Return the reasons for people; a pause with the day it ends."""
        words = []
        for code in codes:
            label = self._reason_label(code)
            if code == screening.PAUSED and specialist:
                pauses = specialist._pauses().filtered(
                    lambda pause: pause.problem_id.id in wanted.problem_ids
                )
                label = self.env._(
                    "%(reason)s, until %(date)s",
                    reason=label,
                    date=format_date(self.env, max(pauses.mapped("date_to"))),
                )
            words.append(label)
        return words

    # Matching ---------------------------------------------------------------

    @api.model
    def match_specialists(self, answers):
        """Return who suits the answers, best first, and why the others do not.

        :param answers: ``problem_ids, birthdate, gender, branch_ids?, service_id?``;
            ``patient_id?`` of a patient who is known already.
        :return: ``matches`` of ``specialist_id, score, reasons, next_slot`` (a slot as
            of ``find_slots`` or None; ``name``, and ``service_id`` to book) and
            ``refused`` of ``specialist_id, name, reasons``; ``words`` are the reasons
            for people.
        """
        Appointment = self.env["clinic.appointment"]
        Appointment._check_is_staff()
        wanted = self._parse_answers(answers)
        branch_ids = list(wanted.branch_ids) or None
        specialists = self.env["clinic.specialist"].search([])
        services = self._services_for(specialists, answers, wanted)
        verdicts = [
            screening.match(self._candidate(s, services.get(s)), wanted)
            for s in specialists
        ]
        suitable = {v.specialist_id for v in verdicts if v.matches}
        next_slots = self._next_slots(
            {s: services[s] for s in specialists if s.id in suitable},
            branch_ids,
            self.env["res.partner"].browse(answers.get("patient_id") or ()),
        )
        names = {s.id: s.name for s in specialists}
        service_ids = {s.id: service.id for s, service in services.items()}
        matches = []
        for verdict in verdicts:
            if not verdict.matches:
                continue
            slot = next_slots.get(verdict.specialist_id)
            bonus, reasons = self._window_bonus(slot)
            matches.append(
                {
                    "specialist_id": verdict.specialist_id,
                    "name": names[verdict.specialist_id],
                    "service_id": service_ids[verdict.specialist_id],
                    "score": verdict.score + bonus,
                    "reasons": [*verdict.reasons, *reasons],
                    "words": self._reason_words([*verdict.reasons, *reasons]),
                    "next_slot": slot and Appointment._slot_values(slot, 0, ()),
                }
            )
        matches.sort(
            key=lambda m: (
                -m["score"],
                m["next_slot"]["start"] if m["next_slot"] else "9",
                m["specialist_id"],
            )
        )
        return {
            "matches": matches,
            "refused": [
                {
                    "specialist_id": verdict.specialist_id,
                    "name": names[verdict.specialist_id],
                    "reasons": list(verdict.reasons),
                    "words": self._reason_words(
                        verdict.reasons,
                        specialists.browse(verdict.specialist_id),
                        wanted,
                    ),
                }
                for verdict in verdicts
                if not verdict.matches
            ],
        }

    @api.model
    def _parse_answers(self, answers):
        """Return checked :class:`~..tools.screening.Answers`."""
        problems = self.env["clinic.problem"].browse(answers.get("problem_ids") or ())
        problems = problems.exists()
        today = fields.Date.context_today(self)
        age = None
        if answers.get("birthdate"):
            try:
                birthdate = fields.Date.to_date(answers["birthdate"])
            except ValueError:
                birthdate = None
            if not birthdate or birthdate > today or birthdate.year < today.year - 130:
                raise ValidationError(
                    self.env._("Check the birth date: it must be a day in the past.")
                )
            age = relativedelta(today, birthdate).years
        known = self.env["clinic.specialist"]
        if answers.get("patient_id"):
            # sudo: only whether the patient is no new one to the specialist
            known = (
                self.env["clinic.appointment"]
                .sudo()
                .search(
                    [
                        ("patient_id", "=", answers["patient_id"]),
                        ("state", "=", "fulfilled"),
                    ]
                )
                .specialist_id
            )
        return screening.Answers(
            problem_ids=frozenset(problems.ids),
            specialties={p.id: frozenset(p.specialty_ids.ids) for p in problems},
            age=age,
            gender=answers.get("gender") or None,
            branch_ids=frozenset(answers.get("branch_ids") or ()),
            known_specialist_ids=frozenset(known.ids),
        )

    @api.model
    def _candidate(self, specialist, service):
        return screening.Candidate(
            specialist_id=specialist.id,
            specialty_ids=frozenset(specialist.specialty_ids.ids),
            problem_ids=frozenset(specialist.problem_ids.ids),
            paused_ids=frozenset(specialist._pauses().problem_id.ids),
            age_min=specialist.age_min,
            age_max=specialist.age_max,
            patient_gender=specialist.patient_gender,
            accepts_new=specialist.accepts_new_patients,
            branch_ids=frozenset(specialist.branch_ids.ids),
            service_id=service.id if service else None,
            years=specialist.experience_years,
        )

    @api.model
    def _services_for(self, specialists, answers, wanted):
        """Return the service to book, by specialist.

        The one asked for; otherwise a first visit, one meant for the problem before one
        for any, one of another specialty last, in the order of the catalogue.
        """
        Product = self.env["product.product"]
        if answers.get("service_id"):
            service = self.env["clinic.appointment"]._get_service(answers["service_id"])
            able = service._clinic_specialists()
            return {s: service for s in specialists if s in able}
        catalogue = Product.search(
            [("is_clinic_service", "=", True), ("is_first_visit", "=", True)]
        )
        able = catalogue._clinic_skill_pairs()
        result = {}
        suited = set().union(*wanted.specialties.values())

        def order(service):
            specialties = set(service.specialty_ids.ids)
            return (
                not wanted.problem_ids & set(service.problem_ids.ids),
                bool(suited and specialties) and not suited & specialties,
            )

        for specialist in specialists:
            fitting = [
                service
                for service in catalogue
                if (specialist.id, service.id) in able
                and (
                    not service.problem_ids
                    or not wanted.problem_ids
                    or wanted.problem_ids & set(service.problem_ids.ids)
                )
            ]
            fitting.sort(key=order)
            if fitting:
                result[specialist] = fitting[0]
        return result

    @api.model
    def _next_slots(self, services, branch_ids, patient=None):
        """Return the next window by specialist id, one without a dead gap if close.

        :param patient: who is known already: is not offered two places at one time.
        """
        now = fields.Datetime.now()
        found = {}
        # Only the edges of the windows: the first start of each is one of them.
        for slot in self.env["clinic.appointment"]._find_slots(
            services,
            now,
            now + timedelta(days=MATCH_DAYS),
            branch_ids=branch_ids,
            patient=patient or None,
            step=windows.DAY,
        ):
            best = found.get(slot.specialist_id)
            if (
                best is None
                or slot.start < best.start
                or (slot.window == best.window and has_dead_gap(best))
                and not has_dead_gap(slot)
            ):
                found[slot.specialist_id] = slot
        return found

    @api.model
    def _window_bonus(self, slot):
        """Return points and reasons for how soon the next window is."""
        if not slot:
            return -20, [screening.NO_WINDOW]
        now = windows.to_minutes(fields.Datetime.now())
        days = (slot.start - now) // windows.DAY
        if days < SOON_DAYS:
            return 10 - days, [screening.SOON]
        return max(7 - days // 3, 0), []
