"""In which order containers start and stop, and what each one's end means for the others."""

import pytest

from harness.berth import container, definition, depends, stopped_order

HELPER = "berth-test-helper"
SLEEP = (HELPER, "exit-on-term", "0")


def happened(done):
    """(container, what) in order; the task's own as ""."""
    return [(event.get("container", ""), event.get("status") or event.get("health"))
            for event in done.events() if event["type"] == "event"]


def check(*command, **fields):
    return {"healthCheck": {"command": list(command), "interval": 5, "timeout": 2, "retries": 1,
                            **fields}}


def before(events, first, second):
    return events.index(first) < events.index(second)


def reason(done, name):
    return next(event["reason"] for event in done.events() if event["type"] == "event"
                and event.get("container") == name and event.get("status") == "STOPPED")


def test_start(berth):
    # Written in the opposite order, so that it is not by chance.
    done = berth.run(definition(
        container("c", HELPER, "exit", "0", **depends(("b", "START"))),
        container("b", *SLEEP, **depends(("a", "START"))),
        container("a", *SLEEP)), "--json")
    events = happened(done)
    assert before(events, ("a", "RUNNING"), ("b", "RUNNING"))
    assert before(events, ("b", "RUNNING"), ("c", "RUNNING"))
    assert stopped_order(done.events()) == ["c", "b", "a"]
    assert done.code == 0


def test_start_is_enough_if_it_has_ended_already(berth):
    done = berth.run(definition(
        container("a", HELPER, "exit", "5", essential=False),
        container("b", HELPER, "exit", "0", **depends(("a", "START")))), "--json")
    assert done.code == 0, done


@pytest.mark.parametrize("code, condition", [(0, "COMPLETE"), (9, "COMPLETE"), (0, "SUCCESS")])
def test_complete_and_success_wait_for_the_end(berth, code, condition):
    done = berth.run(definition(
        container("setup", HELPER, "exit", str(code), essential=False),
        container("main", HELPER, "exit", "3", **depends(("setup", condition)))), "--json")
    assert before(happened(done), ("setup", "STOPPED"), ("main", "RUNNING"))
    assert done.code == 3


def test_a_success_that_fails_fails_the_task(berth):
    done = berth.run(definition(
        container("setup", HELPER, "exit", "9", essential=False),
        container("main", HELPER, "exit", "0", **depends(("setup", "SUCCESS")))), "--json")
    assert ("main", "RUNNING") not in happened(done)
    assert reason(done, "main") == (
        "TaskDependencyError: setup will not become SUCCESS: it exited with code 9")
    assert done.code == 125
    task = done.events()[-1]["task"]
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"] == reason(done, "main")


def test_a_dependency_that_can_not_start_is_never_met(berth):
    done = berth.run(definition(
        container("setup", "no-such-program", essential=False),
        container("main", HELPER, "exit", "0", **depends(("setup", "START")))), "--json")
    assert ("main", "RUNNING") not in happened(done)
    assert reason(done, "main") == (
        "TaskDependencyError: setup will not become START: it was never started")
    assert done.code == 125


def test_healthy(berth):
    done = berth.run(definition(
        container("db", "sh", "-c", "sleep 0.3; touch /tmp/ready; exec sleep 60", stopTimeout=1,
                  **check("CMD-SHELL", "test -e /tmp/ready")),
        container("web", HELPER, "exit", "0", **depends(("db", "HEALTHY")))), "--json")
    events = happened(done)
    assert before(events, ("db", "HEALTHY"), ("web", "RUNNING"))
    assert done.code == 0


@pytest.mark.parametrize("command", [
    ("CMD", "test", "-e", "/etc/passwd"), ("CMD-SHELL", "test -e /etc/passwd && true")])
def test_both_ways_to_write_a_check(berth, command):
    done = berth.run(definition(
        container("a", *SLEEP, **check(*command)),
        container("b", "true", **depends(("a", "HEALTHY")))))
    assert done.code == 0, done


def test_a_check_runs_as_the_container_does(berth):
    seen = "test $(id -u):$(pwd):$KEY = 1000:/home/app:value"
    done = berth.run(definition(
        container("a", *SLEEP, user="app", workingDirectory="/home/app",
                  environment=[{"name": "KEY", "value": "value"}], **check("CMD-SHELL", seen)),
        container("b", "true", **depends(("a", "HEALTHY")))))
    assert done.code == 0, done


def test_health_changes_both_ways(berth):
    # Healthy by the first early check, then unhealthy at the first regular one, 5 s on.
    script = "sleep 1; rm /tmp/ok; exec berth-test-helper exit-on-term 0"
    done = berth.run(definition(
        container("a", "sh", "-c", f"touch /tmp/ok; {script}",
                  **check("CMD-SHELL", "echo looking; test -e /tmp/ok")),
        container("b", "sleep", "8")), "--json", timeout=60)
    assert [what for name, what in happened(done) if name == "a"] == [
        "RUNNING", "HEALTHY", "UNHEALTHY", "STOPPED"]
    unhealthy = next(event for event in done.events() if event.get("health") == "UNHEALTHY")
    assert unhealthy["reason"] == "looking\n"
    assert done.code == 0


def test_start_timeout(berth):
    done = berth.run(definition(
        container("db", *SLEEP, startTimeout=1, essential=False,
                  **check("CMD-SHELL", "exit 1", retries=10)),
        container("web", HELPER, "exit", "0", **depends(("db", "HEALTHY")))), "--json")
    assert reason(done, "web") == (
        "TaskDependencyError: db will not become HEALTHY: its startTimeout of 1 s is over")
    assert done.code == 125


def test_an_essential_end_stops_all_dependants_first(berth):
    done = berth.run(definition(
        container("db", *SLEEP),
        container("web", *SLEEP, **depends(("db", "START"))),
        container("job", HELPER, "exit", "6", **depends(("web", "START")))), "--json")
    assert stopped_order(done.events()) == ["job", "web", "db"]
    assert done.code == 6


def test_a_non_essential_end_changes_nothing(berth):
    done = berth.run(definition(
        container("helper", HELPER, "exit", "9", essential=False),
        container("main", "sh", "-c", "sleep 0.3; exit 0", **depends(("helper", "COMPLETE")))),
        "--json")
    assert stopped_order(done.events()) == ["helper", "main"]
    assert done.code == 0


def test_non_essential_containers_end_with_the_last_essential_one(berth):
    done = berth.run(definition(
        container("helper", *SLEEP, essential=False),
        container("main", HELPER, "exit", "2", **depends(("helper", "START")))), "--json")
    assert stopped_order(done.events()) == ["main", "helper"]
    assert done.code == 2


def test_a_restart_policy_leaves_alone_what_ends_within_its_period(berth):
    policy = {"enabled": True, "restartAttemptPeriod": 60}
    done = berth.run(definition(container("a", HELPER, "exit", "4", restartPolicy=policy)),
                     "--json")
    assert [what for name, what in happened(done) if name] == ["RUNNING", "STOPPED"]
    assert done.code == 4
