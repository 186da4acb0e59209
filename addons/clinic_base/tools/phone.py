"""Telephone numbers in any spelling: to E.164, to people, and to search terms."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

_ALLOWED = re.compile(r"[\d\s()+\-‐-―−./\\]*")
_SPREADSHEET_FLOAT = re.compile(r"\.0$")

MIN_SEARCH_DIGITS = 4


class PhoneError(ValueError):
    """Not a number one can call; ``code`` says why.

    ``letters``, ``too_short``, ``too_long`` or ``unknown``.
    """

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def normalise_phone(text: str, region: str = "RU") -> str:
    """Return the number as E.164 (``+79123456789``), or raise :class:`PhoneError`.

    :param region: ISO code of the country whose numbers come without ``+``
    """
    text = _SPREADSHEET_FLOAT.sub("", (text or "").strip())
    if not _ALLOWED.fullmatch(text):
        raise PhoneError("letters")
    digits = re.sub(r"\D", "", text)
    spellings = [text]
    if not text.startswith("+"):
        spellings.append(f"+{digits.removeprefix('00')}")
    elif region == "RU" and digits.startswith("8") and len(digits) == 11:
        spellings.append(digits)  # "+8 912 …": the trunk prefix after a plus
    problem = None
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, region)
        except NumberParseException:
            problem = problem or _code_by_length(digits)
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
        problem = problem or _code_by_reason(number)
    raise PhoneError(problem)


def phone_for_people(e164: str) -> str:
    """Return ``+7 912 345-67-89``; what is not a number comes back unchanged."""
    try:
        number = phonenumbers.parse(e164 or "", None)
    except NumberParseException:
        return e164 or ""
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def phone_search_terms(text: str, region: str = "RU") -> tuple[str | None, list[str]]:
    """Return what to look for when somebody types a number, or a part of one.

    :return: the whole number in E.164 if the text is one, and the runs of digits an
        E.164 number that fits would contain (empty: the text is not a number)
    """
    text = (text or "").strip()
    digits = re.sub(r"\D", "", text)
    if len(digits) < MIN_SEARCH_DIGITS or not _ALLOWED.fullmatch(text):
        return None, []
    try:
        whole = normalise_phone(text, region)
    except PhoneError:
        whole = None
    runs = [digits]
    if region == "RU" and digits.startswith("8"):
        runs.append(f"7{digits[1:]}")
    return whole, runs


def _code_by_length(digits: str) -> str:
    if len(digits) > 15:  # the longest there is, by E.164
        return "too_long"
    return "too_short" if len(digits) < 7 else "unknown"


def _code_by_reason(number: phonenumbers.PhoneNumber) -> str:
    reason = phonenumbers.is_possible_number_with_reason(number)
    return {
        ValidationResult.TOO_SHORT: "too_short",
        ValidationResult.TOO_LONG: "too_long",
    }.get(reason, "unknown")
