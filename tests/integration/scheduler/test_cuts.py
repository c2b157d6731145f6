"""The network between agent and scheduler is cut for a while: nothing is lost by it."""

import time

from harness.berth import wait_for
from harness.cluster import AWSVPC, exits_when_told, gate_volume, sleeper
from harness.recorder import quiet_for


def test_a_task_that_exits_while_nothing_comes_through_is_reported_afterwards(site, gate):
    arn = site.run(site.define(exits_when_told(9), volumes=gate_volume(gate)))
    kept = site.run(site.define(sleeper(), family="kept", mode="awsvpc"),
                    networkConfiguration=AWSVPC)
    for each in (arn, kept):
        site.wait_for_task(each, "RUNNING")
    site.recorder.stall()
    (gate / "go").touch()
    wait_for(lambda: len(site.agent.running()) == 1, "the end of the task")
    assert site.task(arn)["lastStatus"] == "RUNNING"  # the scheduler can't know better
    site.recorder.resume()
    assert site.wait_for_task(arn, "STOPPED")["containers"][0]["exitCode"] == 9
    assert site.task(kept)["lastStatus"] == "RUNNING"
    assert [one["status"] for one in site.recorder.reports(arn)] == ["RUNNING", "STOPPED"]


def test_all_connections_break_and_are_made_anew(site, gate):
    arn = site.run(site.define(exits_when_told(4), volumes=gate_volume(gate)))
    site.wait_for_task(arn, "RUNNING")
    for _ in range(3):
        site.recorder.hang_up()
        wait_for(lambda: not site.instance["agentConnected"], "that the agent is missed")
        site.wait_for_agents()
    assert site.task(arn)["lastStatus"] == "RUNNING"
    other = site.run(site.define(sleeper()))
    site.wait_for_task(other, "RUNNING")
    (gate / "go").touch()
    assert site.wait_for_task(arn, "STOPPED")["containers"][0]["exitCode"] == 4
    numbers = site.recorder.sequence_numbers()
    assert numbers == sorted(set(numbers))


def test_answers_that_get_lost_make_no_report_count_twice(site, gate):
    site.recorder.swallow_answers = True
    arn = site.run(site.define(exits_when_told(2), volumes=gate_volume(gate)))
    task = site.wait_for_task(arn, "RUNNING")
    site.recorder.hang_up()
    wait_for(lambda: len(site.recorder.reports(arn, "RUNNING")) >= 2, "the report again")
    assert site.task(arn)["version"] == task["version"]
    site.recorder.swallow_answers = False
    site.recorder.hang_up()
    (gate / "go").touch()
    stopped = site.wait_for_task(arn, "STOPPED")
    assert stopped["containers"][0]["exitCode"] == 2
    assert stopped["startedAt"] == task["startedAt"]
    quiet_for(site.recorder, 0.5)
    assert len(site.recorder.reports(arn, "STOPPED")) == 1


def test_a_scheduler_that_is_away_for_a_while_hears_of_all_when_it_is_back(site, gate):
    arns = [site.run(site.define(exits_when_told(code), volumes=gate_volume(gate),
                                 family=f"exits-{code}")) for code in (1, 2, 3)]
    for arn in arns:
        site.wait_for_task(arn, "RUNNING")
    site.scheduler.kill()
    (gate / "go").touch()
    wait_for(lambda: not site.agent.running(), "the end of the tasks")
    time.sleep(4)  # for waits between tries that would be felt
    site.start_scheduler()
    site.wait_for_agents()
    for code, arn in zip((1, 2, 3), arns):
        assert site.wait_for_task(arn, "STOPPED", timeout=3)["containers"][0]["exitCode"] == code
