"""What a questionnaire asks next, and what its answers add up to.

Questions come in order; each may be limited to an age, a sex or to answers given
before. Whoever changes an earlier answer takes later ones back with it: :func:`asked`
is the one place that decides, for the screen and for the server. Nothing here is
medical: points only say which category of problems an answer speaks for.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """``needs``: ids of answers, one of which must have been given; none: always.

    ``age_max`` 0 means no limit; both ages are whole years and included.
    """

    question_id: int
    answer_ids: tuple[int, ...] = ()
    age_min: int = 0
    age_max: int = 0
    gender: str = "any"
    needs: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Person:
    """Whom it is about; what is not known limits nothing."""

    age: int | None = None
    gender: str | None = None


@dataclass(frozen=True)
class Result:
    """``points`` by problem; the problems that reached the threshold, best first."""

    points: Mapping[int, int] = field(default_factory=dict)
    problem_ids: tuple[int, ...] = ()


def suits(question: Question, person: Person) -> bool:
    """Tell whether a question is meant for the person at all."""
    if person.age is not None:
        if person.age < question.age_min:
            return False
        if question.age_max and person.age > question.age_max:
            return False
    return question.gender == "any" or person.gender in (None, question.gender)


def asked(
    questions: Sequence[Question], given: Iterable[int], person: Person
) -> tuple[list[int], frozenset[int]]:
    """Return the ids of the questions asked, in order, and the answers that count.

    An answer to a question that is not asked does not count, and so opens no other.
    """
    given = frozenset(given)
    shown: list[int] = []
    counted: set[int] = set()
    for question in questions:
        if not suits(question, person):
            continue
        if question.needs and not question.needs & counted:
            continue
        shown.append(question.question_id)
        counted |= given.intersection(question.answer_ids)
    return shown, frozenset(counted)


def score(
    weights: Iterable[tuple[int, int, int]],
    given: Iterable[int],
    threshold: int = 1,
    at_most: int = 0,
) -> Result:
    """Add up the points of the answers given.

    :param weights: ``(answer id, problem id, points)``; points may be negative.
    :param threshold: a problem counts from so many points on.
    :param at_most: no more problems than that, 0 for all; equals stay together.
    """
    given = frozenset(given)
    points: Counter[int] = Counter()
    for answer_id, problem_id, weight in weights:
        if answer_id in given:
            points[problem_id] += weight
    reached = sorted(
        (problem for problem, total in points.items() if total >= threshold),
        key=lambda problem: (-points[problem], problem),
    )
    if at_most and len(reached) > at_most:
        last = points[reached[at_most - 1]]
        reached = [problem for problem in reached if points[problem] >= last]
    return Result(dict(points), tuple(reached))
