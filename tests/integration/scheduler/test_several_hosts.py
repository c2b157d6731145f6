"""Agents on hosts of their own, joined to one scheduler by links that can be cut."""

import contextlib
import subprocess

import pytest

from harness.berth import wait_for
from harness.cluster import (AWSVPC, Cluster, ReadyHost, assert_as_before, exits_when_told,
                             gate_volume, sleeper, without_programs)
from harness.host import Host

SCHEDULER = "203.0.113.1"


def join(host, other, number):
    """A link between two hosts; the scheduler's address is reached over it."""
    link, own = f"link{number}", f"203.0.113.{10 + number}"
    # From outside the hosts' pid namespaces, where the other's pid has a meaning.
    subprocess.run(["nsenter", "--target", str(host.pid), "--net", "ip", "link", "add", link,
                    "type", "veth", "peer", "name", "scheduler", "netns", str(other.pid)],
                   check=True)
    host.run("ip", "link", "set", link, "addrgenmode", "none", "up")
    host.run("ip", "route", "add", f"{own}/32", "dev", link, "src", SCHEDULER)
    other.run("ip", "address", "add", f"{own}/32", "dev", "scheduler")
    other.run("ip", "link", "set", "scheduler", "addrgenmode", "none", "up")
    other.run("ip", "route", "add", f"{SCHEDULER}/32", "dev", "scheduler", "src", own)


@pytest.fixture(scope="module")
def joined(bin_dir, rootfs_dir, tmp_path_factory):
    """A scheduler on one host, and an agent on each of three others, in a cluster."""
    directory = tmp_path_factory.mktemp("joined")
    url = f"http://{SCHEDULER}:8765"
    with contextlib.ExitStack() as stack:
        host = stack.enter_context(Host(bin_dir))
        host.run("ip", "address", "add", f"{SCHEDULER}/32", "dev", "lo")
        cluster = stack.enter_context(Cluster(host, None, directory))
        cluster.start_scheduler(listen="0.0.0.0:8765", allowPlainHttp=True, advertise=url)
        for number in range(3):
            ready = ReadyHost(bin_dir, rootfs_dir, directory)
            stack.callback(ready.discard)
            one, _ = ready.get()
            join(host, one, number)
            agent = cluster.add_agent(one, ECS_BACKEND_HOST=url,
                                      ECS_INSTANCE_ATTRIBUTES=f'{{"number": "{number}"}}')
            agent.before = without_programs(one.dump_at_rest())
        cluster.wait_for_agents(3)
        yield cluster


@pytest.fixture
def three_hosts(joined):
    """The cluster, of whose tasks nothing may be left on the hosts after the test."""
    yield joined
    for arn in joined.ecs.list_tasks()["taskArns"]:
        joined.ecs.stop_task(task=arn)
    for agent in joined.agents:
        wait_for(lambda: not agent.tasks(), "that the agent forgets its tasks")
        assert_as_before(agent.host, agent.before)


def on(number):
    return [{"type": "memberOf", "expression": f"attribute:number == {number}"}]


def test_tasks_are_spread_run_and_seen_on_their_hosts(three_hosts):
    cluster = three_hosts
    definition = cluster.define(sleeper(), mode="awsvpc")
    answer = cluster.ecs.run_task(
        taskDefinition=definition, count=6, networkConfiguration=AWSVPC,
        placementStrategy=[{"type": "spread", "field": "instanceId"}])
    arns = [task["taskArn"] for task in answer["tasks"]]
    addresses = set()
    for arn in arns:
        task = cluster.wait_for_task(arn, "RUNNING")
        addresses.add(task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"])
    assert len(addresses) == 6
    assert [len(agent.running()) for agent in cluster.agents] == [2, 2, 2]
    packed = cluster.ecs.run_task(
        taskDefinition=cluster.define(sleeper(), family="packed"), count=4,
        placementStrategy=[{"type": "binpack", "field": "memory"}])
    assert len({task["containerInstanceArn"] for task in packed["tasks"]}) == 1
    distinct = cluster.ecs.run_task(
        taskDefinition=cluster.define(sleeper(), family="distinct"), count=3,
        placementConstraints=[{"type": "distinctInstance"}])
    assert len({task["containerInstanceArn"] for task in distinct["tasks"]}) == 3
    for task in packed["tasks"] + distinct["tasks"]:
        cluster.wait_for_task(task["taskArn"], "RUNNING")


def test_a_host_whose_link_is_cut_disturbs_no_other_and_comes_back(three_hosts, gate):
    cluster = three_hosts
    definition = cluster.define(exits_when_told(5), volumes=gate_volume(gate))
    cut_off = cluster.run(definition, placementConstraints=on(0))
    cluster.wait_for_task(cut_off, "RUNNING")
    cluster.host.run("ip", "link", "set", "link0", "down")
    (gate / "go").touch()
    wait_for(lambda: not cluster.agents[0].running(), "the end of the task")
    other = cluster.define(sleeper(), family="other")
    for number in (1, 2):
        cluster.wait_for_task(cluster.run(other, placementConstraints=on(number)), "RUNNING")
    # Placed on the host that can't be reached, for all that the scheduler knows; told later.
    late = cluster.run(other, placementConstraints=on(0))
    assert cluster.task(cut_off)["lastStatus"] == "RUNNING"
    cluster.host.run("ip", "link", "set", "link0", "up")
    cluster.host.run("ip", "route", "add", "203.0.113.10/32", "dev", "link0", "src", SCHEDULER)
    assert cluster.wait_for_task(cut_off, "STOPPED", 60)["containers"][0]["exitCode"] == 5
    cluster.wait_for_task(late, "RUNNING", 60)
    assert len(cluster.agents[0].running()) == 1
