"""As much of RFC 6455 as agents and schedulers speak, over blocking sockets, for either side.

Texts come and go as str. A peer's end, orderly or not, is `Closed`.
"""

import base64
import hashlib
import os
import socket
import struct
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Closed(Exception):
    """The connection is over. `code` as in the close frame; 1006 if there was none."""

    def __init__(self, code=1006, reason=""):
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The handshake was answered by something else than 101."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def read_head(stream):
    """The first line and the headers (names in lower case) of a message; None at the end."""
    first = stream.readline()
    if not first:
        return None
    headers = {}
    while (line := stream.readline().strip()):
        name, _, value = line.partition(b":")
        headers[name.decode().lower()] = value.strip().decode()
    return first.decode().strip(), headers


def accept_key(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def frame(text, *, kind=TEXT, masked=False):
    """The bytes of one frame."""
    data = text.encode() if isinstance(text, str) else text
    size = len(data)
    mask = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, mask | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | kind, mask | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, mask | 127, size)
    if not masked:
        return head + data
    key = os.urandom(4)
    return head + key + _mask(data, key)


def _mask(data, key):
    size = len(data)
    repeated = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def take_frame(data):
    """(kind, payload, bytes it took) of the first frame in `data`; None if it is not whole."""
    if len(data) < 2:
        return None
    size, at = data[1] & 0x7F, 2
    if size >= 126:
        width = 2 if size == 126 else 8
        if len(data) < 2 + width:
            return None
        size, at = int.from_bytes(data[2:2 + width], "big"), 2 + width
    key = b""
    if data[1] & 0x80:
        key, at = data[at:at + 4], at + 4
    if len(data) < at + size:
        return None
    payload = data[at:at + size]
    return data[0] & 0x0F, _mask(payload, key) if key else payload, at + size


class WebSocket:
    """An open connection. One thread may receive while others send."""

    def __init__(self, connection, *, client, rest=b""):
        self.connection = connection
        self.client = client
        self._data = rest
        self._sending = threading.Lock()

    def send(self, text):
        self._send(frame(text, masked=self.client))

    def send_raw(self, data):
        """Bytes that need not be a frame."""
        self._send(data)

    def _send(self, data):
        try:
            with self._sending:
                self.connection.sendall(data)
        except OSError as error:
            raise Closed() from error

    def receive(self, timeout=20):
        """The next text. Answers pings on the way. socket.timeout if none comes."""
        self.connection.settimeout(timeout)
        while True:
            while (taken := take_frame(self._data)) is None:
                try:
                    more = self.connection.recv(65536)
                except ConnectionError as error:
                    raise Closed() from error
                if not more:
                    raise Closed()
                self._data += more
            kind, payload, size = taken
            self._data = self._data[size:]
            if kind == TEXT:
                return payload.decode()
            if kind == PING:
                self._send(frame(payload, kind=PONG, masked=self.client))
            if kind == CLOSE:
                raise Closed(int.from_bytes(payload[:2], "big") or 1005, payload[2:].decode())

    def close(self, code=1000, reason=""):
        try:
            self._send(frame(struct.pack("!H", code) + reason.encode(), kind=CLOSE,
                             masked=self.client))
        except Closed:
            pass

    def drop(self):
        """Without a word."""
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()


def connect(address, target, headers):
    """A connection to `address` (host, port); `headers` must hold Host. Refused if it is."""
    connection = socket.create_connection(address, timeout=20)
    lines = [f"GET {target} HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Version: 13",
             f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
             *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode())
    stream = connection.makefile("rb", buffering=0)
    head = read_head(stream)
    if head is None:
        connection.close()
        raise Closed()
    status = int(head[0].split()[1])
    if status != 101:
        body = stream.read(int(head[1].get("content-length", 0))).decode()
        connection.close()
        raise Refused(status, body)
    return WebSocket(connection, client=True)
