"""A scheduler and its agents on throw-away hosts, and boto3 as their client."""

import configparser
import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

import botocore.config
import botocore.session

from harness import dump
from harness.berth import IMAGE, container, definition, wait_for
from harness.fake_scheduler import KEY, FakeScheduler
from harness.host import Host
from harness.netns import Network
from harness.recorder import Recorder

REGION = "us-east-1"
PORT = 8765
STATE = "/var/lib/berth/scheduler"
AWSVPC = {"awsvpcConfiguration": {"subnets": ["subnet-default"]}}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole"}})


@functools.cache
def aws_session():
    """Holds the parsed API models, which take long to read."""
    return botocore.session.Session()


class Client:
    """A boto3 client (botocore's, which boto3 hands out) whose sockets are on a host's network."""

    def __init__(self, network, service, url, key):
        self._network = network
        access_key, secret, *token = key
        self._client = aws_session().create_client(
            service, region_name=REGION, endpoint_url=url, aws_access_key_id=access_key,
            aws_secret_access_key=secret, aws_session_token=token[0] if token else None,
            config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=20,
                                          connect_timeout=5, parameter_validation=False,
                                          max_pool_connections=32))
        self.exceptions = self._client.exceptions

    def __getattr__(self, name):
        method = getattr(self._client, name)

        def call(**arguments):
            answer = self._network(method, **arguments)
            answer.pop("ResponseMetadata", None)
            return answer
        return call

    def begin(self, name, **arguments):
        """A call of which a Future tells the answer."""
        return self._network.begin(getattr(self._client, name), **arguments)


class Program:
    """One of our programs as it runs on a host, with its log in a file."""

    def __init__(self, host, log, words, env):
        self.host = host
        self.log = pathlib.Path(log)
        with open(log, "a") as output:
            self.running = host.popen(*words, stdout=output, stderr=output,
                                      env=os.environ | env)

    def alive(self):
        return self.running.entering.poll() is None

    def kill(self):
        self.running.kill()
        self.running.wait()

    def stop(self):
        """Asks it to end; its exit code."""
        self.running.signal(signal.SIGTERM)
        return self.running.wait(20)

    def said(self, text):
        return text in self.log.read_text()


def agent_settings(url, key, **more):
    """The environment of an agent that forgets a task one second after its end."""
    return {"ECS_BACKEND_HOST": url, "ECS_CLUSTER": "default", "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1], "BERTH_LOG": "debug",
            "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION": "1s", **more}


class Agent:
    """berthd on a host; `env` is what it is told."""

    def __init__(self, host, log, env):
        self.host = host
        self.log = log
        self.env = env
        self.words = []  # its options
        self.program = None

    def start(self, **more):
        self.program = Program(self.host, self.log,
                               [self.host.program("berthd"), *self.words], self.env | more)
        return self

    def kill(self):
        self.program.kill()

    def stop(self):
        return self.program.stop()

    def alive(self):
        return self.program is not None and self.program.alive()

    def tasks(self):
        """The tasks of its host by their id, as `berth ps` has them."""
        listed = json.loads(self.host.berth(*self.words, "ps", "--all", "--json").stdout)
        return {task["taskArn"].rpartition("/")[2]: task for task in listed}

    def running(self):
        return [task for task in self.tasks().values() if task["lastStatus"] == "RUNNING"]


class Cluster:
    """Use as a context manager. The scheduler is on `host`; agents may be elsewhere, too."""

    def __init__(self, host, before, directory):
        self.host = host
        self.before = before  # a dump that the host must be as at the end
        self.directory = pathlib.Path(directory)
        self.network = Network(host.pid)
        self.url = f"http://127.0.0.1:{PORT}"
        self.config = {}
        self.scheduler = None
        self.agents = []
        self.closing = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for thing in reversed(self.closing):
            thing.close()
        for agent in self.agents:
            if agent.alive():
                agent.kill()
        if self.scheduler and self.scheduler.alive():
            self.scheduler.kill()
        self.network.close()
        self._show_logs()

    def _show_logs(self):
        """pytest shows them if the test has failed."""
        for path in sorted(self.directory.glob("*.log")):
            print(f"---- {path.name}\n{path.read_text()[-6000:]}")

    def path(self, inside):
        """Where the test finds a file of the host."""
        return pathlib.Path(f"/proc/{self.host.pid}/root{inside}")

    # -- the scheduler ----------------------------------------------------------------------------

    def start_scheduler(self, wait=True, **config):
        """Starts it with this configuration, or that of the last time."""
        self.config = config or self.config
        path = self.directory / "scheduler.json"
        path.write_text(json.dumps(self.config))
        self.scheduler = Program(self.host, self.directory / "scheduler.log",
                                 [self.host.program("berth-scheduler"), "--config", path],
                                 {"BERTH_LOG": "info"})
        if wait:
            self.wait_for_scheduler()
        return self

    def wait_for_scheduler(self):
        credentials = self.path(f"{STATE}/credentials/agent")
        wait_for(lambda: self.network(self._healthy) and credentials.exists(), "the scheduler")

    def _healthy(self):
        assert self.scheduler.alive(), self.scheduler.log.read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def restart_scheduler(self):
        self.scheduler.kill()
        self.start_scheduler()

    def key(self, user="operator"):
        """(access key id, secret) of a user that the installation has."""
        file = configparser.ConfigParser()
        file.read(self.path(f"{STATE}/credentials/{user}"))
        return file["default"]["aws_access_key_id"], file["default"]["aws_secret_access_key"]

    def client(self, service="ecs", key=None, url=None):
        return Client(self.network, service, url or self.url, key or self.key())

    @functools.cached_property
    def ecs(self):
        return self.client()

    @functools.cached_property
    def iam(self):
        return self.client("iam")

    # -- agents -----------------------------------------------------------------------------------

    def add_agent(self, host=None, start=True, **env):
        """An agent on `host`, the scheduler's own unless told otherwise."""
        settings = agent_settings(self.url, self.key("agent"), **env)
        log = self.directory / f"agent-{len(self.agents)}.log"
        agent = Agent(host or self.host, log, settings)
        self.agents.append(agent)
        if start:
            agent.start()
        return agent

    def instances(self, **options):
        """All container instances, as they are described."""
        try:
            arns = self.ecs.list_container_instances(**options)["containerInstanceArns"]
        except self.ecs.exceptions.ClusterNotFoundException:
            return []
        if not arns:
            return []
        return self.ecs.describe_container_instances(
            containerInstances=arns, include=["CONTAINER_INSTANCE_HEALTH"])["containerInstances"]

    def wait_for_agents(self, count=1, timeout=20):
        """The instances, once that many are connected."""
        def look():
            for agent in self.agents:
                assert agent.program is None or agent.alive(), agent.program.log.read_text()
            there = [one for one in self.instances() if one["agentConnected"]]
            return there if len(there) == count else None
        return wait_for(look, f"{count} connected agents", timeout)

    def assert_nothing_left(self):
        """Of what agents have made on the host."""
        assert_as_before(self.host, self.before)

    # -- tasks ------------------------------------------------------------------------------------

    def define(self, *containers, family="test", mode="bridge", **fields):
        """Registers a task definition; its name."""
        answer = self.ecs.register_task_definition(
            family=family, networkMode=mode, containerDefinitions=list(containers), **fields)
        shown = answer["taskDefinition"]
        return f"{shown['family']}:{shown['revision']}"

    def run(self, definition, count=1, **options):
        """ARNs of tasks that run-task has placed; the test fails if there are fewer."""
        answer = self.ecs.run_task(taskDefinition=definition, count=count, **options)
        assert not answer["failures"], answer
        arns = [task["taskArn"] for task in answer["tasks"]]
        assert len(arns) == count
        return arns if count > 1 else arns[0]

    def task(self, arn):
        answer = self.ecs.describe_tasks(tasks=[arn])
        assert answer["tasks"], answer
        return answer["tasks"][0]

    def wait_for_task(self, arn, status, timeout=20):
        """The task once it has that status. Fails at once if it has stopped instead."""
        def look():
            task = self.task(arn)
            if task["lastStatus"] == "STOPPED" and status != "STOPPED":
                raise AssertionError(f"the task has stopped: {task}")
            return task if task["lastStatus"] == status else None
        return wait_for(look, f"{arn} {status}", timeout)

    def stop_task(self, arn, timeout=20):
        self.ecs.stop_task(task=arn)
        return self.wait_for_task(arn, "STOPPED", timeout)


def add_role(iam, name, *statements):
    """A role for tasks that may do what the IAM statements say; its ARN."""
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements)}))
    return role["Arn"]


def sleeper(name="main", **fields):
    """A container that runs until it is stopped, at once."""
    return {"name": name, "image": IMAGE, "memory": 16, "stopTimeout": 1,
            "command": ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"], **fields}


def make_certificate(directory, name="server"):
    """(chain, key): files of a self-signed certificate for 127.0.0.1."""
    chain, key = pathlib.Path(directory) / f"{name}.pem", pathlib.Path(directory) / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", chain, "-keyout", key],
                   check=True, capture_output=True)
    return chain, key


def exits_when_told(code, **fields):
    """A container that ends with `code` once there is a file "go" in the directory that
    gate_volume names."""
    script = f"while [ ! -e /gate/go ]; do sleep 0.05; done; exit {code}"
    return sleeper(command=["sh", "-c", script],
                   mountPoints=[{"sourceVolume": "gate", "containerPath": "/gate"}], **fields)


def gate_volume(directory):
    return [{"name": "gate", "host": {"sourcePath": str(directory)}}]


WARM_UP = {"bridge": {"portMappings": [{"containerPort": 80}]}, "awsvpc": {}}


def warm_up(host, directory):
    """Runs a task in each network mode: the first one makes what stays on a host for good."""
    for mode, fields in WARM_UP.items():
        path = pathlib.Path(directory) / f"warm-up-{mode}.json"
        path.write_text(json.dumps(definition(container("it", "true", **fields), mode=mode)))
        host.berth("run", path)


# The agent's endpoint and resolver: there while an agent is, and after one that was killed.
ENDPOINT = re.compile(r'169\.254\.170\.(2|53)/32|dst=169\.254\.170\.(2|53) |"berth_(agent|names)"'
                      r"|/run/berth/resolver$|/usr/sbin/unbound -c /var/lib/unbound/berth/")


def without_programs(dump):
    """A dump without what comes and goes with the agent and the scheduler themselves: they, and what the
    agent has ready for tasks to come, a namespace for each interface."""
    links = [line for line in dump["links"] if not re.match(r"ifname=berth-[0-9a-f]{8} ", line)]
    ready = len(dump["links"]) - len(links)
    held = [line for line in dump["namespaces"] if line.endswith(" held by berthd")]
    return {**dump, "links": links,
            "namespaces": [line for line in dump["namespaces"] if line not in held[:ready]],
            "processes": [line for line in dump["processes"] if "/berthd" not in line
                          and "/berth-scheduler" not in line]}


class ReadyHost:
    """A host with the test image for one test after the other, while each leaves it clean."""

    def __init__(self, bin_dir, rootfs_dir, directory):
        self._bin_dir = bin_dir
        self._rootfs_dir = rootfs_dir
        self._directory = directory
        self._host = None
        self._before = None

    def get(self):
        """(the host, how it is between tests): with nothing but what stays on it for good."""
        if self._host is None:
            self._host = Host(self._bin_dir, leave_out=ENDPOINT).__enter__()
            self._host.berth("import", self._rootfs_dir, "--name", IMAGE)
            warm_up(self._host, self._directory)
            with FakeSite(self._host, None, self._directory) as site:  # the agent's endpoints
                site.join()
            self._before = self._host.dump_at_rest()
        self._host.run("sh", "-c", f"rm -rf {STATE}; rm -f /var/lib/berth/agent.db*")
        return self._host, self._before

    def discard(self):
        """Something is left of a test: the next one gets a new host."""
        if self._host is not None:
            self._host.__exit__()
        self._host = None


def use(ready_host, kind, directory):
    """A `kind` on the host for one test, after which nothing may be left of it."""
    host, before = ready_host.get()
    try:
        with kind(host, before, directory) as made:
            yield made
            made.assert_nothing_left()
        host.assert_nothing_left(before)
    except BaseException:
        ready_host.discard()
        raise


class Site(Cluster):
    """A cluster whose scheduler and only agent are on one host, with a Recorder between them."""

    def __init__(self, host, before, directory, **config):
        super().__init__(host, before, directory)
        self.recorder = Recorder(self.network, PORT)
        self.closing.append(self.recorder)
        self.start_scheduler(advertise=self.recorder.url, **config)
        self.agent = self.add_agent(ECS_BACKEND_HOST=self.recorder.url)
        self.wait_for_agents()

    @property
    def instance(self):
        return self.instances()[0]

    def restart_agent(self):
        self.agent.kill()
        self.agent.start()
        self.wait_for_agents()

    def assert_nothing_left(self):
        """Fails unless the host is as before once all tasks are stopped and forgotten."""
        if self.scheduler.alive() and self.agent.alive():
            for arn in self.ecs.list_tasks()["taskArns"]:
                self.ecs.stop_task(task=arn)
            wait_for(lambda: not self.ecs.list_tasks()["taskArns"], "the end of all tasks")
            wait_for(lambda: not self.agent.tasks(), "that the agent forgets its tasks")
        assert_as_before(self.host, self.before)


class FakeSite:
    """A host with an agent (not started) and a FakeScheduler. Use as a context manager."""

    def __init__(self, host, before, directory):
        self.host = host
        self.before = before
        self.network = Network(host.pid)
        self.scheduler = FakeScheduler(self.network)
        self.agent = Agent(host, pathlib.Path(directory) / "agent.log",
                           agent_settings(self.scheduler.url, KEY))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.scheduler.close()
        if self.agent.alive():
            self.agent.kill()
        self.network.close()
        print(self.agent.log.read_text()[-6000:] if self.agent.log.exists() else "")

    def join(self, **env):
        """Starts the agent; its connection for orders."""
        self.agent.start(**env)
        return self.scheduler.connection("acs", timeout=30)

    def assert_nothing_left(self):
        """Fails unless all tasks have ended and been forgotten, and all signatures were right."""
        if self.agent.alive():
            wait_for(lambda: not self.agent.tasks(), "that the agent forgets its tasks")
        assert_as_before(self.host, self.before)
        assert not self.scheduler.faults, self.scheduler.faults


def assert_as_before(host, before, timeout=10):
    deadline = time.monotonic() + timeout
    while (differences := dump.differences(before, without_programs(host.dump()))):
        assert time.monotonic() < deadline, "\n".join(["left on the host:", *differences])
        time.sleep(0.1)
