"""Clinical texts: which case a patient comes with and what the record says."""

import json
from dataclasses import dataclass
from random import Random

from .agenda import Visit
from .catalog import CONTENT, PROCEDURE
from .people import Person


@dataclass(frozen=True)
class Case:
    specialty: str
    code: str
    complaint: str
    anamnesis: str
    examination: str
    recommendations: str
    followup: str
    extra: tuple[str, ...] = ()
    gender: str = "any"
    ages: tuple[int, int] = (0, 120)

    def suits(self, person: Person, age: int) -> bool:
        return (
            self.gender in ("any", person.gender)
            and self.ages[0] <= age <= self.ages[1]
        )


@dataclass(frozen=True)
class Note:
    """What the specialist writes down at one visit."""

    complaint: str
    anamnesis: str
    examination: str
    recommendations: str
    codes: tuple[str, ...]
    final: bool
    again: bool = False


def load() -> tuple[Case, ...]:
    rows = json.loads((CONTENT / "cases.json").read_text(encoding="utf-8"))
    return tuple(
        Case(
            **{
                **row,
                "extra": tuple(row.get("extra", ())),
                "ages": tuple(row.get("ages", (0, 120))),
            }
        )
        for row in rows
    )


class CaseBook:
    """Give a patient one case with each specialty and follow it from visit to visit."""

    def __init__(self, rng: Random, cases: tuple[Case, ...]):
        self.rng = rng
        self.cases = cases
        self._open: dict[tuple[str, str], Case] = {}

    def note(self, visit: Visit, person: Person, specialty: str) -> Note | None:
        key = (person.key, specialty)
        known = key in self._open
        if not known:
            age = person.age_on(visit.start.date())
            suiting = [
                case
                for case in self.cases
                if case.specialty == specialty and case.suits(person, age)
            ]
            if not suiting:
                return None
            self._open[key] = self.rng.choice(suiting)
        case = self._open[key]
        codes = (case.code, *case.extra)
        if visit.service.kind == PROCEDURE:
            return Note(
                complaint=case.followup if known else case.complaint,
                anamnesis=f"Обращение по поводу: {visit.service.name.lower()}.",
                examination=case.examination,
                recommendations="Процедура проведена, переносимость хорошая. "
                + case.recommendations,
                codes=codes,
                final=known,
                again=known,
            )
        if known or visit.repeat:
            return Note(
                complaint=case.followup,
                anamnesis="Повторный приём. Рекомендации выполняются, "
                "лекарства переносятся хорошо.",
                examination="Состояние удовлетворительное, динамика положительная. "
                "При осмотре без новых изменений.",
                recommendations="Продолжить начатое лечение. " + case.recommendations,
                codes=codes,
                final=True,
                again=True,
            )
        return Note(
            complaint=case.complaint,
            anamnesis=case.anamnesis,
            examination=case.examination,
            recommendations=case.recommendations,
            codes=codes,
            final=self.rng.random() < 0.5,
        )
