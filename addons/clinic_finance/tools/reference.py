"""Which invoice a payer's free text means, though it does not spell its name.

The invoice is called "СЧ/2026/00136". People write "сч 2026/00136", "по счету № 136 от
12.11", "счёт 136-26". What they write says a number, and sometimes a year or a day; a
document :meth:`fits <Reference.fits>` if nothing they say contradicts it. Whether only
one fits is for the caller to see.
"""

import re
from dataclasses import dataclass
from datetime import date

# Numbers of accounts, phones and requisites are longer.
MAX_DIGITS = 7
MONTHS = "янв фев мар апр ма июн июл авг сен окт ноя дек".split()

# "Account" is the same word in Russian: "лицевой счёт 123" is no invoice.
_OTHER = r"(?:лиц|личн|расч|кор|банк|текущ|л|р|к)[а-я]*[./\s]*"
_MARK = re.compile(
    rf"(?<!\w)(?P<other>{_OTHER})?"
    r"(?:счет(?:у|а|ом|е|ам|ами|ов)?|сч|invoice|inv)(?![^\W\d_])"
    r"[\s.:/-]*(?:на\s+оплату)?\s*(?:№+|#|номер|nr|no|n)?[\s.:]*"
)
_NUMBER = re.compile(r"\d+(?:[/-]\d+){0,2}(?![\w/-])(?![.,]\d)")
# Without the word: only what looks copied, for contracts have years and numbers, too.
_BARE = re.compile(r"(?<![\w.,/-])20\d\d/0\d{3,}(?![\w/-])(?![.,]\d)")
_AND = re.compile(r"\s*(?:,|;|и)\s*(?:№|#)?\s*(?=\d)")
_DAY = re.compile(
    r"\s*(?:г\.?)?\s*от\s*(?P<day>\d{1,2})"
    r"(?:[./-](?P<month>\d{1,2})|\s+(?P<word>[а-я]{3,}))"
    r"(?:[./-]?\s*(?P<year>20\d\d|\d\d(?!\d)))?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A document as a payer names it; what was not said is None."""

    serial: int
    year: int | None = None
    day: tuple[int, int] | None = None

    def fits(self, serial: int, issued: date | None) -> bool:
        """Tell whether a document with this number and day may be meant."""
        if serial != self.serial:
            return False
        if issued is None:
            return self.is_bare
        return self.year in (None, issued.year) and self.day in (
            None,
            (issued.day, issued.month),
        )

    @property
    def is_bare(self) -> bool:
        """Nothing but a number, which each year has again."""
        return self.year is None and self.day is None


def find_references(text: str) -> list[Reference]:
    """Return the documents that ``text`` names by number, in order, each once.

    >>> find_references("Оплата по счету № 136 от 12.11 за приём")
    [Reference(serial=136, year=None, day=(12, 11))]
    >>> find_references("сч 2026/00136")
    [Reference(serial=136, year=2026, day=None)]
    >>> find_references("лицевой счёт 136, тел. 8-999-123")
    []
    """
    text = text.casefold().replace("ё", "е")
    found = [ref for mark in _MARK.finditer(text) for ref in _after(mark, text)]
    if not found:
        bare = map(re.Match.group, _BARE.finditer(text))
        found = [ref for number in bare if (ref := _parse(number))]
    return list(dict.fromkeys(found))


def _after(mark: re.Match, text: str) -> list[Reference]:
    """Return the numbers after the word for an invoice: one, or a list of them."""
    if mark["other"]:
        return []
    found, position = [], mark.end()
    while number := _NUMBER.match(text, position):
        position = number.end()
        if reference := _parse(number.group()):
            if day := _DAY.match(text, position):
                position = day.end()
                reference = _dated(reference, day)
            found.append(reference)
        further = _AND.match(text, position)
        if not further:
            break
        position = further.end()
    return found


def _parse(number: str) -> Reference | None:
    parts = re.split("[/-]", number)
    if max(map(len, parts)) > MAX_DIGITS:
        return None
    year = None
    if len(parts) > 1:
        if len(parts[0]) == 4 and parts[0].startswith("20"):
            # The year, perhaps its month, the number.
            year, parts = int(parts[0]), parts[-1:]
        elif len(parts) == 2 and re.fullmatch(r"(20)?\d\d", parts[1]):
            year, parts = 2000 + int(parts[1][-2:]), parts[:1]
        else:
            return None
    serial = int(parts[0])
    return Reference(serial, year) if serial else None


def _dated(reference: Reference, day: re.Match) -> Reference:
    month = int(day["month"] or 0)
    if day["word"]:
        month = next(
            (
                number
                for number, stem in enumerate(MONTHS, 1)
                if day["word"].startswith(stem)
            ),
            0,
        )
    if not 1 <= month <= 12 or not 1 <= int(day["day"]) <= 31:
        return reference
    year = 2000 + int(day["year"][-2:]) if day["year"] else reference.year
    return Reference(reference.serial, year, (int(day["day"]), month))
