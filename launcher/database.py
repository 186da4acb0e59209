"""Databases: made, brought up to date with the code, cloned, dropped."""

import json
import os
import re
import secrets
import shutil

from .errors import Problem

# Kept in the database itself, so that it holds wherever the database is.
KEY = "clinic.launcher"
MAKING = "clinic: being made"
RESTORING = "clinic: being restored"
NAME = re.compile(r"^[a-z][a-z0-9_-]{0,50}$")
LANGUAGE = re.compile(r"^[a-z]{2,3}(_[A-Z]{2})?(@[a-z]+)?$")


def check_name(name):
    if not NAME.match(name):
        raise Problem(
            f"“{name}” cannot name a database: small Latin letters, digits, _ and - "
            "only, a letter first."
        )


def check_language(code):
    if not LANGUAGE.match(code):
        raise Problem(f"“{code}” is no language code; write it like ru_RU or en_US.")


def read_state(postgres, name):
    """Return what was noted about a database, None when it is not one of ours."""
    [[known]] = postgres.query(
        name, "SELECT to_regclass('ir_config_parameter') IS NULL"
    )
    if known == "t":
        return None
    statement = "SELECT value FROM ir_config_parameter WHERE key = :'key'"
    rows = postgres.query(name, statement, key=KEY)
    return json.loads("|".join(rows[0])) if rows else None


def write_state(postgres, name, state):
    postgres.query(
        name,
        "INSERT INTO ir_config_parameter (key, value, create_date, write_date) "
        "VALUES (:'key', :'value', now(), now()) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = now()",
        key=KEY,
        value=json.dumps(state),
    )


def ensure(runtime, name, console, *, language, demo, url):
    """Bring a database into the state of the code; return its state, and if it is new.

    One that was left half made is made anew; one that the launcher did not make is
    left alone.
    """
    existing = runtime.postgres.databases()
    if name in existing and existing[name] == MAKING:
        console.note(f"The database {name} was left half made; it is made anew.")
        drop(runtime, name)
        del existing[name]
    if existing.get(name) == RESTORING:
        raise Problem(
            f"The database {name} is half restored. Restore it again by ./clinic "
            f"restore FILE --db {name}, or drop it by ./clinic reset --db {name}."
        )
    if name not in existing:
        more = {"language": language, "demo": demo, "url": url}
        return create(runtime, name, console, **more), True
    state = read_state(runtime.postgres, name)
    if state is None:
        raise Problem(
            f"The database {name} is there but was not made by this command. Choose "
            "another name with --db."
        )
    updated = update(runtime, name, state, console)
    return updated, updated is not state


def create(runtime, name, console, *, language, demo, url):
    """Make a database with all our addons."""
    suite = runtime.suite
    addons = suite.wanted(demo)
    folder = runtime.instance(name)
    demo = demo and bool(addons)
    password = "admin" if demo else secrets.token_urlsafe(12)
    title = f"Database {name}" + (" with the demo clinic" if demo else "")
    with console.step(title) as step:
        shutil.rmtree(runtime.filestore(name), ignore_errors=True)
        runtime.postgres.create(name, comment=MAKING)
        prepare_extensions(runtime, name)
        log = folder / "install.log"
        log.unlink(missing_ok=True)
        # English is there beside any other language: the source texts are English.
        languages = list(dict.fromkeys([language, "en_US"]))
        more = {"url": url, "password": password, "log": log, "step": step}
        fill(runtime, name, addons, languages, **more)
        state = {
            "addons": suite.fingerprints(addons),
            "demo": demo,
            "language": language,
            "odoo": runtime.odoo.version,
        }
        write_state(runtime.postgres, name, state)
        runtime.postgres.query("postgres", f'COMMENT ON DATABASE "{name}" IS NULL')
        step.done(f"{len(addons)} addons")
    if not demo:
        path = folder / "admin-password"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(password + "\n")
        runtime.home.account.own(path)
    return state


def fill(runtime, name, addons, languages, *, url, password, log, step):
    runtime.run(
        [
            *runtime.inside("create_database.py"),
            ",".join(languages),
            ",".join(addons),
            *runtime.offline(name),
        ],
        step=step,
        log=log,
        environment={
            "CLINIC_ADMIN_PASSWORD": password,
            "CLINIC_URL": url,
        },
    )


def prepare_extensions(runtime, name):
    """Do what Odoo does when it makes a database itself."""
    query = runtime.postgres.query
    query(name, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    query(name, "CREATE EXTENSION IF NOT EXISTS unaccent")
    [[own]] = query(name, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if own == "t":
        query(name, "ALTER FUNCTION unaccent(text) IMMUTABLE")
    query(name, "GRANT CREATE ON SCHEMA public TO PUBLIC")


def update(runtime, name, state, console):
    """Update the addons whose code is not the one the database was made with."""
    suite = runtime.suite
    now = suite.fingerprints(suite.wanted(state["demo"]))
    before = state["addons"]
    new = [addon for addon in now if addon not in before]
    changed = [
        addon for addon in now if addon in before and before[addon] != now[addon]
    ]
    if not (new or changed):
        return state
    with console.step(f"Database {name} to the code's state") as step:
        command = runtime.command(*runtime.offline(name), "--stop-after-init")
        if new:
            command += ["-i", ",".join(new)]
        if changed:
            command += ["-u", ",".join(changed), "--i18n-overwrite"]
        runtime.run(command, step=step, log=runtime.instance(name) / "install.log")
        state = state | {"addons": now, "odoo": runtime.odoo.version}
        write_state(runtime.postgres, name, state)
        step.done(", ".join([f"+{one}" for one in new] + changed))
    return state


def set_url(runtime, name, url):
    """Let links and PDFs lead to this server, unless an administrator chose."""
    runtime.postgres.query(
        name,
        "UPDATE ir_config_parameter SET value = :'url' WHERE key = 'web.base.url' "
        "AND value ~ '^http://(localhost|127[.]0[.]0[.]1)(:[0-9]+)?$' "
        "AND value <> :'url'",
        url=url,
    )


def drop(runtime, name):
    runtime.postgres.drop(name)
    shutil.rmtree(runtime.filestore(name), ignore_errors=True)


def clone(runtime, source, target):
    """Copy a database in a second or two; files are shared, Odoo never changes one."""
    drop(runtime, target)
    runtime.postgres.create(target, template=source)
    files = runtime.filestore(source)
    if files.is_dir():
        command = ["cp", "-al", str(files), str(runtime.filestore(target))]
        runtime.run(command)


def forget(home, name):
    """Remove what is kept of a database beside it."""
    shutil.rmtree(home / "instances" / name, ignore_errors=True)
