"""The scheduler and the agent as systemd runs them, by the unit files of systemd/."""

import configparser
import json
import pathlib
import subprocess
import urllib.error
import urllib.request

from harness import signing
from harness.berth import wait_for

SOURCES = pathlib.Path(__file__).resolve().parents[3]
UNITS = pathlib.Path("/run/systemd/system")
CONFIG = pathlib.Path("/etc/berth")
CREDENTIALS = pathlib.Path("/var/lib/berth/scheduler/credentials")
ADDRESS = "127.0.0.1:8765"


def systemctl(*words, check=True):
    done = subprocess.run(["systemctl", "--no-pager", *words], capture_output=True, text=True)
    assert not check or done.returncode == 0, done
    return done.stdout


def show(unit, *properties):
    """{property: value} of a unit."""
    lines = systemctl("show", unit, f"--property={','.join(properties)}").splitlines()
    return dict(line.split("=", 1) for line in lines)


def journal(*words):
    """The entries of the journal that match, as dictionaries of their fields."""
    done = subprocess.run(["journalctl", "--output=json", "--all", "--quiet", *words],
                          capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _key(user):
    file = configparser.ConfigParser()
    file.read(CREDENTIALS / user)
    return file["default"]["aws_access_key_id"], file["default"]["aws_secret_access_key"]


def ecs(action, **arguments):
    """The answer of the scheduler's ECS API to the operator."""
    body = json.dumps(arguments)
    headers = signing.sign(_key("operator"), target="/", host=ADDRESS, method="POST", body=body,
                           headers={"content-type": "application/x-amz-json-1.1",
                                    "x-amz-target": "AmazonEC2ContainerServiceV20141113." + action})
    request = urllib.request.Request(f"http://{ADDRESS}/", body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{action}: {error.read().decode()}") from error


class Services:
    """Use as a context manager: both services, the agent connected."""

    def __init__(self, bin_dir):
        self._bin_dir = bin_dir

    def __enter__(self):
        CONFIG.mkdir(exist_ok=True)
        self._install("berth-scheduler")
        self._install("berthd")
        systemctl("daemon-reload")
        systemctl("start", "berth-scheduler")  # returns once it has told that it is ready
        key, secret = _key("agent")
        (CONFIG / "berthd.conf").write_text(
            f"ECS_BACKEND_HOST=http://{ADDRESS}\nAWS_DEFAULT_REGION=us-east-1\n"
            f"AWS_ACCESS_KEY_ID={key}\nAWS_SECRET_ACCESS_KEY={secret}\n")
        systemctl("start", "berthd")
        self.wait_for_agent()
        return self

    def __exit__(self, *_):
        systemctl("stop", "berthd", "berth-scheduler", check=False)

    def _install(self, name):
        """The unit as it is, but for where its program is."""
        unit = (SOURCES / f"systemd/{name}.service").read_text()
        assert f"ExecStart=/usr/bin/{name}\n" in unit
        (UNITS / f"{name}.service").write_text(
            unit.replace("ExecStart=/usr/bin/", f"ExecStart={self._bin_dir}/"))

    def wait_for_agent(self):
        def connected():
            arns = ecs("ListContainerInstances").get("containerInstanceArns")
            return arns and ecs("DescribeContainerInstances", containerInstances=arns)[
                "containerInstances"][0]["agentConnected"]
        wait_for(connected, "the agent", 60)

    def task(self, arn):
        return ecs("DescribeTasks", tasks=[arn])["tasks"][0]

    def wait_for_task(self, arn, status):
        def look():
            task = self.task(arn)
            return task if task["lastStatus"] == status else None
        return wait_for(look, f"{arn} {status}", 60)
