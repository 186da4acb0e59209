"""A small reverse proxy: one port for people, Odoo's two behind it.

Odoo's worker processes cannot serve /websocket, its gevent process serves nothing
else, so something has to stand before both. In production that is nginx or the like;
here it is this, so that live updates work with no more than Python.

Each request gets a connection of its own to Odoo (cheap on one machine, and it makes
the end of an answer certain); the browser's connection is kept.

When many come at once they wait here. Odoo lets the kernel queue eight connections for
each worker and no more; what comes beyond is dropped and tried again seconds later, or
cut off. So only a few requests for each worker are passed on at a time, the others in
the order they came.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

CHUNK = 64 * 1024
HEAD_LIMIT = 64 * 1024
IDLE_SECONDS = 75
CONNECT_SECONDS = 10
# Enough to keep a worker busy, and half of what Odoo lets wait in the kernel.
AT_ONCE_PER_WORKER = 4
LOCAL = ("127.0.0.1", "::1")
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
NOT_PASSED_ON = {
    *("connection", "keep-alive", "proxy-connection", "proxy-authorization", "te"),
    *("trailer", "upgrade", "forwarded", "x-real-ip", *FORWARDED),
}
STARTING = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
    "<title>Starting</title><p>The server is starting…"
)


class Refused(Exception):
    """A request that is answered here with a status of ours."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


@dataclass
class Head:
    """The first line and the headers of a request or an answer."""

    first: str
    headers: list = field(default_factory=list)

    @classmethod
    def parse(cls, raw):
        first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or name != name.strip():
                raise Refused("400 Bad Request", "a malformed header")
            headers.append((name, value.strip()))
        return cls(first, headers)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name]

    def get(self, name, default=""):
        return next(iter(self.all(name)), default)

    def tokens(self, name):
        return {
            token.strip().lower()
            for value in self.all(name)
            for token in value.split(",")
        }

    def upgrades(self):
        return "websocket" in self.tokens("upgrade")

    def length(self):
        """Return the announced length of the body, None when there is none."""
        values = set(self.all("content-length"))
        if not values:
            return None
        value = values.pop()
        if values or not value.isdecimal() or self.all("transfer-encoding"):
            raise Refused("400 Bad Request", "an ambiguous length")
        return int(value)

    def encode(self, headers):
        lines = [self.first, *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


class Proxy:
    def __init__(self, http_port, websocket_port, workers=1):
        self.http_port = http_port
        self.websocket_port = websocket_port
        # With no workers Odoo is one process of threads and takes all that come.
        at_once = workers * AT_ONCE_PER_WORKER
        self.turns = asyncio.Semaphore(at_once) if at_once else contextlib.nullcontext()
        self.servers = []

    async def listen(self, hosts, port):
        for host in hosts:
            server = await asyncio.start_server(
                self.serve, host, port, limit=HEAD_LIMIT, backlog=512
            )
            self.servers.append(server)

    def close(self):
        for server in self.servers:
            server.close()

    async def serve(self, reader, writer):
        """Serve one browser's connection until either side ends it."""
        try:
            while await self.exchange(reader, writer):
                pass
        except Refused as refusal:
            with contextlib.suppress(ConnectionError):
                await answer(writer, refusal.status, str(refusal))
        except (ConnectionError, EOFError, TimeoutError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()

    async def exchange(self, reader, writer):
        """Pass one request on and its answer back; True to go on with the next."""
        try:
            raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_SECONDS)
        except asyncio.LimitOverrunError:
            raise Refused("431 Request Header Fields Too Large", "too long") from None
        request = Head.parse(raw)
        try:
            _method, target, _version = request.first.split(" ")
        except ValueError:
            raise Refused("400 Bad Request", "not a request") from None
        request.length()
        path = target.partition("?")[0]
        live = path == "/websocket" or path.startswith("/websocket/")
        if live:
            return await self.pass_on(request, self.websocket_port, reader, writer)
        async with self.turns:
            if reader.at_eof():
                # Nobody waits for the answer any more.
                return False
            return await self.pass_on(request, self.http_port, reader, writer)

    async def pass_on(self, request, port, reader, writer):
        """Pass a request on to Odoo and its answer back; True to go on."""
        try:
            opening = asyncio.open_connection("127.0.0.1", port, limit=HEAD_LIMIT)
            back_reader, back_writer = await asyncio.wait_for(opening, CONNECT_SECONDS)
        except (OSError, asyncio.TimeoutError):
            raise Refused("503 Service Unavailable", STARTING) from None
        method, _target, version = request.first.split(" ")
        tunnelled = port == self.websocket_port and request.upgrades()
        try:
            back_writer.write(self.forward(request, writer, tunnelled))
            if tunnelled:
                await tunnel(reader, writer, back_reader, back_writer)
                return False
            upload = asyncio.create_task(send_body(request, reader, back_writer))
            try:
                whole = await pass_answer(method, request, back_reader, writer)
                kept = whole and upload.done() and not upload.exception()
            finally:
                await finish(upload)
            return kept and wants_more(request, version)
        finally:
            back_writer.close()

    def forward(self, request, writer, upgrade):
        """Return the request's head as Odoo gets it."""
        headers = [
            (name, value)
            for name, value in request.headers
            if name.lower() not in NOT_PASSED_ON
        ]
        peer = (writer.get_extra_info("peername") or ("127.0.0.1",))[0]
        forwarded = {
            "x-forwarded-for": peer,
            "x-forwarded-host": request.get("host"),
            "x-forwarded-proto": "http",
        }
        if peer in LOCAL:
            # Another proxy on this machine (TLS, say) knows better.
            for name in FORWARDED:
                forwarded[name] = request.get(name, forwarded[name])
        headers += [(name.title(), value) for name, value in forwarded.items() if value]
        if upgrade:
            headers += [("Connection", "Upgrade"), ("Upgrade", "websocket")]
        else:
            headers.append(("Connection", "close"))
        return request.encode(headers)


def wants_more(request, version):
    if version == "HTTP/1.1":
        return "close" not in request.tokens("connection")
    return "keep-alive" in request.tokens("connection")


async def answer(writer, status, text):
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: 2\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()


async def finish(task):
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task


async def copy(reader, writer, count=None):
    """Copy ``count`` bytes, or all there are; raise when fewer came."""
    while count is None or count > 0:
        data = await reader.read(CHUNK if count is None else min(CHUNK, count))
        if not data:
            if count:
                raise EOFError
            return
        writer.write(data)
        await writer.drain()
        if count is not None:
            count -= len(data)


async def send_body(request, reader, writer):
    length = request.length()
    if length is not None:
        await copy(reader, writer, length)
    elif "chunked" in request.tokens("transfer-encoding"):
        await copy_chunks(reader, writer)


async def copy_chunks(reader, writer):
    """Copy a body in chunks, as it is, up to its end."""
    while True:
        line = await reader.readuntil(b"\r\n")
        writer.write(line)
        size = int(line.split(b";")[0], 16)
        if size == 0:
            while line != b"\r\n":
                line = await reader.readuntil(b"\r\n")
                writer.write(line)
            await writer.drain()
            return
        await copy(reader, writer, size + 2)


async def pass_answer(method, request, reader, writer):
    """Copy the answer to the browser; True when its end was plain to see."""
    while True:
        raw = await reader.readuntil(b"\r\n\r\n")
        head = Head.parse(raw)
        version, status, *reason = head.first.split(" ", 2)
        if not status.startswith("1"):
            break
        writer.write(raw)
        await writer.drain()
    bodiless = method == "HEAD" or status in ("204", "304")
    length = 0 if bodiless else None
    if not bodiless and not head.all("transfer-encoding"):
        length = head.length()
    plain = length is not None
    head.first = " ".join(["HTTP/1.1", status, *reason])
    headers = [
        (name, value)
        for name, value in head.headers
        if name.lower() not in ("connection", "keep-alive")
    ]
    keep = plain and wants_more(request, request.first.rpartition(" ")[2])
    headers.append(("Connection", "keep-alive" if keep else "close"))
    writer.write(head.encode(headers))
    await copy(reader, writer, length)
    await writer.drain()
    return plain


async def tunnel(reader, writer, back_reader, back_writer):
    """Copy both ways until either side ends."""
    ways = [
        asyncio.create_task(copy(reader, back_writer)),
        asyncio.create_task(copy(back_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            await finish(way)
