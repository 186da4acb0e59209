"""CLINIC_HOME: where everything lives that the launcher fetches or makes.

::

    cache/     downloads                        odoo/       Odoo, one folder a version
    venv/      Python packages, one folder a set of requirements
    pg/        the PostgreSQL cluster           pg-test/    the one for tests
    data/      Odoo's file store and sessions   instances/  state and log, by database
    checkout/  copies of checkouts that the servers' user cannot read
    test/      what test runs keep and write    user/       HOME of the servers' user
    rivals/    other addons, for benchmarks only

What is fetched belongs to whoever runs the launcher, the rest to the servers' user.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import struct
from pathlib import Path

from . import account as accounts, rivals
from .errors import Problem

CHECKOUT = Path(__file__).resolve().parent.parent

FETCHED = ("cache", "odoo", "venv", "checkout")
SERVED = ("data", "instances", "test", "user", "pycache", "log")
NOT_MIRRORED = {".git", ".ruff_cache", ".pytest_cache", ".hypothesis", "node_modules"}
SOCKET_PATH_LIMIT = 107
SOCKET_NAME = ".s.PGSQL.65535"

# The layout of the attribute system.posix_acl_access (linux/posix_acl_xattr.h)
ACL_VERSION = 2
ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER = 1, 2, 4, 16, 32
ACL_NO_ID = 0xFFFFFFFF


def default_path():
    """Return where CLINIC_HOME is when the environment does not name it.

    Root's own data folder is closed to the servers' user, so root without
    XDG_DATA_HOME gets that user's place.
    """
    data = os.environ.get("XDG_DATA_HOME")
    if data and os.path.isabs(data):
        return Path(data) / "clinic"
    if os.geteuid() == 0:
        return accounts.DEFAULT_HOME
    return Path.home() / ".local" / "share" / "clinic"


class Home:
    def __init__(self, path=None):
        named = os.environ.get("CLINIC_HOME")
        self.path = Path(path or named or default_path()).absolute()
        if self.path.resolve().is_relative_to(CHECKOUT):
            raise Problem(
                f"CLINIC_HOME ({self.path}) is inside the checkout; name another place."
            )
        self.account = accounts.current()

    def __truediv__(self, name):
        return self.path / name

    def exists(self):
        return (self.path / "instances").is_dir()

    def prepare(self):
        """Make the folders, with the right owners, and see that they can be reached."""
        self.account = accounts.ensure()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self.account.switch:
                os.chown(self.path, 0, self.account.gid)
                self.path.chmod(0o750)
            for name in FETCHED:
                (self.path / name).mkdir(exist_ok=True)
            for name in SERVED:
                (self.path / name).mkdir(mode=0o750, exist_ok=True)
                self.account.own(self.path / name)
        except PermissionError as error:
            raise Problem(
                f"{error.filename} cannot be written. Give it back (sudo chown -R "
                f"{self.account.name} {self.path}), or name another CLINIC_HOME."
            ) from error
        self._open_the_way()

    def _open_the_way(self):
        """Let the servers' user pass through private folders above CLINIC_HOME."""
        if self.account.may("x", self.path):
            return
        for folder in reversed(self.path.parents):
            if self.account.may("x", folder):
                continue
            try:
                grant_passage(folder, self.account.uid)
            except OSError:
                pass
            if not self.account.may("x", folder):
                raise Problem(
                    f"The servers run as the user {self.account.name}, who cannot "
                    f"enter {folder}. Run: chmod o+x {folder} — or name another "
                    "CLINIC_HOME."
                )
        if not self.account.may("x", self.path):
            raise Problem(f"The user {self.account.name} cannot enter {self.path}.")

    def socket_folder(self, name):
        """Return a folder for a PostgreSQL socket whose path is short enough."""
        folder = self.path / name
        if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
            folder = Path("/tmp") / f"clinic-{self.account.uid}-{digest}"
        folder.mkdir(mode=0o700, exist_ok=True)
        self.account.own(folder)
        owner = folder.lstat()
        if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != self.account.uid:
            raise Problem(f"{folder} belongs to somebody else; remove it.")
        return folder

    def instance(self, database, *, for_tests=False):
        """Return the folder of one database's state and log."""
        folder = self.path / ("test/run" if for_tests else "instances") / database
        for each in (folder.parent, folder):
            if not each.exists():
                each.mkdir(mode=0o750)
                self.account.own(each)
        return folder

    def readable_checkout(self):
        """Return the checkout, or a fresh copy if the servers' user cannot read it."""
        if not self.account.switch or self._readable(CHECKOUT):
            return CHECKOUT
        digest = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
        copy = self.path / "checkout" / digest
        copy.mkdir(exist_ok=True)
        for entry in CHECKOUT.iterdir():
            if entry.name not in NOT_MIRRORED:
                mirror(entry, copy / entry.name)
        return copy

    def _readable(self, top):
        needed = [top, *top.glob("addons/*"), *top.glob("addons/*/*"), top / "launcher"]
        return all(
            self.account.may("r", path) for path in sample(needed)
        ) and self.account.may("x", top / "addons")

    def environment(self):
        """Return the environment that the servers' user runs programs with."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ODOO_", "PG", "PYTHON", "XDG_", "SUDO_"))
        }
        user = str(self.path / "user")
        return kept | {
            "HOME": user,
            "USER": self.account.name,
            "LOGNAME": self.account.name,
            "XDG_DATA_HOME": f"{user}/.local/share",
            "CLINIC_HOME": str(self.path),
            "PYTHONPYCACHEPREFIX": str(self.path / "pycache"),
            "PYTHONUNBUFFERED": "1",
            **rivals.environment(),
        }


def sample(paths, count=40):
    """Return some of ``paths``: a checkout has one owner, so some tell for all."""
    step = max(1, len(paths) // count)
    return paths[:2] + paths[2::step]


def mirror(source, target):
    """Make ``target`` hold what ``source`` holds, copying only what differs."""
    if source.is_file():
        if not same_file(source, target):
            shutil.copy2(source, target)
            target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        return
    target.mkdir(exist_ok=True)
    target.chmod(0o755)
    names = {entry.name for entry in source.iterdir()} - {"__pycache__"}
    for entry in list(target.iterdir()):
        if entry.name not in names:
            remove(entry)
    for name in names:
        mirror(source / name, target / name)


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def same_file(source, target):
    with contextlib.suppress(FileNotFoundError):
        one, two = source.stat(), target.stat()
        return (one.st_size, one.st_mtime_ns) == (two.st_size, two.st_mtime_ns)
    return False


def grant_passage(folder, uid):
    """Let one user, and nobody else, pass through ``folder`` (an access list entry)."""
    attribute = "system.posix_acl_access"
    mode = folder.stat().st_mode
    owner, group, other = (mode >> 6) & 7, (mode >> 3) & 7, mode & 7
    named = {}
    try:
        raw = os.getxattr(folder, attribute)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
    else:
        for tag, permissions, who in struct.iter_unpack("<HHI", raw[4:]):
            if tag == ACL_GROUP_OBJ:
                group = permissions
            elif tag not in (ACL_USER_OBJ, ACL_MASK, ACL_OTHER):
                named[tag, who] = permissions
    named[ACL_USER, uid] = named.get((ACL_USER, uid), 0) | 1
    mask = group
    for permissions in named.values():
        mask |= permissions
    entries = [
        (ACL_USER_OBJ, owner, ACL_NO_ID),
        *((tag, permissions, who) for (tag, who), permissions in named.items()),
        (ACL_GROUP_OBJ, group, ACL_NO_ID),
        (ACL_MASK, mask, ACL_NO_ID),
        (ACL_OTHER, other, ACL_NO_ID),
    ]
    entries.sort(key=lambda entry: (entry[0], entry[2]))
    packed = b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(folder, attribute, struct.pack("<I", ACL_VERSION) + packed)
