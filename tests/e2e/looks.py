"""What is asked of each page a patient opens: it fits, it can be heard, it is quiet."""

import functools
import os
from pathlib import Path

MODULES = "CLINIC_NODE_MODULES"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# The list of what axe found, short enough to be read in a failure.
# Odoo's own, not ours to mend: the sign of a provider that is being tried has a label
# and no role. It is gone once the provider is in earnest.
OTHERS = ["#o_payment_form .fa-exclamation-triangle"]
RUN_AXE = """([rules, exclude]) => axe.run({exclude}, {runOnly: rules}).then(found =>
    found.violations.flatMap(one => one.nodes.map(
        node => `${one.id}: ${node.target.join(' ')} (${one.help})`)))"""
FIRST_PAINT = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return paint ? paint.startTime : null;
}"""


@functools.cache
def axe_source():
    """Return the script of axe-core, None where npm could not fetch it."""
    folder = os.environ.get(MODULES)
    path = folder and Path(folder) / "axe-core" / "axe.min.js"
    return path.read_text() if path and path.exists() else None


class Looks:
    """Watches a page from its opening on; ``check`` says what is wrong with it."""

    def __init__(self, page, own):
        self.page = page
        self.own = own
        self.paints = {}
        self.wrong = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, message):
        if message.type == "error":
            self.wrong.append(f"console: {message.text}")

    def _on_request(self, request):
        if request.url.startswith("http") and not request.url.startswith(self.own):
            self.wrong.append(f"asked of another site: {request.url}")

    def _on_response(self, response):
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def check(self):
        """Fail with all that is wrong with what is on the screen."""
        page, found = self.page, list(self.wrong)
        self.wrong.clear()
        page.wait_for_load_state("load")
        self.paints.setdefault(page.url, page.evaluate(FIRST_PAINT))
        wide = page.evaluate(
            "document.documentElement.scrollWidth"
            " - document.documentElement.clientWidth"
        )
        if wide > 0:
            found.append(f"{wide} pixels wider than the screen")
        if axe_source():
            if not page.evaluate("Boolean(window.axe)"):
                page.evaluate(f"{axe_source()};0")
            found += page.evaluate(RUN_AXE, [RULES, OTHERS])
        assert not found, f"{page.url}: " + "; ".join(found)
