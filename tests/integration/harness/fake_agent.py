"""An agent without a host: it says to a scheduler what the test wants, true or not."""

import json
import socket
import threading
import time
import uuid

from harness import signing, websocket
from harness.berth import wait_for
from harness.cluster import PORT

RESOURCES = {"cpu": 1_000_000, "memory": 1_000_000}
ATTRIBUTES = [f"com.amazonaws.ecs.capability.docker-remote-api.1.{minor}"
              for minor in (17, 18, 19, 21, 24, 25)] + [
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.task-iam-role", "ecs.capability.task-eni",
    "ecs.capability.container-health-check", "ecs.capability.container-ordering",
    "ecs.capability.task-cpu-mem-limit"]


def total_resources(cpu, memory):
    return [{"name": "CPU", "type": "INTEGER", "integerValue": cpu},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
            {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
            {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []}]


class FakeAgent:
    """Registers when it is made. Messages are taken in by a thread; `acks` says whether they are
    acknowledged, too."""

    def __init__(self, cluster, key=None, *, attributes=None, arn=None, **resources):
        self.cluster = cluster
        self.key = key or cluster.key("agent")
        self.host = f"127.0.0.1:{PORT}"
        self.api = cluster.client(key=self.key)
        self.acks = True
        self.socket = None
        self.messages = []  # (type, message) of all connections
        self.seen = 0       # how many of them `expect` has looked at
        self.ended = None   # how the last connection did
        self._news = threading.Condition()
        attributes = [{"name": name} for name in ATTRIBUTES] + [
            {"name": name, "value": value} for name, value in (attributes or {}).items()]
        again = {"containerInstanceArn": arn} if arn else {}
        cluster.ecs.create_cluster(clusterName="default")
        answer = self.api.register_container_instance(
            cluster="default", attributes=attributes, **again,
            totalResources=total_resources(**(RESOURCES | resources)))
        self.arn = answer["containerInstance"]["containerInstanceArn"]
        cluster.closing.append(self)

    def close(self):
        if self.socket:
            self.socket.drop()

    # -- connections ------------------------------------------------------------------------------

    def target(self, kind="acs", send_credentials=True):
        if kind == "tcs":
            return f"/tcs/ws?cluster=default&containerInstance={self.arn.replace(':', '%3A')}"
        return (f"/acs/ws?clusterArn=default&containerInstanceArn={self.arn.replace(':', '%3A')}"
                f"&sendCredentials={'true' if send_credentials else 'false'}&seqNum=1")

    def handshake(self, target, **signing_options):
        """A WebSocket, or websocket.Refused."""
        headers = signing.sign(signing_options.pop("key", self.key), target=target,
                               host=self.host, **signing_options)
        return self.cluster.network(websocket.connect, ("127.0.0.1", PORT), target, headers)

    def connect(self, send_credentials=True):
        """Connects for orders, in place of the connection there was."""
        self.close()
        self.socket = self.handshake(self.target(send_credentials=send_credentials))
        self.ended = None
        threading.Thread(target=self._listen, args=(self.socket,), daemon=True).start()
        return self

    def _listen(self, own):
        try:
            while True:
                try:
                    frame = json.loads(own.receive(timeout=300))
                except socket.timeout:
                    continue
                self._received(own, frame["type"], frame["message"])
        except (websocket.Closed, OSError, ValueError) as end:
            if own is self.socket:
                self.ended = end

    def _received(self, own, kind, message):
        if kind == "HeartbeatMessage":
            self.say("HeartbeatAckRequest", {"messageId": message["messageId"]}, own)
        elif self.acks:
            self.acknowledge(kind, message, own)
        with self._news:
            self.messages.append((kind, message))
            self._news.notify_all()

    def say(self, kind, message, own=None):
        (own or self.socket).send(json.dumps({"type": kind, "message": message}))

    def acknowledge(self, kind, message, own=None):
        """As a real agent does."""
        sets = [(message["messageId"], task[which]) for task in message.get("tasks", [])
                for which in ("roleCredentials", "executionRoleCredentials") if task.get(which)]
        if kind == "IAMRoleCredentialsMessage":
            sets.append((message["messageId"], message["roleCredentials"]))
        for message_id, credentials in sets:
            self.say("IAMRoleCredentialsAckRequest", {
                "messageId": message_id, "credentialsId": credentials["credentialsId"],
                "expiration": credentials["expiration"]}, own)
        if kind in ("PayloadMessage", "TaskManifestMessage",
                    "AttachTaskNetworkInterfacesMessage"):
            self.say("AckRequest", {"cluster": message["clusterArn"],
                                    "containerInstance": self.arn,
                                    "messageId": message["messageId"]}, own)

    def expect(self, kind, timeout=20):
        """The next message of that type; others are skipped."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                while self.seen < len(self.messages):
                    self.seen += 1
                    if self.messages[self.seen - 1][0] == kind:
                        return self.messages[self.seen - 1][1]
                left = deadline - time.monotonic()
                assert left > 0 and self._news.wait(left), f"no {kind} comes"

    def expect_task(self, arn, timeout=20):
        """The task in the next payload that has it."""
        while True:
            for task in self.expect("PayloadMessage", timeout)["tasks"]:
                if task["arn"] == arn:
                    return task

    def expect_end(self):
        return wait_for(lambda: self.ended, "the end of the connection")

    def of_type(self, kind):
        return [message for each, message in list(self.messages) if each == kind]

    # -- calls ------------------------------------------------------------------------------------

    def report(self, task, status, *containers, **more):
        """SubmitTaskStateChange. Containers: (name, status) or (name, status, exit code)."""
        changes = [{"containerName": name, "status": state, "runtimeId": uuid.uuid4().hex,
                    **({"exitCode": code[0]} if code else {})}
                   for name, state, *code in containers]
        return self.api.submit_task_state_change(cluster="default", task=task, status=status,
                                                 containers=changes, **more)
