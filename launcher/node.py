"""Tools written in JavaScript, got by npm once for each version of the lock file."""

import hashlib
import shutil

from . import locks, process
from .errors import Problem, StepFailed

FILES = ("package.json", "package-lock.json")


def modules(runtime, console):
    """Return the folder ``node_modules``; Problem where npm is missing or fails."""
    if not shutil.which("npm"):
        raise Problem("npm is not installed")
    files = [runtime.site / name for name in FILES]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    folder = runtime.home / "cache" / f"node-{digest.hexdigest()[:12]}"
    done = folder / ".complete"
    # Lint and the tests in the browser may both be the first to ask.
    with locks.exclusive(f"{folder}.lock"):
        if not done.exists():
            folder.mkdir(exist_ok=True)
            for path in files:
                shutil.copy(path, folder)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            try:
                with console.step("JavaScript tools"):
                    process.run(command, cwd=folder)
            except StepFailed as error:
                raise Problem("npm could not fetch the tools") from error
            done.touch()
    return folder / "node_modules"
