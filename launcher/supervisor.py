"""The process that keeps one server: PostgreSQL's lease, Odoo, the proxy.

Runs as the servers' user, with Odoo's interpreter: ``python -m launcher.supervisor
PLAN``, the plan being a file written by ``server``. Ends with SIGTERM, and then ends
everything it started.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from . import process
from .home import Home
from .postgres import Postgres
from .proxy import Proxy

PATIENCE = 25
# By then the server has answered the one who started it.
WARM_UP_AFTER = 8
LOG_LIMIT = 50_000_000


def log(text):
    print(time.strftime("%F %T"), text, flush=True)


def rotate(path):
    """Put a big log aside, once per start."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT:
            path.rename(path.with_suffix(".log.1"))


async def supervise(plan, folder, postgres):
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    proxy = Proxy(plan["http_port"], plan["gevent_port"], plan["workers"])
    await proxy.listen(plan["hosts"], plan["port"])
    rotate(folder / "server.log")
    with open(folder / "server.log", "a") as output:
        odoo = await asyncio.create_subprocess_exec(
            *plan["command"],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | postgres.environment() | plan.get("environment", {}),
            cwd=plan["site"],
            start_new_session=True,
            preexec_fn=process.die_with_parent,
        )
    write_state(plan, folder, odoo.pid)
    log(f"Odoo is process {odoo.pid}, people come to port {plan['port']}")
    warm_up = asyncio.create_task(prepare_pages(plan, folder, postgres))
    ended = asyncio.create_task(odoo.wait())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
    proxy.close()
    warm_up.cancel()
    if ended.done():
        log(f"Odoo ended by itself with status {odoo.returncode}")
        return 1
    log("stopping")
    await asyncio.to_thread(process.end_group, odoo.pid, patience=PATIENCE)
    await ended
    return 0


async def prepare_pages(plan, folder, postgres):
    """Let the first pages of a new database be made before anybody asks for them."""
    if not plan["warm_up"]:
        return
    await asyncio.sleep(WARM_UP_AFTER)
    with open(folder / "warm-up.log", "w") as output:
        warm_up = await asyncio.create_subprocess_exec(
            *plan["warm_up"],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | postgres.environment(),
            cwd=plan["site"],
            preexec_fn=process.die_with_parent,
        )
    try:
        await warm_up.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            warm_up.terminate()
        raise


def write_state(plan, folder, odoo_pid):
    state = {name: plan[name] for name in ("database", "port", "hosts", "workers")}
    state |= {name: plan[name] for name in ("url", "checkout", "python", "odoo")}
    state |= {
        "pid": os.getpid(),
        "started": process.start_time(os.getpid()),
        "odoo_pid": odoo_pid,
        "odoo_started": process.start_time(odoo_pid),
        "since": time.time(),
        "addons": plan["addons"],
        "code": plan["code"],
    }
    partial = folder / "state.json.partial"
    partial.write_text(json.dumps(state, indent=1))
    partial.rename(folder / "state.json")


def main(path):
    plan = json.loads(Path(path).read_text())
    folder = Path(path).parent
    if plan["foreground"]:
        process.die_with_parent()
    postgres = Postgres(Home(plan["home"]), for_tests=plan["for_tests"])
    try:
        with postgres:
            return asyncio.run(supervise(plan, folder, postgres))
    except Exception as error:
        log(f"failed: {error}")
        return 1
    finally:
        (folder / "state.json").unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
