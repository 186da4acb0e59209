"""Lint with the field's tools; each tool is one check."""

import xml.etree.ElementTree as ElementTree

from .. import node, process
from ..errors import Problem, StepFailed
from .outcome import Outcome

TITLE = "Lint"


class Lint:
    def __init__(self, runtime, console):
        self.runtime = runtime
        self.console = console
        self.site = runtime.site
        self.state = runtime.home / "test" / "lint"

    def run(self):
        self.state.mkdir(exist_ok=True)
        self.runtime.home.account.own(self.state)
        outcome = Outcome(TITLE)
        ruff = ["-m", "ruff"]
        cache = ["--cache-dir", self.state / "ruff"]
        concise = ["--output-format=concise", "--no-fix"]
        outcome.check("ruff check", self.python(*ruff, "check", *concise, *cache, "."))
        outcome.check(
            "ruff format", self.python(*ruff, "format", "--check", *cache, ".")
        )
        outcome.check("xml is well-formed", self.malformed_xml())
        addons = [f"addons/{name}" for name in self.runtime.suite.addons]
        if addons:
            outcome.check("pylint-odoo", self.python("-m", "pylint", *addons))
            self.javascript(outcome)
        return outcome

    def python(self, *arguments):
        """Return what a Python tool complains about, an empty text if nothing."""
        return self.call([self.runtime.python, *arguments])

    def call(self, command):
        try:
            process.run(
                command,
                self.runtime.home.account,
                cwd=self.site,
                env=self.runtime.environment() | {"PYLINTHOME": str(self.state)},
            )
        except StepFailed as error:
            return error.output or str(error)
        return ""

    def malformed_xml(self):
        problems = []
        for path in sorted(self.site.glob("addons/**/*.xml")):
            try:
                ElementTree.parse(path)
            except ElementTree.ParseError as error:
                problems.append(f"{path.relative_to(self.site)}: {error}")
        return "\n".join(problems)

    def javascript(self, outcome):
        """Check JavaScript and the layout of XML, where Node is there."""
        try:
            modules = node.modules(self.runtime, self.console)
        except Problem as error:
            outcome.skipped += [f"eslint ({error})", f"prettier ({error})"]
            return
        tools = modules / ".bin"
        sources = [str(path.relative_to(self.site)) for path in self.sources("js")]
        if sources:
            outcome.check("eslint", self.call([tools / "eslint", *sources]))
        sources += [str(path.relative_to(self.site)) for path in self.sources("xml")]
        if sources:
            plugin = modules / "@prettier/plugin-xml/src/plugin.js"
            command = [tools / "prettier", "--plugin", plugin, "--check"]
            outcome.check("prettier", self.call([*command, *sources]))

    def sources(self, suffix):
        pattern = {"js": "addons/*/static/**/*.js", "xml": "addons/**/*.xml"}[suffix]
        return [
            path for path in sorted(self.site.glob(pattern)) if "lib" not in path.parts
        ]
