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


# What is only asked, and comes on no tape.
QUESTIONS = ("reportX", "getShiftStatus", "getCashDrawerStatus", "openCashDrawer")


class Atol(StandIn):
    handler = _Handler

    def __init__(self, port=0):
        super().__init__(port)
        self.tasks, self.tape = {}, []
        self.shift_open = False
        self.cash, self.drawers = 0, 0  # kopecks in the drawer, times it was opened
        self.counts = True  # some models do not say what is in the drawer

    def next_mood(self):
        return super().next_mood() if self.times else GOOD

    def take(self, uuid, task, mood):
        delay = 1.0 if mood == SLOW else 0.1
        error = (44, "Закончилась бумага") if mood == BROKEN else self._refusal(task)
        if error:
            number, text = error
            outcome = {"status": "error", "errorCode": number, "errorDescription": text}
        else:
            outcome = {"status": "ready", "errorCode": 0, "result": self._do(task)}
        self.tasks[uuid] = {"ready": time.monotonic() + delay, "outcome": outcome}

    def _refusal(self, task):
        kind = task["type"]
        if kind == "openShift" and self.shift_open:
            return 83, "Смена открыта, операция невозможна"
        if kind == "closeShift" and not self.shift_open:
            return 73, "Смена закрыта - операция невозможна"
        if kind == "cashOut" and round(task["cashSum"] * 100) > self.cash:
            return 80, "В кассе нет требуемой суммы"
        if kind == "getCashDrawerStatus" and not self.counts:
            return 12, "Команда не поддерживается"
        return None

    def _do(self, task):
        """Do what is asked; return the result of the task."""
        kind = task["type"]
        if kind == "openCashDrawer":
            self.drawers += 1
        if kind == "getCashDrawerStatus":
            return {
                "counters": {"cashSum": self.cash / 100},
                "cashDrawerStatus": {"cashDrawerOpened": False},
            }
        if kind == "getShiftStatus":
            state = "opened" if self.shift_open else "closed"
            return {"shiftStatus": {"number": 1, "state": state}}
        if kind in QUESTIONS:
            return {}
        self.tape.append(task)
        self.cash += self._cash_of(task)
        if kind in ("cashIn", "cashOut"):
            return {"counters": {"cashSum": self.cash / 100}}
        # A receipt opens it by itself.
        self.shift_open = kind != "closeShift"
        number = len(self.tape)
        return {
            "fiscalParams": {
                "fiscalDocumentDateTime": "2026-11-23T10:05:00+03:00",
                "fiscalDocumentNumber": number,
                "fiscalDocumentSign": str(1000 + number),
                "fnNumber": "9999078900000001",
                "shiftNumber": 1,
                "total": task.get("total"),
            }
        }

    @staticmethod
    def _cash_of(task):
        """Return the kopecks that a task brings into the drawer."""
        if task["type"] in ("cashIn", "cashOut"):
            amount = round(task["cashSum"] * 100)
            return amount if task["type"] == "cashIn" else -amount
        sums = [
            (one["type"], round(one["sum"] * 100)) for one in task.get("payments", [])
        ]
        cash = sum(amount for kind, amount in sums if kind == "cash")
        change = sum(amount for _kind, amount in sums) - round(
            task.get("total", 0) * 100
        )
        into = cash - max(change, 0)
        # What is sold brings it in, what is returned or bought takes it out.
        comes = task["type"].startswith(("sell", "buyReturn"))
        return into if comes and not task["type"].startswith("sellReturn") else -into
