"""runtime.md, Kill."""

from harness.cases import MUST, case
from harness.runtime import exists
from harness.trial import wait_for

KILL = "runtime.md#kill"
TRAPS = "trap 'echo got usr1' USR1; trap 'echo got term; exit 0' TERM; echo up; while :; do sleep 0.01; done"


@case(KILL, MUST, "kill without an id is an error")
def without_id(t):
    t.fails(t.call("kill"), "kill without an id")


@case(KILL, MUST, "kill of a container that does not exist is an error")
def of_nothing(t):
    t.fails(t.container().kill(), "kill of a container that does not exist")


@case(KILL, MUST, "kill of a stopped container is an error")
def of_a_stopped_one(t):
    container = t.start("true")
    container.stopped()
    t.fails(container.kill("TERM"), "kill of a stopped container")


@case(KILL, MUST, "kill of a stopped container does nothing to it")
def leaves_a_stopped_one_alone(t):
    container = t.start("true")
    container.stopped()
    before = container.state()
    container.kill("KILL")
    t.equal(container.state(), before, "state")


@case(KILL, MUST, "kill sends the signal that it is told to, by name")
def sends_the_signal(t):
    container = t.start(TRAPS)
    container.output_has("up")
    t.succeeds(container.kill("USR1"), "kill USR1")
    container.output_has("got usr1")
    t.equal(container.status(), "running", "status after a signal that does not end it")


@case(KILL, MUST, "kill sends the signal that it is told to, by number")
def sends_the_number(t):
    container = t.start(TRAPS)
    container.output_has("up")
    t.succeeds(container.kill("10"), "kill 10")
    container.output_has("got usr1")


@case(KILL, MUST, "A process that a signal ends makes the status stopped")
def ends_it(t):
    container = t.start()
    pid = container.state()["pid"]
    t.succeeds(container.kill("KILL"), "kill KILL")
    container.stopped()
    t.equal(exists(pid), False, "the process")


@case(KILL, MUST, "A program that ends at a signal of its choice makes the status stopped")
def ends_in_order(t):
    container = t.start(TRAPS)
    container.output_has("up")
    t.succeeds(container.kill("TERM"), "kill TERM")
    container.output_has("got term")
    container.stopped()


@case(KILL, MUST, "A container that is created, and not started, can be sent a signal")
def of_a_created_one(t):
    container = t.create()
    t.succeeds(container.kill("KILL"), "kill of a created container")
    container.stopped()


@case(KILL, MUST, "A signal goes to that container alone")
def others_live(t):
    first, second = t.start(), t.start()
    t.succeeds(first.kill("KILL"), "kill")
    first.stopped()
    t.equal(second.status(), "running", "the other container's status")


@case(KILL, MUST, "A signal that does not exist is an error, and does nothing",
      peers="crun 1.8 sends signal 0")
def unknown_signal(t):
    container = t.start()
    t.fails(container.kill("NOSUCH"), "kill NOSUCH")
    t.equal(container.status(), "running", "status")


@case(KILL, MUST, "When the first process of a pid namespace is killed, no other of them is left",
      drop="linux.namespaces.0")
def leaves_no_children(t):
    container = t.start("sleep 1234 & echo up; wait")
    container.output_has("up")
    pid = container.state()["pid"]
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        children = file.read().split()
    t.true(children, "children", "one", children)
    t.succeeds(container.kill("KILL"), "kill")
    container.stopped()
    t.true(wait_for(lambda: not any(map(exists, children)), 3), "the first process's children", "gone", children)
