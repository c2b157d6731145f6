"""The network mode awsvpc: tasks with addresses and security groups of their own."""

import json

from harness.berth import container, definition
from harness.network import (CONNECTED, HELPER, NO_ANSWER, REFUSED, address_of, addresses_inside,
                             from_host, from_task, ip_inside, listener, listening, nft_comments)

GROUP_WEB = {"GroupId": "sg-web", "GroupName": "web", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}
SUBNET = {"subnetId": "subnet-lab", "cidrBlock": "10.20.0.0/24"}


def in_groups(berth, *groups):
    """The options for a task in those groups."""
    network = {"awsvpcConfiguration": {"subnets": ["subnet-lab"], "securityGroups": list(groups)}}
    return ["--network-configuration", berth.write("network.json", network)]


def test_awsvpc_gives_the_task_an_address_and_mac_of_its_own(berth):
    berth.configure(subnets=[SUBNET])
    berth.detach(definition(listener("a", 7000), container("b", HELPER, "sleep", stopTimeout=1),
                            mode="awsvpc"))
    details = {one["name"]: one["value"]
               for one in berth.inspect("test")["attachments"][0]["details"]}
    address = details["privateIPv4Address"]
    assert details["subnetId"] == "subnet-lab"
    assert address.startswith("10.20.0.")
    assert addresses_inside(berth, "test", "a") == {"lo": ["127.0.0.1/8"],
                                                    "eth0": [f"{address}/32"]}
    [link] = [one for one in ip_inside(berth, "test", "b", "link") if one["ifname"] == "eth0"]
    assert link["address"] == details["macAddress"]
    [default] = [one for one in ip_inside(berth, "test", "a", "route") if one["dst"] == "default"]
    assert default["gateway"] == "10.20.0.1"
    assert len([one for one in json.loads(berth.host.run("ip", "-j", "link").stdout)
                if one["ifname"].startswith("bt")]) == 1
    hostname = berth("exec", "test", "a", "--", "hostname").out
    assert hostname == f"ip-{address.replace('.', '-')}\n"


def test_awsvpc_containers_share_localhost(berth):
    berth.detach(definition(listener("a", 7000), container("b", HELPER, "sleep", stopTimeout=1),
                            mode="awsvpc"))
    listening(berth, "test", "a")
    assert from_task(berth, "test", "b", "127.0.0.1", 7000) == CONNECTED


def test_the_default_group_lets_its_members_in_and_nobody_else(berth):
    berth.configure(subnets=[SUBNET], securityGroups=[GROUP_WEB])
    berth.detach(definition(listener("a", 7000), mode="awsvpc"))
    berth.detach(definition(listener("a", 7000), mode="awsvpc"), "--name", "member")
    berth.detach(definition(listener("a", 7000), mode="awsvpc"), "--name", "stranger",
                 *in_groups(berth, "sg-web"))
    listening(berth, "test", "a")
    address = address_of(berth, "test", "a")
    assert from_task(berth, "member", "a", address, 7000) == CONNECTED
    assert from_task(berth, "stranger", "a", address, 7000) == NO_ANSWER
    assert from_host(berth, address, 7000) == NO_ANSWER
    tasks = berth.tasks()
    ids = {tasks[name]["taskArn"].rpartition("/")[2] for name in tasks}
    assert ids <= nft_comments(berth)
    berth("stop", "member")
    assert ids - nft_comments(berth) == {tasks["member"]["taskArn"].rpartition("/")[2]}


def test_a_group_rule_lets_in_its_port_alone(berth):
    berth.configure(subnets=[SUBNET], securityGroups=[GROUP_WEB])
    berth.detach(definition(listener("a", 80), listener("b", 81), mode="awsvpc"),
                 *in_groups(berth, "sg-web"))
    berth.detach(definition(listener("a", 7000), mode="awsvpc"), "--name", "other")
    listening(berth, "test", "a", "b")
    address = address_of(berth, "test", "a")
    assert from_host(berth, address, 80) == CONNECTED
    assert from_host(berth, address, 81) == NO_ANSWER
    assert from_task(berth, "other", "a", address, 80) == CONNECTED
    assert from_task(berth, "other", "a", address, 81) == NO_ANSWER


def test_port_mappings_publish_nothing_in_awsvpc_mode(berth):
    berth.detach(definition(listener("a", 7000, portMappings=[{"containerPort": 7000}]),
                            mode="awsvpc"))
    listening(berth, "test", "a")
    assert from_host(berth, "127.0.0.1", 7000) == REFUSED
    assert berth.containers("test")["a"]["networkBindings"] == []


def test_twenty_tasks_at_once_get_twenty_addresses(berth):
    berth.detached = True
    path = berth.write("task.json", definition(container("a", HELPER, "exit-on-term", "0"),
                                               mode="awsvpc"))
    started = [berth.host.berth_popen("run", "--detach", "--name", f"t{number}", path)
               for number in range(20)]
    for program in started:
        _, err = program.communicate()
        assert program.wait() == 0, err
    addresses = {address_of(berth, f"t{number}", "a") for number in range(20)}
    assert len(addresses) == 20
    links = json.loads(berth.host.run("ip", "-j", "link").stdout)
    assert len([one for one in links if one["ifname"].startswith("bt")]) == 20
    berth("stop", *(f"t{number}" for number in range(20)))
