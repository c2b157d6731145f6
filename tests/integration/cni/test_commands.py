"""What each command does, as the specification has it and as other tools see it."""

import json

import pytest

from harness.berth import container, definition, wait_for
from harness.cni import group
from harness.host import HOST_ADDRESS, OUTSIDE_ADDRESS
from harness.network import CONNECTED, HELPER, NO_ANSWER, REFUSED, connect

VERSIONS = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]


def reach(plugin, source, address, port, protocol="tcp"):
    """The exit code of a connection from a container."""
    return connect(lambda *words, **options: plugin.inside(source, *words, **options),
                   plugin.host.program(HELPER), address, port, protocol)


@pytest.fixture
def listen(host):
    """A function: listens on a port in a container until the test is over."""
    servers = []

    def start(plugin, container, port, protocol="tcp"):
        server = host.popen("nsenter", f"--net={plugin.netns[container]}", host.program(HELPER),
                            "listen", protocol, port)
        servers.append(server)
        assert "listening" in server.stdout.readline()

    yield start
    for server in servers:
        server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_result_says_what_there_is(plugin_for, version):
    plugin = plugin_for(version=version, dns={"nameservers": ["10.0.0.2"]})
    result = plugin.add("one")
    assert result["cniVersion"] == version
    host_end, inside = result["interfaces"]
    assert inside["sandbox"] == str(plugin.netns["one"]) and "sandbox" not in host_end
    [link] = plugin.ip("one", "address", "show", "dev", "eth0")
    assert link["address"] == inside["mac"]
    [address] = [one for one in link["addr_info"] if one["family"] == "inet"]
    [told] = result["ips"]
    assert told["address"] == f"{address['local']}/{address['prefixlen']}"
    assert told["interface"] == 1
    assert told.get("version") == (None if version >= "1.0.0" else "4")
    assert inside.get("mtu") == (link["mtu"] if version >= "1.1.0" else None)
    [route] = plugin.ip("one", "route")
    assert (route["dst"], route["gateway"]) == ("default", told["gateway"])
    assert result["routes"] == [{"dst": "0.0.0.0/0", "gw": told["gateway"]}]
    assert result["dns"] == {"nameservers": ["10.0.0.2"]}
    host_links = plugin.host.run("ip", "link", "show", "dev", host_end["name"]).stdout
    assert host_end["mac"] in host_links


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_added_goes_without_a_trace(plugin_for, host, version):
    plugin = plugin_for(version=version)
    plugin.make_netns("one")
    before = host.dump()
    plugin.add("one", portMappings=[{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}])
    plugin.delete("one")
    host.assert_nothing_left(before)
    wait_for(lambda: len(plugin.ip("one", "link")) == 1, "eth0 goes")


def test_containers_reach_each_other_the_host_and_the_outside(plugin, listen):
    plugin.add("one")
    plugin.add("two")
    listen(plugin, "two", 80)
    assert reach(plugin, "one", plugin.address("two"), 80) == CONNECTED
    assert reach(plugin, "one", HOST_ADDRESS, 80) == REFUSED
    assert reach(plugin, "one", OUTSIDE_ADDRESS, 80) == REFUSED
    plugin.delete("two")
    assert reach(plugin, "one", plugin.address("one"), 80) == REFUSED


def test_a_published_port_leads_into_the_container(plugin, host, listen):
    plugin.add("one", portMappings=[
        {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
        {"hostPort": 8053, "containerPort": 53, "protocol": "udp", "hostIP": ""}])
    listen(plugin, "one", 80)
    listen(plugin, "one", 53, "udp")
    helper = host.program(HELPER)
    assert connect(host.run_outside, helper, HOST_ADDRESS, 8080) == CONNECTED
    assert connect(host.run_outside, helper, HOST_ADDRESS, 8053, "udp") == CONNECTED
    assert connect(host.run, helper, "127.0.0.1", 8080) == CONNECTED
    plugin.delete("one")
    assert connect(host.run_outside, helper, HOST_ADDRESS, 8080) == REFUSED


def test_a_port_is_published_once(plugin, host):
    mapping = [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]
    plugin.add("one", portMappings=mapping)
    plugin.make_netns("two")
    before = host.dump()
    document = plugin.document("ADD", capabilities={"portMappings": mapping})
    done = plugin.call("ADD", document, container="two")
    assert done.code == 1 and done.out["code"] == 100
    assert "host port 8080/tcp" in done.out["msg"]
    host.assert_nothing_left(before)


def test_groups_let_in_what_they_name_alone(plugin_for, listen):
    plugin = plugin_for(securityGroups=[group("sg-web", 80)])
    plugin.add("one")
    plugin.add("two")
    listen(plugin, "two", 80)
    listen(plugin, "two", 81)
    assert reach(plugin, "one", plugin.address("two"), 80) == CONNECTED
    assert reach(plugin, "one", plugin.address("two"), 81) == NO_ANSWER


def test_a_group_may_name_the_members_of_another_networks(plugin_for, listen):
    web = plugin_for(name="web", block="10.1.0.0/24", securityGroups=[group("sg-web")])
    from_web = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
                "UserIdGroupPairs": [{"GroupId": "sg-web"}]}
    database = plugin_for(name="db", block="10.2.0.0/24", securityGroups=[
        {"GroupId": "sg-db", "IpPermissions": [from_web], "IpPermissionsEgress": []}])
    other = plugin_for(name="other", block="10.3.0.0/24")
    for plugin, container in ((web, "w"), (database, "d"), (other, "o")):
        plugin.add(container)
    listen(database, "d", 5432)
    assert reach(web, "w", database.address("d"), 5432) == CONNECTED
    assert reach(other, "o", database.address("d"), 5432) == NO_ANSWER


def test_a_second_interface_serves_its_own_routes(plugin_for, listen):
    first = plugin_for(name="first", block="10.1.0.0/24")
    second = plugin_for(name="second", block="10.2.0.0/24", routes=[{"dst": "10.2.0.0/24"}],
                        mtu=1400)
    first.add("one")
    second.netns["one"] = first.netns["one"]
    second.add("one", "net1")
    second.add("two")
    routes = {route["dst"]: route["dev"] for route in first.ip("one", "route")}
    assert routes == {"default": "eth0", "10.2.0.0/24": "net1"}
    [link] = first.ip("one", "link", "show", "dev", "net1")
    assert link["mtu"] == 1400
    listen(second, "two", 80)
    assert reach(first, "one", second.address("two"), 80) == CONNECTED
    assert second.check("one", "net1") == (0, None)
    second.delete("one", "net1")
    assert first.check("one") == (0, None)
    del second.netns["one"]


def test_addresses_and_macs_can_be_asked_for(plugin):
    result = plugin.add("one", ips=["10.88.7.7/16"], mac="02:00:00:00:00:07")
    assert result["ips"][0]["address"] == "10.88.7.7/32"
    assert result["interfaces"][1]["mac"] == "02:00:00:00:00:07"
    assert plugin.add("two", args="IgnoreUnknown=1;IP=10.88.7.8")["ips"][0]["address"] == (
        "10.88.7.8/32")
    plugin.make_netns("three")
    document = plugin.document("ADD", capabilities={"ips": ["10.88.7.7"]})
    done = plugin.call("ADD", document, container="three")
    assert (done.code, done.out["code"]) == (1, 102)


def test_dns_of_the_runtime_prevails(plugin_for):
    plugin = plugin_for(dns={"nameservers": ["10.0.0.2"], "domain": "d"})
    result = plugin.add("one", dns={"servers": ["10.0.0.3"], "searches": ["s"]})
    assert result["dns"] == {"nameservers": ["10.0.0.3"], "domain": "d", "search": ["s"]}


def test_add_twice_is_refused_and_harms_nothing(plugin):
    plugin.add("one")
    done = plugin.call("ADD", plugin.document("ADD"), container="one")
    assert (done.code, done.out["code"]) == (1, 101)
    assert plugin.check("one") == (0, None)


def test_del_needs_no_namespace_no_result_and_no_add(plugin, host):
    plugin.delete("never")
    before = host.dump()
    plugin.add("gone")
    plugin.end_netns("gone")
    plugin.results.clear()
    plugin.delete("gone", netns="")
    plugin.delete("gone", netns="/nowhere")
    host.assert_nothing_left(before)


def test_del_does_not_mind_what_has_become_of_the_configuration(plugin, host):
    plugin.make_netns("one")
    before = host.dump()
    plugin.add("one")
    plugin.config |= {"subnets": "none", "bridge": "cni0"}
    plugin.delete("one")
    host.assert_nothing_left(before)


def test_a_container_may_come_back_at_once(plugin):
    for _ in range(5):
        plugin.add("one")
        plugin.delete("one")
    plugin.add("one")
    assert plugin.check("one") == (0, None)


def test_an_interface_may_have_any_name(plugin):
    plugin.add("one", "wan.7")
    assert [link["ifname"] for link in plugin.ip("one", "link")] == ["lo", "wan.7"]
    assert plugin.check("one", "wan.7") == (0, None)


@pytest.mark.parametrize("harm, complaint", [
    ("nsenter --net={netns} ip address flush dev eth0", "eth0 has no address"),
    ("nsenter --net={netns} ip route delete default", "eth0 has no route"),
    ("nsenter --net={netns} ip link set eth0 down", "eth0 is down"),
    ("ip link delete {host_end}", "the container has no interface eth0"),
    ("ip route flush proto 66", "the host has no route"),
    ("nft delete element inet berth masqueraded {{ {address} }}", "masqueraded lacks"),
    ("nft flush map inet berth ports", "ports lacks host port 8080/tcp"),
    ("nft flush ruleset", "no table inet berth"),
    ("umount {netns}", "namespace"),
])
def test_check_says_what_is_missing(plugin, host, harm, complaint):
    mappings = [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]
    result = plugin.add("one", portMappings=mappings)
    assert plugin.check("one", portMappings=mappings) == (0, None)
    host.run("sh", "-c", harm.format(netns=plugin.netns["one"], address=plugin.address("one"),
                                     host_end=result["interfaces"][0]["name"]))
    done = plugin.check("one", portMappings=mappings)
    assert (done.code, done.out["code"]) == (1, 103)
    assert complaint in done.out["msg"]
    if harm.startswith("umount"):
        del plugin.netns["one"]


def test_check_reads_the_earlier_result(plugin):
    plugin.add("one")
    plugin.results["one", "eth0"]["ips"][0]["address"] = "10.88.9.9/32"
    assert plugin.check("one").out["code"] == 103
    plugin.results.clear()
    assert plugin.check("one").out["code"] == 7
    plugin.make_netns("two")
    assert plugin.check("two").out["code"] == 3


def test_gc_removes_all_that_is_not_named(plugin_for, host):
    plugin, other = plugin_for(), plugin_for(name="other", block="10.2.0.0/24")
    other.add("elsewhere")
    plugin.add("stays")
    before = host.dump()
    for number in range(3):
        plugin.add(f"goes-{number}", portMappings=[
            {"hostPort": 8000 + number, "containerPort": 80, "protocol": "tcp"}])
    plugin.end_netns("goes-0")
    plugin.collect_garbage(("stays", "eth0"), ("stays", "eth1"), ("unheard-of", "eth0"))
    for container in ("goes-1", "goes-2"):
        plugin.end_netns(container)
    host.assert_nothing_left(before)
    assert plugin.check("stays") == (0, None)
    assert other.check("elsewhere") == (0, None)


def test_gc_leaves_the_attachments_of_tasks_alone_and_tasks_those_of_cni(plugin, host, image,
                                                                         tmp_path):
    plugin.add("one")
    task = tmp_path / "task.json"
    task.write_text(json.dumps(definition(container("a", "sleep", "60"), mode="bridge")))
    host.berth("run", "--detach", "--name", "task", task)
    plugin.collect_garbage(("one", "eth0"))
    wait_for(lambda: "RUNNING" in host.berth("ps").stdout, "the task to run")
    links = host.run("ip", "-o", "link").stdout
    assert ": bt" in links and ": bc" in links
    host.berth("rm", "--force", "--all")
    assert plugin.check("one") == (0, None)
    assert ": bt" not in host.run("ip", "-o", "link").stdout


def test_status_tells_whether_there_is_an_address_to_give(plugin_for):
    plugin = plugin_for(block="10.88.0.0/28")
    assert plugin.call("STATUS", plugin.document("STATUS")) == (0, None)
    for number in range(11):
        plugin.add(f"c{number}")
    done = plugin.call("STATUS", plugin.document("STATUS"))
    assert (done.code, done.out["code"]) == (1, 50)
    plugin.make_netns("one-more")
    done = plugin.call("ADD", plugin.document("ADD"), container="one-more")
    assert (done.code, done.out["code"]) == (1, 11)


def test_version_tells_all_it_knows(plugin):
    for document, version in (("", "1.1.0"), ({"cniVersion": "0.4.0"}, "0.4.0")):
        done = plugin.call("VERSION", document)
        assert done == (0, {"cniVersion": version, "supportedVersions": VERSIONS})


@pytest.mark.parametrize("change, code, word", [
    ({"cniVersion": "0.2.0"}, 1, "0.2.0"),
    ({"ipam": {"type": "host-local"}}, 2, "ipam"),
    ({"runtimeConfig": {"bandwidth": {"ingressRate": 8}}}, 2, "bandwidth"),
    ({"subnets": [{"cidrBlock": "10.88.0.0/33"}]}, 7, "subnets[0]"),
    ({"runtimeConfig": {"portMappings": [{"hostPort": 1, "containerPort": 1,
                                          "hostIP": "here"}]}}, 7, "hostIP"),
    ({"runtimeConfig": {"portMappings": [{"hostPort": 1, "containerPort": 1,
                                          "hostIP": "192.0.2.1"}]}}, 100, "the host has no such address"),
])
def test_what_is_refused_leaves_nothing(plugin, host, change, code, word):
    plugin.make_netns("one")
    before = host.dump()
    done = plugin.call("ADD", {**plugin.document("ADD"), **change}, container="one")
    assert (done.code, done.out["code"]) == (1, code)
    assert word in done.out["msg"]
    host.assert_nothing_left(before, timeout=0)


def test_calls_without_sense_have_their_codes(plugin):
    document = plugin.document("ADD")
    plugin.make_netns("one")
    assert plugin.call("DANCE", document).out["code"] == 4
    assert plugin.call("ADD", document).out["code"] == 4
    assert plugin.call("ADD", document, container="a/b").out["code"] == 4
    assert plugin.call("ADD", "{", container="one").out["code"] == 6
    assert plugin.call("ADD", document, container="one", netns="/nowhere").out["code"] == 3
    assert plugin.call("ADD", document, container="one", netns="/dev/null").out["code"] == 4
    assert plugin.call("ADD", document, container="one", netns="/proc/1/ns/net").out["code"] == 4
    assert plugin.call("ADD", document, container="one", netns="/proc/1/ns/mnt").out["code"] == 4
    assert plugin.call("GC", document).out["code"] == 7
