"""Limits on tasks, which take a kernel with the controllers of cgroup v2 to enforce."""

import json

from harness.berth import container, definition, wait_for

BUSY = ("sh", "-c", "while :; do :; done")
MEBIBYTE = 1 << 20


def counters(file):
    """What a cgroup's file of `name value` lines says."""
    return {name: int(value) for name, value in map(str.split, file.read_text().splitlines())}


def running_in(berth, cgroup_of):
    """The cgroup of the container "a" of the task "test", once that runs."""
    return cgroup_of(wait_for(lambda: berth.containers("test")["a"].get("pid"), "a running task"))


def test_doctor_finds_nothing_wrong_with_cgroups(berth):
    report = json.loads(berth("doctor", "--json", check=False).out)
    states = {finding["name"]: finding["state"] for finding in report["findings"]
              if finding["name"].startswith("cgroups")}
    assert states == {name: "ok" for name in ("cgroups", "cgroups.limits", "cgroups.clone3")}


def test_a_container_out_of_memory_is_killed_and_says_so(berth):
    eats = container("a", "dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1", memory=16)
    done = berth.run(definition(eats), "--keep", "--strict-limits")
    berth.detached = True  # what is kept has to go as well
    assert done.code == 137, done
    stopped = berth.containers("test")["a"]
    assert stopped["exitCode"] == 137
    assert stopped["reason"].startswith("OutOfMemoryError: ")


def test_a_containers_memory_is_bounded(berth, cgroup_of):
    berth.detach(definition(container("a", "sleep", "60", memory=24)), "--strict-limits")
    cgroup = running_in(berth, cgroup_of)
    assert int((cgroup / "memory.max").read_text()) == 24 * MEBIBYTE


def test_a_task_is_throttled_to_its_cpu(berth, cgroup_of):
    berth.detach(definition(container("a", *BUSY), cpu="256", memory="64"), "--strict-limits")
    cgroup = running_in(berth, cgroup_of).parent
    assert (cgroup / "cpu.max").read_text() == "25000 100000\n"
    wait_for(lambda: counters(cgroup / "cpu.stat")["nr_throttled"] > 2, "a throttled task")
    wait_for(lambda: counters(cgroup / "cpu.stat")["nr_periods"] > 5, "five periods")
    used = counters(cgroup / "cpu.stat")
    # A period may run over by a tick of each processor.
    assert used["usage_usec"] < (used["nr_periods"] + 1) * 40_000
