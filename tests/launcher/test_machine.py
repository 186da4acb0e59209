"""What the launcher does with the machine: locks, folders, access, processes."""

import os
import stat
import subprocess
import sys

import pytest

from launcher import home, locks, process
from launcher.errors import StepFailed


def test_the_last_lease_knows_it_is_the_last(tmp_path):
    first, second = locks.Lease(tmp_path / "lock"), locks.Lease(tmp_path / "lock")
    first.take()
    second.take()
    assert first.release() is False
    assert second.release() is True


def test_a_failed_program_shows_its_end(tmp_path):
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    with pytest.raises(StepFailed, match="status 3:\n.*the reason"):
        process.run(command, log=tmp_path / "log")
    assert "the reason" in (tmp_path / "log").read_text()


def test_a_process_is_known_by_its_start_too():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process.start_time(child.pid)
    assert process.is_alive(child.pid, started)
    assert not process.is_alive(child.pid, started + 1)
    child.communicate(b"\n")
    assert not process.is_alive(child.pid, started)


def test_a_mirror_follows_its_source(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "addons").mkdir(parents=True)
    (source / "addons" / "a.py").write_text("1")
    (source / "addons" / "__pycache__").mkdir()
    home.mirror(source, target)
    assert [path.name for path in (target / "addons").iterdir()] == ["a.py"]
    (source / "addons" / "a.py").unlink()
    (source / "addons" / "b.py").write_text("2")
    home.mirror(source, target)
    assert [path.name for path in (target / "addons").iterdir()] == ["b.py"]


def test_passage_for_one_user_opens_nothing_else(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    try:
        home.grant_passage(folder, 12345)
    except OSError:
        pytest.skip("this file system has no access lists")
    assert stat.S_IMODE(folder.stat().st_mode) & 0o007 == 0
    raw = os.getxattr(folder, "system.posix_acl_access")
    entries = list(home.struct.iter_unpack("<HHI", raw[4:]))
    assert (home.ACL_USER, 1, 12345) in entries
    assert (home.ACL_GROUP_OBJ, 0, home.ACL_NO_ID) in entries
    home.grant_passage(folder, 12345)
    assert os.getxattr(folder, "system.posix_acl_access") == raw
