"""A race that an attack runs against the runtime."""

import ctypes
import os
import threading

RENAME_EXCHANGE = 2
AT_FDCWD = -100


class Swapper:
    """Exchanges two names for each other, as quickly as it can, until the end of the block."""

    def __init__(self, one, other):
        self.names = (str(one).encode(), str(other).encode())
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.swap)
        self.times = 0

    def swap(self):
        libc = ctypes.CDLL(None, use_errno=True)
        while not self.end.is_set():
            if libc.renameat2(AT_FDCWD, self.names[0], AT_FDCWD, self.names[1], RENAME_EXCHANGE) != 0:
                raise OSError(ctypes.get_errno(), "renameat2")
            self.times += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
