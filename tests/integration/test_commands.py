"""The commands for tasks that run on their own, and for images and the host."""

import json
import re

import pytest

from harness.berth import IMAGE, container, definition, wait_for

HELPER = "berth-test-helper"


def sleeper(name="a", **fields):
    return container(name, HELPER, "exit-on-term", "0", **{"stopTimeout": 2, **fields})


# -- run --detach, ps, inspect --------------------------------------------------------------------

def test_detach_returns_while_the_task_runs(berth):
    done = berth.detach(definition(sleeper()))
    assert done.code == 0
    shown = berth.wait_for_status("test", "RUNNING")
    assert shown["containers"][0]["lastStatus"] == "RUNNING"
    assert shown["startedAt"] >= shown["createdAt"]
    assert shown["taskDefinition"]["containerDefinitions"][0]["command"][0] == HELPER


def test_ps_shows_running_tasks_and_all_of_them(berth):
    berth.detach(definition(sleeper()), "--name", "one")
    berth.detach(definition(sleeper(), mode="awsvpc"), "--name", "two")
    berth("stop", "one")
    head, *rows = berth("ps").out.splitlines()
    assert head.split() == ["TASK", "NAME", "FAMILY:REV", "STATUS", "HEALTH", "ADDRESS", "PORTS",
                            "AGE"]
    assert [row.split()[1] for row in rows] == ["two"]
    assert " 172.31." in rows[0]
    rows = berth("ps", "-a").out.splitlines()[1:]
    assert [(row.split()[1], row.split()[3]) for row in rows] == [("one", "STOPPED"),
                                                                  ("two", "RUNNING")]
    assert [task["name"] for task in json.loads(berth("ps", "--json").out)] == ["two"]


def test_nothing_is_an_empty_list(berth):
    assert json.loads(berth("ps", "--json").out) == []
    assert len(berth("ps", "--all").out.splitlines()) == 1


def test_a_task_that_ends_by_itself_stays_to_be_looked_at(berth):
    berth.detach(definition(container("a", "sh", "-c", "echo last words; exit 3")))
    shown = berth.wait_for_status("test", "STOPPED")
    assert shown["containers"][0]["exitCode"] == 3
    assert shown["stopCode"] == "EssentialContainerExited"
    assert shown["stoppedReason"] == "Essential container in task exited"
    assert shown["stoppedAt"] >= shown["startedAt"]
    assert berth("logs", "test").out == "last words\n"
    assert berth("rm", "test").code == 0
    assert berth.tasks() == {}


def test_inspect_takes_several(berth):
    berth.detach(definition(sleeper()), "--name", "one")
    berth.detach(definition(sleeper()), "--name", "two")
    assert [task["name"] for task in json.loads(berth("inspect", "two", "one").out)] == [
        "two", "one"]


def test_ids_and_their_beginnings_name_a_task(berth):
    berth.detach(definition(sleeper()))
    task_id = berth.inspect("test")["taskArn"].rpartition("/")[2]
    assert re.fullmatch("[0-9a-f]{32}", task_id)
    for name in (task_id, task_id[:12], task_id[:4]):
        assert berth.inspect(name)["name"] == "test"
    assert berth.fails("inspect", task_id[:3]) == (
        f"berth: no task named {task_id[:3]}; berth ps --all shows which there are\n")


def test_a_name_is_given_once(berth):
    berth.detach(definition(sleeper()), "--name", "mine")
    done = berth.detach(definition(sleeper()), "--name", "mine", check=False)
    assert done.code == 125
    assert re.search(r"berth: run task mine: reserve: there is a task named mine already "
                     r"\([0-9a-f]{12}\); choose another --name, or remove it with: berth rm mine\n",
                     done.err)


@pytest.mark.parametrize("words", [
    ("inspect", "none"), ("logs", "none"), ("stop", "none"), ("rm", "none"),
    ("exec", "none", "a", "--", "true")], ids=" ".join)
def test_unknown_names_are_told(berth, words):
    done = berth(*words, check=False)
    assert (done.code, done.err) == (
        1, "berth: no task named none; berth ps --all shows which there are\n")


# -- logs -----------------------------------------------------------------------------------------

def test_logs_of_all_containers_and_of_one(berth):
    berth.detach(definition(container("one", "sh", "-c", "echo 1; echo e >&2; exec sleep 60",
                                      stopTimeout=1),
                            container("three", "sh", "-c", "echo 3; exec sleep 60",
                                      stopTimeout=1)))
    wait_for(lambda: len(berth("logs", "test").out.splitlines()) == 2, "output")
    assert sorted(berth("logs", "test").out.splitlines()) == ["one   | 1", "three | 3"]
    done = berth("logs", "test", "one")
    assert (done.out, done.err) == ("1\n", "e\n")
    stamped = berth("logs", "-t", "test", "three").out
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z 3\n", stamped)
    assert berth.fails("logs", "test", "two") == (
        "berth: task test has no container two; it has one, three\n")


def test_following_logs_end_with_the_task(berth):
    berth.detach(definition(container(
        "a", "sh", "-c", "echo up; trap 'echo down; exit 0' TERM; while :; do sleep 0.05; done")))
    follower = berth.host.berth_popen("logs", "-f", "test")
    assert follower.stdout.readline() == "up\n"
    berth("stop", "test")
    out, err = follower.communicate(timeout=10)
    assert (follower.wait(), out, err) == (0, "down\n", "")


def test_following_logs_of_a_task_that_is_removed_end(berth):
    berth.detach(definition(container("a", "sh", "-c", "echo up; exec sleep 60")))
    follower = berth.host.berth_popen("logs", "-f", "test")
    assert follower.stdout.readline() == "up\n"
    berth("rm", "--force", "test")
    follower.communicate(timeout=10)
    assert follower.wait() == 0


# -- stop and rm ----------------------------------------------------------------------------------

def test_stop_is_in_order_and_can_be_repeated(berth):
    berth.detach(definition(sleeper()))
    berth.wait_for_status("test", "RUNNING")
    berth("stop", "test")
    shown = berth.inspect("test")
    assert (shown["lastStatus"], shown["stopCode"]) == ("STOPPED", "UserInitiated")
    assert shown["stoppedReason"] == "Task stopped by user"
    assert shown["containers"][0]["exitCode"] == 0
    assert berth("stop", "test").code == 0
    assert berth.fails("exec", "test", "a", "--", "true") == "berth: task test is not running\n"


def test_stop_gives_back_everything_but_the_record(berth):
    before = berth.host.dump()
    berth.detach(definition(sleeper(), mode="awsvpc"))
    berth("stop", "test")
    after = berth.host.dump()
    assert {section for section in after if after[section] != before[section]} == {"files"}


def test_stop_with_a_timeout_of_its_own(berth):
    berth.detach(definition(container("a", HELPER, "ignore-term", stopTimeout=120)))
    berth.wait_for_line("test", "ignoring SIGTERM")
    berth("stop", "--timeout", "0", "test", timeout=20)
    assert berth.containers("test")["a"]["exitCode"] == 137


def test_stop_ends_a_foreground_run(berth):
    running = berth.start(definition(container("a", HELPER, "exit-on-term", "8")))
    assert running.stdout.readline() == "a | waiting for SIGTERM\n"
    berth("stop", "test")
    running.communicate(timeout=10)
    assert running.wait() == 8


def test_rm_refuses_what_runs_unless_forced(berth):
    berth.detach(definition(sleeper()))
    assert berth.fails("rm", "test") == (
        "berth: test: it is running; stop it first, or use --force\n")
    berth.wait_for_status("test", "RUNNING")
    berth("rm", "--force", "test")
    assert berth.tasks() == {}


def test_rm_all_leaves_what_runs(berth):
    berth.detach(definition(sleeper()), "--name", "runs")
    berth.detach(definition(sleeper()), "--name", "stopped")
    berth("stop", "stopped")
    berth("rm", "--all")
    assert list(berth.tasks()) == ["runs"]
    berth("rm", "--all", "--force")
    assert berth.tasks() == {}


def test_rm_needs_a_name(berth):
    done = berth("rm", check=False)
    assert (done.code, done.err) == (2, "berth rm: name a task, or use --all\n")


def test_one_name_that_fails_does_not_stop_the_others(berth):
    berth.detach(definition(sleeper()), "--name", "runs")
    berth.detach(definition(sleeper()), "--name", "stopped")
    berth("stop", "stopped")
    assert berth.fails("rm", "runs", "stopped") == (
        "berth: runs: it is running; stop it first, or use --force\n")
    assert list(berth.tasks()) == ["runs"]


# -- images and the host --------------------------------------------------------------------------

def test_import_images_and_rmi(berth, rootfs_dir):
    done = berth("import", rootfs_dir, "--name", "mine:1", "--entrypoint", HELPER, "--cmd", "show",
                 "--cmd", "more", "--env", "A=1", "--user", "app", "--workdir", "/tmp")
    assert done.err.splitlines()[-1].startswith("image mine:1 ready (sha256:")
    rows = [line.split() for line in berth("images").out.splitlines()]
    assert rows[0] == ["IMAGE", "DIGEST", "PLATFORM", "LAYERS", "SIZE", "AGE"]
    assert {row[0] for row in rows[1:]} == {"mine:1", IMAGE}
    listed = {image["name"]: image for image in json.loads(berth("images", "--json").out)}
    assert listed["mine:1"]["digest"].startswith("sha256:")
    done = berth.run(definition(container("a", image="mine:1")))
    shown = json.loads("\n".join(done.lines("a")))
    assert (shown["args"], shown["env"]["A"], shown["cwd"]) == (["more"], "1", "/tmp")
    assert shown["id"]["uid"] == 1000
    assert berth("rmi", "mine:1").out == "mine:1\n"
    assert "mine:1" not in berth("images").out
    assert berth.fails("rmi", "mine:1").startswith("berth: ")


def test_the_image_of_a_running_task_keeps_its_layers(berth, rootfs_dir):
    berth("import", rootfs_dir, "--name", "mine:2")
    berth.detach(definition(sleeper(image="mine:2")))
    berth("rmi", "mine:2", check=False)
    assert berth("exec", "test", "a", "--", "cat", "/etc/passwd").out.startswith("root:")
    berth("stop", "test")
    berth("rmi", "mine:2", check=False)


def test_doctor(berth):
    done = berth("doctor", check=False)
    report = json.loads(berth("doctor", "--json", check=False).out)
    assert report["state"] in ("ok", "limited", "missing")
    assert done.code == (1 if report["state"] == "missing" else 0)
    names = [finding["name"] for finding in report["findings"]]
    assert len(set(names)) == len(names) > 10
    for finding in report["findings"]:
        assert finding["found"]
        assert finding["state"] == "ok" or finding["change"]
        assert finding["name"] in done.out


@pytest.mark.parametrize("words", [(), ("no-such-command",), ("run",), ("ps", "--no-such-flag"),
                                   ("stop", "--timeout", "-1", "x"), ("exec", "a", "b")], ids=str)
def test_usage_errors_are_2(berth, words):
    done = berth(*words, check=False)
    assert done.code == 2
    assert done.err


def test_help_and_version(berth):
    assert berth("--version").out.startswith("berth ")
    text = berth("--help").out
    for command in ("run", "ps", "logs", "exec", "stop", "rm", "inspect", "images", "pull",
                    "import", "doctor"):
        assert f"\n  {command} " in text
        assert berth(command, "--help").out
    assert "finish" not in text
