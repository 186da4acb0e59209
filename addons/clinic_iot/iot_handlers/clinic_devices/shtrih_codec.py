"""SHTRIH-M: the commands and answers we use, as bytes.

After "ПротоколККТ 2.0", "Протокол ФР (Команды работы с ФН)" and the supplement for
ФФД 1.2. Numbers are little-endian, money in kopecks, texts CP1251, in tags CP866.
"""

from dataclasses import dataclass
from decimal import Decimal

from .receipt import Item, Receipt

X_REPORT, Z_REPORT, CASH_IN, CASH_OUT = b"\x40", b"\x41", b"\x50", b"\x51"
STATE, CASH_REGISTER, DRAWER, PRINT_LINE = b"\x10", b"\x1a", b"\x28", b"\x17"
CUT, CANCEL, COPY, OPEN_RECEIPT = b"\x25", b"\x88", b"\x8c", b"\x8d"
CONTINUE, OPEN_SHIFT, WRITE_TABLE = b"\xb0", b"\xe0", b"\x1e"
FN_STATE, FIND_DOCUMENT, WRITE_TAG = b"\xff\x01", b"\xff\x0a", b"\xff\x0c"
OFD_STATE, BEGIN_TLV, READ_TLV = b"\xff\x39", b"\xff\x3a", b"\xff\x3b"
SHIFT_STATE, CLOSE_RECEIPT, ITEM = b"\xff\x40", b"\xff\x45", b"\xff\x46"
CHECK_MARKING, BIND_MARKING, ACCEPT_MARKING = b"\xff\x61", b"\xff\x67", b"\xff\x69"

# What only asks, and may be asked again.
QUESTIONS = frozenset(
    (STATE, CASH_REGISTER, FN_STATE, FIND_DOCUMENT, OFD_STATE, BEGIN_TLV, SHIFT_STATE)
)
# How long the register may take for its answer, in seconds (vendor's driver).
TIMEOUTS = {STATE: 3, FN_STATE: 5, Z_REPORT: 65, OPEN_SHIFT: 120}
TIMEOUT = 30

SHIFT_OPEN, SHIFT_EXPIRED, SHIFT_CLOSED = 2, 3, 4
CONFIRM_DATE, DOCUMENT_OPEN = 6, 8
PASSIVE_NO_PAPER, ACTIVE_NO_PAPER, PAPER_BACK = 1, 2, 3
PRINTING = (4, 5)

RECEIPT_DOCUMENTS = (3, 4)  # receipt, strict form
SHIFT_DOCUMENTS = {2: "open", 5: "close"}
CORRECTION_DOCUMENTS = (31, 41)
CASH_IN_DRAWER = 241  # the register that counts the cash

VATS = {
    **{"vat20": 0x01, "vat10": 0x02, "vat0": 0x04, "none": 0x08},
    **{"vat120": 0x10, "vat110": 0x20, "vat5": 0x81, "vat7": 0x82},
    **{"vat105": 0x84, "vat107": 0x88, "vat22": 0xCB, "vat122": 0xCC},
}
# Where each way of payment stands among the sixteen of FF45.
SLOTS = {"cash": 0, "card": 1, "advance": 13, "credit": 14, "barter": 15}
RECEIPT_TYPES = {1: 0, 2: 2, 3: 1, 4: 3}  # of 1054 to that of 8Dh
CORRECTION_FLAG = 0x80  # of the type of a receipt, since ФФД 1.1

PRINTING_PREVIOUS, WAITS_CONTINUE, NO_PAPER = 0x50, 0x58, 0x6B
# What is no fault of the receipt.
PASSING = (PRINTING_PREVIOUS, WAITS_CONTINUE, NO_PAPER)
NO_DATA = 0x08

ERRORS = {
    0x02: ("fn_state", "The fiscal storage is in another state"),
    0x03: ("fn_error", "The fiscal storage is broken"),
    0x08: ("fn_no_data", "The fiscal storage does not have it"),
    0x11: ("fn_full", "The fiscal storage is full"),
    0x12: ("fn_expired", "The fiscal storage has expired"),
    0x14: ("fn_ofd", "Documents wait for the operator (ОФД) longer than 30 days"),
    0x15: ("shift_expired", "The shift is longer than 24 hours"),
    0x16: ("fn_time", "The clock of the register is wrong"),
    0x33: ("bad_parameters", "The register refuses the parameters"),
    0x37: ("not_supported", "The register does not know the command"),
    0x3C: ("shift_open", "The shift is open"),
    0x3D: ("shift_closed", "The shift is closed"),
    0x45: ("paid_less", "Less is paid than the total"),
    0x46: ("no_cash", "There is not so much cash in the drawer"),
    0x4A: ("document_open", "A receipt is open"),
    0x4E: ("shift_expired", "The shift is longer than 24 hours"),
    0x4F: ("bad_password", "The password of the register is wrong"),
    0x50: ("printing", "The register still prints"),
    0x55: ("document_closed", "No receipt is open"),
    0x58: ("waits_continue", "The register waits to continue printing"),
    0x6B: ("no_paper", "There is no paper"),
    0x72: ("wrong_submode", "The register is busy"),
    0x73: ("wrong_mode", "The register does not allow it now"),
    0xC0: ("confirm_date", "The register waits for its date to be confirmed"),
}


def error(code: int) -> tuple[str, str]:
    """Return a word for programs and a sentence for people."""
    return ERRORS.get(code, (f"shtrih_{code:02x}", f"Error {code:02X} of the register"))


def le(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def line(value: str, size: int) -> bytes:
    """Return a text of exactly this size."""
    return value.encode("cp1251", "replace")[:size].ljust(size, b"\0")


def moment(data: bytes) -> str:
    """Return date and time of a document, in the form 2026-11-23T10:05."""
    year, month, day, hour, minute = data[:5]
    return f"20{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}"


@dataclass(frozen=True)
class State:
    mode: int
    submode: int

    @classmethod
    def parse(cls, data: bytes) -> "State":
        return cls(mode=data[3] & 0x0F, submode=data[4])


@dataclass(frozen=True)
class FnState:
    phase: int
    document: int  # 0: none is being made
    shift_open: bool
    warnings: int
    moment: str
    fn: str
    last_fd: int

    @classmethod
    def parse(cls, data: bytes) -> "FnState":
        return cls(
            phase=data[0],
            document=data[1],
            shift_open=bool(data[3]),
            warnings=data[4],
            moment=moment(data[5:10]),
            fn=data[10:26].decode("ascii", "replace").strip(),
            last_fd=number(data[26:30]),
        )


@dataclass(frozen=True)
class Document:
    type: int
    moment: str
    fd: int
    fp: int
    operation: int = 0
    total: int = 0
    shift: int = 0

    @classmethod
    def parse(cls, data: bytes) -> "Document":
        kind, content = data[0], data[2:]
        values = {"operation": 0, "total": 0, "shift": 0}
        if kind in RECEIPT_DOCUMENTS + CORRECTION_DOCUMENTS:
            values |= {"operation": content[13], "total": number(content[14:19])}
        elif kind in SHIFT_DOCUMENTS:
            values["shift"] = number(content[13:15])
        return cls(
            type=kind,
            moment=moment(content),
            fd=number(content[5:9]),
            fp=number(content[9:13]),
            **values,
        )


def item(password: int, operation: int, sold: Item) -> bytes:
    quantity = int(sold.quantity * Decimal(10**6))
    return b"".join(
        (
            ITEM,
            le(password, 4),
            le(operation, 1),
            le(quantity, 6),
            le(sold.price, 5),
            le(sold.total, 5),
            b"\xff" * 5,  # the register counts the tax
            le(VATS[sold.vat], 1),
            le(sold.department, 1),
            le(sold.method, 1),
            le(sold.object, 1),
            line(sold.name, 128),
        )
    )


def close(password: int, receipt: Receipt, text: str = "") -> bytes:
    sums = [0] * 16
    for name, amount in receipt.payments.items():
        sums[SLOTS[name]] += amount
    return b"".join(
        (
            CLOSE_RECEIPT,
            le(password, 4),
            *(le(amount, 5) for amount in sums),
            b"\0",  # rounding of kopecks
            b"\0" * 30,  # the register counts the taxes
            le(receipt.tax_system, 1),
            line(text, 64),
        )
    )
