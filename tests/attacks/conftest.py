"""Fixtures of the attacks: berth-runtime, the peers that serve as controls, and bundles to attack
with.

An attack is a bundle, or an image in it, that wants to reach a canary: a file or directory of this
test that plays the host's. Never anything of the machine itself, which a vulnerable peer would
really reach.
"""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from harness.fixtures import bin_dir, no_reports, rootfs_dir  # noqa: E402, F401
from harness.oci import Runtime  # noqa: E402

# crun refuses a host with both versions of cgroups; seen from here it has one.
HIDE_UNIFIED = ("unshare", "-m", "sh", "-c",
                "test ! -d /sys/fs/cgroup/unified || mount -t tmpfs none /sys/fs/cgroup/unified; "
                'exec "$@"', "sh")


class Peer(Runtime):
    """A runtime of Debian's, old enough to have some of the holes."""

    def command(self, *words):
        return [*HIDE_UNIFIED, *super().command(*words)]


@pytest.fixture
def runtime(bin_dir, tmp_path):
    made = Runtime(bin_dir / "berth-runtime", tmp_path / "berth", "--cgroup-manager", "disabled")
    yield made
    made.clean_up()


@pytest.fixture
def crun(tmp_path):
    made = Peer("crun", tmp_path / "crun", "--cgroup-manager=disabled")
    yield made
    made.clean_up()


@pytest.fixture
def runc(tmp_path):
    made = Peer("runc", tmp_path / "runc")
    yield made
    made.clean_up()


class Attack:
    """A bundle with an image of its own, which the attacker may do with as he likes."""

    def __init__(self, directory, template, *args):
        self.directory = pathlib.Path(directory)
        self.root = self.directory / "rootfs"
        shutil.copytree(template, self.root, symlinks=True)
        self.root.chmod(0o755)
        subprocess.run(["runc", "spec"], cwd=self.directory, check=True)
        self.config = json.loads((self.directory / "config.json").read_text())
        self.config["process"].update(terminal=False, args=list(args))
        self.config["process"]["capabilities"].pop("ambient", None)
        self.config["root"] = {"path": "rootfs"}
        # Hosts differ in their cgroups.
        self.config["mounts"] = [m for m in self.config["mounts"] if m["type"] != "cgroup"]

    def mount(self, destination, source, *options, type="bind"):
        self.config["mounts"].append({"destination": destination, "source": str(source), "type": type,
                                      "options": list(options) or ["bind"]})

    def without_mount(self, destination):
        self.config["mounts"] = [m for m in self.config["mounts"] if m["destination"] != destination]

    def written(self):
        (self.directory / "config.json").write_text(json.dumps(self.config))
        return self.directory

    def under(self, runtime):
        """What `run` answers, to its end: subprocess.CompletedProcess."""
        return runtime.run("run", "--bundle", self.written(), "attack")


@pytest.fixture
def attack(rootfs_dir, tmp_path):
    """A function: an Attack whose container runs these words."""
    count = iter(range(1000))

    def make(*args):
        directory = tmp_path / f"attack{next(count)}"
        directory.mkdir()
        return Attack(directory, rootfs_dir, *args)
    return make


@pytest.fixture
def canary(tmp_path):
    """An empty directory that plays the host's."""
    path = tmp_path / "host"
    path.mkdir()
    return path
