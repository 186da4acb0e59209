"""A stand-in for a barcode scanner in COM mode."""

import queue

from .line import Device


class Gun(Device):
    """``gun.read_code(b"…")``: somebody pulls the trigger."""

    def __init__(self, *, serial=False, end=b"\r"):
        super().__init__(serial=serial)
        self.end = end
        self.codes = queue.Queue()

    def read_code(self, code):
        self.codes.put(code + self.end)

    def serve(self, end):
        while not self.stopped.is_set():
            end.read(64, 0.02)
            try:
                end.write(self.codes.get(timeout=0.05))
            except queue.Empty:
                continue


class Paper(Device):
    """A printer that takes all it is sent: ``paper.printed``."""

    def __init__(self):
        super().__init__()
        self.printed = b""

    def serve(self, end):
        while not self.stopped.is_set():
            self.printed += end.read(4096, 0.1)
