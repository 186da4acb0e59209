"""The server as the launcher starts it: processes, proxy, live updates."""

import http.client
import json
import socket
import urllib.parse
import urllib.request

import pytest

from launcher.testing.stack import RpcError


def address(server):
    parts = urllib.parse.urlsplit(server.url)
    return "127.0.0.1", parts.port


def test_health(server):
    assert server.client().open("/web/health")[0] == 200


def test_login_page_and_session(server):
    client = server.client("admin")
    assert client.call("res.users", "context_get")["lang"]
    assert "uid" in client.rpc("/web/session/get_session_info")


def test_wrong_password_is_refused(server):
    with pytest.raises(RpcError) as refused:
        server.client("admin", "wrong")
    assert refused.value.name == "AccessDenied"


def test_json2_answers_with_a_key(server):
    api = server.json2("admin")
    [user] = api.call(
        "res.users", "search_read", domain=[["login", "=", "admin"]], fields=["login"]
    )
    assert user["login"] == "admin"


def test_connection_is_kept_between_requests(server):
    connection = http.client.HTTPConnection(*address(server), timeout=30)
    connection.request("GET", "/web/health")
    assert connection.getresponse().read()
    before = connection.sock
    connection.request("GET", "/web/health")
    assert connection.getresponse().read()
    assert connection.sock is before
    connection.close()


def test_big_upload_passes(server):
    client = server.client("admin")
    text = "x" * 3_000_000
    answer = client.call("ir.attachment", "create", [{"name": "big", "raw": text}])
    [row] = client.search_read("ir.attachment", [["id", "in", answer]], ["file_size"])
    assert row["file_size"] == len(text)


def test_live_updates_reach_the_websocket(server):
    """The handshake succeeds on the people's port, though another process serves it."""
    client = server.client("admin")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.jar)
    host, port = address(server)
    with socket.create_connection((host, port), timeout=30) as connection:
        connection.sendall(
            (
                f"GET /websocket HTTP/1.1\r\nHost: localhost:{port}\r\n"
                f"Origin: http://localhost:{port}\r\nCookie: {cookies}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )
        assert b" 101 " in connection.recv(200)


@pytest.mark.parametrize(
    "head",
    [
        "POST /web/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
        "POST /web/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
        "Content-Length: 2\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
)
def test_ambiguous_requests_are_refused(server, head):
    with socket.create_connection(address(server), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_the_sent_in_forwarded_host_is_not_needed(server):
    request = urllib.request.Request(server.url + "/web/webclient/version_info")
    request.add_header("Content-Type", "application/json")
    request.data = json.dumps({"params": {}}).encode()
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.loads(answer.read())["result"]["server_serie"] == "19.0"
