"""Odoo 19 Community: the user's own, or Debian's package unpacked into a folder."""

import base64
import hashlib
import os
import re
import shutil
import tarfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from . import apt, process
from .console import size
from .errors import Problem

SERIES = "19.0"
FROM_SID = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
)
# sid's Font Awesome 7 has not the 4.7 web fonts that Odoo's pages use.
FROM_STABLE = ("fonts-font-awesome", "fonts-inconsolata")
LIBRARY = Path("usr/lib/python3/dist-packages")

# The one file that Debian leaves out: the blur of video calls. Every backend page
# asks for it, so without it each logs an error.
SEGMENTATION = Path("mail/static/lib/selfie_segmentation/selfie_segmentation.js")
SEGMENTATION_PACKAGE = "@mediapipe/selfie_segmentation"
SEGMENTATION_VERSION = "0.1.1675465747"
SEGMENTATION_SHA512 = (
    "IxYxNhwE5VwOm52L1yoFWYLP7q9Pd+NJjzOC5tlepfvE"
    "GaY3o9hslhUrx9BgseqdfZtKSDtd/4NfCSMjNzQalA=="
)
STUB = "/* The file of this name is not free software; calls have no blur here. */\n"


@dataclass(frozen=True)
class Odoo:
    """An Odoo: the folder that holds the ``odoo`` package, and what it says it is."""

    library: Path
    version: str
    own: bool = False

    @property
    def package(self):
        return self.library / "odoo"


def read_version(library):
    """Return the version in ``odoo/release.py`` under ``library``, None without."""
    try:
        text = (library / "odoo" / "release.py").read_text()
    except OSError:
        return None
    match = re.search(r"^version_info\s*=\s*\((\d+),\s*(\d+)", text, re.MULTILINE)
    return f"{match[1]}.{match[2]}" if match else None


def users_own(folder):
    """Find the Odoo in the folder that ODOO_HOME names."""
    top = Path(folder).expanduser().absolute()
    places = [top, top.parent, top / LIBRARY, *top.glob("lib/python3*/site-packages")]
    for place in places:
        version = read_version(place)
        if version == SERIES:
            return Odoo(place, version, own=True)
        if version:
            raise Problem(
                f"ODOO_HOME ({folder}) is Odoo {version}; {SERIES} is needed."
            )
    raise Problem(
        f"ODOO_HOME ({folder}) holds no Odoo: name the folder of a checkout (with "
        "odoo-bin), or one that has the package “odoo” in it."
    )


def place(home):
    """Return where Odoo is, or will be once it is fetched."""
    if os.environ.get("ODOO_HOME"):
        return users_own(os.environ["ODOO_HOME"]).library
    return home / "odoo" / "current" / LIBRARY


def find(home):
    """Return the Odoo that is already there, None when it has to be fetched."""
    if os.environ.get("ODOO_HOME"):
        return users_own(os.environ["ODOO_HOME"])
    current = home / "odoo" / "current"
    if not (current / ".complete").exists():
        return None
    return Odoo(place(home), current.resolve().name)


def fetch(home, console):
    """Return an Odoo, fetching it if need be."""
    odoo = find(home)
    if odoo:
        return odoo
    if not apt.available():
        raise Problem(
            "Odoo is fetched with apt and dpkg, which this system has not. Point "
            "ODOO_HOME at an Odoo 19 of your own (a git checkout will do)."
        )
    archive = apt.find_archive()
    folder = home / "cache" / "apt"
    debs = folder / "debs"
    with console.step("Package lists") as step:
        sid = apt.PrivateApt(folder / "sid", archive.source("sid"))
        sid.update(step.progress)
        stable = apt.PrivateApt(folder / "stable", archive.source(archive.codename))
        stable.update(step.progress)
    with console.step("Odoo 19") as step:
        sid.download(FROM_SID, debs, step.progress)
        stable.download(FROM_STABLE, debs, step.progress)
        files = newest(debs)
        step.done(size(sum(path.stat().st_size for path in files)))
    with console.step("Unpacking Odoo") as step:
        odoo = unpack(home, files, step)
        step.done(odoo.version)
    shutil.rmtree(debs)
    return odoo


def newest(folder):
    """Return each package's newest file of those in ``folder``."""
    best = {}
    for path in sorted(folder.glob("*.deb"), key=lambda path: path.stat().st_mtime):
        best[path.name.split("_")[0]] = path
    return [best[name] for name in (*FROM_SID, *FROM_STABLE)]


def unpack(home, files, step):
    version = files[0].name.split("_")[1].replace("%3a", ":")
    final = home / "odoo" / re.sub(r"[^\w.+-]", "_", version)
    partial = final.with_name(final.name + ".partial")
    for leftover in (final, partial):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(mode=0o755)
    for path in files:
        step.progress(path.name.split("_")[0])
        process.run(["dpkg", "-x", path, partial])
    partial.chmod(0o755)
    addons = partial / LIBRARY / "odoo" / "addons"
    note = add_segmentation(home, addons / SEGMENTATION)
    if note:
        step.console.note(note)
    broken = [path for path in links(addons) if not path.exists()]
    if broken:
        names = ", ".join(str(path.relative_to(addons)) for path in broken[:5])
        raise Problem(f"Odoo's package has links that lead nowhere: {names}")
    partial.rename(final)
    (final / ".complete").write_text(f"{version}\n{time.ctime()}\n")
    current = home / "odoo" / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(final.name)
    return find(home)


def links(top):
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = Path(folder, name)
            if path.is_symlink():
                yield path


def add_segmentation(home, target):
    """Put the missing file in place; return a note when only a stub could be put."""
    if target.exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        archive = fetch_npm(home / "cache", SEGMENTATION_PACKAGE, SEGMENTATION_VERSION)
        content = archive.read_bytes()
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        if digest != SEGMENTATION_SHA512:
            archive.unlink()
            raise ValueError("its checksum is wrong")
        with tarfile.open(archive) as members:
            member = members.extractfile(f"package/{target.name}")
            target.write_bytes(member.read())
    except (OSError, ValueError, KeyError, tarfile.TarError, Problem) as error:
        target.write_text(STUB)
        return f"Video calls have no blur: {SEGMENTATION_PACKAGE} not fetched ({error})"
    return None


def fetch_npm(folder, package, version):
    """Fetch a package's archive with npm, which knows its mirrors, or without."""
    scope, _, name = package.partition("/")
    target = folder / f"{scope.lstrip('@')}-{name}-{version}.tgz"
    if target.exists():
        return target
    if shutil.which("npm"):
        try:
            process.run(["npm", "pack", "--silent", f"{package}@{version}"], cwd=folder)
        except Problem:
            pass
    if not target.exists():
        registry = npm_registry()
        if not registry:
            raise ValueError("neither npm nor NPM_CONFIG_REGISTRY is there")
        url = f"{registry.rstrip('/')}/{package}/-/{name}-{version}.tgz"
        partial = target.with_suffix(".partial")
        with urllib.request.urlopen(url, timeout=60) as answer:
            partial.write_bytes(answer.read())
        partial.rename(target)
    return target


def npm_registry():
    """Return the registry that npm's variable or settings file names, if any."""
    if named := os.environ.get("NPM_CONFIG_REGISTRY"):
        return named
    try:
        settings = (Path.home() / ".npmrc").read_text()
    except OSError:
        return None
    match = re.search(r"^registry\s*=\s*(\S+)", settings, re.MULTILINE)
    return match[1] if match else None
