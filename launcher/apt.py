"""Debian's package archive, with root (install) and without (a private state)."""

import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from .errors import Problem, StepFailed
from .process import RUNNING

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SYSTEM_LOCK = threading.Lock()


def available():
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


@dataclass(frozen=True)
class Archive:
    """The Debian archive this machine uses, and the suite it is on."""

    uri: str
    signed_by: str
    codename: str

    def source(self, suite):
        signed = f" [signed-by={self.signed_by}]" if self.signed_by else ""
        return f"deb{signed} {self.uri} {suite} main\n"


def os_release():
    values = {}
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return values
    for line in text.splitlines():
        name, _, value = line.partition("=")
        values[name] = value.strip('"')
    return values


def find_archive():
    """Find the Debian mirror that this machine's own sources name."""
    release = os_release()
    codename = release.get("VERSION_CODENAME", "")
    keyring = str(KEYRING) if KEYRING.exists() else ""
    if release.get("ID") == "debian":
        for uri, suites, signed_by in configured_sources():
            if codename in suites and "security" not in uri:
                usable = signed_by and Path(signed_by).is_file()
                return Archive(uri, signed_by if usable else keyring, codename)
    raise Problem(
        "Odoo is fetched from the Debian mirror in this machine's apt sources, and "
        "there is none. Point ODOO_HOME at an Odoo 19 of your own (a git checkout will "
        "do), or add Debian's source to /etc/apt/sources.list.d."
    )


ONE_LINE = re.compile(
    r"^\s*deb\s+(?:\[(?P<options>[^]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)"
)


def configured_sources():
    """Yield (uri, suites, signed-by) of every binary source apt is configured with."""
    folder = Path("/etc/apt/sources.list.d")
    for path in sorted(folder.glob("*.sources")) if folder.is_dir() else ():
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            yield from read_stanza(stanza)
    one_line = [Path("/etc/apt/sources.list")]
    one_line += sorted(folder.glob("*.list")) if folder.is_dir() else []
    for path in one_line:
        for line in path.read_text().splitlines() if path.is_file() else ():
            if match := ONE_LINE.match(line):
                signed = re.search(r"signed-by=(\S+)", match["options"] or "")
                yield match["uri"], [match["suite"]], signed[1] if signed else ""


def read_stanza(stanza):
    fields = {}
    for line in stanza.splitlines():
        if line.startswith(("#", " ", "\t")) or ":" not in line:
            continue
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    if fields.get("enabled", "yes") == "no" or "deb" not in fields.get("types", ""):
        return
    for uri in fields.get("uris", "").split():
        yield uri, fields.get("suites", "").split(), fields.get("signed-by", "")


class PrivateApt:
    """An apt with a source list and state of its own: no root, nothing changed.

    Downloads are checked by apt itself against the archive's signature.
    """

    def __init__(self, folder, source):
        self.folder = folder
        for name in ("lists/partial", "archives/partial", "state"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.sources = folder / "sources.list"
        self.sources.write_text(source)
        (folder / "state" / "status").touch()
        self.options = [
            f"Dir::Etc::SourceList={self.sources}",
            "Dir::Etc::SourceParts=/dev/null",
            "Dir::Etc::Preferences=/dev/null",
            "Dir::Etc::PreferencesParts=/dev/null",
            f"Dir::State={folder / 'state'}",
            f"Dir::State::Lists={folder / 'lists'}",
            f"Dir::State::status={folder / 'state' / 'status'}",
            f"Dir::Cache={folder}",
            f"Dir::Cache::Archives={folder / 'archives'}",
            f"Dir::Log={folder}",
            "APT::Sandbox::User=root",
            "APT::Update::Post-Invoke-Success=",
            "Acquire::Languages=none",
            "Acquire::Retries=3",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
        ]

    def run(self, arguments, on_progress=None, cwd=None):
        command = ["apt-get", "-q"]
        for option in self.options:
            command += ["-o", option]
        run_apt(command + arguments, on_progress, cwd or self.folder)

    def update(self, on_progress=None):
        self.run(["update"], on_progress)

    def download(self, packages, target, on_progress=None):
        """Fetch packages into ``target``; what is already whole is not fetched again.

        An interrupted file is left in ``target`` and taken up by the next call.
        """
        target.mkdir(parents=True, exist_ok=True)
        self.run(["download", *packages], on_progress, cwd=target)


def run_apt(command, on_progress=None, cwd="/"):
    """Run apt-get, turning its status lines into ``on_progress(percent)``."""
    read, write = os.pipe()
    process = subprocess.Popen(
        command + ["-o", f"APT::Status-Fd={write}"],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(write,),
        start_new_session=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
    )
    os.close(write)
    RUNNING.add(process.pid)
    watcher = threading.Thread(target=watch_status, args=(read, on_progress))
    watcher.start()
    try:
        output = process.stdout.read()
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        RUNNING.discard(process.pid)
        watcher.join()
    if process.returncode:
        tail = "\n".join(f"    | {line}" for line in output.splitlines()[-15:])
        raise StepFailed(f"apt-get {command[-1]} failed:\n{tail}")
    return output


def watch_status(handle, on_progress):
    with open(handle, errors="replace") as lines:
        for line in lines:
            parts = line.split(":", 3)
            if on_progress and len(parts) > 2 and parts[0] in ("dlstatus", "pmstatus"):
                verb = "downloading" if parts[0] == "dlstatus" else "installing"
                try:
                    on_progress(f"{verb} {float(parts[2]):.0f} %")
                except ValueError:
                    continue


def install(packages, on_progress=None):
    """Install system packages; only root may call this."""
    with SYSTEM_LOCK:
        lists = Path("/var/lib/apt/lists")
        options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
        if not any(lists.glob("*_Packages*")):
            run_apt(["apt-get", "-q", *options, "update"], on_progress)
        command = ["apt-get", "-q", "-y", *options, "install"]
        command += ["--no-install-recommends", *packages]
        try:
            run_apt(command, on_progress)
        except StepFailed:
            # The lists may be older than the mirror: once more with new ones.
            run_apt(["apt-get", "-q", *options, "update"], on_progress)
            run_apt(command, on_progress)
