"""Whatever is killed, and whenever: DEL or GC leaves nothing, and ADD can be tried again."""

import json
import pathlib
import sys

import pytest

from harness import fault_points

POINTS = fault_points.collect()
OF_ADD = ("net.attach", "cni.add")
OF_DEL = ("net.detach", "cni.del")
KILLED = -9
MAPPINGS = [{"hostPort": 8080, "containerPort": 80, "protocol": "udp"}]


def points(*procedures):
    return [f"{procedure}.{step}" for procedure in procedures for step in POINTS[procedure]]


def killed(plugin, command, point, container="one"):
    document = plugin.document(command, (container, "eth0"), {"portMappings": MAPPINGS})
    done = plugin.call(command, document, container=container, env={"BERTH_KILL_AT": point})
    assert done == (KILLED, None), point


def nothing_left(host, before, point):
    try:
        host.assert_nothing_left(before)
    except AssertionError as left:
        raise AssertionError(f"after {point}: {left}") from None


@pytest.fixture
def before(plugin, host):
    """What is on the host with the namespace of "one" and no attachment."""
    plugin.make_netns("one")
    return host.dump()


def test_add_is_killed_and_del_follows(plugin, host, before):
    for point in points(*OF_ADD):
        killed(plugin, "ADD", point)
        plugin.delete("one")
        nothing_left(host, before, point)


def test_add_is_killed_and_gc_follows(plugin, host, before):
    for point in points(*OF_ADD):
        killed(plugin, "ADD", point)
        plugin.collect_garbage()
        nothing_left(host, before, point)


def test_add_is_killed_and_tried_again(plugin, host, before):
    for point in points(*OF_ADD):
        killed(plugin, "ADD", point)
        if point == "cni.add.live":  # it was added, but nobody was told
            plugin.delete("one")
        plugin.add("one", portMappings=MAPPINGS)
        assert plugin.check("one", portMappings=MAPPINGS) == (0, None), point
        plugin.delete("one")
        nothing_left(host, before, point)


@pytest.mark.parametrize("finish", ["delete", "collect_garbage"])
def test_del_is_killed(plugin, host, before, finish):
    for point in points(*OF_DEL):
        plugin.add("one", portMappings=MAPPINGS)
        killed(plugin, "DEL", point)
        plugin.delete("one") if finish == "delete" else plugin.collect_garbage()
        nothing_left(host, before, point)


def test_add_fails_and_leaves_nothing(plugin, host, before):
    for point in points(*OF_ADD):
        document = plugin.document("ADD", capabilities={"portMappings": MAPPINGS})
        done = plugin.call("ADD", document, container="one", env={"BERTH_FAIL_AT": point})
        assert done.code == 1 and f"stopped after {point}" in done.out["msg"]
        host.assert_nothing_left(before)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments(plugin, host, seed):
    count = 60
    kept = plugin.add("kept")
    for number in range(count):
        plugin.make_netns(f"c{number}")
    before = host.dump_at_rest()
    document = plugin.directory / "document"
    document.write_text(json.dumps(plugin.document("ADD")))
    with open(document, "rb") as stdin:
        done = host.run(sys.executable, "-B", pathlib.Path(__file__).parent / "killer.py",
                        host.program("berth-cni"), plugin.directory, count, seed, stdin=stdin)
    added, deleted = map(int, done.stdout.split())
    assert added < count  # some have been killed
    plugin.collect_garbage(("kept", "eth0"))
    nothing_left(host, before, f"{added} additions and {deleted} deletions that were let live")
    assert plugin.check("kept") == (0, None)
    assert kept["ips"][0]["address"] not in {
        plugin.add(f"c{number}")["ips"][0]["address"] for number in range(5)}
