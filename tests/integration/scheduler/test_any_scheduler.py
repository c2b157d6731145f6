"""berthd joins any server that speaks the protocol of Amazon ECS, and keeps to it."""

import json
import pathlib
import time

import pytest

from harness import websocket
from harness.berth import IMAGE, wait_for
from harness.fake_scheduler import (CLUSTER_ARN, INSTANCE_ARN, acs_container, acs_task,
                                    role_credentials, task_arn)

RECORDED = pathlib.Path(__file__).parents[2] / "data/ecs-wire/frames.jsonl"
WAITING = ["sh", "-c", "trap 'exit 3' TERM; sleep 1000 & wait"]


@pytest.fixture
def orders(fake):
    return fake.join()


@pytest.fixture
def scheduler(fake):
    return fake.scheduler


def waiting_task(number, *command, **fields):
    return acs_task(task_arn(number), acs_container("main", IMAGE, *(command or WAITING)), **fields)


def give(scheduler, orders, *tasks, **fields):
    """Sends a payload and waits for its acknowledgment."""
    payload = scheduler.payload(*tasks, **fields)
    orders.say("PayloadMessage", payload)
    acknowledged(orders, payload["messageId"])
    return payload


def acknowledged(orders, message_id, timeout=20):
    wait_for(lambda: message_id in [ack["messageId"] for ack in orders.of_type("AckRequest")],
             "an acknowledgment", timeout)


def stop(scheduler, orders, *arns):
    """Only the ARN and the status matter in a stop."""
    give(scheduler, orders, *({"arn": arn, "desiredStatus": "STOPPED"} for arn in arns))
    return [scheduler.expect_report(arn, "STOPPED") for arn in arns]


def still_there(orders):
    """That the agent answers on the same connection; in order, so all before was taken."""
    orders.say("HeartbeatMessage", {"healthy": True, "messageId": f"beat-{time.monotonic()}"})
    orders.expect("HeartbeatAckRequest")


def test_it_registers_connects_and_answers_heartbeats(fake, scheduler, orders):
    request = scheduler.calls_of("RegisterContainerInstance")[0]
    assert request["cluster"] == "default" and request["clientToken"]
    assert {one["name"]: one["type"] for one in request["totalResources"]} == {
        "CPU": "INTEGER", "MEMORY": "INTEGER", "PORTS": "STRINGSET", "PORTS_UDP": "STRINGSET"}
    assert request["instanceIdentityDocument"] == ""
    assert orders.query["containerInstanceArn"] == INSTANCE_ARN
    assert orders.query["sendCredentials"] == "true" and orders.query["seqNum"] == "1"
    assert orders.query["protocolVersion"] == "2" and orders.query["clusterArn"] == "default"
    for kind, query in scheduler.handshakes:
        names = [pair.partition("=")[0] for pair in query.split("&")]
        assert names == sorted(names), kind
    orders.say("HeartbeatMessage", {"healthy": True, "messageId": "beat"})
    assert orders.expect("HeartbeatAckRequest") == {"messageId": "beat"}
    telemetry = scheduler.connection("tcs")
    metrics = telemetry.expect("PublishMetricsRequest")
    assert metrics["metadata"]["idle"] is True and metrics["metadata"]["fin"] is True
    assert telemetry.heads[0]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDSTUB/")
    assert not scheduler.faults


def test_a_second_connection_does_not_ask_for_credentials_again(scheduler, orders):
    orders.socket.close(1000, "bye")
    assert scheduler.connection("acs", 2).query["sendCredentials"] == "false"
    assert len(scheduler.calls_of("RegisterContainerInstance")) == 1


@pytest.mark.parametrize("answer, words", [
    ((400, {"__type": "InvalidParameterException", "message": "no such thing"}), "no such thing"),
    ((400, {"__type": "ClientException", "message": "not you"}), "not you"),
    ((200, {"containerInstance": {"containerInstanceArn": INSTANCE_ARN, "attributes": []}}),
     "attribute"),
    ((200, {"surprise": 1}), "register"),
])
def test_a_registration_that_trying_again_would_not_mend_ends_it(fake, scheduler, answer, words):
    scheduler.answers["RegisterContainerInstance"] = answer
    fake.agent.start()
    assert fake.agent.program.running.wait(20) == 1
    assert words in fake.agent.log.read_text()
    assert not scheduler.handshakes


def test_a_busy_scheduler_is_asked_again_and_a_missing_cluster_made(fake, scheduler):
    replies = [(400, {"__type": "ThrottlingException", "message": "slowly"}),
               (500, {"__type": "ServerException", "message": "oops"}),
               (400, {"__type": "ClusterNotFoundException", "message": "Cluster not found."})]

    def answer(body):
        return replies.pop(0) if replies else scheduler._RegisterContainerInstance(body)
    scheduler.answers["RegisterContainerInstance"] = answer
    fake.join()
    assert scheduler.calls_of("CreateCluster") == [{"clusterName": "default"}]
    tokens = {body["clientToken"] for body in scheduler.calls_of("RegisterContainerInstance")}
    assert len(tokens) == 1


def test_a_task_is_run_reported_and_stopped(scheduler, orders):
    arn = task_arn(1)
    give(scheduler, orders, waiting_task(1))
    running = scheduler.expect_report(arn, "RUNNING")
    assert running["cluster"] == "default" and running["reason"] == ""
    [container] = running["containers"]
    assert container["containerName"] == "main" and container["status"] == "RUNNING"
    assert len(container["runtimeId"]) == 64 and container["imageDigest"].startswith("sha256:")
    [stopped] = stop(scheduler, orders, arn)
    assert stopped["containers"][0]["exitCode"] == 3
    assert stopped["containers"][0]["runtimeId"] == container["runtimeId"]


def test_a_payload_that_comes_again_is_acknowledged_and_changes_nothing(fake, scheduler, orders):
    arn = task_arn(1)
    payload = give(scheduler, orders, waiting_task(1))
    scheduler.expect_report(arn, "RUNNING")
    before = fake.agent.tasks()
    for message_id in (payload["messageId"], "another"):
        orders.say("PayloadMessage", payload | {"messageId": message_id})
    acknowledged(orders, "another")
    assert [ack["messageId"] for ack in orders.of_type("AckRequest")].count(
        payload["messageId"]) == 2
    assert fake.agent.tasks() == before
    stop(scheduler, orders, arn)
    give(scheduler, orders, waiting_task(1))  # a start after the stop is ignored
    stop(scheduler, orders, arn)
    still_there(orders)
    assert [report["status"] for report in scheduler.reports(arn)] == ["RUNNING", "STOPPED"]


def test_a_stop_of_an_unknown_task_is_reported_as_stopped(scheduler, orders):
    [report] = stop(scheduler, orders, task_arn(9))
    assert not report.get("containers") and report["reason"]


def test_manifests_stop_what_they_do_not_name_once_the_scheduler_agrees(scheduler, orders):
    give(scheduler, orders, waiting_task(1), waiting_task(2), waiting_task(3))
    for number in (1, 2, 3):
        scheduler.expect_report(task_arn(number), "RUNNING")
    manifest = scheduler.manifest(task_arn(1))
    orders.say("TaskManifestMessage", manifest)
    question = orders.expect("TaskStopVerificationMessage")
    assert question["messageId"] == manifest["messageId"]
    assert {one["taskArn"] for one in question["stopCandidates"]} == {task_arn(2), task_arn(3)}
    acknowledged(orders, manifest["messageId"])
    orders.say("TaskStopVerificationAck", {"messageId": "another", "stopTasks": [
        {"taskArn": task_arn(1), "taskClusterArn": CLUSTER_ARN, "desiredStatus": "STOPPED"}]})
    orders.say("TaskStopVerificationAck", {"messageId": manifest["messageId"], "stopTasks": [
        {"taskArn": task_arn(2), "taskClusterArn": CLUSTER_ARN, "desiredStatus": "STOPPED"}]})
    scheduler.expect_report(task_arn(2), "STOPPED")
    still_there(orders)
    assert not scheduler.reports(task_arn(1), "STOPPED")
    assert not scheduler.reports(task_arn(3), "STOPPED")
    # A manifest with no task at all is about all of them.
    empty = scheduler.manifest()
    orders.say("TaskManifestMessage", empty)
    question = orders.expect("TaskStopVerificationMessage")
    orders.say("TaskStopVerificationAck", {
        "messageId": empty["messageId"], "generatedAt": 1, "stopTasks": question["stopCandidates"]})
    for number in (1, 3):
        scheduler.expect_report(task_arn(number), "STOPPED")


def test_a_manifest_that_is_not_newer_is_ignored_also_after_a_restart(fake, scheduler, orders):
    give(scheduler, orders, waiting_task(1), seqNum=50)
    scheduler.expect_report(task_arn(1), "RUNNING")
    for restarted in (False, True):
        if restarted:
            fake.agent.kill()
            fake.agent.start()
            orders = scheduler.connection("acs", 2)
        for timeline in (49, 50):
            orders.say("TaskManifestMessage", scheduler.manifest(timeline=timeline))
        still_there(orders)
        assert not orders.of_type("TaskStopVerificationMessage")
    scheduler.sequence = 60
    stop(scheduler, orders, task_arn(1))


def test_a_restarted_agent_registers_with_its_arn(fake, scheduler, orders):
    fake.agent.kill()
    fake.agent.start()
    assert scheduler.connection("acs", 2).query["sendCredentials"] == "true"
    first, second = scheduler.calls_of("RegisterContainerInstance")
    assert "containerInstanceArn" not in first
    assert second["containerInstanceArn"] == INSTANCE_ARN


def test_credentials_are_acknowledged_served_and_renewed(fake, scheduler, orders):
    first, second = role_credentials(1), role_credentials(2)
    second["credentialsId"] = first["credentialsId"]
    script = ("while [ ! -e /end ]; do wget -q -O /dev/stdout "
              "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo; sleep 0.1; done")
    payload = give(scheduler, orders, waiting_task(1, "sh", "-c", script, roleCredentials=first))
    assert orders.expect("IAMRoleCredentialsAckRequest") == {
        "messageId": payload["messageId"], "credentialsId": first["credentialsId"],
        "expiration": first["expiration"]}
    wait_for(lambda: first["sessionToken"] in logs(fake), "the first credentials")
    message = {"messageId": "m2", "taskArn": task_arn(1), "taskClusterArn": CLUSTER_ARN,
               "roleType": "TaskApplication", "roleCredentials": second}
    orders.say("IAMRoleCredentialsMessage", message | {"messageId": "m1", "taskArn": task_arn(9)})
    orders.say("IAMRoleCredentialsMessage", message)
    assert orders.expect("IAMRoleCredentialsAckRequest")["messageId"] == "m2"
    wait_for(lambda: second["sessionToken"] in logs(fake), "the renewed credentials")
    stop(scheduler, orders, task_arn(1))


def logs(fake):
    [task] = fake.agent.tasks().values()
    return fake.host.berth("logs", task["name"]).stdout


def test_what_it_does_not_know_is_dropped_and_the_connection_stays(scheduler, orders):
    for frame in ('{"type":"SomethingNew","message":{"a":1}}', "no JSON at all", "{}", "[]", "null",
                  '{"type":"PayloadMessage"}', '{"type":"PayloadMessage","message":[]}',
                  '{"type":"PayloadMessage","message":{"tasks":"all"}}',
                  '{"type":"TaskManifestMessage","message":{"timeline":"later"}}',
                  '{"type":"HeartbeatMessage","message":{}}',
                  '{"type":"CloseMessage","message":{"message":"so long"}}',
                  '{"type":"ServerException","message":{"message":"oops"}}',
                  '{"type":"IAMRoleCredentialsMessage","message":{"messageId":"x"}}',
                  '{"type":"ConfirmAttachmentMessage","message":{"messageId":"x"}}',
                  '{"type":"AttachInstanceNetworkInterfacesMessage","message":{"messageId":"x"}}',
                  '{"type":"TaskStopVerificationAck","message":{"messageId":"","stopTasks":[]}}'):
        orders.socket.send(frame)
    for missing in ("clusterArn", "containerInstanceArn", "messageId"):
        payload = scheduler.payload(waiting_task(1))
        del payload[missing]
        orders.say("PayloadMessage", payload)
    still_there(orders)
    assert not orders.of_type("AckRequest") and not scheduler.calls_of("SubmitTaskStateChange")
    orders.say("PerformUpdateMessage", scheduler.envelope(updateInfo={"location": "x",
                                                                      "signature": "y"}))
    assert orders.expect("NackRequest")["reason"]
    assert orders.ended is None


def test_a_task_that_it_can_not_read_or_run_is_reported_as_stopped(scheduler, orders):
    wrong = {
        10: {"containers": []},
        11: {"containers": [acs_container("main", "127.0.0.1:9/none:1", "true")]},
        12: {"networkMode": "telepathy"},
        13: {"containers": [acs_container("main", IMAGE, "no-such-program")]},
        14: {"containers": [acs_container("main", IMAGE, "true", dockerConfig={
            "version": "1.21", "config": "{broken", "hostConfig": "{}"})]},
    }
    orders.say("PayloadMessage", scheduler.payload(
        *(waiting_task(number) | fields for number, fields in wrong.items()), waiting_task(1)))
    for number in wrong:
        report = scheduler.expect_report(task_arn(number), "STOPPED")
        reasons = [report["reason"], *(one.get("reason") for one in report.get("containers", []))]
        assert any(reasons), report
    scheduler.expect_report(task_arn(1), "RUNNING")
    stop(scheduler, orders, task_arn(1))


def test_an_inactive_instance_keeps_its_tasks_and_leaves_the_scheduler_alone(fake, scheduler,
                                                                             orders):
    give(scheduler, orders, waiting_task(1))
    scheduler.expect_report(task_arn(1), "RUNNING")
    telemetry = scheduler.connection("tcs")
    scheduler.refusals["acs"] = "InactiveInstanceException"
    orders.socket.close(1000, "gone")
    wait_for(lambda: telemetry.ended, "the end of telemetry")
    handshakes = len(scheduler.handshakes)
    time.sleep(2)  # ecs-agent's figure for the next try is an hour
    assert len(scheduler.handshakes) == handshakes
    [task] = fake.agent.tasks().values()
    assert task["lastStatus"] == "RUNNING"
    # A new start asks at once.
    del scheduler.refusals["acs"]
    fake.agent.kill()
    fake.agent.start()
    stop(scheduler, scheduler.connection("acs", 2), task_arn(1))


def test_refused_handshakes_are_tried_again(scheduler, orders):
    scheduler.refusals["acs"] = "ServerException"
    orders.socket.close(1011, "restarting")
    wait_for(lambda: [kind for kind, _ in scheduler.handshakes].count("acs") >= 3, "three tries")
    del scheduler.refusals["acs"]
    still_there(scheduler.connection("acs", 2))


def test_an_interface_of_another_scheduler_is_made_and_reported(fake, scheduler, orders):
    eni = {"ec2Id": "eni-1", "macAddress": "02:11:22:33:44:55", "attachmentArn": "arn:attachment",
           "ipv4Addresses": [{"primary": True, "privateAddress": "10.77.0.9"}],
           "subnetGatewayIpv4Address": "10.77.0.1/24", "privateDnsName": "ip-10-77-0-9.internal",
           "domainNameServers": ["10.77.0.2"], "interfaceAssociationProtocol": "default"}
    attach = scheduler.envelope(taskArn=task_arn(1), taskClusterArn=CLUSTER_ARN,
                                waitTimeoutMs=300_000, elasticNetworkInterfaces=[eni])
    orders.say("AttachTaskNetworkInterfacesMessage", attach)
    acknowledged(orders, attach["messageId"])
    report = scheduler.expect_call("SubmitTaskStateChange")
    assert report["attachments"] == [{"attachmentArn": "arn:attachment", "status": "ATTACHED"}]
    show = acs_container("main", IMAGE, "sh", "-c", "ip address; sleep 1000",
                         dockerConfig={"version": "1.21", "config": "{}", "hostConfig": "{}"})
    give(scheduler, orders, acs_task(task_arn(1), show, networkMode="awsvpc",
                                     elasticNetworkInterfaces=[eni]))
    scheduler.expect_report(task_arn(1), "RUNNING")
    wait_for(lambda: "10.77.0.9/32" in logs(fake) and "02:11:22:33:44:55" in logs(fake),
             "the interface")
    stop(scheduler, orders, task_arn(1))


def test_reports_are_repeated_until_the_scheduler_has_them(scheduler, orders):
    replies = [(500, {"__type": "ServerException", "message": "oops"}),
               (400, {"__type": "ThrottlingException", "message": "slowly"})]
    scheduler.answers["SubmitTaskStateChange"] = (
        lambda _: replies.pop(0) if replies else (200, {"acknowledgment": "ok"}))
    give(scheduler, orders, waiting_task(1, "sh", "-c", "sleep 0.2; exit 5"))
    stopped = scheduler.expect_report(task_arn(1), "STOPPED")
    assert stopped["containers"][0]["exitCode"] == 5
    statuses = [one["status"] for one in scheduler.reports(task_arn(1))]
    assert statuses == ["RUNNING"] * 3 + ["STOPPED"]


def test_a_report_that_nobody_wants_is_not_repeated(scheduler, orders):
    scheduler.answers["SubmitTaskStateChange"] = (400, {"__type": "InvalidParameterException",
                                                        "message": "which task?"})
    give(scheduler, orders, waiting_task(1, "true"))
    scheduler.expect_report(task_arn(1), "STOPPED")
    still_there(orders)
    assert [one["status"] for one in scheduler.reports(task_arn(1))] == ["RUNNING", "STOPPED"]


def recorded_orders():
    """What was sent to a real agent, with the test's image in place of the recording's."""
    for line in RECORDED.read_text().splitlines():
        frame = json.loads(line)
        if frame["kind"] == "acs_send":
            text = json.dumps(frame["message"]).replace("stub/busybox:latest", IMAGE)
            # Nobody listens there, which is found out sooner than that a name can't be looked up.
            text = text.replace("stub/doesnotexist:1", "127.0.0.1:9/none:1")
            # It heeds no SIGTERM, and would take the half minute that stopTimeout is by default.
            text = text.replace("sleep 600", "trap 'exit 0' TERM; sleep 600 & wait")
            yield frame["type"], json.loads(text)


def test_a_recorded_conversation_has_the_recorded_outcome(scheduler, orders):
    said = list(recorded_orders())
    rich, unknown_image = [task["arn"] for kind, message in said if kind == "PayloadMessage"
                           for task in message["tasks"]]
    before_stop = [kind for kind, _ in said].index("TaskManifestMessage") + 2
    for kind, message in said[:before_stop]:
        orders.say(kind, message)
    running = scheduler.expect_report(rich, "RUNNING", 60)
    status = {one["containerName"]: one["status"] for one in running["containers"]}
    assert status["db"] == status["web"] == "RUNNING"
    failed = scheduler.expect_report(unknown_image, "STOPPED", 60)
    assert "CannotPull" in json.dumps(failed)
    for kind, message in said[before_stop:]:
        orders.say(kind, message)
        if kind == "TaskManifestMessage":
            orders.expect("TaskStopVerificationMessage")
    stopped = scheduler.expect_report(rich, "STOPPED", 30)
    codes = {one["containerName"]: one.get("exitCode") for one in stopped["containers"]
             if one["status"] == "STOPPED"}
    assert codes["web"] == 7 and codes["init"] == 0
    assert orders.ended is None and not scheduler.faults
    assert len(orders.of_type("HeartbeatAckRequest")) == [kind for kind, _ in said].count(
        "HeartbeatMessage")


def test_frames_that_are_no_frames_end_one_connection_and_not_the_agent(fake, scheduler, orders):
    give(scheduler, orders, waiting_task(1))
    scheduler.expect_report(task_arn(1), "RUNNING")
    for number, bytes_ in enumerate((b"\xff" * 20, b"\x81\x7f" + b"\xff" * 8,
                                     b"\x83\x00", websocket.frame("masked", masked=True)), 2):
        orders.socket.send_raw(bytes_)
        orders = scheduler.connection("acs", number)
        still_there(orders)
    stop(scheduler, orders, task_arn(1))
