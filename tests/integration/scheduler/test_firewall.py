"""berthd guards the host's firewall, and is the only one to do so in its network namespace."""

import time

from harness import dump
from harness.berth import wait_for
from harness.cluster import Program, sleeper

FLUSHES = 50
SHORT = 0.1  # seconds until the table must be back


def nft(site, *words):
    return site.host.run("nft", *words, check=False)


def rules(site):
    """Both tables, whichever was made first; nothing if one is missing."""
    tables = [nft(site, "-s", "list", "table", "inet", table) for table in ("berth", "berth_agent")]
    return all(one.returncode == 0 for one in tables) and [dump.rules(one.stdout) for one in tables]


def cpu_ticks(program):
    fields = open(f"/proc/{program.running.pid}/stat").read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_flushes_are_mended_and_told(site):
    site.wait_for_task(site.run(site.define(sleeper(portMappings=[{"containerPort": 80}]))),
                       "RUNNING")
    before = rules(site)
    took = []
    for _ in range(FLUSHES):
        nft(site, "flush", "ruleset")
        began = time.monotonic()
        wait_for(lambda: rules(site), "that the firewall comes back", 5)
        took.append(time.monotonic() - began)
    # Polling takes two runs of nft, on a machine that may be busy: the median tells of ours.
    assert sorted(took)[FLUSHES // 2] < SHORT, took
    assert rules(site) == before
    told = site.agent.program.log.read_text().count("the whole table; restored in")
    assert told == FLUSHES
    nft(site, "delete", "table", "inet", "berth_agent")
    wait_for(lambda: rules(site), "that the way to the agent comes back", 5)
    nft(site, "flush", "chain", "inet", "berth", "forward")
    wait_for(lambda: rules(site) == before, "that the chain comes back", 5)
    assert site.agent.program.said("2 rules of forward; restored in")
    # It does not answer itself for ever.
    told = site.agent.program.log.read_text().count("restored in")
    ticks = cpu_ticks(site.agent.program)
    time.sleep(1)  # in which an idle agent has next to nothing to do
    assert cpu_ticks(site.agent.program) - ticks < 10
    assert site.agent.program.log.read_text().count("restored in") == told


def test_a_flush_while_the_agent_is_away_is_mended_when_it_comes(site):
    site.wait_for_task(site.run(site.define(sleeper())), "RUNNING")
    before = rules(site)
    site.agent.kill()
    nft(site, "flush", "chain", "inet", "berth", "source_check")
    site.agent.start()
    site.wait_for_agents()
    assert rules(site) == before
    assert site.agent.program.said("rules of source_check; restored in")


def test_a_second_agent_with_other_state_is_refused(site):
    site.wait_for_task(site.run(site.define(sleeper())), "RUNNING")
    before = rules(site)
    second = Program(site.host, site.directory / "second-agent.log",
                     [site.host.program("berthd"), "--root", "/tmp/other-root", "--run-dir",
                      "/tmp/other-run"], site.agent.env)
    assert second.running.wait(20) == 1
    assert "another berthd, with another state directory, has this network namespace" in \
        second.log.read_text()
    assert rules(site) == before
    site.host.run("rm", "-rf", "/tmp/other-root", "/tmp/other-run")
