"""A fiscal register by the web server of ATOL's driver 10: tasks over HTTP.

The uuid of the task is that of the job, so a task that may have come is asked for
before it is ever posted again; the server does not execute a uuid twice. What this
needs the journal for is only to know that it was posted.
"""

import contextlib
import time
import uuid
from collections.abc import Mapping
from typing import Any

import requests

from .backend import Backend, Note, Result
from .jobs import DeviceTrouble, InDoubt, Job, NotDone, NotReady, Refused, Unclear
from .receipt import Item, Receipt, check_link

TAX_SYSTEMS = {
    **{1: "osn", 2: "usnIncome", 4: "usnIncomeOutcome"},
    **{16: "esn", 32: "patent"},
}
OPERATIONS = {1: "sell", 2: "sellReturn", 3: "buy", 4: "buyReturn"}
METHODS = {
    **{1: "fullPrepayment", 2: "prepayment", 3: "advance", 4: "fullPayment"},
    **{5: "partialPayment", 6: "credit", 7: "creditPayment"},
}
OBJECTS = {1: "commodity", 3: "job", 4: "service", 10: "payment"}
PAYMENTS = {
    **{"cash": "cash", "card": "electronically", "advance": "prepaid"},
    **{"credit": "credit", "barter": "other"},
}
# The web server's names; for 22 % ours follow its pattern, see the README.
VATS = {
    **{"none": "none", "vat0": "vat0", "vat5": "vat5", "vat7": "vat7"},
    **{"vat10": "vat10", "vat20": "vat20", "vat22": "vat22"},
    **{"vat105": "vat105", "vat107": "vat107", "vat110": "vat110"},
    **{"vat120": "vat120", "vat122": "vat122"},
}
TASKS = {
    **{"shift_open": "openShift", "shift_close": "closeShift"},
    **{"x_report": "reportX", "state": "getShiftStatus"},
    **{"cash_in": "cashIn", "cash_out": "cashOut", "continue": "continuePrint"},
    **{"drawer": "openCashDrawer", "copy": "printLastReceiptCopy"},
}
CASH_QUESTION = "getCashDrawerStatus"
# The jobs whose results say what the register counts in its drawer.
COUNTED = ("shift_open", "x_report", "state", "cash_in", "cash_out")
UNSIGNED = ("state", "continue", "drawer", "copy")  # tasks that name no cashier
PENDING = ("wait", "inProgress")
# Of the driver's errors those that people can do something about, by our own words.
ERRORS = {
    **{44: "no_paper", 68: "shift_expired", 73: "shift_closed", 80: "no_cash"},
    **{82: "document_open", 83: "shift_open"},
}
# The error that says that it is as it shall be.
ALREADY = {"shift_open": "shift_open", "shift_close": "shift_closed"}


class AtolRegister(Backend):
    kinds = frozenset(("receipt", *TASKS))
    type = "fiscal_data_module"
    manufacturer = "ATOL"

    def __init__(self, identifier: str, options: Mapping[str, str]):
        super().__init__(identifier, options)
        self.url = self.option("url", "http://127.0.0.1:16732").rstrip("/")
        self.path = self.option("path", "/requests")
        self.pause = self.number("pause", 0.5)
        self.timeout = self.number("timeout", 120)

    # HTTP

    def _call(self, method: str, path: str, values: Any = None) -> tuple[int, Any]:
        try:
            answer = requests.request(
                method, self.url + path, json=values, timeout=(3, 10)
            )
            return answer.status_code, answer.json() if answer.content else {}
        except requests.ConnectionError as error:
            raise NotReady("offline", "ATOL's web server does not answer") from error
        except (requests.RequestException, ValueError) as error:
            raise InDoubt("line", type(error).__name__) from error

    def ready(self, job: Job) -> None:
        try:
            # Any answer will do: it is there.
            self._call("GET", f"{self.path}/{job.uuid}")
        except InDoubt as doubt:
            raise NotReady("offline", str(doubt)) from doubt

    # Jobs

    def check(self, job: Job) -> None:
        super().check(job)
        self._task(job)

    def _task(self, job: Job) -> Result:
        operator = {"name": str(job.payload.get("cashier") or "")[:64] or "Кассир"}
        if job.payload.get("cashier_inn"):
            operator["vatin"] = str(job.payload["cashier_inn"])
        if job.kind == "receipt":
            return receipt_task(Receipt.parse(job.payload), operator)
        task: Result = {"type": TASKS[job.kind]}
        if job.kind in ("cash_in", "cash_out"):
            amount = job.payload.get("amount")
            if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
                raise Refused("bad_amount", "An amount is a whole number of kopecks")
            task["cashSum"] = rubles(amount)
        if job.kind not in UNSIGNED:
            task["operator"] = operator
        return task

    def perform(self, job: Job, note: Note) -> Result:
        task = self._task(job)
        # Some count from nothing again after the Z report.
        before = self._cash() if job.kind == "shift_close" else None
        note(posted=True, cash=before)
        self._post(job.uuid, task)
        result = self._end(job, before)
        if job.kind == "receipt" and job.payload.get("open_drawer"):
            self._open_drawer()
        return result

    def recover(self, job: Job, notes: dict[str, Any], note: Note) -> Result:
        if not notes.get("posted"):
            raise NotDone
        return self._end(job, notes.get("cash"))

    def _post(self, name: str, task: Result) -> None:
        status, _answer = self._call(
            "POST", self.path, {"uuid": name, "request": [task]}
        )
        if status not in (200, 201, 409):  # 409: it has this uuid already
            raise Refused("refused", f"ATOL's web server refuses the task ({status})")

    def _end(self, job: Job, cash: int | None) -> Result:
        """Return the result of a task that was posted, when it has ended."""
        result = self._outcome(job, self._wait(job.uuid, self.timeout))
        if job.kind in COUNTED and "cash" not in result:
            cash = self._cash()
        return result if cash is None else {**result, "cash": cash}

    def _cash(self) -> int | None:
        """Return what the register counts in its drawer, None if it does not say.

        A question beside the job: what becomes of it changes nothing about the job.
        """
        name = str(uuid.uuid4())
        try:
            self._post(name, {"type": CASH_QUESTION})
            outcome = self._wait(name, min(self.timeout, 10))
        except DeviceTrouble:
            return None
        return counted(outcome.get("result"))

    def _open_drawer(self) -> None:
        """Open the drawer after a receipt: if it fails, the receipt stands."""
        with contextlib.suppress(DeviceTrouble):
            self._post(str(uuid.uuid4()), {"type": TASKS["drawer"]})

    def _wait(self, name: str, patience: float) -> Result:
        """Ask for the task until it has ended; return its outcome."""
        until = time.monotonic() + patience
        while True:
            status, answer = self._call("GET", f"{self.path}/{name}")
            if status == 404:
                raise NotDone  # it never came
            results = answer.get("results") if isinstance(answer, dict) else None
            if status != 200 or not results:
                raise InDoubt("bad_answer", f"ATOL's web server answers {status}")
            outcome = results[0]
            if outcome.get("status") not in PENDING:
                return outcome
            if time.monotonic() > until:
                raise InDoubt("slow", "The register has not ended the task")
            time.sleep(self.pause)

    def _outcome(self, job: Job, outcome: Result) -> Result:
        if outcome.get("status") == "ready" and not outcome.get("errorCode"):
            return self._result(job, outcome.get("result") or {})
        text = str(outcome.get("errorDescription") or outcome.get("status"))
        if outcome.get("status") in ("error", "ready", "blocked"):
            number = outcome.get("errorCode") or "error"
            code = ERRORS.get(number, f"atol_{number}")
            if code == ALREADY.get(job.kind):
                return {"already": True}
            raise Refused(code, text)
        raise Unclear("interrupted", text)

    def _result(self, job: Job, result: Result) -> Result:
        fiscal = result.get("fiscalParams")
        if not fiscal:
            cash = counted(result)
            return result if cash is None else {**result, "cash": cash}
        values = {
            "fn": str(fiscal.get("fnNumber") or ""),
            "fd": fiscal.get("fiscalDocumentNumber"),
            "fp": int(fiscal.get("fiscalDocumentSign") or 0),
            "moment": str(fiscal.get("fiscalDocumentDateTime") or "")[:16],
            "shift": fiscal.get("shiftNumber"),
        }
        if job.kind == "receipt":
            receipt = Receipt.parse(job.payload)
            values |= {"operation": receipt.operation, "total": receipt.total}
            values |= {"change": receipt.change, "printed": True}
            values["check"] = check_link(values)
        return values


def counted(result: Any) -> int | None:
    """Return the kopecks that an answer says to be in the drawer."""
    counters = result.get("counters") if isinstance(result, dict) else None
    amount = counters.get("cashSum") if isinstance(counters, dict) else None
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return None
    return round(amount * 100)


def rubles(kopecks: int) -> float:
    return round(kopecks / 100, 2)


def receipt_task(receipt: Receipt, operator: Result) -> Result:
    """Return the task of a receipt."""
    kind = OPERATIONS[receipt.operation]
    task: Result = {
        "type": f"{kind}Correction" if receipt.correction else kind,
        "taxationType": TAX_SYSTEMS[receipt.tax_system],
        "electronically": receipt.electronic_only,
        "operator": operator,
        "items": [item_task(item) for item in receipt.items],
        "payments": [
            {"type": PAYMENTS[name], "sum": rubles(amount)}
            for name, amount in receipt.payments.items()
            if amount
        ],
        "total": rubles(receipt.total),
    }
    client = {}
    if receipt.contact:
        client["emailOrPhone"] = receipt.contact
    if receipt.customer:
        client["name"] = receipt.customer
    if receipt.customer_inn:
        client["vatin"] = receipt.customer_inn
    if client:
        task["clientInfo"] = client
    if receipt.internet_site:
        task["internet"] = True
        task["paymentsPlace"] = receipt.internet_site
    if receipt.correction:
        ordered = receipt.correction.get("type") == "ordered"
        task["correctionType"] = "instruction" if ordered else "self"
        date = str(receipt.correction.get("date") or "").replace("-", ".")
        task["correctionBaseDate"] = date
        task["correctionBaseNumber"] = str(receipt.correction.get("number") or "")
    return task


def item_task(item: Item) -> Result:
    if item.object not in OBJECTS:
        raise Refused("bad_receipt", "This sort of goods or service is not supported")
    return {
        "type": "position",
        "name": item.name[:128],
        "price": rubles(item.price),
        "quantity": float(item.quantity),
        "amount": rubles(item.total),
        "department": item.department,
        "paymentMethod": METHODS[item.method],
        "paymentObject": OBJECTS[item.object],
        "tax": {"type": VATS[item.vat]},
    }
