"""The other end of a container's terminal, as `create --console-socket` hands it out."""

import contextlib
import os
import select
import socket
import time


class Terminal:
    """Listens for the terminal of a trial's one container; reads what it writes."""

    def __init__(self, trial):
        self.trial, self.text, self.fd = trial, "", None
        trial.process["terminal"] = True
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.path = trial.path / "console"
        self.socket.bind(str(self.path))
        self.socket.listen()
        self.socket.settimeout(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        if self.fd is not None:
            os.close(self.fd)

    def start(self, script):
        """The container, started with that program; it stays for a moment after it."""
        self.trial.script(f"{script}; sleep 0.2")
        container, result = self.trial.try_create("--console-socket", self.path)
        if self.trial.drop == "process.terminal":  # some refuse a socket that nothing will come over
            result = result if result.code == 0 else self.trial.try_create(container=container)[1]
        self.trial.succeeds(result, "create with a terminal")
        self.receive()
        self.trial.succeeds(container.start(), "start")
        return container

    def receive(self):
        self.socket.settimeout(0.3 if self.trial.drop else 10)
        try:
            connection, _ = self.socket.accept()
        except TimeoutError:
            return
        connection.settimeout(self.socket.gettimeout())
        with connection, contextlib.suppress(TimeoutError):
            fds = socket.recv_fds(connection, 4096, 1)[1]
            self.fd = fds[0] if fds else None

    def reads(self, text, seconds=5):
        """Whether that comes out of the terminal."""
        end = time.monotonic() + seconds
        while self.fd is not None and text not in self.text and time.monotonic() < end:
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.fd, 4096)
            except OSError:  # EIO: nobody has the other end open any more
                break
            self.text += data.decode(errors="replace")
        return text in self.text
