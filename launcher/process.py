"""Starting, watching and ending programs."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .errors import StepFailed

PR_SET_PDEATHSIG = 1
TAIL_LINES = 25
# The groups that threads of this process are waiting for.
RUNNING = set()


def die_with_parent():
    """In a child before exec: get SIGTERM when the parent dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command, account=None, *, on_line=None, log=None, text_input=None, **kwargs):
    """Run ``command`` to its end and return its output.

    Each line goes to ``on_line``, all of it to the file ``log``. On failure the
    tail of the output is in the exception; on Ctrl-C the program is ended too.
    """
    if account:
        kwargs.update(account.popen())
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL if text_input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        **kwargs,
    )
    if text_input is not None:
        with process.stdin:
            process.stdin.write(text_input)
    lines = []
    RUNNING.add(process.pid)
    try:
        with open(log, "a", buffering=1) if log else contextlib.nullcontext() as copy:
            for line in process.stdout:
                lines.append(line)
                if copy:
                    copy.write(line)
                if on_line:
                    on_line(line.rstrip("\n"))
        process.wait()
    finally:
        if process.poll() is None:
            end_group(process.pid)
            process.wait()
        RUNNING.discard(process.pid)
    if process.returncode:
        words = describe_failure(command, process.returncode, lines, log)
        raise StepFailed(words, "".join(lines))
    return "".join(lines)


@contextlib.contextmanager
def ended_on_failure():
    """When the block fails (or Ctrl-C), end what other threads have running."""
    try:
        yield
    except BaseException:
        for pgid in list(RUNNING):
            end_group(pgid, patience=5)
        raise


def describe_failure(command, status, lines, log=None):
    shown = " ".join(str(part) for part in command[:6])
    more = " …" if len(command) > 6 else ""
    tail = "".join(f"    | {line.rstrip()}\n" for line in lines[-TAIL_LINES:])
    where = f"\n    whole output: {log}" if log else ""
    return f"“{shown}{more}” ended with status {status}:\n{tail.rstrip()}{where}"


def start_time(pid):
    """Return when a process started (in kernel ticks), None if there is none.

    A process id may be used again; together with this number it is unique.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def is_alive(pid, started):
    return bool(pid) and start_time(pid) == started


def end(pid, started, *, patience=30.0):
    """End one process politely, then by force; True when it is gone."""
    if not is_alive(pid, started):
        return True
    os.kill(pid, signal.SIGTERM)
    if wait_until(lambda: not is_alive(pid, started), patience):
        return True
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return wait_until(lambda: not is_alive(pid, started), 5)


def end_group(pgid, *, patience=15.0):
    """End a process group politely, then by force."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, signal.SIGTERM)
        if wait_until(lambda: not group_exists(pgid), patience):
            return
        os.killpg(pgid, signal.SIGKILL)


def group_exists(pgid):
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == pgid and fields[0] != "Z":
                return True
    return False


def wait_until(condition, timeout, interval=0.1):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def has_address(host):
    """Tell whether this machine has the address, to listen on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def port_is_free(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(first=None, *, avoid=()):
    """Return a free port: the next one from ``first``, or any."""
    if first is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]
    for port in range(first, 65536):
        if port not in avoid and port_is_free(port):
            return port
    raise StepFailed(f"No free port from {first} on.")
