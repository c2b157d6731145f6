"""A cut of real length; shorter ones are in test_cuts.py."""

import time

from harness.berth import wait_for
from harness.cluster import exits_when_told, gate_volume, sleeper

FIVE_MINUTES = 300


def test_five_minutes_without_a_packet(site, gate):
    """By a firewall, so that nobody is told; it takes some six minutes."""
    arn = site.run(site.define(exits_when_told(6), volumes=gate_volume(gate)))
    kept = site.run(site.define(sleeper(), family="kept"))
    for each in (arn, kept):
        site.wait_for_task(each, "RUNNING")
    pids = [task["containers"][0]["pid"] for task in site.agent.running()]
    assert len(pids) == 2
    port = site.recorder.port
    site.host.run("nft", "table inet cut { chain both { type filter hook input priority -300; "
                  f"tcp dport {port} drop; tcp sport {port} drop; }}; }}")
    began = time.monotonic()
    (gate / "go").touch()
    wait_for(lambda: not site.instance["agentConnected"], "that the agent is missed", 180)
    assert site.task(arn)["lastStatus"] == "RUNNING"
    time.sleep(max(0, FIVE_MINUTES - (time.monotonic() - began)))
    site.host.run("nft", "delete table inet cut")
    site.wait_for_agents(timeout=180)
    assert site.wait_for_task(arn, "STOPPED", 10)["containers"][0]["exitCode"] == 6
    assert site.task(kept)["lastStatus"] == "RUNNING"
    assert [task["containers"][0]["pid"] for task in site.agent.running()][0] in pids
