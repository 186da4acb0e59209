"""Servers: started in front or behind, found again, stopped."""

import contextlib
import http.client
import json
import os
import subprocess
import time

from . import process
from .errors import Problem
from .home import CHECKOUT

LOOPBACK = ("127.0.0.1", "::1")
# Odoo's own ports are this far from the one people come to.
BEHIND = 10000
START_TIMEOUT = 120
STOP_TIMEOUT = 60


def read_state(home, database):
    """Return the state of a running server, None when it does not run."""
    path = home / "instances" / database / "state.json"
    try:
        state = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    if process.is_alive(state["pid"], state["started"]):
        return state
    end_orphan(state)
    return None


def end_orphan(state):
    """End an Odoo whose supervisor was killed."""
    if process.is_alive(state["odoo_pid"], state["odoo_started"]):
        process.end_group(state["odoo_pid"])


def running(home):
    """Return the states of all servers of this CLINIC_HOME."""
    found = []
    for path in sorted(home.path.glob("instances/*/state.json")):
        if state := read_state(home, path.parent.name):
            found.append(state)
    return found


def hosts_of(host):
    """Return the addresses to listen on: this machine alone unless told otherwise."""
    if host:
        return [host]
    return [one for one in LOOPBACK if process.has_address(one)]


def plan(runtime, database, *, port, hosts, workers, addons, foreground, fresh=False):
    """Return what the supervisor has to know."""
    behind = port + (BEHIND if port + BEHIND < 65000 else -BEHIND)
    http_port = process.free_port(behind)
    gevent_port = process.free_port(behind + 1, avoid=(http_port,))
    command = runtime.command(
        *runtime.options(),
        *("-d", database, f"--db-filter=^{database}$"),
        *(f"--workers={workers}", f"--http-port={http_port}"),
        *(f"--gevent-port={gevent_port}", "--http-interface=127.0.0.1"),
    )
    warm_up = [*runtime.inside("warm_up.py"), f"http://127.0.0.1:{port}"]
    return {
        "home": str(runtime.home.path),
        "for_tests": runtime.postgres.for_tests,
        "database": database,
        "port": port,
        "hosts": hosts,
        "http_port": http_port,
        "gevent_port": gevent_port,
        "workers": workers,
        "url": f"http://localhost:{port}",
        "checkout": str(CHECKOUT),
        "site": str(runtime.site),
        "python": str(runtime.python),
        "odoo": runtime.odoo.version,
        "addons": addons,
        "code": runtime.suite.code_fingerprint(),
        "command": command,
        "warm_up": warm_up + runtime.offline(database) if fresh else None,
        "foreground": foreground,
    }


def launch(runtime, chosen):
    """Start a supervisor and return its process."""
    folder = runtime.instance(chosen["database"])
    path = folder / "plan.json"
    path.write_text(json.dumps(chosen, indent=1))
    runtime.home.account.own(path)
    log = folder / "supervisor.log"
    with open(log, "a") as output:
        runtime.home.account.own(log)
        return subprocess.Popen(
            [str(runtime.python), "-m", "launcher.supervisor", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=runtime.site,
            env=runtime.home.environment() | external_settings(runtime),
            start_new_session=True,
            **runtime.home.account.popen(),
        )


def external_settings(runtime):
    return runtime.postgres.environment() if runtime.postgres.external else {}


def wait_until_healthy(runtime, child, chosen):
    """Return when the server answers; raise with the log's end when it does not."""
    folder = runtime.instance(chosen["database"])

    def healthy():
        if child.poll() is not None:
            raise Problem(
                "The server has ended while starting.\n"
                + tail(folder / "supervisor.log", 5)
                + tail(folder / "server.log", 20)
            )
        live = not process.port_is_free(chosen["gevent_port"])
        return live and answers(chosen["port"], "/web/health")

    if not process.wait_until(healthy, START_TIMEOUT, interval=0.2):
        process.end_group(child.pid)
        raise Problem(
            f"The server does not answer after {START_TIMEOUT} s.\n"
            + tail(folder / "server.log", 20)
        )


def answers(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False


def tail(path, count):
    with contextlib.suppress(OSError):
        lines = path.read_text(errors="replace").splitlines()[-count:]
        return "".join(f"    | {line}\n" for line in lines)
    return ""


def stop(home, state):
    """Stop a server; True when it is gone."""
    gone = process.end(state["pid"], state["started"], patience=STOP_TIMEOUT)
    end_orphan(state)
    return gone


def wait(child):
    """Stay in front of a server until it ends or Ctrl-C; return its status."""
    try:
        return child.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, 15)
        deadline = time.monotonic() + STOP_TIMEOUT
        while child.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                child.wait(1)
        if child.poll() is None:
            process.end_group(child.pid)
        return 0


def uptime(state):
    minutes = int(time.time() - state["since"]) // 60
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
