"""Where tasks go among several agents, and when they may not go anywhere."""

import json
from collections import Counter

import pytest

from harness.berth import wait_for
from harness.cluster import sleeper
from harness.fake_agent import FakeAgent

SMALL, LARGE = 1024, 4096


@pytest.fixture
def three(cluster):
    """Connected agents: two small ones, of which one is in another rack, and a large one."""
    return [FakeAgent(cluster, attributes={"rack": rack}, memory=memory, cpu=4096).connect()
            for rack, memory in (("a", SMALL), ("b", SMALL), ("a", LARGE))]


@pytest.fixture
def definition(cluster, three):
    return cluster.define(sleeper(cpu=64, memory=128))


def places(answer):
    return Counter(task["containerInstanceArn"] for task in answer["tasks"])


def run(cluster, definition, count, strategy=(), constraints=()):
    return cluster.ecs.run_task(taskDefinition=definition, count=count,
                                placementStrategy=list(strategy),
                                placementConstraints=list(constraints))


def test_spread_evens_out(cluster, three, definition):
    answer = run(cluster, definition, 6, [{"type": "spread", "field": "instanceId"}])
    assert sorted(places(answer).values()) == [2, 2, 2]


def test_spread_over_an_attribute_evens_out_its_values(cluster, three, definition):
    answer = run(cluster, definition, 6, [{"type": "spread", "field": "attribute:rack"}])
    assert places(answer)[three[1].arn] == 3


def test_binpack_fills_the_fullest_first(cluster, three, definition):
    answer = run(cluster, definition, 10, [{"type": "binpack", "field": "memory"}])
    assert places(answer)[three[2].arn] == 0
    assert sorted(places(answer).values()) == [2, 8]  # a small one holds eight


def test_distinct_instance_takes_each_once(cluster, three, definition):
    answer = run(cluster, definition, 4, constraints=[{"type": "distinctInstance"}])
    assert sorted(places(answer).values()) == [1, 1, 1]
    assert len(answer["failures"]) == 1


@pytest.mark.parametrize("expression, allowed", [
    ("attribute:rack == b", {1}),
    ("attribute:rack in [a, c]", {0, 2}),
    ("not(attribute:rack == b) and registeredAt > 2020-01-01", {0, 2}),
    ("attribute:rack =~ [bc]", {1}),
    ("attribute:rack == nowhere", set()),
])
def test_member_of_keeps_to_what_the_expression_says(cluster, three, definition, expression,
                                                     allowed):
    answer = run(cluster, definition, 4, constraints=[{"type": "memberOf",
                                                       "expression": expression}])
    used = {number for number, agent in enumerate(three) if places(answer)[agent.arn]}
    assert used <= allowed and bool(answer["tasks"]) == bool(allowed)
    assert len(answer["tasks"]) + len(answer["failures"]) == 4


def test_agents_are_told_of_their_own_tasks_alone(cluster, three, definition):
    answer = run(cluster, definition, 9, [{"type": "spread", "field": "instanceId"}])
    for agent in three:
        own = {task["taskArn"] for task in answer["tasks"]
               if task["containerInstanceArn"] == agent.arn}
        wait_for(lambda: own == {task["arn"] for payload in agent.of_type("PayloadMessage")
                                 for task in payload["tasks"]}, "the payloads")


def test_what_does_not_fit_is_a_failure_and_fits_again_later(cluster, three, definition):
    huge = cluster.define(sleeper(cpu=64, memory=LARGE - 100), family="huge")
    arn = cluster.run(huge)
    answer = cluster.ecs.run_task(taskDefinition=huge)
    assert not answer["tasks"]
    assert {failure["reason"] for failure in answer["failures"]} == {"RESOURCE:MEMORY"}
    three[2].report(arn, "STOPPED", ("main", "STOPPED", 0))
    assert cluster.run(huge)


def test_a_host_port_is_given_once_a_host(cluster, three):
    web = cluster.define(sleeper(cpu=1, memory=4, portMappings=[{"containerPort": 80,
                                                                 "hostPort": 8080}]))
    answer = run(cluster, web, 4)
    assert sorted(places(answer).values()) == [1, 1, 1]
    assert [failure["reason"] for failure in answer["failures"]] == ["RESOURCE:PORTS"]


def test_an_agent_that_is_not_connected_gets_nothing(cluster, three, definition):
    three[0].close()
    three[1].close()
    wait_for(lambda: sum(one["agentConnected"] for one in cluster.instances()) == 1,
             "that the agents are missed")
    assert set(places(run(cluster, definition, 4))) == {three[2].arn}
    three[2].close()
    wait_for(lambda: not any(one["agentConnected"] for one in cluster.instances()), "the last")
    answer = run(cluster, definition, 1)
    assert {failure["reason"] for failure in answer["failures"]} == {"AGENT"}


def test_a_draining_instance_keeps_its_tasks_and_takes_no_new_ones(site):
    definition = site.define(sleeper())
    kept = site.run(definition)
    site.wait_for_task(kept, "RUNNING")
    instance = site.instance["containerInstanceArn"]
    site.ecs.update_container_instances_state(containerInstances=[instance], status="DRAINING")
    answer = site.ecs.run_task(taskDefinition=definition)
    assert not answer["tasks"] and answer["failures"]
    assert site.instance["status"] == "DRAINING"
    site.restart_agent()
    assert site.instance["status"] == "DRAINING"
    assert site.task(kept)["lastStatus"] == "RUNNING"
    site.ecs.update_container_instances_state(containerInstances=[instance], status="ACTIVE")
    site.wait_for_task(site.run(definition), "RUNNING")


def test_a_task_waits_for_a_port_that_another_task_has_on_the_host(site, tmp_path):
    web = sleeper(portMappings=[{"containerPort": 80, "hostPort": 8080}])
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"family": "own", "networkMode": "bridge",
                                "containerDefinitions": [web]}))
    # Of the host's operator: the scheduler does not know of it.
    site.host.berth("run", "--detach", "--name", "own", path)
    arn = site.run(site.define(web))
    wait_for(lambda: site.agent.program.said("waits"), "that the task waits")
    assert site.task(arn)["lastStatus"] == "PENDING"
    other = site.run(site.define(sleeper(), family="other"))
    site.wait_for_task(other, "RUNNING")
    site.host.berth("rm", "--force", "own")
    site.wait_for_task(arn, "RUNNING")
    assert site.ecs.run_task(taskDefinition="test")["failures"][0]["reason"] == "RESOURCE:PORTS"


def test_a_task_that_waits_can_be_stopped(site, tmp_path):
    web = sleeper(portMappings=[{"containerPort": 80, "hostPort": 8080}])
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"family": "own", "networkMode": "bridge",
                                "containerDefinitions": [web]}))
    site.host.berth("run", "--detach", "--name", "own", path)
    arn = site.run(site.define(web))
    wait_for(lambda: site.agent.program.said("waits"), "that the task waits")
    site.restart_agent()
    assert site.stop_task(arn)["stopCode"] == "UserInitiated"
    site.host.berth("rm", "--force", "own")


def test_a_deregistered_hosts_tasks_go_on_and_its_agent_is_told(site):
    arn = site.run(site.define(sleeper()))
    site.wait_for_task(arn, "RUNNING")
    site.ecs.deregister_container_instance(
        containerInstance=site.instance["containerInstanceArn"], force=True)
    wait_for(lambda: site.agent.program.said("InactiveInstanceException"), "the agent hears of it")
    assert site.instances() == [] and site.agent.alive()
    assert len(site.agent.running()) == 1
    assert site.task(arn)["stoppedReason"] == "Host deregistered"
    [task] = site.agent.tasks().values()
    site.agent.stop()
    site.host.berth("rm", "--force", task["name"])
