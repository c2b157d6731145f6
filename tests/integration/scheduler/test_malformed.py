"""Bytes that are no HTTP, JSON, frame or signature: they disturb nobody else."""

import json
import random
import socket
import struct

import pytest

from harness import signing, websocket
from harness.cluster import PORT, sleeper
from harness.fake_agent import FakeAgent

HOST = f"127.0.0.1:{PORT}"
TARGET = "AmazonEC2ContainerServiceV20141113."


@pytest.fixture
def agent(cluster):
    return FakeAgent(cluster).connect()


def exchange(data, timeout=5):
    """What the scheduler answers to these bytes until it hangs up, or says no more."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while (more := connection.recv(65536)):
                answer += more
            return answer
        except (ConnectionError, socket.timeout):
            return b""


def still_serves(cluster, agent):
    """Clients and agents alike, on the connections they have and on new ones."""
    arn = cluster.run(cluster.define(sleeper(cpu=1, memory=4)))
    assert agent.expect_task(arn)["arn"] == arn
    assert agent.ended is None and cluster.scheduler.alive()


WORDS = [
    b"\r\n\r\n", b"\x00" * 4096, b"GET", b"GET / HTTP/9.9\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X-Y: z\r\n" * 20_000 + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
    b"GET /acs/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /%zz%00/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
]


def test_what_is_no_request_is_refused_or_hung_up_on(cluster, agent):
    for word in WORDS:
        answer = cluster.network(exchange, word)
        assert not answer or b" 2" not in answer.split(b"\r\n")[0], (word[:60], answer[:200])
    dice = random.Random(3)
    for _ in range(60):
        cluster.network(exchange, dice.randbytes(dice.randrange(1, 600)))
    still_serves(cluster, agent)


def signed_request(key, operation, body, **changes):
    headers = signing.sign(key, target="/", host=HOST, method="POST", body=body, headers={
        "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET + operation})
    headers |= changes
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    data = body.encode()
    return f"POST / HTTP/1.1\r\n{lines}Connection: close\r\nContent-Length: {len(data)}\r\n\r\n" \
        .encode() + data


def error_of(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["__type"]


def test_bodies_that_are_no_json_are_the_callers_error(cluster, agent):
    for body in ("", "{", "[]", "null", "7", "\"text\"", "{\"count\": \"many\"}",
                 "{\"cluster\": []}", "{\"taskDefinition\": {\"a\": 1}}",
                 "[" * 5000, "{\"a\":" * 5000, "\ud7ff\x00",
                 "{\"count\": 1e400}", "{\"overrides\": {\"containerOverrides\": 3}}"):
        status, name = error_of(cluster.network(
            exchange, signed_request(cluster.key(), "RunTask", body)))
        assert status == 400, (body[:40], name)
        assert name in ("SerializationException", "InvalidParameterException", "ClientException",
                        "ValidationException"), (body[:40], name)
    for operation in ("", "Nothing", "runtask", "RunTask" * 500):
        status, name = error_of(cluster.network(
            exchange, signed_request(cluster.key(), operation, "{}")))
        assert (status, name) == (400, "UnknownOperationException"), operation
    still_serves(cluster, agent)


def test_signatures_that_are_no_signatures_are_refused(cluster, agent):
    for value in ("", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "Basic YTpi",
                  "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00",
                  "AWS4-HMAC-SHA256 " + "x" * 7000, "AWS4-HMAC-SHA256 ,,,=,=,="):
        status, name = error_of(cluster.network(
            exchange, signed_request(cluster.key(), "ListTasks", "{}", authorization=value)))
        assert status in (400, 403), (value[:40], name)
        assert name.endswith("Exception")
    for date in ("", "yesterday", "20260101", "99999999T999999Z"):
        status, name = error_of(cluster.network(
            exchange, signed_request(cluster.key(), "ListTasks", "{}", **{"x-amz-date": date})))
        assert status in (400, 403), (date, name)
    still_serves(cluster, agent)


@pytest.mark.parametrize("kind", ["acs", "tcs"])
def test_frames_that_are_no_frames_end_their_own_connection_alone(cluster, agent, kind):
    other = FakeAgent(cluster, attributes={"who": "other"}, cpu=1, memory=1)
    for data in (b"\xff" * 40, b"\x81\xff" + b"\xff" * 8 + b"mask", b"\x81\x05plain",
                 b"\x83\x80mask", struct.pack("!BB", 0x89, 0x80 | 126) + b"\x00\xff" + b"m" * 259):
        one = other.handshake(other.target(kind))
        one.send_raw(data)
        with pytest.raises(websocket.Closed):
            while True:
                one.receive(timeout=10)
    for text in ("", "{", "[]", "null", '{"type":"AckRequest"}', '{"type":7,"message":{}}',
                 '{"type":"AckRequest","message":{"messageId":{}}}', "x" * 100_000, "\r\n\r\n"):
        one = other.handshake(other.target(kind))
        one.send(text)
        one.drop()
    still_serves(cluster, agent)


def test_connections_that_say_nothing_hold_up_nobody(cluster, agent):
    silent = [cluster.network(socket.create_connection, ("127.0.0.1", PORT)) for _ in range(300)]
    for number, one in enumerate(silent):
        if number % 2:
            one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhal")
    still_serves(cluster, agent)
    for one in silent:
        one.close()
