"""config-linux.md, Seccomp: SCMP_ACT_NOTIFY, and the container process state that is sent for it."""

import fcntl
import json
import os
import socket
import struct

from harness import host
from harness.cases import MUST, case

SECCOMP = "config-linux.md#seccomp"
STATE = "config-linux.md#the-container-process-state"
NEEDS = [host.seccomp_action("user_notif")]
# _IOWR('!', 0, struct seccomp_notif) and _IOWR('!', 1, struct seccomp_notif_resp) of linux/seccomp.h.
NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
NOTIF_SIZE = 80


class Agent:
    """Listens for what a runtime sends; keeps the one connection's payload and descriptors."""

    def __init__(self, t, metadata=None):
        self.t = t
        self.path = t.path / "agent"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(self.path))
        self.socket.listen()
        self.socket.settimeout(5)
        t.linux["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": str(self.path),
            "syscalls": [{"names": ["ioprio_get"], "action": "SCMP_ACT_NOTIFY"}]}
        if metadata is not None:
            t.linux["seccomp"]["listenerMetadata"] = metadata
        t.process["args"] = ["berth-test-helper", "syscall", "ioprio_get", "1", "0"]
        self.fds, self.data, self.calls_with_fds = [], b"", 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for fd in self.fds:
            os.close(fd)
        self.socket.close()

    def receive(self):
        """Everything up to the connection's end, which has to come."""
        try:
            connection, _ = self.socket.accept()
        except TimeoutError:
            self.t.equal("nothing came", "a connection", "the listener's socket")
        connection.settimeout(5)
        with connection:
            while True:
                data, fds, _, _ = socket.recv_fds(connection, 65536, 8)
                self.fds += fds
                self.calls_with_fds += bool(fds)
                if not data:
                    return json.loads(self.data)
                self.data += data

    def answer(self, value):
        """Lets the next call that is waiting come back with that value."""
        request = bytearray(NOTIF_SIZE)
        fcntl.ioctl(self.fds[0], NOTIF_RECV, request)
        identifier = struct.unpack_from("=Q", request)[0]
        fcntl.ioctl(self.fds[0], NOTIF_SEND, bytearray(struct.pack("=QqiI", identifier, value, 0, 0)))


def started(t, agent):
    """The container, started, with what the agent has received of it."""
    container, result = t.try_create()
    t.succeeds(result, "create")
    t.succeeds(container.start(), "start")
    return container, agent.receive()


@case(SECCOMP, MUST, "SCMP_ACT_NOTIFY hands calls to whoever listens at listenerPath", needs=NEEDS)
def notify(t):
    with Agent(t) as agent:
        container, _ = started(t, agent)
        agent.answer(4242)
        container.output_has("4242")


@case(STATE, MUST, "The descriptors come with SCM_RIGHTS, in the order of fds", needs=NEEDS)
def descriptors(t):
    with Agent(t) as agent:
        _, state = started(t, agent)
        t.equal(state.get("fds"), ["seccompFd"], "fds")
        t.equal(len(agent.fds), 1, "descriptors")


@case(STATE, MUST, "The descriptors come with the first message alone", needs=NEEDS)
def first_message(t):
    with Agent(t) as agent:
        started(t, agent)
        t.equal(agent.calls_with_fds, 1, "messages with descriptors")


@case(STATE, MUST, "The container process state has ociVersion, the pid and the container's state", needs=NEEDS)
def process_state(t):
    t.config["annotations"] = {"com.example.key": "value"}
    with Agent(t) as agent:
        container, state = started(t, agent)
        pid = container.state().get("pid")
        t.true(isinstance(state.get("ociVersion"), str), "ociVersion", "a string", state.get("ociVersion"))
        t.equal(state.get("pid"), pid, "pid")
        inner = state.get("state") or {}
        t.equal({key: inner.get(key) for key in ("id", "bundle", "annotations")},
                {"id": container.id, "bundle": str(t.path), "annotations": {"com.example.key": "value"}}, "state")


@case(STATE, MUST, "listenerMetadata is handed on as metadata", needs=NEEDS)
def metadata(t):
    with Agent(t, metadata="for the agent") as agent:
        _, state = started(t, agent)
        t.equal(state.get("metadata"), "for the agent", "metadata")


@case(SECCOMP, MUST, "The connection is closed after one container process state", needs=NEEDS)
def one_state(t):
    with Agent(t) as agent:
        started(t, agent)
        decoder = json.JSONDecoder()
        _, end = decoder.raw_decode(agent.data.decode())
        t.equal(agent.data.decode()[end:].strip("\0 \n"), "", "what follows the first state")


@case(SECCOMP, MUST, "If nobody listens at listenerPath it is an error", needs=NEEDS)
def nobody_listens(t):
    with Agent(t) as agent:
        agent.socket.close()
        agent.path.unlink()
        container, result = t.try_create()
        if result.code == 0:
            result = container.start()
        t.fails(result, "create, or start, with nobody at listenerPath")


@case(SECCOMP, MUST, "Without SCMP_ACT_NOTIFY listenerPath is ignored", peers="crun 1.8 connects to it all the same")
def ignored(t):
    t.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": str(t.path / "none"),
                          "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]}
    t.equal(t.output("echo ran"), "ran", "output")
