"""The addons of this checkout: which there are, what they need, what has changed."""

import ast
import functools
import hashlib
from pathlib import Path

DEMO = "clinic_demo"
# What takes effect without an update of the module in the database.
NOT_LOADED = ("tests", "static", "__pycache__")


class Suite:
    def __init__(self, checkout):
        self.checkout = Path(checkout)
        self.folder = self.checkout / "addons"

    @functools.cached_property
    def addons(self):
        """Return the manifest of every installable addon by its name, in order."""
        found = {}
        for path in sorted(self.folder.glob("*/__manifest__.py")):
            manifest = ast.literal_eval(path.read_text())
            if manifest.get("installable", True):
                found[path.parent.name] = manifest
        return dict(sorted(found.items(), key=lambda item: self._depth(found, item[0])))

    def _depth(self, found, name):
        depends = [one for one in found[name].get("depends", ()) if one in found]
        return max((self._depth(found, one) for one in depends), default=0) + 1

    def wanted(self, demo):
        """Return the addons a database has, with the demo clinic or without."""
        return [name for name in self.addons if demo or name != DEMO]

    def foreign(self, demo=True):
        """Return the addons of Odoo's own that ours are built on."""
        names = set()
        for name in self.wanted(demo):
            names.update(self.addons[name].get("depends", ()))
        return sorted(names - set(self.addons))

    def fingerprint(self, name, *, everything=False):
        """Return a digest of what an update of the addon would load."""
        digest = hashlib.sha256()
        top = self.folder / name
        for path in sorted(top.rglob("*")):
            parts = path.relative_to(top).parts
            skipped = ("__pycache__",) if everything else NOT_LOADED
            if parts[0] in skipped or "__pycache__" in parts or path.suffix == ".md":
                continue
            if path.is_file():
                digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:16]

    def fingerprints(self, names):
        return {name: self.fingerprint(name) for name in names}

    def code_fingerprint(self):
        """Return a digest of what a running server has loaded of ours."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*.py")):
            if "tests" not in path.parts:
                digest.update(
                    str(path.relative_to(self.folder)).encode() + path.read_bytes()
                )
        digest.update((self.checkout / "odoo.conf").read_bytes())
        return digest.hexdigest()[:16]
