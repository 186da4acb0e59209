"""Steps with their progress: one rewritten line on a terminal, else plain lines."""

import contextlib
import os
import sys
import threading
import time

PLAIN_INTERVAL = 5.0
LIVE_INTERVAL = 0.1


def duration(seconds):
    """Say a time span the way people do: ``7.3 s``, ``3 min 12 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def size(count):
    """Say a number of bytes in megabytes."""
    return f"{count / 1_000_000:.1f} MB"


class Step:
    """One thing being done; ``progress`` may be called as often as one likes."""

    def __init__(self, console, title):
        self.console = console
        self.title = title
        self.detail = ""
        self.result = ""
        self.begun = time.monotonic()
        self.shown = 0.0

    def progress(self, text):
        self.detail = text
        self.console.refresh(self)

    def done(self, text):
        """Tell what to print when the step ends well."""
        self.result = text


class Console:
    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.lock = threading.RLock()
        self.running = []
        self.drawn = False
        self.begun = time.monotonic()

    def print(self, text=""):
        with self.lock:
            self._erase()
            print(text, file=self.stream, flush=True)
            self._draw()

    def note(self, text):
        self.print(f"    {text}")

    @contextlib.contextmanager
    def step(self, title):
        """Show ``title`` while the block runs, then how long it took."""
        step = Step(self, title)
        with self.lock:
            self.running.append(step)
            if not self.live:
                self.print(f"  … {title}")
            self._erase()
            self._draw()
        try:
            yield step
        except BaseException:
            self._finish(step, "✗", "failed")
            raise
        self._finish(step, "✓", step.result)

    def refresh(self, step):
        now = time.monotonic()
        with self.lock:
            interval = LIVE_INTERVAL if self.live else PLAIN_INTERVAL
            if now - max(step.shown, step.begun if not self.live else 0) < interval:
                return
            step.shown = now
            if self.live:
                self._erase()
                self._draw()
            else:
                print(f"    {step.title}: {step.detail}", file=self.stream, flush=True)

    def _finish(self, step, mark, result):
        took = duration(time.monotonic() - step.begun)
        with self.lock:
            self.running.remove(step)
            words = ", ".join(part for part in (result, took) if part)
            self.print(f"  {mark} {step.title} ({words})")

    def _erase(self):
        if self.drawn:
            self.stream.write("\r\x1b[2K")
            self.drawn = False

    def _draw(self):
        if not (self.live and self.running):
            return
        text = "  … " + " · ".join(
            f"{step.title} {step.detail}".strip() for step in self.running
        )
        width = max(20, os.get_terminal_size(self.stream.fileno()).columns - 1)
        self.stream.write(text[:width])
        self.stream.flush()
        self.drawn = True
