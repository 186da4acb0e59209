"""What all stand-ins share: a server on a port of this machine, and its moods."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A mood holds for ``times`` requests that change something, then all is well again.
GOOD = "good"
DROP_AFTER_TAKING = "drop after taking"  # does it, and hangs up
DROP_BEFORE_TAKING = "drop before taking"
ERROR_AFTER_TAKING = "error after taking"
NONSENSE_AFTER_TAKING = "nonsense after taking"


class StandIn:
    """``with TheService() as service: service.url …``."""

    handler = None  # the class that answers, a :class:`Handler`

    def __init__(self, port=0):
        self.requests = []
        self.mood, self.times = GOOD, 0
        handler = type("Handler", (self.handler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exc):
        self.server.shutdown()
        self.server.server_close()

    def be(self, mood, times=1):
        """Misbehave for so many requests."""
        self.mood, self.times = mood, times

    def next_mood(self):
        if self.times <= 0:
            return GOOD
        self.times -= 1
        return self.mood


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service = None

    def log_message(self, *args):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def answer(self, value, status=200, raw=None):
        """Answer ``value`` as JSON, or ``raw`` as it is."""
        content = (raw if raw is not None else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self):
        self.close_connection = True
        # The other side may have lost its patience and gone.
        with contextlib.suppress(OSError):
            self.connection.shutdown(2)
