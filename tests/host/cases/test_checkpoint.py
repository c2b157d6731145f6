"""checkpoint and restore with the real CRIU, which this host's kernel is one for."""

import json
import os
import pathlib
import socket
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


@pytest.fixture
def runtime(request, bin_dir, tmp_path):
    """With cgroupfs, or the cgroup manager that the test has as its parameter."""
    manager = getattr(request, "param", "cgroupfs")
    made = Runtime(bin_dir / "berth-runtime", tmp_path, "--cgroup-manager", manager)
    made.systemd = manager == "systemd"
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
                                     self.bundle.directory, *words, name or self.name, timeout=120)


@pytest.fixture
def counter(runtime, rootfs_dir, tmp_path):
    return Counter(runtime, tmp_path, rootfs_dir).start()


@pytest.mark.parametrize("runtime", ["cgroupfs", "systemd"], indirect=True)
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
    assert (cgroup / "pids.max").read_text() == "50\n"
    assert runtime("exec", "c1", "hostname") == "berth\n"
    assert "127.0.0.1" in runtime("exec", "c1", "ip", "addr", "show", "lo")
    runtime("kill", "c1", "KILL")
    runtime.wait_for("c1", "stopped")
    runtime("delete", "c1")
    assert not cgroup.exists()


def test_it_can_go_on_after_a_checkpoint(runtime, counter):
    pid = runtime.state("c1")["pid"]
    counter.checkpoint("--leave-running")
    reached = counter.count()
    counter.wait_past(reached + 2)
    assert runtime.state("c1")["pid"] == pid
    again = runtime.run("restore", "-d", "--image-path", counter.images, "-b",
                        counter.bundle.directory, "c1")
    assert again.returncode == 1 and 'container "c1" exists already' in again.stderr
    runtime("delete", "--force", "c1")
    (counter.data / "count").unlink()
    counter.restore()
    counter.wait_past(reached)


def test_a_paused_container_can_be_saved(runtime, counter):
    runtime("pause", "c1")
    reached = counter.count()
    counter.checkpoint("--leave-running")
    assert runtime.status("c1") == "paused" and counter.count() == reached
    runtime("resume", "c1")
    counter.wait_past(reached + 2)


def test_memory_can_be_saved_ahead(runtime, counter):
    first, second = counter.images / "1", counter.images / "2"
    counter.checkpoint("--pre-dump", images=first)
    counter.wait_past(counter.count() + 2)
    counter.checkpoint("--pre-dump", "--parent-path", "../1", images=second)
    counter.wait_past(counter.count() + 2)
    absolute = runtime.run("checkpoint", "--image-path", counter.images / "3", "--parent-path",
                           second, "c1")
    assert absolute.returncode == 1 and "must be relative" in absolute.stderr
    missing = runtime.run("checkpoint", "--image-path", counter.images / "3", "--parent-path",
                          "../nope", "c1")
    assert missing.returncode == 1 and "--parent-path ../nope: No such file" in missing.stderr
    counter.images = counter.images / "3"
    counter.checkpoint("--parent-path", "../2")
    assert os.readlink(counter.images / "parent") == "../2"
    reached = counter.count()
    counter.restore()
    counter.wait_past(reached + 2)


@pytest.fixture
def plain(runtime, rootfs_dir, tmp_path):
    """A function: the runtime, and a bundle that runs a script."""
    return lambda script: (runtime, Bundle(runtime, tmp_path / "bundle", rootfs_dir, "sh", "-c",
                                           script))


def save(runtime, images, *words, **options):
    return runtime("checkpoint", "--image-path", images, *words, "c1", timeout=120, **options)


def test_streams_are_those_of_the_new_caller(plain, tmp_path):
    runtime, bundle = plain("echo first; while read line; do echo got $line; done; exit 5")
    directory = bundle.write()
    words = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    first = subprocess.Popen(runtime.command("run", "-b", directory, "c1"), **words)
    assert first.stdout.readline() == "first\n"
    first.stdin.write("one\n")
    first.stdin.flush()
    assert first.stdout.readline() == "got one\n"
    save(runtime, tmp_path / "images")
    assert first.wait(30) == 128 + 9
    streams = json.loads((tmp_path / "images" / "descriptors.json").read_text())
    assert [stream.split(":")[0] for stream in streams[:2]] == ["pipe", "pipe"]
    second = subprocess.Popen(runtime.command("restore", "--image-path", tmp_path / "images",
                                              "-b", directory, "c1"), **words)
    out, _ = second.communicate("two\n", timeout=60)
    assert (out, second.returncode) == ("got two\n", 5)
    assert runtime.ids() == []


def test_a_terminal_is_handed_over_again(plain, tmp_path):
    runtime, bundle = plain("echo up; while read line; do echo got $line; done")
    bundle.config["process"]["terminal"] = True
    directory = bundle.write()

    def on_terminal(*words):
        master, slave = os.openpty()
        running = subprocess.Popen(runtime.command(*words), stdin=slave, stdout=slave,
                                   stderr=slave, start_new_session=True)
        os.close(slave)
        return master, running

    def read_until(master, word):
        shown = b""
        while word not in shown:
            shown += os.read(master, 1000)

    master, running = on_terminal("run", "-b", directory, "c1")
    read_until(master, b"up")
    save(runtime, tmp_path / "images")
    running.wait(30)
    master, running = on_terminal("restore", "--image-path", tmp_path / "images", "-b", directory,
                                  "c1")
    os.write(master, b"hello\n")
    read_until(master, b"got hello")
    runtime("kill", "c1", "KILL")
    assert running.wait(30) == 128 + 9
    detached = runtime.run("restore", "-d", "--image-path", tmp_path / "images", "-b", directory,
                           "c1")
    assert detached.returncode == 1 and "--console-socket is needed" in detached.stderr
    assert runtime.ids() == []


def test_a_failed_checkpoint_leaves_the_container_running(plain, tmp_path):
    """The other side of its standard input is a process that isn't saved."""
    runtime, bundle = plain("echo up; while read line; do echo $line; done")
    directory = bundle.write()
    mine, its = socket.socketpair()
    with mine, its:
        running = subprocess.Popen(runtime.command("run", "-b", directory, "c1"), stdin=its,
                                   stdout=subprocess.PIPE, text=True)
        its.close()
        assert running.stdout.readline() == "up\n"
        failed = runtime.run("checkpoint", "--image-path", tmp_path / "images", "--work-path",
                             tmp_path / "logs", "c1", timeout=120)
        assert failed.returncode == 1
        assert "Error (criu/sk-unix.c" in failed.stderr
        assert f"(its log is {tmp_path}/logs/dump.log)" in failed.stderr
        assert runtime.status("c1") == "running"
        mine.send(b"alive\n")
        assert running.stdout.readline() == "alive\n"
    assert running.wait(30) == 0


def test_a_failed_restore_leaves_nothing(runtime, counter, cgroup_of):
    cgroup = cgroup_of(runtime.state("c1")["pid"])
    counter.checkpoint()
    mounts = pathlib.Path("/proc/self/mountinfo").read_text()
    [core] = counter.images.glob("core-1.img")
    core.write_bytes(core.read_bytes()[:30])
    failed = runtime.run("restore", "-d", "--image-path", counter.images, "-b",
                         counter.bundle.directory, "c1", timeout=120)
    assert failed.returncode == 1
    assert "criu: Error" in failed.stderr and f"{counter.images}/restore.log" in failed.stderr
    assert runtime.ids() == [] and not cgroup.exists()
    assert pathlib.Path("/proc/self/mountinfo").read_text() == mounts


def test_a_killed_restore_can_be_cleared_away(runtime, counter, cgroup_of):
    """After CRIU has made the processes, and before anybody lets them run."""
    cgroup = cgroup_of(runtime.state("c1")["pid"])
    counter.checkpoint()
    status, output = runtime.attempt(
        "restore", "-d", "--image-path", counter.images, "-b", counter.bundle.directory, "c1",
        env={**os.environ, "BERTH_KILL_AT": "create.process-written-down"}, timeout=120)
    assert status == -9, output.read_text()
    runtime("delete", "--force", "c1")
    assert runtime.ids() == [] and not cgroup.exists()


def test_output_can_go_on_in_the_same_file(plain, tmp_path):
    runtime, bundle = plain("i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done")
    directory = bundle.write()
    output = tmp_path / "output"

    def detached(command, *words):
        with open(output, "a", encoding="utf-8") as file:
            subprocess.run(runtime.command(command, "-d", "-b", directory, *words, "c1"),
                           stdin=subprocess.DEVNULL, stdout=file, stderr=file, timeout=120,
                           check=True)

    def wait_for_lines(count):
        deadline = time.monotonic() + 30
        while len(output.read_text().splitlines()) < count:
            assert time.monotonic() < deadline, output.read_text()[-100:]
            time.sleep(0.05)
        return len(output.read_text().splitlines())

    detached("run")
    wait_for_lines(3)
    save(runtime, tmp_path / "images")
    reached = wait_for_lines(3)
    detached("restore", "--image-path", tmp_path / "images")
    count = wait_for_lines(reached + 3)
    assert output.read_text().split()[:count] == [str(number + 1) for number in range(count)]


def test_output_goes_on_behind_what_a_file_has(plain, tmp_path):
    runtime, bundle = plain("i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done")

    def detached(*words):
        with open(tmp_path / "log", "a", encoding="utf-8") as log:
            subprocess.run(runtime.command(*words), stdin=subprocess.DEVNULL, stdout=log,
                           stderr=log, timeout=120, check=True)

    def lines():
        return (tmp_path / "log").read_text().splitlines()

    detached("run", "-d", "-b", bundle.write(), "c1")
    save(runtime, tmp_path / "images")
    reached = len(lines())
    with open(tmp_path / "log", "a", encoding="utf-8") as log:
        log.write("mine\n")
    detached("restore", "-d", "--image-path", tmp_path / "images", "-b", bundle.directory, "c1")
    deadline = time.monotonic() + 30
    while len(lines()) < reached + 3:
        assert time.monotonic() < deadline, lines()
        time.sleep(0.02)
    assert lines()[:reached + 2] == [*map(str, range(1, reached + 1)), "mine", str(reached + 1)]


def test_hooks_and_namespaces_of_others(plain, tmp_path):
    """A joined network namespace is left out; hooks run when the new namespaces are there."""
    runtime, bundle = plain("while :; do sleep 0.1; done")
    subprocess.run(["ip", "netns", "add", "shared"], check=True)
    try:
        for namespace in bundle.config["linux"]["namespaces"]:
            if namespace["type"] == "network":
                namespace["path"] = "/run/netns/shared"
        note = tmp_path / "hooked"
        bundle.config["hooks"] = {"createRuntime": [
            {"path": "/bin/sh", "args": ["sh", "-c", f"cat >> {note}"]}]}
        runtime.detached("run", "-d", "-b", bundle.write(), "c1")
        note.unlink()
        save(runtime, tmp_path / "images")
        runtime.detached("restore", "-d", "--image-path", tmp_path / "images", "-b",
                         bundle.directory, "c1")
        state = runtime.state("c1")
        told = json.loads(note.read_text())
        assert (told["id"], told["status"], told["pid"]) == ("c1", "creating", state["pid"])
        assert (pathlib.Path(f"/proc/{state['pid']}/ns/net").stat().st_ino
                == pathlib.Path("/run/netns/shared").stat().st_ino)
    finally:
        runtime("delete", "--force", "c1")
        subprocess.run(["ip", "netns", "delete", "shared"], check=True)
