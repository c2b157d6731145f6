"""Agents that say what is not so, or nothing, or too much: the scheduler believes none of it."""

import datetime
import json
import uuid

import botocore.exceptions
import pytest

from harness import signing, websocket
from harness.berth import wait_for
from harness.cluster import AWSVPC, add_role, sleeper
from harness.fake_agent import FakeAgent, total_resources


@pytest.fixture
def agent(cluster):
    return FakeAgent(cluster).connect()


@pytest.fixture
def stranger(cluster):
    """Another agent, with a key of its own."""
    cluster.iam.create_user(UserName="stranger", Path="/agents/")
    made = cluster.iam.create_access_key(UserName="stranger")["AccessKey"]
    return FakeAgent(cluster, (made["AccessKeyId"], made["SecretAccessKey"]),
                     attributes={"who": "stranger"})


@pytest.fixture
def definition(cluster, agent):
    return cluster.define(sleeper())


def code_of(call, **arguments):
    """The name of the error that a call is answered with."""
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def refusal(work, *arguments, **options):
    """The type in the envelope that a handshake is refused with."""
    with pytest.raises(websocket.Refused) as refused:
        work(*arguments, **options)
    return json.loads(refused.value.body)["type"]


def test_reports_of_tasks_that_are_another_agents_are_refused(cluster, agent, stranger, definition):
    arn = cluster.run(definition, placementConstraints=[
        {"type": "memberOf", "expression": "attribute:who !exists"}])
    before = cluster.task(arn)
    for call, more in (
            (stranger.api.submit_task_state_change, {"status": "STOPPED"}),
            (stranger.api.submit_task_state_change, {"status": "RUNNING"}),
            (stranger.api.submit_container_state_change,
             {"containerName": "main", "status": "STOPPED", "exitCode": 1})):
        assert code_of(call, cluster="default", task=arn, **more) == "AccessDeniedException"
    assert cluster.task(arn)["lastStatus"] == "PENDING"
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    assert cluster.task(arn)["lastStatus"] == "RUNNING"
    assert cluster.task(arn)["version"] > before["version"]


def test_an_interface_of_another_agents_task_is_not_attached_for_it(cluster, agent, stranger):
    arn = cluster.run(cluster.define(sleeper(), mode="awsvpc"), networkConfiguration=AWSVPC,
                      placementConstraints=[{"type": "memberOf",
                                             "expression": "attribute:who !exists"}])
    message = agent.expect("AttachTaskNetworkInterfacesMessage")
    change = {"attachmentArn": message["elasticNetworkInterfaces"][0]["attachmentArn"],
              "status": "ATTACHED"}
    assert code_of(stranger.api.submit_attachment_state_changes, cluster="default",
                   attachments=[change]) == "AccessDeniedException"
    assert cluster.task(arn)["lastStatus"] == "PROVISIONING"
    agent.api.submit_attachment_state_changes(cluster="default", attachments=[change])
    assert agent.expect_task(arn)["elasticNetworkInterfaces"]


def test_nobody_connects_or_registers_as_another_agents_instance(cluster, agent, stranger):
    assert refusal(stranger.handshake, agent.target()) == "AccessDeniedException"
    assert refusal(stranger.handshake, agent.target("tcs")) == "AccessDeniedException"
    mine, stranger.arn = stranger.arn, agent.arn
    assert refusal(stranger.connect) == "AccessDeniedException"
    stranger.arn = mine
    assert code_of(stranger.api.register_container_instance, cluster="default",
                   containerInstanceArn=agent.arn,
                   totalResources=total_resources(1, 1)) == "AccessDeniedException"
    assert agent.ended is None


def test_an_agent_calls_nothing_that_is_for_operators(cluster, agent, definition):
    for name, arguments in (("run_task", {"taskDefinition": definition}),
                            ("delete_cluster", {"cluster": "default"}),
                            ("stop_task", {"task": "0" * 32}),
                            ("deregister_task_definition", {"taskDefinition": definition})):
        assert code_of(getattr(agent.api, name), **arguments) == "AccessDeniedException", name


def test_reports_that_go_back_change_nothing(cluster, agent, definition):
    arn = cluster.run(definition)
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    running = cluster.task(arn)
    agent.report(arn, "PENDING", ("main", "PENDING"))
    assert cluster.task(arn)["lastStatus"] == "RUNNING"
    assert cluster.task(arn)["containers"][0]["lastStatus"] == "RUNNING"
    assert cluster.task(arn)["startedAt"] == running["startedAt"]
    agent.report(arn, "STOPPED", ("main", "STOPPED", 3))
    stopped = cluster.task(arn)
    assert stopped["containers"][0]["exitCode"] == 3
    for status, container in (("RUNNING", ("main", "RUNNING")),
                              ("STOPPED", ("main", "STOPPED", 9))):
        agent.report(arn, status, container)
        assert cluster.task(arn) == stopped
    assert cluster.instances()[0]["runningTasksCount"] == 0


def test_a_task_that_is_stopped_before_it_was_seen_to_run_is_told_in_one_report(cluster, agent,
                                                                                definition):
    arn = cluster.run(definition)
    agent.report(arn, "STOPPED", ("main", "STOPPED", 1), reason="CannotStartContainerError: no")
    task = cluster.task(arn)
    assert task["lastStatus"] == "STOPPED" and task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"] == "CannotStartContainerError: no"


def test_reports_with_nonsense_do_not_disturb(cluster, agent, definition):
    arn = cluster.run(definition)
    before = cluster.task(arn)
    assert code_of(agent.report, task="no-such-task",
                   status="RUNNING") == "InvalidParameterException"
    agent.report(arn, "DANCING", ("main", "SINGING"), ("nobody", "RUNNING"))
    task = cluster.task(arn)
    assert task["lastStatus"] == before["lastStatus"]
    assert task["containers"][0]["lastStatus"] == "PENDING" and len(task["containers"]) == 1


def resend_soon(cluster):
    """A scheduler whose credentials are short-lived looks every few seconds at what is due."""
    cluster.scheduler.kill()
    cluster.start_scheduler(credentialsLifetime=60)


def test_what_is_never_acknowledged_is_told_again(cluster, agent, definition):
    resend_soon(cluster)
    agent.acks = False
    agent.connect()
    arn = cluster.run(definition)
    first = agent.expect_task(arn)
    again = agent.expect_task(arn, timeout=30)
    assert again["arn"] == first["arn"]
    agent.acks = True
    agent.connect(send_credentials=False)
    agent.expect_task(arn)
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    agent.connect(send_credentials=False)
    assert arn in [task["taskArn"] for task in agent.expect("TaskManifestMessage")["tasks"]]
    payloads = len(agent.of_type("PayloadMessage"))
    other = cluster.run(definition)
    agent.expect_task(other)
    assert len(agent.of_type("PayloadMessage")) == payloads + 1


def test_an_interface_that_is_acknowledged_and_never_attached_is_told_again(cluster, agent):
    arn = cluster.run(cluster.define(sleeper(), mode="awsvpc"), networkConfiguration=AWSVPC)
    first = agent.expect("AttachTaskNetworkInterfacesMessage")
    again = agent.connect(send_credentials=False).expect("AttachTaskNetworkInterfacesMessage")
    assert again["elasticNetworkInterfaces"] == first["elasticNetworkInterfaces"]
    assert cluster.task(arn)["lastStatus"] == "PROVISIONING"
    attached = [{"attachmentArn": again["elasticNetworkInterfaces"][0]["attachmentArn"],
                 "status": "ATTACHED"}]
    for _ in range(2):
        agent.api.submit_task_state_change(cluster="default", task=arn, attachments=attached)
    assert agent.expect_task(arn)["networkMode"] == "awsvpc"
    assert cluster.task(arn)["attachments"][0]["status"] == "ATTACHED"


def test_credentials_of_which_nobody_knows_whether_they_arrived_come_again(cluster, agent):
    resend_soon(cluster)
    agent.acks = False
    agent.connect()
    arn = cluster.run(cluster.define(sleeper(), taskRoleArn=add_role(
        cluster.iam, "some", {"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"})))
    first = agent.expect_task(arn)["roleCredentials"]
    payload = agent.expect("PayloadMessage")
    again = payload["tasks"][0]["roleCredentials"]
    assert again["credentialsId"] == first["credentialsId"]
    assert again["expiration"] > first["expiration"]
    agent.say("AckRequest", {"cluster": payload["clusterArn"], "containerInstance": agent.arn,
                             "messageId": payload["messageId"]})
    # And to an agent that has started anew.
    agent.acks = True
    agent.connect(send_credentials=True)
    anew = agent.expect("IAMRoleCredentialsMessage")
    assert anew["taskArn"] == arn and anew["roleType"] == "TaskApplication"
    assert anew["roleCredentials"]["credentialsId"] == first["credentialsId"]


def test_acknowledgments_that_come_late_twice_or_for_nothing_are_harmless(cluster, agent,
                                                                          definition):
    agent.acks = False
    arn = cluster.run(definition)
    payload = agent.expect("PayloadMessage")
    late = agent.socket
    agent.connect(send_credentials=False)
    payload_again = agent.expect("PayloadMessage")
    assert payload_again["seqNum"] > payload["seqNum"]
    agent.acknowledge("PayloadMessage", payload)         # of another connection
    agent.acknowledge("PayloadMessage", payload_again)
    agent.acknowledge("PayloadMessage", payload_again)   # twice
    agent.say("AckRequest", {"cluster": "x", "containerInstance": "y", "messageId": "nonsense"})
    agent.say("HeartbeatAckRequest", {"messageId": "never sent"})
    agent.say("IAMRoleCredentialsAckRequest", {"messageId": "m", "credentialsId": "",
                                               "expiration": "yesterday"})
    agent.say("NackRequest", {"cluster": "x", "containerInstance": "y", "messageId": "m",
                              "reason": "no"})
    agent.say("TaskStopVerificationMessage", {"messageId": "m", "stopCandidates": []})
    agent.say("SomethingNew", {"a": 1})
    with pytest.raises(websocket.Closed):
        agent.acknowledge("PayloadMessage", payload, late)
    agent.acks = True
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    agent.expect_task(cluster.run(definition))
    assert agent.ended is None


def test_a_task_that_nobody_wants_is_to_stop_when_an_agent_asks(cluster, agent, definition):
    arn = cluster.run(definition)
    agent.expect_task(arn)
    manifest = agent.connect(send_credentials=False).expect("TaskManifestMessage")
    ghost = arn.rpartition("/")[0] + "/" + uuid.uuid4().hex
    ask = [{"taskArn": each, "taskClusterArn": manifest["clusterArn"], "desiredStatus": "STOPPED"}
           for each in (arn, ghost)]
    agent.say("TaskStopVerificationMessage",
              {"messageId": manifest["messageId"], "stopCandidates": ask})
    answer = agent.expect("TaskStopVerificationAck")
    assert answer["messageId"] == manifest["messageId"]
    assert [task["taskArn"] for task in answer["stopTasks"]] == [ghost]


def test_an_agent_that_registers_again_keeps_its_arn_and_its_tasks(cluster, agent, definition):
    arn = cluster.run(definition)
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    again = FakeAgent(cluster, arn=agent.arn, memory=2_000_000)
    assert again.arn == agent.arn
    [instance] = cluster.instances()
    assert instance["runningTasksCount"] == 1
    assert {one["name"]: one.get("integerValue") for one in instance["registeredResources"]}[
        "MEMORY"] == 2_000_000
    old = agent.socket
    again.connect()
    wait_for(lambda: agent.ended, "the old connection gives way")
    assert old is agent.socket and [one["taskArn"] for one in
                                    again.expect("TaskManifestMessage")["tasks"]] == [arn]


WRONG = [
    ({"key": ("AKIANOBODY0000000000", "secret")}, "UnrecognizedClientException"),
    ({"secret": "wrong"}, "InvalidSignatureException"),
    ({"minutes": -6}, "InvalidSignatureException"),
    ({"minutes": 6}, "InvalidSignatureException"),
    ({"region": "eu-west-1"}, "InvalidSignatureException"),
    ({"service": "s3"}, "InvalidSignatureException"),
    ({"altered": True}, "InvalidSignatureException"),
    ({"anonymous": True}, "MissingAuthenticationTokenException"),
]


def badly_signed(agent, target, wrong):
    """(target, headers) of a handshake with one thing wrong."""
    options = {name: wrong[name] for name in ("region", "service") if name in wrong}
    key = wrong.get("key", (agent.key[0], wrong.get("secret", agent.key[1])))
    if "minutes" in wrong:
        options["time"] = signing.now() + datetime.timedelta(minutes=wrong["minutes"])
    headers = signing.sign(key, target=target, host=agent.host, **options)
    if "anonymous" in wrong:
        headers = {"host": agent.host}
    return target + ("&more=1" if "altered" in wrong else ""), headers


@pytest.mark.parametrize("kind", ["acs", "tcs"])
def test_handshakes_that_are_not_signed_right_are_refused(cluster, agent, kind):
    for wrong, error in WRONG:
        target, headers = badly_signed(agent, agent.target(kind), wrong)
        assert refusal(cluster.network, websocket.connect, ("127.0.0.1", 8765), target,
                       headers) == error, wrong
    assert agent.ended is None


def test_a_deregistered_agent_is_told_that_it_is_inactive(cluster, agent, definition):
    arn = cluster.run(definition)
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    operator = cluster.ecs
    assert code_of(operator.deregister_container_instance,
                   containerInstance=agent.arn) == "InvalidParameterException"
    operator.deregister_container_instance(containerInstance=agent.arn, force=True)
    agent.expect_end()
    assert refusal(agent.connect) == "InactiveInstanceException"
    task = cluster.task(arn)
    assert task["lastStatus"] == "STOPPED" and task["stoppedReason"] == "Host deregistered"
    assert cluster.instances() == []
    assert code_of(agent.report, task=arn, status="STOPPED") == "InvalidParameterException"
