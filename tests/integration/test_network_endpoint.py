"""The way from tasks to the agent's endpoint, with a small web server in the agent's place."""

import signal
import sys

import pytest

from harness.berth import container, definition
from harness.host import HOST_ADDRESS
from harness.network import (HELPER, NO_ANSWER, REFUSED, address_of, connect, from_task, listener,
                             listening)

AGENT = "169.254.170.2"
SUBNET = {"subnetId": "subnet-lab", "cidrBlock": "10.20.0.0/24"}
MUTE = {"GroupId": "sg-mute", "GroupName": "mute", "IpPermissions": [], "IpPermissionsEgress": []}

SHOW_PEER = """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.client_address[0].encode() + b"\\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("169.254.170.2", 51679), Handler)
print("ready", flush=True)
server.serve_forever()
"""


@pytest.fixture
def way(berth):
    """The way is open, though nobody is at its end."""
    berth.host.run("mkdir", "-p", "/run/berth")
    berth.host.run(berth.host.program("berth-endpoint-helper"), "open")
    yield
    berth.clean_up()
    berth.host.run(berth.host.program("berth-endpoint-helper"), "close")


@pytest.fixture
def agent(berth, way):
    """A server that answers with the address of who asks."""
    server = berth.host.popen(sys.executable, "-c", SHOW_PEER)
    assert server.stdout.readline() == "ready\n"
    yield
    server.signal(signal.SIGKILL)
    server.communicate()


def sleeper(name="a"):
    return container(name, HELPER, "sleep", stopTimeout=1)


def seen_as(berth, task, name):
    """As whom the agent sees a container."""
    ask = f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 {AGENT} 80"
    return berth("exec", task, name, "--", "sh", "-c", ask).out.splitlines()[-1]


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_a_task_is_seen_under_its_own_address(berth, agent, mode):
    berth.detach(definition(sleeper(), sleeper("b"), mode=mode))
    berth.wait_for_status("test", "RUNNING")
    for name in ("a", "b"):
        assert seen_as(berth, "test", name) == address_of(berth, "test", name)
    assert from_task(berth, "test", "a", "169.254.169.254", 80) == REFUSED
    assert from_task(berth, "test", "a", AGENT, 51679) == REFUSED


def test_a_task_in_host_mode_is_seen_as_the_host(berth, agent):
    berth.detach(definition(sleeper(), mode="host"))
    berth.wait_for_status("test", "RUNNING")
    assert seen_as(berth, "test", "a") == AGENT


def test_a_group_that_lets_nothing_out_does_not_block_it(berth, agent):
    berth.configure(subnets=[SUBNET], securityGroups=[MUTE])
    network = {"awsvpcConfiguration": {"subnets": ["subnet-lab"], "securityGroups": ["sg-mute"]}}
    berth.detach(definition(sleeper(), mode="awsvpc"), "--network-configuration",
                 berth.write("network.json", network))
    berth.wait_for_status("test", "RUNNING")
    assert from_task(berth, "test", "a", HOST_ADDRESS, 22) == NO_ANSWER
    assert seen_as(berth, "test", "a") == address_of(berth, "test", "a")


def test_the_outside_does_not_reach_it(berth, agent):
    berth.host.run_outside("ip", "route", "add", f"{AGENT}/32", "via", HOST_ADDRESS)
    try:
        helper = berth.host.program(HELPER)
        assert connect(berth.host.run_outside, helper, AGENT, 80) == NO_ANSWER
        assert connect(berth.host.run_outside, helper, AGENT, 51679) == NO_ANSWER
        assert connect(berth.host.run_outside, helper, HOST_ADDRESS, 51679) == REFUSED
    finally:
        berth.host.run_outside("ip", "route", "del", f"{AGENT}/32")


def test_a_task_that_borrows_anothers_address_gets_no_answer(berth, agent):
    berth.detach(definition(sleeper(), mode="bridge"))
    berth.detach(definition(sleeper(), mode="bridge"), "--name", "victim")
    berth.wait_for_status("test", "RUNNING")
    stolen = address_of(berth, "victim", "a")
    pid = berth.containers("test")["a"]["pid"]
    inside = ("nsenter", "-t", pid, "-n", "ip")
    berth.host.run(*inside, "address", "add", f"{stolen}/32", "dev", "eth0")
    berth.host.run(*inside, "route", "replace", f"{AGENT}/32", "via",
                   gateway(berth, inside), "dev", "eth0", "onlink", "src", stolen)
    assert from_task(berth, "test", "a", AGENT, 80) == NO_ANSWER


def gateway(berth, inside):
    return berth.host.run(*inside, "route", "show", "default").stdout.split()[2]


def test_without_an_agent_it_is_refused_at_once(berth):
    for mode in ("bridge", "awsvpc"):
        berth.detach(definition(sleeper(), mode=mode), "--name", mode)
        berth.wait_for_status(mode, "RUNNING")
        assert from_task(berth, mode, "a", AGENT, 80) == REFUSED


def test_a_killed_agent_is_refused_at_once(berth, way):
    berth.detach(definition(listener("a", 7000), mode="bridge"))
    listening(berth, "test", "a")
    assert from_task(berth, "test", "a", AGENT, 80) == REFUSED
