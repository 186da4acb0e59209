"""Somebody signed in who tries whatever the server offers, and reads every answer."""

import json
import urllib.error
import urllib.request


class Attacker:
    """A user's session that keeps each answer in which the secret turned up."""

    def __init__(self, server, planted, login, client):
        self.server = server
        self.planted = planted
        self.login = login
        self.client = client
        self.secret = planted["secret"]
        self.tried = 0
        self.leaks = []

    def check_session(self):
        """Fail unless the server still knows who this is."""
        if self.login:
            assert self.client.rpc("/web/session/get_session_info")["uid"]

    def look(self, way, text):
        """Count an attempt; keep it when the secret is in the answer."""
        self.tried += 1
        if self.secret in text:
            at = text.index(self.secret)
            self.leaks.append(f"{way}: …{text[max(0, at - 120) : at + 40]}…")

    def page(self, way, path, data=None):
        status, text = self.client.open(path, data)
        self.look(f"{way} {path}", text)
        return status, text

    def call(self, way, model, method, *args, **kwargs):
        """Call a method over the web client's RPC; return the answer, errors too."""
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {
                "model": model,
                "method": method,
                "args": list(args),
                "kwargs": kwargs,
            },
        }
        _status, text = self.client.open(
            f"/web/dataset/call_kw/{model}/{method}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            timeout=120,
        )
        self.look(f"{way} {model}.{method}", text)
        try:
            return json.loads(text)
        except ValueError:
            return {"error": {"message": text[:200]}}

    def json2(self, model, method, **arguments):
        """Call a method over JSON-2 with the user's API key; return (status, text)."""
        request = urllib.request.Request(
            f"{self.server.url}/json/2/{model}/{method}",
            json.dumps(arguments).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": f"bearer {self.planted['keys'][self.login]}",
                "X-Odoo-Database": self.server.database,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        self.look(f"json2 {model}.{method}", text)
        return status, text
