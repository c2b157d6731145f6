"""A scheduler of a few lines: it speaks ECS's protocol and says to agents what the test wants.

It checks every signature. `faults` lists what was wrong with what agents have sent.
"""

import hashlib
import json
import socket
import threading
import time
import urllib.parse
import uuid

from harness import signing, websocket
from harness.berth import wait_for

KEY = ("AKIDSTUB", "secretstub")
ACCOUNT = "arn:aws:ecs:us-east-1:123456789012"
CLUSTER_ARN = f"{ACCOUNT}:cluster/default"
INSTANCE_ARN = f"{ACCOUNT}:container-instance/default/0123456789abcdef0123456789abcdef"


def task_arn(number):
    return f"{ACCOUNT}:task/default/{hashlib.md5(bytes([number])).hexdigest()}"


class Connection:
    """A WebSocket that an agent has opened: "acs" or "tcs"."""

    def __init__(self, kind, query, open_socket):
        self.kind = kind
        self.query = query
        self.socket = open_socket
        self.messages = []  # (type, message)
        self.heads = []     # of telemetry: the signed headers of each message
        self.ended = None   # websocket.Closed once it is
        self.seen = 0

    def say(self, kind, message):
        self.socket.send(json.dumps({"type": kind, "message": message}))

    def of_type(self, kind):
        return [message for each, message in list(self.messages) if each == kind]

    def expect(self, kind, timeout=20):
        """The next message of that type; others are skipped."""
        def look():
            while self.seen < len(self.messages):
                self.seen += 1
                if self.messages[self.seen - 1][0] == kind:
                    return [self.messages[self.seen - 1][1]]
            return None
        return wait_for(look, f"a {kind}", timeout)[0]


class FakeScheduler:
    """Listens on 127.0.0.1:`port` of the network."""

    def __init__(self, network, port=8765):
        self.url = f"http://127.0.0.1:{port}"
        self.network = network
        self.calls = []        # (operation, body), in their order
        self.answers = {}      # operation: (status, body), or a function of the body that gives it
        self.refusals = {}     # "acs", "tcs": the type of the exception that handshakes end with
        self.handshakes = []   # (kind, query) of all, refused or not
        self.connections = []
        self.faults = []
        self.sequence = 0
        self._open = []
        self._listener = network(socket.create_server, ("127.0.0.1", port), backlog=64)
        network.thread(self._accept)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # or accept() would go on
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        stream = connection.makefile("rb", buffering=0)
        try:
            while (head := websocket.read_head(stream)) is not None:
                first, headers = head
                method, target, _ = first.split(" ")
                if headers.get("upgrade", "").lower() == "websocket":
                    return self._shake_hands(connection, target, headers)
                body = read_exactly(stream, int(headers.get("content-length", 0)))
                self._check(method, target, headers, body)
                self._answer(connection, headers, json.loads(body))
        except (OSError, websocket.Closed):
            pass

    def _check(self, method, target, headers, body=""):
        if not signing.is_right(KEY[1], method=method, target=target, headers=headers, body=body):
            self.faults.append(f"the signature of {method} {target} is wrong")

    # -- the API ----------------------------------------------------------------------------------

    def _answer(self, connection, headers, body):
        operation = headers["x-amz-target"].removeprefix("AmazonEC2ContainerServiceV20141113.")
        self.calls.append((operation, body))
        answer = self.answers.get(operation) or getattr(self, f"_{operation}", self._unknown)
        status, content = answer(body) if callable(answer) else answer
        text = json.dumps(content).encode()
        connection.sendall(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\n"
            f"x-amzn-RequestId: {uuid.uuid4()}\r\nContent-Length: {len(text)}\r\n\r\n".encode()
            + text)

    def _unknown(self, _):
        return 200, {"acknowledgment": "ok"}

    def _RegisterContainerInstance(self, body):
        return 200, {"containerInstance": {
            "containerInstanceArn": INSTANCE_ARN, "status": "ACTIVE", "somethingNew": [1],
            "attributes": body["attributes"] + [{"name": "ecs.availability-zone", "value": "z"}]}}

    def _DiscoverPollEndpoint(self, _):
        # Without a slash, as agents must be able to take it; and one with.
        return 200, {"endpoint": self.url + "/acs", "telemetryEndpoint": self.url + "/tcs/"}

    def calls_of(self, operation):
        return [body for each, body in list(self.calls) if each == operation]

    def reports(self, arn, status=None):
        return [body for body in self.calls_of("SubmitTaskStateChange")
                if body["task"] == arn and body.get("status")
                and status in (None, body["status"])]

    def expect_report(self, arn, status, timeout=20):
        """The first report of that status; fails at once if the task has stopped instead."""
        def look():
            found = self.reports(arn, status)
            over = self.reports(arn, "STOPPED")
            assert found or not over, f"reported as {over}"
            return found
        return wait_for(look, f"{status} of {arn}", timeout)[0]

    def expect_call(self, operation, timeout=20):
        return wait_for(lambda: self.calls_of(operation), operation, timeout)[0]

    # -- WebSockets -------------------------------------------------------------------------------

    def _shake_hands(self, connection, target, headers):
        path, _, query = target.partition("?")
        kind = path.strip("/").split("/")[0]
        self._check("GET", target, headers)
        self.handshakes.append((kind, query))
        if kind in self.refusals or path not in ("/acs/ws", "/tcs/ws"):
            body = json.dumps({"type": self.refusals.get(kind, "BadRequestException"),
                               "message": {"message": "no"}})
            head = f"HTTP/1.1 400 X\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall((head + body).encode())
            connection.close()
            return
        key = websocket.accept_key(headers["sec-websocket-key"])
        connection.sendall("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Accept: {key}\r\n\r\n".encode())
        made = Connection(kind, dict(urllib.parse.parse_qsl(query)),
                          websocket.WebSocket(connection, client=False))
        self.connections.append(made)
        self._listen(made, target)

    def _listen(self, own, target):
        try:
            while True:
                try:
                    text = own.socket.receive(timeout=300)
                except socket.timeout:
                    continue
                head, _, payload = text.rpartition("\r\n\r\n")
                if own.kind == "tcs":
                    headers = {name.lower(): value.strip() for name, _, value in
                               (line.partition(":") for line in head.split("\r\n"))}
                    self._check("GET", target, headers, payload)
                    own.heads.append(headers)
                envelope = json.loads(payload)
                own.messages.append((envelope["type"], envelope["message"]))
                if own.kind == "tcs":
                    own.say(envelope["type"].replace("Publish", "AckPublish").replace(
                        "Metrics", "Metric").removesuffix("Request"), {"message": "ok"})
        except (websocket.Closed, OSError) as end:
            own.ended = end
            own.socket.drop()

    def connection(self, kind="acs", number=1, timeout=20):
        """The `number`th connection of that kind, which may be still to come."""
        def look():
            there = [one for one in self.connections if one.kind == kind]
            return there[number - 1] if len(there) >= number else None
        return wait_for(look, f"connection {number} for {kind}", timeout)

    # -- orders -----------------------------------------------------------------------------------

    def envelope(self, **fields):
        return {"clusterArn": CLUSTER_ARN, "containerInstanceArn": INSTANCE_ARN,
                "messageId": str(uuid.uuid4()), "generatedAt": int(time.time() * 1000), **fields}

    def payload(self, *tasks, **fields):
        self.sequence += 1
        return self.envelope(**{"seqNum": self.sequence, "tasks": list(tasks), **fields})

    def manifest(self, *arns, **fields):
        self.sequence += 1
        tasks = [{"taskArn": arn, "taskClusterArn": CLUSTER_ARN, "desiredStatus": "RUNNING"}
                 for arn in arns]
        return self.envelope(**{"timeline": self.sequence, "tasks": tasks, **fields})


def read_exactly(stream, size):
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise websocket.Closed()
        data += more
    return data.decode()


def acs_container(name, image, *command, **fields):
    """A container as the wire has it, with what the real service always sends."""
    return {"name": name, "image": image, "cpu": 10, "memory": 16, "essential": True,
            "command": list(command), "entryPoint": [], "environment": {}, "links": [],
            "mountPoints": [], "volumesFrom": [], "portMappings": [], "secrets": [],
            "dependsOn": [], "overrides": "{}", "stopTimeout": 1,
            "dockerConfig": {"version": "1.21", "config": "{}",
                             "hostConfig": "{\"NetworkMode\":\"bridge\"}"}, **fields}


def acs_task(arn, *containers, **fields):
    return {"arn": arn, "taskClusterArn": CLUSTER_ARN, "family": "fake", "version": "1",
            "desiredStatus": "RUNNING", "overrides": "{}", "containers": list(containers),
            "volumes": [], "networkMode": "bridge", "launchType": "EC2", **fields}


def role_credentials(number, minutes=60):
    ends = time.gmtime(time.time() + 60 * minutes)
    return {"credentialsId": f"00000000-0000-4000-8000-{number:012d}",
            "roleArn": "arn:aws:iam::123456789012:role/some", "accessKeyId": f"ASIA{number:016d}",
            "secretAccessKey": f"secret-{number}", "sessionToken": f"token-{number}",
            "expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", ends)}
