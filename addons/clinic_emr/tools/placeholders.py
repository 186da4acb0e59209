"""Fills the blanks of a document: ``{{patient.name}}`` in a text of HTML.

Nothing is evaluated: a blank is a name out of a list, its value is escaped text. What
is not in the list is refused when the template is saved.
"""

import re
from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

BLANK = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def as_blank(name: str) -> str:
    """Return the name as it stands in a text."""
    return "{{" + name + "}}"


def blanks_in(text: str) -> list[str]:
    """Return the names of the blanks, each once, in their order."""
    return list(dict.fromkeys(BLANK.findall(text or "")))


def unknown_blanks(text: str, known: Iterable[str]) -> list[str]:
    """Return the blanks that nothing fills."""
    known = set(known)
    return [name for name in blanks_in(text) if name not in known]


def fill(text: str, values: Mapping[str, object], empty: str = "__________") -> str:
    """Return the text with its blanks filled.

    :param empty: what stands where there is no value: a line to write on by hand
    """

    def value_of(match):
        value = values.get(match.group(1))
        if value is None or value is False or value == "":
            return empty
        if isinstance(value, Markup):
            return str(value)
        return str(escape(str(value))).replace("\n", "<br/>")

    return BLANK.sub(value_of, text or "")
