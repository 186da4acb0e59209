"""What speaks against a medicine: allergies, and the same substance given already.

Allergies are words that people write, so they are compared by the beginnings of words
("пенициллин" and "пенициллины" are the same, "цефазолин" and "цефтриаксон" are not).
A false alarm costs a click, a missed one may cost a life: when in doubt, warn.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SHORTEST_WORD = 4
SHORTEST_STEM = 5
SAME_SHARE = 0.75


@dataclass(frozen=True)
class Substance:
    """A substance with its groups, the nearest first; each a tuple of its names."""

    id: int
    names: tuple[str, ...]
    groups: tuple["Substance", ...] = field(default=())


@dataclass(frozen=True)
class Conflict:
    """``kind``: ``allergy`` (``words``: what is on record), ``same`` or ``group``."""

    kind: str
    substance_id: int
    words: str = ""
    other_id: int = 0


def words_of(text: str) -> list[str]:
    """Return the words of a text that can name a substance."""
    plain = (text or "").lower().replace("ё", "е")
    return [w for w in re.findall(r"[^\W\d_]+", plain) if len(w) >= SHORTEST_WORD]


def same_word(one: str, other: str) -> bool:
    """Tell whether two words differ in their endings only."""
    if one == other:
        return True
    common = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        common += 1
    shorter = min(len(one), len(other))
    if shorter < SHORTEST_STEM:
        return common == shorter and abs(len(one) - len(other)) <= 2
    return common >= max(SHORTEST_STEM, SAME_SHARE * shorter)


def named_in(names: Iterable[str], text: str) -> bool:
    """Tell whether one of the names stands in the text, all words of it."""
    there = words_of(text)
    for name in names:
        wanted = words_of(name)
        if wanted and all(any(same_word(w, t) for t in there) for w in wanted):
            return True
    return False


def find_conflicts(
    substances: Iterable[Substance],
    allergies: Iterable[str],
    current: Iterable[Substance],
    brand: str = "",
) -> list[Conflict]:
    """Return what speaks against giving the substances, the gravest first.

    :param allergies: each as it was written down
    :param current: substances the patient takes by other prescriptions
    :param brand: the medicine's own name, which an allergy may be noted by
    """
    substances = list(substances)
    found = []
    for text in allergies:
        if brand and named_in([brand], text):
            found.append(Conflict("allergy", 0, text))
            continue
        for substance in substances:
            circle = (substance, *substance.groups)
            if any(named_in(one.names, text) for one in circle):
                found.append(Conflict("allergy", substance.id, text))
                break
    taken = {one.id: one for one in current}
    for substance in substances:
        if substance.id in taken:
            found.append(Conflict("same", substance.id, other_id=substance.id))
            continue
        mine = {group.id for group in substance.groups}
        for other in taken.values():
            if mine & {group.id for group in other.groups}:
                found.append(Conflict("group", substance.id, other_id=other.id))
                break
    return found
