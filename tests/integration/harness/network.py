"""What the network tests ask: who reaches whom, and what is where."""

import json

from harness import dump
from harness.berth import container, wait_for
from harness.host import HOST_ADDRESS

HELPER = "berth-test-helper"
CONNECTED, REFUSED, NO_ANSWER = 0, 1, 2  # exit codes of `berth-test-helper connect`


def listener(name, port, protocol="tcp", address="0.0.0.0", **fields):
    """A container that echoes on that port."""
    return container(name, HELPER, "listen", protocol, str(port), address, stopTimeout=1, **fields)


def published(container_port, host_port=0, protocol="tcp"):
    return {"portMappings": [{"containerPort": container_port, "hostPort": host_port,
                              "protocol": protocol}]}


def connect(run, helper, address, port, protocol="tcp", text="hello"):
    """The exit code of a connection; that the answer is right if there is one."""
    done = run(helper, "connect", protocol, address, str(port), text, "1", check=False)
    assert done.returncode != CONNECTED or done.stdout == f"{text}\n"
    return done.returncode


def from_host(berth, address, port, protocol="tcp"):
    return connect(berth.host.run, berth.host.program(HELPER), address, port, protocol)


def from_outside(berth, port, protocol="tcp"):
    return connect(berth.host.run_outside, berth.host.program(HELPER), HOST_ADDRESS, port,
                   protocol)


def from_task(berth, task, name, address, port, protocol="tcp"):
    berth.wait_for_status(task, "RUNNING")  # before that exec fails with REFUSED's code
    done = berth("exec", task, name, "--", HELPER, "connect", protocol, address, str(port),
                 "hello", "1", check=False)
    assert done.code != CONNECTED or done.out == "hello\n"
    return done.code


def ip_inside(berth, task, name, *words):
    """What `ip -j` says in a container's network namespace."""
    berth.wait_for_status(task, "RUNNING")
    pid = berth.containers(task)[name]["pid"]
    done = berth.host.run("nsenter", "-t", pid, "-n", "ip", "-j", *words)
    return json.loads(done.stdout or "[]")


def addresses_inside(berth, task, name):
    """{interface: its IPv4 addresses}"""
    return {link["ifname"]: [f"{address['local']}/{address['prefixlen']}"
                             for address in link["addr_info"] if address["family"] == "inet"]
            for link in ip_inside(berth, task, name, "address")}


def address_of(berth, task, name):
    return berth.containers(task)[name]["networkInterfaces"][0]["privateIpv4Address"]


def ipv6_of(berth, task, name):
    return berth.containers(task)[name]["networkInterfaces"][0]["ipv6Address"]


def port_of(berth, task, name):
    [binding] = berth.containers(task)[name]["networkBindings"]
    return binding["hostPort"]


def listening(berth, task, *names):
    """Waits until the containers accept connections."""
    for name in names:
        wait_for(lambda: "listening" in berth("logs", task, name).out, f"{name} listens")


def nft_comments(berth):
    """The owners of all elements in the firewall."""
    ruleset = json.loads(berth.host.run("nft", "-j", "list", "ruleset").stdout)["nftables"]
    elements = [element for item in ruleset for thing in item.values()
                if thing.get("name") not in dump.FILLED_SETS for element in thing.get("elem", [])]
    # Those of maps are pairs, of key and value.
    keys = [element[0] if isinstance(element, list) else element for element in elements]
    return {key["elem"].get("comment") for key in keys if isinstance(key, dict) and "elem" in key}
