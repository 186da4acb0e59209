"""The virtual environments: one for each set of requirements, shared by checkouts."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import apt, odoo_source, process
from .errors import Problem, StepFailed
from .home import CHECKOUT

OLDEST, NEWEST = (3, 10), (3, 13)
RUNTIME = ("requirements.txt",)
TESTING = ("requirements.txt", "requirements-test.txt")
PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


def candidates():
    """Yield interpreters to build on: this one first, then what the system has."""
    yield getattr(sys, "_base_executable", None) or sys.executable
    yield "/usr/bin/python3"
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for folder in ("/usr/bin", "/usr/local/bin"):
            yield f"{folder}/python3.{minor}"


def probe(executable, account, code=PROBE):
    """Return (major, minor) when the servers' user can build on it, else None."""
    if not os.path.exists(executable) or not account.may("x", executable):
        return None
    answer = subprocess.run(
        [executable, "-I", "-c", code],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **account.popen(),
    )
    if answer.returncode:
        return None
    version = tuple(int(part) for part in answer.stdout.strip().split("."))
    return version if OLDEST <= version <= NEWEST else None


def find_interpreter(account):
    """Return a usable interpreter, None when there is none."""
    for executable in candidates():
        real = os.path.realpath(executable)
        if probe(real, account):
            return real
    return None


def ensure_interpreter(account, console):
    interpreter = find_interpreter(account)
    if interpreter:
        return interpreter
    packages = ["python3", "python3-venv"]
    if os.geteuid() == 0 and apt.available():
        with console.step("Python with venv") as step:
            apt.install(packages, step.progress)
        interpreter = find_interpreter(account)
    if not interpreter:
        raise Problem(
            "No Python 3.10 to 3.13 with the modules venv and ensurepip that the user "
            f"{account.name} can run. Run: sudo apt-get install {' '.join(packages)}"
        )
    return interpreter


def folder_for(home, names, interpreter):
    """Return the environment's folder: the same content gives the same folder."""
    digest = hashlib.sha256()
    for part in (interpreter, str(odoo_source.place(home))):
        digest.update(part.encode() + b"\0")
    for name in names:
        digest.update((CHECKOUT / name).read_bytes())
    kind = "test" if len(names) > 1 else "run"
    return home / "venv" / f"{kind}-{digest.hexdigest()[:12]}"


def find(home, names=RUNTIME):
    """Return the interpreter of the finished environment, None without one."""
    interpreter = find_interpreter(home.account)
    if not interpreter:
        return None
    folder = folder_for(home, names, interpreter)
    return folder / "bin" / "python" if (folder / ".complete").exists() else None


def ensure(home, console, names=RUNTIME):
    """Return the interpreter of an environment that has all of ``names``."""
    interpreter = ensure_interpreter(home.account, console)
    folder = folder_for(home, names, interpreter)
    python = folder / "bin" / "python"
    if (folder / ".complete").exists():
        return python
    with console.step("Python packages") as step:
        if not python.exists():
            shutil.rmtree(folder, ignore_errors=True)
            process.run([interpreter, "-I", "-m", "venv", folder])
        install(home, python, [CHECKOUT / name for name in names], step)
        add_library(folder, odoo_source.place(home))
        (folder / ".complete").touch()
    return python


def add_library(folder, library):
    """Let the environment see Odoo, and pip see that Odoo is installed."""
    site = next(folder.glob("lib/python3*/site-packages"))
    (site / "odoo.pth").write_text(f"{library}\n")


def install(home, python, files, step):
    """Install with uv, several times faster, or with pip where uv cannot be had."""
    requirements = []
    for path in files:
        requirements += ["-r", path]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    cache = home / "cache"

    def show(line):
        if match := re.match(r"\s*(Collecting|Downloading|Downloaded) (\S+)", line):
            step.progress(match[2])

    uv = ensure_uv(cache, python, pip)
    if uv:
        command = [uv, "pip", "install", "--python", python, *requirements]
        command += ["--cache-dir", cache / "uv", *uv_indexes(pip)]
        environment = os.environ | uv_certificates()
        try:
            process.run(command, on_line=show, env=environment)
            return
        except StepFailed as error:
            step.console.note(f"uv did not manage, pip goes on. {error}")
    command = [*pip, "install", "--prefer-binary", "--cache-dir", cache / "pip"]
    process.run([*command, *requirements], on_line=show)


def ensure_uv(cache, python, pip):
    """Return the program uv, got by pip so that pip's own settings hold."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    uv = cache / "uv-tool" / "bin" / "uv"
    if uv.exists():
        return uv
    try:
        command = [*pip, "install", "--quiet", "--only-binary", ":all:", "--upgrade"]
        process.run([*command, "--target", cache / "uv-tool", "uv>=0.5"])
    except StepFailed:
        return None
    return uv if uv.exists() else None


def uv_indexes(pip):
    """Hand pip's index settings on to uv, which does not read them."""
    settings = {}
    listing = process.run([*pip, "config", "list"])
    for name, value in re.findall(
        r"^(?:global|:env:)\.([\w-]+)='(.*)'$", listing, re.MULTILINE
    ):
        settings[name] = value.split()
    arguments = []
    for url in settings.get("index-url", ()):
        arguments += ["--index-url", url]
    for url in settings.get("extra-index-url", ()):
        arguments += ["--extra-index-url", url]
    return arguments + ["--index-strategy", "unsafe-best-match"] if arguments else []


def uv_certificates():
    bundle = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT")
    return {"SSL_CERT_FILE": bundle} if bundle else {}
