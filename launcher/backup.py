"""Backups: a database and its files in one archive, as Odoo's own restore reads it.

It is a zip of ``dump.sql``, ``filestore/…`` and ``manifest.json``. The server may run
on meanwhile: the files are noted before the dump and once more after it, and Odoo never
changes one, so nothing that the dump names is missing.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from . import database, process
from .console import size
from .errors import Problem, StepFailed

DUMP, MANIFEST = "dump.sql", "manifest.json"
# Where Odoo keeps a file, by its content; nothing else is taken out of an archive.
STORED = re.compile(r"filestore/([0-9a-f]{2}/[0-9a-f]{40})")
# The whole clinic with its patients' records: for nobody else's eyes.
SECRET = 0o600


def path_for(name, place=None):
    """Return where a backup goes: the file given, or a new one in the folder given."""
    path = Path(place or ".")
    if path.is_dir():
        path /= time.strftime(f"{name}-%Y-%m-%d-%H%M%S.zip")
    if path.exists():
        raise Problem(f"{path} is there already; choose another name.")
    if not path.parent.is_dir():
        raise Problem(f"There is no folder {path.parent}; make it first.")
    return path.absolute()


# -- making one -------------------------------------------------------------------


def save(runtime, name, path, console):
    """Write the database ``name`` with its files to a new file."""
    partial = path.with_name(f".{path.name}.partial")
    with console.step(f"Backup of {name}") as step:
        try:
            with _secret_file(partial) as file, _noted_files(runtime, name) as noted:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr(MANIFEST, json.dumps(_manifest(runtime, name)))
                    _write_dump(runtime, name, archive, step)
                    count = _write_files(noted(), archive, step)
            partial.rename(path)
        except OSError as error:
            raise Problem(f"The backup cannot be written: {error}") from error
        finally:
            partial.unlink(missing_ok=True)
        step.done(f"{count} files, {size(path.stat().st_size)}")


@contextlib.contextmanager
def _secret_file(path):
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with open(os.open(path, flags, SECRET), "wb") as file:
        yield file


@contextlib.contextmanager
def _noted_files(runtime, name):
    """Yield a function that returns a folder of all files since the block began.

    They are linked, not copied, so that the daily tidying up cannot take one away
    while the dump that names it is being made.
    """
    source = runtime.filestore(name)
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=runtime.data))
    runtime.home.account.own(folder)

    def note():
        if source.is_dir():
            # A file that is there twice, or goes away meanwhile, is no failure.
            with contextlib.suppress(StepFailed):
                runtime.run(["cp", "-aln", f"{source}/.", folder])
        return folder

    try:
        note()
        yield note
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manifest(runtime, name):
    """Return what Odoo's own backups say of themselves."""
    query = runtime.postgres.query
    [[version]] = query(name, "SHOW server_version")
    rows = query(
        name,
        "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed'",
    )
    return {
        "odoo_dump": "1",
        "db_name": name,
        "version": runtime.odoo.version,
        "major_version": ".".join(runtime.odoo.version.split(".")[:2]),
        "pg_version": version,
        "modules": dict(rows),
    }


def _write_dump(runtime, name, archive, step):
    postgres = runtime.postgres
    with (
        tempfile.TemporaryFile("w+") as words,
        subprocess.Popen(
            [postgres.programs / "pg_dump", "--no-owner", name],
            stdout=subprocess.PIPE,
            stderr=words,
            cwd="/",
            env=runtime.environment(),
            **postgres.account.popen(),
        ) as dumping,
        archive.open(DUMP, "w", force_zip64=True) as target,
    ):
        _copy(dumping.stdout, target, step)
        if dumping.wait():
            words.seek(0)
            raise StepFailed(f"PostgreSQL gives no dump: {words.read().strip()}")


def _copy(source, target, step):
    done = 0
    while block := source.read(1 << 20):
        target.write(block)
        done += len(block)
        step.progress(size(done))


def _write_files(folder, archive, step):
    count = 0
    for path in sorted(folder.glob("??/*")):
        archive.write(path, f"filestore/{path.relative_to(folder)}")
        count += 1
        step.progress(f"{count} files")
    return count


# -- bringing it back -------------------------------------------------------------


def load(runtime, path, name, console, *, neutralize=False):
    """Make the database ``name`` of a backup; what is there already is left alone.

    :param neutralize: for a copy to try things on: its mail, SMS and payments are
        turned off by Odoo's own means.
    :raise Problem: nothing is left behind then.
    """
    with _opened(path) as archive:
        _check_version(archive, runtime)
        existing = runtime.postgres.databases()
        if existing.get(name) == database.RESTORING:
            database.drop(runtime, name)
        elif name in existing:
            raise Problem(
                f"The database {name} is there already. Restore under another name "
                f"with --db, or drop it first by ./clinic reset --db {name}."
            )
        with console.step(f"Database {name} from {path.name}") as step:
            try:
                _fill(runtime, archive, name, step)
                if neutralize:
                    _neutralize(runtime, name)
            except BaseException:
                database.drop(runtime, name)
                raise
            runtime.postgres.query("postgres", f'COMMENT ON DATABASE "{name}" IS NULL')
            step.done(_result(runtime, name))


@contextlib.contextmanager
def _opened(path):
    try:
        with zipfile.ZipFile(path) as archive:
            if not {DUMP, MANIFEST} <= set(archive.namelist()):
                raise Problem(f"{path} is no backup: it lacks {DUMP} or {MANIFEST}.")
            yield archive
    except (OSError, zipfile.BadZipFile) as error:
        raise Problem(f"The backup cannot be read: {error}") from error


def _check_version(archive, runtime):
    try:
        made_by = json.loads(archive.read(MANIFEST))["version"]
    except (ValueError, KeyError) as error:
        raise Problem(f"The backup's {MANIFEST} cannot be read: {error}") from error
    if made_by.split(".")[0] != runtime.odoo.version.split(".")[0]:
        raise Problem(
            f"The backup was made by Odoo {made_by}; here is Odoo "
            f"{runtime.odoo.version}, which cannot read it."
        )


def _fill(runtime, archive, name, step):
    runtime.postgres.create(name, comment=database.RESTORING)
    database.prepare_extensions(runtime, name)
    _read_dump(runtime, archive, name, step)
    target = runtime.filestore(name)
    shutil.rmtree(target, ignore_errors=True)
    for member in archive.infolist():
        if match := STORED.fullmatch(member.filename):
            file = target / match[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, file.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            step.progress(member.filename)
    for path in (target, *target.rglob("*")):
        if path.exists():
            runtime.home.account.own(path)


def _read_dump(runtime, archive, name, step):
    """Feed the dump to psql, in one transaction that any mistake ends."""
    postgres = runtime.postgres
    command = [postgres.programs / "psql", "-Xq1", "-v", "ON_ERROR_STOP=1", "-d", name]
    with tempfile.TemporaryFile("w+") as words:
        with (
            archive.open(DUMP) as source,
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
                cwd="/",
                env=runtime.environment(),
                **postgres.account.popen(),
            ) as loading,
        ):
            # psql that has met a mistake reads no more: its words say which.
            with contextlib.suppress(BrokenPipeError):
                _copy(source, loading.stdin, step)
            with contextlib.suppress(BrokenPipeError):
                loading.stdin.close()
            status = loading.wait()
        if status:
            words.seek(0)
            tail = "\n".join(words.read().strip().splitlines()[-process.TAIL_LINES :])
            raise StepFailed(f"PostgreSQL does not take the backup:\n{tail}")


def _neutralize(runtime, name):
    """Let nothing of a copy reach patients, banks or tills."""
    runtime.run(runtime.command("neutralize", *runtime.offline(name)))
    runtime.postgres.query(
        name,
        "UPDATE ir_config_parameter SET value = gen_random_uuid()"
        " WHERE key = 'database.uuid'",
    )


def _result(runtime, name):
    """Say how many files the database has, and how many of them are not there."""
    names = runtime.postgres.query(
        name,
        "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL",
    )
    folder = runtime.filestore(name)
    missing = sum(not (folder / stored).is_file() for [stored] in names)
    words = f"{len(names)} files"
    return f"{words}, {missing} of them are missing" if missing else words
