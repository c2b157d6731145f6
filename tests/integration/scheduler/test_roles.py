"""Credentials of task roles: who gets them, what they are good for, and for how long."""

import json
import time

import botocore.exceptions
import pytest

from harness import debian
from harness.berth import wait_for
from harness.cluster import AWSVPC, add_role, sleeper
from harness.host import HOST_ADDRESS

LISTS = {"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"}
SHOW = ["sh", "-c", "echo $AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; "
        "trap 'exit 0' TERM; sleep 1000 & wait"]
GET = "wget -q -O - http://169.254.170.2{0} 2>&1; true"


def code_of(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def name_of(site, arn):
    """Of the task on its host."""
    return site.agent.tasks()[arn.rpartition("/")[2]]["name"]


def log_of(site, arn):
    return site.host.berth("logs", name_of(site, arn)).stdout


def inside(site, arn, script):
    return site.host.berth("exec", name_of(site, arn), "main", "--", "sh", "-c", script).stdout


def path_of(site, arn):
    """The path of a task's credentials, as its containers are told."""
    return wait_for(lambda: log_of(site, arn).strip(), "the path").split("| ")[-1]


def credentials_of(site, arn):
    return json.loads(inside(site, arn, GET.format(path_of(site, arn))))


def run_with_role(site, role, mode="bridge", **fields):
    more = {"networkConfiguration": AWSVPC} if mode == "awsvpc" else {}
    definition = site.define(sleeper(command=SHOW), mode=mode, taskRoleArn=role, **fields)
    arn = site.run(definition, **more)
    site.wait_for_task(arn, "RUNNING")
    return arn


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_credentials_are_for_the_task_that_they_belong_to(site, mode):
    role = add_role(site.iam, "lists", LISTS)
    own, other = (run_with_role(site, role, mode, family=name) for name in ("own", "other"))
    mine = credentials_of(site, own)
    assert mine["RoleArn"] == role and mine["AccessKeyId"].startswith("ASIA")
    assert mine["AccessKeyId"] != credentials_of(site, other)["AccessKeyId"]
    path = path_of(site, own)
    assert mine["Token"] not in inside(site, other, GET.format(path))
    for address in ("169.254.170.2", "127.0.0.1:51679", HOST_ADDRESS + ":51679"):
        done = site.host.run("curl", "-s", "-m", "2", f"http://{address}{path}", check=False)
        assert mine["SecretAccessKey"] not in done.stdout, address
    outside = site.host.run_outside("curl", "-s", "-m", "1", f"http://{HOST_ADDRESS}:51679{path}",
                                    check=False)
    assert mine["SecretAccessKey"] not in outside.stdout


def test_a_role_may_do_what_its_policy_says(site):
    role = add_role(site.iam, "lists", LISTS, {
        "Effect": "Deny", "Action": "ecs:ListContainerInstances", "Resource": "*"})
    arn = run_with_role(site, role)
    mine = credentials_of(site, arn)
    client = site.client(key=(mine["AccessKeyId"], mine["SecretAccessKey"], mine["Token"]))
    assert client.list_tasks()["taskArns"] == [arn]
    for call, arguments in ((client.run_task, {"taskDefinition": "test"}),
                            (client.list_container_instances, {}),
                            (client.stop_task, {"task": arn})):
        assert code_of(call, **arguments) == "AccessDeniedException"
    stolen = site.client(key=(mine["AccessKeyId"], mine["SecretAccessKey"]))
    assert code_of(stolen.list_tasks) == "UnrecognizedClientException"
    altered = mine["Token"][:-8] + ("A" * 8 if mine["Token"][-8:] != "A" * 8 else "B" * 8)
    forged = site.client(key=(mine["AccessKeyId"], mine["SecretAccessKey"], altered))
    assert code_of(forged.list_tasks) in ("UnrecognizedClientException",
                                          "InvalidSignatureException")
    site.iam.delete_role_policy(RoleName="lists", PolicyName="own")
    assert code_of(client.list_tasks) == "AccessDeniedException"


def test_a_task_without_a_role_has_no_credentials(site):
    arn = site.run(site.define(sleeper(command=["sh", "-c", "env; sleep 1000"])))
    site.wait_for_task(arn, "RUNNING")
    seen = wait_for(lambda: log_of(site, arn), "the environment")
    assert "AWS_CONTAINER_CREDENTIALS" not in seen and "AWS_SECRET_ACCESS_KEY" not in seen
    assert "ECS_CONTAINER_METADATA_URI_V4" in seen


def test_credentials_come_again_when_the_agent_is_back(site):
    arn = run_with_role(site, add_role(site.iam, "lists", LISTS))
    before = credentials_of(site, arn)
    site.restart_agent()
    after = wait_for(lambda: usable(site, arn), "credentials after the restart")
    assert after["RoleArn"] == before["RoleArn"]
    client = site.client(key=(after["AccessKeyId"], after["SecretAccessKey"], after["Token"]))
    assert client.list_tasks()["taskArns"] == [arn]


def usable(site, arn):
    try:
        return credentials_of(site, arn)
    except ValueError:  # not there yet
        return None


@pytest.mark.parametrize("point", ["launch.reserve", "launch.write plan"])
def test_a_launch_that_was_cut_short_is_made_up_for_with_credentials(site, point):
    role = add_role(site.iam, "lists", LISTS)
    definition = site.define(sleeper(command=SHOW), taskRoleArn=role)
    site.agent.kill()
    site.agent.start(BERTH_KILL_AT=point)
    site.wait_for_agents()
    arn = site.run(definition)
    wait_for(lambda: not site.agent.alive(), "the agent's death")
    site.agent.start()
    task = wait_for(lambda: settled(site, arn), "what becomes of the task")
    if task["lastStatus"] == "RUNNING":
        assert path_of(site, arn).startswith("/v2/credentials/")
        assert wait_for(lambda: usable(site, arn), "credentials")["RoleArn"] == role
    else:
        assert task["stoppedReason"]


def settled(site, arn):
    task = site.task(arn)
    return task if task["lastStatus"] in ("RUNNING", "STOPPED") else None


SDK = """
import boto3, json, time
ecs = boto3.client("ecs", endpoint_url="http://%s:8765", region_name="us-east-1")
def said(call, **arguments):
    try:
        call(**arguments)
        return "ok"
    except Exception as error:
        return getattr(error, "response", {}).get("Error", {}).get("Code") or repr(error)
while True:
    key = boto3.Session().get_credentials().get_frozen_credentials().access_key
    print(json.dumps({"key": key, "list": said(ecs.list_tasks),
                      "run": said(ecs.run_task, taskDefinition="test")}), flush=True)
    time.sleep(1)
""" % HOST_ADDRESS


def test_an_sdk_in_a_container_gets_its_credentials_by_itself_and_new_ones_in_time(site):
    site.scheduler.kill()
    site.start_scheduler(advertise=site.recorder.url, listen="0.0.0.0:8765", allowPlainHttp=True,
                         credentialsLifetime=60)
    site.wait_for_agents()
    site.host.berth("import", debian.with_boto3(), "--name", "debian-boto3:1")
    arn = site.run(site.define(
        {"name": "main", "image": "debian-boto3:1", "memory": 256, "stopTimeout": 1,
         "command": ["/usr/bin/python3", "-c", SDK]},
        taskRoleArn=add_role(site.iam, "lists", LISTS)))
    site.wait_for_task(arn, "RUNNING")
    began = time.monotonic()
    first = wait_for(lambda: words_of(site, arn), "a word of the SDK")[0]
    assert (first["list"], first["run"]) == ("ok", "AccessDeniedException")
    old = site.recorder.of_type("PayloadMessage")[-1]["tasks"][0]["roleCredentials"]
    assert old["accessKeyId"] == first["key"]
    wait_for(lambda: words_of(site, arn)[-1]["key"] != first["key"], "new credentials", 70)
    assert 40 < time.monotonic() - began < 60
    client = site.client(key=(old["accessKeyId"], old["secretAccessKey"], old["sessionToken"]))
    wait_for(lambda: time.monotonic() - began > 61, "the end of the old credentials")
    assert code_of(client.list_tasks) == "ExpiredTokenException"
    words = words_of(site, arn)
    assert {(one["list"], one["run"]) for one in words} == {("ok", "AccessDeniedException")}


def words_of(site, arn):
    lines = log_of(site, arn).splitlines()
    return [json.loads(line[line.index("{"):]) for line in lines if line.endswith("}")]
