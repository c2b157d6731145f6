"""A dockerd of a test's own, without networks, and the client for it."""

import contextlib
import json
import subprocess

from harness import documented
from harness.berth import wait_for


def configuration(directory, bin_dir, more):
    """The documented daemon.json, and where everything of this daemon is."""
    config = json.loads(documented.block("/etc/docker/daemon.json`", bin_dir))
    config |= {"hosts": [f"unix://{directory}/socket"], "data-root": f"{directory}/data",
               "exec-root": f"{directory}/exec", "pidfile": f"{directory}/pid",
               "deprecated-key-path": f"{directory}/key.json", "bridge": "none",
               "iptables": False, "ip6tables": False, "ip-forward": False, **more}
    file = directory / "daemon.json"
    file.write_text(json.dumps(config))
    return file


@contextlib.contextmanager
def dockerd(place, directory, bin_dir, patience=20, **more):
    """A function that calls docker, for a daemon that knows the runtime as "berth"."""
    socket = directory / "socket"
    config = configuration(directory, bin_dir, more)
    with open(directory / "log", "wb") as log:
        daemon = subprocess.Popen(place.words("dockerd", "--config-file", config), stdout=log,
                                  stderr=log)

    def call(*words, terminal=False, **options):
        caller = place.call_on_terminal if terminal else place.call
        return caller("/usr/bin/docker", "--host", f"unix://{socket}", *words, **options)

    try:
        wait_for(lambda: socket.exists() or daemon.poll(), "dockerd", patience)
        assert daemon.poll() is None, (directory / "log").read_text(encoding="utf-8")
        yield call
    finally:
        daemon.terminate()
        daemon.wait(patience)
