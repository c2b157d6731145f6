"""Whatever netlink message a command dies after, the next command leaves nothing of the task.

Here `berth` itself is killed, in every network mode, and recovers as it does in use: by the next
command, from its database. net/kill_test.cpp does the same to the library alone, with traffic.
"""

import json
import os
import random
import signal
import time

import pytest

from harness.berth import container, definition

KILLED = -9
# "lan" is awsvpc in a subnet on the LAN of the uplink.
MODES = ("none", "host", "bridge", "awsvpc", "lan")
LAN = {"subnetId": "subnet-default", "driver": "lan", "parent": "uplink",
       "cidrBlock": "198.51.100.128/26", "gateway": "198.51.100.1"}
GROUP = {"GroupId": "sg-web", "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}
# A death after every so many messages, most of which lie within transactions of nftables, that come
# to nothing wherever they are cut. With BERTH_ROUNDS, as in the long run: after each.
STEP = 1 if "BERTH_ROUNDS" in os.environ else 7
ROUNDS = int(os.environ.get("BERTH_ROUNDS", "12"))


class Site:
    """A host with one task that can be launched again and again."""

    def __init__(self, host, mode, directory):
        self.host = host
        config = directory / "berth.json"
        subnets = [LAN] if mode == "lan" else []
        config.write_text(json.dumps({"subnets": subnets, "securityGroups": [GROUP]}))
        mode = "awsvpc" if mode == "lan" else mode
        network = directory / "network.json"
        network.write_text(json.dumps({"awsvpcConfiguration": {
            "subnets": ["subnet-default"], "securityGroups": ["sg-web", "sg-default"]}}))
        ports = [{"containerPort": 80, "hostPort": 8080},
                 {"containerPort": 53, "hostPort": 5353, "protocol": "udp"}]
        if mode in ("awsvpc", "host"):
            ports = [{**port, "hostPort": port["containerPort"]} for port in ports]
        mappings = {} if mode == "none" else {"portMappings": ports}
        one = container("one", "sleep", "1000", **mappings)
        task = directory / "task.json"
        task.write_text(json.dumps(definition(one, mode=mode)))
        self.options = ["--config", config]
        self.launch = ["run", "--detach", "--name", "it", task]
        if mode == "awsvpc":
            self.launch[1:1] = ["--network-configuration", network]
        self.berth(*self.launch)
        self.berth("rm", "--force", "it")
        self.before = host.dump_at_rest()

    def berth(self, *words, kill=None, codes=(0,)):
        env = os.environ | ({"BERTH_KILL_AT": kill} if kill else {})
        done = self.host.berth(*self.options, *words, check=False, timeout=30, env=env)
        assert done.returncode in codes, (kill, words, done.returncode, done.stdout, done.stderr)
        return done.returncode

    def recover(self, what):
        """By commands that sweep nothing: what they remove they know of."""
        self.berth("ps", "--all")
        self.berth("rm", "--force", "it", codes=(0, 1))
        try:
            self.host.assert_nothing_left(self.before)
        except AssertionError as left:
            raise AssertionError(f"{what}: {left}") from left


@pytest.fixture(params=MODES)
def site(request, host, image, tmp_path):
    if not host.cgroup.path:
        pytest.skip("no cgroup2, by which the processes of tasks are found")
    return Site(host, request.param, tmp_path)


def test_a_launch_dies_after_any_message(site):
    number, code = 0, KILLED
    while code == KILLED:
        # The shim inherits the point: it, or who cleans up after it, may be the one to die.
        code = site.berth(*site.launch, kill=f"netlink.{number}", codes=(0, KILLED))
        site.recover(f"launch, message {number}")
        number += STEP


def test_a_removal_dies_after_any_message(site):
    number, code = 0, KILLED
    while code == KILLED:
        site.berth(*site.launch)
        code = site.berth("rm", "--force", "it", kill=f"netlink.{number}", codes=(0, KILLED))
        site.recover(f"removal, message {number}")
        number += max(1, STEP // 3)


def test_a_launch_or_removal_dies_at_any_time(site):
    dice = random.Random(20261127)
    started = time.monotonic()
    site.berth(*site.launch)
    launch_time = time.monotonic() - started
    for number in range(ROUNDS):
        removal = number % 2 == 1
        if removal:
            site.berth(*site.launch)
        words = ["rm", "--force", "it"] if removal else site.launch
        command = site.host.berth_popen(*site.options, *words)
        pid = command.pid
        delay = dice.uniform(0, 1.2 * launch_time)
        time.sleep(delay)  # the random moment
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has just ended
        command.communicate(timeout=20)
        site.recover(f"round {number}, {words[0]} killed after {delay:.4f} s")
