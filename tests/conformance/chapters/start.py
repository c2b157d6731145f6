"""runtime.md, Start."""

from harness.cases import MUST, case
from harness.runtime import read
from harness.trial import wait_for

START = "runtime.md#start"


@case(START, MUST, "start without an id is an error")
def without_id(t):
    t.fails(t.call("start"), "start without an id")


@case(START, MUST, "start of a container that does not exist is an error")
def of_nothing(t):
    t.fails(t.container().start(), "start of a container that does not exist")


@case(START, MUST, "start runs the program of the configuration", drop="process.args")
def runs_the_program(t):
    t.script("echo started")
    container = t.create()
    t.equal(container.output(), "", "output before start")
    t.succeeds(container.start(), "start")
    container.output_has("started")


@case(START, MUST, "After start the status is running")
def status(t):
    t.script("sleep 1000")
    container = t.create()
    t.succeeds(container.start(), "start")
    t.equal(container.status(), "running", "status")


@case(START, MUST, "start of a running container is an error")
def of_a_running_one(t):
    t.fails(t.start().start(), "start of a running container")


@case(START, MUST, "start of a running container does nothing to it")
def leaves_a_running_one_alone(t):
    container = t.start("echo x >> /tmp/runs; sleep 1000")
    wait_for(lambda: (t.rootfs / "tmp/runs").exists())
    before = container.state()
    t.fails(container.start(), "start of a running container")
    t.equal(container.state(), before, "state")
    t.equal(read(t.rootfs / "tmp/runs"), "x\n", "what the program wrote at its start")


@case(START, MUST, "start of a stopped container is an error")
def of_a_stopped_one(t):
    container = t.start("true")
    container.stopped()
    t.fails(container.start(), "start of a stopped container")


@case(START, MUST, "start of a stopped container does not run its program again")
def leaves_a_stopped_one_alone(t):
    container = t.start("echo x >> /tmp/runs")
    container.stopped()
    container.start()
    t.equal(container.status(), "stopped", "status")
    t.equal(read(t.rootfs / "tmp/runs"), "x\n", "what the program wrote at its start")


@case(START, MUST, "A container without process can't be started")
def without_process(t):
    del t.config["process"]
    container, result = t.try_create()
    if result.code == 0:
        result = container.start()
    t.fails(result, "create, or start, without process")


@case(START, MUST, "A program that can't be executed is an error of create or start")
def program_is_missing(t):
    t.process["args"] = ["/bin/no-such-program"]
    container, result = t.try_create()
    if result.code == 0:
        result = container.start()
    t.fails(result, "create, or start, of a program that is not there")
