"""Tags of fiscal documents: number and length, two bytes each, then the value."""

from collections.abc import Iterable
from typing import TypeAlias

Tags: TypeAlias = list[tuple[int, bytes]]

USER_TAG, USER_TAG_NAME, USER_TAG_VALUE = 1084, 1085, 1086
CUSTOMER_CONTACT = 1008
CASHIER, CASHIER_INN = 1021, 1203
CUSTOMER, CUSTOMER_NAME, CUSTOMER_INN = 1256, 1227, 1228
SITE, INTERNET = 1187, 1125
WRONG_DOCUMENT_SIGN = 1192
CORRECTION_BASIS, BASIS_DATE, BASIS_NUMBER = 1174, 1178, 1179
MEASURE = 2108


class BadTlv(ValueError):
    """These bytes are no tags."""


def pack(tag: int, value: bytes) -> bytes:
    if not 0 < tag <= 0xFFFF or len(value) > 0xFFFF:
        raise BadTlv(f"tag {tag} of {len(value)} bytes")
    return tag.to_bytes(2, "little") + len(value).to_bytes(2, "little") + value


def pack_all(tags: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(pack(tag, value) for tag, value in tags)


def unpack(data: bytes) -> Tags:
    """Return the tags of one level, or raise :class:`BadTlv`."""
    tags, position = [], 0
    while position < len(data):
        head = data[position : position + 4]
        if len(head) < 4:
            raise BadTlv("cut in the head of a tag")
        length = int.from_bytes(head[2:], "little")
        value = data[position + 4 : position + 4 + length]
        if len(value) < length:
            raise BadTlv("cut in the value of a tag")
        tags.append((int.from_bytes(head[:2], "little"), value))
        position += 4 + length
    return tags


def text(value: str) -> bytes:
    """Encode a text as registers want it; what CP866 lacks becomes a question mark."""
    return value.replace("«", '"').replace("»", '"').encode("cp866", "replace")


def number(value: int) -> bytes:
    """Encode a number in as few bytes as it needs (VLN)."""
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "little")


def user_tag(name: str, value: str) -> bytes:
    """Return the additional requisite of the user (1084), by which we know our own."""
    parts = ((USER_TAG_NAME, text(name)), (USER_TAG_VALUE, text(value)))
    return pack(USER_TAG, pack_all(parts))


def user_value(document: bytes) -> str | None:
    """Return the value of the additional requisite in a document, if it has one.

    The document may come as its tags, or wrapped in the tag of its type.
    """
    for tag, value in unpack(document):
        if tag == USER_TAG:
            for inner, content in unpack(value):
                if inner == USER_TAG_VALUE:
                    return content.decode("cp866").strip()
        elif tag < 100:  # the type of a document, with all its tags inside
            found = user_value(value)
            if found is not None:
                return found
    return None
