"""What a doctor types into the search of ICD-10, taken apart.

The search must forgive five habits: words of the name in any order, in any case of
their declension ("острого бронхита"), a code without its dot, a code typed without
switching the keyboard to Latin letters ("ш10" and "І10" for "I10", "А09" with a
Cyrillic letter for "A09"), and the abbreviations every doctor uses.

No database here: text in, words out.
"""

import re
from dataclasses import dataclass

CODE_RE = re.compile(r"^[A-Z]\d{1,2}(?:\.?\d{0,2})?$")

# Cyrillic letters that look like the Latin letter of a code
LOOKALIKES = str.maketrans("АВСЕНІКМОРТХУЅЈ", "ABCEHIKMOPTXYSJ")
# the Latin letter on the same key of the Russian keyboard
SAME_KEY = str.maketrans(
    "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ",
    "QWERTYUIOPASDFGHJKLZXCVBNM",
)

# endings of nouns and adjectives, the longest first
ENDINGS = (
    *("иями", "ыми", "ими", "ого", "его", "ому", "ему", "ами", "ями", "иях", "иям"),
    *("ой", "ей", "ый", "ий", "ая", "яя", "ое", "ее", "ые", "ие", "ую", "юю", "ом"),
    *("ем", "ым", "им", "ых", "их", "ах", "ях", "ам", "ям", "ов", "ев", "ию", "ия"),
    *("ии", "а", "я", "о", "е", "ы", "и", "у", "ю", "ь", "й"),
)
# shorter than that, a word without its ending would fit half of the classifier
SHORTEST_STEM = 4
# shorter than that, the index of the search is of no help: it keeps three letters each
INDEXED = 3

# abbreviations and everyday names that the official ones do not have
ABBREVIATIONS = {
    "орви": ("J06",),
    "орз": ("J06",),
    "хобл": ("J44",),
    "гэрб": ("K21",),
    "ибс": ("I20", "I21", "I22", "I23", "I24", "I25"),
    "онмк": ("I60", "I61", "I63", "I64"),
    "тиа": ("G45",),
    "аг": ("I10", "I11", "I12", "I13", "I15"),
    "гб": ("I10", "I11", "I12", "I13"),
    "сд": ("E10", "E11", "E12", "E13", "E14"),
    "мкб": ("N20",),
    "дгпж": ("N40",),
    "жкб": ("K80",),
    "жда": ("D50",),
    "тэла": ("I26",),
    "фп": ("I48",),
    "хсн": ("I50",),
    "хбп": ("N18",),
    "гипертония": ("I10", "I11", "I12", "I13", "I15"),
    "простуда": ("J00", "J06"),
}


@dataclass(frozen=True)
class Term:
    """One word of the query: it fits when the text has it or a code starts with it."""

    text: str
    codes: tuple[str, ...] = ()

    @property
    def stem(self):
        """Return the word without its ending, as it is looked for."""
        return stem(self.text)

    @property
    def is_short(self):
        """Return whether it fits so much that nobody would rank it."""
        return len(self.text) < INDEXED


def fold(text):
    """Return the text as it is compared: lower case, "ё" as "е", single spaces."""
    return " ".join(text.lower().replace("ё", "е").split())


def parse(query):
    """Return the terms of a query; all of them must fit, in any order."""
    return tuple(
        Term(text=word, codes=_codes(word))
        for word in fold(query).replace(",", " ").split()
    )


def stem(word):
    """Return a Russian word without its ending; other words as they are."""
    if not word.isalpha() or word.isascii():
        return word
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def _codes(word):
    """Return the codes a word may stand for, the most literal spelling first."""
    if word in ABBREVIATIONS:
        return ABBREVIATIONS[word]
    upper = word.upper()
    if len(upper) < 2:
        return ()
    first, rest = upper[0], upper[1:]
    spellings = (first, first.translate(LOOKALIKES), first.translate(SAME_KEY))
    codes = dict.fromkeys(
        _with_dot(letter + rest) for letter in spellings if CODE_RE.match(letter + rest)
    )
    return tuple(codes)


def _with_dot(code):
    """Return the code spelled as in the classifier: "J069" → "J06.9"."""
    bare = code.replace(".", "")
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 or code.endswith(".") else bare
