"""A stand-in for YooKassa: its API v3 over HTTP, no money is moved anywhere.

It runs in the process of the test, or on its own, from the folder ``tests``:
``python -m simulators.yookassa 9098``.
``shop.be(mood)`` makes it misbehave; ``shop.notices`` is what it has to tell, and
``shop.tell(url, …)`` tells it: twice, in the wrong order, late, or not at all.
"""

import base64
import json
import sys
import threading
import time
import uuid
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from .stand_in import (
    DROP_AFTER_TAKING,
    DROP_BEFORE_TAKING,
    ERROR_AFTER_TAKING,
    GOOD,
    NONSENSE_AFTER_TAKING,
    Handler,
    StandIn,
)

SHOP, SECRET = "100500", "test_secret"

REFUSE = "refuse"
TAKING = {GOOD, DROP_AFTER_TAKING, ERROR_AFTER_TAKING, NONSENSE_AFTER_TAKING}


class _Handler(Handler):
    def answer(self, value, status=200, raw=None):
        if isinstance(value, dict):
            value = {k: v for k, v in value.items() if not k.startswith("_")}
        super().answer(value, status, raw)

    def error(self, status, code, words):
        self.answer({"type": "error", "code": code, "description": words}, status)

    def known(self):
        given = (self.headers.get("Authorization") or "").removeprefix("Basic ")
        wanted = base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode()
        if given != wanted:
            self.error(401, "invalid_credentials", "Basic authentication failed")
        return given == wanted

    def do_GET(self):
        split = urlsplit(self.path)
        if split.path == "/confirm":
            return self.confirm(parse_qs(split.query)["orderId"][0])
        if not self.known():
            return None
        _v3, kind, number = split.path.strip("/").split("/")
        self.service.requests.append(("GET", split.path, None))
        found = getattr(self.service, kind).get(number)
        if not found:
            return self.error(404, "not_found", "There is no such object")
        return self.answer(found)

    def confirm(self, number):
        """The page of the shop: whoever opens it has paid."""
        payment = self.service.pay(number)
        self.send_response(302)
        self.send_header("Location", payment["confirmation"]["return_url"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        asked = json.loads(self.body() or "{}")
        if not self.known():
            return None
        path, key = urlsplit(self.path).path, self.headers.get("Idempotence-Key")
        self.service.requests.append(("POST", path, key))
        if not key:
            return self.error(400, "invalid_request", "Idempotence key is missing")
        mood = self.service.next_mood()
        if mood == REFUSE:
            return self.error(400, "invalid_request", "The shop is blocked")
        if mood == DROP_BEFORE_TAKING:
            return self.hang_up()
        with self.service.lock:
            before, made = self.service.by_key.get(key, (asked, None))
            if before != asked:
                return self.error(400, "invalid_request", "Idempotence key duplicated")
            if not made:
                make = {
                    "/v3/payments": self.service.create_payment,
                    "/v3/refunds": self.service.create_refund,
                }[path]
                made = make(asked)
                if not made:
                    return self.error(400, "invalid_request", "Not enough to refund")
                self.service.by_key[key] = (asked, made)
        if mood == DROP_AFTER_TAKING:
            return self.hang_up()
        if mood == ERROR_AFTER_TAKING:
            return self.answer(None, 500, raw="<html>Internal error</html>")
        if mood == NONSENSE_AFTER_TAKING:
            return self.answer(None, raw="OK")
        return self.answer(made)


class Yookassa(StandIn):
    """A shop; ``url`` is what the clinic is to be told."""

    handler = _Handler

    def __init__(self, port=0):
        super().__init__(port)
        self.payments, self.refunds, self.by_key = {}, {}, {}
        self.notices = []
        self.refunds_wait = False
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"{super().url}/v3/"

    # What a payer does ------------------------------------------------------

    def pay(self, number, last4="4242"):
        """The payer has entered a card, and the bank has agreed."""
        payment = self.payments[number]
        payment["status"], payment["paid"] = "succeeded", True
        payment["refundable"] = True
        payment["payment_method"] = {
            "type": "bank_card",
            "id": number,
            "saved": payment.pop("_save", False),
            "card": {"last4": last4, "card_type": "Mir"},
        }
        self._note("payment.succeeded", payment)
        return payment

    def cancel(self, number, reason="insufficient_funds"):
        payment = self.payments[number]
        payment["status"] = "canceled"
        payment["cancellation_details"] = {"party": "payment_network", "reason": reason}
        self._note("payment.canceled", payment)
        return payment

    def finish_refund(self, number):
        refund = self.refunds[number]
        refund["status"] = "succeeded"
        self._note("refund.succeeded", refund)

    def _note(self, event, thing):
        # As it was at that moment: notices that come late tell of the past.
        copy = json.loads(json.dumps(thing))
        self.notices.append({"type": "notification", "event": event, "object": copy})

    def tell(self, url, notices=None, copies=1, backwards=False, delay=0.0):
        """Send notices to the clinic; return the status of each answer."""
        notices = list(self.notices if notices is None else notices)
        if backwards:
            notices.reverse()
        answers = []
        for notice in notices:
            for _copy in range(copies):
                time.sleep(delay)
                request = Request(
                    url,
                    data=json.dumps(notice).encode(),
                    headers={"Content-Type": "application/json"},
                )
                try:
                    with urlopen(request, timeout=60) as response:
                        answers.append(response.status)
                except HTTPError as error:
                    answers.append(error.code)
        return answers

    # What the clinic asks for -----------------------------------------------

    def create_payment(self, asked):
        number = str(uuid.uuid4())
        payment = {
            "id": number,
            "status": "pending",
            "paid": False,
            "test": True,
            "refundable": False,
            "amount": asked["amount"],
            "description": asked.get("description"),
            "metadata": asked.get("metadata") or {},
            "_save": asked.get("save_payment_method", False),
        }
        self.payments[number] = payment
        if asked.get("payment_method_id"):
            self.pay(number)
        else:
            host = self.url.removesuffix("v3/")
            payment["confirmation"] = {
                "type": "redirect",
                "return_url": asked["confirmation"]["return_url"],
                "confirmation_url": f"{host}confirm?orderId={number}&lang=ru",
            }
        return payment

    def create_refund(self, asked):
        payment = self.payments.get(asked["payment_id"])
        returned = sum(
            float(refund["amount"]["value"])
            for refund in self.refunds.values()
            if refund["payment_id"] == asked["payment_id"]
        )
        amount = float(asked["amount"]["value"])
        if (
            not payment
            or payment["status"] != "succeeded"
            or returned + amount > float(payment["amount"]["value"]) + 1e-9
        ):
            return None
        number = str(uuid.uuid4())
        refund = {
            "id": number,
            "payment_id": asked["payment_id"],
            "status": "pending",
            "amount": asked["amount"],
        }
        self.refunds[number] = refund
        if not self.refunds_wait:
            self.finish_refund(number)
        return refund


def main():
    with Yookassa(int(sys.argv[1]) if len(sys.argv) > 1 else 9098) as shop:
        print(f"{shop.url} (shop {SHOP}, key {SECRET})", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
