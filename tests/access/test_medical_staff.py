"""Medical staff and a patient who is not theirs: laboratory, nurse, another doctor.

They have rights on medical models, so most questions are answered; what must not be
in any answer is this patient. Emergency access is left alone: it opens, and is told.
"""

import json

import pytest

from .attacker import Attacker

LOGINS = ("lab", "nurse", "doctor2")


@pytest.fixture
def thief(server, planted, request):
    """Return who is signed in; what leaked to him fails the test."""
    login = request.param
    attacker = Attacker(server, planted, login, server.client(login))
    attacker.check_session()
    yield attacker
    # whom the server has forgotten is refused everything: that would prove nothing
    attacker.check_session()
    print(f"\n{login}: {attacker.tried} attempts")
    assert not attacker.leaks, "\n".join(attacker.leaks)


as_each = pytest.mark.parametrize("thief", LOGINS, indirect=True)


def gives_nothing(answer):
    """Return whether a call was refused or found nobody."""
    if "error" in answer:
        return True
    result = answer["result"]
    if isinstance(result, dict):
        result = result.get("records", result.get("groups", result.get("datas")))
    return not result


@as_each
def test_a_foreign_record_is_found_by_no_method(thief, planted):
    secret = planted["secret"]
    for model, ids in planted["rows"].items():
        texts = [*planted["texts"][model], "create_date"]
        spec = {text: {} for text in texts}
        mine = [["id", "in", ids]]
        said = [[texts[0], "ilike", secret]]
        for method, args in {
            "read": [ids, texts],
            "web_read": [ids, spec],
            "search": [mine],
            "search_count": [mine],
            "search_read": [mine, texts],
            "web_search_read": [mine, spec],
            "formatted_read_group": [mine, [], ["__count"]],
            "export_data": [ids, texts],
            "copy": [ids],
            "write": [ids, {"active": False}],
            "unlink": [ids],
        }.items():
            answer = thief.call("foreign", model, method, *args)
            if method == "formatted_read_group" and "result" in answer:
                counts = [group["__count"] for group in answer["result"]]
                assert not sum(counts), f"{model} is counted"
            else:
                assert gives_nothing(answer), f"{model}.{method} answered {answer}"
        for method, args in {
            "search_read": [said, texts],
            "formatted_read_group": [said, [texts[0]], ["__count"]],
            "name_search": [secret],
            "onchange": [[], {"id": ids[0]}, texts, spec],
        }.items():
            thief.call("by words", model, method, *args)


@as_each
def test_files_reports_and_exports_of_a_foreign_record(thief, planted, facts):
    for name, model, _kind in facts["reports"]:
        if ids := planted["rows"].get(model):
            thief.page("report", f"/report/html/{name}/{ids[0]}")
    for model, ids in planted["rows"].items():
        for text in planted["texts"][model]:
            thief.page("content", f"/web/content/{model}/{ids[0]}/{text}")
        body = {
            "model": model,
            "fields": [{"name": one, "label": one} for one in planted["texts"][model]],
            "ids": ids,
            "domain": [],
            "groupby": [],
            "context": {},
            "import_compat": False,
        }
        thief.page("export", "/web/export/csv", f"data={json.dumps(body)}".encode())
    for file in planted["attachments"]:
        thief.page("file", f"/web/content/{file}")
        thief.page("file", f"/web/image/{file}")
        columns = ["name", "raw", "datas", "index_content"]
        thief.call("file", "ir.attachment", "read", [file], columns)
        thief.call("file", "ir.attachment", "generate_access_token", [file])
        thief.call("file", "ir.attachment", "copy", [file])


@as_each
def test_buttons_and_methods_do_not_open_a_foreign_record(thief, planted, facts):
    """Each public method without an argument of the medical models, by JSON-2."""
    for model, ids in planted["rows"].items():
        for method, fact in facts["methods"].get(model, {}).items():
            if not fact["model"] and not fact["needed"]:
                thief.json2(model, method, ids=ids)
    for model, ids in planted["rows"].items():
        answer = thief.call("afterwards", model, "search", [["id", "in", ids]])
        assert gives_nothing(answer), f"{model} is open now"
