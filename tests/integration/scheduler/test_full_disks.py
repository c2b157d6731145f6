"""Disks that are full, on either side; and state that somebody else has."""

import botocore.exceptions
import pytest

from harness.berth import wait_for
from harness.cluster import STATE, Cluster, Program, sleeper
from harness.fake_agent import FakeAgent

FILL = "dd if=/dev/zero of={0} bs=4k 2>/dev/null; true"


def fill(host, directory):
    host.run("sh", "-c", FILL.format(f"{directory}/filler"))


def make_room(host, directory):
    host.run("rm", f"{directory}/filler")


@pytest.fixture
def small_store(ready_host, tmp_path):
    """A scheduler whose state is on a file system of four MiB, and no agent."""
    host, before = ready_host.get()
    host.run("mkdir", "-p", STATE)
    host.run("mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "small", STATE)
    try:
        with Cluster(host, before, tmp_path) as made:
            yield made.start_scheduler()
    finally:
        host.run("umount", STATE)
    host.assert_nothing_left(before)


def code_of(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def tasks_there(cluster):
    return set(cluster.ecs.list_tasks()["taskArns"])


def test_a_scheduler_without_room_promises_nothing_and_goes_on_with_room(small_store):
    cluster = small_store
    agent = FakeAgent(cluster).connect()
    definition = cluster.define(sleeper(cpu=1, memory=4))
    kept = cluster.run(definition)
    agent.expect_task(kept)
    fill(cluster.host, STATE)
    promised, refused = {kept}, 0
    for _ in range(400):  # the last pages of the store's own files may take some
        try:
            answer = cluster.ecs.run_task(taskDefinition=definition, count=10)
            promised |= {task["taskArn"] for task in answer["tasks"]}
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "ServerException", error
            refused += 1
            if refused == 5:
                break
    assert refused == 5 and cluster.scheduler.alive()
    # Reading goes on, and shows no half of what was refused.
    assert {task["taskArn"] for task in
            cluster.ecs.describe_tasks(tasks=[kept])["tasks"]} == {kept}
    counted = cluster.instances()[0]["pendingTasksCount"] + cluster.instances()[0][
        "runningTasksCount"]
    assert counted == len(promised)
    assert code_of(cluster.ecs.register_task_definition, family="new",
                   containerDefinitions=[sleeper()]) == "ServerException"
    make_room(cluster.host, STATE)
    wait_for(lambda: works(cluster, definition, promised), "that it works again")
    cluster.restart_scheduler()
    agent.connect(send_credentials=False)
    instance = cluster.instances()[0]
    assert instance["pendingTasksCount"] + instance["runningTasksCount"] == len(promised)
    assert cluster.define(sleeper(), family="new") == "new:1"
    sent = {task["arn"] for payload in agent.of_type("PayloadMessage") for task in payload["tasks"]}
    assert sent <= promised
    numbers = [message.get("seqNum", message.get("timeline")) for kind, message in agent.messages
               if kind in ("PayloadMessage", "TaskManifestMessage")]
    assert numbers == sorted(set(numbers))


def works(cluster, definition, promised):
    try:
        promised.add(cluster.run(definition))
        return True
    except botocore.exceptions.ClientError:
        return False


@pytest.fixture
def small_site(site):
    """An agent whose root is a file system with little room left."""
    site.agent.stop()
    root = "/var/lib/berth"
    site.host.run("sh", "-c", f"mkdir /run/berth/small && mount -t tmpfs -o size=24m small "
                  f"/run/berth/small && cp -a {root}/images {root}/berth.db* /run/berth/small/")
    agent = site.agent
    agent.words = ["--root", "/run/berth/small", "--run-dir", "/run/berth/small-run"]
    agent.start()
    site.wait_for_agents()
    yield site
    agent.stop()
    site.host.run("sh", "-c", "umount /run/berth/small && rm -r /run/berth/small*")


def test_an_agent_without_room_reports_the_task_as_stopped_and_goes_on(small_site):
    site = small_site
    definition = site.define(sleeper())
    fill(site.host, "/run/berth/small")
    refused = site.run(definition)
    answer = wait_for(lambda: ended_or_waiting(site, refused), "a decision", 40)
    assert site.agent.alive()
    if answer == "STOPPED":
        assert site.task(refused)["stoppedReason"]
    make_room(site.host, "/run/berth/small")
    arn = site.run(definition)
    site.wait_for_task(arn, "RUNNING", 40)
    for each in {arn, refused}:
        site.stop_task(each, 40)
    wait_for(lambda: not site.agent.tasks(), "that the agent forgets its tasks")


def ended_or_waiting(site, arn):
    """Refused, so that it is told again; or reported."""
    if site.task(arn)["lastStatus"] == "STOPPED":
        return "STOPPED"
    return "refused" if "No space left" in site.agent.log.read_text() or \
        "is full" in site.agent.log.read_text() else None


def test_there_is_one_agent_a_host_and_one_scheduler_a_store(site):
    second = Program(site.host, site.directory / "second-agent.log",
                     [site.host.program("berthd")], site.agent.env)
    assert second.running.wait(20) == 1
    assert "another berthd has this host" in second.log.read_text()
    again = Program(site.host, site.directory / "second-scheduler.log",
                    [site.host.program("berth-scheduler"), "--config", "/nonexistent"], {})
    assert again.running.wait(20) == 1
    assert "store" in again.log.read_text() and "another" in again.log.read_text()
    site.wait_for_task(site.run(site.define(sleeper())), "RUNNING")
