"""A stand-in for a card terminal with the VTK protocol, over TCP or a serial line.

``terminal.taken`` has what was really taken from cards; a payment that is not confirmed
by FIN is given back, as terminals do.
"""

import time

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import vtk_frame as frames

from .line import Device

LOST_ANSWER = "lost answer"
DECLINED = "declined"
POWER_CUT = "power cut"  # after the operation was done
WRONG_SUM = "wrong check sum"
NOT_HEARD = "not heard"


class Terminal(Device):
    def __init__(self, *, serial=False):
        super().__init__(serial=serial)
        self.last = 41  # the number of the last operation
        self.result = 0
        self.confirmed = True
        self.taken = {}
        self.asked = 0  # how often a card was asked for
        self._moods = []

    def be(self, mood, on):
        self._moods.append((mood, on))

    def _mood(self, name):
        for index, (mood, on) in enumerate(self._moods):
            if on == name:
                del self._moods[index]
                return mood
        return None

    def serve(self, end):
        while not self.stopped.is_set():
            message = self._read(end)
            if not message:
                continue
            try:
                if self.serial:
                    message = frames.unwrap(message)
                arguments = frames.decode(message, frames.TO_TERMINAL)
            except frames.BadMessage:
                continue
            self._answer(end, arguments)

    def _read(self, end):
        start = b""
        if self.serial:
            start = end.read(1, 0.1)
            if start != bytes([frames.START]):
                return b""
        head = end.read(2, 0.1)
        if len(head) < 2:
            return b""
        count = int.from_bytes(head, "big") + (2 if self.serial else 0)
        body, until = b"", time.monotonic() + 1
        while len(body) < count and time.monotonic() < until:
            body += end.read(count - len(body), 0.1)
        return start + head + body

    def _answer(self, end, arguments):
        name = arguments.get(frames.NAME, "")
        mood = self._mood(name)
        if mood == NOT_HEARD:
            return
        answer = {frames.NAME: name}
        operation = int(arguments.get(frames.OPERATION) or 0)
        amount = int(arguments.get(frames.AMOUNT) or 0)
        if name == "IDL":
            answer[frames.OPERATION] = str(self.last)
        elif name == "VRP":
            if operation != self.last:
                self.last, self.confirmed = operation, False
                self.asked += 1
                self.result = 0 if mood == DECLINED else amount
                if self.result:
                    self.taken[operation] = amount
            answer[frames.OPERATION] = str(operation)
            answer[frames.AMOUNT] = str(self.result)
        elif name == "FIN":
            if operation == self.last and amount != self.result:
                self.taken.pop(operation, None)
            self.confirmed = True
            answer |= {frames.OPERATION: str(operation), frames.AMOUNT: str(amount)}
            answer[frames.SLIP] = f"ЧЕК {operation}\nСПАСИБО"
        if mood == POWER_CUT:
            self.lose_power()
        if mood == LOST_ANSWER:
            return
        message = frames.encode(frames.FROM_TERMINAL, answer)
        if self.serial:
            message = frames.wrap(message)
        if mood == WRONG_SUM:
            message = message[:-1] + bytes([message[-1] ^ 1])
        end.write(message)
