"""What the launcher reads: apt's sources, requests, Odoo's log, names of tests."""

import ast
import textwrap

import pytest

from launcher import apt, database, odoo_source
from launcher.console import duration
from launcher.errors import Problem
from launcher.proxy import Head, Refused
from launcher.testing import logs, selection
from launcher.testing.outcome import Failure, Outcome, summary

LOG = """\
2026-01-05 10:00:00,001 7 INFO db odoo.addons.clinic_x.tests.test_a: Starting TestA.test_good ...
2026-01-05 10:00:00,002 7 INFO db odoo.addons.clinic_x.tests.test_a: Starting TestA.test_bad ...
2026-01-05 10:00:00,003 7 INFO db odoo.addons.clinic_x.tests.test_a: ======
2026-01-05 10:00:00,003 7 ERROR db odoo.addons.clinic_x.tests.test_a: FAIL: TestA.test_bad
Traceback (most recent call last):
AssertionError: 1 != 2
2026-01-05 10:00:00,004 7 INFO db odoo.addons.clinic_x.tests.test_a: skipped TestA.test_later : no printer
2026-01-05 10:00:00,005 7 WARNING db odoo.models: something odd
2026-01-05 10:00:00,006 7 WARNING db odoo.models: something odd
2026-01-05 10:00:00,007 7 WARNING db py.warnings: an old acquaintance
2026-01-05 10:00:00,008 7 ERROR db odoo.tests.result: 1 failed, 0 error(s) of 2 tests
"""  # noqa: E501


def test_a_run_is_counted_from_the_log():
    outcome = logs.read_run("run", LOG, [])
    assert outcome.passed == 1
    assert [one.name for one in outcome.failures] == [
        "clinic_x: TestA.test_bad",
        "run: the server's log",
    ]
    assert "1 != 2" in outcome.failures[0].details
    assert outcome.skipped == ["clinic_x: TestA.test_later (no printer)"]


def test_expected_warnings_do_not_count():
    patterns = [logs.re.compile("^WARNING py.warnings: an old")]
    bad = logs.unexpected(LOG, patterns)
    assert "old acquaintance" not in bad
    assert bad.startswith("(2 times) ") and "something odd" in bad


def test_a_traceback_counts_at_any_level():
    text = (
        "2026-01-05 10:00:00,001 7 INFO db odoo.service: started\n"
        "Traceback (most recent call last):\nImportError: gone\n"
    )
    assert "ImportError" in logs.unexpected(text, [])


def test_last_line():
    one = Outcome("a", passed=2, failures=[Failure("x")])
    assert summary([one]) == "2 passed, 1 failed"
    assert summary([one, Outcome("b", skipped=["y"])]).endswith(", 1 skipped")


@pytest.mark.parametrize(
    ("stanza", "expected"),
    [
        (
            """
            # a comment
            Types: deb
            URIs: http://mirror.example/debian
            Suites: bookworm bookworm-updates
            Signed-By: /usr/share/keyrings/a.gpg
            """,
            [
                (
                    "http://mirror.example/debian",
                    ["bookworm", "bookworm-updates"],
                    "/usr/share/keyrings/a.gpg",
                )
            ],
        ),
        ("Types: deb-src\nEnabled: no\nURIs: http://mirror.example\nSuites: sid", []),
    ],
)
def test_sources_of_apt(stanza, expected):
    assert list(apt.read_stanza(textwrap.dedent(stanza))) == expected


def test_one_line_source():
    match = apt.ONE_LINE.match(
        "deb [arch=amd64 signed-by=/k.gpg] http://m/debian sid main"
    )
    assert (match["uri"], match["suite"]) == ("http://m/debian", "sid")
    assert not apt.ONE_LINE.match("deb-src http://m/debian sid main")


def test_odoo_is_found_in_each_kind_of_folder(tmp_path):
    release = "version_info = (19, 0, 0, FINAL, 0, '')\n"
    for place in (tmp_path / "git", tmp_path / "root" / odoo_source.LIBRARY):
        (place / "odoo").mkdir(parents=True)
        (place / "odoo" / "release.py").write_text(release)
        assert odoo_source.read_version(place) == "19.0"
    assert odoo_source.users_own(tmp_path / "root").library == place
    with pytest.raises(Problem, match="holds no Odoo"):
        odoo_source.users_own(tmp_path / "empty")


def test_another_odoo_is_refused(tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (17, 0, 0)")
    with pytest.raises(Problem, match="17.0"):
        odoo_source.users_own(tmp_path)


@pytest.mark.parametrize("name", ["Clinic", "1a", "a b", "a;drop", "", "a" * 60])
def test_bad_names_of_databases_are_refused(name):
    with pytest.raises(Problem):
        database.check_name(name)


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.26, "7.3 s"), (59.94, "59.9 s"), (192, "3 min 12 s")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_head_of_a_request():
    head = Head.parse(
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, TE\r\n\r\n"
    )
    assert head.get("host") == "a"
    assert head.tokens("connection") == {"keep-alive", "te"}
    assert head.length() is None


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length : 1",
        "no colon",
    ],
)
def test_unclear_lengths_are_refused(headers):
    with pytest.raises(Refused):
        Head.parse(f"POST / HTTP/1.1\r\n{headers}\r\n\r\n".encode()).length()


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("TestA", "TestA"),
        ("test_one", "TestA.test_one"),
        ("TestA.test_one", "TestA.test_one"),
        ("TestB.test_one", None),
        ("test_two", None),
    ],
)
def test_names_of_tests(words, tag):
    [node] = ast.parse("class TestA:\n    def test_one(self): pass").body
    assert selection.match(node, words.split(".")) == tag
