"""All that is needed to run Odoo, gathered: the pieces and how they fit together."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import locks, odoo_source, postgres, process, python_env, rivals
from .suite import Suite

LOADING = re.compile(r"Loading module (\w+) \((\d+)/(\d+)\)")


@dataclass
class Runtime:
    home: object
    odoo: odoo_source.Odoo
    python: Path
    postgres: postgres.Postgres
    site: Path

    @property
    def suite(self):
        return Suite(self.site)

    @property
    def data(self):
        return self.home / ("test/data" if self.postgres.for_tests else "data")

    def instance(self, database):
        """Return the folder of a database's log and of the state of its server."""
        return self.home.instance(database, for_tests=self.postgres.for_tests)

    def filestore(self, database):
        return self.data / "filestore" / database

    def environment(self):
        return self.home.environment() | self.postgres.environment()

    def options(self):
        """Return the options every call of Odoo on this machine shares."""
        options = ["-c", str(self.site / "odoo.conf"), "--data-dir", str(self.data)]
        paths = [self.suite.folder] if self.suite.addons else []
        paths += rivals.addons_paths()
        if paths:
            options += ["--addons-path", ",".join(map(str, paths))]
        return options

    def command(self, *arguments):
        """Return the command line of Odoo with ``arguments`` after the shared ones."""
        return [*self.inside("start.py"), *arguments]

    def offline(self, database):
        """Return the options of a call that serves nobody."""
        return [
            *self.options(),
            *("-d", database, "--no-http", "--workers=0", "--max-cron-threads=0"),
        ]

    def run(self, command, *, step=None, log=None, environment=None):
        """Run ``command`` as the servers' user, showing which module loads."""

        def show(line):
            if match := LOADING.search(line):
                step.progress(f"{match[2]}/{match[3]} {match[1]}")

        return process.run(
            command,
            self.home.account,
            on_line=show if step else None,
            log=log,
            env=self.environment() | (environment or {}),
            cwd=self.site,
        )

    def inside(self, script):
        """Return the start of a command that runs one of our scripts with Odoo."""
        return [str(self.python), str(self.site / "launcher" / "inside" / script)]


def prepare(home, console, *, testing=False):
    """Get everything there is not yet, and return it ready for use.

    What does not wait for another is fetched at the same time.
    """
    home.prepare()
    requirements = python_env.TESTING if testing else python_env.RUNTIME

    def waiting():
        console.print(
            "  … another ./clinic is preparing the same folder; waiting for it"
        )

    with locks.exclusive(home / "prepare.lock", waiting):
        python_env.ensure_interpreter(home.account, console)
        with ThreadPoolExecutor(3) as pool, process.ended_on_failure():
            jobs = [
                pool.submit(odoo_source.fetch, home, console),
                pool.submit(python_env.ensure, home, console, requirements),
                pool.submit(postgres.ensure_programs, console),
            ]
            odoo, python, _programs = [job.result() for job in jobs]
    database_server = postgres.Postgres(home, for_tests=testing)
    if database_server.external:
        database_server.check()
    site = home.readable_checkout()
    data = home / "test" / "data" if testing else home / "data"
    data.mkdir(mode=0o750, exist_ok=True)
    home.account.own(data)
    return Runtime(home, odoo, python, database_server, site)
