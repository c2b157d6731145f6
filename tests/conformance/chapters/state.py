"""runtime.md, State and Query State."""

import re

from harness.cases import MUST, case
from harness.runtime import exists, read
from harness.trial import wait_for

STATE = "runtime.md#state"
QUERY = "runtime.md#query-state"


@case(STATE, MUST, "The state has ociVersion, a version in the form of SemVer")
def oci_version(t):
    got = t.create().state().get("ociVersion")
    t.true(re.fullmatch(r"\d+\.\d+\.\d+([-+].*)?", str(got)), "state.ociVersion", "a version", got)


@case(STATE, MUST, "The state has the container's id")
def container_id(t):
    container = t.create()
    t.equal(container.state().get("id"), container.id, "state.id")


@case(STATE, MUST, "Between create and start the status is created")
def status_created(t):
    t.equal(t.create().status(), "created", "state.status after create")


@case(STATE, MUST, "While the program runs the status is running")
def status_running(t):
    t.equal(t.start().status(), "running", "state.status of a program that runs")


@case(STATE, MUST, "Once the program has ended the status is stopped")
def status_stopped(t):
    t.start("exit 3").stopped()


@case(STATE, MUST, "A container that is created has its process's pid, as the host sees it")
def pid_when_created(t):
    pid = t.create().state().get("pid")
    t.true(isinstance(pid, int) and pid > 1 and exists(pid), "state.pid", "a process of the host", pid)


@case(STATE, MUST, "The pid of a running container is that of the process that process.args names")
def pid_when_running(t):
    t.process["args"] = ["sleep", "1234"]
    container = t.create()
    t.succeeds(container.start(), "start")
    path = f"/proc/{container.state().get('pid')}/cmdline"
    wait_for(lambda: read(path).startswith("sleep"), 2)  # start may return just before execve
    t.equal(read(path).split("\0")[:2], ["sleep", "1234"], "the command line of state.pid")


@case(STATE, MUST, "The pid stays the same from create to start")
def pid_is_kept(t):
    t.script("sleep 1000")
    container = t.create()
    before = container.state().get("pid")
    t.succeeds(container.start(), "start")
    t.equal(container.state().get("pid"), before, "state.pid after start")


@case(STATE, MUST, "The state has the absolute path of the bundle")
def bundle(t):
    t.equal(t.create().state().get("bundle"), str(t.path), "state.bundle")


@case(STATE, MUST, "The bundle's path in the state is absolute even if create was given a relative one")
def bundle_is_absolute(t):
    t.bundle.save()
    container = t.container()
    t.succeeds(t.runtime.call("create", "--bundle", t.path.name, container.id, log=container.log,
                              cwd=t.path.parent), "create with a relative path")
    t.equal(container.state().get("bundle"), str(t.path), "state.bundle")


@case(STATE, MUST, "The state has the configuration's annotations", drop="annotations")
def annotations(t):
    t.config["annotations"] = {"com.example.one": "1", "com.example.two": ""}
    t.equal(t.create().state().get("annotations"), t.config["annotations"], "state.annotations")


@case(STATE, MUST, "Without annotations in the configuration the state has none, or an empty map")
def no_annotations(t):
    t.equal(t.create().state().get("annotations") or {}, {}, "state.annotations")


@case(STATE, MUST, "The state in JSON has strings for ociVersion, id, status and bundle, a number for pid")
def types(t):
    state = t.create().state()
    got = {key: type(state.get(key)).__name__ for key in ("ociVersion", "id", "status", "bundle", "pid")}
    t.equal(got, {"ociVersion": "str", "id": "str", "status": "str", "bundle": "str", "pid": "int"},
            "types of the state's properties")


@case(QUERY, MUST, "A query without an id is an error")
def query_without_id(t):
    t.fails(t.call("state"), "state without an id")


@case(QUERY, MUST, "A query for a container that does not exist is an error")
def query_of_nothing(t):
    t.fails(t.container().query(), "state of a container that does not exist")


@case(QUERY, MUST, "Each container's query tells its own state")
def query_of_two(t):
    first, second = t.create(), t.create()
    t.equal(first.state()["id"], first.id, "the first one's id")
    t.equal(second.state()["id"], second.id, "the second one's id")
    t.true(first.state()["pid"] != second.state()["pid"], "pids", "two pids", first.state()["pid"])
