"""The reviewed decisions: who may do what with each model, who may call each route.

``models.csv`` and ``routes.csv`` are read by people. A cell of a model says what a role
may do: ``r`` read, ``w`` write, ``c`` create, ``d`` delete; a capital letter where no
record rule of the role's groups narrows it to a part of the rows; ``-`` for nothing.
After a change of rights that is meant, write them anew and read the difference::

    CLINIC_WRITE_MATRIX=1 ./clinic test tests/access/test_matrix.py
"""

import csv
from pathlib import Path

HERE = Path(__file__).parent
MODELS = HERE / "models.csv"
ROUTES = HERE / "routes.csv"
ROUTE_FIELDS = ("module", "auth", "type")


def read(path):
    """Return ``{first column: row}`` of a table."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        return {row[reader.fieldnames[0]]: row for row in reader}


def write_models(facts):
    """Write the cells anew; what people decided in words (``medical``) is kept."""
    known = read(MODELS)
    with MODELS.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "module", "medical", *facts["roles"]])
        for name, fact in sorted(facts["models"].items()):
            decided = known.get(name, {}).get("medical")
            medical = decided or ("yes" if fact["medical"] else "no")
            cells = [fact["cells"][role] for role in facts["roles"]]
            writer.writerow([name, fact["module"], medical, *cells])


def write_routes(facts):
    """Write the routes anew; the reasons are kept, new routes get an empty one."""
    known = read(ROUTES)
    with ROUTES.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["route", *ROUTE_FIELDS, "reason"])
        for route, fact in sorted(facts["routes"].items()):
            reason = known.get(route, {}).get("reason", "")
            row = [route, fact["module"], fact["auth"], fact["type"], reason]
            writer.writerow(row)
