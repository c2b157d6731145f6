"""Two at once on one host: one after the other, or refused with a reason; never mixed."""

import json

import pytest

from harness import dump
from harness.berth import container, definition, wait_for
from harness.network import HELPER

OTHER = ["--root", "/tmp/other-root", "--run-dir", "/tmp/other-run"]
OWN_FAILURE = 125
ROUNDS = 6


def at_once(berth, *commands):
    """Starts all of them before it waits for any; what came of each: (exit code, errors)."""
    running = [berth.host.berth_popen(*berth.options, *words) for words in commands]
    errors = [one.communicate(60)[1] for one in running]
    return [(one.wait(), error) for one, error in zip(running, errors)]


def sleeper(berth, mode, name="task", **fields):
    return berth.write(f"{name}.json", definition(
        container("a", HELPER, "sleep", stopTimeout=1, **fields), mode=mode))


def addresses(berth):
    return [container["networkInterfaces"][0]["privateIpv4Address"]
            for task in berth.tasks().values() for container in task["containers"]
            if task["lastStatus"] != "STOPPED"]


def elements(berth, name):
    """How many elements a set of the firewall has; 0 without the table."""
    done = berth.host.run("nft", "-j", "list", "set", "inet", "berth", name, check=False)
    if done.returncode:
        return 0
    return len(json.loads(done.stdout)["nftables"][1]["set"].get("elem", []))


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_two_runs_at_once_get_an_address_each(berth, mode):
    berth.detached = True
    task = sleeper(berth, mode)
    for number in range(ROUNDS):
        names = [f"left-{number}", f"right-{number}"]
        done = at_once(berth, *(("run", "--detach", "--name", name, task) for name in names))
        assert [code for code, _ in done] == [0, 0], done
        assert len(set(addresses(berth))) == 2
        assert elements(berth, "pins") == 2
        assert [code for code, _ in at_once(berth, *(("rm", "--force", name) for name in names))] \
            == [0, 0]
        assert elements(berth, "pins") == 0


def test_one_of_two_that_want_the_same_port_is_refused(berth):
    berth.detached = True
    task = sleeper(berth, "bridge", portMappings=[{"containerPort": 80, "hostPort": 8080}])
    for number in range(ROUNDS):
        done = at_once(berth, *(("run", "--detach", "--name", f"{name}-{number}", task)
                                for name in ("left", "right")))
        assert sorted(code for code, _ in done) == [0, OWN_FAILURE], done
        [refusal] = [error for code, error in done if code]
        assert "8080" in refusal
        assert len(addresses(berth)) == elements(berth, "pins") == 1
        berth("rm", "--force", "--all")


def test_one_starts_while_another_ends(berth):
    berth.detached = True
    task = sleeper(berth, "awsvpc")
    berth("run", "--detach", "--name", "t0", task)
    for number in range(ROUNDS):
        old, new = f"t{number}", f"t{number + 1}"
        done = at_once(berth, ("rm", "--force", old), ("run", "--detach", "--name", new, task))
        assert [code for code, _ in done] == [0, 0], done
        assert list(berth.tasks()) == [new]
        # The table never goes with the one that ends, nor stays without the one that starts.
        assert elements(berth, "pins") == elements(berth, "sg-default.members") == 1


def test_a_task_is_removed_by_two_while_it_starts(berth):
    berth.detached = True
    task = sleeper(berth, "bridge")
    for _ in range(ROUNDS):
        at_once(berth, ("run", "--detach", "--name", "it", task), ("rm", "--force", "it"),
                ("rm", "--force", "it"))
        berth("rm", "--force", "--all")
        wait_for(lambda: elements(berth, "pins") == 0, "the end of it")


def test_another_state_directory_in_the_same_network_namespace_is_refused(berth, rootfs_dir):
    berth.detach(definition(container("a", HELPER, "sleep", stopTimeout=1), mode="bridge"))
    before = dump.rules(berth.host.run("nft", "-s", "list", "ruleset").stdout)
    task = sleeper(berth, "bridge", "other")
    berth.host.berth(*OTHER, "import", rootfs_dir, "--name", "berth-test:latest")
    try:
        for words, code in ((("run", "--detach", task), OWN_FAILURE), (("rm", "--force", "--all"), 1)):
            done = berth.host.berth(*OTHER, *words, check=False)
            assert done.returncode == code, done
            assert "this network namespace has the tasks of another Berth, whose lock is " \
                "/var/lib/berth/net.lock" in done.stderr
        assert json.loads(berth.host.berth(*OTHER, "ps", "--all", "--json").stdout) == []
        assert dump.rules(berth.host.run("nft", "-s", "list", "ruleset").stdout) == before
        berth.wait_for_status("test", "RUNNING")
        # Once nobody else is here it may have the namespace, and then the first is the stranger.
        berth("rm", "--force", "test")
        berth.host.berth(*OTHER, "run", "--detach", "--name", "other", task)
        assert "another Berth" in berth.fails("run", "--detach", task)
        berth.host.berth(*OTHER, "rm", "--force", "other")
    finally:
        berth.host.run("rm", "-rf", "/tmp/other-root", "/tmp/other-run")
