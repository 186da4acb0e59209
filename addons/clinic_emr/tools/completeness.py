"""Is the record of a visit complete and correct? Checks by rule, none by taste.

Each check that applies to the visit counts once; the verdict names those that failed.

No database here: plain facts in, codes out.
"""

from dataclasses import dataclass, field

# a visit should be written down by the end of the next day
LATE_HOURS = 36
# chapters that say how or why, never what the patient is ill with
EXTERNAL_CAUSES = "VWXY"
# illnesses and conditions of one sex
FEMALE = (("C51", "C58"), ("D25", "D28"), ("N70", "N98"), ("O00", "O99"))
FEMALE += (("Z32", "Z36"), ("Z39", "Z39"))
MALE = (("C60", "C63"), ("D29", "D29"), ("N40", "N51"))


@dataclass(frozen=True)
class Diagnosis:
    code: str
    is_main: bool = True
    is_final: bool = True
    is_closed: bool = False
    is_leaf: bool = True
    is_asterisk: bool = False


@dataclass(frozen=True)
class Item:
    """A required item of a standard."""

    id: int
    is_missing: bool


@dataclass(frozen=True)
class Visit:
    sections: dict
    recommendations: bool
    hours: float = 0
    gender: str = ""
    diagnoses: tuple = ()
    items: tuple = ()


@dataclass(frozen=True)
class Verdict:
    """``remarks`` are pairs of a code and the id of the standard's item, or None."""

    remarks: tuple = ()
    checks: int = 0
    percent: float = field(default=100.0)


def judge(visit):
    """Return the verdict on a visit."""
    checks = [(f"no_{name}", written) for name, written in visit.sections.items()]
    checks += [
        ("no_recommendations", visit.recommendations),
        ("late", visit.hours <= LATE_HOURS),
        ("no_main_diagnosis", any(one.is_main for one in visit.diagnoses)),
    ]
    if visit.diagnoses:
        checks += [
            ("wrong_main", all(map(_may_be_main, visit.diagnoses))),
            ("not_detailed", all(one.is_leaf for one in visit.diagnoses)),
            ("closed_code", not any(one.is_closed for one in visit.diagnoses)),
            ("wrong_sex", all(_fits(one, visit.gender) for one in visit.diagnoses)),
        ]
    found = [(code, None) for code, passed in checks if not passed]
    found += [("standard", item.id) for item in visit.items if item.is_missing]
    total = len(checks) + len(visit.items)
    return Verdict(tuple(found), total, round(100 * (total - len(found)) / total, 1))


def _may_be_main(diagnosis):
    return not diagnosis.is_main or not (
        diagnosis.is_asterisk or diagnosis.code[:1] in EXTERNAL_CAUSES
    )


def _fits(diagnosis, gender):
    foreign = {"male": FEMALE, "female": MALE}.get(gender, ())
    return not any(first <= diagnosis.code[:3] <= last for first, last in foreign)
