"""A fiscal register that speaks SHTRIH-M: SHTRIH, RETAIL, ELVES and their kin.

Exactly once: before a receipt is begun the number of the last fiscal document (N0) is
kept in the journal. After any doubt the register is asked for all documents after N0;
ours is known by an additional requisite (tag 1084) that carries the end of the job's
uuid. Found: the receipt is made, whatever came over the line. Not found: what is open
is cancelled, and the job may be done once more.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from . import shtrih_codec as codec, tlv
from .backend import Backend, Note, Result
from .jobs import InDoubt, Job, NotDone, NotReady, Refused, Unclear
from .ports import SerialLine
from .receipt import Item, Receipt, check_link
from .shtrih_link import Session, open_session

USER_TAG_TITLE = "ID"
# The mode in which there is nothing to do.
ALREADY = {"open": codec.SHIFT_OPEN, "close": codec.SHIFT_CLOSED}
# Before these send anything that counts, they note from where to look for it.
CAREFUL = frozenset(
    ("receipt", "shift_open", "shift_close", "cash_in", "cash_out", "state", "find")
)


class RegisterError(Exception):
    """The register has answered that it will not."""

    def __init__(self, code: int):
        self.code = code
        self.word, self.text = codec.error(code)
        super().__init__(self.text)


@contextlib.contextmanager
def doubting() -> Iterator[None]:
    """Around what comes after the deed: its errors say nothing about the deed."""
    try:
        yield
    except RegisterError as error:
        raise InDoubt(error.word, error.text) from error


class ShtrihRegister(Backend):
    kinds = frozenset(
        (
            *("receipt", "shift_open", "shift_close", "x_report", "cash_in"),
            *("cash_out", "drawer", "cancel", "continue", "copy", "print_text"),
            *("state", "find", "check_marking"),
        )
    )
    type = "fiscal_data_module"
    manufacturer = "SHTRIH-M"

    def __init__(self, identifier: str, options: Mapping[str, str]):
        super().__init__(identifier, options)
        self.password = int(self.number("password", 30))
        self.system_password = int(self.number("system_password", 30))
        self.pause = self.number("pause", 0.3)
        self._session: Session | None = None

    # The line

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open(self) -> Session:
        if self._session is None:
            line = SerialLine(
                self.options["port"], int(self.number("baudrate", 115200))
            )
            self._session = open_session(
                self.option("level", "1"), line, self.number("byte_timeout", 0.1)
            )
        return self._session

    def _ask(self, code: bytes, data: bytes = b"") -> bytes:
        """Send a command with its data, return what follows the error byte."""
        timeout = self.number("timeout", codec.TIMEOUTS.get(code, codec.TIMEOUT))
        for _ in range(100):
            try:
                answer = self._open().exchange(
                    code + data, timeout, repeatable=code in codec.QUESTIONS
                )
            except (NotReady, InDoubt):
                self.close()
                raise
            error = answer[len(code)] if len(answer) > len(code) else 0xFF
            if error == codec.PRINTING_PREVIOUS:
                # It has refused only because it prints: it takes the same later.
                time.sleep(self.pause)
                continue
            if error:
                raise RegisterError(error)
            return answer[len(code) + 1 :]
        raise RegisterError(codec.PRINTING_PREVIOUS)

    def _do(self, code: bytes, data: bytes = b"") -> bytes:
        return self._ask(code, codec.le(self.password, 4) + data)

    def _do_system(self, code: bytes, data: bytes = b"") -> bytes:
        return self._ask(code, codec.le(self.system_password, 4) + data)

    # What it is doing

    def _state(self) -> codec.State:
        return codec.State.parse(self._do(codec.STATE))

    def _fn(self) -> codec.FnState:
        return codec.FnState.parse(self._do_system(codec.FN_STATE))

    def _quiet(self) -> codec.State:
        """Wait until it has printed; let it go on when paper has come back."""
        for _ in range(int(self.number("printing_tries", 100))):
            state = self._state()
            if state.submode == codec.PAPER_BACK:
                self._do(codec.CONTINUE)
            elif state.submode in codec.PRINTING:
                time.sleep(self.pause)
            else:
                return state
        raise NotReady("printing", "The register prints without an end")

    def ready(self, job: Job) -> None:
        try:
            state = self._quiet()
        except RegisterError as error:
            raise NotReady(error.word, error.text) from error
        except InDoubt as doubt:
            raise NotReady("offline", str(doubt)) from doubt
        if job.kind in ("state", "find", "cancel", "continue", "drawer"):
            return
        if state.submode in (codec.PASSIVE_NO_PAPER, codec.ACTIVE_NO_PAPER):
            raise NotReady("no_paper", "There is no paper in the register")
        if state.mode == codec.CONFIRM_DATE:
            raise NotReady("confirm_date", "The register waits for its date")
        if state.mode == codec.DOCUMENT_OPEN:
            # Not ours: what we had left open was cancelled when it was recovered.
            raise NotReady("document_open", "A receipt is open in the register")

    def status(self) -> Result:
        try:
            state, fn = self._state(), self._fn()
            ofd = self._do_system(codec.OFD_STATE)
            cash = self._cash()
        except RegisterError as error:
            raise NotReady(error.word, error.text) from error
        return {
            "mode": state.mode,
            "submode": state.submode,
            "shift": {
                codec.SHIFT_OPEN: "open",
                codec.SHIFT_EXPIRED: "expired",
                codec.SHIFT_CLOSED: "closed",
            }.get(state.mode, "open" if fn.shift_open else "closed"),
            "no_paper": state.submode in (1, 2),
            "fn": fn.fn,
            "last_fd": fn.last_fd,
            "warnings": fn.warnings,
            "moment": fn.moment,
            "unsent": codec.number(ofd[2:4]),
            "cash": cash,
        }

    # Jobs

    def check(self, job: Job) -> None:
        super().check(job)
        if job.kind == "receipt":
            self._own_tags(job, Receipt.parse(job.payload))
        elif job.kind in ("cash_in", "cash_out"):
            amount = job.payload.get("amount")
            if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
                raise Refused("bad_amount", "An amount is a whole number of kopecks")

    def perform(self, job: Job, note: Note) -> Result:
        try:
            return getattr(self, f"_perform_{job.kind}")(job, note)
        except RegisterError as error:
            raise Refused(error.word, error.text) from error

    def recover(self, job: Job, notes: dict[str, Any], note: Note) -> Result:
        if "n0" not in notes and "cash0" not in notes:
            if job.kind in CAREFUL:
                raise NotDone
            raise Unclear("interrupted", "The box was stopped in the middle of it")
        with doubting():
            self._quiet()
            if job.kind == "receipt":
                found = self._settle(job, Receipt.parse(job.payload), notes)
            elif job.kind in ("shift_open", "shift_close"):
                found = self._find_shift(job.kind.removeprefix("shift_"), notes)
            else:
                found = self._find_cash(job, notes["cash0"])
        if found is None:
            raise NotDone
        return found

    # Receipts

    def _own_id(self, job: Job) -> str:
        return job.uuid.replace("-", "")[-16:]

    def _own_tags(self, job: Job, receipt: Receipt) -> list[bytes]:
        """Return the tags of the whole receipt, packed."""
        tags = []
        if receipt.contact:
            tags.append(tlv.pack(tlv.CUSTOMER_CONTACT, tlv.text(receipt.contact)))
        if receipt.cashier:
            tags.append(tlv.pack(tlv.CASHIER, tlv.text(receipt.cashier[:64])))
        if receipt.cashier_inn:
            tags.append(
                tlv.pack(tlv.CASHIER_INN, tlv.text(receipt.cashier_inn.ljust(12)))
            )
        if receipt.customer:
            parts = [(tlv.CUSTOMER_NAME, tlv.text(receipt.customer[:200]))]
            if receipt.customer_inn:
                inn = tlv.text(receipt.customer_inn.ljust(12))
                parts.append((tlv.CUSTOMER_INN, inn))
            tags.append(tlv.pack(tlv.CUSTOMER, tlv.pack_all(parts)))
        if receipt.internet_site:
            tags.append(tlv.pack(tlv.INTERNET, b"\1"))
            tags.append(tlv.pack(tlv.SITE, tlv.text(receipt.internet_site)))
        if receipt.wrong_document_sign:
            sign = tlv.text(receipt.wrong_document_sign[:16])
            tags.append(tlv.pack(tlv.WRONG_DOCUMENT_SIGN, sign))
        if receipt.correction:
            tags += self._correction_tags(receipt.correction)
        if self.flag("own_id", True):
            tags.append(tlv.user_tag(USER_TAG_TITLE, self._own_id(job)))
        if any(len(tag) > 250 for tag in tags):
            raise Refused("bad_receipt", "A requisite is too long for the register")
        return tags

    @staticmethod
    def _correction_tags(correction: dict[str, str]) -> list[bytes]:
        try:
            day = datetime.strptime(correction["date"], "%Y-%m-%d")
        except (KeyError, ValueError) as error:
            raise Refused("bad_receipt", "A correction needs its date") from error
        seconds = int(day.replace(tzinfo=timezone.utc).timestamp())
        basis = [(tlv.BASIS_DATE, codec.le(seconds, 4))]
        if correction.get("number"):
            basis.append((tlv.BASIS_NUMBER, tlv.text(correction["number"][:32])))
        ordered = correction.get("type") == "ordered"
        return [
            tlv.pack(1173, b"\1" if ordered else b"\0"),
            tlv.pack(tlv.CORRECTION_BASIS, tlv.pack_all(basis)),
        ]

    def _perform_receipt(self, job: Job, note: Note) -> Result:
        receipt = Receipt.parse(job.payload)
        tags = self._own_tags(job, receipt)
        mode = self._state().mode
        if mode == codec.SHIFT_EXPIRED:
            raise Refused(*codec.error(0x4E))
        if mode == codec.SHIFT_CLOSED:
            if not job.payload.get("open_shift"):
                raise Refused(*codec.error(0x3D))
            self._do(codec.OPEN_SHIFT)
            self._quiet()
        start = self._note_start(note)
        try:
            self._send_receipt(receipt, tags)
        except RegisterError as error:
            # An error in the middle leaves it open; at the end it may be made all the
            # same. Only the fiscal storage knows.
            with doubting():
                self._quiet()
                found = self._settle(job, receipt, start)
            if found is None and error.code in codec.PASSING:
                raise InDoubt(error.word, error.text) from error  # it goes later
            if found is None:
                raise
            return found
        with doubting():
            self._quiet()
            found = self._settle(job, receipt, start)
        if found is None:
            raise InDoubt("not_found", "The register does not show the receipt")
        if job.payload.get("open_drawer"):
            self._open_drawer()
        return found

    def _send_receipt(self, receipt: Receipt, tags: list[bytes]) -> None:
        if receipt.electronic_only:
            # Table 17, row 1, field 7: this one document is not printed.
            self._do_system(codec.WRITE_TABLE, b"\x11\x01\x00\x07\x01")
        for item in receipt.items:
            if item.marking:
                self._accept_marking(item)
        kind = codec.RECEIPT_TYPES[receipt.operation]
        if receipt.correction:
            kind |= codec.CORRECTION_FLAG
        self._do(codec.OPEN_RECEIPT, bytes([kind]))
        for tag in tags:
            self._do_system(codec.WRITE_TAG, tag)
        for item in receipt.items:
            body = codec.item(self.password, receipt.operation, item)
            self._ask(body[:2], body[2:])
            if item.marking:
                length = bytes([len(item.marking)])
                self._do(codec.BIND_MARKING, length + item.marking)
        body = codec.close(self.password, receipt)
        self._ask(body[:2], body[2:])

    def _accept_marking(self, item: Item) -> None:
        head = bytes([1, 0, len(item.marking), 0])  # sold by the piece
        self._do(codec.CHECK_MARKING, head + item.marking)
        self._do(codec.ACCEPT_MARKING, b"\1")

    def _note_start(self, note: Note) -> Result:
        """Keep the last document before ours, and of which storage it is."""
        fn = self._fn()
        start = {"n0": fn.last_fd, "fn": fn.fn}
        note(**start)
        return start

    def _since(self, start: Result) -> tuple[codec.FnState, list[codec.Document]]:
        """Return the documents made since the start of a job."""
        fn = self._fn()
        if fn.fn != start["fn"] or fn.last_fd < start["n0"]:
            raise Unclear("fn_changed", "The fiscal storage was changed meanwhile")
        numbers = range(start["n0"] + 1, fn.last_fd + 1)
        return fn, [self._document(number) for number in numbers]

    def _settle(self, job: Job, receipt: Receipt, start: Result) -> Result | None:
        """Return our receipt if it is made; else leave nothing open and return None."""
        found = self._find_receipt(job, receipt, start)
        if found is None and self._state().mode == codec.DOCUMENT_OPEN:
            self._do(codec.CANCEL)
            self._quiet()
            # Between question and cancel it may have come to its end.
            found = self._find_receipt(job, receipt, start)
        return found

    def _find_receipt(self, job: Job, receipt: Receipt, start: Result) -> Result | None:
        fn, documents = self._since(start)
        kinds = codec.RECEIPT_DOCUMENTS
        if receipt.correction:
            kinds = codec.CORRECTION_DOCUMENTS
        wanted = (receipt.operation, receipt.total)
        alike = [
            one
            for one in documents
            if one.type in kinds and (one.operation, one.total) == wanted
        ]
        if not alike:
            return None
        if self.flag("own_id", True):
            alike = [one for one in alike if self._is_ours(job, one)]
        if len(alike) > 1:
            raise Unclear("alike", "Several receipts of this sum were made")
        return self._result(receipt, alike[0], fn) if alike else None

    def _document(self, fd: int) -> codec.Document:
        data = self._do_system(codec.FIND_DOCUMENT, codec.le(fd, 4))
        return codec.Document.parse(data)

    def _is_ours(self, job: Job, document: codec.Document) -> bool:
        """Look for our own number among the tags of a document."""
        for _ in range(3):
            try:
                head = self._do_system(codec.BEGIN_TLV, codec.le(document.fd, 4))
                length, data = codec.number(head[2:4]), b""
                while len(data) < length:
                    data += self._do_system(codec.READ_TLV)
                return tlv.user_value(data) == self._own_id(job)
            except (InDoubt, tlv.BadTlv):
                # A part was lost on the way: read the document from its begin.
                continue
            except RegisterError as error:
                if error.code == codec.NO_DATA:
                    break
                raise
        raise Unclear("unreadable", "A receipt of this sum cannot be read")

    def _result(
        self, receipt: Receipt, document: codec.Document, fn: codec.FnState
    ) -> Result:
        shift = self._do_system(codec.SHIFT_STATE)
        values = {
            "fn": fn.fn,
            "fd": document.fd,
            "fp": document.fp,
            "moment": document.moment,
            "operation": document.operation,
            "total": document.total,
            "shift": codec.number(shift[1:3]),
            "change": receipt.change,
        }
        submode = self._state().submode
        return values | {
            "check": check_link(values),
            "printed": submode not in (codec.PASSIVE_NO_PAPER, codec.ACTIVE_NO_PAPER),
        }

    # Shifts and cash

    def _perform_shift_open(self, job: Job, note: Note) -> Result:
        return self._shift("open", codec.OPEN_SHIFT, note)

    def _perform_shift_close(self, job: Job, note: Note) -> Result:
        return self._shift("close", codec.Z_REPORT, note)

    def _shift(self, what: str, command: bytes, note: Note) -> Result:
        mode = self._state().mode
        if mode == ALREADY[what]:
            # As it shall be: another program did it, or a receipt between two shifts.
            return {**self._shift_now(), "already": True}
        if what == "open" and mode == codec.SHIFT_EXPIRED:
            raise Refused(*codec.error(0x4E))
        start = {**self._note_start(note), "cash": self._cash()}
        note(cash=start["cash"])
        self._do(command)
        with doubting():
            self._quiet()
            found = self._find_shift(what, start)
        if found is None:
            raise InDoubt("not_found", "The register does not show the report")
        return found

    def _find_shift(self, what: str, start: Result) -> Result | None:
        fn, documents = self._since(start)
        for document in documents:
            if codec.SHIFT_DOCUMENTS.get(document.type) == what:
                return {
                    "fn": fn.fn,
                    "fd": document.fd,
                    "fp": document.fp,
                    "moment": document.moment,
                    "shift": document.shift,
                    # Some count from nothing again after the Z report.
                    "cash": start.get("cash"),
                }
        return None

    def _shift_now(self) -> Result:
        shift = self._do_system(codec.SHIFT_STATE)
        return {
            "fn": self._fn().fn,
            "shift": codec.number(shift[1:3]),
            "cash": self._cash(),
        }

    def _cash(self) -> int:
        answer = self._do(codec.CASH_REGISTER, bytes([codec.CASH_IN_DRAWER]))
        return codec.number(answer[1:7])

    def _perform_cash_in(self, job: Job, note: Note) -> Result:
        return self._move_cash(job, note, codec.CASH_IN)

    def _perform_cash_out(self, job: Job, note: Note) -> Result:
        return self._move_cash(job, note, codec.CASH_OUT)

    def _move_cash(self, job: Job, note: Note, command: bytes) -> Result:
        note(cash0=self._cash())
        self._do(command, codec.le(job.payload["amount"], 5))
        with doubting():
            return {"cash": self._cash()}

    def _find_cash(self, job: Job, before: int) -> Result | None:
        """Tell by the cash in the register whether it was moved."""
        amount = job.payload["amount"]
        expected = before + (amount if job.kind == "cash_in" else -amount)
        now = self._cash()
        if now == expected:
            return {"cash": now}
        if now == before:
            return None
        raise Unclear("cash", "The cash in the register is neither old nor new")

    # The rest

    def _perform_x_report(self, job: Job, note: Note) -> Result:
        self._do(codec.X_REPORT)
        with doubting():
            self._quiet()
            return self.status()

    def _perform_drawer(self, job: Job, note: Note) -> Result:
        self._do(codec.DRAWER, bytes([int(job.payload.get("drawer") or 0)]))
        return {}

    def _open_drawer(self) -> None:
        """Open the drawer after a receipt: if it fails, the receipt stands."""
        try:
            self._do(codec.DRAWER, b"\0")
        except (RegisterError, InDoubt, NotReady):
            self.close()

    def _perform_cancel(self, job: Job, note: Note) -> Result:
        self._do(codec.CANCEL)
        return {}

    def _perform_continue(self, job: Job, note: Note) -> Result:
        self._do(codec.CONTINUE)
        return {}

    def _perform_copy(self, job: Job, note: Note) -> Result:
        self._do(codec.COPY)
        return {}

    def _perform_print_text(self, job: Job, note: Note) -> Result:
        for text in str(job.payload.get("text") or "").splitlines()[:200]:
            self._do(codec.PRINT_LINE, b"\x02" + codec.line(text or " ", 40))
        if job.payload.get("cut", True):
            self._do(codec.CUT, b"\1")
        return {}

    def _perform_state(self, job: Job, note: Note) -> Result:
        return self.status()

    def _perform_find(self, job: Job, note: Note) -> Result:
        """Tell what the fiscal storage holds under a number."""
        document = self._document(int(job.payload["fd"]))
        return {"fn": self._fn().fn, **document.__dict__}

    def _perform_check_marking(self, job: Job, note: Note) -> Result:
        code = bytes.fromhex(job.payload["marking"])
        answer = self._do(codec.CHECK_MARKING, bytes([1, 0, len(code), 0]) + code)
        self._do(codec.ACCEPT_MARKING, b"\0")  # only looked at, not sold
        return {"local": answer[0], "reason": answer[1], "type": answer[2]}
