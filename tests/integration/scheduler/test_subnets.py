"""Subnets of the scheduler with IPv6, and on the hosts' LAN: the addresses it gives are those that tasks have."""

import functools

import pytest

from harness.berth import IMAGE, wait_for
from harness.cluster import Site, use
from harness.host import OUTSIDE_ADDRESS
from harness.network import CONNECTED, HELPER, NO_ANSWER, connect

DUAL = {"subnetId": "subnet-dual", "cidrBlock": "10.20.0.0/24", "ipv6CidrBlock": "fd00:20::/64"}
SIX = {"subnetId": "subnet-six", "ipv6CidrBlock": "fd00:21::/64"}
LAN = {"subnetId": "subnet-lan", "driver": "lan", "parent": "uplink",
       "cidrBlock": "198.51.100.128/26", "gateway": OUTSIDE_ADDRESS}
NOWHERE = {**LAN, "subnetId": "subnet-nowhere", "parent": "none0", "cidrBlock": "198.51.100.192/26"}
GROUP_WEB = {"GroupId": "sg-web", "GroupName": "web", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
     "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                             "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}


@pytest.fixture
def site(ready_host, tmp_path):
    """A scheduler that has these subnets, and one agent that has none of its own."""
    yield from use(ready_host, functools.partial(Site, subnets=[DUAL, SIX, LAN, NOWHERE],
                                                 securityGroups=[GROUP_WEB]), tmp_path)


def web(site):
    return site.define({"name": "a", "image": IMAGE, "memory": 16, "stopTimeout": 1,
                        "command": [HELPER, "listen", "tcp", "80", "::"]}, mode="awsvpc")


def start(site, definition, subnet, **options):
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": ["sg-web"]}}
    return site.run(definition, networkConfiguration=network, **options)


def interface_of(task):
    [interface] = task["containers"][0]["networkInterfaces"]
    return interface


def details_of(task):
    [attachment] = task["attachments"]
    return {detail["name"]: detail["value"] for detail in attachment["details"]}


def inside(site, task, *words):
    """What a command says in the task's container."""
    name = site.agent.tasks()[task["taskArn"].rpartition("/")[2]]["name"]
    return site.host.berth("exec", name, "a", "--", *words, check=False)


def reaches(site, task, address):
    return inside(site, task, HELPER, "connect", "tcp", address, "80", "hello", "1").returncode


def test_tasks_have_the_addresses_of_both_families_that_it_gave(site):
    definition = web(site)
    one, two = (site.wait_for_task(start(site, definition, "subnet-dual"), "RUNNING")
                for _ in range(2))
    given = interface_of(one)
    assert given["privateIpv4Address"].startswith("10.20.0.")
    assert given["ipv6Address"].startswith("fd00:20::")
    assert details_of(one)["privateIPv6Address"] == given["ipv6Address"]
    assert given["ipv6Address"] != interface_of(two)["ipv6Address"]
    seen = inside(site, one, "cat", "/etc/hosts").stdout
    assert given["ipv6Address"] in seen and given["privateIpv4Address"] in seen
    wait_for(lambda: reaches(site, two, given["ipv6Address"]) == CONNECTED, "that it listens")
    assert reaches(site, two, given["privateIpv4Address"]) == CONNECTED


def test_a_task_may_have_ipv6_alone(site):
    definition = web(site)
    one, two = (site.wait_for_task(start(site, definition, "subnet-six"), "RUNNING")
                for _ in range(2))
    given = interface_of(one)
    assert "privateIpv4Address" not in given and "privateIPv4Address" not in details_of(one)
    wait_for(lambda: reaches(site, two, given["ipv6Address"]) == CONNECTED, "that it listens")


def test_an_address_of_ipv6_rests_before_it_is_given_again(site):
    definition = web(site)
    seen = []
    for _ in range(3):
        task = site.wait_for_task(start(site, definition, "subnet-six"), "RUNNING")
        seen.append(interface_of(task)["ipv6Address"])
        site.stop_task(task["taskArn"])
        site.scheduler.kill()
        site.start_scheduler()
        site.wait_for_agents()
    assert len(set(seen)) == 3


def test_the_lan_reaches_a_task_at_the_address_that_it_gave(site):
    task = site.wait_for_task(start(site, web(site), "subnet-lan"), "RUNNING")
    address = interface_of(task)["privateIpv4Address"]
    assert address.startswith("198.51.100.1")
    helper = site.host.program(HELPER)
    wait_for(lambda: connect(site.host.run_outside, helper, address, 80) == CONNECTED, "that it listens")
    assert connect(site.host.run_outside, helper, address, 81) == NO_ANSWER
    site.host.run("ip", "link", "set", "uplink", "down")
    site.host.run("ip", "link", "set", "uplink", "up")
    site.host.run("ip", "route", "add", "default", "via", OUTSIDE_ADDRESS)
    # Only who listens to the kernel sets the proxies again.
    wait_for(lambda: connect(site.host.run_outside, helper, address, 80) == CONNECTED,
             "that it is reached again")


def test_a_host_without_the_parent_says_so(site):
    stopped = site.wait_for_task(start(site, web(site), "subnet-nowhere"), "STOPPED")
    reason = stopped.get("stoppedReason", "") + str(stopped["containers"])
    assert "none0" in reason
