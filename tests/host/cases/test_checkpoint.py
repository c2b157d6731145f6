"""checkpoint and restore with the real CRIU, which this host's kernel is one for."""

import json
import os
import pathlib
import subprocess
import time

import pytest

from harness import rootfs
from harness.oci import Bundle, Runtime

# Counts in memory alone, and tells in a file of the bundle how far it is.
COUNTER = 'i=0; while :; do i=$((i+1)); echo $i > /data/count; sleep 0.05; done'


@pytest.fixture(scope="module")
def rootfs_dir(bin_dir, tmp_path_factory):
    return rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)


@pytest.fixture(params=["cgroupfs", "systemd"])
def runtime(request, bin_dir, tmp_path):
    made = Runtime(bin_dir / "berth-runtime", tmp_path, "--cgroup-manager", request.param)
    made.systemd = request.param == "systemd"
    yield made
    made.clean_up()


class Counter:
    """A container that counts."""

    def __init__(self, runtime, directory, root, name="c1"):
        self.runtime = runtime
        self.name = name
        self.data = directory / "data"
        self.data.mkdir()
        self.images = directory / "images"
        self.bundle = Bundle(runtime, directory / "bundle", root, "sh", "-c", COUNTER)
        self.bundle.config["mounts"].append({"destination": "/data", "type": "bind",
                                             "source": str(self.data), "options": ["bind", "rw"]})
        self.bundle.config["linux"]["cgroupsPath"] = (
            "machine.slice:test:c1" if runtime.systemd else "/test/c1")
        self.bundle.config["linux"]["resources"] = {"pids": {"limit": 50}}

    def start(self):
        self.runtime.detached("run", "-d", "-b", self.bundle.write(), self.name)
        self.wait_past(3)
        return self

    def count(self):
        text = (self.data / "count").read_text() if (self.data / "count").exists() else ""
        return int(text) if text.strip() else 0

    def wait_past(self, number, seconds=30):
        deadline = time.monotonic() + seconds
        while self.count() <= number:
            assert time.monotonic() < deadline, f"it has only counted to {self.count()}"
            time.sleep(0.02)

    def checkpoint(self, *words, images=None):
        return self.runtime("checkpoint", "--image-path", images or self.images, *words, self.name,
                            timeout=120)

    def restore(self, *words, name=None):
        return self.runtime.detached("restore", "-d", "--image-path", self.images, "--bundle",
                                     self.bundle.directory, *words, name or self.name)


@pytest.fixture
def counter(runtime, rootfs_dir, tmp_path):
    return Counter(runtime, tmp_path, rootfs_dir).start()


def test_a_restored_container_counts_on(runtime, counter, tmp_path, cgroup_of):
    pid = runtime.state("c1")["pid"]
    cgroup = cgroup_of(pid)
    counter.checkpoint()
    assert runtime.ids() == [] and not pathlib.Path(f"/proc/{pid}").exists()
    assert not cgroup.exists()
    reached = counter.count()
    counter.restore("--pid-file", tmp_path / "pid")
    counter.wait_past(reached + 2)
    assert counter.count() < reached + 1000, "it has begun anew"
    state = runtime.state("c1")
    assert state["status"] == "running" and state["pid"] == int((tmp_path / "pid").read_text())
    assert cgroup_of(state["pid"]) == cgroup
    limited = cgroup.parent if runtime.systemd else cgroup
    assert (limited / "pids.max").read_text() == "50\n"
    assert runtime("exec", "c1", "hostname") == "berth\n"
    assert "127.0.0.1" in runtime("exec", "c1", "ip", "addr", "show", "lo")
    runtime("kill", "c1", "KILL")
    runtime.wait_for("c1", "stopped")
    runtime("delete", "c1")
    assert not cgroup.exists()
