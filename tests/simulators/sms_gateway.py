"""A stand-in for SMSC.ru and SMS Aero: their HTTP protocols, nothing is sent anywhere.

It runs in the process of the test, or on its own, from the folder ``tests``:
``python -m simulators.sms_gateway 9099``.
``gateway.mood`` makes it misbehave; every message it has taken is in ``gateway.taken``.
"""

import base64
import json
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from .stand_in import (
    DROP_AFTER_TAKING,
    DROP_BEFORE_TAKING,
    ERROR_AFTER_TAKING,
    GOOD,
    NONSENSE_AFTER_TAKING,
    Handler,
    StandIn,
)

LOGIN, PASSWORD, APIKEY = "clinic", "smsc-password", "smsc-apikey"
EMAIL, AERO_KEY = "clinic@example.com", "aero-key"

SLOW_AFTER_TAKING = "slow after taking"  # takes it, but answers too late
ERROR_BEFORE_TAKING = "error before taking"
POOR = "poor"
FORBIDDEN = "forbidden"
WRONG_NUMBER = "wrong number"
TAKING = {SLOW_AFTER_TAKING, DROP_AFTER_TAKING, ERROR_AFTER_TAKING}
TAKING |= {NONSENSE_AFTER_TAKING, GOOD}


@dataclass
class Taken:
    id: int
    phone: str
    text: str
    sender: str
    callback_url: str = ""
    status: int = 0
    moment: int = field(default_factory=lambda: int(time.time()))


class _Handler(Handler):
    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        body = self.body()
        split = urlsplit(self.path)
        if "json" in (self.headers.get("Content-Type") or ""):
            params = json.loads(body or "{}")
        else:
            params = {k: v[0] for k, v in parse_qs(f"{split.query}&{body}").items()}
        self.service.requests.append((split.path, params))
        name = split.path.strip("/").replace("/", "_").replace(".php", "")
        method = getattr(self, name, None)
        if not method:
            return self.answer({"error": "no such address"}, status=404)
        return method(params)

    def misbehave(self, mood):
        """Answer as the mood wants; tell whether that was all."""
        if mood == SLOW_AFTER_TAKING:
            time.sleep(self.service.delay)
            self.hang_up()
        elif mood in (DROP_AFTER_TAKING, DROP_BEFORE_TAKING):
            self.hang_up()
        elif mood in (ERROR_AFTER_TAKING, ERROR_BEFORE_TAKING):
            self.answer(None, 500, raw="<html>Internal error</html>")
        elif mood == NONSENSE_AFTER_TAKING:
            self.answer(None, raw="OK - 1 SMS")
        else:
            return False
        return True

    # SMSC.ru ----------------------------------------------------------------

    def smsc_known(self, params):
        by_password = (params.get("login"), params.get("psw")) == (LOGIN, PASSWORD)
        return by_password or params.get("apikey") == APIKEY

    def sys_send(self, params):
        if not self.smsc_known(params):
            return self.answer({"error": "authorise error", "error_code": 2})
        mood = self.service.next_mood()
        refusals = {
            POOR: (3, "no money"),
            FORBIDDEN: (6, "message is denied"),
            WRONG_NUMBER: (7, "invalid number"),
        }
        if mood in refusals:
            code, words = refusals[mood]
            return self.answer({"error": words, "error_code": code})
        number = int(params["id"]) if params.get("id") else self.service.next_id
        if mood in TAKING:
            self.service.taken.append(
                Taken(number, params["phones"], params["mes"], params.get("sender", ""))
            )
        if self.misbehave(mood):
            return None
        return self.answer({"id": number, "cnt": 1})

    def sys_status(self, params):
        if not self.smsc_known(params):
            return self.answer({"error": "authorise error", "error_code": 2})
        many = params["id"].endswith(",")
        rows = []
        pairs = zip(
            params["id"].strip(",").split(","),
            params["phone"].strip(",").split(","),
            strict=True,
        )
        for number, phone in pairs:
            found = [
                one
                for one in self.service.taken
                if str(one.id) == number and one.phone.lstrip("+") == phone.lstrip("+")
            ]
            row = {"id": int(number), "phone": phone.lstrip("+")}
            rows.append({**row, "status": found[-1].status if found else -3})
        if many:
            return self.answer(rows)
        if rows[0]["status"] == -3:
            return self.answer({"error": "message not found", "error_code": 3})
        return self.answer({"status": rows[0]["status"], "last_date": ""})

    def sys_balance(self, params):
        if not self.smsc_known(params):
            return self.answer({"error": "authorise error", "error_code": 2})
        return self.answer({"balance": self.service.balance, "currency": "RUR"})

    # SMS Aero -----------------------------------------------------------------

    def aero_known(self):
        given = (self.headers.get("Authorization") or "").removeprefix("Basic ")
        wanted = base64.b64encode(f"{EMAIL}:{AERO_KEY}".encode()).decode()
        if given == wanted:
            return True
        words = {"success": False, "message": "Your request was made with invalid auth"}
        self.answer(words, 401)
        return False

    def v2_sms_send(self, params):
        if not self.aero_known():
            return None
        mood = self.service.next_mood()
        refusals = {
            POOR: {"success": False, "message": "Not enough money"},
            FORBIDDEN: {"success": False, "message": "Sign is not allowed"},
            WRONG_NUMBER: {"success": False, "message": "Validation error: number"},
        }
        if mood in refusals:
            return self.answer(refusals[mood], 402 if mood == POOR else 400)
        number = self.service.next_id
        if mood in TAKING:
            self.service.next_id += 1
            self.service.taken.append(
                Taken(
                    number,
                    str(params["number"]),
                    params["text"],
                    params["sign"],
                    params.get("callbackUrl") or "",
                )
            )
        if self.misbehave(mood):
            return None
        return self.answer(
            {"success": True, "data": self.aero_row(self.service.taken[-1])}
        )

    def v2_sms_status(self, params):
        if not self.aero_known():
            return None
        for one in self.service.taken:
            if one.id == params.get("id"):
                return self.answer({"success": True, "data": self.aero_row(one)})
        return self.answer({"success": False, "message": "Not found"}, 404)

    def v2_sms_list(self, params):
        if not self.aero_known():
            return None
        found = [
            one
            for one in self.service.taken
            if one.phone == str(params.get("number")) and params["text"] in one.text
        ]
        data = {str(place): self.aero_row(one) for place, one in enumerate(found)}
        data["links"] = {"self": "/v2/sms/list?page=1"}
        return self.answer({"success": True, "data": data})

    def v2_balance(self, params):
        if self.aero_known():
            balance = float(self.service.balance)
            self.answer({"success": True, "data": {"balance": balance}})

    def aero_row(self, one):
        return {
            "id": one.id,
            "from": one.sender,
            "number": one.phone,
            "text": one.text,
            "status": one.status,
            "extendStatus": "delivery" if one.status == 1 else "queue",
            "dateCreate": one.moment,
        }


class SmsGateway(StandIn):
    """Every message it has taken is in ``taken``; it is slow by ``delay`` seconds."""

    handler = _Handler

    def __init__(self, port=0, delay=1.0):
        super().__init__(port)
        self.delay = delay
        self.taken = []
        self.balance = "1234.50"
        self.next_id = 50001


def main():
    with SmsGateway(int(sys.argv[1]) if len(sys.argv) > 1 else 9099) as gateway:
        print(f"{gateway.url} (SMSC.ru), {gateway.url}/v2 (SMS Aero)", flush=True)
        seen = 0
        while True:
            time.sleep(0.5)
            for one in gateway.taken[seen:]:
                print(f"{one.phone}: {one.text}", flush=True)
            seen = len(gateway.taken)


if __name__ == "__main__":
    main()
