"""What a selection on the command line means: addons, files, names of tests."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem
from ..home import CHECKOUT
from ..suite import Suite

LINT = "lint"
DEFINITION = re.compile(r"^\s*(?:class|(?:async )?def)\s+(\w+)", re.MULTILINE)


@dataclass
class Selection:
    """What to run: lint or not, Odoo's test tags by addon, pytest's arguments."""

    lint: bool = False
    tags: dict = field(default_factory=dict)
    hoot: set = field(default_factory=set)
    pytest: list = field(default_factory=list)

    def add_tag(self, addon, tag):
        self.tags.setdefault(addon, [])
        if tag not in self.tags[addon]:
            self.tags[addon].append(tag)

    def add_addon(self, suite, addon):
        if list((suite.folder / addon / "tests").glob("test_*.py")):
            self.add_tag(addon, f"/{addon}")
        if list((suite.folder / addon).glob("static/tests/**/*.test.js")):
            self.hoot.add(addon)


def everything():
    selection = Selection(lint=True, pytest=["tests"])
    suite = Suite(CHECKOUT)
    for addon in suite.addons:
        selection.add_addon(suite, addon)
    return selection


def parse(words):
    """Return the selection that the words mean; none mean everything."""
    if not words:
        return everything()
    selection, suite = Selection(), Suite(CHECKOUT)
    for word in words:
        if word == LINT:
            selection.lint = True
        elif word in suite.addons:
            selection.add_addon(suite, word)
        elif path := find_path(word):
            add_path(selection, suite, path, word)
        elif not add_name(selection, suite, word):
            raise Problem(f"No addon, file or test is called “{word}”.")
    if not (selection.lint or selection.tags or selection.hoot or selection.pytest):
        raise Problem(f"There are no tests in {', '.join(words)}.")
    return selection


def find_path(word):
    """Return the path in the checkout that a word (perhaps path::name) names."""
    name = word.partition("::")[0]
    for base in (Path.cwd(), CHECKOUT):
        path = (base / name).resolve()
        if path.exists() and path.is_relative_to(CHECKOUT):
            return path.relative_to(CHECKOUT)
    return None


def add_path(selection, suite, path, word):
    parts = path.parts
    name = word.partition("::")[2]
    if parts[:1] == ("tests",):
        selection.pytest.append(f"{path}::{name}" if name else str(path))
    elif parts[:1] == ("addons",) and len(parts) > 1:
        if path.suffix == ".py":
            for cls in test_classes(CHECKOUT / path):
                selection.add_tag(parts[1], f"/{parts[1]}:{cls}")
        elif path.name.endswith(".test.js"):
            selection.hoot.add(parts[1])
        else:
            selection.add_addon(suite, parts[1])
    elif path == Path("addons"):
        for addon in suite.addons:
            selection.add_addon(suite, addon)
    else:
        raise Problem(f"There are no tests in {path}.")


def test_classes(path):
    """Return the classes of a file whose methods Odoo's runner would call."""
    return [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    ]


def add_name(selection, suite, word):
    """Add the tests called so: test_name, Class or Class.test_name."""
    wanted = word.split(".")
    found = False
    for addon in suite.addons:
        for path in (suite.folder / addon / "tests").glob("**/test_*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and (tag := match(node, wanted)):
                    selection.add_tag(addon, f"/{addon}:{tag}")
                    found = True
    for path in (CHECKOUT / "tests").glob("**/test_*.py"):
        if wanted[-1] in DEFINITION.findall(path.read_text()):
            selection.pytest += [str(path.relative_to(CHECKOUT)), "-k", wanted[-1]]
            found = True
    return found


def match(node, wanted):
    """Return Class or Class.method when the words name it, else None."""
    methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    if wanted == [node.name]:
        return node.name
    if wanted[-1] in methods and wanted[:-1] in ([], [node.name]):
        return f"{node.name}.{wanted[-1]}"
    return None
