"""SHTRIH-M: frames of both levels of the protocol, to the byte.

Level 1: ``02 LEN COMMAND DATA LRC`` between the signals ENQ, ACK and NAK.
Level 2: ``8F LEN NUMBER DATA CRC``, with stuffing; the register executes only the
number that follows the last one, and repeats its last answer to any other.
"""

ENQ, ACK, NAK, STX = 0x05, 0x06, 0x15, 0x02

STX2, ESC2, STUFFED_STX, STUFFED_ESC = 0x8F, 0x9F, 0x81, 0x83


class BadFrame(ValueError):
    """Noise, or a frame that was changed on the way."""


def lrc(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value


def encode(body: bytes) -> bytes:
    """Return the frame of level 1 around command and data."""
    if not 1 <= len(body) <= 255:
        raise BadFrame(f"{len(body)} bytes do not fit a frame")
    content = bytes([len(body)]) + body
    return bytes([STX]) + content + bytes([lrc(content)])


def decode(frame: bytes) -> bytes:
    """Return command and data of a frame of level 1."""
    if len(frame) < 4 or frame[0] != STX or frame[1] != len(frame) - 3:
        raise BadFrame("not the form of a frame")
    if lrc(frame[1:-1]) != frame[-1]:
        raise BadFrame("the check sum is wrong")
    return frame[2:-1]


def crc16(data: bytes, value: int = 0xFFFF) -> int:
    """Return the CRC-16/CCITT of the data (polynomial 1021)."""
    for byte in data:
        value = ((value >> 8) | (value << 8)) & 0xFFFF
        value ^= byte
        value ^= (value & 0xFF) >> 4
        value ^= (value << 12) & 0xFFFF
        value ^= ((value & 0xFF) << 5) & 0xFFFF
    return value


def stuff(data: bytes) -> bytes:
    escaped = data.replace(bytes([ESC2]), bytes([ESC2, STUFFED_ESC]))
    return escaped.replace(bytes([STX2]), bytes([ESC2, STUFFED_STX]))


def unstuff(data: bytes) -> bytes:
    result, escaped = bytearray(), False
    for byte in data:
        if escaped:
            if byte not in (STUFFED_STX, STUFFED_ESC):
                raise BadFrame("an escape of nothing")
            result.append(STX2 if byte == STUFFED_STX else ESC2)
            escaped = False
        elif byte == ESC2:
            escaped = True
        elif byte == STX2:
            raise BadFrame("a frame begins inside a frame")
        else:
            result.append(byte)
    if escaped:
        raise BadFrame("cut in an escape")
    return bytes(result)


def encode2(number: int | None, body: bytes = b"") -> bytes:
    """Return the frame of level 2; without a number it asks for the last one."""
    if number is None:
        content = (0).to_bytes(2, "little")
    else:
        content = (len(body) + 2).to_bytes(2, "little")
        content += number.to_bytes(2, "little") + body
    return bytes([STX2]) + stuff(content + crc16(content).to_bytes(2, "little"))


def decode2(frame: bytes) -> tuple[int | None, bytes]:
    """Return number and body of a frame of level 2."""
    if not frame or frame[0] != STX2:
        raise BadFrame("not the begin of a frame")
    content = unstuff(frame[1:])
    if len(content) < 4:
        raise BadFrame("a frame too short")
    content, check = content[:-2], int.from_bytes(content[-2:], "little")
    length = int.from_bytes(content[:2], "little")
    if len(content) != length + 2 or 0 < length < 2:
        raise BadFrame("not the length of the frame")
    if crc16(content) != check:
        raise BadFrame("the check sum is wrong")
    if not length:
        return None, b""
    return int.from_bytes(content[2:4], "little"), content[4:]
