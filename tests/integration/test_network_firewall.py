"""Somebody flushes the host's nftables while tasks run: it is noticed, restored and told."""

import time

from harness import dump
from harness.berth import container, definition, wait_for
from harness.network import (CONNECTED, HELPER, NO_ANSWER, address_of, from_host, from_task, listener,
                             listening, published)

SHORT = 0.1  # seconds until the table must be back


def nft(berth, *words):
    return berth.host.run("nft", *words, check=False)


def seconds_until_back(berth):
    """Polls nft itself, which takes a few milliseconds each time."""
    began = time.monotonic()
    wait_for(lambda: nft(berth, "list", "chain", "inet", "berth", "forward").returncode == 0,
             "that the firewall comes back", 5)
    return time.monotonic() - began


def test_a_foreground_run_restores_what_was_flushed(berth):
    run = berth.start(definition(listener("a", 7000), mode="awsvpc"))
    wait_for(lambda: berth.tasks().get("test", {}).get("lastStatus") == "RUNNING", "test RUNNING")
    berth.detach(definition(container("b", HELPER, "sleep", stopTimeout=1), mode="bridge"),
                 "--name", "stranger")
    listening(berth, "test", "a")
    address = address_of(berth, "test", "a")
    before = dump.rules(nft(berth, "-s", "list", "ruleset").stdout)
    assert from_task(berth, "stranger", "b", address, 7000) == NO_ANSWER
    nft(berth, "flush", "ruleset")
    assert seconds_until_back(berth) < SHORT
    assert dump.rules(nft(berth, "-s", "list", "ruleset").stdout) == before
    assert from_task(berth, "stranger", "b", address, 7000) == NO_ANSWER
    berth("stop", "test")
    _, errors = run.communicate()
    assert "was changed by nft (pid " in errors and "the whole table; restored in" in errors


def test_without_anybody_who_watches_the_next_command_restores(berth):
    berth.detach(definition(listener("a", 80, **published(80, 8080)), mode="bridge"))
    listening(berth, "test", "a")
    before = dump.rules(nft(berth, "-s", "list", "ruleset").stdout)
    for flush in (["flush", "ruleset"], ["delete", "table", "inet", "berth"]):
        nft(berth, *flush)
        assert from_host(berth, "198.51.100.2", 8080) != CONNECTED
        done = berth("ps")
        assert "the whole table; restored in" in done.err
        assert dump.rules(nft(berth, "-s", "list", "ruleset").stdout) == before
        assert from_host(berth, "198.51.100.2", 8080) == CONNECTED


def test_what_ends_while_there_is_no_table_leaves_nothing(berth):
    berth.detach(definition(listener("a", 7000), mode="awsvpc"))
    berth.detach(definition(listener("a", 7000), mode="awsvpc"), "--name", "other")
    listening(berth, "test", "a")
    nft(berth, "flush", "ruleset")
    berth("rm", "--force", "test")
    assert nft(berth, "list", "table", "inet", "berth").returncode == 0  # the other's
    nft(berth, "flush", "ruleset")
    berth("rm", "--force", "other")
