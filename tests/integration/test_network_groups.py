"""berth sg: security groups that change while tasks are in them."""

import json
import subprocess
import sys

import pytest

from harness.berth import definition
from harness.network import CONNECTED, NO_ANSWER, address_of, from_host, listener, listening


@pytest.fixture
def group(berth):
    """sg-app lets TCP port 7000 in; it is gone after the test's tasks are."""
    berth("sg", "create", "app", "--group-id", "sg-app", "--description", "of the test")
    authorize(berth, 7000)
    yield "sg-app"
    berth.clean_up()
    berth("sg", "delete", "app")


def rule(port):
    return ["app", "--protocol", "tcp", "--port", str(port), "--cidr", "0.0.0.0/0"]


def authorize(berth, port):
    assert json.loads(berth("sg", "authorize", *rule(port)).out) == {"Return": True}


def start(berth, group, *names):
    """Tasks in the group that listen on ports 7000 and 7001."""
    network = {"awsvpcConfiguration": {"subnets": ["subnet-default"],
                                        "securityGroups": [group]}}
    path = berth.write("network.json", network)
    for name in names:
        berth.detach(definition(listener("a", 7000), listener("b", 7001), mode="awsvpc"),
                     "--name", name, "--network-configuration", path)
        listening(berth, name, "a", "b")


TALK = """
import socket, sys

talk = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)
print("connected", flush=True)
for line in sys.stdin:
    talk.sendall(line.encode())
    try:
        print("answer" if talk.recv(100) == line.encode() else "end", flush=True)
    except TimeoutError:
        print("silence", flush=True)
"""


class Conversation:
    """A TCP connection from the host to an echo that stays open."""

    def __init__(self, berth, address, port):
        self.program = berth.host.popen(sys.executable, "-c", TALK, address, port,
                                        stdin=subprocess.PIPE)
        assert self.program.stdout.readline() == "connected\n"

    def say(self):
        """What comes back: answer or silence."""
        self.program.stdin.write("hello\n")
        self.program.stdin.flush()
        return self.program.stdout.readline().strip()

    def end(self):
        self.program.kill()
        self.program.communicate()


@pytest.fixture
def talk(berth):
    """Makes conversations, and ends them."""
    made = []

    def start_one(*words):
        made.append(Conversation(berth, *words))
        return made[-1]
    yield start_one
    for one in made:
        one.end()


def describe(berth, *names):
    return json.loads(berth("sg", "describe", *names).out)["SecurityGroups"]


def test_a_revoked_rule_refuses_new_connections_of_running_tasks(berth, group):
    start(berth, group, "one", "two")
    addresses = [address_of(berth, name, "a") for name in ("one", "two")]
    assert [from_host(berth, one, 7000) for one in addresses] == [CONNECTED] * 2
    assert [from_host(berth, one, 7001) for one in addresses] == [NO_ANSWER] * 2
    authorize(berth, 7001)
    assert [from_host(berth, one, 7001) for one in addresses] == [CONNECTED] * 2
    berth("sg", "revoke", *rule(7000))
    assert [from_host(berth, one, 7000) for one in addresses] == [NO_ANSWER] * 2
    start(berth, group, "three")
    assert from_host(berth, address_of(berth, "three", "a"), 7000) == NO_ANSWER
    assert from_host(berth, addresses[0], 7001) == CONNECTED


def test_an_established_connection_lives_until_it_is_cut(berth, group, talk):
    authorize(berth, 7001)
    start(berth, group, "one")
    address = address_of(berth, "one", "a")
    cut, kept = talk(address, 7000), talk(address, 7001)
    berth("sg", "revoke", *rule(7000))
    assert from_host(berth, address, 7000) == NO_ANSWER
    assert [cut.say(), kept.say()] == ["answer", "answer"]
    authorize(berth, 7000)
    assert json.loads(berth("sg", "revoke", *rule(7000), "--cut").out) == {"Return": True,
                                                                          "FlowsCut": 1}
    assert [cut.say(), kept.say()] == ["silence", "answer"]


def test_groups_are_described_as_ec2_does(berth, group):
    berth.configure(securityGroups=[{"GroupId": "sg-web", "GroupName": "web"}])
    [app] = describe(berth, "app")
    assert app == {
        "GroupId": "sg-app", "GroupName": "app", "Description": "of the test",
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 7000, "ToPort": 7000,
                           "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [],
                           "PrefixListIds": [], "UserIdGroupPairs": []}],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                                 "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": [],
                                 "UserIdGroupPairs": []}],
        "Tags": [{"Key": "berth:origin", "Value": "berth sg create"}]}
    origins = {one["GroupId"]: one["Tags"][0]["Value"] for one in describe(berth)}
    assert origins == {"sg-app": "berth sg create", "sg-default": "the configuration",
                       "sg-web": "the configuration"}
    for name in ("web", "sg-default"):
        said = berth.fails("sg", "authorize", name, *rule(80)[1:])
        assert "is of this host's configuration" in said


def test_what_ec2_refuses_is_refused(berth, group):
    assert "InvalidPermission.Duplicate" in berth.fails("sg", "authorize", *rule(7000))
    assert "InvalidPermission.NotFound" in berth.fails("sg", "revoke", *rule(7001))
    assert "InvalidGroup.Duplicate" in berth.fails("sg", "create", "app")
    assert "InvalidGroup.NotFound" in berth.fails("sg", "describe", "sg-none")
    assert "--port" in berth.fails("sg", "authorize", "app", "--protocol", "tcp")
    start(berth, group, "one")
    assert "in use by task one" in berth.fails("sg", "delete", "app")
