"""A network cable between a box and a server that can be pulled."""

import contextlib
import socket
import threading


class Cable:
    """``with Cable(port) as cable: …`` passes everything on to that port, while in.

    :param port: of the server, on this machine
    """

    def __init__(self, port):
        self.target = port
        self.plugged = True
        self._open = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exc):
        self._socket.close()
        self.pull()

    def pull(self):
        """Cut what is on its way as well."""
        self.plugged = False
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def plug(self):
        self.plugged = True

    def _accept(self):
        while True:
            try:
                here = self._socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[here], daemon=True).start()

    def _pass_on(self, here):
        with here:
            if not self.plugged:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                return
            there.settimeout(None)
            with there:
                self._open |= {here, there}
                back = threading.Thread(
                    target=self._copy, args=[there, here], daemon=True
                )
                back.start()
                self._copy(here, there)
                back.join()
                self._open -= {here, there}

    def _copy(self, source, target):
        with contextlib.suppress(OSError):
            while self.plugged and (data := source.recv(65536)):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
