"""What the box has been told and has done, kept over a loss of power.

Everything is written to the disk before the next step begins (SQLite in WAL mode with
``synchronous=FULL``: each commit is an fsync). A uuid has one row for ever, so it is
executed at most once; its result is kept and given again to whoever asks again.

States: ``received`` (nothing was sent to the device) → ``running`` (it may have done
something) → ``done`` | ``failed`` | ``unknown``. An ``unknown`` may still become one of
the other two, when the device is asked again.
"""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECEIVED, RUNNING = "received", "running"
DONE, FAILED, UNKNOWN = "done", "failed", "unknown"
ENDED = (DONE, FAILED, UNKNOWN)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    envelope TEXT NOT NULL,
    signature TEXT NOT NULL,
    state TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '{}',
    result TEXT,
    settled INTEGER NOT NULL DEFAULT 0,
    reported INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS job_open ON job (device, settled);
CREATE INDEX IF NOT EXISTS job_unsent ON job (reported) WHERE NOT reported;
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Entry:
    seq: int
    uuid: str
    device: str
    envelope: str
    signature: str
    state: str
    notes: dict[str, Any]
    result: dict[str, Any] | None
    settled: bool
    reported: bool


class Journal:
    def __init__(self, path: str | Path):
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            str(path), isolation_level=None, check_same_thread=False, timeout=30
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        # A new disk has a new journal: the server sees that the memory is lost.
        self._db.execute(
            "INSERT OR IGNORE INTO about VALUES ('identity', ?)", [uuid.uuid4().hex]
        )
        row = self._one("SELECT value FROM about WHERE name = 'identity'")
        self.identity: str = row["value"]

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _one(self, query: str, values: Iterable[Any] = ()) -> sqlite3.Row | None:
        with self._lock:
            return self._db.execute(query, list(values)).fetchone()

    def _all(self, query: str, values: Iterable[Any] = ()) -> list[Entry]:
        with self._lock:
            rows = self._db.execute(query, list(values)).fetchall()
        return [self._entry(row) for row in rows]

    def _write(self, query: str, values: Iterable[Any]) -> int:
        with self._lock:
            return self._db.execute(query, list(values)).rowcount

    @staticmethod
    def _entry(row: sqlite3.Row) -> Entry:
        return Entry(
            seq=row["seq"],
            uuid=row["uuid"],
            device=row["device"],
            envelope=row["envelope"],
            signature=row["signature"],
            state=row["state"],
            notes=json.loads(row["notes"]),
            result=json.loads(row["result"]) if row["result"] else None,
            settled=bool(row["settled"]),
            reported=bool(row["reported"]),
        )

    # Jobs

    def receive(self, uuid: str, device: str, envelope: str, signature: str) -> bool:
        """Keep a job; return whether it is new.

        Of one that is known the first text counts. If it has ended, its result is
        reported again: the server has asked because it does not know it.
        """
        added = self._write(
            "INSERT OR IGNORE INTO job (uuid, device, envelope, signature, state)"
            " VALUES (?, ?, ?, ?, ?)",
            [uuid, device, envelope, signature, RECEIVED],
        )
        if not added:
            self._write(
                "UPDATE job SET reported = 0 WHERE uuid = ? AND result IS NOT NULL",
                [uuid],
            )
        return bool(added)

    def find(self, uuid: str) -> Entry | None:
        found = self._all("SELECT * FROM job WHERE uuid = ?", [uuid])
        return found[0] if found else None

    def next_of(self, devices: Iterable[str]) -> Entry | None:
        """Return the oldest job of these devices that is not settled."""
        names = list(devices)
        marks = ", ".join("?" for _ in names)
        found = self._all(
            f"SELECT * FROM job WHERE NOT settled AND device IN ({marks})"
            " ORDER BY seq LIMIT 1",
            names,
        )
        return found[0] if found else None

    def open_uuids(self) -> list[str]:
        return [
            entry.uuid
            for entry in self._all("SELECT * FROM job WHERE NOT settled ORDER BY seq")
        ]

    def is_busy(self) -> bool:
        """Return whether a device is at a job whose end is not known yet."""
        row = self._one(
            "SELECT 1 FROM job WHERE state = ? AND NOT settled LIMIT 1", [RUNNING]
        )
        return row is not None

    def start(self, uuid: str) -> bool:
        """Note that the device will now be told; one caller only is let through."""
        return bool(
            self._write(
                "UPDATE job SET state = ? WHERE uuid = ? AND state = ?",
                [RUNNING, uuid, RECEIVED],
            )
        )

    def note(self, uuid: str, **values: Any) -> dict[str, Any]:
        """Add to what is known about a running job, before the next step."""
        with self._lock:
            entry = self.find(uuid)
            if entry is None:
                raise KeyError(uuid)
            notes = {**entry.notes, **values}
            self._write(
                "UPDATE job SET notes = ? WHERE uuid = ?", [json.dumps(notes), uuid]
            )
        return notes

    def finish(
        self, uuid: str, state: str, result: dict[str, Any], *, settled: bool = True
    ) -> None:
        """Keep the end of a job; what is settled never changes again.

        :param settled: false for an ``unknown`` that the box will ask about again.
        """
        if state not in ENDED:
            raise ValueError(state)
        self._write(
            "UPDATE job SET state = ?, result = ?, settled = ?, reported = 0"
            " WHERE uuid = ? AND NOT settled",
            [state, json.dumps(result), int(settled), uuid],
        )

    # What the server does not know yet

    def unreported(self) -> list[Entry]:
        return self._all(
            "SELECT * FROM job WHERE result IS NOT NULL AND NOT reported ORDER BY seq"
        )

    def mark_reported(self, uuid: str, state: str) -> None:
        """Note that the server has this end; a newer one stays to be reported."""
        self._write(
            "UPDATE job SET reported = 1 WHERE uuid = ? AND state = ?", [uuid, state]
        )
