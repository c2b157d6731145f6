"""Speaks the Container Runtime Interface of Kubernetes, as far as tests need it.

Messages are put together field by field, as Debian has no package of them:
https://github.com/kubernetes/cri-api, pkg/apis/runtime/v1/api.proto.
"""

import subprocess


def _varint(number):
    encoded = bytearray()
    while number > 0x7f:
        encoded.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def message(*fields):
    """Of (number of a field, its value): an int, a text, or a message; lists are repeated."""
    encoded = b""
    for number, value in fields:
        if isinstance(value, int):
            encoded += _varint(number << 3) + _varint(value)
        elif isinstance(value, list):
            encoded += message(*((number, one) for one in value))
        else:
            data = value.encode() if isinstance(value, str) else value
            encoded += _varint(number << 3 | 2) + _varint(len(data)) + data
    return encoded


def _read_varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def fields(data):
    """{number of a field: its value}, where each is there once and is bytes or an int."""
    found, at = {}, 0
    while at < len(data):
        key, at = _read_varint(data, at)
        value, at = _read_varint(data, at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        found[key >> 3] = value
    return found


class Cri:
    """The services at a socket, for a caller who is in `place`."""

    def __init__(self, place, socket):
        self.command = place.words(
            "curl", "--silent", "--show-error", "--http2-prior-knowledge", "--unix-socket", socket,
            "--max-time", "30", "--header", "content-type: application/grpc",
            "--header", "te: trailers", "--dump-header", "/dev/stderr", "--data-binary", "@-")

    def __call__(self, method, *request, service="RuntimeService"):
        """The fields of the answer. Fails with what the service says."""
        body = message(*request)
        done = subprocess.run([*self.command, f"http://cri/runtime.v1.{service}/{method}"],
                              input=b"\0" + len(body).to_bytes(4, "big") + body,
                              capture_output=True, check=False)
        assert b"grpc-status: 0" in done.stderr, (method, done.stderr.decode())
        return fields(done.stdout[5:])
