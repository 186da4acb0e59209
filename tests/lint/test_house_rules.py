"""Rules of this repository that no general tool knows."""

import ast
import csv
import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ADDONS = sorted(path.parent for path in ROOT.glob("addons/*/__manifest__.py"))
NAMES = [path.name for path in ADDONS]
PURE_MODULES = sorted(
    path
    for addon in ADDONS
    for folder in ("tools", "iot_handlers/clinic_devices")
    for path in (addon / folder).glob("**/*.py")
)
# The ORM and the web: what a pure module may not know.
NOT_PURE = {"api", "fields", "http", "models"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\$\{[^}]*\}|\{\{.*?\}\}|\{\w*\}")

each_addon = pytest.mark.parametrize("addon", ADDONS, ids=NAMES)


def imported(tree):
    """Yield the dotted names a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "path", PURE_MODULES, ids=[str(path.relative_to(ROOT)) for path in PURE_MODULES]
)
def test_pure_modules_know_no_orm(path):
    bad = {
        name
        for name in imported(ast.parse(path.read_text()))
        if name.split(".")[0] == "odoo" and (name.split(".") + [""])[1] in NOT_PURE
    }
    assert not bad, f"{path} is pure logic and may not import {', '.join(sorted(bad))}"


@each_addon
def test_manifest_is_complete(addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    for key in ("name", "summary", "version", "author", "website", "depends"):
        assert manifest.get(key), f"{addon.name}: no {key} in the manifest"
    assert manifest["license"] == "LGPL-3"
    assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", manifest["version"])


@each_addon
def test_addon_has_readme_and_icon(addon):
    assert len((addon / "README.md").read_text()) > 300
    icon = (addon / "static" / "description" / "icon.png").read_bytes()
    assert icon.startswith(b"\x89PNG")


def own_models(addon):
    """Return the names of the stored models that an addon defines."""
    names = set()
    for folder in ("models", "wizards", "wizard"):
        for path in (addon / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and is_stored_model(node):
                    name = class_value(node, "_name")
                    # Named and inherited at once: extended by a mixin, not defined.
                    if name and name not in class_list(node, "_inherit"):
                        names.add(name)
    return names


def class_list(node, name):
    """Return the texts of a class attribute that is a list."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == name:
            if isinstance(statement.value, ast.List):
                return [item.value for item in statement.value.elts]
    return []


def is_stored_model(node):
    bases = {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
    return bool(bases & {"Model", "TransientModel"})


def class_value(node, name):
    for statement in node.body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == name:
            if isinstance(statement.value, ast.Constant):
                return statement.value.value
    return None


@each_addon
def test_each_model_has_access_rows(addon):
    models = own_models(addon)
    path = addon / "security" / "ir.model.access.csv"
    if not models:
        return
    with path.open() as rows:
        covered = {
            row["model_id:id"].rpartition(".")[2].removeprefix("model_")
            for row in csv.DictReader(rows)
        }
    missing = {name for name in models if name.replace(".", "_") not in covered}
    # A model that another of our addons has defined is extended, not defined, here.
    for other in ADDONS:
        if other != addon:
            missing -= own_models(other)
    assert not missing, f"{addon.name}: no access rows for {', '.join(sorted(missing))}"


@each_addon
def test_russian_puts_no_clinic_in_quotes(addon):
    """The names of organisations bring their own: ООО «Ромашка»."""
    russian = polib.pofile(str(addon / "i18n" / "ru.po"))
    quoted = re.compile(r"«[^»]*%\((clinic|company)\)s")
    problems = [
        e.msgstr for e in russian.translated_entries() if quoted.search(e.msgstr)
    ]
    assert not problems, f"{addon.name}: quotes around a name: {problems}"


@each_addon
def test_russian_is_complete(addon):
    template = polib.pofile(str(addon / "i18n" / f"{addon.name}.pot"))
    russian = polib.pofile(str(addon / "i18n" / "ru.po"))
    problems = [f"empty: {entry.msgid!r}" for entry in russian.untranslated_entries()]
    problems += [f"fuzzy: {entry.msgid!r}" for entry in russian.fuzzy_entries()]
    for entry in russian.translated_entries():
        wanted = sorted(PLACEHOLDER.findall(entry.msgid))
        if wanted != sorted(PLACEHOLDER.findall(entry.msgstr)):
            problems.append(f"other placeholders: {entry.msgid!r}")
    known = {entry.msgid for entry in russian if not entry.obsolete}
    template_ids = {entry.msgid for entry in template}
    problems += [f"not in ru.po: {text!r}" for text in sorted(template_ids - known)]
    problems += [f"not in .pot: {text!r}" for text in sorted(known - template_ids)]
    assert not problems, f"{addon.name}:\n" + "\n".join(problems)
