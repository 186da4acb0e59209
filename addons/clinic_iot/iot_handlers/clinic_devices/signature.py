"""Who says what between server and box: keys, and signatures under each message.

Both sides know the token of the pairing. From it three keys are made, so that a
message of one sort can never be passed off as one of another:

``request``  the box signs what it asks,
``reply``    the server signs what it answers,
``job``      the server signs what a device shall do.
"""

import hashlib
import hmac
import secrets
import time

SORTS = ("request", "reply", "job")
# How far the clocks of both may differ, in seconds.
TOLERANCE = 300

HEADER_BOX = "X-Clinic-Box"
HEADER_TIME = "X-Clinic-Time"
HEADER_NONCE = "X-Clinic-Nonce"
HEADER_SIGNATURE = "X-Clinic-Signature"


class BadSignature(Exception):
    """Somebody else has written this, or it was changed on the way."""


def derive_keys(token: str, identifier: str) -> dict[str, bytes]:
    """Return the key of each sort for one box."""
    return {
        sort: hmac.new(
            token.encode(), f"clinic_iot|{sort}|{identifier}".encode(), hashlib.sha256
        ).digest()
        for sort in SORTS
    }


def _sign(key: bytes, *parts: str | bytes) -> str:
    """Sign the parts, each by its length: moving a byte to the next part shows."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(content) + content)
    return digest.hexdigest()


def _check(signature: str, expected: str) -> None:
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        raise BadSignature


def sign_request(
    key: bytes, method: str, path: str, moment: int, nonce: str, body: bytes
) -> str:
    return _sign(key, method, path, str(moment), nonce, body)


def request_headers(
    key: bytes, identifier: str, path: str, body: bytes, moment: int | None = None
) -> dict[str, str]:
    """Return the headers under which the box posts ``body`` to ``path``."""
    moment = int(time.time()) if moment is None else moment
    nonce = secrets.token_hex(16)
    return {
        HEADER_BOX: identifier,
        HEADER_TIME: str(moment),
        HEADER_NONCE: nonce,
        HEADER_SIGNATURE: sign_request(key, "POST", path, moment, nonce, body),
    }


def check_request(
    key: bytes, method: str, path: str, moment: int, nonce: str, body: bytes, sign: str
) -> None:
    """Raise :class:`BadSignature` unless the box has written this request.

    Whether the moment is near and the nonce new is for the server to look at.
    """
    _check(sign, sign_request(key, method, path, moment, nonce, body))


def sign_reply(key: bytes, nonce: str, status: int, body: bytes) -> str:
    """Sign an answer; the nonce is that of the request it answers."""
    return _sign(key, nonce, str(status), body)


def check_reply(key: bytes, nonce: str, status: int, body: bytes, sign: str) -> None:
    _check(sign, sign_reply(key, nonce, status, body))


def sign_job(key: bytes, text: str) -> str:
    """Sign a job; ``text`` is its JSON as it travels, so that nothing is reordered."""
    return _sign(key, text)


def check_job(key: bytes, text: str, sign: str) -> None:
    _check(sign, sign_job(key, text))
