"""Risk of late payment: calibration and discrimination, seeded and the clinic's own."""

import json

INVOICES = 20_000
PATIENTS = 3_000

# Runs in a shell of the database; nothing is committed.
SCRIPT = """
import json, math, random, time
from datetime import date, timedelta
from odoo.addons.clinic_finance.tools import risk

FIRST = date(2024, 1, 1)

def seeded(seed, kind):
    rng = random.Random(seed)
    trait = [rng.gauss(0, 1.2) for _ in range(PATIENTS)]
    sort = [rng.choice((0, 0, 0, 0, 0, 0, 1, 1, 2)) for _ in range(PATIENTS)]
    mood = [0] * PATIENTS
    missed = {p: [FIRST + timedelta(days=rng.randrange(700))
                  for _ in range(max(0, int(rng.gauss(trait[p], 1))))]
              for p in range(PATIENTS)}
    found = []
    for number in sorted(rng.randrange(700) for _ in range(INVOICES)):
        p = min(int(rng.expovariate(2 / PATIENTS)), PATIENTS - 1)
        day = FIRST + timedelta(days=number)
        amount = int(math.exp(rng.gauss(12.3, 0.7)))
        ahead, web = rng.choice((0, 0, 1, 3, 7, 14)), rng.random() < 0.3
        if kind == "factors":
            late = rng.random() < risk.sigmoid(
                -2.4 + trait[p] + 0.5 * (math.log(amount) - 12.3)
                + 0.15 * math.log1p(ahead) + 0.3 * web)
        else:
            # Careful, forgetful and insolvent people, whose luck turns: no formula.
            if rng.random() < 0.08:
                mood[p] = 1 - mood[p]
            late = rng.random() < min(
                0.95, (0.03, 0.15, 0.7)[sort[p]] * (2.5 if mood[p] else 0.8))
        due = day + timedelta(days=ahead)
        delay = rng.randrange(8, 120) if late else rng.randrange(3)
        paid = due + timedelta(days=delay) if not late or rng.random() < 0.7 else None
        found.append(risk.Invoice(
            p, day, due, amount, late, due + timedelta(days=8), paid, False, web))
    return found, missed

def judged(invoices, missed, name, numbers, tables):
    begun = time.perf_counter()
    model = risk.train(invoices, missed)
    seconds = time.perf_counter() - begun
    counts = risk.train(invoices, missed, enough=10 ** 9)
    quality = model.quality
    numbers[f"{name}: closed invoices"] = quality["invoices"]
    numbers[f"{name}: kind of model"] = model.kind
    if "auc" in quality:
        numbers[f"{name}: judged, unseen"] = quality["tested"]
        numbers[f"{name}: late, share"] = quality["base"]
        numbers[f"{name}: AUC"] = quality["auc"]
        numbers[f"{name}: ECE"] = quality["ece"]
        numbers[f"{name}: Brier"] = quality["brier"]
        numbers[f"{name}: Brier of the base rate"] = (
            quality["base"] * (1 - quality["base"]))
        numbers[f"{name}: AUC, counts only"] = counts.quality["auc"]
        numbers[f"{name}: ECE, counts only"] = counts.quality["ece"]
        tables[name] = quality["table"]
    numbers[f"{name}: learning, s"] = seconds

numbers, tables = {}, {}
for kind in ("factors", "people"):
    judged(*seeded(20261122, kind), f"seeded by {kind}", numbers, tables)
risks = env["clinic.debt.risk"]
from odoo import fields
for company in env["res.company"].search([]):
    own = risks._read_invoices(company, fields.Date.context_today(risks))
    if own:
        judged(own, risks._read_noshows(company), "own: " + company.name,
               numbers, tables)
print("RESULT " + json.dumps({"numbers": numbers, "tables": tables}))
env.cr.rollback()
"""


def run(server):
    script = SCRIPT.replace("PATIENTS", str(PATIENTS)).replace(
        "INVOICES", str(INVOICES)
    )
    output = server.shell(script)
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def report(result):
    """Return the figures, and a table of what was said and what came true."""
    lines = []
    for name, number in result["numbers"].items():
        value = f"{number:,.4f}" if isinstance(number, float) else str(number)
        lines.append(f"risk  {name:<48}{value:>12}")
    for name, table in result["tables"].items():
        lines += ["", f"{name}: calibration", "    invoices      said  came true"]
        lines += [
            f"    {count:>8}  {said:>8.1%}  {came:>9.1%}" for count, said, came in table
        ]
    return "\n".join(lines)
