"""VTK (Vendotek): messages to a card terminal, to the byte.

After the public description, version 1.12. A message is a length, the protocol and
arguments; numbers are written as digits. On a serial line it has a start byte before
and a check sum behind.
"""

from .shtrih_frame import crc16

TO_TERMINAL, FROM_TERMINAL = 0x96FB, 0x97FB
START = 0x1F

NAME, OPERATION, AMOUNT, KEEPALIVE, TIMEOUT = 0x01, 0x03, 0x04, 0x05, 0x06
PRODUCT, SLIP = 0x0F, 0x13

Arguments = dict[int, str]


class BadMessage(ValueError):
    """Noise, or a message that was changed on the way."""


def _number(value: int) -> bytes:
    if value < 0x80:
        return bytes([value])
    if value <= 0xFF:
        return bytes([0x81, value])
    if value <= 0xFFFF:
        return b"\x82" + value.to_bytes(2, "big")
    raise BadMessage("a number too large")


def _read_number(data: bytes, position: int) -> tuple[int, int]:
    """Return a number and where the next begins."""
    if position >= len(data):
        raise BadMessage("cut in a number")
    first = data[position]
    if first < 0x80:
        return first, position + 1
    size = first & 0x7F
    raw = data[position + 1 : position + 1 + size]
    if size not in (1, 2) or len(raw) < size:
        raise BadMessage("a number that is none")
    return int.from_bytes(raw, "big"), position + 1 + size


def encode(protocol: int, arguments: Arguments) -> bytes:
    body = protocol.to_bytes(2, "big")
    for key, value in arguments.items():
        content = value.encode()
        body += _number(key) + _number(len(content)) + content
    if len(body) > 0xFFFF:
        raise BadMessage("a message too long")
    return len(body).to_bytes(2, "big") + body


def decode(message: bytes, protocol: int) -> Arguments:
    """Return the arguments of a whole message of this side."""
    if len(message) < 4 or int.from_bytes(message[:2], "big") != len(message) - 2:
        raise BadMessage("not the length of the message")
    if int.from_bytes(message[2:4], "big") != protocol:
        raise BadMessage("not our protocol")
    arguments: Arguments = {}
    position = 4
    while position < len(message):
        key, position = _read_number(message, position)
        length, position = _read_number(message, position)
        content = message[position : position + length]
        if len(content) < length:
            raise BadMessage("cut in an argument")
        try:
            arguments[key] = content.decode()
        except UnicodeDecodeError as error:
            raise BadMessage("not a text") from error
        position += length
    return arguments


def wrap(message: bytes) -> bytes:
    """Return the message as it goes over a serial line."""
    framed = bytes([START]) + message
    return framed + crc16(framed).to_bytes(2, "big")


def unwrap(framed: bytes) -> bytes:
    if len(framed) < 7 or framed[0] != START:
        raise BadMessage("not the begin of a message")
    if crc16(framed[:-2]) != int.from_bytes(framed[-2:], "big"):
        raise BadMessage("the check sum is wrong")
    return framed[1:-2]
