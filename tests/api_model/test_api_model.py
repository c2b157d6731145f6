"""The fields that Berth has for each operation are those of AWS's own model, as botocore carries it."""

import json
import os
import pathlib
import subprocess

import pytest

loaders = pytest.importorskip("botocore.loaders", reason="needs python3-botocore")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BERTH_BUILD_DIR", ROOT / "build/dev"))
HELPER = BUILD / "bin/berth-api-fields"

# What an older model lacks. (Agents send clientToken with RegisterContainerInstance, which no public
# model has; RunTask's came in 2023.)
NEWER = {"clientToken", "s3filesVolumeConfiguration", "configuredAtLaunch", "restartPolicy",
         "credentialSpecs", "versionConsistency", "enableFaultInjection", "containerPortRange",
         "hostPortRange", "zoneId"}
NEWER_OPERATIONS = {"DeleteTaskDefinitions"}
# A definition is registered with its tags and described without: one struct serves for both.
BOTH_WAYS = {"tags", "revision"}

# Ends of paths that are left out: capacity providers' attachments, updates of AWS's own agent, and
# accelerators that Berth has none of.
NOT_DONE = ("cluster.attachments", "clusters[].attachments", ".attachmentsStatus",
            ".agentUpdateStatus", "tasks[].inferenceAccelerators", "task.inferenceAccelerators",
            ".volumeConfigurations")

# Members that the model does not require, but that mean nothing when they are absent.
STRICTER = {"type", "condition", "size", "name", "softLimit", "hardLimit", "sizeInGiB", "logDriver",
            "awsvpcConfiguration", "enabled"}
# Required by the model; the rules for task definitions see to it, with better words.
BY_RULE = {"family", "containerDefinitions", "sourceContainer", "deviceName", "deviceType", "command",
           "hostname", "ipAddress", "credentialsParameter", "domain", "fileSystemId", "rootDirectory",
           "authorizationConfig", "containerName", "value", "name", "valueFrom", "hostPath",
           "containerPath", "subnets", "namespace"}

PLAIN = {"string": {"string"}, "boolean": {"boolean"}, "integer": {"integer", "long"},
         "double": {"double", "float"}, "timestamp": {"timestamp"}}


@pytest.fixture(scope="module")
def model():
    return loaders.Loader().load_service_model("ecs", "service-2")


@pytest.fixture(scope="module")
def ours():
    printed = json.loads(subprocess.run([HELPER], capture_output=True, check=True).stdout)
    return {operation: bodies for operation, bodies in printed.items() if operation}


def differences(model, shape_name, ours, path):
    """What is wrong with the type `ours`, measured by a shape of the model."""
    shape = model["shapes"][shape_name]
    kind = shape["type"]
    if isinstance(ours, str):
        return [] if kind in PLAIN[ours] else [f"{path}: is a {kind} there, a {ours} here"]
    if "enum" in ours:
        missing = set(shape.get("enum", [])) - set(ours["enum"])
        return [f"{path}: has no {sorted(missing)}"] if missing or kind != "string" else []
    if "list" in ours:
        if kind != "list":
            return [f"{path}: is a {kind} there, a list here"]
        return differences(model, shape["member"]["shape"], ours["list"], path + "[]")
    if "map" in ours:
        if kind != "map":
            return [f"{path}: is a {kind} there, a map here"]
        return differences(model, shape["value"]["shape"], ours["map"], path + "{}")
    if kind != "structure":
        return [f"{path}: is a {kind} there, an object here"]
    return differing_members(model, shape, ours, path)


def differing_members(model, shape, ours, path):
    found = []
    there, here = shape["members"], ours["members"]
    for name, kind in here.items():
        if name in there:
            found += differences(model, there[name]["shape"], kind, f"{path}.{name}")
        elif name not in NEWER | BOTH_WAYS:
            found.append(f"{path}.{name}: is not in the model")
    found += [f"{path}.{name}: is missing here" for name in there
              if name not in here and not f"{path}.{name}".endswith(NOT_DONE)]
    required = set(shape.get("required", []))
    found += [f"{path}.{name}: is required there" for name in required - set(ours["required"])
              if name in here and name not in BY_RULE]
    found += [f"{path}.{name}: is not required there" for name in set(ours["required"]) - required
              if name in there and name not in STRICTER]
    return found


def test_every_body_has_the_fields_of_the_model(model, ours):
    found = []
    for operation, bodies in ours.items():
        if operation not in model["operations"]:
            assert operation in NEWER_OPERATIONS, operation
            continue
        for direction, body in bodies.items():
            shape = model["operations"][operation][direction]["shape"]
            found += differences(model, shape, body, f"{operation} {direction}")
    assert not found, "\n".join(found)


def test_every_operation_of_agents_clusters_instances_tasks_and_tags_is_there(model, ours):
    done = {name for name in model["operations"] if not any(
        word in name for word in ("Service", "TaskSet", "CapacityProvider", "AccountSetting",
                                  "ExecuteCommand", "ContainerAgent"))}
    assert done - set(ours) == set()


def test_a_difference_is_found(model, ours):
    changed = json.loads(json.dumps(ours["RunTask"]["input"]))
    changed["members"]["count"] = "string"
    changed["members"]["countt"] = "integer"
    del changed["members"]["group"]
    changed["members"]["launchType"]["enum"].remove("EC2")
    changed["required"] = []
    assert differences(model, "RunTaskRequest", changed, "") == [
        ".count: is a integer there, a string here",
        ".launchType: has no ['EC2']",
        ".countt: is not in the model",
        ".group: is missing here",
        ".taskDefinition: is required there",
    ]
