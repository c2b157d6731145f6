"""IPv6 in the network modes that have an interface: beside IPv4, or alone."""

from harness.berth import definition
from harness.network import (CONNECTED, NO_ANSWER, REFUSED, address_of, from_host, from_task,
                             ip_inside, ipv6_of, listener, listening, published)

DUAL = {"subnetId": "subnet-dual", "cidrBlock": "10.20.0.0/24", "ipv6CidrBlock": "fd00:20::/64"}
ONLY = {"subnetId": "subnet-six", "ipv6CidrBlock": "fd00:21::/64"}
GROUP_WEB = {"GroupId": "sg-web", "GroupName": "web", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}


def in_subnet(berth, subnet, *groups):
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": list(groups)}}
    return ["--network-configuration", berth.write(f"{subnet}.json", network)]


def all_addresses(berth, task, name):
    """{interface: its addresses of both families}"""
    return {link["ifname"]: [address["local"] for address in link["addr_info"]]
            for link in ip_inside(berth, task, name, "address")}


def test_a_task_has_both_families_and_its_groups_hold_for_both(berth):
    berth.configure(subnets=[DUAL], securityGroups=[GROUP_WEB])
    berth.detach(definition(listener("a", 80, address="::"), mode="awsvpc"),
                 *in_subnet(berth, "subnet-dual", "sg-web"))
    berth.detach(definition(listener("a", 7000, address="::"), mode="awsvpc"), "--name", "other",
                 *in_subnet(berth, "subnet-dual"))
    listening(berth, "test", "a")
    ipv4, ipv6 = address_of(berth, "test", "a"), ipv6_of(berth, "test", "a")
    assert ipv6.startswith("fd00:20::")
    assert all_addresses(berth, "test", "a")["eth0"] == [ipv4, ipv6]
    assert from_task(berth, "other", "a", ipv6, 80) == CONNECTED
    assert from_task(berth, "other", "a", ipv4, 80) == NO_ANSWER
    assert from_host(berth, ipv6, 80) == CONNECTED
    hosts = berth("exec", "test", "a", "--", "cat", "/etc/hosts").out
    assert f"{ipv6}\t" in hosts and f"{ipv4}\t" in hosts


def test_a_task_may_have_ipv6_alone(berth):
    berth.configure(subnets=[ONLY])
    berth.detach(definition(listener("a", 80, address="::"), mode="awsvpc"))
    berth.detach(definition(listener("a", 80, address="::"), mode="awsvpc"), "--name", "peer")
    listening(berth, "test", "a")
    [interface] = berth.containers("test")["a"]["networkInterfaces"]
    assert "privateIpv4Address" not in interface
    assert from_task(berth, "peer", "a", interface["ipv6Address"], 80) == CONNECTED
    details = {one["name"] for one in berth.inspect("test")["attachments"][0]["details"]}
    assert "ipv6Address" in details and "privateIPv4Address" not in details
    # Nothing but the agent's endpoint and the resolver, where there is no agent.
    assert from_task(berth, "test", "a", "169.254.170.2", 80) == REFUSED
    assert from_task(berth, "test", "a", "169.254.170.53", 53) == REFUSED
    routes = {route["dst"] for route in ip_inside(berth, "test", "a", "route")}
    assert routes == {"169.254.170.2", "169.254.170.53"}


def test_published_ports_are_there_in_both_families(berth):
    berth.configure(bridge={"ipv6CidrBlock": "fd00:240::/64"})
    berth.detach(definition(listener("a", 80, address="::", **published(80, 18080)),
                            listener("b", 81, address="::"), mode="bridge"))
    listening(berth, "test", "a")
    assert from_task(berth, "test", "b", ipv6_of(berth, "test", "a"), 80) == CONNECTED
    assert from_host(berth, "127.0.0.1", 18080) == CONNECTED
    assert from_host(berth, "fd00:240::1", 18080) == CONNECTED
