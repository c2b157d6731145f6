"""As much of the DNS (RFC 1035) as the tests speak.

As a program, to be run where it is to happen:
    dns.py ask SERVER NAME [TYPE [OPCODE]]    prints {"code", "addresses", "ttl"}, or null: no answer
    dns.py serve ADDRESS NAME=ADDRESS...      knows these names and no others; prints "ready"
"""

import json
import socket
import struct
import sys

A, AAAA = 1, 28
UPDATE = 5  # opcode (RFC 2136)
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME, REFUSED = 0, 2, 3, 5
FAMILIES = {A: socket.AF_INET, AAAA: socket.AF_INET6}


def encode_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def skip_name(message, at):
    while message[at]:
        if message[at] >= 0xc0:
            return at + 2
        at += 1 + message[at]
    return at + 1


def read_name(message, at):
    labels = []
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels)


def decode(message):
    _, flags, questions, answers, _, _ = struct.unpack(">6H", message[:12])
    at = 12
    for _ in range(questions):
        at = skip_name(message, at) + 4
    found = {"code": flags & 15, "addresses": [], "ttl": None}
    for _ in range(answers):
        at = skip_name(message, at)
        kind, _, ttl, size = struct.unpack(">HHIH", message[at:at + 10])
        at += 10
        if kind in FAMILIES:
            found["addresses"].append(socket.inet_ntop(FAMILIES[kind], message[at:at + size]))
            found["ttl"] = ttl
        at += size
    found["addresses"].sort()
    return found


def ask(server, name, kind=A, opcode=0, timeout=3):
    query = struct.pack(">6H", 4711, opcode << 11 | 0x100, 1, 0, 0, 0)
    query += encode_name(name) + struct.pack(">2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(timeout)
        try:
            asker.connect((server, 53))
            asker.send(query)
            return decode(asker.recv(4096))
        except OSError:
            return None


def answer(query, known):
    """The answer to a query for an address."""
    end = skip_name(query, 12) + 4
    kind = struct.unpack(">H", query[end - 4:end - 2])[0]
    address = known.get(read_name(query, 12).lower())
    records = b""
    if address and kind == A:
        records = struct.pack(">3HIH", 0xc00c, A, 1, 1, 4) + socket.inet_aton(address)
    code = NO_ERROR if address else NO_SUCH_NAME
    head = query[:2] + struct.pack(">5H", 0x8180 | code, 1, 1 if records else 0, 0, 0)
    return head + query[12:end] + records


def serve(address, known):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        print("ready", flush=True)
        while True:
            query, asker = server.recvfrom(4096)
            server.sendto(answer(query, known), asker)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], dict(pair.split("=") for pair in sys.argv[3:]))
    print(json.dumps(ask(sys.argv[2], sys.argv[3], *map(int, sys.argv[4:]))))
