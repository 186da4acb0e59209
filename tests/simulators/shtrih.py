"""A stand-in for a fiscal register with the SHTRIH-M protocol, to the byte.

It keeps a tape of fiscal documents as a fiscal storage would, checks what it is told
as a register does, and misbehaves on command::

    with Register() as register:
        register.be(LOST_ANSWER, on=CLOSE)
        … register.tape …

For tests only: the protocol's owner does not allow other registers to speak it.
"""

import random
import threading
import time
from dataclasses import dataclass, field

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import (
    shtrih_codec as codec,
    shtrih_frame as frames,
    tlv,
)

from .line import Cut, Device

NOT_HEARD = "not heard"  # the frame is lost on the way there
LOST_ACK = "lost ack"  # executed, but nothing comes back; the answer waits
LOST_ANSWER = "lost answer"  # acknowledged and executed; the answer waits
ANSWER_GONE = "answer gone"  # executed, and then the power is cut
POWER_CUT = "power cut"  # the power is cut before it is executed
WRONG_LRC = "wrong lrc"
NOISE = "noise"
SLOW = "slow"
PAPER_OUT = "paper out"  # executed, then the paper is at its end
PAPER_OUT_BEFORE = "paper out before"
FN_FULL = "fn full"
FOREIGN = "foreign"  # another program makes a document in between
ON_THE_LINE = (NOT_HEARD, LOST_ACK, LOST_ANSWER, WRONG_LRC, NOISE)
ALL_MOODS = (*ON_THE_LINE, ANSWER_GONE, POWER_CUT, PAPER_OUT, PAPER_OUT_BEFORE, FOREIGN)

CLOSE, ITEM, OPEN = codec.CLOSE_RECEIPT, codec.ITEM, codec.OPEN_RECEIPT
FN = "9960440300000001"
TYPE_OF_RECEIPT = {value: key for key, value in codec.RECEIPT_TYPES.items()}


class Refusal(Exception):
    def __init__(self, code):
        super().__init__(f"{code:02X}")
        self.code = code


@dataclass
class Made:
    """A document on the tape."""

    fd: int
    type: int
    shift: int
    operation: int = 0
    total: int = 0
    items: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    tax_system: int = 0
    tags: bytes = b""
    foreign: bool = False

    @property
    def fp(self):
        return (self.fd * 2654435761) & 0xFFFFFFFF

    @property
    def own_id(self):
        return tlv.user_value(self.tags) if self.tags else None


class Register(Device):
    def __init__(self, *, level="1", serial=False):
        super().__init__(serial=serial)
        self.level = level
        self.lock = threading.RLock()
        self.tape = []
        self.commands = []  # the codes of all that was executed
        self.shift, self.shift_open, self.shift_old = 0, False, False
        self.receipt = None  # the one that is open
        self.document_old = False
        self.submode = 0
        self.cash = 0
        self.drawer_opened = 0
        self.cancelled = 0
        self.slow_for = 1.0
        self.full = False
        self.confirm_date = False
        self._reading = b""
        self._moods = []
        self._chaos = None
        self._pending = None  # level 1: the answer that was not acknowledged
        self._last = (0, b"")  # level 2: the last frame and its answer

    # What a test says

    def be(self, mood, times=1, on=None):
        """Misbehave at the next commands (``on``: of this code only)."""
        self._moods += [(mood, on)] * times

    def be_wild(self, chance, moods=ALL_MOODS, seed=0):
        """Misbehave at random."""
        self._chaos = (random.Random(seed), chance, moods)

    def be_good(self):
        self._moods, self._chaos = [], None

    def load_paper(self):
        with self.lock:
            if self.submode == codec.ACTIVE_NO_PAPER:
                self.submode = codec.PAPER_BACK
            elif self.submode == codec.PASSIVE_NO_PAPER:
                self.submode = 0

    def receipts(self, own_only=True):
        return [
            made
            for made in self.tape
            if made.type in (3, 31) and not (own_only and made.foreign)
        ]

    def _mood(self, code):
        for index, (mood, on) in enumerate(self._moods):
            if on is None or on == code:
                del self._moods[index]
                return mood
        if self._chaos:
            dice, chance, moods = self._chaos
            if dice.random() < chance:
                return dice.choice(moods)
        return None

    # The lines

    def serve(self, end):
        if self.level == "2":
            self._serve2(end)
        else:
            self._serve1(end)

    def _serve1(self, end):
        while not self.stopped.is_set():
            if self.dark:
                raise Cut
            signal = end.read(1, 0.1)
            if not signal:
                continue
            if signal[0] == frames.ENQ:
                if self._pending is None:
                    end.write(bytes([frames.NAK]))
                else:
                    end.write(bytes([frames.ACK]))
                    self._give(end)
            elif signal[0] == frames.STX:
                self._take(end)

    def _take(self, end):
        frame = bytes([frames.STX]) + self._exactly(end, 1)
        frame += self._exactly(end, frame[1] + 1)
        try:
            body = frames.decode(frame)
        except frames.BadFrame:
            end.write(bytes([frames.NAK]))
            return
        self._pending = None
        mood = self._mood(self._code(body))
        if mood == NOT_HEARD:
            return
        if mood == POWER_CUT:
            self._power_cut()
        answer = self._execute_in(mood, body)
        if mood == ANSWER_GONE:
            self._power_cut()
        self._pending = answer
        if mood == NOISE:
            end.write(b"\x00\xffq")
        if mood == LOST_ACK:
            return
        end.write(bytes([frames.ACK]))
        if mood == SLOW:
            time.sleep(self.slow_for)
        if mood == NOISE:
            end.write(b"\x81\x00z")
        if mood != LOST_ANSWER:
            self._give(end, wrong=mood == WRONG_LRC)

    def _give(self, end, wrong=False):
        frame = frames.encode(self._pending)
        if wrong:
            frame = frame[:-1] + bytes([frame[-1] ^ 0x5A])
        end.write(frame)
        if end.read(1, 0.5) == bytes([frames.ACK]):
            self._pending = None

    @staticmethod
    def _exactly(end, count):
        data, until = b"", time.monotonic() + 1
        while len(data) < count:
            if time.monotonic() > until:
                return data.ljust(count, b"\0")
            data += end.read(count - len(data), 0.1)
        return data

    def _serve2(self, end):
        raw = bytearray()
        while not self.stopped.is_set():
            if self.dark:
                raise Cut
            byte = end.read(1, 0.1)
            if not byte:
                continue
            raw = bytearray(byte) if byte[0] == frames.STX2 else raw + byte
            try:
                number, body = frames.decode2(bytes(raw))
            except frames.BadFrame:
                continue
            raw.clear()
            self._take2(end, number, body)

    def _take2(self, end, number, body):
        last, answer = self._last
        if number is None:
            end.write(frames.encode2(last))
            return
        mood = None
        if number == (last + 1) & 0xFFFF:
            mood = self._mood(self._code(body))
            if mood == NOT_HEARD:
                return
            if mood == POWER_CUT:
                self._power_cut()
            answer = self._execute_in(mood, body)
            self._last = (number, answer)
            if mood == ANSWER_GONE:
                self._power_cut()
            if mood in (LOST_ACK, LOST_ANSWER):
                return
            if mood == SLOW:
                time.sleep(self.slow_for)
        frame = frames.encode2(self._last[0], answer)
        if mood == NOISE:
            frame = b"\x00\xff" + frame
        if mood == WRONG_LRC:
            frame = frame[:-1] + bytes([frame[-1] ^ 0x01])
        end.write(frame)

    def _power_cut(self):
        self._pending, self._reading = None, b""
        self._last = (self._last[0], b"")
        self.lose_power()

    # Commands

    @staticmethod
    def _code(body):
        return body[:2] if body[0] == 0xFF else body[:1]

    def _execute_in(self, mood, body):
        code = self._code(body)
        with self.lock:
            if mood == PAPER_OUT_BEFORE and self.receipt is None:
                mood = None  # without a receipt there is nothing to print
            if mood == PAPER_OUT_BEFORE:
                self.submode = codec.PASSIVE_NO_PAPER
                return code + bytes([codec.NO_PAPER])
            if mood == FN_FULL:
                self.full = True
            if mood == FOREIGN and self.receipt is None:
                self.make_foreign()
            answer = self._execute(code, body[len(code) :])
            if mood == PAPER_OUT and code in (CLOSE, ITEM, codec.Z_REPORT):
                self.submode = codec.ACTIVE_NO_PAPER
            return answer

    def _execute(self, code, data):
        handler = HANDLERS.get(code)
        try:
            if handler is None:
                raise Refusal(0x37)
            if codec.number(data[:4]) not in (30,):
                raise Refusal(0x4F)
            answer = handler(self, data[4:])
        except Refusal as refusal:
            return code + bytes([refusal.code])
        self.commands.append(code)
        return code + b"\0" + answer

    def _mode(self):
        if self.confirm_date:
            return codec.CONFIRM_DATE
        if self.receipt is not None:
            return codec.DOCUMENT_OPEN
        if not self.shift_open:
            return codec.SHIFT_CLOSED
        return codec.SHIFT_EXPIRED if self.shift_old else codec.SHIFT_OPEN

    def _may_print(self):
        if self.submode in (codec.PASSIVE_NO_PAPER, codec.ACTIVE_NO_PAPER):
            raise Refusal(codec.NO_PAPER)
        if self.submode == codec.PAPER_BACK:
            raise Refusal(codec.WAITS_CONTINUE)

    def _document(self, kind, **values):
        if self.full:
            raise Refusal(0x11)
        made = Made(fd=len(self.tape) + 1, type=kind, shift=self.shift, **values)
        self.tape.append(made)
        return made

    def make_foreign(self, total=None, operation=1):
        """Let another program print a receipt."""
        with self.lock:
            if not self.shift_open:
                self._open_shift(b"")
            own = [made.total for made in self.receipts()]
            total = total or (own[-1] if own else 100_00)
            self._document(3, operation=operation, total=total, foreign=True)

    def _state(self, _data):
        mode = self._mode()
        return bytes([30, 0, 0, mode, self.submode, 0, 0, 0, 0, 0, 0, 0, 0, 0])

    def _now(self):
        now = time.localtime()
        return bytes([now[0] - 2000, *now[1:5]])

    def _fn_state(self, _data):
        return b"".join(
            (
                bytes([3, 4 if self.receipt else 0, 0, int(self.shift_open), 0]),
                self._now(),
                FN.encode(),
                codec.le(len(self.tape), 4),
            )
        )

    def _open_shift(self, _data):
        self._may_print()
        if self.shift_open:
            raise Refusal(0x3C)
        self.shift += 1
        made = self._document(2)
        self.shift_open, self.shift_old = True, False
        return bytes([30]) + codec.le(made.fd, 4) + codec.le(made.fp, 4)

    def _z_report(self, _data):
        self._may_print()
        if not self.shift_open or self.receipt is not None:
            raise Refusal(0x3D if not self.shift_open else 0x4A)
        self._document(5)
        self.shift_open = self.shift_old = False
        return bytes([30])

    def _x_report(self, _data):
        self._may_print()
        return bytes([30])

    def _open_receipt(self, data):
        self._may_print()
        if self.receipt is not None:
            raise Refusal(0x4A)
        if not self.shift_open:
            raise Refusal(0x3D)
        if self.shift_old:
            raise Refusal(0x4E)
        if self.full:
            raise Refusal(0x11)
        kind = data[0]
        self.receipt = Made(
            fd=0,
            type=31 if kind & codec.CORRECTION_FLAG else 3,
            shift=self.shift,
            operation=TYPE_OF_RECEIPT[kind & 0x7F],
        )
        return bytes([30])

    def _opened(self):
        if self.receipt is None:
            raise Refusal(0x55)
        return self.receipt

    def _tag(self, data):
        receipt = self._opened()
        try:
            tlv.unpack(data)
        except tlv.BadTlv:
            raise Refusal(0x33) from None
        receipt.tags += data
        return b""

    def _item(self, data):
        self._may_print()
        receipt = self._opened()
        if len(data) > 154 or len(data) < 27:
            raise Refusal(0x33)
        sold = {
            "operation": data[0],
            "quantity": codec.number(data[1:7]),
            "price": codec.number(data[7:12]),
            "total": codec.number(data[12:17]),
            "vat": data[22],
            "department": data[23],
            "method": data[24],
            "object": data[25],
            "name": data[26:].rstrip(b"\0").decode("cp1251"),
        }
        if sold["operation"] != receipt.operation or not sold["name"]:
            raise Refusal(0x33)
        receipt.items.append(sold)
        receipt.total += sold["total"]
        return b""

    def _close(self, data):
        self._may_print()
        receipt = self._opened()
        if len(data) != 176:
            raise Refusal(0x33)
        sums = [codec.number(data[i : i + 5]) for i in range(0, 80, 5)]
        paid, cash = sum(sums), sums[0]
        if paid < receipt.total or not receipt.items:
            raise Refusal(0x45)
        change = paid - receipt.total
        sign = {1: 1, 2: -1, 3: -1, 4: 1}[receipt.operation]
        if sign < 0 and cash > self.cash:
            raise Refusal(0x46)
        made = self._document(
            receipt.type,
            operation=receipt.operation,
            total=receipt.total,
            items=receipt.items,
            payments=sums,
            tax_system=data[111],
            tags=receipt.tags,
        )
        self.cash += sign * (cash - change)
        self.receipt = None
        return (
            codec.le(change, 5)
            + codec.le(made.fd, 4)
            + codec.le(made.fp, 4)
            + self._now()
        )

    def _cancel(self, _data):
        self._may_print()
        self._opened()
        self.receipt = None
        self.cancelled += 1
        return bytes([30])

    def _continue(self, _data):
        if self.submode != codec.PAPER_BACK:
            raise Refusal(0x72)
        self.submode = 0
        return bytes([30])

    def _move_cash(self, amount):
        self._may_print()
        if not self.shift_open:
            raise Refusal(0x3D)
        if self.cash + amount < 0:
            raise Refusal(0x46)
        self.cash += amount
        return bytes([30, 0, 0])

    def _cash_in(self, data):
        return self._move_cash(codec.number(data[:5]))

    def _cash_out(self, data):
        return self._move_cash(-codec.number(data[:5]))

    def _cash_register(self, data):
        return bytes([30]) + codec.le(self.cash if data[0] == 241 else 0, 6)

    def _open_drawer(self, _data):
        self.drawer_opened += 1
        return bytes([30])

    def _find(self, data):
        fd = codec.number(data[:4])
        if not 0 < fd <= len(self.tape):
            raise Refusal(codec.NO_DATA)
        made = self.tape[fd - 1]
        head = self._now() + codec.le(made.fd, 4) + codec.le(made.fp, 4)
        if made.type in (2, 5):
            head += codec.le(made.shift, 2)
        else:
            head += bytes([made.operation]) + codec.le(made.total, 5)
        return bytes([made.type, 0]) + head

    def _begin_tlv(self, data):
        fd = codec.number(data[:4])
        if not 0 < fd <= len(self.tape):
            raise Refusal(codec.NO_DATA)
        made = self.tape[fd - 1]
        tags = tlv.pack(1020, tlv.number(made.total)) + made.tags
        self._reading = tags
        return codec.le(made.type, 2) + codec.le(len(tags), 2)

    def _read_tlv(self, _data):
        if not self._reading:
            raise Refusal(codec.NO_DATA)
        part, self._reading = self._reading[:120], self._reading[120:]
        return part

    def _shift_state(self, _data):
        count = sum(made.shift == self.shift for made in self.receipts(False))
        return (
            bytes([int(self.shift_open)]) + codec.le(self.shift, 2) + codec.le(count, 2)
        )

    def _ofd(self, _data):
        return b"\0\0" + codec.le(0, 2) + codec.le(0, 4) + self._now()

    def _check_marking(self, data):
        if len(data) < 4 + data[2]:
            raise Refusal(0x33)
        return b"\0\0\x01\0"

    def _nothing(self, _data):
        return bytes([30])


HANDLERS = {
    codec.STATE: Register._state,
    codec.FN_STATE: Register._fn_state,
    codec.OPEN_SHIFT: Register._open_shift,
    codec.Z_REPORT: Register._z_report,
    codec.X_REPORT: Register._x_report,
    codec.OPEN_RECEIPT: Register._open_receipt,
    codec.WRITE_TAG: Register._tag,
    codec.ITEM: Register._item,
    codec.CLOSE_RECEIPT: Register._close,
    codec.CANCEL: Register._cancel,
    codec.CONTINUE: Register._continue,
    codec.CASH_IN: Register._cash_in,
    codec.CASH_OUT: Register._cash_out,
    codec.CASH_REGISTER: Register._cash_register,
    codec.DRAWER: Register._open_drawer,
    codec.FIND_DOCUMENT: Register._find,
    codec.BEGIN_TLV: Register._begin_tlv,
    codec.READ_TLV: Register._read_tlv,
    codec.SHIFT_STATE: Register._shift_state,
    codec.OFD_STATE: Register._ofd,
    codec.CHECK_MARKING: Register._check_marking,
    codec.ACCEPT_MARKING: Register._nothing,
    codec.BIND_MARKING: Register._nothing,
    codec.WRITE_TABLE: Register._nothing,
    codec.PRINT_LINE: Register._nothing,
    codec.CUT: Register._nothing,
    codec.COPY: Register._nothing,
}
