"""Limits of bandwidth, asked for by labels; measured with a real TCP connection."""

import json
import sys

import pytest

from harness.berth import container, definition
from harness.host import OUTSIDE_ADDRESS

RATE = 16_000_000  # bits a second, on the wire
SIZE = 3 << 20
PORT = 7070
CARRIED = 1448 / 1514  # what TCP has of a full packet
# Prints the bits a second at which a connection brings data.
RECEIVER = f"""
import socket, time
with socket.create_server(("{OUTSIDE_ADDRESS}", {PORT})) as server:
    print("ready", flush=True)
    connection, _ = server.accept()
    got, begun = 0, time.monotonic()
    while data := connection.recv(1 << 16):
        got += len(data)
    print(got, got * 8 / (time.monotonic() - begun), flush=True)
"""


def limited(mode="awsvpc", script="sleep 1000", **labels):
    named = {f"berth.bandwidth.{name.replace('_', '-')}": value for name, value in labels.items()}
    return definition(container("main", "sh", "-c", script, dockerLabels=named, stopTimeout=1),
                      mode=mode)


def links(berth):
    """The interfaces of tasks on the host, in order: each before the device that limits it."""
    return sorted(one["ifname"] for one in json.loads(berth.host.run("ip", "-j", "link").stdout)
                  if one["ifname"].startswith("bt"))


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_a_task_sends_at_its_limit(berth, mode):
    receiver = berth.host.popen_outside(sys.executable, "-c", RECEIVER)
    assert receiver.stdout.readline() == "ready\n"
    send = f"head -c {SIZE} /dev/zero | nc {OUTSIDE_ADDRESS} {PORT}"
    done = berth.run(limited(mode, send, egress="16M"))
    assert done.code == 0, done
    got, rate = receiver.communicate(timeout=60)[0].split()
    assert int(got) == SIZE
    assert 0.85 < float(rate) / (RATE * CARRIED) < 1.15


def test_the_limits_are_on_the_host_and_go_with_the_task(berth):
    berth.detach(limited(egress="16M", ingress="1G", ingress_burst="1M"))
    berth.wait_for_status("test", "RUNNING")
    own, sending = links(berth)
    assert sending == own + "i"

    def rate(device):
        [bucket] = [one for one in json.loads(berth.host.run(
            "tc", "-j", "qdisc", "show", "dev", device).stdout) if one["kind"] == "tbf"]
        return bucket["options"]["rate"] * 8
    assert rate(sending) == RATE
    assert rate(own) == 1_000_000_000
    berth("rm", "--force", "test")
    assert not links(berth)


def test_what_can_not_be_is_refused_and_leaves_nothing(berth):
    for task, words in ((limited(egress="fast"), "must be bits a second, such as 100M"),
                        (limited(egres="1M"), "there are berth.bandwidth.egress"),
                        (limited(mode="host", egress="1M"), "networkMode host has no interface"),
                        (limited(mode="none", egress="1M"), "networkMode none has no interface")):
        done = berth.run(task)
        assert done.code != 0
        assert words in done.err
        assert "containerDefinitions[0].dockerLabels[" in done.err
    assert not berth.tasks()
