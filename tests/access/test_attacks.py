"""Every way we know to come by what is written about a patient, over real HTTP."""

import functools
import json
import os
from pathlib import Path

import pytest

from .attacker import Attacker

STAFF = (
    "reception",
    "callcenter",
    "cashier",
    "finance",
    "storekeeper",
    "director",
    "admin",
)
PATIENTS = ("patient", "patient2", "parent")
EVERYBODY = (*STAFF, *PATIENTS, None)

# medical models of which a role reads the rows that are not: nothing leaks, as ever,
# but the answer is no refusal
OPEN_IN_PART = {("clinic.document", "reception")}

# names of illnesses are no secret, only that somebody has one
CLASSIFIER = "clinic.icd10"

# what is known of the addons themselves takes a minute a role to read and is public
NOT_CRAWLED = {CLASSIFIER, "ir.module.module"}

# the newest rows of a model that are read whole: those planted are among them
ROWS = 100

# what a call is given where a method asks for it
GUESSES = {
    "domain": [],
    "fields": ["id"],
    "field_names": [],
    "values": {},
    "vals": {},
    "vals_list": [{}],
    "answers": {},
    "reason": "attack",
    "start": "2030-01-01 09:00:00",
    "stop": "2030-01-31 09:00:00",
    "date_from": "2030-01-01",
    "date_to": "2030-01-31",
    "day": "2030-01-01",
    "date": "2030-01-01",
    "name": "a",
    "query": "a",
    "percent": 0,
    "amount": 1,
}


@pytest.fixture(scope="module")
def tried():
    """Collect how much was tried; printed when the module ends."""
    counts = {}
    yield counts
    total = sum(counts.values())
    print(f"\nattacks tried: {total} ({counts})")
    if folder := os.environ.get("CLINIC_TEST_FOLDER"):
        Path(folder, "attacks.json").write_text(json.dumps(counts))


@pytest.fixture(scope="module")
def sessions(server):
    """Return a function that signs somebody in once for all tests."""
    return functools.cache(server.client)


@pytest.fixture
def attack(server, sessions, planted, tried):
    """Return a function that signs somebody in; his leaks fail the test."""
    attackers = []

    def attack(login):
        attackers.append(Attacker(server, planted, login, sessions(login)))
        attackers[-1].check_session()
        return attackers[-1]

    yield attack
    for attacker in attackers:
        # whom the server has forgotten is refused everything: that would prove nothing
        attacker.check_session()
        name = attacker.login or "anonymous"
        tried[name] = tried.get(name, 0) + attacker.tried
    leaks = [f"{a.login}: {leak}" for a in attackers for leak in a.leaks]
    assert not leaks, "\n".join(leaks)


def test_everything_medical_is_planted(planted):
    assert not planted["failed"], planted["failed"]
    empty = [name for name, ids in planted["rows"].items() if not ids]
    assert not empty


@pytest.mark.parametrize("login", EVERYBODY)
def test_records_are_closed_by_every_method_of_the_orm(attack, planted, login):
    thief = attack(login)
    secret = planted["secret"]
    for model, ids in planted["rows"].items():
        if (model, login) in OPEN_IN_PART:
            thief.call("orm", model, "search_read", [], planted["texts"][model])
            continue
        texts = planted["texts"][model] or ["id"]
        spec = {text: {} for text in [*texts, "display_name"]}
        for text in texts:
            found = [[text, "ilike", secret]]
            for method, args in {
                "search_count": [found],
                "search_read": [found, texts],
                "formatted_read_group": [found, [text], ["__count"]],
            }.items():
                answer = thief.call("orm", model, method, *args)
                assert "error" in answer, f"{login}: {model}.{method} answered"
        found = [[texts[0], "ilike", secret]]
        for method, args in {
            "read": [ids, [*texts, "display_name"]],
            "web_read": [ids, spec],
            "search": [found],
            "web_search_read": [found, spec],
            "web_read_group": [found, [texts[0]], ["__count"]],
            "export_data": [ids, texts],
            "onchange": [[], {"id": ids[0]}, texts, spec],
        }.items():
            answer = thief.call("orm", model, method, *args)
            assert "error" in answer, f"{login}: {model}.{method} answered"
        for method, args in {
            "name_search": [""],
            "web_name_search": ["", {"id": {}}],
            "get_metadata": [ids],
            "copy": [ids],
            "unlink": [ids],
            "write": [ids, {}],
            "create": [[{}]],
            "read_progress_bar": [
                [],
                "create_date:month",
                {"field": "id", "colors": {}},
            ],
        }.items():
            answer = thief.call("orm", model, method, *args)
            assert "error" in answer, f"{login}: {model}.{method} answered"


def told_apart(thief, model, secret):
    """Tell whether a model finds other names by the secret than by any other word.

    Some find everything by any name. What was made or has passed between two questions
    is asked for again.
    """
    for _attempt in range(3):
        found, nothing = (
            thief.call("by name", model, "name_search", words).get("result")
            for words in (secret, "KANAREIKA0000")
        )
        if found == nothing:
            return False
    return True


@pytest.mark.parametrize("login", [*STAFF, *PATIENTS])
def test_nothing_one_may_read_tells_it(attack, planted, facts, login):
    """Read whole every model that answers: messages, logs, invoices, events, SMS."""
    thief = attack(login)
    context = {"bin_size": True, "active_test": False}
    for model in facts["readable"][login]:
        if model in NOT_CRAWLED:
            continue
        thief.call(
            "crawl",
            model,
            "search_read",
            [],
            limit=ROWS,
            order="id desc",
            context=context,
        )
        if model == "ir.model.data" or model.startswith(("ir.", "base.", "bus.")):
            continue
        assert not told_apart(thief, model, planted["secret"]), (
            f"{login} finds {model} by medical words"
        )


@pytest.mark.parametrize("login", [*STAFF, *PATIENTS])
def test_no_way_around_through_what_one_may_read(attack, planted, login):
    """Dotted domains, grouping, sorting and specs from a visit to what was written."""
    thief = attack(login)
    secret = planted["secret"]
    for model, ids, path in [
        ("clinic.appointment", [planted["appointment"]], "encounter_ids.complaint"),
        (
            "clinic.appointment",
            [planted["appointment"]],
            "encounter_ids.diagnosis_ids.icd10_id.name",
        ),
        (
            "clinic.appointment",
            [planted["appointment"]],
            "encounter_ids.record_id.allergy_note",
        ),
        (
            "clinic.record.access",
            [],
            "record_id.allergy_note",
        ),
        ("clinic.record.access", [], "record_id.diagnosis_ids.note"),
    ]:
        first = path.split(".")[0]
        spec = {first: {"fields": {path.split(".")[1]: {}}}}
        for method, args, kwargs in [
            ("search", [[[path, "ilike", secret]]], {}),
            ("search_count", [[[path, "ilike", secret]]], {}),
            ("search_read", [[[path, "ilike", secret]], ["id"]], {}),
            (
                "search",
                [[[first, "any", [[path.split(".", 1)[1], "ilike", secret]]]]],
                {},
            ),
            ("search", [[[first, "!=", False], [path, "ilike", secret]]], {}),
            ("formatted_read_group", [[], [path], ["__count"]], {}),
            ("web_read", [ids, spec], {}),
            ("web_search_read", [[], spec], {}),
            ("export_data", [ids, [path.replace(".", "/")]], {}),
            ("search", [[]], {"order": f"{path} desc"}),
        ]:
            answer = thief.call("around", model, method, *args, **kwargs)
            if "ids" not in answer and method in ("search", "search_count"):
                assert "error" in answer or not answer["result"], (login, model, args)


@pytest.mark.parametrize("login", EVERYBODY)
def test_reports_files_and_exports_by_address(attack, planted, facts, login):
    thief = attack(login)
    for name, model, _kind in facts["reports"]:
        if ids := planted["rows"].get(model):
            for kind in ("html", "pdf", "text"):
                thief.page("report", f"/report/{kind}/{name}/{ids[0]}")
    for model, ids in planted["rows"].items():
        for text in planted["texts"][model]:
            thief.page("content", f"/web/content/{model}/{ids[0]}/{text}")
            thief.page("image", f"/web/image/{model}/{ids[0]}/{text}")
    for attachment in planted["attachments"]:
        for path in (
            f"/web/content/{attachment}",
            f"/web/content/{attachment}?download=1",
            f"/web/image/{attachment}",
            f"/web/content/ir.attachment/{attachment}/raw",
            f"/web/content/ir.attachment/{attachment}/datas",
            f"/web/content/ir.attachment/{attachment}/index_content",
        ):
            thief.page("attachment", path)
    for attachment in planted["attachments"]:
        for method, args in {
            "read": [[attachment], ["name", "raw", "datas", "index_content"]],
            "write": [[attachment], {"public": True}],
            "generate_access_token": [[attachment]],
            "copy": [[attachment]],
            "search_read": [[["id", "=", attachment]], ["name"]],
        }.items():
            thief.call("attachment", "ir.attachment", method, *args)
        thief.page("attachment afterwards", f"/web/content/{attachment}")
    for model, texts in planted["texts"].items():
        body = json.dumps(
            {
                "model": model,
                "fields": [{"name": t, "label": t} for t in texts],
                "ids": planted["rows"][model],
                "domain": [],
                "groupby": [],
                "context": {},
                "import_compat": False,
            }
        )
        thief.page("export", "/web/export/csv", f"data={body}".encode())


@pytest.mark.parametrize("login", STAFF + PATIENTS)
def test_every_public_method_over_json2(attack, planted, facts, login):
    """Press every button of our addons by its name, on the patient who is attacked."""
    thief = attack(login)
    rows = {
        **planted["rows"],
        "clinic.appointment": [planted["appointment"]],
        "res.partner": [planted["patient"]],
    }
    crashed = []
    for model, methods in facts["methods"].items():
        if model == CLASSIFIER:
            continue
        for method, fact in methods.items():
            arguments = {
                name: planted["patient"]
                if "patient" in name
                else GUESSES.get(name, planted["appointment"])
                for name in fact["needed"]
            }
            if not fact["model"] and model in rows:
                arguments["ids"] = rows[model]
            status, text = thief.json2(model, method, **arguments)
            refused = status in (200, 401, 403, 404, 409, 422)
            if not refused and "odoo.exceptions" not in text:
                crashed.append(f"{model}.{method}: {status} {text[:150]}")
    print(f"\n{login}: {len(crashed)} answers with a crash")


@pytest.mark.parametrize("login", EVERYBODY)
def test_every_route_of_ours(attack, facts, login):
    """No page or call of our addons shows it, and none breaks on a stranger."""
    thief = attack(login)
    for route, fact in facts["routes"].items():
        path = route.split(" ")[0]
        address = fill(path, thief.planted)
        if fact["type"] == "jsonrpc":
            body = b'{"jsonrpc": "2.0", "method": "call", "params": {}}'
            headers = {"Content-Type": "application/json"}
            status, text = thief.client.open(address, body, headers)
            thief.look(f"route {path}", text)
        elif "GET" in fact["methods"] or not fact["methods"]:
            status, text = thief.page("route", address)
        else:
            status, text = thief.page("route", address, b"")
        assert status < 500, f"{path} breaks for {login or 'anonymous'}"
        if fact["auth"] == "user" and login is None and status == 200:
            signed_out = "/web/login" in text or "Session expired" in text
            assert signed_out, f"{path} is open to anonymous visitors"


def fill(path, planted):
    """Return a route with the attacked patient's ids in its places."""
    parts = []
    for part in path.split("/"):
        if part.startswith("<"):
            kind, _colon, name = part.strip("<>").rpartition(":")
            if "appointment" in part or "visit" in name or "model" in kind:
                part = str(planted["appointment"])
            else:
                part = str(planted["patient"]) if "int" in kind else "x"
        parts.append(part)
    return "/".join(parts)


def test_the_words_lie_in_medical_tables_only(server, planted):
    """Whatever followed from the visit: invoices, messages, mails, SMS, events."""
    script = f"""
import json
secret = {planted["secret"]!r}
medical = {{env[name]._table for name in {list(planted["rows"])!r}}}
found = []
env.cr.execute('''SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type IN
    ('text', 'character varying', 'jsonb', 'json') ''')
for table, column in env.cr.fetchall():
    if table in medical | {{"clinic_icd10", "ir_attachment"}}:
        continue
    env.cr.execute(
        f'SELECT 1 FROM "{{table}}" WHERE "{{column}}"::text LIKE %s LIMIT 1',
        [f"%{{secret}}%"])
    if env.cr.fetchone():
        found.append(f"{{table}}.{{column}}")
env.cr.execute('''SELECT DISTINCT res_model FROM ir_attachment
    WHERE index_content LIKE %s OR name LIKE %s''', [f"%{{secret}}%"] * 2)
models = {list(planted["rows"])!r}
found += [f"attachment of {{model}}" for [model] in env.cr.fetchall()
          if model not in models]
print("FOUND", json.dumps(found))
"""
    output = server.shell(script)
    [line] = [line for line in output.splitlines() if line.startswith("FOUND ")]
    assert json.loads(line.removeprefix("FOUND ")) == []


def test_server_logs_tell_nothing(server, planted):
    """After all the attacks above, errors and tracebacks included."""
    log = server.runtime.instance(server.database) / "server.log"
    assert planted["secret"] not in log.read_text(errors="replace")
