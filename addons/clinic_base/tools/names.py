"""Personal names compared without case, order of words and ё."""

import re

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, folded so that spellings compare equal."""
    return frozenset(_WORD.findall((name or "").casefold().replace("ё", "е")))


def name_key(name: str) -> str:
    """Return one string that is equal for the same name in another order."""
    return " ".join(sorted(name_words(name)))


def may_be_same_person(name: str, other: str) -> bool:
    """Tell whether one name is the other with words left out."""
    words, others = name_words(name), name_words(other)
    return not words or not others or words <= others or others <= words
