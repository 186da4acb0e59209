"""The commands and their options."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import (
    backup as backups,
    bench,
    database,
    doctor,
    home as homes,
    process,
    runtime as runtimes,
    server,
    tools,
)
from .console import Console, duration
from .errors import Problem
from .home import CHECKOUT, Home
from .suite import Suite

DEMO_LOGINS = (
    ("admin", "settings"),
    ("reception", "the desk"),
    ("callcenter", "bookings by phone"),
    ("cashier", "payments"),
    ("finance", "books"),
    ("director", "figures"),
    ("doctor, doctor2", "specialists"),
    ("nurse", "treatments"),
    ("lab", "the laboratory to come"),
    ("chief", "chief physician"),
    ("storekeeper", "supplies"),
    ("patient, patient2, parent", "the patient's cabinet"),
)


def build_parser():
    parser = argparse.ArgumentParser(
        prog="./clinic", description="A clinic suite on Odoo 19 Community."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name, function, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(function=function)
        return sub

    up = command("up", cmd_up, "get what is missing and run the suite")
    up.add_argument("--port", type=port_number, default=8069, metavar="N")
    up.add_argument(
        "--host", help="address to listen on (default: this machine only; 0.0.0.0: all)"
    )
    up.add_argument("--db", default="clinic", metavar="NAME")
    up.add_argument("--workers", type=worker_count, default=2, metavar="N")
    up.add_argument("--lang", default="ru_RU", metavar="CODE")
    up.add_argument("--no-demo", action="store_true", help="an empty clinic")
    up.add_argument("--detach", action="store_true", help="return when it answers")

    stop = command("stop", cmd_stop, "end what `up --detach` started here")
    stop.add_argument("--db", metavar="NAME", help="only the server of this database")
    stop.add_argument("--all", action="store_true", help="other checkouts' servers too")

    command("status", cmd_status, "say what runs, where, on which versions")

    reset = command("reset", cmd_reset, "drop the database and its files")
    reset.add_argument("--db", default="clinic", metavar="NAME")
    reset.add_argument("--yes", action="store_true", help="do not ask")

    backup = command("backup", cmd_backup, "save the database and its files")
    backup.add_argument(
        "place", nargs="?", help="a folder, or a file that is not there yet"
    )
    backup.add_argument("--db", default="clinic", metavar="NAME")

    restore = command("restore", cmd_restore, "bring a backup back")
    restore.add_argument("file")
    restore.add_argument("--db", default="clinic", metavar="NAME")
    restore.add_argument(
        "--neutralize",
        action="store_true",
        help="a copy to try things on: no mail, SMS or payment leaves it",
    )

    test = command("test", cmd_test, "run every test, or a selection")
    test.add_argument(
        "selection", nargs="*", help="an addon, a file, a test's name, or “lint”"
    )

    shell = command(
        "shell", cmd_shell, "an Odoo shell, or a script from standard input"
    )
    shell.add_argument("--db", default="clinic", metavar="NAME")

    benches = command("bench", cmd_bench, "run benchmarks")
    benches.add_argument("names", nargs="*", metavar="NAME")
    benches.add_argument("--json", action="store_true", help="print JSON")
    benches.add_argument("--db", default="clinic", metavar="NAME")

    box = command("box", cmd_box, "a cash desk's IoT box with simulated devices")
    box.add_argument("--port", type=port_number, default=8070, metavar="N")

    command("doctor", cmd_doctor, "check the machine and say what is missing")
    return parser


def port_number(text):
    number = int(text)
    if not 1 <= number <= 65000:
        raise argparse.ArgumentTypeError("a port between 1 and 65000")
    return number


def worker_count(text):
    number = int(text)
    if not 1 <= number <= 128:
        raise argparse.ArgumentTypeError("at least one worker, at most 128")
    return number


def main(arguments=None):
    options = build_parser().parse_args(arguments)
    # Whoever ends this politely gets the same tidying up as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return options.function(options) or 0
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141


# -- up ---------------------------------------------------------------------------


def cmd_up(options):
    database.check_name(options.db)
    database.check_language(options.lang)
    console = Console()
    home = Home()
    doctor.require_basics(home)
    current = server.read_state(home, options.db) if home.exists() else None
    if current and same_server(current, options):
        console.print("The server is running already.")
        say_where(console, home, options.db, current["url"])
        return 0
    if current:
        server.stop(home, current)
    require_free_port(home, options)
    console.print(f"The clinic comes up (everything goes to {home.path})")
    pdf = tools.WkhtmltopdfInstall(console)
    runtime = runtimes.prepare(home, console)
    url = f"http://localhost:{options.port}"
    with runtime.postgres as postgres:
        pdf.begin()
        state, fresh = database.ensure(
            runtime,
            options.db,
            console,
            language=options.lang,
            demo=not options.no_demo,
            url=url,
        )
        database.set_url(runtime, options.db, url)
        pdf.finish()
        with console.step("Server") as step:
            chosen = server.plan(
                runtime,
                options.db,
                port=options.port,
                hosts=server.hosts_of(options.host),
                workers=options.workers,
                addons=state["addons"],
                foreground=not options.detach,
                fresh=fresh,
            )
            child = server.launch(runtime, chosen)
            try:
                server.wait_until_healthy(runtime, child, chosen)
                server.answers(options.port, "/web/login")
            except BaseException:
                process.end_group(child.pid)
                raise
            version = postgres.server_version()
            step.done(f"Odoo {runtime.odoo.version}, PostgreSQL {version}")
    console.print(f"Up in {duration(time.monotonic() - console.begun)}.")
    say_where(console, home, options.db, url, demo=state["demo"])
    if options.detach:
        return 0
    console.print("Ctrl-C ends it.")
    status = server.wait(child)
    console.print("Stopped.")
    return status


def same_server(state, options):
    """Tell whether a running server is what these options ask for."""
    suite = Suite(CHECKOUT)
    wanted = (options.port, options.workers, str(CHECKOUT))
    if (state["port"], state["workers"], state["checkout"]) != wanted:
        return False
    if options.host and state["hosts"] != [options.host]:
        return False
    now = suite.fingerprints(name for name in suite.addons if name in state["addons"])
    return now == state["addons"] and state.get("code") == suite.code_fingerprint()


def require_free_port(home, options):
    if process.port_is_free(options.port):
        return
    for state in server.running(home):
        if state["port"] == options.port:
            raise Problem(
                f"Port {options.port} is taken by the server of database "
                f"{state['database']} (from {state['checkout']}). End it by ./clinic "
                f"stop --all --db {state['database']}, or choose another --port."
            )
    raise Problem(f"Port {options.port} is taken by another program; choose --port.")


def say_where(console, home, name, url, demo=None):
    console.print(f"\n  {url}    (database {name})\n")
    secret = home / "instances" / name / "admin-password"
    if demo is None:
        demo = not secret.exists()
    if demo:
        console.print("  Log-ins (the password is the log-in):")
        for login, words in DEMO_LOGINS:
            console.print(f"    {login:<28}{words}")
        console.print("")
    elif secret.exists():
        console.print(f"  Log in as admin, password {secret.read_text().strip()}")
        console.print(f"  (kept in {secret})\n")
    log = home / "instances" / name / "server.log"
    console.print(f"  Log: {log}")


# -- the rest ---------------------------------------------------------------------


def cmd_stop(options):
    home = Home()
    states = server.running(home) if home.exists() else []
    chosen = [
        state
        for state in states
        if (not options.db or state["database"] == options.db)
        and (options.all or state["checkout"] == str(CHECKOUT))
    ]
    if not chosen:
        print("Nothing of this checkout is running.")
        for state in states:
            print(f"  (the database {state['database']} runs for {state['checkout']})")
        return 0
    for state in chosen:
        done = server.stop(home, state)
        print(f"{state['database']}: {'stopped' if done else 'does not stop'}")
    return 0


def cmd_status(_options):
    home = Home()
    print(f"CLINIC_HOME  {home.path}")
    for line in doctor.versions(home):
        print(line)
    states = server.running(home) if home.exists() else []
    if not states:
        print("No server is running.")
    for state in states:
        print(
            f"Running      {state['url']}  database {state['database']}, "
            f"{state['workers']} workers, process {state['pid']}, "
            f"for {server.uptime(state)}, from {state['checkout']}"
        )
    return 0


def cmd_reset(options):
    database.check_name(options.db)
    home = Home()
    if not home.exists():
        print("There is nothing to reset.")
        return 0
    if not options.yes:
        if not sys.stdin.isatty():
            raise Problem("Nobody to ask here; say ./clinic reset --yes.")
        question = f"Drop the database {options.db} and all its files? [y/N] "
        if input(question).strip().lower() not in ("y", "yes", "д", "да"):
            print("Nothing done.")
            return 1
    if state := server.read_state(home, options.db):
        server.stop(home, state)
    runtime = runtimes.prepare(home, Console())
    with runtime.postgres as postgres:
        there = options.db in postgres.databases()
        half_made = (database.MAKING, database.RESTORING)
        if there and postgres.databases()[options.db] not in half_made:
            if database.read_state(postgres, options.db) is None:
                raise Problem(f"{options.db} was not made by this command; left alone.")
        database.drop(runtime, options.db)
    database.forget(home, options.db)
    print(f"{options.db}: {'dropped' if there else 'was not there'}")
    return 0


def cmd_backup(options):
    database.check_name(options.db)
    console = Console()
    path = backups.path_for(options.db, options.place)
    runtime = runtimes.prepare(Home(), console)
    with runtime.postgres as postgres:
        require_database(postgres, options.db)
        backups.save(runtime, options.db, path, console)
    console.print(
        f"  {path}\n  Patients' records are in it: keep it where few can read."
    )


def cmd_restore(options):
    database.check_name(options.db)
    console = Console()
    runtime = runtimes.prepare(Home(), console)
    with runtime.postgres:
        backups.load(
            runtime,
            Path(options.file).absolute(),
            options.db,
            console,
            neutralize=options.neutralize,
        )
    more = "" if options.db == "clinic" else f" --db {options.db}"
    console.print(f"Start it by ./clinic up{more}")


def require_database(postgres, name):
    if name not in postgres.databases():
        raise Problem(f"There is no database {name}; make it by ./clinic up.")


def cmd_shell(options):
    database.check_name(options.db)
    home = Home()
    runtime = runtimes.prepare(home, Console(sys.stderr))
    with runtime.postgres as postgres:
        require_database(postgres, options.db)
        shared = runtime.offline(options.db)
        command = runtime.command("shell", *shared, "--log-level=warn")
        return subprocess.run(
            command,
            cwd=runtime.site,
            env=runtime.environment(),
            **home.account.popen(),
        ).returncode


def cmd_test(options):
    from .testing import run

    try:
        return run(options.selection)
    except Problem as problem:
        # The last line of a test run is its count, whatever happened.
        print(f"\n{problem}\n0 passed, 1 failed")
        return 1


def cmd_bench(options):
    return bench.run(options)


def cmd_box(options):
    if not process.port_is_free(options.port):
        raise Problem(
            f"Port {options.port} is taken by another program; choose --port."
        )
    runtime = runtimes.prepare(Home(), Console(), testing=True)
    folder = runtime.data.parent / "box"
    return subprocess.run(
        [runtime.python, "-m", "simulators", folder, f"--port={options.port}"],
        cwd=runtime.site / "tests",
        env=runtime.environment(),
        **runtime.home.account.popen(),
    ).returncode


def cmd_doctor(_options):
    return doctor.run(homes.Home())
