"""Scheduler and agent under TLS."""

import pytest

from harness.berth import wait_for
from harness.cluster import AWSVPC, make_certificate, sleeper


def tls(directory, name="server"):
    return {"tls": {"certificateFile": str(directory / f"{name}.pem"),
                    "keyFile": str(directory / f"{name}.key")}}


def test_a_task_runs_where_all_is_under_tls(secure, tmp_path):
    secure.start_scheduler(**tls(tmp_path))
    agent = secure.add_agent(SSL_CERT_FILE=str(tmp_path / "server.pem"))
    secure.wait_for_agents()
    arn = secure.run(secure.define(sleeper(), mode="awsvpc"), networkConfiguration=AWSVPC)
    secure.wait_for_task(arn, "RUNNING")
    # The connections are made anew under TLS, too.
    secure.restart_scheduler()
    secure.wait_for_agents()
    secure.ecs.stop_task(task=arn)
    secure.wait_for_task(arn, "STOPPED")
    wait_for(lambda: not agent.tasks(), "that the agent forgets its tasks")


def test_an_agent_does_not_join_whom_it_does_not_trust(secure, tmp_path):
    secure.start_scheduler(**tls(tmp_path))
    stranger, _ = make_certificate(tmp_path, "stranger")
    agent = secure.add_agent(SSL_CERT_FILE=str(stranger))
    wait_for(lambda: "the certificate is not trusted" in agent.log.read_text(), "the complaint")
    assert secure.instances() == []


@pytest.mark.parametrize("config, words", [
    ({"listen": "0.0.0.0:8765"}, "set \"allowPlainHttp\": true"),
    ({"tls": {"certificateFile": "/nowhere.pem", "keyFile": "/nowhere.key"}},
     "read certificate /nowhere.pem"),
    ({"tls": {"certificateFile": "/nowhere.pem"}}, "keyFile"),
])
def test_a_scheduler_that_could_be_overheard_does_not_start(secure, config, words):
    secure.start_scheduler(wait=False, **config)
    assert secure.scheduler.running.wait(20) != 0
    assert words in secure.scheduler.log.read_text()
