"""Codes of one-tap links: a number and its signature, short enough for an SMS."""

import hmac
from base64 import b32encode

# Crockford's digits: nothing that is mistaken for another letter when read aloud.
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
SIGNATURE = 12  # characters of 5 bits: guessing one takes 2^60 tries
_STANDARD = "abcdefghijklmnopqrstuvwxyz234567"
_TO_OURS = str.maketrans(_STANDARD, DIGITS)
_READ = str.maketrans("ilo", "110")


def encode_number(number: int) -> str:
    """Return a positive number in our 32 digits."""
    text = ""
    while number:
        number, digit = divmod(number, 32)
        text = DIGITS[digit] + text
    return text or "0"


def decode_number(text: str) -> int:
    """Return the number, or raise ValueError."""
    number = 0
    for char in text:
        number = number * 32 + DIGITS.index(char)
    return number


def make_code(number: int, digest_hex: str) -> str:
    """Return the code of a number whose signature is ``digest_hex``."""
    return encode_number(number) + short_signature(digest_hex)


def short_signature(digest_hex: str) -> str:
    text = b32encode(bytes.fromhex(digest_hex)).decode().lower()
    return text[:SIGNATURE].translate(_TO_OURS)


def split_code(code: str) -> tuple[int, str] | None:
    """Return ``(number, signature)`` of what somebody sent, None for nonsense."""
    code = (code or "").strip().lower().translate(_READ)
    if not SIGNATURE < len(code) <= SIGNATURE + 7:
        return None
    if any(char not in DIGITS for char in code):
        return None
    return decode_number(code[:-SIGNATURE]), code[-SIGNATURE:]


def same(signature: str, digest_hex: str) -> bool:
    """Tell in constant time whether the signature is that of the digest."""
    return hmac.compare_digest(signature, short_signature(digest_hex))
