"""A backup of a running clinic, and the clinic that comes back from it."""

import io
import json
import stat
import zipfile

import pytest

from launcher import backup, database
from launcher.console import Console
from launcher.errors import Problem

COPY = "back-from-backup"
# What must be the same in a copy: the guards of the data as well as the data.
WHAT = """
    SELECT (SELECT count(*) FROM clinic_appointment),
           (SELECT sum(balance) FROM account_move_line),
           (SELECT count(*) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace),
           (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'),
           (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"""


@pytest.fixture
def quiet():
    return Console(io.StringIO())


@pytest.fixture
def runtime(server):
    yield server.runtime
    database.drop(server.runtime, COPY)


@pytest.fixture(scope="module")
def saved(server, tmp_path_factory):
    """Return a backup, made while the server runs, and a file that is in it."""
    client = server.client("admin")
    [attachment_id] = client.call(
        "ir.attachment", "create", [{"name": "scan", "raw": "a patient's scan"}]
    )
    [[stored]] = server.query(
        f"SELECT store_fname FROM ir_attachment WHERE id = {attachment_id}"
    )
    path = tmp_path_factory.mktemp("backup") / "clinic.zip"
    backup.save(server.runtime, server.database, path, Console(io.StringIO()))
    return path, stored


def changed(path, target, member, change):
    """Write a copy of an archive with one member changed."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, change(data) if name == member else data)
    return target


def test_all_comes_back(server, runtime, saved, quiet):
    path, stored = saved
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    backup.load(runtime, path, COPY, quiet, neutralize=True)
    assert runtime.postgres.query(COPY, WHAT) == server.query(WHAT)
    assert (runtime.filestore(COPY) / stored).read_text() == "a patient's scan"
    state = database.read_state(runtime.postgres, COPY)
    assert state == database.read_state(runtime.postgres, server.database)
    neutral = "SELECT value FROM ir_config_parameter WHERE key = :'key'"
    assert runtime.postgres.query(COPY, neutral, key="database.is_neutralized")
    with pytest.raises(Problem, match="is there already"):
        backup.load(runtime, path, COPY, quiet)


def test_a_bad_dump_leaves_nothing(runtime, saved, tmp_path, quiet):
    def spoil(data):
        return data.replace(b"ADD CONSTRAINT clinic_claim", b"ADD KONSTRAINT clinic_x")

    bad = changed(saved[0], tmp_path / "bad.zip", backup.DUMP, spoil)
    with pytest.raises(Problem, match="does not take the backup"):
        backup.load(runtime, bad, COPY, quiet)
    assert COPY not in runtime.postgres.databases()
    assert not runtime.filestore(COPY).exists()


def test_what_is_no_backup_is_refused(runtime, saved, tmp_path, quiet):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(saved[0].read_bytes()[:-1000])
    with pytest.raises(Problem, match="cannot be read"):
        backup.load(runtime, cut, COPY, quiet)

    def older(data):
        return json.dumps(json.loads(data) | {"version": "18.0"}).encode()

    old = changed(saved[0], tmp_path / "old.zip", backup.MANIFEST, older)
    with pytest.raises(Problem, match=r"made by Odoo 18\.0"):
        backup.load(runtime, old, COPY, quiet)
    assert COPY not in runtime.postgres.databases()


def test_a_half_restored_clinic_does_not_start(server, runtime, quiet):
    runtime.postgres.create(COPY, comment=database.RESTORING)
    with pytest.raises(Problem, match="half restored"):
        database.ensure(runtime, COPY, quiet, language="ru_RU", demo=True, url="")


def test_a_backup_overwrites_nothing(tmp_path):
    there = tmp_path / "clinic.zip"
    there.write_text("last week's")
    with pytest.raises(Problem, match="there already"):
        backup.path_for("clinic", there)
    assert backup.path_for("clinic", tmp_path).parent == tmp_path
    with pytest.raises(Problem, match="no folder"):
        backup.path_for("clinic", tmp_path / "nowhere" / "clinic.zip")
