"""berth run in the foreground: exit codes, output, signals, and what it reads."""

import json
import signal

import pytest

from harness.berth import (IMAGE, container, definition, depends, interrupted, stopped_order,
                           wait_for)

HELPER = "berth-test-helper"
INIT = {"linuxParameters": {"initProcessEnabled": True}}


# -- exit codes -----------------------------------------------------------------------------------

@pytest.mark.parametrize("code, command, fields", [
    (0, [HELPER, "exit", "0"], {}),
    (7, [HELPER, "exit", "7"], {}),
    (255, [HELPER, "exit", "255"], {}),
    (143, [HELPER, "raise", "15"], INIT),
    (137, [HELPER, "raise", "9"], INIT),
    (139, [HELPER, "raise", "11"], INIT),
    (127, ["no-such-program"], {}),
    (127, ["/bin/no-such-program"], {}),
    (126, ["/etc/passwd"], {}),
    (126, ["/etc"], {}),
], ids=str)
def test_exits_as_the_container_did(berth, code, command, fields):
    done = berth.run(definition(container("a", *command, **fields)))
    assert done.code == code, done


def test_says_which_program_could_not_be_started(berth):
    done = berth.run(definition(container("a", "no-such-program")))
    assert "a STOPPED (exit code 127): CannotStartContainerError: exec no-such-program" in done.err


def test_a_container_that_is_killed_from_outside_counts_as_137(berth):
    running = berth.start(definition(container("a", HELPER, "sleep")))
    pid = wait_for(lambda: berth.tasks() and berth.containers("test")["a"].get("pid"), "a pid")
    berth.host.run("kill", "-KILL", pid)
    out, err = running.communicate()
    assert running.wait() == 137, (out, err)
    assert "a STOPPED (exit code 137)" in err


def test_the_essential_container_that_stops_first_decides(berth):
    done = berth.run(definition(
        container("long", HELPER, "exit-on-term", "3"),
        container("short", HELPER, "exit", "4", **depends(("long", "START")))))
    assert done.code == 4, done
    assert "task STOPPED: Essential container in task exited" in done.err


def test_125_is_berths_own(berth):
    assert berth("run", "/no/such/file", check=False).code == 125
    assert berth.run(definition(container("a", image="no-such-image:1")), "--pull", "never").code \
        == 125


# -- output ---------------------------------------------------------------------------------------

def test_output_goes_where_the_container_wrote_it(berth):
    done = berth.run(definition(container("a", "sh", "-c", "echo to out; echo to err >&2")))
    assert done.out == "a | to out\n"
    assert "a | to err\n" in done.err
    assert "to out" not in done.err


def test_lines_stand_behind_names_of_one_width(berth):
    done = berth.run(definition(
        container("web", "echo", "hello", essential=False),
        container("database", "echo", "hi", **depends(("web", "COMPLETE")))))
    assert done.out.splitlines() == ["web      | hello", "database | hi"]


def test_piped_progress_is_plain_lines(berth):
    done = berth.run(definition(container("a", "true")))
    assert "\x1b" not in done.err and "\r" not in done.err
    lines = [line for line in done.err.splitlines() if not line.startswith("warning: ")]
    image = lines.pop(0)
    assert image.startswith(f"image {IMAGE} ready (sha256:")
    assert lines == ["network none", "a RUNNING", "task RUNNING", "a STOPPED (exit code 0)",
                     "task STOPPED: Essential container in task exited"]


def test_output_streams_while_the_task_runs(berth):
    running = berth.start(definition(container("a", "sh", "-c", "echo first; exec sleep 60",
                                               stopTimeout=1)))
    assert running.stdout.readline() == "a | first\n"
    assert interrupted(running, signal.SIGINT).code == 137


def test_a_line_without_an_end_is_shown(berth):
    done = berth.run(definition(container("a", "printf", "half")))
    assert done.out == "a | half\n"


def test_much_output_comes_whole_and_in_order(berth):
    done = berth.run(definition(container("a", HELPER, "spam", "20000", "100")))
    assert [int(line.split()[0]) for line in done.lines("a")] == list(range(20000))


def test_bytes_that_are_no_text_do_no_harm(berth):
    done = berth.run(definition(container("a", "printf", r"\377\376 \033[31m \000 end\n")))
    assert done.code == 0
    assert done.out.endswith(" end\n")


def test_json_lines_are_objects_of_known_types(berth):
    done = berth.run(definition(container("a", "sh", "-c", "echo out; echo err >&2")), "--json")
    events = done.events()
    assert {event["type"] for event in events} <= {
        "warning", "image", "network", "event", "output", "finished"}
    outputs = [(event["container"], event["stream"], event["text"]) for event in events
               if event["type"] == "output"]
    assert sorted(outputs) == [("a", "stderr", "err\n"), ("a", "stdout", "out\n")]
    statuses = [(event.get("container", ""), event["status"]) for event in events
                if event["type"] == "event"]
    assert [one for one in statuses if one[0]] == [("a", "RUNNING"), ("a", "STOPPED")]
    last = events[-1]
    assert (last["type"], last["exitCode"]) == ("finished", 0)
    assert last["task"]["stopCode"] == "EssentialContainerExited"


def test_a_reader_that_goes_away_does_not_end_the_task(berth):
    running = berth.start(definition(container("a", "sh", "-c",
                                               "for i in 1 2 3 4 5; do echo $i; done; exit 9")))
    running.stdout.close()
    assert running.wait() == 9
    running.stderr.close()


# -- signals --------------------------------------------------------------------------------------

def wait_for_output(running, count=1):
    """Returns once the containers have written that many lines."""
    while count > 0:
        line = running.stdout.readline()
        assert line, "it has ended"
        count -= '"type":"output"' in line or not line.startswith("{")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_dependants_first(berth, number):
    slow = "trap 'sleep 0.3; exit 5' TERM; echo up; while :; do sleep 0.05; done"
    running = berth.start(definition(
        container("db", HELPER, "exit-on-term", "4"),
        container("web", "sh", "-c", slow, **depends(("db", "START")))), "--json")
    wait_for_output(running, 2)
    done = interrupted(running, number)
    assert stopped_order(done.events()) == ["web", "db"]
    codes = {event["container"]: event["exitCode"] for event in done.events()
             if event["type"] == "event" and "exitCode" in event}
    assert codes == {"web": 5, "db": 4}
    assert done.code == 5  # of the one that stopped first
    finished = done.events()[-1]["task"]
    assert (finished["stopCode"], finished["stoppedReason"]) == ("UserInitiated",
                                                                 "Task stopped by user")


def test_who_ignores_sigterm_is_killed_after_its_stop_timeout(berth):
    running = berth.start(definition(container("a", HELPER, "ignore-term", stopTimeout=1)))
    wait_for_output(running)
    done = interrupted(running, signal.SIGINT)
    assert done.code == 137
    assert done.err.index("stopping\n") < done.err.index("a STOPPED (exit code 137)\n")


def test_the_second_ctrl_c_does_not_wait(berth):
    running = berth.start(definition(container("a", HELPER, "ignore-term", stopTimeout=120)))
    wait_for_output(running)
    running.signal(signal.SIGINT)
    while running.stderr.readline() != "stopping\n":  # two that come at once are one
        pass
    assert interrupted(running, signal.SIGINT).code == 137


# -- what it reads --------------------------------------------------------------------------------

def test_overrides_change_command_and_environment(berth):
    task = definition(
        container("a", "false", environment=[{"name": "KEPT", "value": "1"},
                                             {"name": "CHANGED", "value": "old"}]),
        container("b", "true", essential=False))
    overrides = berth.write("overrides.json", {"containerOverrides": [{
        "name": "a", "command": ["sh", "-c", "echo $KEPT $CHANGED $NEW"],
        "environment": [{"name": "CHANGED", "value": "new"}, {"name": "NEW", "value": "2"}]}]})
    done = berth.run(task, "--overrides", overrides)
    assert (done.code, done.lines("a")) == (0, ["1 new 2"])


def test_reads_what_describe_task_definition_prints(berth):
    described = {"taskDefinition": {
        **definition(container("a", "echo", "described")),
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/test:3",
        "revision": 3, "status": "ACTIVE", "compatibilities": ["EC2"],
        "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"}],
        "registeredAt": 1700000000.123, "registeredBy": "arn:aws:iam::123456789012:user/me"},
        "tags": []}
    done = berth.run(described)
    assert (done.code, done.lines("a")) == (0, ["described"])


def test_reads_standard_input(berth):
    task = berth.write("in.json", definition(container("a", "echo", "from a pipe")))
    with task.open() as stdin:
        done = berth("run", "-", stdin=stdin)
    assert done.lines("a") == ["from a pipe"]


def test_what_is_not_supported_is_refused_by_name(berth):
    task = definition(
        container("a", "true"),
        container("b", "true", environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::b/e.env"}],
                  secrets=[{"name": "S", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/p"}]),
        taskRoleArn="arn:aws:iam::123456789012:role/r", executionRoleArn="arn:aws:iam::1:role/e")
    done = berth.run(task)
    assert done.code == 125
    path = berth.directory / "task.json"
    assert done.err == (f"berth: {path}: taskRoleArn is not supported yet\n"
                        "executionRoleArn is not supported yet\n"
                        "containerDefinitions[1].environmentFiles is not supported yet\n"
                        "containerDefinitions[1].secrets is not supported yet\n"
                        "(--ignore-unsupported runs the task without)\n")


def test_ignore_unsupported_makes_warnings_of_it(berth):
    task = definition(container("a", "echo", "ran"), taskRoleArn="arn:aws:iam::1:role/r")
    done = berth.run(task, "--ignore-unsupported")
    assert (done.code, done.lines("a")) == (0, ["ran"])
    assert "warning: taskRoleArn is not supported yet\n" in done.err


def cgroup_controllers(host):
    place = host.cgroup.place
    return host.run("cat", f"{place}/cgroup.controllers").stdout.split() if place else []


def test_strict_limits_refuse_what_the_host_can_not_enforce(berth):
    if "memory" in cgroup_controllers(berth.host):
        pytest.skip("this host enforces memory limits")
    task = definition(container("a", "true", memory=64))
    done = berth.run(task)
    assert done.code == 0
    assert "warning: this host can't enforce memory.max of a (its cgroups are " in done.err
    refused = berth.run(task, "--strict-limits")
    assert refused.code == 125
    assert ("berth: run task test: check limits: this host can't enforce memory.max of a "
            in refused.err)
    berth.configure(strictLimits=True)
    assert berth.run(task).code == 125


def test_keep_leaves_the_stopped_task_to_look_at(berth):
    berth.detached = True  # so that it is removed
    done = berth.run(definition(container("a", "sh", "-c", "echo kept; exit 3")), "--keep")
    assert done.code == 3
    assert berth("logs", "test").out == "kept\n"
    assert berth.containers("test")["a"]["exitCode"] == 3


def test_a_family_that_runs_twice_gets_numbers(berth):
    task = definition(container("a", HELPER, "sleep", stopTimeout=1))
    for _ in range(3):
        berth.detach(task)
    assert sorted(berth.tasks()) == ["test", "test-2", "test-3"]
    assert json.loads(berth("ps", "--json").out)[0]["group"] == "family:test"
