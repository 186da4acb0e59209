"""A stand-in for the server side of ``clinic_iot``: what a box pairs and speaks with.

It keeps to the contract in the README of the addon, jobs in memory, and can be stopped
and started again on the same port as a real server would.
"""

import json
import re
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import renewal, signature
from odoo.addons.clinic_iot.tools.handlers import pack

from .desk import order

TOKEN = "pairing-token"


@dataclass
class ServerJob:
    uuid: str
    device: str
    text: str
    signature: str
    state: str = "queued"
    settled: bool = False
    result: dict = field(default_factory=dict)
    begun: int = 0  # how often the box was told to go


class ClinicServer:
    def __init__(self, identifier, handlers, port=0, token=TOKEN):
        self.identifier = identifier
        self.token = token
        self.keys = signature.derive_keys(token, identifier)
        self.handlers = renewal.read(Path(handlers))
        self.lock = threading.RLock()
        self.jobs = {}
        self.events, self.setups, self.refused = [], [], []
        self.devices = {}
        self.conditions = set()  # (device, code of its trouble), all that were told
        self.nonces = set()
        self.clock = 0  # how far the box is to think it is off
        self.lose_answers = 0  # so many calls are done, but not answered
        self.server = None
        self.port = port
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        if self.server is not None:
            return
        handler = type("Handler", (_Handler,), {"clinic": self})
        for _ in range(50):
            try:
                self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
                break
            except OSError:
                time.sleep(0.1)
        self.server.daemon_threads = True
        self.server.open = []
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """Be gone: also for whoever is waiting for an answer."""
        server, self.server = self.server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        for connection in list(server.open):
            connection.close_connection = True
            try:
                connection.connection.shutdown(2)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()

    # What a test does

    def give(self, device, kind, payload=None, deadline=0):
        name, text, sign = order(
            device, kind, payload, deadline, self.keys["job"], str(uuid.uuid4())
        )
        with self.lock:
            self.jobs[name] = ServerJob(name, device, text, sign)
        return name

    def wait(self, names, seconds=60):
        """Return the jobs when all are settled."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if all(self.jobs[name].settled for name in names):
                return [self.jobs[name] for name in names]
            time.sleep(0.05)
        left = [self.jobs[name] for name in names if not self.jobs[name].settled]
        raise AssertionError(f"{len(left)} jobs without an end, first: {left[0]}")

    # What the box calls

    def next(self, values):
        with self.lock:
            self.devices = values["devices"]
            self.conditions |= {
                (name, (one["condition"] or {}).get("code"))
                for name, one in self.devices.items()
            }
        until = time.monotonic() + min(values["wait"], 25)
        while self.server is not None:
            with self.lock:
                ready = [
                    job
                    for job in self.jobs.values()
                    if job.state == "queued"
                    or (job.state == "leased" and job.uuid not in values["have"])
                ][:5]
                for job in ready:
                    job.state = "leased"
            if ready or time.monotonic() > until:
                break
            time.sleep(0.02)
        return {
            "jobs": [{"job": job.text, "signature": job.signature} for job in ready],
            "handlers": renewal.digest(self.handlers),
        }

    def ack(self, job, _values):
        if job.settled:
            return {"go": False}
        job.state = "running"
        job.begun += 1
        return {"go": True}

    def result(self, job, values):
        if not job.settled:
            job.state, job.settled = values["state"], values["settled"]
            job.result = values["result"]
        return {"ok": True}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    clinic = None

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.server.open.append(self)

    def do_GET(self):
        self._send(404, b"", {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._post(body)
        except OSError:
            self.close_connection = True

    def _post(self, body):
        clinic = self.clinic
        if self.path == "/iot/setup":
            values = json.loads(body)["params"]
            known = values["iot_box"].get("token") == clinic.token
            if known:
                clinic.setups.append(values)
            channel = secrets.token_hex(8) if known else ""
            answer = {"jsonrpc": "2.0", "id": None, "result": channel}
            self._send(200, json.dumps(answer).encode(), {})
        elif self.path == "/iot/get_handlers":
            etag = renewal.digest(clinic.handlers)
            same = self.headers.get("If-None-Match") == etag
            content = b"" if same else pack(clinic.handlers)
            self._send(304 if same else 200, content, {"ETag": f'"{etag}"'})
        elif self.path.startswith("/clinic_iot/"):
            self._clinic(body)
        else:
            self._send(200, b"{}", {})

    def _clinic(self, body):
        clinic, headers = self.clinic, self.headers
        nonce = headers.get(signature.HEADER_NONCE, "")
        moment = int(headers.get(signature.HEADER_TIME, "0"))
        try:
            if headers.get(signature.HEADER_BOX) != clinic.identifier:
                raise signature.BadSignature
            signature.check_request(
                clinic.keys["request"],
                "POST",
                self.path,
                moment,
                nonce,
                body,
                headers.get(signature.HEADER_SIGNATURE, ""),
            )
            with clinic.lock:
                if nonce in clinic.nonces:
                    raise signature.BadSignature
                clinic.nonces.add(nonce)
        except signature.BadSignature:
            clinic.refused.append(self.path)
            self._send(401, b"{}", {})
            return
        now = int(time.time()) + clinic.clock
        if abs(now - moment) > signature.TOLERANCE:
            self._answer(nonce, 401, {"error": "clock", "time": now})
            return
        values = json.loads(body)
        if self.path == "/clinic_iot/jobs/next":
            answer = clinic.next(values)
        elif self.path == "/clinic_iot/events":
            clinic.events += values["events"]
            answer = {"ok": True}
        else:
            name, act = re.fullmatch(
                r"/clinic_iot/jobs/([0-9a-f-]+)/(ack|result)", self.path
            ).groups()
            with clinic.lock:
                answer = getattr(clinic, act)(clinic.jobs[name], values)
        if clinic.server is not self.server:
            self.close_connection = True
            return
        if clinic.lose_answers:
            clinic.lose_answers -= 1
            self.close_connection = True
            return
        self._answer(nonce, 200, {**answer, "time": now})

    def _answer(self, nonce, status, values):
        content = json.dumps(values).encode()
        sign = signature.sign_reply(self.clinic.keys["reply"], nonce, status, content)
        self._send(status, content, {signature.HEADER_SIGNATURE: sign})

    def _send(self, status, content, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
