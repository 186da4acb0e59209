"""PostgreSQL: an embedded private cluster, or the user's own by the PG* variables."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import apt, locks, process
from .errors import Problem, StepFailed

PORT = 5432
ROLE = "clinic"
INSTALL = "apt-get install postgresql"
SERVER_PROGRAMS = ("initdb", "pg_ctl", "postgres")
CLIENT_PROGRAMS = ("psql", "createdb", "dropdb", "pg_dump")

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    # Odoo's queries are many and short: compiling them costs more than it gains.
    "jit": "off",
    "checkpoint_completion_target": "0.9",
    "max_wal_size": "2GB",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}
# A test cluster may lose its data in a crash of the machine, and is much faster so.
TEST_SETTINGS = SETTINGS | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}


def external():
    """Tell whether the user has named a PostgreSQL of their own."""
    return bool(os.environ.get("PGHOST"))


def find_programs(needed):
    """Return the folder that holds the needed programs, None without one."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: float(path.parent.name),
        reverse=True,
    )
    folders += [Path(name) for name in os.environ.get("PATH", "").split(":") if name]
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in needed):
            return folder
    return None


def ensure_programs(console):
    needed, package = SERVER_PROGRAMS + CLIENT_PROGRAMS, "postgresql"
    if external():
        needed, package = CLIENT_PROGRAMS, "postgresql-client"
    folder = find_programs(needed)
    if folder:
        return folder
    if os.geteuid() == 0 and apt.available():
        with console.step("PostgreSQL") as step:
            apt.install([package], step.progress)
        folder = find_programs(needed)
    if not folder:
        raise Problem(
            f"PostgreSQL is missing. Run: sudo apt-get install {package} — or name a "
            "server of your own by PGHOST, PGPORT, PGUSER and PGPASSWORD."
        )
    return folder


class Postgres:
    """A PostgreSQL to work with; the embedded one runs while anybody has a lease."""

    def __init__(self, home, *, for_tests=False):
        self.home = home
        self.account = home.account
        self.external = external()
        self.for_tests = for_tests
        name = "pg-test" if for_tests else "pg"
        needed = SERVER_PROGRAMS + CLIENT_PROGRAMS
        self.programs = find_programs(CLIENT_PROGRAMS if self.external else needed)
        self.folder = home / name
        self.data = self.folder / "data"
        self.log = self.folder / "postgresql.log"
        self.lease = None
        self.socket = None
        if not self.external:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self.account.own(self.folder)
            self.socket = home.socket_folder(f"{name}/run")

    def environment(self):
        """Return what makes psql, Odoo and the rest connect to this server."""
        if self.external:
            return {
                name: value
                for name, value in os.environ.items()
                if name.startswith("PG")
            }
        return {"PGHOST": str(self.socket), "PGPORT": str(PORT), "PGUSER": ROLE}

    def start(self):
        """Take a lease, starting the cluster when it is not running."""
        if self.external or self.lease:
            return
        lease = locks.Lease(self.folder / "users.lock")
        with locks.exclusive(self.folder / "start.lock"):
            lease.take()
            for name in ("users.lock", "start.lock"):
                if os.geteuid() == 0:
                    self.account.own(self.folder / name)
            if not self.is_running():
                self._initialise()
                self._launch()
        self.lease = lease

    def stop(self):
        """Give the lease back; the last one to do so stops the cluster."""
        if self.lease is None:
            return
        with locks.exclusive(self.folder / "start.lock"):
            lease, self.lease = self.lease, None
            if lease.release() and self.is_running():
                self._program("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    def is_running(self):
        if not self.programs or not self._has_data():
            return False
        command = [str(self.programs / "pg_ctl"), "-D", str(self.data), "status"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        return subprocess.run(command, **quiet, **self.account.popen()).returncode == 0

    def _has_data(self):
        return (self.data / "PG_VERSION").exists()

    def _initialise(self):
        version = self.server_version()
        if self._has_data():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != version:
                raise Problem(
                    f"The databases in {self.data} were made by PostgreSQL {made_by}, "
                    f"installed is {version}. Install postgresql-{made_by}, or remove "
                    "that folder to begin anew."
                )
            return
        shutil.rmtree(self.data, ignore_errors=True)
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self._program(
            *("initdb", "-D", partial, "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth-local=trust", "--auth-host=reject", "--no-instructions"),
            *(["--no-sync"] if self.for_tests else []),
        )
        settings = TEST_SETTINGS if self.for_tests else SETTINGS
        with open(partial / "postgresql.conf", "a") as file:
            file.write("\n# The clinic launcher's settings\n")
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        partial.rename(self.data)

    def _launch(self):
        options = f"-k {self.socket} -p {PORT}"
        try:
            self._program(
                *("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60"),
                *("-o", options, "start"),
            )
        except StepFailed as error:
            tail = self.log.read_text(errors="replace").splitlines()[-10:]
            lines = "\n".join(f"    | {line}" for line in tail)
            raise StepFailed(f"PostgreSQL does not start:\n{lines}") from error

    def server_version(self):
        answer = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True
        )
        match = re.search(r"(\d+)(?:\.\d+)?", answer.stdout)
        return match[1] if match else ""

    def _program(self, name, *arguments):
        environment = self.home.environment() | {"LC_ALL": "C.UTF-8"}
        command = [self.programs / name, *arguments]
        return process.run(command, self.account, env=environment, cwd="/")

    # -- what one does with it --

    def call(self, name, *arguments):
        """Run a client program against this server and return its output."""
        environment = self.home.environment() | self.environment()
        command = [self.programs / name, *arguments]
        return process.run(command, self.account, env=environment, cwd="/")

    def query(self, database, statement, **values):
        """Return the rows of ``statement``; ``:'name'`` in it stands for a value."""
        command = [str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"]
        for name, value in values.items():
            command += ["-v", f"{name}={value}"]
        answer = subprocess.run(
            [*command, "-d", database],
            input=statement,
            capture_output=True,
            text=True,
            cwd="/",
            env=self.home.environment() | self.environment(),
            **self.account.popen(),
        )
        if answer.returncode:
            raise StepFailed(f"PostgreSQL says: {answer.stderr.strip()}")
        return [line.split("|") for line in answer.stdout.splitlines()]

    def check(self):
        """Raise a Problem in words when a server of the user's own is no good."""
        try:
            [[version]] = self.query("postgres", "SHOW server_version_num")
        except StepFailed as error:
            raise Problem(
                f"PostgreSQL at PGHOST={os.environ['PGHOST']} cannot be used. {error}"
            ) from error
        if int(version) < 130000:
            raise Problem(f"PostgreSQL 13 or newer is needed; yours says {version}.")
        [[superuser]] = self.query("postgres", "SELECT current_user")
        if superuser == "postgres":
            raise Problem(
                "Odoo refuses to work as the PostgreSQL user “postgres”. Make another: "
                "createuser --createdb clinic, and set PGUSER=clinic."
            )

    def databases(self):
        rows = self.query(
            "postgres",
            "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') "
            "FROM pg_database WHERE NOT datistemplate",
        )
        return {name: comment for name, comment in rows}

    def create(self, name, *, template=None, comment=""):
        if template:
            self.call("createdb", "-T", template, name)
        else:
            # C is the order Odoo itself creates its databases with.
            self.call(
                "createdb", "-T", "template0", "-E", "UTF8", "--lc-collate=C", name
            )
        if comment:
            statement = f"COMMENT ON DATABASE \"{name}\" IS :'comment'"
            self.query("postgres", statement, comment=comment)

    def drop(self, name):
        self.call("dropdb", "--if-exists", "--force", name)
