"""A stand-in for the web server of ATOL's driver 10: tasks by uuid, and a tape."""

import json
import time

from .stand_in import DROP_AFTER_TAKING, DROP_BEFORE_TAKING, GOOD, Handler, StandIn

SLOW = "slow"
BROKEN = "broken"  # the register refuses the task


class _Handler(Handler):
    def do_POST(self):
        values = json.loads(self.body())
        mood = self.service.next_mood()
        if mood == DROP_BEFORE_TAKING:
            self.hang_up()
            return
        known = values["uuid"] in self.service.tasks
        if not known:
            self.service.take(values["uuid"], values["request"][0], mood)
        if mood == DROP_AFTER_TAKING:
            self.hang_up()
            return
        self.answer({"uuid": values["uuid"]}, status=409 if known else 201)

    def do_GET(self):
        task = self.service.tasks.get(self.path.rpartition("/")[2])
        if task is None:
            self.answer({"error": "not found"}, status=404)
        elif time.monotonic() < task["ready"]:
            self.answer({"results": [{"status": "inProgress"}]})
        else:
            self.answer({"results": [task["outcome"]]})


class Atol(StandIn):
    handler = _Handler

    def __init__(self, port=0):
        super().__init__(port)
        self.tasks, self.tape = {}, []
        self.shift_open = False

    def next_mood(self):
        return super().next_mood() if self.times else GOOD

    def take(self, uuid, task, mood):
        delay = 1.0 if mood == SLOW else 0.1
        outcome = {"status": "ready", "errorCode": 0, "result": {}}
        if mood == BROKEN:
            outcome = {
                "status": "error",
                "errorCode": 44,
                "errorDescription": "Закончилась бумага",
            }
        elif task["type"] == "openShift" and self.shift_open:
            outcome = {
                "status": "error",
                "errorCode": 83,
                "errorDescription": "Смена открыта, операция невозможна",
            }
        elif task["type"] == "closeShift" and not self.shift_open:
            outcome = {
                "status": "error",
                "errorCode": 73,
                "errorDescription": "Смена закрыта - операция невозможна",
            }
        elif task["type"] not in ("reportX", "getShiftStatus"):
            self.tape.append(task)
            if not task["type"].startswith("cash"):
                # A receipt opens it by itself.
                self.shift_open = task["type"] != "closeShift"
            number = len(self.tape)
            outcome["result"] = {
                "fiscalParams": {
                    "fiscalDocumentDateTime": "2026-11-23T10:05:00+03:00",
                    "fiscalDocumentNumber": number,
                    "fiscalDocumentSign": str(1000 + number),
                    "fnNumber": "9999078900000001",
                    "shiftNumber": 1,
                    "total": task.get("total"),
                }
            }
        self.tasks[uuid] = {"ready": time.monotonic() + delay, "outcome": outcome}
