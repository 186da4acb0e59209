"""A running multi-worker server on a clone, and a client to speak to it.

For tests and benchmarks: a process started by ``./clinic test`` or ``./clinic bench``
finds in its environment what to clone.
"""

import contextlib
import http.cookiejar
import itertools
import json
import os
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path

from .. import database, odoo_source, process, server
from ..home import CHECKOUT, Home
from ..postgres import Postgres
from ..runtime import Runtime


class RpcError(Exception):
    """The server refused a call: ``name`` is Odoo's exception, the text its words."""

    def __init__(self, name, text, details=""):
        super().__init__(text)
        self.name = name.rpartition(".")[2]
        self.details = details


class Client:
    """A user's session: pages by ``open``, calls of models by ``call``."""

    def __init__(self, url, name):
        self.url = url
        self.database = name
        self.uid = None
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar)
        )

    def open(self, path, data=None, headers=None, timeout=60):
        """Return (status, text) of a page; an error status is not an exception."""
        request = urllib.request.Request(self.url + path, data, headers or {})
        try:
            with self.opener.open(request, timeout=timeout) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def rpc(self, path, **params):
        """Call a ``jsonrpc`` route and return its result; RpcError when refused."""
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        headers = {"Content-Type": "application/json"}
        status, text = self.open(path, body.encode(), headers)
        try:
            answer = json.loads(text)
        except ValueError:
            raise RpcError("http", f"status {status}", text) from None
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise RpcError(
                data.get("name", ""),
                data.get("message", answer["error"].get("message", "")),
                data.get("debug", ""),
            )
        return answer.get("result")

    def login(self, login, password=None):
        """Sign in (in the demo clinic the password is the log-in)."""
        answer = self.rpc(
            "/web/session/authenticate",
            db=self.database,
            login=login,
            password=password or login,
        )
        self.uid = answer["uid"]
        return self

    def call(self, model, method, *args, **kwargs):
        """Call a public method of a model as the signed-in user."""
        return self.rpc(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=list(args),
            kwargs=kwargs,
        )

    def search_read(self, model, domain, fields, **kwargs):
        return self.call(model, "search_read", domain, fields=fields, **kwargs)


class Json2:
    """The API for programs: POST /json/2/<model>/<method> with an API key."""

    def __init__(self, url, name, key):
        self.url = url
        self.database = name
        self.key = key

    def call(self, model, method, **arguments):
        """Call a method with keyword arguments (``ids`` for its records)."""
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            json.dumps(arguments).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": f"bearer {self.key}",
                "X-Odoo-Database": self.database,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            with contextlib.suppress(ValueError):
                data = json.loads(text)
                raise RpcError(
                    data.get("name", ""), data.get("message", ""), data.get("debug", "")
                ) from None
            raise RpcError("http", f"status {error.code}", text) from None


class Server:
    """A server that runs: its address, its database, clients of it."""

    def __init__(self, runtime, name, chosen):
        self.runtime = runtime
        self.database = name
        self.url = chosen["url"]
        self.chosen = chosen
        self.child = None

    def start(self):
        """Start it; also again, at the same address, after :meth:`stop`."""
        self.child = server.launch(self.runtime, self.chosen)
        server.wait_until_healthy(self.runtime, self.child, self.chosen)

    def stop(self):
        child, self.child = self.child, None
        if child is not None:
            child.terminate()
            child.wait()

    def client(self, login=None, password=None):
        client = Client(self.url, self.database)
        return client.login(login, password) if login else client

    def json2(self, login):
        """Return a client of JSON-2 for a user, with a new API key."""
        script = (
            f"user = env['res.users'].search([('login', '=', {login!r})])\n"
            "keys = env(user=user)['res.users.apikeys']\n"
            "print('KEY', keys.sudo()._generate('rpc', 'tests', None))\n"
            "env.cr.commit()\n"
        )
        output = self.shell(script)
        return Json2(self.url, self.database, output.rpartition("KEY ")[2].split()[0])

    def shell(self, script):
        """Run Python code in an Odoo shell on the database; return what it prints."""
        options = [*self.runtime.offline(self.database), "--log-level=error"]
        return process.run(
            self.runtime.command("shell", *options),
            self.runtime.home.account,
            text_input=script,
            env=self.runtime.environment(),
            cwd=self.runtime.site,
        )

    def query(self, statement, **values):
        """Return the rows of a query, each a list of texts."""
        return self.runtime.postgres.query(self.database, statement, **values)


def from_environment():
    """Return the runtime of a process that runs as the servers' user."""
    home = Home()
    postgres = Postgres(home, for_tests=True)
    odoo = odoo_source.find(home)
    return Runtime(home, odoo, Path(sys.executable), postgres, CHECKOUT)


NUMBERS = itertools.count(1)


@contextlib.contextmanager
def serve(
    runtime, template, name, *, workers=2, folder=None, log_name="server-{name}.log"
):
    """Run a server on a clone of ``template`` while the block lasts.

    :param folder: where its log is kept; those called ``server-…`` must hold nothing
        unexpected.
    """
    with runtime.postgres:
        database.clone(runtime, template, name)
        port = process.free_port()
        chosen = server.plan(
            runtime,
            name,
            port=port,
            hosts=["127.0.0.1"],
            workers=workers,
            addons={},
            foreground=True,
        )
        database.set_url(runtime, name, chosen["url"])
        running = Server(runtime, name, chosen)
        try:
            running.start()
            yield running
        finally:
            running.stop()
            if folder:
                log = runtime.instance(name) / "server.log"
                shutil.copy(log, Path(folder) / log_name.format(name=name))
            database.drop(runtime, name)


@contextlib.contextmanager
def serve_for_test(**kwargs):
    """Run a server as the current ``./clinic test`` says."""
    name = f"{os.environ['CLINIC_TEST_RUN']}_s{next(NUMBERS)}"
    template = os.environ["CLINIC_TEST_TEMPLATE"]
    folder = os.environ["CLINIC_TEST_FOLDER"]
    with serve(from_environment(), template, name, folder=folder, **kwargs) as running:
        yield running
