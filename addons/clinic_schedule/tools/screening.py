"""Which specialists suit the answers of a screening, and why the others do not.

Administrative limits only (age, sex, problem categories, branches, what is taken at the
moment). It is no diagnosis and decides nothing medical.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

TREATS_PROBLEM = "treats_problem"
TREATS_ALL = "treats_all"
SPECIALTY_FITS = "specialty_fits"
EXPERIENCED = "experienced"
CHOSEN_BRANCH = "chosen_branch"
AGE_GROUP = "age_group"
SOON = "soon"
NO_WINDOW = "no_window"

PROBLEM = "problem_not_treated"
PAUSED = "problem_paused"
AGE_BELOW = "age_below"
AGE_ABOVE = "age_above"
GENDER = "gender"
NO_NEW_PATIENTS = "no_new_patients"
BRANCH = "other_branch"
SERVICE = "no_service"

EXPERIENCED_YEARS = 10


@dataclass(frozen=True)
class Candidate:
    specialist_id: int
    specialty_ids: frozenset[int] = frozenset()
    problem_ids: frozenset[int] = frozenset()
    paused_ids: frozenset[int] = frozenset()
    age_min: int = 0
    age_max: int = 0
    patient_gender: str = "any"
    accepts_new: bool = True
    branch_ids: frozenset[int] = frozenset()
    service_id: int | None = None
    years: int = 0


@dataclass(frozen=True)
class Answers:
    """``specialties`` names, for each problem, the specialties that deal with it."""

    problem_ids: frozenset[int] = frozenset()
    specialties: Mapping[int, frozenset[int]] = field(default_factory=dict)
    age: int | None = None
    gender: str | None = None
    branch_ids: frozenset[int] = frozenset()
    known_specialist_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """``score`` is None when the specialist is refused; the reasons say why."""

    specialist_id: int
    score: int | None
    reasons: tuple[str, ...]

    @property
    def matches(self) -> bool:
        return self.score is not None


def treated(candidate: Candidate, answers: Answers) -> frozenset[int]:
    """Return the asked problems the candidate deals with, paused ones included.

    A specialist without a list of his own takes what his specialties deal with.
    """
    if candidate.problem_ids:
        return answers.problem_ids & candidate.problem_ids
    return frozenset(
        problem
        for problem in answers.problem_ids
        if answers.specialties.get(problem, frozenset()) & candidate.specialty_ids
    )


def _refusals(candidate: Candidate, answers: Answers) -> list[str]:
    reasons = []
    if answers.problem_ids:
        found = treated(candidate, answers)
        if not found:
            reasons.append(PROBLEM)
        elif (
            not found - candidate.paused_ids
            and candidate.specialist_id not in answers.known_specialist_ids
        ):
            reasons.append(PAUSED)
    if answers.age is not None:
        if answers.age < candidate.age_min:
            reasons.append(AGE_BELOW)
        if candidate.age_max and answers.age > candidate.age_max:
            reasons.append(AGE_ABOVE)
    if candidate.patient_gender != "any" and answers.gender not in (
        None,
        candidate.patient_gender,
    ):
        reasons.append(GENDER)
    if (
        not candidate.accepts_new
        and candidate.specialist_id not in answers.known_specialist_ids
    ):
        reasons.append(NO_NEW_PATIENTS)
    if (
        answers.branch_ids
        and candidate.branch_ids
        and not answers.branch_ids & candidate.branch_ids
    ):
        reasons.append(BRANCH)
    if not candidate.service_id:
        reasons.append(SERVICE)
    return reasons


def match(candidate: Candidate, answers: Answers) -> Verdict:
    """Return the verdict on one specialist; all reasons of a refusal, not the first."""
    refusals = _refusals(candidate, answers)
    if refusals:
        return Verdict(candidate.specialist_id, None, tuple(refusals))
    score, reasons = 50, []
    if answers.problem_ids:
        found = treated(candidate, answers) - candidate.paused_ids
        score += 30 * len(found) // len(answers.problem_ids)
        if not candidate.problem_ids:
            reasons.append(SPECIALTY_FITS)
        else:
            score += 5
            whole = len(answers.problem_ids) > 1 and found == answers.problem_ids
            reasons.append(TREATS_ALL if whole else TREATS_PROBLEM)
    if answers.age is not None and (candidate.age_min or candidate.age_max):
        score += 5
        reasons.append(AGE_GROUP)
    if answers.branch_ids and candidate.branch_ids:
        reasons.append(CHOSEN_BRANCH)
    if candidate.years >= EXPERIENCED_YEARS:
        score += 3
        reasons.append(EXPERIENCED)
    return Verdict(candidate.specialist_id, score, tuple(reasons))
