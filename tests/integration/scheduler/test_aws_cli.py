"""The whole API with Debian's own aws command, against a scheduler and an agent on one host."""

import json
import shlex

import pytest
from harness import rootfs
from harness.berth import IMAGE, wait_for
from harness.host import Host

AWS = "/usr/bin/aws"
ENDPOINT = "http://127.0.0.1:8765"
CREDENTIALS = "/var/lib/berth/scheduler/credentials/operator"
TRUST = {"Version": "2012-10-17",
         "Statement": {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                       "Action": "sts:AssumeRole"}}


class Cloud:
    """`aws` on a host that `berth up` has brought up."""

    def __init__(self, host):
        self.host = host
        host.berth("up")

    def __call__(self, *words, check=True, service="ecs"):
        environment = ["env", f"AWS_SHARED_CREDENTIALS_FILE={CREDENTIALS}",
                       "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=", "HOME=/root"]
        done = self.host.run(*environment, AWS, "--endpoint-url", ENDPOINT, "--output", "json",
                             service, *words, check=check)
        if not check:
            return done
        return json.loads(done.stdout) if done.stdout.strip() else None

    def fails(self, *words, **options):
        """The error's code and text."""
        done = self(*words, check=False, **options)
        assert done.returncode != 0, done
        return done.stderr.strip()

    def register(self, family, *command, **fields):
        """Registers a task definition of one container with the test image; its ARN."""
        container = {"name": "a", "image": IMAGE, "memory": 16, "stopTimeout": 2,
                     "command": list(command), "linuxParameters": {"initProcessEnabled": True}}
        definition = {"family": family, "networkMode": "none", "containerDefinitions": [container],
                      **fields}
        answer = self("register-task-definition", "--cli-input-json", json.dumps(definition))
        return answer["taskDefinition"]["taskDefinitionArn"]


@pytest.fixture(scope="module")
def cloud(bin_dir, tmp_path_factory):
    with Host(bin_dir) as host:
        before = host.dump_at_rest()
        made = rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)
        host.berth("import", made, "--name", IMAGE)
        yield Cloud(host)
        host.berth("down")
        host.berth("rm", "--force", "--all", check=False)
        host.berth("rmi", IMAGE)
        # What an installation keeps is no task's.
        host.run("sh", "-c", "rm -rf /var/lib/berth/scheduler* /var/lib/berth/agent.* "
                             "/var/lib/berth/berthd.log /var/lib/berth/berth-scheduler.log")
        host.assert_nothing_left(before)


def test_clusters(cloud):
    made = cloud("create-cluster", "--cluster-name", "blue", "--tags", "key=team,value=one")
    assert made["cluster"]["status"] == "ACTIVE"
    assert cloud("create-cluster", "--cluster-name", "blue")["cluster"] == made["cluster"]
    listed = cloud("list-clusters")["clusterArns"]
    assert sorted(arn.rpartition("/")[2] for arn in listed) == ["blue", "default"]
    described = cloud("describe-clusters", "--clusters", "blue", "red", "--include", "TAGS")
    assert described["clusters"][0]["tags"] == [{"key": "team", "value": "one"}]
    assert described["failures"][0]["reason"] == "MISSING"
    settings = cloud("update-cluster", "--cluster", "blue", "--settings",
                     "name=containerInsights,value=enabled")["cluster"]["settings"]
    assert settings == [{"name": "containerInsights", "value": "enabled"}]
    assert cloud("delete-cluster", "--cluster", "blue")["cluster"]["status"] == "INACTIVE"
    assert "ClusterNotFoundException" in cloud.fails("list-tasks", "--cluster", "blue")


def test_up_takes_nothing_from_the_callers_own_aws_settings(cloud):
    """The operator's key is exported in the very shell that `berth up` has said it to."""
    before = cloud("list-container-instances")
    cloud.host.berth("down")
    cloud.host.run("env", "AWS_ACCESS_KEY_ID=AKIAOTHER", "AWS_SECRET_ACCESS_KEY=other",
                   "AWS_DEFAULT_REGION=eu-west-1", cloud.host.program("berth"), "up")
    assert cloud("list-container-instances") == before


def test_task_definitions(cloud):
    arns = [cloud.register("defs", "sleep", "1") for _ in range(3)]
    assert [arn.rpartition(":")[2] for arn in arns] == ["1", "2", "3"]
    shown = cloud("describe-task-definition", "--task-definition", "defs")["taskDefinition"]
    assert shown["revision"] == 3 and shown["status"] == "ACTIVE"
    listed = cloud("list-task-definitions", "--family-prefix", "defs", "--sort", "DESC")
    assert listed["taskDefinitionArns"] == arns[::-1]
    assert "defs" in cloud("list-task-definition-families")["families"]
    gone = cloud("deregister-task-definition", "--task-definition", "defs:3")
    assert gone["taskDefinition"]["status"] == "INACTIVE"
    shown = cloud("describe-task-definition", "--task-definition", "defs")["taskDefinition"]
    assert shown["revision"] == 2
    assert "Invalid revision number" in cloud.fails("describe-task-definition",
                                                    "--task-definition", "defs:x")


def test_a_task_from_run_to_stop(cloud):
    cloud.register("life", "sleep", "600")
    answer = cloud("run-task", "--task-definition", "life", "--started-by", "me", "--tags",
                   "key=k,value=v")
    assert answer["failures"] == []
    arn = answer["tasks"][0]["taskArn"]
    cloud("wait", "tasks-running", "--tasks", arn)
    task = cloud("describe-tasks", "--tasks", arn, "--include", "TAGS")["tasks"][0]
    assert task["lastStatus"] == "RUNNING" and task["connectivity"] == "CONNECTED"
    assert task["tags"] == [{"key": "k", "value": "v"}]
    assert task["containers"][0]["runtimeId"] and task["containers"][0]["imageDigest"]
    assert cloud("list-tasks", "--started-by", "me")["taskArns"] == [arn]
    assert cloud("list-tasks", "--family", "other")["taskArns"] == []
    stopping = cloud("stop-task", "--task", arn, "--reason", "enough")["task"]
    assert stopping["desiredStatus"] == "STOPPED"

    def stopped():
        shown = cloud("describe-tasks", "--tasks", arn)["tasks"][0]
        return shown if shown["lastStatus"] == "STOPPED" else None
    task = wait_for(stopped, "the task's end")
    cloud("wait", "tasks-stopped", "--tasks", arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert task["containers"][0]["exitCode"] == 143


def test_overrides_and_exit_codes(cloud):
    cloud.register("code", "false")
    overrides = {"containerOverrides": [{"name": "a", "command": ["sh", "-c", "exit 7"]}]}
    arn = cloud("run-task", "--task-definition", "code", "--overrides",
                json.dumps(overrides))["tasks"][0]["taskArn"]

    def stopped():
        shown = cloud("describe-tasks", "--tasks", arn)["tasks"][0]
        return shown if shown["lastStatus"] == "STOPPED" else None
    task = wait_for(stopped, "the task's end")
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["containers"][0]["exitCode"] == 7


def test_start_task_count_and_client_token(cloud):
    cloud.register("more", "sleep", "600")
    instance = cloud("list-container-instances")["containerInstanceArns"][0]
    started = cloud("start-task", "--task-definition", "more", "--container-instances", instance,
                    "nobody")
    assert len(started["tasks"]) == 1
    assert started["failures"][0]["reason"] == "MISSING"
    ran = cloud("run-task", "--task-definition", "more", "--count", "2", "--group", "mine")
    assert len(ran["tasks"]) == 2 and ran["tasks"][0]["group"] == "mine"
    assert "count must be from 1 to 10" in cloud.fails("run-task", "--task-definition", "more",
                                                       "--count", "11")
    for task in started["tasks"] + ran["tasks"]:
        cloud("stop-task", "--task", task["taskArn"])


def test_placement(cloud):
    cloud.register("place", "sleep", "600")
    failed = cloud("run-task", "--task-definition", "place", "--placement-constraints",
                   "type=memberOf,expression=attribute:rack == r9")
    assert failed["tasks"] == [] and "MemberOf" in failed["failures"][0]["reason"]
    failed = cloud("run-task", "--task-definition", "place", "--count", "2",
                   "--placement-constraints", "type=distinctInstance")
    assert len(failed["tasks"]) == 1 and len(failed["failures"]) == 1
    cloud("stop-task", "--task", failed["tasks"][0]["taskArn"])
    assert "placementStrategy" in cloud.fails("run-task", "--task-definition", "place",
                                              "--placement-strategy", "type=binpack,field=disk")


def test_container_instances_and_attributes(cloud):
    arn = cloud("list-container-instances")["containerInstanceArns"][0]
    shown = cloud("describe-container-instances", "--container-instances", arn, "gone")
    instance = shown["containerInstances"][0]
    assert instance["agentConnected"] and instance["status"] == "ACTIVE"
    assert {"CPU", "MEMORY", "PORTS", "PORTS_UDP"} == {
        each["name"] for each in instance["registeredResources"]}
    assert shown["failures"][0]["reason"] == "MISSING"
    put = cloud("put-attributes", "--attributes", f"name=rack,value=r1,targetId={arn}")
    assert put["attributes"][0]["value"] == "r1"
    listed = cloud("list-attributes", "--target-type", "container-instance", "--attribute-name",
                   "rack")
    assert listed["attributes"][0]["targetId"] == arn
    found = cloud("list-container-instances", "--filter", "attribute:rack == r1")
    assert found["containerInstanceArns"] == [arn]
    cloud("delete-attributes", "--attributes", f"name=rack,targetId={arn}")
    listed = cloud("list-attributes", "--target-type", "container-instance", "--attribute-name",
                   "rack")
    assert listed["attributes"] == []
    drained = cloud("update-container-instances-state", "--container-instances", arn, "--status",
                    "DRAINING")
    assert drained["containerInstances"][0]["status"] == "DRAINING"
    cloud.register("drain", "true")
    failed = cloud("run-task", "--task-definition", "drain")
    assert failed["tasks"] == [] and failed["failures"]
    cloud("update-container-instances-state", "--container-instances", arn, "--status", "ACTIVE")


def test_tags_and_protection(cloud):
    cloud.register("tagged", "sleep", "600")
    arn = cloud("run-task", "--task-definition", "tagged")["tasks"][0]["taskArn"]
    cloud("tag-resource", "--resource-arn", arn, "--tags", "key=a,value=b", "key=c,value=d")
    cloud("untag-resource", "--resource-arn", arn, "--tag-keys", "a")
    tags = cloud("list-tags-for-resource", "--resource-arn", arn)["tags"]
    assert tags == [{"key": "c", "value": "d"}]
    answer = cloud("update-task-protection", "--cluster", "default", "--tasks", arn,
                   "--protection-enabled")
    assert answer["failures"][0]["reason"] == "TASK_NOT_VALID"  # of no service
    answer = cloud("get-task-protection", "--cluster", "default", "--tasks", arn)
    assert answer["protectedTasks"][0]["protectionEnabled"] is False
    cloud("stop-task", "--task", arn)


def test_pages(cloud):
    for _ in range(3):
        cloud.register("pages", "true")
    page = cloud("list-task-definitions", "--family-prefix", "pages", "--max-items", "2",
                 "--page-size", "1")
    assert len(page["taskDefinitionArns"]) == 2
    rest = cloud("list-task-definitions", "--family-prefix", "pages", "--starting-token",
                 page["NextToken"])
    assert len(rest["taskDefinitionArns"]) == 1


def test_what_is_refused(cloud):
    assert "CreateService is not supported" in cloud.fails("create-service", "--service-name", "x")
    bad = {"family": "bad", "containerDefinitions": [{"name": "a", "image": "x"}]}
    error = cloud.fails("register-task-definition", "--cli-input-json", json.dumps(bad))
    assert "ClientException" in error and "containerDefinitions[0]" in error
    done = cloud.host.run("env", "AWS_ACCESS_KEY_ID=AKIANOBODY", "AWS_SECRET_ACCESS_KEY=x",
                          "AWS_DEFAULT_REGION=us-east-1", AWS, "--endpoint-url", ENDPOINT, "ecs",
                          "list-clusters", check=False)
    assert "UnrecognizedClientException" in done.stderr
    secret = cloud.host.run("cat", CREDENTIALS).stdout.split()
    key = secret[secret.index("aws_access_key_id") + 2]
    done = cloud.host.run("env", f"AWS_ACCESS_KEY_ID={key}", "AWS_SECRET_ACCESS_KEY=x",
                          "AWS_DEFAULT_REGION=us-east-1", AWS, "--endpoint-url", ENDPOINT, "ecs",
                          "list-clusters", check=False)
    assert "InvalidSignatureException" in done.stderr


def test_awsvpc_and_roles(cloud):
    cloud("create-role", "--role-name", "reader", "--assume-role-policy-document",
          json.dumps(TRUST), service="iam")
    policy = {"Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"}]}
    cloud("put-role-policy", "--role-name", "reader", "--policy-name", "p", "--policy-document",
          json.dumps(policy), service="iam")
    identity = cloud("get-caller-identity", service="sts")
    assert identity["Arn"].endswith(":user/operator")
    script = ("wget -q -O - http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; "
              "echo; sleep 600")
    role = "arn:aws:iam::000000000000:role/reader"
    cloud.register("own", "sh", "-c", script, networkMode="awsvpc", taskRoleArn=role)
    assert "Network Configuration must be provided" in cloud.fails("run-task", "--task-definition",
                                                                   "own")
    answer = cloud("run-task", "--task-definition", "own", "--network-configuration",
                   "awsvpcConfiguration={subnets=[subnet-default]}")
    task = answer["tasks"][0]
    assert task["lastStatus"] == "PROVISIONING"
    details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
    cloud("wait", "tasks-running", "--tasks", task["taskArn"])
    shown = cloud("describe-tasks", "--tasks", task["taskArn"])["tasks"][0]
    assert shown["attachments"][0]["status"] == "ATTACHED"
    interface = shown["containers"][0]["networkInterfaces"][0]
    assert interface["privateIpv4Address"] == details["privateIPv4Address"]
    name = f"ecs-own-1-{task['taskArn'].rpartition('/')[2][:8]}"
    addresses = cloud.host.berth("exec", name, "a", "--", "ip", "-4", "-o", "address", "show",
                                 "eth0", check=False).stdout
    assert not addresses or details["privateIPv4Address"] in addresses

    def credentials():
        lines = cloud.host.berth("logs", name, "a").stdout.splitlines()
        return next((line for line in lines if line.startswith("{")), None)
    served = json.loads(wait_for(credentials, "the credentials"))
    assert served["RoleArn"] == role
    environment = {"AWS_ACCESS_KEY_ID": served["AccessKeyId"],
                   "AWS_SECRET_ACCESS_KEY": served["SecretAccessKey"],
                   "AWS_SESSION_TOKEN": served["Token"], "AWS_DEFAULT_REGION": "us-east-1"}
    words = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]

    def as_task(*command):
        line = " ".join([*words, AWS, "--endpoint-url", ENDPOINT, "ecs", *command])
        return cloud.host.run("sh", "-c", line, check=False)
    assert as_task("list-clusters").returncode == 0
    denied = as_task("describe-clusters").stderr
    assert "AccessDeniedException" in denied and "assumed-role/reader/" in denied
    cloud("stop-task", "--task", task["taskArn"])
