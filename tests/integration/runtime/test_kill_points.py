"""kill -9 of the runtime at each step of its commands: delete --force then leaves nothing."""

import os
import pathlib
import subprocess
import time

import pytest

from harness import fault_points

POINTS = fault_points.collect()


def points(*procedures):
    return [f"{procedure}.{step}" for procedure in procedures for step in POINTS[procedure]]


def cut(what, point):
    return os.environ | {f"BERTH_{what}_AT": point}


def mounts():
    return pathlib.Path("/proc/self/mountinfo").read_text().count("\n")


def launchers(directory):
    """Processes that still are the runtime's program, of this test."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"berth-runtime" in words and str(directory).encode() in words:
            found.append(words)
    return found


def assert_nothing_is_left(runtime, before):
    runtime("delete", "--force", "cut")
    assert runtime.ids() == [] and mounts() == before
    deadline = time.monotonic() + 10
    while launchers(runtime.root) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert launchers(runtime.root) == []
    assert not list(pathlib.Path("/sys/fs/cgroup").glob("**/berth-runtime/cut"))


@pytest.mark.parametrize("what", ["KILL", "FAIL"])
@pytest.mark.parametrize("point", points("create", "runtime.parent", "runtime.child"))
def test_create_is_cut_short(runtime, bundle, what, point):
    directory = bundle("sleep", "1000").write()
    before = mounts()
    status, output = runtime.attempt("create", "-b", directory, "cut", env=cut(what, point))
    assert status != 0
    if what == "FAIL":
        assert f"stopped after {point}" in output.read_text()
        assert runtime.ids() == []
    assert_nothing_is_left(runtime, before)


@pytest.fixture
def mount_namespace():
    """The path of one that a process waits in."""
    with subprocess.Popen(["unshare", "-m", "sleep", "1000"]) as waiting:
        own = os.readlink("/proc/self/ns/mnt")
        path = f"/proc/{waiting.pid}/ns/mnt"
        while os.readlink(path) == own:
            time.sleep(0.01)
        yield path
        waiting.kill()


@pytest.mark.parametrize("what", ["KILL", "FAIL"])
@pytest.mark.parametrize("point", points("runtime.joining-child"))
def test_create_in_a_mount_namespace_is_cut_short(runtime, bundle, mount_namespace, what, point):
    joining = bundle("sleep", "1000")
    linux = joining.config["linux"]
    for field in ("maskedPaths", "readonlyPaths", "devices", "rootfsPropagation"):
        linux.pop(field, None)
    next(n for n in linux["namespaces"] if n["type"] == "mount")["path"] = mount_namespace
    joining.config["mounts"] = []
    before = mounts()
    status, output = runtime.attempt("create", "-b", joining.write(), "cut", env=cut(what, point))
    assert status != 0
    if what == "FAIL":
        assert f"stopped after {point}" in output.read_text()
    assert_nothing_is_left(runtime, before)


@pytest.mark.parametrize("point", points("start"))
def test_start_is_cut_short(runtime, bundle, point):
    directory = bundle("sleep", "1000").write()
    before = mounts()
    runtime.detached("create", "-b", directory, "cut")
    assert runtime.run("start", "cut", env=cut("KILL", point)).returncode != 0
    # Never "created" any more, which would be a lie: it runs, or ends as its starter did.
    assert runtime.status("cut") in ("running", "stopped")
    assert_nothing_is_left(runtime, before)


@pytest.mark.parametrize("point", points("runtime.exec-parent", "runtime.exec-child"))
def test_exec_is_cut_short(runtime, bundle, point):
    directory = bundle("sleep", "1000").write()
    before = mounts()
    runtime.detached("run", "-d", "-b", directory, "cut")
    assert runtime.run("exec", "cut", "true", env=cut("KILL", point)).returncode != 0
    assert runtime("exec", "cut", "echo", "well") == "well\n"
    assert_nothing_is_left(runtime, before)


@pytest.mark.parametrize("point", points("delete"))
def test_delete_is_cut_short(runtime, bundle, point):
    directory = bundle("sleep", "1000").write()
    before = mounts()
    runtime.detached("run", "-d", "-b", directory, "cut")
    assert runtime.run("delete", "--force", "cut", env=cut("KILL", point)).returncode != 0
    assert_nothing_is_left(runtime, before)
