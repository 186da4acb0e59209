"""Each model and each route of ours has its decision, and keeps to it."""

import os

import pytest

from . import table

# who has nothing to do with what is written about a patient's health
NOT_MEDICAL = (
    "reception",
    "callcenter",
    "cashier",
    "finance",
    "storekeeper",
    "director",
    "admin",
    "employee",
    "portal",
    "public",
)
# medical models with rows that are not: open in part, by rules, and why
OPEN_IN_PART = {
    ("clinic.document", "reception"): "contracts and such; is_medical is for doctors",
}


@pytest.fixture(scope="module", autouse=True)
def write_anew(facts):
    if os.environ.get("CLINIC_WRITE_MATRIX"):
        table.write_models(facts)
        table.write_routes(facts)


def test_each_model_has_a_decision(facts):
    decided = table.read(table.MODELS)
    assert not set(facts["models"]) - set(decided), "models without a decision"


def test_rights_are_as_decided(facts):
    decided = table.read(table.MODELS)
    different = [
        f"{name} for {role}: {decided[name][role]} decided, {cell} found"
        for name, fact in facts["models"].items()
        for role, cell in fact["cells"].items()
        if name in decided and decided[name].get(role) != cell
    ]
    assert not different, "\n".join(different)


def test_medical_models_are_marked(facts):
    decided = table.read(table.MODELS)
    unmarked = [
        name
        for name, fact in facts["models"].items()
        if fact["medical"] and decided.get(name, {}).get("medical") != "yes"
    ]
    assert not unmarked


@pytest.mark.parametrize("role", NOT_MEDICAL)
def test_medical_models_are_closed_to(role):
    """Whatever the table says otherwise: this part of it nobody may decide anew."""
    opened = [
        name
        for name, row in table.read(table.MODELS).items()
        if row["medical"] == "yes"
        and row[role] != "-"
        and not ((name, role) in OPEN_IN_PART and row[role].islower())
    ]
    assert not opened


def test_nobody_deletes_or_reads_all_but_the_chief(facts):
    """Treating staff reads medical rows by rules, and nobody deletes what is signed."""
    for name, row in table.read(table.MODELS).items():
        if row["medical"] == "yes" and facts["models"][name]["medical"]:
            for role in ("specialist", "nurse", "lab"):
                assert "R" not in row[role], f"{name} is open whole to {role}"
            assert "d" not in row["chief_physician"].lower(), name


def test_each_route_has_a_decision(facts):
    decided = table.read(table.ROUTES)
    assert not set(facts["routes"]) - set(decided), "routes without a decision"
    assert not set(decided) - set(facts["routes"]), "decisions on routes that are gone"
    for path, fact in facts["routes"].items():
        row = decided[path]
        assert row["auth"] == fact["auth"], path
        assert row["type"] == fact["type"], path
        if fact["auth"] in ("public", "none"):
            assert row["reason"], f"{path} is open to everybody: say why"
