"""What the machine has and lacks, in a line each with the way to get it."""

import os
import platform
import shutil
import sys

from . import apt, odoo_source, postgres, python_env, tools
from .errors import Problem

DISK_NEEDED = 5_000_000_000
MEMORY_NEEDED = 2_000_000_000


def require_basics(home):
    """Refuse at once where nothing could work."""
    if sys.platform != "linux":
        raise Problem(
            "The launcher works on Linux (and in WSL or a Linux container); elsewhere "
            "run Odoo 19 by hand with odoo.conf."
        )
    free = free_space(home.path)
    if not home.exists() and free < DISK_NEEDED:
        raise Problem(
            f"{home.path} has {free / 1e9:.1f} GB free, {DISK_NEEDED / 1e9:.0f} GB are "
            "needed. Name a roomier place by CLINIC_HOME."
        )


def free_space(path):
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def memory():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check(home):
    """Yield (good, what, how to get it) of everything the suite needs or likes."""
    version = platform.python_version()
    yield sys.version_info >= (3, 10), f"Python {version}", "Python 3.10 or newer"
    root = os.geteuid() == 0
    by_up = "./clinic up installs it" if root and apt.available() else None
    interpreter = python_env.find_interpreter(home.account) if home.account else True
    yield (
        bool(interpreter),
        "Python with venv for the servers",
        by_up or "sudo apt-get install python3 python3-venv",
    )
    if os.environ.get("ODOO_HOME"):
        try:
            odoo = odoo_source.users_own(os.environ["ODOO_HOME"])
            yield True, f"Odoo {odoo.version} in ODOO_HOME", ""
        except Problem as problem:
            yield False, "Odoo in ODOO_HOME", str(problem)
    else:
        yield (
            apt.available() or bool(odoo_source.find(home)),
            "apt and dpkg, to fetch Odoo",
            "on other systems set ODOO_HOME to an Odoo 19 of your own",
        )
    if postgres.external():
        client = postgres.find_programs(postgres.CLIENT_PROGRAMS)
        yield (
            bool(client),
            f"PostgreSQL's client, for PGHOST={os.environ['PGHOST']}",
            by_up or "sudo apt-get install postgresql-client",
        )
    else:
        needed = postgres.SERVER_PROGRAMS + postgres.CLIENT_PROGRAMS
        yield (
            bool(postgres.find_programs(needed)),
            "PostgreSQL",
            by_up or f"sudo {postgres.INSTALL}",
        )
    yield (
        bool(tools.find_wkhtmltopdf()),
        "wkhtmltopdf, to print and to sign papers",
        by_up or "sudo apt-get install wkhtmltopdf",
    )
    yield (
        bool(tools.find_chromium()),
        "Chromium, for ./clinic test (optional)",
        "./clinic test installs it" if by_up else "sudo apt-get install chromium",
    )
    yield (
        bool(shutil.which("npm")),
        "npm, for JavaScript lint in ./clinic test (optional)",
        "sudo apt-get install npm",
    )
    free = free_space(home.path)
    yield free > DISK_NEEDED, f"{free / 1e9:.0f} GB free in {home.path}", "5 GB"
    amount = memory()
    yield amount > MEMORY_NEEDED, f"{amount / 1e9:.1f} GB of memory", "2 GB or more"


def run(home):
    good = True
    for fine, what, remedy in check(home):
        optional = "(optional)" in what
        mark = "✓" if fine else "–" if optional else "✗"
        good = good and (fine or optional)
        print(f"{mark} {what}" + ("" if fine or not remedy else f": {remedy}"))
    return 0 if good else 1


def versions(home):
    """Yield lines that say which versions are in use."""
    yield f"Python       {platform.python_version()} (the launcher's)"
    try:
        odoo = odoo_source.find(home)
    except Problem as problem:
        yield f"Odoo         {problem}"
    else:
        words = f"{odoo.version}, {odoo.library}" if odoo else "not fetched yet"
        yield f"Odoo         {words}"
    if postgres.external():
        yield f"PostgreSQL   yours, PGHOST={os.environ['PGHOST']}"
    elif home.exists():
        server = postgres.Postgres(home)
        if not server.programs:
            yield "PostgreSQL   not installed"
        else:
            state = "running" if server.is_running() else "not running"
            yield f"PostgreSQL   {server.server_version()}, embedded, {state}"
