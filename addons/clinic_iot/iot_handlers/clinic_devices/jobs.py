"""What a device is told to do, and how it can end."""

import json
from dataclasses import dataclass, field
from typing import Any

from . import signature


class DeviceTrouble(Exception):
    """A device did not do what it should; ``code`` is for programs."""

    def __init__(self, code: str, message: str = ""):
        super().__init__(message or code)
        self.code = code


class Refused(DeviceTrouble):
    """The device has surely not done it and will not: the job has failed."""


class NotReady(DeviceTrouble):
    """Nothing was begun; later it may go (no paper, switched off)."""


class InDoubt(DeviceTrouble):
    """It may have been done or not: to be found out before anything is repeated."""


class Unclear(DeviceTrouble):
    """It cannot be found out by the device: a person has to look."""


class NotDone(DeviceTrouble):
    """Found out: it was not done, and may be done now."""

    def __init__(self, code: str = "not_done", message: str = ""):
        super().__init__(code, message)


@dataclass(frozen=True)
class Job:
    uuid: str
    device: str
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    deadline: int = 0  # seconds since 1970, 0: never too late

    @classmethod
    def parse(cls, text: str) -> "Job":
        try:
            values = json.loads(text)
            job = cls(
                uuid=values["uuid"],
                device=values["device"],
                kind=values["kind"],
                payload=values.get("payload") or {},
                deadline=int(values.get("deadline") or 0),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused("bad_job", "The job cannot be read") from error
        texts = (job.uuid, job.device, job.kind)
        if not all(isinstance(part, str) and part for part in texts):
            raise Refused("bad_job", "The job has no uuid, device or kind")
        if not isinstance(job.payload, dict):
            raise Refused("bad_job", "The payload is no object")
        return job

    def is_late(self, now: float) -> bool:
        return bool(self.deadline) and now > self.deadline


def open_envelope(key: bytes, text: str, sign: str) -> Job:
    """Return the job of a signed text, or raise that nobody we know has signed it."""
    try:
        signature.check_job(key, text, sign)
    except signature.BadSignature:
        raise Refused("bad_signature", "The job is not signed by our server") from None
    return Job.parse(text)
