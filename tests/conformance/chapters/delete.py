"""runtime.md, Delete."""

from harness.bundle import bind, mount
from harness.cases import MUST, case
from harness.runtime import exists, read

DELETE = "runtime.md#delete"


def stopped(t):
    container = t.start("true")
    container.stopped()
    return container


@case(DELETE, MUST, "delete without an id is an error")
def without_id(t):
    t.fails(t.call("delete"), "delete without an id")


@case(DELETE, MUST, "delete of a container that does not exist is an error")
def of_nothing(t):
    t.fails(t.container().delete(), "delete of a container that does not exist")


@case(DELETE, MUST, "delete of a running container is an error")
def of_a_running_one(t):
    t.fails(t.start().delete(), "delete of a running container")


@case(DELETE, MUST, "delete of a running container does nothing to it")
def leaves_a_running_one_alone(t):
    container = t.start()
    before = container.state()
    container.delete()
    t.equal(container.state(), before, "state")
    t.true(exists(before["pid"]), "its process", "alive", "gone")


@case(DELETE, MUST, "delete of a container that is created, and not started, is an error",
      peers="runc and crun delete it: they take only a running container for one that is not stopped")
def of_a_created_one(t):
    container = t.create()
    t.fails(container.delete(), "delete of a created container")
    t.equal(container.status(), "created", "status")


@case(DELETE, MUST, "delete of a stopped container succeeds, and then it does not exist")
def of_a_stopped_one(t):
    container = stopped(t)
    t.succeeds(container.delete(), "delete")
    t.fails(container.query(), "state after delete")


@case(DELETE, MUST, "A second delete is an error")
def twice(t):
    container = stopped(t)
    t.succeeds(container.delete(), "delete")
    t.fails(container.delete(), "the second delete")


@case(DELETE, MUST, "delete unmakes what create made: mounts and state")
def unmakes(t):
    t.mount(mount("/mnt", "tmpfs"))
    container = stopped(t)
    t.succeeds(container.delete(), "delete")
    lines = [line for line in read("/proc/self/mountinfo").splitlines() if str(t.path) in line]
    t.equal(lines, [], "mounts left behind")
    left = [str(p) for p in t.runtime.root.rglob("*") if container.id in p.name]
    t.equal(left, [], "what is left in the state directory")


@case(DELETE, MUST, "delete leaves the bundle and its root file system")
def keeps_the_bundle(t):
    container = stopped(t)
    t.succeeds(container.delete(), "delete")
    t.true((t.path / "config.json").exists() and (t.rootfs / "bin/busybox").exists(),
           "the bundle", "there", "gone")


@case(DELETE, MUST, "delete leaves what was mounted from outside")
def keeps_sources_of_mounts(t):
    source = t.path / "volume"
    source.mkdir()
    (source / "file").write_text("kept")
    t.mount(bind(source, "/mnt"))
    container = stopped(t)
    t.succeeds(container.delete(), "delete")
    t.equal(read(source / "file"), "kept", "the volume's content")


@case(DELETE, MUST, "delete leaves a namespace that the container had joined")
def keeps_joined_namespaces(t):
    other = t.start()
    pid = other.state()["pid"]
    entry = next(n for n in t.linux["namespaces"] if n["type"] == "network")
    entry["path"] = f"/proc/{pid}/ns/net"
    t.succeeds(stopped(t).delete(), "delete")
    t.equal(other.status(), "running", "the other container")


@case(DELETE, MUST, "An id can be used again once its container is deleted")
def id_can_be_used_again(t):
    container = stopped(t)
    t.succeeds(container.delete(), "delete")
    _, result = t.try_create(container=container)
    t.succeeds(result, "create with the same id")
    t.equal(container.status(), "created", "status")
