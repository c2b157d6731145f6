"""Nothing is left of a task whatever dies, or fails, at whichever step.

Every step of every procedure on the way of `berth run` gets its turn (base/steps.h). The processes
that take the steps: `berth` (launch, net.attach, teardown), the shim, the launcher that it forks
(runtime.parent), a container's first process (runtime.child), the finisher (teardown).
"""

import os

import pytest

from harness import fault_points, pair

POINTS = fault_points.collect()
# These have tests of their own: the ways of `berth import` and `berth pull`, what only a host with
# systemd does (tests/host/cases), and what only berth-runtime (tests/integration/runtime) and
# berth-cni (tests/integration/cni) do.
ELSEWHERE = {"image", "layer", "scope", "create", "start", "delete", "mounts", "runtime.joining-child",
             "cni.add", "cni.del"}
OF_COMMAND = ("launch", "net.attach")
OF_LAUNCHER = ("runtime.parent", "runtime.child")
OF_EXEC = ("runtime.exec-parent", "runtime.exec-child")
OF_END = ("teardown", "net.detach")
OF_SHIM = ("shim",)

KILL = "BERTH_KILL_AT"
FAIL = "BERTH_FAIL_AT"
KILLED = -9
OWN_FAILURE = 125


def points(*procedures):
    return [f"{procedure}.{step}" for procedure in procedures for step in POINTS[procedure]]


def said(point):
    """What every failure at that point has in its message."""
    return f"stopped after {point} as BERTH_FAIL_AT asks"


def check_exit_code(point, task):
    """That the task of pair.SHORT ended as it should have."""
    assert task["lastStatus"] == "STOPPED", point
    assert task["containers"][0]["exitCode"] == 3, point


class Rig:
    """A host that one point after another is tried on."""

    def __init__(self, host, mode, directory):
        self.host = host
        self.long = pair.write(directory, "long", mode, pair.LONG)
        self.short = pair.write(directory, "short", mode, pair.SHORT)
        self.faults = []
        # What stays for good is made by the first task.
        host.berth("run", self.short, check=False)
        self.before = host.dump_at_rest()

    def berth(self, *words, **faults):
        """Runs berth with fault points: KILL=point, FAIL=point."""
        variables = {"KILL": KILL, "FAIL": FAIL}
        added = {variables[name]: point for name, point in faults.items()}
        return self.host.berth(*words, check=False, timeout=30, env=os.environ | added)

    def expect(self, point, done, code, text=""):
        output = done.stdout + done.stderr
        if done.returncode != code or text not in output:
            self.faults.append(f"{point}: exit code {done.returncode} and not {code}, or not "
                               f"{text!r}, in:\n{output}")

    def remove_all(self):
        self.host.berth("rm", "--force", "--all")

    def each(self, chosen, action):
        """`action` at each point; then the host must be as before."""
        for point in chosen:
            action(point)
        if self.nothing_left():
            return
        self.remove_all()
        self.before = self.host.dump_at_rest()
        for point in chosen:  # once more, to tell which
            action(point)
            self.nothing_left(point)

    def together(self, chosen, action):
        """`action` gets a point and the name of its task, which may still run afterwards. Waits
        for the tasks to end and returns what `berth ps` says of each point's; leaves none."""
        names = {point: f"task-{number}" for number, point in enumerate(chosen)}
        for point, name in names.items():
            action(point, name)
        pair.wait_for_end(self.host)
        tasks = pair.tasks(self.host)
        self.remove_all()
        self.nothing_left(", ".join(chosen))
        return {point: tasks.get(name) for point, name in names.items()}

    def nothing_left(self, point=None):
        """Whether the host is as before. If a point is given, notes when it is not."""
        try:
            self.host.assert_nothing_left(self.before, timeout=5)
            return True
        except AssertionError as left:
            if point:
                self.faults.append(f"{point}: {left}")
                self.before = self.host.dump_at_rest()
            return False

    def check(self):
        assert not self.faults, "\n\n".join(self.faults)


@pytest.fixture(params=["bridge", "awsvpc"])
def rig(request, host, image, tmp_path):
    """A Rig in one network mode; the test fails at its end with all that it noted."""
    if not host.cgroup.path:
        pytest.skip("no cgroup2, by which the processes of tasks are found")
    made = Rig(host, request.param, tmp_path)
    yield made
    made.check()


def test_all_procedures_are_tested():
    known = {*ELSEWHERE, *OF_COMMAND, *OF_LAUNCHER, *OF_EXEC, *OF_END, *OF_SHIM}
    assert set(POINTS) == known
    assert all(POINTS.values())


def test_the_command_is_killed(rig):
    def launch(point):
        rig.expect(point, rig.berth("run", "--detach", rig.long, KILL=point), KILLED)
        rig.remove_all()
    rig.each(points(*OF_COMMAND), launch)


def test_the_command_fails(rig):
    def launch(point):
        done = rig.berth("run", rig.long, FAIL=point)
        rig.expect(point, done, OWN_FAILURE, said(point))
    rig.each(points(*OF_COMMAND), launch)


def test_the_launcher_or_the_container_is_killed(rig):
    def launch(point):
        done = rig.berth("run", rig.long, KILL=point)
        rig.expect(point, done, OWN_FAILURE, "CannotStartContainerError")
    rig.each(points(*OF_LAUNCHER), launch)


def test_the_launcher_or_the_container_fails(rig):
    def launch(point):
        rig.expect(point, rig.berth("run", rig.long, FAIL=point), OWN_FAILURE, said(point))
    rig.each(points(*OF_LAUNCHER), launch)


@pytest.mark.parametrize("fault", ["KILL", "FAIL"])
def test_a_detached_task_tells_why_it_did_not_start(rig, fault):
    def launch(point, name):
        done = rig.berth("run", "--detach", "--name", name, rig.long, **{fault: point})
        rig.expect(point, done, 0)
    for point, task in rig.together(points(*OF_LAUNCHER), launch).items():
        assert task["lastStatus"] == "STOPPED", point
        assert task["stopCode"] == "TaskFailedToStart", point
        assert "CannotStartContainerError" in task["stoppedReason"], point
        assert fault == "KILL" or said(point) in task["stoppedReason"]


@pytest.mark.parametrize("fault", ["KILL", "FAIL"])
def test_the_shim_ends_before_it_is_ready(rig, fault):
    def launch(point):
        done = rig.berth("run", "--detach", rig.long, **{fault: point})
        rig.expect(point, done, OWN_FAILURE, said(point) if fault == "FAIL" else "the shim ended")
    rig.each(["shim.listening"], launch)


@pytest.mark.parametrize("fault", ["KILL", "FAIL"])
def test_the_shim_ends_before_it_becomes_the_finisher(rig, fault):
    def run(point):  # here the command cleans up
        rig.expect(point, rig.berth("run", rig.short, **{fault: point}), 3)

    def detach(point, name):  # here only the next command can
        rig.expect(point, rig.berth("run", "-d", "--name", name, rig.short, **{fault: point}), 0)
    rig.each(["shim.stopped"], run)
    for point, task in rig.together(["shim.stopped"], detach).items():
        check_exit_code(point, task)


def test_the_command_is_killed_or_fails_while_it_cleans_up(rig):
    def kill(point):
        rig.expect(point, rig.berth("run", rig.short, KILL=point), KILLED)
        rig.remove_all()

    def fail(point):
        rig.expect(point, rig.berth("run", rig.short, FAIL=point), OWN_FAILURE, said(point))
        rig.remove_all()
    rig.each(points(*OF_END), kill)
    rig.each(points(*OF_END), fail)


@pytest.mark.parametrize("fault", ["KILL", "FAIL"])
def test_the_finisher_is_killed_or_fails(rig, fault):
    def launch(point, name):
        rig.expect(point, rig.berth("run", "-d", "--name", name, rig.short, **{fault: point}), 0)
    for point in points(*OF_END):  # not at once: each command cleans up after the ones before it
        check_exit_code(point, rig.together([point], launch)[point])


@pytest.mark.parametrize("failure", ["launch.shim spawned", "launch.start shim"])
def test_the_command_is_killed_while_it_undoes_a_launch(rig, failure):
    def launch(point):
        rig.expect(point, rig.berth("run", rig.long, FAIL=failure, KILL=point), KILLED)
        rig.remove_all()
    rig.each(points(*OF_END), launch)


def test_rm_is_killed(rig):
    def remove(point):
        rig.berth("run", "--detach", rig.long)
        rig.expect(point, rig.berth("rm", "--force", "--all", KILL=point), KILLED)
        rig.remove_all()
    rig.each(points(*OF_END), remove)


@pytest.mark.parametrize("fault", ["KILL", "FAIL"])
@pytest.mark.parametrize("rig", ["awsvpc"], indirect=True)
def test_a_process_that_joins_a_container_ends_alone(rig, fault):
    names = {point: f"task-{number}" for number, point in enumerate(points(*OF_EXEC))}
    for point, name in names.items():
        done = rig.berth("run", "--detach", "--name", name, rig.long, **{fault: point})
        rig.expect(point, done, 0)
    for name in names.values():
        pair.wait_for_status(rig.host, name, "RUNNING")
    for point, name in names.items():
        done = rig.berth("exec", name, "first", "--", "true")
        rig.expect(point, done, 1, said(point) if fault == "FAIL" else "")
    tasks = pair.tasks(rig.host)
    for point, name in names.items():
        assert tasks[name]["lastStatus"] == "RUNNING", point
    rig.remove_all()
    rig.nothing_left(", ".join(names))
