"""The network modes none, host and bridge, with real connections."""

import contextlib
import signal
import sys

import pytest

from harness.berth import container, definition, depends
from harness.host import HOST_ADDRESS, OUTSIDE_ADDRESS
from harness.network import (CONNECTED, HELPER, NO_ANSWER, REFUSED, address_of, addresses_inside,
                             connect, from_host, from_outside, from_task, ip_inside, listener,
                             listening, port_of, published)


# -- none -----------------------------------------------------------------------------------------

def test_none_has_a_loopback_interface_alone(berth):
    berth.detach(definition(listener("a", 7000), listener("b", 7000)))
    assert addresses_inside(berth, "test", "a") == {"lo": ["127.0.0.1/8"]}
    assert ip_inside(berth, "test", "a", "route") == []
    listening(berth, "test", "a", "b")  # both on one port: each has a network of its own
    assert from_task(berth, "test", "a", "127.0.0.1", 7000) == CONNECTED
    assert from_task(berth, "test", "a", OUTSIDE_ADDRESS, 7000) not in (CONNECTED, REFUSED)


# -- host -----------------------------------------------------------------------------------------

def test_host_mode_is_the_hosts_network(berth):
    task = definition(listener("a", 7001, **published(7001)), mode="host")
    berth.detach(task)
    listening(berth, "test", "a")
    assert addresses_inside(berth, "test", "a")["uplink"] == [f"{HOST_ADDRESS}/24"]
    assert from_outside(berth, 7001) == CONNECTED
    assert from_host(berth, "127.0.0.1", 7001) == CONNECTED
    assert port_of(berth, "test", "a") == 7001
    hostname = berth.host.run("hostname").stdout
    assert berth("exec", "test", "a", "--", "hostname").out == hostname


def test_host_mode_reserves_its_ports(berth):
    task = definition(listener("a", 7001, **published(7001)), mode="host")
    berth.detach(task)
    done = berth.run(task)
    assert done.code == 125
    assert done.err.endswith("RESOURCE:PORTS: tcp port 7001 is taken by task test\n")


# -- bridge ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("host_port", [8080, 0], ids=["static", "dynamic"])
def test_bridge_publishes_ports(berth, protocol, host_port):
    berth.detach(definition(listener("a", 7000, protocol, **published(7000, host_port, protocol)),
                            mode="bridge"))
    listening(berth, "test", "a")
    port = port_of(berth, "test", "a")
    assert port == 8080 if host_port else port >= 32768
    assert from_outside(berth, port, protocol) == CONNECTED
    assert from_host(berth, HOST_ADDRESS, port, protocol) == CONNECTED
    assert from_host(berth, "127.0.0.1", port, protocol) == CONNECTED
    assert from_outside(berth, 7000, protocol) != CONNECTED  # the container's own port is not


def ranged(first, last, protocol):
    return {"portMappings": [{"containerPortRange": f"{first}-{last}", "protocol": protocol}]}


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_bridge_publishes_a_range_of_ports(berth, protocol):
    """Each port of it at one of as many host ports in a row."""
    berth.detach(definition(listener("low", 7000, protocol, **ranged(7000, 7009, protocol)),
                            listener("high", 7009, protocol, **ranged(7000, 7009, protocol)),
                            mode="bridge"))
    listening(berth, "test", "low", "high")
    rows = {}
    for name in ("low", "high"):
        [binding] = berth.containers("test")[name]["networkBindings"]
        assert binding["containerPortRange"] == "7000-7009"
        first, last = map(int, binding["hostPortRange"].split("-"))
        assert last - first == 9
        rows[name] = range(first, last + 1)
    assert not set(rows["low"]) & set(rows["high"])
    assert from_outside(berth, rows["low"][0], protocol) == CONNECTED
    assert from_outside(berth, rows["high"][9], protocol) == CONNECTED
    assert from_outside(berth, rows["high"][0], protocol) != CONNECTED
    low = rows["low"]
    assert f"{low[0]}-{low[-1]}->7000-7009/{protocol}" in berth("ps").out


def test_a_range_of_ports_is_given_back(berth):
    """The host has few to give."""
    berth.host.run("sh", "-c", "echo 41000 41009 > /proc/sys/net/ipv4/ip_local_port_range")
    task = definition(listener("a", 7000, **ranged(7000, 7009, "tcp")), mode="bridge")
    for _ in range(2):
        berth.detach(task)
        refused = berth.run(task, "--name", "other")
        assert refused.code == 125 and "no row of 10 host ports" in refused.err
        assert "other" not in berth.tasks()
        berth("rm", "--force", "test")


def test_published_ports_may_obey_the_hosts_own_input_rules(berth):
    berth.configure(publishedPorts={"obeyInput": True})
    berth.detach(definition(listener("a", 80, **published(80, 18080)), mode="bridge"))
    listening(berth, "test", "a")
    assert from_outside(berth, 18080) == CONNECTED
    berth.host.run("nft", "add table inet own; add chain inet own input { type filter hook input priority 0; };"
                   " add rule inet own input tcp dport 18080 drop")
    try:
        assert from_outside(berth, 18080) == NO_ANSWER
        assert from_host(berth, "127.0.0.1", 18080) == CONNECTED
    finally:
        berth.host.run("nft", "delete table inet own")
    assert from_outside(berth, 18080) == CONNECTED


def test_bridge_containers_have_networks_of_their_own_and_reach_each_other(berth):
    berth.detach(definition(listener("a", 7000), listener("b", 7000), mode="bridge"))
    listening(berth, "test", "a", "b")
    other = address_of(berth, "test", "b")
    assert other != address_of(berth, "test", "a")
    assert addresses_inside(berth, "test", "b") == {"lo": ["127.0.0.1/8"], "eth0": [f"{other}/32"]}
    assert from_task(berth, "test", "a", other, 7000) == CONNECTED
    assert from_task(berth, "test", "a", other, 7999) == REFUSED
    assert from_task(berth, "test", "a", "127.0.0.1", 7000) == CONNECTED  # its own


def test_bridge_reaches_a_published_port_of_another_task_and_its_own(berth):
    berth.detach(definition(listener("a", 7000, **published(7000, 8080)), mode="bridge"))
    berth.detach(definition(listener("b", 7000), mode="bridge"), "--name", "other")
    listening(berth, "test", "a")
    assert from_task(berth, "other", "b", HOST_ADDRESS, 8080) == CONNECTED
    assert from_task(berth, "test", "a", HOST_ADDRESS, 8080) == CONNECTED


def test_links_name_the_other_container(berth):
    done = berth.run(definition(
        container("web", "sh", "-c", "grep database /etc/hosts; echo hello | nc database 7000",
                  links=["db:database"], **depends(("db", "HEALTHY"))),
        listener("db", 7000, healthCheck={
            "command": ["CMD", HELPER, "connect", "tcp", "127.0.0.1", "7000"]}),
        mode="bridge"))
    hosts, answer = done.lines("web")
    assert hosts.split()[1:] == ["database", "db"]
    assert answer == "hello"


SHOW_PEER = """
import socket, sys
listener = socket.create_server((sys.argv[1], 9000))
print("ready", flush=True)
peer, address = listener.accept()
peer.sendall(peer.recv(100))
print(address[0], flush=True)
"""


@contextlib.contextmanager
def outside_listener(berth):
    """A server at the other end of the uplink, which prints who came."""
    server = berth.host.popen_outside(sys.executable, "-c", SHOW_PEER, OUTSIDE_ADDRESS)
    try:
        assert server.stdout.readline() == "ready\n"
        yield server
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
        server.stdout.close()


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_the_outside_sees_the_hosts_address(berth, mode):
    with outside_listener(berth) as server:
        done = berth.run(definition(
            container("a", HELPER, "connect", "tcp", OUTSIDE_ADDRESS, "9000", "out"), mode=mode))
        assert (done.code, done.lines("a")) == (0, ["out"]), done
        assert server.stdout.readline() == f"{HOST_ADDRESS}\n"


def test_the_outside_does_not_reach_what_is_not_published(berth):
    berth.detach(definition(listener("a", 7000), mode="bridge"))
    listening(berth, "test", "a")
    address = address_of(berth, "test", "a")
    berth.host.run_outside("ip", "route", "add", f"{address}/32", "via", HOST_ADDRESS)
    try:
        assert connect(berth.host.run_outside, berth.host.program(HELPER), address, 7000) \
            == NO_ANSWER
    finally:
        berth.host.run_outside("ip", "route", "del", f"{address}/32")


def test_disable_networking(berth):
    berth.detach(definition(listener("a", 7000, disableNetworking=True), mode="bridge"))
    assert addresses_inside(berth, "test", "a") == {"lo": ["127.0.0.1/8"]}


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_port_belongs_to_one_task(berth, protocol):
    task = definition(listener("a", 7000, protocol, **published(7000, 8080, protocol)),
                      mode="bridge")
    berth.detach(task)
    done = berth.run(task)
    assert done.code == 125
    assert done.err.endswith(
        f"berth: run task test-2: reserve: RESOURCE:PORTS: {protocol} port 8080 is taken by task "
        "test\n")
    berth("stop", "test")
    berth.detach(task, "--name", "again")  # free again


def test_a_port_that_the_host_uses_is_refused(berth):
    program = berth.host.popen(berth.host.program(HELPER), "listen", "tcp", "8080")
    try:
        assert program.stdout.readline() == "listening\n"
        done = berth.run(definition(listener("a", 7000, **published(7000, 8080)), mode="bridge"))
        assert done.code == 125
        assert done.err.endswith("berth: run task test: hold ports: host port 8080/tcp is in use "
                                 "by another program or task\n")
    finally:
        program.kill()
        program.communicate()


def test_a_published_port_is_held_against_the_host(berth):
    berth.detach(definition(listener("a", 7000, **published(7000, 8080)), mode="bridge"))
    done = berth.host.run(berth.host.program(HELPER), "listen", "tcp", "8080", check=False)
    assert "Address already in use" in done.stderr
