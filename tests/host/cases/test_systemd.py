"""Tasks under systemd: scopes that operators see, and that outlive the agent."""

import os
import signal
import subprocess

import pytest

from harness.berth import IMAGE, container, definition, wait_for
from units import Services, ecs, journal, show, systemctl

SLEEPER = ("sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait")
MEBIBYTE = 1 << 20


def scope_of(task_id):
    return f"berth-{task_id}.scope"


def detached(berth, *words, **fields):
    """The id of a running task of one container "a"."""
    berth.detach(definition(container("a", *SLEEPER, stopTimeout=1), **fields), *words)
    berth.wait_for_status("test", "RUNNING")
    return berth.inspect("test")["taskArn"].rpartition("/")[2]


def test_a_task_is_a_scope_with_its_limits(berth, cgroup_root):
    task = detached(berth, cpu="256", memory="64")
    scope = scope_of(task)
    assert show(scope, "Slice", "Delegate", "MemoryMax", "CPUQuotaPerSecUSec", "Description") == {
        "Slice": "berth.slice", "Delegate": "yes", "MemoryMax": str(64 * MEBIBYTE),
        "CPUQuotaPerSecUSec": "250ms", "Description": "Berth task test"}
    status = systemctl("status", scope)
    assert "active (running)" in status and "berth-shim" in status and "sleep 1000" in status
    listed = subprocess.run(["systemd-cgls", "--no-pager", "/berth.slice"], capture_output=True,
                            text=True, check=True).stdout
    assert scope in listed and "─a (" in listed and "─.shim (" in listed
    cgroup = cgroup_root / "berth.slice" / scope
    systemctl("daemon-reload")
    assert (cgroup / "memory.max").read_text() == f"{64 * MEBIBYTE}\n"
    assert (cgroup / "cpu.max").read_text() == "25000 100000\n"
    berth("stop", "test")
    wait_for(lambda: not cgroup.exists(), "the end of the scope")
    assert show(scope, "LoadState") == {"LoadState": "not-found"}


def test_the_cgroups_of_cgroupfs_can_be_chosen(berth, cgroup_root):
    task = detached(berth, "--cgroup-manager", "cgroupfs", memory="64")
    assert (cgroup_root / "berth" / task / "memory.max").read_text() == f"{64 * MEBIBYTE}\n"
    assert show(scope_of(task), "LoadState") == {"LoadState": "not-found"}
    berth("stop", "test")
    wait_for(lambda: not (cgroup_root / "berth" / task).exists(), "the end of the cgroup")


@pytest.mark.parametrize("what", ["KILL", "FAIL"])
def test_a_launch_that_ends_with_its_scope_made_leaves_nothing(berth, cgroup_root, what):
    berth.detached = True  # the record of what was killed has to go as well
    done = berth.run(definition(container("a", *SLEEPER)),
                     env=os.environ | {f"BERTH_{what}_AT": "scope.made"})
    assert done.code != 0
    berth("ps", "--all")
    slice_dir = cgroup_root / "berth.slice"
    wait_for(lambda: not list(slice_dir.glob("*.scope")), "the end of the scope")


def test_a_killed_shim_takes_its_scope_along(berth, cgroup_root):
    task = detached(berth)
    cgroup = cgroup_root / "berth.slice" / scope_of(task)
    [shim] = (cgroup / ".shim/cgroup.procs").read_text().split()
    os.kill(int(shim), signal.SIGKILL)
    wait_for(lambda: not cgroup.exists(), "the end of the scope")
    assert "STOPPED" in berth("ps", "--all").out


@pytest.fixture(scope="module")
def services(bin_dir, booted_host):
    with Services(bin_dir) as running:
        yield running


@pytest.fixture
def task(services):
    """The ARN of a running task of the scheduler's."""
    ecs("RegisterTaskDefinition", family="units", networkMode="none", containerDefinitions=[
        {"name": "a", "image": IMAGE, "memory": 16, "stopTimeout": 1, "command": list(SLEEPER)}])
    [started] = ecs("RunTask", taskDefinition="units")["tasks"]
    services.wait_for_task(started["taskArn"], "RUNNING")
    yield started["taskArn"]
    ecs("StopTask", task=started["taskArn"])
    services.wait_for_task(started["taskArn"], "STOPPED")


def processes(cgroup):
    return {pid for file in cgroup.glob("*/cgroup.procs") for pid in file.read_text().split()}


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_a_scope_outlives_its_agent(services, task, cgroup_root, how):
    scope = scope_of(task.rpartition("/")[2])
    cgroup = cgroup_root / "berth.slice" / scope
    before = processes(cgroup)
    agent = show("berthd", "MainPID")["MainPID"]
    if how == "restart":
        systemctl("restart", "berthd")
    else:
        os.kill(int(agent), signal.SIGKILL)
    wait_for(lambda: show("berthd", "MainPID", "ActiveState") not in (
        {"MainPID": agent, "ActiveState": "active"}, {"MainPID": "0", "ActiveState": "active"})
        and show("berthd", "ActiveState") == {"ActiveState": "active"}, "another agent", 60)
    services.wait_for_agent()
    assert processes(cgroup) == before
    assert services.task(task)["lastStatus"] == "RUNNING"
    assert show(scope, "ActiveState") == {"ActiveState": "active"}


def test_the_journal_has_the_tasks_fields(task):
    scope = scope_of(task.rpartition("/")[2])
    [running] = [entry for entry in journal(f"ECS_TASK_ARN={task}", "ECS_CONTAINER_NAME=a")
                 if entry["MESSAGE"].endswith("a RUNNING")]
    assert running["_SYSTEMD_UNIT"] == "berthd.service"
    assert running["SYSLOG_IDENTIFIER"] == "berthd"
    assert running["PRIORITY"] == "6"
    assert any("Started" in entry["MESSAGE"] for entry in journal(f"UNIT={scope}"))
