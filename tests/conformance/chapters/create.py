"""runtime.md, Create, and the life cycle's steps up to it."""

import json

from harness.bundle import mount
from harness.cases import MUST, case
from harness.runtime import exists, namespace

CREATE = "runtime.md#create"
LIFECYCLE = "runtime.md#lifecycle"
ERRORS = "runtime.md#errors"
MARK = "rootfs/tmp/mark"


@case(CREATE, MUST, "create without the id of a container is an error")
def without_id(t):
    t.bundle.save()
    t.fails(t.call("create", "--bundle", t.path), "create without an id")


@case(CREATE, MUST, "create without a bundle is an error")
def without_bundle(t):
    container = t.container()
    empty = t.path / "empty"
    empty.mkdir()
    t.fails(t.call("create", container.id, cwd=empty), "create with no bundle named and none around")


@case(CREATE, MUST, "create with a bundle that does not exist is an error")
def bundle_is_missing(t):
    t.fails(t.call("create", "--bundle", t.path / "none", t.container().id), "create of nothing")


@case(CREATE, MUST, "create with an id that is in use is an error")
def id_in_use(t):
    first = t.create()
    _, result = t.try_create(container=first)
    t.fails(result, "create with an id in use")


@case(CREATE, MUST, "An error about an id in use leaves the container that has it alone")
def id_in_use_is_left_alone(t):
    first = t.start()
    before = first.state()
    t.script("true")
    t.fails(t.call("create", "--bundle", t.path, first.id), "create with an id in use")
    t.equal(first.state(), before, "the first container's state")
    t.true(exists(before["pid"]), "its process", "alive", "gone")


@case(CREATE, MUST, "An id that is no name but a path is an error, and makes no container")
def id_is_a_path(t):
    container = t.container()
    container.id = "../escaped"
    _, result = t.try_create(container=container)
    t.fails(result, "create with the id ../escaped")
    t.equal((t.runtime.root.parent / "escaped").exists(), False, "a directory beside the state's")


@case(CREATE, MUST, "An empty id is an error")
def id_is_empty(t):
    t.bundle.save()
    t.fails(t.call("create", "--bundle", t.path, ""), "create with an empty id")


@case(CREATE, MUST, "create does not run the program")
def does_not_run_the_program(t):
    t.script("echo ran > /tmp/mark")
    container = t.create()
    t.equal(container.status(), "created", "status")
    t.equal((t.path / MARK).exists(), False, "the program's mark")
    t.succeeds(container.start(), "start")
    container.stopped()
    t.equal((t.path / MARK).exists(), True, "the program's mark after start")


@case(LIFECYCLE, MUST, "After create the container's namespaces are there", drop="linux.namespaces")
def namespaces_are_there(t):
    pid = t.create().state()["pid"]
    same = [kind for kind in ("mnt", "net", "ipc", "uts") if namespace(kind, pid) == namespace(kind)]
    t.equal(same, [], "namespaces that are the runtime's own")


@case(LIFECYCLE, MUST, "After create the container's mounts are there", drop="mounts.-1")
def mounts_are_there(t):
    t.mount(mount("/mnt", "tmpfs", "size=64k"))
    pid = t.create().state()["pid"]
    with open(f"/proc/{pid}/mountinfo") as file:
        points = [line.split()[4] for line in file]
    t.true("/mnt" in [point.removeprefix(str(t.rootfs)) for point in points], "mount points", "/mnt", points)


@case(LIFECYCLE, MUST, "A change of config.json after create does not reach the container")
def config_is_read_once(t):
    t.script("echo first")
    container = t.create()
    t.script("echo second")
    t.bundle.save()
    t.succeeds(container.start(), "start")
    container.stopped()
    t.equal(container.output().strip(), "first", "output")


@case(LIFECYCLE, MUST, "config.json may be gone once the container is created")
def config_may_go(t):
    t.script("echo ran")
    container = t.create()
    (t.path / "config.json").unlink()
    t.succeeds(container.start(), "start")
    container.output_has("ran")


@case(LIFECYCLE, MUST, "An environment that can't be made is an error")
def impossible_environment(t):
    t.mount(mount("/mnt", "no-such-file-system"))
    t.refuses("a mount of an unknown type")


@case(ERRORS, MUST, "After a create that failed, the id is free")
def id_is_free_after_an_error(t):
    container = t.container()
    t.mount(mount("/mnt", "no-such-file-system"))
    _, result = t.try_create(container=container)
    t.fails(result, "create of an impossible container")
    t.config["mounts"].pop()
    _, result = t.try_create(container=container)
    t.succeeds(result, "create with the same id")


@case(ERRORS, MUST, "After a create that failed, there is no state and no mount left")
def nothing_left_after_an_error(t):
    with open("/proc/self/mountinfo") as file:
        before = file.read()
    t.mount(mount("/mnt", "no-such-file-system"))
    container, result = t.try_create()
    t.fails(result, "create of an impossible container")
    with open("/proc/self/mountinfo") as file:
        added = [line for line in file if str(t.path) in line and line not in before]
    t.equal(added, [], "mounts left behind")
    left = [str(p) for p in t.runtime.root.rglob("*") if container.id in p.name]
    t.equal(left, [], "what is left in the state directory")


@case(CREATE, MUST, "A bundle without config.json is an error")
def no_config(t):
    t.fails(t.call("create", "--bundle", t.path, t.container().id), "create without config.json")


@case(CREATE, MUST, "A configuration that is not JSON is an error")
def config_is_no_json(t):
    (t.path / "config.json").write_text(json.dumps(t.config)[:-10])
    t.fails(t.call("create", "--bundle", t.path, t.container().id), "create of half a config.json")


@case(CREATE, MUST, "Two containers can be made from one bundle")
def two_of_one_bundle(t):
    first, second = t.create(), t.create()
    t.equal([first.status(), second.status()], ["created", "created"], "both states")
