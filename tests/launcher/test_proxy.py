"""Many at once before a server that serves few: they wait, none is turned away."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from launcher.proxy import AT_ONCE_PER_WORKER, Proxy

WORKERS = 1
VISITORS = 40
QUESTION = b"GET / HTTP/1.1\r\nHost: clinic\r\nConnection: close\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Behind:
    """Stands for Odoo; counts who is there at the same time."""

    def __init__(self):
        self.present = self.most = self.served = 0
        self.open = asyncio.Event()

    async def serve(self, reader, writer):
        self.present += 1
        self.most = max(self.most, self.present)
        await reader.readuntil(b"\r\n\r\n")
        await self.open.wait()
        writer.write(ANSWER)
        await writer.drain()
        self.present -= 1
        self.served += 1
        writer.close()


class Door(Proxy):
    """Remembers the readers of those who came, in their order."""

    def __init__(self, *args):
        super().__init__(*args)
        self.came = []

    async def serve(self, reader, writer):
        self.came.append(reader)
        await super().serve(reader, writer)


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


async def visit(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(QUESTION)
    answer = await reader.read()
    writer.close()
    return answer


async def street(walk, workers):
    """Run a walk between visitors, the proxy and the server behind it."""
    behind = Behind()
    server = await asyncio.start_server(behind.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = Door(port, port, workers)
    await proxy.listen(["127.0.0.1"], 0)
    try:
        await walk(behind, proxy, proxy.servers[0].sockets[0].getsockname()[1])
    finally:
        proxy.close()
        server.close()
    return behind


def walked(walk, workers):
    """Run a street on a loop of its own: the browser's tests keep one running here."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, street(walk, workers)).result()


@pytest.mark.parametrize(
    ("workers", "most"), [(WORKERS, WORKERS * AT_ONCE_PER_WORKER), (0, VISITORS)]
)
def test_a_crowd_waits_at_the_door(workers, most):
    async def walk(behind, _proxy, port):
        crowd = [asyncio.create_task(visit(port)) for _ in range(VISITORS)]
        await until(lambda: behind.present == most)
        behind.open.set()
        answers = await asyncio.gather(*crowd)
        assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)

    behind = walked(walk, workers)
    assert behind.served == VISITORS
    assert behind.most == most


def test_who_went_away_is_not_served():
    async def walk(behind, proxy, port):
        first = [asyncio.create_task(visit(port)) for _ in range(AT_ONCE_PER_WORKER)]
        await until(lambda: behind.present == AT_ONCE_PER_WORKER)
        _reader, gone = await asyncio.open_connection("127.0.0.1", port)
        gone.write(QUESTION)
        await gone.drain()
        gone.close()
        await gone.wait_closed()
        await until(lambda: len(proxy.came) > AT_ONCE_PER_WORKER)
        await until(proxy.came[-1].at_eof)
        last = asyncio.create_task(visit(port))
        behind.open.set()
        await asyncio.gather(*first, last)

    behind = walked(walk, WORKERS)
    assert behind.served == AT_ONCE_PER_WORKER + 1
