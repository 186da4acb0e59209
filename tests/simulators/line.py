"""Both ends a simulated device can have: a TCP port, or a serial line (a pty)."""

import contextlib
import os
import select
import socket
import threading
import time
import tty


class Cut(Exception):
    """The other side has hung up, or the power is gone."""


class TcpEnd:
    def __init__(self, connection):
        self.connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, count, timeout):
        try:
            if not select.select([self.connection], [], [], timeout)[0]:
                return b""
            data = self.connection.recv(count)
        except (OSError, ValueError) as error:
            raise Cut from error
        if not data:
            raise Cut
        return data

    def write(self, data):
        try:
            self.connection.sendall(data)
        except OSError as error:
            raise Cut from error

    def close(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class PtyEnd:
    """The device's side of a pty; it stays when the other side closes the line."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def read(self, count, timeout):
        try:
            if not select.select([self.descriptor], [], [], timeout)[0]:
                return b""
            return os.read(self.descriptor, count)
        except OSError:
            time.sleep(0.01)  # nobody has the other side open
            return b""

    def write(self, data):
        with contextlib.suppress(OSError):
            os.write(self.descriptor, data)

    def close(self):
        pass


class Device:
    """A device on a line of its own: ``with TheDevice() as device: device.url …``.

    :param serial: a pty instead of TCP
    """

    def __init__(self, *, serial=False):
        self.serial = serial
        self.stopped = threading.Event()
        self.dark_until = 0.0  # no power until then
        if serial:
            self.master, slave = os.openpty()
            tty.setraw(slave)
            self.slave, self.url = slave, os.ttyname(slave)
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.listener.settimeout(0.1)
            self.url = f"socket://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._run, daemon=True)

    def serve(self, end):
        """Speak over one connection until :class:`Cut`."""
        raise NotImplementedError

    def lose_power(self, seconds=0.3):
        """Be dead for so long; what was in the memory only is gone."""
        self.dark_until = time.monotonic() + seconds
        raise Cut

    @property
    def dark(self):
        return time.monotonic() < self.dark_until

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.stopped.set()
        self.thread.join(5)
        if self.serial:
            os.close(self.master)
            os.close(self.slave)
        else:
            self.listener.close()

    def _run(self):
        while not self.stopped.is_set():
            end = self._connect()
            if end is None:
                continue
            with contextlib.suppress(Cut):
                self.serve(end)
            end.close()

    def _connect(self):
        if self.serial:
            end = PtyEnd(self.master)
            while self.dark and not self.stopped.is_set():
                end.read(4096, 0.02)  # heard by nobody
            return end
        try:
            connection, _address = self.listener.accept()
        except OSError:
            return None
        if self.dark:
            connection.close()
            return None
        return TcpEnd(connection)
