"""Work of the test's own process done inside a throw-away host's network."""

import ctypes
import os
import threading
from concurrent.futures import ThreadPoolExecutor

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _enter(pid):
    """The calling thread, and none but it, is in the network namespace of `pid` from now on."""
    namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(namespace, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(namespace)


class Network:
    """Runs functions on threads that are in the network namespace of a process."""

    def __init__(self, pid, threads=16):
        self.pid = pid
        self._pool = ThreadPoolExecutor(threads, initializer=_enter, initargs=(pid,))

    def __call__(self, work, *args, **options):
        """What `work` returns."""
        return self._pool.submit(work, *args, **options).result()

    def begin(self, work, *args, **options):
        """A Future of what `work` returns."""
        return self._pool.submit(work, *args, **options)

    def thread(self, work, *args):
        """A thread of its own for what goes on until its sockets are closed."""
        def run():
            _enter(self.pid)
            work(*args)
        made = threading.Thread(target=run, daemon=True)
        made.start()
        return made

    def close(self):
        self._pool.shutdown(wait=False, cancel_futures=True)
