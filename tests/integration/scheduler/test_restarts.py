"""Agents and schedulers that are killed, and come back to what they had."""

import json
import random
import threading
import time

import botocore.exceptions
import pytest

from harness import fault_points
from harness.berth import wait_for
from harness.cluster import AWSVPC, sleeper
from harness.fake_agent import FakeAgent
from harness.recorder import quiet_for

FAULTS = fault_points.collect()
POINTS = [f"{procedure}.{step}" for procedure in ("launch", "net.attach")
          for step in FAULTS[procedure]]
INNER_POINTS = ["shim.listening", *(f"{procedure}.{step}"
                                    for procedure in ("runtime.parent", "runtime.child")
                                    for step in (FAULTS[procedure][0], FAULTS[procedure][-1]))]
FAILED_CALL = (botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError,
               botocore.exceptions.ConnectionError)


def running_pids(site):
    """{task: pids of its containers} of what runs on the host."""
    listed = json.loads(site.host.berth("ps", "--json").stdout)
    return {task["name"]: [one.get("pid") for one in task["containers"]] for task in listed}


def statuses(site, arn):
    return [report["status"] for report in site.recorder.reports(arn)]


def test_a_task_runs_and_stops(site):
    arn = site.run(site.define(sleeper()))
    task = site.wait_for_task(arn, "RUNNING")
    assert task["containers"][0]["lastStatus"] == "RUNNING"
    stopped = site.stop_task(arn)
    assert stopped["stopCode"] == "UserInitiated"
    assert stopped["containers"][0]["exitCode"] == 0
    assert statuses(site, arn) == ["RUNNING", "STOPPED"]


def run_both(site):
    """A task in bridge and one in awsvpc mode; {ARN: how it is described}."""
    plain = site.run(site.define(sleeper(), family="plain"))
    inside = site.run(site.define(sleeper(), family="inside", mode="awsvpc"),
                      networkConfiguration=AWSVPC)
    return {arn: site.wait_for_task(arn, "RUNNING") for arn in (plain, inside)}


def test_an_agent_that_was_killed_adopts_its_tasks_and_repeats_nothing(site):
    before = run_both(site)
    quiet_for(site.recorder, 0.3)  # an agent repeats what it had no time to book as told
    pids, instance = running_pids(site), site.instance["containerInstanceArn"]
    site.restart_agent()
    quiet_for(site.recorder, 1)
    assert {arn: site.task(arn) for arn in before} == before
    assert {arn: statuses(site, arn) for arn in before} == dict.fromkeys(before, ["RUNNING"])
    assert running_pids(site) == pids
    assert [one["containerInstanceArn"] for one in site.instances()] == [instance]
    for arn in before:
        assert site.stop_task(arn)["containers"][0]["exitCode"] == 0
        assert statuses(site, arn) == ["RUNNING", "STOPPED"]


def test_a_task_that_exits_while_the_agent_is_dead_is_reported_with_its_exit_code(site):
    arn = site.run(site.define(sleeper(command=["sh", "-c", "sleep 1; exit 7"])))
    site.wait_for_task(arn, "RUNNING")
    site.agent.kill()
    wait_for(lambda: not running_pids(site), "the end of the task")
    site.agent.start()
    task = site.wait_for_task(arn, "STOPPED")
    assert task["containers"][0]["exitCode"] == 7
    assert task["stopCode"] == "EssentialContainerExited"
    assert statuses(site, arn) == ["RUNNING", "STOPPED"]


def test_a_stop_that_is_ordered_while_the_agent_is_dead_is_carried_out(site):
    arn = site.run(site.define(sleeper()))
    site.wait_for_task(arn, "RUNNING")
    site.agent.kill()
    site.ecs.stop_task(task=arn, reason="enough")
    site.agent.start()
    assert site.wait_for_task(arn, "STOPPED")["stoppedReason"] == "enough"
    assert not running_pids(site)


def test_an_agent_is_killed_at_each_step_of_a_launch(site):
    definition = site.define(sleeper(portMappings=[{"containerPort": 80}]), mode="awsvpc")
    wrong = []
    for point in POINTS:
        site.agent.kill()
        site.agent.start(BERTH_KILL_AT=point)
        site.wait_for_agents()
        arn = site.run(definition, networkConfiguration=AWSVPC)
        wait_for(lambda: not site.agent.alive(), f"death at {point}")
        site.agent.start()
        status = wait_for(lambda: settled(site, arn), f"what becomes of the task killed at {point}")
        running = len(running_pids(site))
        if running != (1 if status == "RUNNING" else 0):
            wrong.append(f"{point}: {status}, and {running} tasks run")
        site.stop_task(arn)
        if statuses(site, arn) not in (["RUNNING", "STOPPED"], ["STOPPED"]):
            wrong.append(f"{point}: reported {statuses(site, arn)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("point", INNER_POINTS)
def test_a_shim_or_container_that_dies_at_a_step_of_its_own_is_reported(site, point):
    site.agent.kill()
    site.agent.start(BERTH_KILL_AT=point)  # which the shim inherits
    site.wait_for_agents()
    arn = site.run(site.define(sleeper()))
    task = site.wait_for_task(arn, "STOPPED")
    assert task["stopCode"] == "TaskFailedToStart" and task["stoppedReason"]
    assert statuses(site, arn) == ["STOPPED"] and site.agent.alive()


def settled(site, arn):
    status = site.task(arn)["lastStatus"]
    return status if status in ("RUNNING", "STOPPED") else None


def test_a_scheduler_that_was_killed_knows_its_tasks_again(site):
    before = run_both(site)
    site.restart_scheduler()
    site.wait_for_agents()
    quiet_for(site.recorder, 1)
    assert {arn: site.task(arn) for arn in before} == before
    assert {arn: statuses(site, arn) for arn in before} == dict.fromkeys(before, ["RUNNING"])
    numbers = site.recorder.sequence_numbers()
    assert numbers == sorted(set(numbers)), "sequence numbers go back"


def test_both_are_killed(site):
    before = run_both(site)
    pids = running_pids(site)
    site.agent.kill()
    site.scheduler.kill()
    site.start_scheduler()
    site.agent.start()
    site.wait_for_agents()
    quiet_for(site.recorder, 1)
    assert running_pids(site) == pids
    assert {arn: site.task(arn) for arn in before} == before
    numbers = site.recorder.sequence_numbers()
    assert numbers == sorted(set(numbers)), "sequence numbers go back"
    for arn in before:
        site.stop_task(arn)
        assert statuses(site, arn) == ["RUNNING", "STOPPED"]


class Caller:
    """Calls run-task without a pause from some threads, through the deaths of the scheduler."""

    def __init__(self, cluster, definition, threads=4):
        self.acknowledged = []
        self._cluster = cluster
        self._definition = definition
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(threads)]
        for each in self._threads:
            each.start()

    def _call(self):
        while not self._done.is_set():
            try:
                answer = self._cluster.ecs.run_task(taskDefinition=self._definition, count=3)
            except FAILED_CALL:
                time.sleep(0.01)  # it is dead, or has no connected agent yet
                continue
            self.acknowledged += [task["taskArn"] for task in answer["tasks"]]

    def end(self):
        self._done.set()
        for each in self._threads:
            each.join()


def all_tasks(ecs):
    tasks, more = [], {}
    while True:
        answer = ecs.list_tasks(**more)
        tasks += answer["taskArns"]
        if not answer.get("nextToken"):
            return set(tasks)
        more = {"nextToken": answer["nextToken"]}


def test_a_scheduler_is_killed_while_tasks_are_run_and_forgets_none_it_has_promised(cluster):
    agent = FakeAgent(cluster).connect()
    definition = cluster.define(sleeper(cpu=1, memory=4))
    caller = Caller(cluster, definition)
    dice = random.Random(6)
    try:
        for _ in range(6):
            promised = len(caller.acknowledged)
            wait_for(lambda: len(caller.acknowledged) > promised, "a call that succeeds")
            time.sleep(dice.uniform(0, 0.3))  # the random moment
            cluster.restart_scheduler()
            agent.connect(send_credentials=False)
    finally:
        caller.end()
    known = all_tasks(cluster.ecs)
    assert caller.acknowledged and not set(caller.acknowledged) - known
    wait_for(lambda: known <= {task["arn"] for payload in agent.of_type("PayloadMessage")
                               for task in payload["tasks"]}, "all tasks reach the agent")
    numbers = [message.get("seqNum", message.get("timeline")) for kind, message in agent.messages
               if kind in ("PayloadMessage", "TaskManifestMessage")]
    assert numbers == sorted(set(numbers)), "sequence numbers go back"
