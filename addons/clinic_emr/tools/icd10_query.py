"""What a doctor types into the search of ICD-10, taken apart.

The search must forgive three habits: words of the name in any order, a code without
its dot, and a code typed without switching the keyboard to Latin letters ("ш10" and
"І10" for "I10", "А09" with a Cyrillic letter for "A09").

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


@dataclass(frozen=True)
class Term:
    """One word of the query: it fits when the text has it or a code starts with it."""

    text: str
    codes: tuple[str, ...] = ()


def fold(text):
    """Return the text as it is compared: lower case, "ё" as "е", single spaces."""
    return " ".join(text.lower().replace("ё", "е").split())


def parse(query):
    """Return the terms of a query; all of them must fit, in any order."""
    return tuple(
        Term(text=word, codes=_codes(word))
        for word in fold(query).replace(",", " ").split()
    )


def _codes(word):
    """Return the codes a word may stand for, the most literal spelling first."""
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
