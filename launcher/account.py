"""The unprivileged user that servers run as when the launcher itself is root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import Problem

NAMES = ("clinic", "clinic-suite")
LAST_SYSTEM_UID = 999
DEFAULT_HOME = Path("/var/lib/clinic")


@dataclass(frozen=True)
class Account:
    """Who runs PostgreSQL, Odoo and the tests."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen(self):
        """Return the arguments of ``subprocess`` that change to this user."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path):
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def may(self, test, path):
        """Tell whether this user passes ``test -<test> <path>`` (r, w or x)."""
        if not self.switch:
            flag = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[test]
            return os.access(path, flag)
        command = ["/usr/bin/test", f"-{test}", str(path)]
        return subprocess.run(command, cwd="/", **self.popen()).returncode == 0


def current():
    """Return the account without making one: None for root who has none yet."""
    if os.geteuid():
        entry = pwd.getpwuid(os.geteuid())
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)
    for name in NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid <= LAST_SYSTEM_UID:
            return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    return None


def ensure():
    """Return the account; as root, make the system user if there is none."""
    account = current()
    if account:
        return account
    taken = {entry.pw_name for entry in pwd.getpwall()}
    name = next((name for name in NAMES if name not in taken), None)
    if not name or not shutil.which("useradd"):
        raise Problem(
            "Running as root needs a system user for the servers, and it cannot be "
            f"made here. Make one: useradd --system --user-group {NAMES[0]}"
        )
    subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home"]
        + ["--home-dir", str(DEFAULT_HOME), "--shell", "/usr/sbin/nologin", name],
        check=True,
    )
    return current()
