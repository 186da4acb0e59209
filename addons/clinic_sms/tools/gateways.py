"""The HTTP protocols of the gateways: plain values in, plain values out, no Odoo.

A gateway either accepts a message, refuses it (``Refused``), or leaves it open whether
it did (``Uncertain``: no answer in time, an error of the server, an answer nobody can
read). Only ``find`` tells then; a message is never sent again before it was asked.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import requests

TIMEOUT = 10  # seconds for an answer

# What became of a message, whatever the gateway calls it.
PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"


class GatewayError(Exception):
    """Base of all below. ``code`` is one of ours, never a secret or a text."""

    def __init__(self, code, detail=""):
        super().__init__(code)
        self.code = code
        self.detail = detail


class Refused(GatewayError):
    """The gateway has not taken the message and will not."""


class Uncertain(GatewayError):
    """Nobody knows whether the gateway has taken the message."""


class Busy(GatewayError):
    """The gateway has not taken the message now; later it may."""


@dataclass(frozen=True)
class Settings:
    login: str
    secret: str
    sender: str = ""
    url: str = ""


@dataclass(frozen=True)
class Message:
    """``own_id`` is ours, unique; ``provider_id`` the gateway's, once it is known."""

    own_id: int
    phone: str
    text: str = ""
    provider_id: str = ""
    callback_url: str = ""
    first_tried: datetime | None = None

    @property
    def digits(self):
        return "".join(char for char in self.phone if char.isdigit())


@dataclass(frozen=True)
class Status:
    state: str  # PENDING, DELIVERED or FAILED
    failure: str = ""  # code of ours, for FAILED


class Gateway:
    """What both have in common. Subclasses register themselves by their ``code``."""

    code = ""
    url = ""
    registry: dict[str, type["Gateway"]] = {}

    def __init_subclass__(cls):
        Gateway.registry[cls.code] = cls

    def __init__(self, settings, session=None):
        self.settings = settings
        self.session = session or requests.Session()

    @property
    def base(self):
        return (self.settings.url or self.url).rstrip("/")

    def send(self, message):
        """Hand a message over; return the gateway's id of it as text."""
        raise NotImplementedError()

    def find(self, message):
        """Return the gateway's id of a message it has taken before, else None."""
        raise NotImplementedError()

    def statuses(self, messages):
        """Return ``{own_id: Status}`` of those the gateway knows about."""
        raise NotImplementedError()

    def balance(self):
        """Return the money left, as text."""
        raise NotImplementedError()

    def _call(self, path, auth=None, **payload):
        """Return the answer as parsed JSON. Nothing secret gets into an error."""
        try:
            response = self.session.post(
                f"{self.base}/{path}",
                timeout=TIMEOUT,
                auth=auth,
                allow_redirects=False,
                **payload,
            )
        except requests.RequestException as error:
            raise Uncertain("no_answer", type(error).__name__) from None
        if response.status_code == 401:
            raise Refused("auth")
        if response.status_code == 402:
            raise Refused("credit")
        if response.status_code >= 500 or 300 <= response.status_code < 400:
            raise Uncertain("server", f"HTTP {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            raise Uncertain("unreadable", f"HTTP {response.status_code}") from None
        if not isinstance(answer, dict | list):
            raise Uncertain("unreadable")
        return answer


class Smsc(Gateway):
    """SMSC.ru: our own id goes with the message, its status is asked by it.

    Documented at https://smsc.ru/api/http/.
    """

    code = "smsc"
    url = "https://smsc.ru"
    MANY = 50

    # error_code of send.php. 9: the same request twice within a minute, so the first
    # may well have been taken.
    ERRORS = {
        1: Refused("parameters"),
        2: Refused("auth"),
        3: Refused("credit"),
        4: Busy("blocked"),
        5: Refused("parameters"),
        6: Refused("text"),
        7: Refused("number"),
        8: Refused("destination"),
        9: Uncertain("duplicate"),
    }
    STATUSES = {
        -2: Status(FAILED, "rejected"),
        -1: Status(PENDING),
        0: Status(PENDING),
        1: Status(DELIVERED),
        2: Status(DELIVERED),
        3: Status(FAILED, "expired"),
        4: Status(DELIVERED),
        20: Status(FAILED, "not_delivered"),
        22: Status(FAILED, "invalid_destination"),
        23: Status(FAILED, "rejected"),
        24: Status(FAILED, "not_allowed"),
        25: Status(FAILED, "invalid_destination"),
    }
    NOT_FOUND = 3  # error_code of status.php

    def _ask(self, path, **params):
        account = (
            {"login": self.settings.login, "psw": self.settings.secret}
            if self.settings.login
            else {"apikey": self.settings.secret}
        )
        # In the body: an address with a password ends up in logs.
        data = {**account, "fmt": 3, "charset": "utf-8", **params}
        return self._call(f"sys/{path}.php", data=data)

    def send(self, message):
        params = {"phones": message.phone, "mes": message.text, "id": message.own_id}
        if self.settings.sender:
            params["sender"] = self.settings.sender
        answer = self._ask("send", **params)
        if not isinstance(answer, dict):
            raise Uncertain("unreadable")
        if "error_code" in answer:
            raise _error(self.ERRORS, answer["error_code"], answer.get("error"))
        if "id" not in answer:
            raise Uncertain("unreadable")
        return str(answer["id"])

    def find(self, message):
        answer = self._ask("status", phone=message.phone, id=message.own_id)
        if isinstance(answer, list):
            answer = answer[0] if answer else {}
        if answer.get("error_code") == self.NOT_FOUND or answer.get("status") == -3:
            return None
        if "status" not in answer:
            raise Uncertain("unreadable")
        return str(message.own_id)

    def statuses(self, messages):
        found = {}
        for start in range(0, len(messages), self.MANY):
            found.update(self._some_statuses(messages[start : start + self.MANY]))
        return found

    def _some_statuses(self, messages):
        # With a comma at the end the answer is a list even for one.
        answer = self._ask(
            "status",
            phone="".join(f"{message.phone}," for message in messages),
            id="".join(f"{message.own_id}," for message in messages),
        )
        if isinstance(answer, dict):
            if answer.get("error_code") == 2:
                raise Refused("auth")
            raise Uncertain("unreadable")
        wanted = {(m.own_id, m.digits): m.own_id for m in messages}
        found = {}
        for row in answer:
            key = _key(row)
            status = self.STATUSES.get(_number(row.get("status")))
            if key in wanted and status:
                found[wanted[key]] = status
        return found

    def balance(self):
        answer = self._ask("balance")
        if not isinstance(answer, dict):
            raise Uncertain("unreadable")
        if "error_code" in answer:
            raise _error(self.ERRORS, answer["error_code"], answer.get("error"))
        return f"{answer.get('balance')} {answer.get('currency') or 'RUB'}"

    @staticmethod
    def callback_is_genuine(params, secret):
        """Tell whether a report was signed with the secret word of the account."""
        text = ":".join(
            (
                str(params.get("id")),
                str(params.get("phone")),
                str(params.get("status")),
                secret or "",
            )
        )
        given = str(params.get("sha1") or "").lower()
        wanted = hashlib.sha1(text.encode()).hexdigest()
        return bool(secret) and hmac.compare_digest(given.encode(), wanted.encode())


class SmsAero(Gateway):
    """SMS Aero, API v2: no id of ours, so a doubtful message is looked up by its number
    and text before it is sent again.

    Documented at https://smsaero.ru/integration/documentation/api/.
    """

    code = "smsaero"
    url = "https://gate.smsaero.ru/v2"
    SENDER = "SMS Aero"  # the free name everybody may use

    STATUSES = {
        0: Status(PENDING),
        1: Status(DELIVERED),
        2: Status(FAILED, "not_delivered"),
        3: Status(PENDING),
        4: Status(PENDING),
        6: Status(FAILED, "rejected"),
        8: Status(PENDING),
    }

    def _ask(self, path, **params):
        auth = (self.settings.login, self.settings.secret)
        answer = self._call(path, auth=auth, json=params)
        if not isinstance(answer, dict):
            raise Uncertain("unreadable")
        if answer.get("result") == "no credits":
            raise Refused("credit")
        if not answer.get("success"):
            raise self._refusal(answer)
        return answer.get("data")

    @staticmethod
    def _refusal(answer):
        """Return the error for an answer with ``success: false``."""
        words = str(answer.get("message") or answer.get("reason") or "")
        lower = words.lower()
        for part, code in (
            ("auth", "auth"),
            ("credit", "credit"),
            ("money", "credit"),
            ("balance", "credit"),
            ("sign", "text"),
            ("number", "number"),
            ("phone", "number"),
        ):
            if part in lower:
                return Refused(code, words)
        return Refused("parameters", words)

    def send(self, message):
        params = {
            "number": message.digits,
            "text": message.text,
            "sign": self.settings.sender or self.SENDER,
        }
        if message.callback_url:
            params["callbackUrl"] = message.callback_url
        data = self._ask("sms/send", **params)
        if isinstance(data, list):
            data = data[0] if data else {}
        if not isinstance(data, dict) or not data.get("id"):
            raise Uncertain("unreadable")
        return str(data["id"])

    def find(self, message):
        data = self._ask("sms/list", number=message.digits, text=message.text)
        rows = data.values() if isinstance(data, dict) else data or ()
        since = (message.first_tried or datetime.min) - timedelta(minutes=2)
        for row in rows:
            if not isinstance(row, dict) or "id" not in row:
                continue
            made = datetime.fromtimestamp(
                _number(row.get("dateCreate")) or 0, timezone.utc
            )
            if (
                str(row.get("number")) == message.digits
                and row.get("text") == message.text
                and made.replace(tzinfo=None) >= since
            ):
                return str(row["id"])
        return None

    def statuses(self, messages):
        found = {}
        for message in messages:
            try:
                data = self._ask("sms/status", id=_number(message.provider_id))
            except Refused as error:
                if error.code in ("auth", "credit"):
                    raise
                continue
            status = isinstance(data, dict) and self.STATUSES.get(
                _number(data.get("status"))
            )
            if status:
                found[message.own_id] = status
        return found

    def balance(self):
        data = self._ask("balance")
        return f"{data.get('balance')} RUB" if isinstance(data, dict) else str(data)


def _error(table, code, words):
    known = table.get(_number(code)) or Refused("parameters")
    return type(known)(known.code, str(words or ""))


def _number(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _key(row):
    phone = "".join(char for char in str(row.get("phone")) if char.isdigit())
    return _number(row.get("id")), phone
