"""System programs beside the servers: Chromium for tests, wkhtmltopdf for PDFs."""

import os
import shutil
import threading

from . import apt
from .errors import Problem

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium():
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def ensure_chromium(console):
    """Return the path of a Chromium, installing it as root."""
    if not find_chromium() and os.geteuid() == 0 and apt.available():
        with console.step("Chromium") as step:
            apt.install(["chromium", "fonts-dejavu-core"], step.progress)
    if not find_chromium():
        raise Problem("The tests need Chromium. Run: sudo apt-get install chromium")
    return find_chromium()


def find_wkhtmltopdf():
    return shutil.which("wkhtmltopdf")


def ensure_wkhtmltopdf(console):
    """Get wkhtmltopdf for the tests: a signed paper is kept as a PDF."""
    pdf = WkhtmltopdfInstall(console)
    pdf.begin()
    pdf.finish()


class WkhtmltopdfInstall:
    """Gets wkhtmltopdf while other things are done; PDFs can do without for long."""

    def __init__(self, console):
        self.console = console
        self.thread = None

    def begin(self):
        if find_wkhtmltopdf():
            return
        if os.geteuid() or not apt.available():
            self.console.note(
                "Printing to PDF needs wkhtmltopdf: sudo apt-get install wkhtmltopdf"
            )
            return
        self.thread = threading.Thread(target=self._install, daemon=True)
        self.thread.start()

    def _install(self):
        try:
            with self.console.step("wkhtmltopdf (for PDFs)") as step:
                apt.install(["wkhtmltopdf", "fonts-dejavu-core"], step.progress)
        except Problem as error:
            self.console.note(f"No PDFs for now, the rest works. {error}")

    def finish(self):
        if self.thread:
            self.thread.join()
