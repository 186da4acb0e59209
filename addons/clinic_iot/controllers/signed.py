"""The four calls of our own part on the box; see the README for the contract."""

import json
import logging
import re
import time

from odoo import http
from odoo.http import request

from ..iot_handlers.clinic_devices import signature
from ..models.clinic_iot_job import ENDED
from ..tools import forms
from .box import drivers

_logger = logging.getLogger(__name__)

NONCE = re.compile(r"[0-9a-f]{32}")
# How long a box rests that has nothing to do, or waits for the end of something. It is
# woken by its websocket when there is a job, so this is how late a job is without.
IDLE, BUSY = 3.0, 1.0
OPTIONS = {
    "type": "http",
    "auth": "public",
    "methods": ["POST"],
    "csrf": False,
    "save_session": False,
}


class Refusal(Exception):
    """A request that is not answered as it wants; ``answer`` only if it was signed."""

    def __init__(self, reason, answer=None):
        super().__init__(reason)
        self.answer = answer


class SignedController(http.Controller):
    @http.route("/clinic_iot/jobs/next", **OPTIONS)
    def next_jobs(self):
        return self._serve(self._next)

    @http.route("/clinic_iot/jobs/<string:uuid>/ack", **OPTIONS)
    def ack(self, uuid):
        return self._serve(self._ack, uuid)

    @http.route("/clinic_iot/jobs/<string:uuid>/result", **OPTIONS)
    def result(self, uuid):
        return self._serve(self._result, uuid)

    @http.route("/clinic_iot/events", **OPTIONS)
    def events(self):
        return self._serve(self._events)

    # The four, for a box that is known

    def _next(self, box, secret, values):
        have = [str(uuid) for uuid in forms.take(values, "have", list)]
        devices = forms.take(values, "devices", dict)
        # Noted here only: this call comes every few seconds and from one thread, while
        # two calls at a time that write the same row make the database repeat one.
        box._heard()
        box._take_state(secret, forms.take(values, "journal", str), devices)
        box._take_drivers(forms.text_of(values.get("handlers")))
        jobs = request.env["clinic.iot.job"].sudo()._next_for(box, set(have))
        envelopes = [job._envelope(secret) for job in jobs]
        etag, _content = drivers()
        return {"jobs": envelopes, "pause": BUSY if have else IDLE, "handlers": etag}

    def _ack(self, box, _secret, values, uuid):
        jobs = request.env["clinic.iot.job"].sudo()
        return {"go": jobs._begin(box, uuid, forms.take(values, "journal", str))}

    def _result(self, box, _secret, values, uuid):
        state, result = values.get("state"), forms.take(values, "result", dict)
        if state not in ENDED:
            raise forms.BadForm("state")
        settled = state != "unknown" or forms.take(values, "settled", bool)
        jobs = request.env["clinic.iot.job"].sudo()
        jobs._report(box, uuid, state, settled, result)
        return {"ok": True}

    def _events(self, box, _secret, values):
        box._take_events(forms.take(values, "events", list))
        return {"ok": True}

    # Who calls, and an answer that he believes

    def _serve(self, act, *args):
        """Answer a request of a box: signed both ways, or 401 and nothing.

        Everything is done in one transaction, the use of the nonce too: what failed may
        be asked again, what was done cannot be played back.
        """
        headers = request.httprequest.headers
        nonce = headers.get(signature.HEADER_NONCE, "")
        try:
            box, secret, values = self._recognise(headers, nonce)
        except Refusal as refusal:
            _logger.info("A box's request was refused: %s", refusal)
            if refusal.answer is None:
                return request.make_response(b"{}", status=401)
            secret, answer = refusal.answer
            return self._answer(secret, nonce, 401, answer)
        try:
            answer = act(box, secret, values, *args)
        except forms.BadForm as error:
            _logger.warning("Box %s asks in a form we do not know: %s", box.id, error)
            return self._answer(secret, nonce, 400, {"error": "form"})
        return self._answer(secret, nonce, 200, answer)

    def _recognise(self, headers, nonce):
        """Return the box, its keys and what it says, or raise :class:`Refusal`."""
        identifier = headers.get(signature.HEADER_BOX, "")
        box = request.env["clinic.iot.box"]._find_sudo(identifier)
        secret = box and box._secret_sudo()
        moment = headers.get(signature.HEADER_TIME, "")
        if not secret or not moment.isdecimal() or not NONCE.fullmatch(nonce):
            raise Refusal("no box of ours")
        # Kept by the request: one that loses a race in the database is run again.
        body = request.httprequest.get_data()
        try:
            signature.check_request(
                secret._key("request"),
                "POST",
                request.httprequest.path,
                int(moment),
                nonce,
                body,
                headers.get(signature.HEADER_SIGNATURE, ""),
            )
        except signature.BadSignature:
            raise Refusal("wrong signature") from None
        now = int(time.time())
        if abs(now - int(moment)) > signature.TOLERANCE:
            answer = {"error": "clock", "time": now}
            raise Refusal("its clock is wrong", (secret, answer))
        if not request.env["clinic.iot.nonce"].sudo()._use(box, nonce):
            raise Refusal("said before")
        try:
            values = json.loads(body)
        except ValueError:
            values = None
        if not isinstance(values, dict) or values.get("identifier") != identifier:
            raise Refusal("not its own words")
        return box, secret, values

    def _answer(self, secret, nonce, status, values):
        body = json.dumps({"time": int(time.time()), **values}).encode()
        sign = signature.sign_reply(secret._key("reply"), nonce, status, body)
        headers = [
            ("Content-Type", "application/json"),
            (signature.HEADER_SIGNATURE, sign),
        ]
        return request.make_response(body, headers, status=status)
