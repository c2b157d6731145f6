"""Subnets on a LAN: tasks with addresses of the host's own network, here that of its uplink."""

import json

import pytest

from harness.berth import container, definition
from harness.host import HOST_ADDRESS, OUTSIDE_ADDRESS
from harness.network import (CONNECTED, HELPER, NO_ANSWER, address_of, connect, from_host,
                             from_task, ip_inside, listener, listening)

GROUP_WEB = {"GroupId": "sg-web", "GroupName": "web", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    "IpPermissionsEgress": []}
LAN = {"subnetId": "subnet-lan", "driver": "lan", "parent": "uplink",
       "cidrBlock": "198.51.100.128/26", "gateway": OUTSIDE_ADDRESS}
FREE_ADDRESS = "198.51.100.77"


@pytest.fixture
def lan(berth):
    """The command line, with that subnet as the first."""
    berth.configure(subnets=[LAN], securityGroups=[GROUP_WEB])
    return berth


def in_web(berth):
    network = {"awsvpcConfiguration": {"subnets": ["subnet-lan"], "securityGroups": ["sg-web"]}}
    return ["--network-configuration", berth.write("network.json", network)]


def from_lan(berth, address, port):
    """From another machine of the LAN, which has no route but that to the LAN itself."""
    return connect(berth.host.run_outside, berth.host.program(HELPER), address, port)


def proxies(berth):
    done = berth.host.run("ip", "-j", "neigh", "show", "proxy")
    return {entry["dst"] for entry in json.loads(done.stdout or "[]")}


def test_a_task_has_an_address_of_the_lan(lan):
    lan.detach(definition(listener("a", 80), listener("b", 81), mode="awsvpc"), *in_web(lan))
    listening(lan, "test", "a", "b")
    address = address_of(lan, "test", "a")
    assert address.startswith("198.51.100.1")
    assert from_lan(lan, address, 80) == CONNECTED
    assert from_lan(lan, address, 81) == NO_ANSWER
    assert from_host(lan, address, 80) == CONNECTED
    [default] = [one for one in ip_inside(lan, "test", "a", "route") if one["dst"] == "default"]
    assert default["gateway"] == OUTSIDE_ADDRESS
    assert proxies(lan) == {address}
    lan("stop", "test")
    assert proxies(lan) == set()


def test_it_speaks_to_the_lan_under_its_own_address_as_far_as_its_groups_let_it(lan):
    lan.detach(definition(container("a", HELPER, "sleep", stopTimeout=1), mode="awsvpc"))
    lan.detach(definition(container("a", HELPER, "sleep", stopTimeout=1), mode="awsvpc"),
               "--name", "shut", *in_web(lan))
    server = lan.host.popen_outside(lan.host.program(HELPER), "listen", "tcp", "7000",
                                    OUTSIDE_ADDRESS)
    try:
        assert "listening" in server.stdout.readline()
        assert from_task(lan, "test", "a", OUTSIDE_ADDRESS, 7000) == CONNECTED
        assert from_task(lan, "shut", "a", OUTSIDE_ADDRESS, 7000) == NO_ANSWER
    finally:
        server.kill()
        server.communicate()


def test_groups_hold_between_tasks_of_the_lan(lan):
    lan.detach(definition(listener("a", 80), listener("b", 81), mode="awsvpc"), *in_web(lan))
    lan.detach(definition(listener("a", 7000), mode="awsvpc"), "--name", "member")
    lan.detach(definition(listener("a", 7000), mode="awsvpc"), "--name", "peer")
    listening(lan, "test", "a", "b")
    listening(lan, "peer", "a")
    web, peer = address_of(lan, "test", "a"), address_of(lan, "peer", "a")
    assert from_task(lan, "member", "a", web, 80) == CONNECTED
    assert from_task(lan, "member", "a", web, 81) == NO_ANSWER
    assert from_task(lan, "member", "a", peer, 7000) == CONNECTED
    assert from_task(lan, "test", "a", peer, 7000) == NO_ANSWER
    assert from_lan(lan, peer, 7000) == NO_ANSWER


def test_a_task_that_rules_its_namespace_takes_no_other_address(lan):
    lan.detach(definition(listener("a", 80), mode="awsvpc"), *in_web(lan))
    listening(lan, "test", "a")
    inside = ["nsenter", "-t", lan.containers("test")["a"]["pid"], "-n"]
    lan.host.run(*inside, "ip", "address", "add", f"{FREE_ADDRESS}/24", "dev", "eth0")
    lan.host.run(*inside, "ip", "address", "add", f"{HOST_ADDRESS}/24", "dev", "eth0")
    assert from_lan(lan, FREE_ADDRESS, 80) == NO_ANSWER
    known = lan.host.run_outside("ip", "-j", "neigh", "show", FREE_ADDRESS)
    assert "lladdr" not in known.stdout
    assert from_lan(lan, address_of(lan, "test", "a"), 80) == CONNECTED


def test_what_cannot_be_is_refused_with_its_reason(lan):
    task = definition(container("a", HELPER, "sleep"), mode="awsvpc")
    lan.configure(subnets=[{**LAN, "driver": "macvlan"}])
    assert "subnets[0].driver: macvlan is not possible" in lan.run(task).err
    lan.configure(subnets=[{**LAN, "parent": "eth7"}])
    assert "subnet subnet-lan: the host has no interface eth7" in lan.run(task).err
    lan.configure(subnets=[{**LAN, "gateway": "198.51.100.9"}])
    assert ("the gateway is 198.51.100.9, but the host's default route leads by "
            f"{OUTSIDE_ADDRESS}") in lan.run(task).err
