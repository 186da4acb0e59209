"""Locks between processes; the kernel lets them go when their holder dies."""

import contextlib
import fcntl
import os


@contextlib.contextmanager
def exclusive(path, on_wait=None):
    """Hold ``path`` alone; ``on_wait()`` is called once when somebody else has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait:
                on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Lease:
    """A share in something that lives as long as anybody uses it."""

    def __init__(self, path):
        self.path = path
        self.handle = None

    def take(self):
        self.handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o660)
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def release(self):
        """Give the share back; True when it was the last one."""
        if self.handle is None:
            return False
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(self.handle)
            self.handle = None
        return True
