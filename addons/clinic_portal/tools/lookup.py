"""Finding people and services by what a visitor types; addresses people can read."""

from collections.abc import Iterable

SHORTEST_STEM = 4
# Endings of Russian and English words are not longer than this.
ENDING = 2
LONGEST_SLUG = 60

MORNING_UNTIL, EVENING_FROM = 12, 17
DAY_PARTS = ("morning", "day", "evening")

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        (
            "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya"
        ).split(" "),
        strict=True,
    )
)


def words(text: str | None) -> list[str]:
    """The words of a text in small letters; ё and е are one letter to people."""
    plain = (text or "").lower().replace("ё", "е")
    spaced = "".join(char if char.isalnum() else " " for char in plain)
    return spaced.split()


def _stem(word: str) -> str:
    return word[: max(SHORTEST_STEM, len(word) - ENDING)]


def found(query: str | None, texts: Iterable[str | None]) -> bool:
    """Whether each word of the query begins some word of the texts.

    >>> found("кардиолога", ["Кардиолог", "Соколова Елена"])
    True
    >>> found("кардиолог Иванов", ["Кардиолог", "Соколова Елена"])
    False
    """
    known = {word for text in texts for word in words(text)}
    return all(
        any(word.startswith(_stem(asked)) for word in known) for asked in words(query)
    )


def day_part(hour: int) -> str:
    """The part of the day an hour belongs to, one of :data:`DAY_PARTS`."""
    if hour < MORNING_UNTIL:
        return "morning"
    return "day" if hour < EVENING_FROM else "evening"


def slug(name: str | None, number: int) -> str:
    """The end of an address: the name in Latin letters and the id.

    >>> slug("Соколова Елена", 7)
    'sokolova-elena-7'
    """
    latin = "".join(_LATIN.get(char, char) for char in (name or "").lower())
    parts = "".join(
        char if char.isascii() and char.isalnum() else " " for char in latin
    ).split()
    text = "-".join(parts)[:LONGEST_SLUG].strip("-")
    return f"{text}-{number}" if text else str(number)


def slug_id(text: str | None) -> int | None:
    """The id at the end of an address made by :func:`slug`, or None."""
    number = (text or "").rpartition("-")[2]
    if not (number.isascii() and number.isdecimal()):
        return None
    return int(number) if 0 < int(number) < 2**31 else None
