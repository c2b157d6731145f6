"""berth net trace says what the firewall would do, and berth net inspect what it has done."""

import json

import pytest

from harness.berth import container, definition
from harness.host import HOST_ADDRESS
from harness.network import (CONNECTED, HELPER, NO_ANSWER, address_of, from_outside, from_task,
                             listener, listening, published)

GROUP = {"GroupId": "sg-web", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 7000, "ToPort": 7000, "IpRanges": [{"CidrIp": "172.31.0.0/20"}]}],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}


@pytest.fixture
def pair(berth):
    """`test` in sg-web listens on 7000 and 7001; `other` is in the default group."""
    berth.configure(securityGroups=[GROUP])
    network = berth.write("network.json", {"awsvpcConfiguration": {
        "subnets": ["subnet-default"], "securityGroups": ["sg-web"]}})
    berth.detach(definition(listener("a", 7000), listener("b", 7001), mode="awsvpc"),
                 "--network-configuration", network)
    berth.detach(definition(container("a", HELPER, "sleep", stopTimeout=1), mode="awsvpc"),
                 "--name", "other")
    listening(berth, "test", "a", "b")
    return berth


def trace(berth, *words):
    done = berth("net", "trace", *words, "--json", check=False)
    told = json.loads(done.out)
    assert (done.code == 0) == told["allowed"]
    return told


def test_trace_agrees_with_what_happens(pair):
    address = address_of(pair, "test", "a")
    for port, reach in ((7000, CONNECTED), (7001, NO_ANSWER)):
        assert from_task(pair, "other", "a", address, port) == reach
        assert trace(pair, "other", "test", port)["allowed"] == (reach == CONNECTED)
    told = trace(pair, "other", address, 7000)
    assert told["reasons"] == [
        "sg-default egress[0] lets it out: everything",
        "sg-web ingress[0] lets it in: source 172.31.0.0/20 protocol tcp destination port 7000"]
    assert told["steps"][-1]["chain"] == "sg-web.ingress"
    told = trace(pair, "other", "test", 7001)
    assert (told["end"], told["reasons"][-1]) == ("dropped", "no rule of sg-web lets it in")
    told = trace(pair, "internet", "test", 7000)
    assert (told["end"], told["reasons"]) == ("dropped", ["no rule of sg-web lets it in"])
    assert trace(pair, "test", "169.254.169.254", 80)["end"] == "refused"
    assert trace(pair, "test", "internet", 443)["allowed"]
    text = pair("net", "trace", "other", "test", "7001", check=False).out
    assert f"to      test ({address}), tcp port 7001\n" in text
    assert "not allowed: dropped by chain groups_" in text


def test_trace_follows_a_published_port(berth):
    berth.detach(definition(listener("a", 80, **published(80, 8080)), mode="bridge"))
    listening(berth, "test", "a")
    assert from_outside(berth, 8080) == CONNECTED
    told = trace(berth, "internet", HOST_ADDRESS, 8080)
    assert told["redirectedTo"] == f"{address_of(berth, 'test', 'a')}:80"
    assert told["allowed"] and told["reasons"] == ["bridge mode lets it in"]
    assert not trace(berth, "internet", "test", 80)["allowed"]


def test_trace_refuses_what_it_cannot_find(berth):
    berth.detach(definition(container("a", HELPER, "sleep", stopTimeout=1), mode="host"))
    assert "TO: " in berth.fails("net", "trace", "internet", "nobody", "80")
    assert "test has no address of its own: it has stopped, or is in network mode host" in \
        berth.fails("net", "trace", "test", "internet", "80")
    assert berth("net", "trace", "internet", "test", "0", check=False).code == 2
    assert berth("net", check=False).code == 2


def test_inspect_shows_the_place_and_what_has_passed(pair):
    address = address_of(pair, "test", "a")
    for _ in range(3):
        assert from_task(pair, "other", "a", address, 7001) == NO_ANSWER
    assert from_task(pair, "other", "a", address, 7000) == CONNECTED
    [task] = json.loads(pair("net", "inspect", "test").out)
    [interface] = task["interfaces"].values()
    assert task["networkMode"] == "awsvpc"
    assert interface["privateIpv4Address"] == address
    assert interface["securityGroups"] == ["sg-web"]
    assert interface["dropped"]["ingressPackets"] >= 3
    assert interface["dropped"]["egressPackets"] == 0
    assert interface["counters"]["sent"]["packets"] > 0
    assert interface["counters"]["received"]["bytes"] > 0
    [other] = json.loads(pair("net", "inspect", "other").out)
    [interface] = other["interfaces"].values()
    assert interface["dropped"] == {"ingressPackets": 0, "egressPackets": 0,
                                    "ingressOverFlowLimit": 0, "egressOverFlowLimit": 0}
    assert "nobody" in pair.fails("net", "inspect", "nobody")
