"""A docker-registry of the test's own, and what stands between it and its clients."""

import base64
import crypt
import http.server
import json
import os
import pathlib
import socket
import subprocess
import threading
import time
import urllib.parse

USER = "alice"
PASSWORD = "open:sesame"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_certificate(directory):
    """A self-signed certificate for 127.0.0.1: (key, certificate)."""
    key, certificate = directory / "key.pem", directory / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


class Registry:
    """docker-registry on a free port of 127.0.0.1; stores its blobs in `directory`."""

    def __init__(self, directory, auth=None, tls=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.tls = tls
        server = {"addr": self.address}
        if tls:
            server["tls"] = {"key": str(tls[0]), "certificate": str(tls[1])}
        settings = {"version": 0.1, "log": {"level": "error"}, "http": server,
                    "storage": {"filesystem": {"rootdirectory": str(self.directory / "data")}}}
        if auth:
            settings["auth"] = auth
        config = self.directory / "config.yml"
        config.write_text(json.dumps(settings))  # JSON is YAML
        self.log = open(self.directory / "log", "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", config],
                                        stdout=self.log, stderr=self.log)
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise TimeoutError((self.directory / "log").read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def push(self, source, name, *options):
        """Copies `source` (as skopeo names it) to this registry; returns its name there."""
        subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", *options, source,
                        f"docker://{self.address}/{name}"], check=True, capture_output=True)
        return f"{self.address}/{name}"

    def blob_file(self, digest):
        hexadecimal = digest.removeprefix("sha256:")
        return (self.directory / "data/docker/registry/v2/blobs/sha256" / hexadecimal[:2]
                / hexadecimal / "data")


def basic_auth(directory):
    """The registry's settings that let USER alone in."""
    passwords = directory / "htpasswd"
    salted = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))
    passwords.write_text(f"{USER}:{salted}\n")
    return {"htpasswd": {"realm": "test", "path": str(passwords)}}


class TokenServer:
    """Gives whoever knows the password a token for what it asks (Docker's token specification)."""

    def __init__(self, directory):
        self.key, self.certificate = make_certificate(directory)
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self):
        realm = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        return {"token": {"realm": realm, "service": "test registry", "issuer": "test",
                          "rootcertbundle": str(self.certificate)}}

    def answer(self, request):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.path).query)
        self.asked.append(query)
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            request.send_error(401)
            return
        access = [dict(zip(("type", "name", "actions"), scope.split(":")))
                  for scope in query.get("scope", [])]
        for item in access:
            item["actions"] = item["actions"].split(",")
        body = json.dumps({"token": self.sign(access, query["service"][0])}).encode()
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def sign(self, access, service):
        def encode(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")

        lines = self.certificate.read_text().splitlines()
        header = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(lines[1:-1])]}
        now = int(time.time())
        claims = {"iss": "test", "sub": USER, "aud": service, "exp": now + 300, "nbf": now - 10,
                  "iat": now, "jti": os.urandom(8).hex(), "access": access}
        signed = encode(json.dumps(header).encode()) + b"." + encode(json.dumps(claims).encode())
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=signed,
                                   check=True, capture_output=True).stdout
        return (signed + b"." + encode(signature)).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Proxy:
    """Stands before a registry. Cuts each connection after `limit` bytes of answers, or sends them
    at no more than `rate` bytes a second."""

    def __init__(self, registry, limit=None, rate=None, ranges=True):
        self.target = registry.port
        self.limit = limit
        self.rate = rate
        self.ranges = ranges  # False: whoever asks for the rest of a blob gets nothing
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client, server):
        try:
            while data := client.recv(65536):
                if not self.ranges and b"\r\nRange:" in data:
                    break
                server.sendall(data)
        except OSError:
            pass
        self._close(client, server)

    def _down(self, server, client):
        left = self.limit
        try:
            while data := server.recv(65536):
                if left is not None and len(data) >= left:
                    client.sendall(data[:left])
                    self.cuts += 1
                    break
                if left is not None:
                    left -= len(data)
                client.sendall(data)
                if self.rate:
                    time.sleep(len(data) / self.rate)
        except OSError:
            pass
        self._close(client, server)

    @staticmethod
    def _close(*sockets):
        for end in sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
