"""A task of two containers that takes something of everything its host has to give."""

import json

from harness.berth import container, definition, depends, wait_for

LONG = ["sleep", "1000"]
SHORT = ["sh", "-c", "exit 3"]


def write(directory, name, mode, command):
    """The path of a new task definition."""
    first = container("first", *command, stopTimeout=2, portMappings=[{"containerPort": 80}],
                      mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}])
    second = container("second", *command, stopTimeout=2,
                       linuxParameters={"initProcessEnabled": True},
                       **depends(("first", "START")))
    path = directory / f"{name}-{mode}.json"
    path.write_text(json.dumps(
        definition(first, second, mode=mode, family="pair", volumes=[{"name": "data"}])))
    return path


def tasks(host):
    """{name: description} of all tasks, as `berth ps` has them."""
    listed = json.loads(host.berth("ps", "--all", "--json").stdout)
    return {task["name"]: task for task in listed}


def wait_for_status(host, name, status):
    """The task once it has that status."""
    def look():
        task = tasks(host).get(name, {})
        return task if task.get("lastStatus") == status else None
    return wait_for(look, f"{name} {status}")


def processes(host):
    """The pids, as the test sees them, of all processes of tasks by the name of their cgroup:
    ".shim" (the shim, its launchers, the finisher) or a container's."""
    found = {}
    for path in (host.cgroup.path / "berth").glob("*/*/cgroup.procs"):
        try:
            pids = [int(pid) for pid in path.read_text().split()]
        except OSError:  # removed meanwhile
            continue
        found.setdefault(path.parent.name, []).extend(pids)
    return found


def any_process(host):
    """Whether a process of any task is left, also one that has gone to the finishers' cgroup."""
    try:
        return "populated 1" in (host.cgroup.path / "berth/cgroup.events").read_text()
    except OSError:
        return False  # there is no such cgroup


def wait_for_end(host, timeout=20):
    """Until no process of any task is left."""
    wait_for(lambda: not any_process(host), "the end of all processes of tasks", timeout)
