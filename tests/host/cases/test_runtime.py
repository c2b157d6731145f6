"""berth-runtime where every controller and systemd is: limits, scopes, updates, events."""

import json
import os
import subprocess

import pytest

from harness import rootfs
from harness.berth import wait_for
from harness.oci import Bundle, Runtime
from units import show, systemctl

MEBIBYTE = 1 << 20
LIMITS = {
    "memory": {"limit": 64 * MEBIBYTE, "reservation": 32 * MEBIBYTE, "swap": 96 * MEBIBYTE},
    "cpu": {"shares": 2048, "quota": 30000, "period": 100000, "cpus": "0"},
    "pids": {"limit": 33},
    "devices": [{"allow": False, "access": "rwm"}],
    "unified": {"memory.high": str(48 * MEBIBYTE)},
}


@pytest.fixture(scope="module")
def rootfs_dir(bin_dir, tmp_path_factory):
    return rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)


@pytest.fixture(params=["cgroupfs", "systemd"])
def runtime(request, bin_dir, tmp_path):
    made = Runtime(bin_dir / "berth-runtime", tmp_path, "--cgroup-manager", request.param,
                   "--strict-limits")
    made.systemd = request.param == "systemd"
    yield made
    made.clean_up()


@pytest.fixture
def running(runtime, rootfs_dir, tmp_path, cgroup_root):
    """A container "c1" with LIMITS, and the cgroup that has them."""
    bundle = Bundle(runtime, tmp_path / "bundle", rootfs_dir, "sleep", "1000")
    bundle.config["linux"]["resources"] = LIMITS
    bundle.config["linux"]["cgroupsPath"] = (
        "machine.slice:test:c1" if runtime.systemd else "/test/c1")
    runtime.detached("run", "-d", "-b", bundle.write(), "c1")
    return cgroup_root / ("machine.slice/test-c1.scope" if runtime.systemd else "test/c1")


def values(cgroup, *names):
    return {name: (cgroup / name).read_text().strip() for name in names}


def test_limits_are_in_force_and_can_be_changed(runtime, running):
    names = ("memory.max", "memory.low", "memory.swap.max", "memory.high", "cpu.max", "pids.max",
             "cpuset.cpus")
    first = {"memory.max": str(64 * MEBIBYTE), "memory.low": str(32 * MEBIBYTE),
             "memory.swap.max": str(32 * MEBIBYTE), "memory.high": str(48 * MEBIBYTE),
             "cpu.max": "30000 100000", "pids.max": "33", "cpuset.cpus": "0"}
    assert values(running, *names) == first
    runtime("update", "--memory", 80 * MEBIBYTE, "--memory-swap", -1, "--pids-limit", 44,
            "--cpu-quota", 50000, "--cpu-period", 200000, "c1")
    second = first | {"memory.max": str(80 * MEBIBYTE), "memory.swap.max": "max",
                      "pids.max": "44", "cpu.max": "50000 200000"}
    assert values(running, *names) == second
    if runtime.systemd:
        systemctl("daemon-reload")
        assert values(running, *names) == second
    resources = json.dumps({"memory": {"limit": 1, "checkBeforeUpdate": True}})
    refused = subprocess.run(runtime.command("update", "-r", "-", "c1"), input=resources,
                             capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert values(running, *names) == second


def test_devices_are_denied_and_allowed_by_an_update(runtime, running):
    disk = os.stat("/").st_dev  # of the host: nothing but the filter keeps root from reading it
    major, minor = os.major(disk), os.minor(disk)
    runtime("exec", "c1", "mknod", "/dev/disk", "b", major, minor)
    read = ("exec", "c1", "dd", "if=/dev/disk", "of=/dev/null", "bs=4k", "count=1")
    assert "Operation not permitted" in runtime.run(*read).stderr
    assert runtime.run("exec", "c1", "dd", "if=/dev/zero", "of=/dev/null", "count=1").returncode == 0
    resources = json.dumps({"devices": [{"allow": False},
                                        {"allow": True, "type": "b", "major": major, "minor": minor,
                                         "access": "r"}]})
    subprocess.run(runtime.command("update", "-r", "-", "c1"), input=resources, text=True, check=True)
    assert runtime.run(*read).returncode == 0


def test_statistics_and_the_end_of_memory_are_told(runtime, running):
    stats = json.loads(runtime("events", "--stats", "c1"))["data"]
    assert stats["memory"]["usage"]["limit"] == 64 * MEBIBYTE
    assert stats["memory"]["usage"]["usage"] > 0 and stats["cpu"]["usage"]["total"] > 0
    assert stats["pids"] == {"current": 1, "limit": 33}
    watching = subprocess.Popen(runtime.command("events", "--interval", "1m", "c1"),
                                stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watching.stdout.readline())["type"] == "stats"
        runtime("update", "-r", "-", "c1",
                stdin=_file(runtime, {"unified": {"memory.high": "max"}}))
        eater = runtime.run("exec", "c1", "dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1")
        assert eater.returncode == 137, eater
        assert json.loads(watching.stdout.readline()) == {"type": "oom", "id": "c1"}
    finally:
        watching.kill()
        watching.wait()


def _file(runtime, resources):
    path = runtime.directory / "resources.json"
    path.write_text(json.dumps(resources))
    return open(path, encoding="utf-8")


def test_programs_are_executed_in_a_container_that_manages_cgroups(runtime, rootfs_dir, tmp_path):
    ready = f"tmp/{tmp_path.name}"
    manage = f"""cd /sys/fs/cgroup && mkdir init && echo 1 > init/cgroup.procs &&
        echo +memory > cgroup.subtree_control && touch /{ready} && exec sleep 1000"""
    bundle = Bundle(runtime, tmp_path / "bundle", rootfs_dir, "sh", "-c", manage)
    [mount] = [one for one in bundle.config["mounts"] if one["type"] == "cgroup"]
    mount["options"].remove("ro")
    bundle.config["linux"]["resources"] = {"memory": {"limit": 64 * MEBIBYTE}}
    runtime.detached("run", "-d", "-b", bundle.write(), "c1")
    wait_for((rootfs_dir / ready).exists, "the container's set-up")
    assert runtime("exec", "c1", "cat", "/proc/self/cgroup") == "0::/init\n"


@pytest.mark.parametrize("runtime", ["systemd"], indirect=True)
def test_a_scope_is_systemds_and_goes_with_the_container(runtime, running):
    scope = "test-c1.scope"
    assert show(scope, "Slice", "Delegate", "MemoryMax", "TasksMax", "ActiveState") == {
        "Slice": "machine.slice", "Delegate": "yes", "MemoryMax": str(64 * MEBIBYTE),
        "TasksMax": "33", "ActiveState": "active"}
    status = systemctl("status", scope)
    assert "sleep 1000" in status and "berth-runtime" not in status
    runtime("delete", "--force", "c1")
    assert not running.exists()
    assert show(scope, "LoadState") == {"LoadState": "not-found"}


def test_pause_freezes_and_kill_all_ends_everything(runtime, running):
    pid_file = runtime.directory / "pid"
    runtime.detached("exec", "-d", "--pid-file", pid_file, "c1", "sleep", "1000")
    runtime("pause", "c1")
    assert values(running, "cgroup.freeze") == {"cgroup.freeze": "1"}
    assert runtime.status("c1") == "paused"
    runtime("resume", "c1")
    assert len(json.loads(runtime("ps", "-f", "json", "c1"))) == 2
    runtime("kill", "--all", "c1", "KILL")
    runtime.wait_for("c1", "stopped")


def test_a_name_is_free_as_soon_as_its_container_is_deleted(runtime, running):
    for _ in range(3):
        runtime("delete", "--force", "c1")
        if runtime.systemd:
            assert systemctl("list-units", "--all", "--no-legend", "test-c1.scope") == ""
        assert not running.exists()
        runtime.detached("run", "-d", "-b", runtime.directory / "bundle", "c1")
