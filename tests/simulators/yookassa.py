"""A stand-in for YooKassa: its API v3 over HTTP, no money is moved anywhere.

It runs in the process of the test, or on its own: ``python yookassa.py 9098``.
``shop.be(mood)`` makes it misbehave; ``shop.notices`` is what it has to tell, and
``shop.tell(url, …)`` tells it: twice, in the wrong order, late, or not at all.
"""

import base64
import json
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

SHOP, SECRET = "100500", "test_secret"

# Moods: each holds for ``times`` requests that change something.
GOOD = "good"
DROP_AFTER_TAKING = "drop after taking"  # does it, and hangs up
DROP_BEFORE_TAKING = "drop before taking"
ERROR_AFTER_TAKING = "error after taking"
NONSENSE_AFTER_TAKING = "nonsense after taking"
REFUSE = "refuse"
TAKING = {GOOD, DROP_AFTER_TAKING, ERROR_AFTER_TAKING, NONSENSE_AFTER_TAKING}


class Yookassa:
    """``with Yookassa() as shop: shop.url …``."""

    def __init__(self, port=0):
        self.payments, self.refunds, self.by_key = {}, {}, {}
        self.notices = []
        self.requests = []
        self.mood, self.times = GOOD, 0
        self.refunds_wait = False
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"shop": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/v3/"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.server.shutdown()
        self.server.server_close()

    def be(self, mood, times=1):
        self.mood, self.times = mood, times

    def next_mood(self):
        if self.times <= 0:
            return GOOD
        self.times -= 1
        return self.mood

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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shop = None

    def log_message(self, *args):
        pass

    def answer(self, value, status=200, raw=None):
        if isinstance(value, dict):
            value = {k: v for k, v in value.items() if not k.startswith("_")}
        content = (raw if raw is not None else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

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
        self.shop.requests.append(("GET", split.path, None))
        found = getattr(self.shop, kind).get(number)
        if not found:
            return self.error(404, "not_found", "There is no such object")
        return self.answer(found)

    def confirm(self, number):
        """The page of the shop: whoever opens it has paid."""
        payment = self.shop.pay(number)
        self.send_response(302)
        self.send_header("Location", payment["confirmation"]["return_url"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        asked = json.loads(self.rfile.read(length) or b"{}")
        if not self.known():
            return None
        path, key = urlsplit(self.path).path, self.headers.get("Idempotence-Key")
        self.shop.requests.append(("POST", path, key))
        if not key:
            return self.error(400, "invalid_request", "Idempotence key is missing")
        mood = self.shop.next_mood()
        if mood == REFUSE:
            return self.error(400, "invalid_request", "The shop is blocked")
        if mood == DROP_BEFORE_TAKING:
            return self.hang_up()
        with self.shop.lock:
            before, made = self.shop.by_key.get(key, (asked, None))
            if before != asked:
                return self.error(400, "invalid_request", "Idempotence key duplicated")
            if not made:
                make = {
                    "/v3/payments": self.shop.create_payment,
                    "/v3/refunds": self.shop.create_refund,
                }[path]
                made = make(asked)
                if not made:
                    return self.error(400, "invalid_request", "Not enough to refund")
                self.shop.by_key[key] = (asked, made)
        if mood == DROP_AFTER_TAKING:
            return self.hang_up()
        if mood == ERROR_AFTER_TAKING:
            return self.answer(None, 500, raw="<html>Internal error</html>")
        if mood == NONSENSE_AFTER_TAKING:
            return self.answer(None, raw="OK")
        return self.answer(made)

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(2)


def main():
    with Yookassa(int(sys.argv[1]) if len(sys.argv) > 1 else 9098) as shop:
        print(f"{shop.url} (shop {SHOP}, key {SECRET})", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
