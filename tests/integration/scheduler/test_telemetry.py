"""Metrics and health, over connections whose every frame is signed."""

import json
import time

import pytest

from harness import signing, websocket
from harness.berth import wait_for
from harness.cluster import sleeper
from harness.fake_agent import FakeAgent


@pytest.fixture
def agent(cluster):
    return FakeAgent(cluster).connect()


class Telemetry:
    """A connection of `agent` on which the test says what it wants."""

    def __init__(self, agent):
        self.agent = agent
        self.target = agent.target("tcs")
        self.socket = agent.handshake(self.target)

    def publish(self, kind, message, **signing_options):
        body = json.dumps({"type": kind, "message": message})
        headers = signing.sign(signing_options.pop("key", self.agent.key), target=self.target,
                               host=self.agent.host, body=signing_options.pop("body", body),
                               **signing_options)
        lines = {"Authorization": "authorization", "Host": "host", "X-Amz-Date": "x-amz-date"}
        head = "".join(f"{name}: {headers[key]}\r\n" for name, key in lines.items())
        self.socket.send(f"{head}\r\n{body}")

    def answer(self):
        return json.loads(self.socket.receive())

    def envelope(self, **fields):
        return {"metadata": {"cluster": "default", "containerInstance": self.agent.arn,
                             "fin": True, "idle": False, "messageId": "m"},
                "timestamp": time.time(), **fields}

    def health(self, arn, status, **signing_options):
        self.publish("PublishHealthRequest", self.envelope(tasks=[{
            "taskArn": arn, "clusterArn": "c", "taskDefinitionFamily": "test",
            "taskDefinitionVersion": "1", "containers": [
                {"containerName": "main", "healthStatus": status, "statusSince": time.time()}]}]),
            **signing_options)


CHECK = {"healthCheck": {"command": ["CMD-SHELL", "test -e /healthy"], "interval": 5, "retries": 1}}


@pytest.fixture
def checked(cluster, agent):
    """A task with a health check that the agent says is running."""
    arn = cluster.run(cluster.define(sleeper(**CHECK)))
    agent.report(arn, "RUNNING", ("main", "RUNNING"))
    return arn


def health(cluster, arn):
    return cluster.task(arn)["healthStatus"]


def test_health_that_is_reported_is_shown(cluster, agent, checked):
    telemetry = Telemetry(agent)
    assert health(cluster, checked) == "UNKNOWN"
    for status in ("HEALTHY", "UNHEALTHY"):
        telemetry.health(checked, status)
        assert telemetry.answer()["type"] == "AckPublishHealth"
        assert health(cluster, checked) == status
        assert cluster.task(checked)["containers"][0]["healthStatus"] == status
    telemetry.health(checked, "SPLENDID")
    telemetry.health(checked.rpartition("/")[0] + "/nobody", "HEALTHY")
    assert [telemetry.answer()["type"] for _ in range(2)] == ["AckPublishHealth"] * 2
    assert health(cluster, checked) == "UNHEALTHY"


@pytest.mark.parametrize("wrong", [
    {"key": ("AKIANOBODY0000000000", "secret")}, {"body": "another"}, {"region": "eu-west-1"}])
def test_a_frame_that_is_not_signed_right_ends_the_connection_unheard(cluster, agent, checked,
                                                                      wrong):
    telemetry = Telemetry(agent)
    telemetry.health(checked, "HEALTHY", **wrong)
    with pytest.raises(websocket.Closed):
        while True:
            assert telemetry.answer()["type"] == "BadRequestException"
    assert health(cluster, checked) == "UNKNOWN"
    Telemetry(agent).health(checked, "HEALTHY")
    wait_for(lambda: health(cluster, checked) == "HEALTHY", "health over a new connection")
    assert agent.ended is None


def test_frames_with_nonsense_are_answered_and_do_no_harm(cluster, agent, checked):
    telemetry = Telemetry(agent)
    for kind, message in (("PublishHealthRequest", []), ("PublishHealthRequest", {"tasks": 3}),
                          ("PublishMetricsRequest", None)):
        telemetry.publish(kind, message)
        assert telemetry.answer()["type"] in ("BadRequestException", "AckPublishHealth",
                                              "AckPublishMetric")
    telemetry.publish("SomethingNew", {})
    telemetry.publish("PublishMetricsRequest", telemetry.envelope(taskMetrics=[]))
    kinds = [telemetry.answer()["type"]]
    if kinds == ["BadRequestException"]:
        kinds.append(telemetry.answer()["type"])
    assert kinds[-1] == "AckPublishMetric"


def test_a_strangers_health_of_a_task_is_not_believed(cluster, agent, checked):
    cluster.iam.create_user(UserName="stranger", Path="/agents/")
    key = cluster.iam.create_access_key(UserName="stranger")["AccessKey"]
    stranger = FakeAgent(cluster, (key["AccessKeyId"], key["SecretAccessKey"]))
    telemetry = Telemetry(stranger)
    telemetry.health(checked, "HEALTHY")
    assert telemetry.answer()["type"] == "AckPublishHealth"
    assert health(cluster, checked) == "UNKNOWN"
    # Nor on the other's own connection.
    own = Telemetry(agent)
    own.health(checked, "HEALTHY", key=stranger.key)
    with pytest.raises(websocket.Closed):
        while True:
            own.answer()
    assert health(cluster, checked) == "UNKNOWN"


def test_a_container_that_becomes_healthy_is_shown_so(site):
    script = "touch /healthy; trap 'exit 0' TERM; sleep 1000 & wait"
    arn = site.run(site.define(sleeper(command=["sh", "-c", script], **CHECK)))
    site.wait_for_task(arn, "RUNNING")
    # The check comes after five seconds, and telemetry every twenty.
    wait_for(lambda: site.task(arn)["healthStatus"] == "HEALTHY", "health", 45)
    metrics = [message for message in site.recorder.of_type("PublishMetricsRequest")
               if message.get("taskMetrics")]
    [metric] = metrics[-1]["taskMetrics"]
    assert metric["taskArn"] == arn
    [container] = metric["containerMetrics"]
    assert container["containerName"] == "main"
    assert container["memoryStatsSet"]["sampleCount"] >= 1
    assert all("Authorization: AWS4-HMAC-SHA256" in said.head for said in site.recorder.messages
               if said.path == "/tcs/ws" and said.sender == "agent")
