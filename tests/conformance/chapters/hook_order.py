"""Hooks in the life cycle: when each is called, and what comes of one that fails."""

from harness.cases import MUST, case
from harness.hooks import anchor, life, log, record
from harness.runtime import read

LIFECYCLE = "runtime.md#lifecycle"


def common(t, *kinds, text=None):
    """Hooks and the program that append their names to one file on a volume at /mnt and outside."""
    volume = t.path / "volume"
    volume.mkdir()
    t.mount({"destination": "/mnt", "type": "bind", "source": str(volume), "options": ["bind"]})
    for kind in kinds:
        path = "/mnt" if kind == "startContainer" else volume
        record(t, kind, f"echo {kind} >> {path}/all; {text or ''}")
    return volume / "all"


def words(path):
    return read(path).split() if path.exists() else []


@case(anchor("prestart"), MUST, "prestart hooks are called before createRuntime hooks")
def prestart_first(t):
    every = common(t, "createRuntime", "prestart")
    life(t)
    t.equal(words(every), ["prestart", "createRuntime"], "the order of calls")


@case(anchor("createContainer"), MUST, "createContainer hooks are called after createRuntime hooks")
def create_runtime_first(t):
    every = common(t, "createContainer", "createRuntime")
    life(t)
    t.equal(words(every), ["createRuntime", "createContainer"], "the order of calls")


@case(LIFECYCLE, MUST, "create calls prestart, createRuntime and createContainer hooks, and no others",
      peers="runc calls poststart hooks from create too")
def of_create(t):
    every = common(t, "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
    t.create()
    t.equal(words(every), ["prestart", "createRuntime", "createContainer"], "calls until create returns")


@case(anchor("startContainer"), MUST, "start calls startContainer hooks before the program", drop="hooks")
def start_container_first(t):
    every = common(t, "startContainer")
    life(t, "echo program >> /mnt/all")
    t.equal(words(every), ["startContainer", "program"], "the order of calls")


@case(anchor("poststart"), MUST, "poststart hooks are called before start returns", drop="hooks",
      peers="runc calls them before create returns")
def poststart_before_start_returns(t):
    every = common(t, "poststart")
    t.script("sleep 1000")
    container = t.create()
    t.equal(words(every), [], "calls until create returns")
    t.succeeds(container.start(), "start")
    t.equal(words(every), ["poststart"], "calls until start returns")


@case(anchor("poststop"), MUST, "poststop hooks are called by delete, and not before", drop="hooks")
def poststop_by_delete(t):
    every = common(t, "poststop")
    container = t.start("true")
    container.stopped()
    t.equal(words(every), [], "calls until the program's end")
    t.succeeds(container.delete(), "delete")
    t.equal(words(every), ["poststop"], "calls until delete returns")


@case(anchor("poststop"), MUST, "poststop hooks are called once the container is deleted",
      peers="crun removes its state only after them")
def poststop_after_the_container(t):
    record(t, "poststop", "true")
    state = f"{t.runtime.program} {' '.join(t.runtime.flags)} --root {t.runtime.root} state"
    script = t.path / "poststop"
    container = t.container()
    script.write_text(f"#!/bin/sh\ncat > /dev/null\n{state} {container.id} >/dev/null 2>&1 && "
                      f"echo there > {t.path}/poststop.log || echo gone > {t.path}/poststop.log\n")
    t.script("true")
    t.succeeds(t.try_create(container=container)[1], "create")
    t.succeeds(container.start(), "start")
    container.stopped()
    t.succeeds(container.delete(), "delete")
    t.equal(log(t, "poststop").strip(), "gone", "the container, as a poststop hook saw it")


def add_failing(kind):
    @case(LIFECYCLE, MUST, f"A {kind} hook that fails is an error of create, and the container is undone",
          name=f"{kind}_fails", drop="hooks")
    def fails(t):
        every = common(t, kind, text="exit 1")
        container, result = t.try_create()
        t.fails(result, f"create with a {kind} hook that fails")
        t.equal(words(every), [kind], "calls")
        t.fails(container.query(), "state after the error")

    @case(LIFECYCLE, MUST, f"After a {kind} hook that failed, poststop hooks are called",
          name=f"{kind}_fails_poststop",
          peers="crun 1.8 calls none")
    def fails_poststop(t):
        every = common(t, kind, text="exit 1")
        record(t, "poststop", f"echo poststop >> {every}")
        t.fails(t.try_create()[1], f"create with a {kind} hook that fails")
        t.equal(words(every), [kind, "poststop"], "calls")


for each in ("prestart", "createRuntime", "createContainer"):
    add_failing(each)


@case(LIFECYCLE, MUST, "After a hook that failed, later hooks of its kind are not called")
def no_more_after_a_failure(t):
    record(t, "createRuntime", "echo one; exit 1", name="one")
    record(t, "createRuntime", "echo two", name="two")
    t.fails(t.try_create()[1], "create with a hook that fails")
    t.equal(log(t, "createRuntime").split(), ["one"], "what the hooks wrote")


@case(LIFECYCLE, MUST, "A startContainer hook that fails keeps the program from running", drop="hooks")
def start_container_fails(t):
    record(t, "startContainer", "exit 1")
    t.script("echo ran")
    container = t.create()
    container.start()
    t.true(container.query().code != 0 or container.status() == "stopped", "the container after start",
           "stopped or gone", container.query)
    t.equal(container.output(), "", "the program's output")


@case(LIFECYCLE, MUST, "A startContainer hook that fails is an error of start", drop="hooks",
      peers="runc and crun run it in the container's process, whose end start does not wait for")
def start_container_fails_start(t):
    record(t, "startContainer", "exit 1")
    t.fails(t.create().start(), "start with a startContainer hook that fails")


@case(LIFECYCLE, MUST, "A poststart hook that fails is an error of start, and stops the container",
      drop="hooks", peers="up to 1.2 the specification wanted a warning, which is what crun gives")
def poststart_fails(t):
    record(t, "poststart", "exit 1")
    t.script("sleep 1000")
    container = t.create()
    t.fails(container.start(), "start with a poststart hook that fails")
    t.true(container.query().code != 0 or container.status() == "stopped", "the container after start",
           "stopped or gone", container.query)


@case(LIFECYCLE, MUST, "A poststop hook that fails does not keep the others from being called", drop="hooks",
      peers="runc stops at the first that fails")
def poststop_fails(t):
    record(t, "poststop", "echo one; exit 1", name="one")
    record(t, "poststop", "echo two", name="two")
    container = life(t)
    t.equal(log(t, "poststop").split(), ["one", "two"], "what the hooks wrote")
    t.fails(container.query(), "state after delete")
