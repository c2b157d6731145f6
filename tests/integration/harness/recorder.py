"""A proxy between agents and a scheduler that notes what is said, and can cut the line.

It hands on bytes as they are, so signatures stay right. What it understands: HTTP/1.1 with
Content-Length, and WebSockets once a connection is upgraded.
"""

import json
import socket
import threading
import time
from typing import NamedTuple

from harness.websocket import TEXT, take_frame


class Call(NamedTuple):
    """A request of the ECS API."""
    operation: str
    body: dict
    headers: dict


class Said(NamedTuple):
    """A message on a WebSocket."""
    path: str     # "/acs/ws" or "/tcs/ws"
    sender: str   # "agent" or "scheduler"
    type: str
    message: dict
    head: str     # of an agent's telemetry: the signed lines before the message


class _Reader:
    """Takes one direction of a connection apart."""

    def __init__(self, line, sender):
        self.line = line
        self.sender = sender
        self.data = b""

    def feed(self, data):
        self.data += data
        while self._take():
            pass

    def _take(self):
        if self.line.upgraded:
            return self._take_frame()
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return False
        first, *lines = head.decode(errors="replace").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return False
        self.data = rest[size:]
        self.line.http(self.sender, first, headers, rest[:size])
        return True

    def _take_frame(self):
        taken = take_frame(self.data)
        if taken is None:
            return False
        kind, payload, size = taken
        self.data = self.data[size:]
        if kind == TEXT:
            self.line.said(self.sender, payload.decode())
        return True


class _Line:
    """One connection through the proxy."""

    def __init__(self, recorder, agent, scheduler):
        self.recorder = recorder
        self.path = ""
        self.upgraded = False
        self.ends = {"agent": agent, "scheduler": scheduler}

    def http(self, sender, first, headers, body):
        if sender == "scheduler":
            self.upgraded = first.split()[1] == "101"
            return
        self.path = first.split()[1].partition("?")[0]
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation:
            self.recorder.calls.append(Call(operation, json.loads(body or b"{}"), headers))

    def said(self, sender, text):
        head, _, rest = text.rpartition("\r\n\r\n")
        try:
            envelope = json.loads(rest)
            self.recorder.messages.append(
                Said(self.path, sender, envelope["type"], envelope["message"], head))
        except ValueError:
            self.recorder.messages.append(Said(self.path, sender, "", {"text": text}, head))

    def pump(self, sender):
        receiver = "agent" if sender == "scheduler" else "scheduler"
        reader = _Reader(self, sender)
        try:
            while (data := self.ends[sender].recv(65536)):
                self.recorder.wait_until_open()
                reader.feed(data)
                if sender == "scheduler" and self.recorder.swallow(self.path):
                    continue
                self.ends[receiver].sendall(data)
        except OSError:
            pass
        self.close()

    def close(self):
        for end in self.ends.values():
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Recorder:
    """Listens on 127.0.0.1 of the network and hands on to `upstream`, a port there."""

    def __init__(self, network, upstream, port=8700):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.calls = []
        self.messages = []
        self.lines = []
        self.swallow_answers = False  # of API calls: they are carried out, and nobody is told
        self._open = threading.Event()
        self._open.set()
        self._network = network
        self._upstream = upstream
        self._listener = network(self._listen)
        network.thread(self._accept)

    def _listen(self):
        return socket.create_server(("127.0.0.1", self.port), reuse_port=False, backlog=64)

    def _accept(self):
        while True:
            try:
                agent, _ = self._listener.accept()
            except OSError:
                return
            try:
                scheduler = socket.create_connection(("127.0.0.1", self._upstream), timeout=10)
                scheduler.settimeout(None)
            except OSError:
                agent.close()
                continue
            line = _Line(self, agent, scheduler)
            self.lines.append(line)
            for sender in ("agent", "scheduler"):
                threading.Thread(target=line.pump, args=(sender,), daemon=True).start()

    def wait_until_open(self):
        self._open.wait()

    def swallow(self, path):
        return self.swallow_answers and path == "/"

    def stall(self):
        """From now on nothing comes through, and nobody is told."""
        self._open.clear()

    def resume(self):
        self._open.set()

    def hang_up(self):
        """Ends all connections there are."""
        for line in self.lines:
            line.close()
        self.lines.clear()

    def close(self):
        self._open.set()
        self.hang_up()
        self._listener.shutdown(socket.SHUT_RDWR)  # or accept() would go on
        self._listener.close()

    # -- what was said ----------------------------------------------------------------------------

    def reports(self, task, status=None):
        """SubmitTaskStateChange calls of a task that tell a status, in their order."""
        return [call.body for call in self.calls
                if call.operation == "SubmitTaskStateChange" and call.body.get("task") == task
                and call.body.get("status") and status in (None, call.body["status"])]

    def of_type(self, kind, sender=None):
        return [said.message for said in self.messages
                if said.type == kind and sender in (None, said.sender)]

    def sequence_numbers(self):
        """Of payloads and manifests in the order in which they were sent."""
        return [said.message.get("seqNum", said.message.get("timeline"))
                for said in self.messages if said.type in ("PayloadMessage", "TaskManifestMessage")]


def quiet_for(recorder, seconds):
    """Waits until nothing was recorded for that long."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < seconds:
        count = len(recorder.calls) + len(recorder.messages)
        if count != seen:
            seen, since = count, time.monotonic()
        time.sleep(0.02)
