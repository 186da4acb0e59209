"""One-time codes and secret tokens, without an ORM."""

import hashlib
import hmac
import secrets

CODE_DIGITS = 6


def new_code() -> str:
    """A code of six digits, as people type it from a message."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def new_token() -> str:
    return secrets.token_urlsafe(24)


def read_code(text: str | None) -> str | None:
    """The digits of what was typed (``123 456`` too), or None if it is no code."""
    digits = "".join((text or "").split()).replace("-", "")
    if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdecimal():
        return digits
    return None


def digest(*parts: str) -> str:
    """The digest a secret is kept as.

    The secret has either entropy enough (a token) or stands beside a token that has:
    a code of six digits alone would be found by trying all of them.
    """
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def mask(contact: str) -> str:
    """A phone or an e-mail as shown to who has just typed it: ``+7912•••4567``."""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}•••@{host}"
    return f"{contact[:5]}•••{contact[-4:]}"
