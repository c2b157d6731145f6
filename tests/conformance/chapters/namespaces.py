"""config-linux.md, Namespaces, and what they isolate."""

from harness import host
from harness.cases import MUST, SHOULD, case
from harness.runtime import namespace

NAMESPACES = "config-linux.md#namespaces"
HOSTNAME = "config.md#hostname"
DOMAINNAME = "config.md#domainname"
LINKS = {"pid": "pid", "network": "net", "mount": "mnt", "ipc": "ipc", "uts": "uts", "user": "user",
         "cgroup": "cgroup", "time": "time"}
# crun 1.8 sends SIGKILL to process -1, which is every process, when it fails to make one.
NEW_TIME = "runc 1.1 has no time namespaces, and crun 1.8 does not manage to make one"
IDS = [{"containerID": 0, "hostID": 20000, "size": 5000}]


def entry(t, kind):
    """The one of that type, there or made."""
    found = next((n for n in t.linux["namespaces"] if n["type"] == kind), None)
    if found is None:
        found = {"type": kind}
        t.linux["namespaces"].append(found)
    if kind == "user":
        t.linux.update(uidMappings=IDS, gidMappings=IDS)
    return found


def last(t, kind):
    """The same, at the end of the list."""
    found = entry(t, kind)
    t.linux["namespaces"].remove(found)
    t.linux["namespaces"].append(found)
    return found


def inside(t, kind):
    return t.output(f"readlink /proc/self/ns/{LINKS[kind]}")


def has(kind):
    return host.file(f"/proc/self/ns/{LINKS[kind]}", f"{kind} namespaces")


def add(kind):
    peers = NEW_TIME if kind == "time" else None
    alone = kind == "time"
    # Without a mount namespace of its own a container would change the mounts of whoever runs this.
    drop = None if kind in ("mount", "user") else "linux.namespaces.-1"

    @case(NAMESPACES, SHOULD, f"A namespace of type {kind} is supported", name=f"{kind}_is_new",
          needs=[has(kind)], drop=drop, peers=peers, alone=alone)
    def is_new(t):
        last(t, kind)
        got = inside(t, kind)
        t.true(got != namespace(LINKS[kind]), f"the {kind} namespace", "a new one", got)

    if kind not in ("mount", "user"):
        @case(NAMESPACES, MUST, f"Without an entry of type {kind} the container is in the runtime's namespace",
              name=f"{kind}_is_inherited", needs=[has(kind)])
        def is_inherited(t):
            t.linux["namespaces"].remove(entry(t, kind))
            t.config["mounts"] = [m for m in t.config["mounts"] if m["type"] not in ("sysfs",)]
            t.equal(inside(t, kind), namespace(LINKS[kind]), f"the {kind} namespace")

    if kind in ("network", "ipc", "uts", "pid", "cgroup", "time"):
        @case(NAMESPACES, MUST, f"With a path the container is in that {kind} namespace",
              name=f"{kind}_is_joined", needs=[has(kind)], drop="linux.namespaces.-1.path", peers=peers,
              alone=alone)
        def is_joined(t):
            pid = holder(t, kind)
            last(t, kind)["path"] = f"/proc/{pid}/ns/{LINKS[kind]}"
            t.equal(inside(t, kind), namespace(LINKS[kind], pid), f"the {kind} namespace")

    if kind not in ("mount", "time", "user"):
        other = "uts" if kind != "uts" else "ipc"

        @case(NAMESPACES, MUST, f"A path to another type's namespace is an error for {kind}",
              name=f"{kind}_of_another_type", needs=[has(kind)])
        def of_another_type(t):
            pid = holder(t, other)
            entry(t, kind)["path"] = f"/proc/{pid}/ns/{LINKS[other]}"
            t.refuses(f"a {other} namespace as {kind}")


def holder(t, kind):
    """The pid of a process on the host that has such a namespace of its own."""
    flag = {"network": "--net", "ipc": "--ipc", "uts": "--uts", "pid": "--pid", "cgroup": "--cgroup",
            "time": "--time"}[kind]
    # With pid and time it is the children that are in the new one, and unshare waits for its child.
    forks = ["--fork"] if kind in ("pid", "time") else []
    script = "echo $$; exec sleep 1000" if kind != "pid" else "cut -d' ' -f4 /proc/self/stat; sleep 1000; true"
    process = t.process_on_host("unshare", flag, *forks, "sh", "-c", script, stdout=-1, text=True)
    line = process.stdout.readline()
    if not forks:
        return process.pid
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        child = int(file.read().split()[0])
    t.true(line, "a namespace made on the host", "a process in it", line)
    return child


for each in LINKS:
    add(each)


@case(NAMESPACES, MUST, "A path that leads to no namespace is an error")
def path_to_a_file(t):
    (t.path / "file").write_text("")
    entry(t, "network")["path"] = str(t.path / "file")
    t.refuses("a path to a plain file")


@case(NAMESPACES, MUST, "A path that leads nowhere is an error")
def path_to_nothing(t):
    entry(t, "network")["path"] = str(t.path / "none")
    t.refuses("a path to nothing")


@case(NAMESPACES, MUST, "A namespace's path has to be absolute")
def relative_path(t):
    entry(t, "network")["path"] = "proc/self/ns/net"
    t.refuses("a relative path")


@case(NAMESPACES, MUST, "The same type twice is an error", peers="crun takes both")
def duplicate(t):
    t.linux["namespaces"].append({"type": "uts"})
    t.refuses("two uts namespaces")


@case(NAMESPACES, MUST, "An unknown type is an error")
def unknown_type(t):
    t.linux["namespaces"].append({"type": "universe"})
    t.refuses("a namespace of an unknown type")


@case(NAMESPACES, MUST, "In a pid namespace of its own the program is process 1", drop="linux.namespaces.0")
def process_one(t):
    t.equal(t.output("echo $$"), "1", "the program's pid")


@case(NAMESPACES, MUST, "In a pid namespace of its own no process of the host's is seen",
      drop="linux.namespaces.0")
def sees_no_others(t):
    t.equal(t.output("cd /proc; echo [0-9]*"), "1", "processes in /proc")


@case(NAMESPACES, MUST, "In a network namespace of its own no interface of the host's is seen",
      drop="linux.namespaces.1", needs=[host.program("ip")])
def own_network(t):
    # A network namespace can be born with tunnels' fallback devices, but with no veth.
    make = ("ip", "link", "add", f"seen{t.path.name}", "type", "veth", "peer", "name", f"peer{t.path.name}")
    t.equal(t.process_on_host(*make).wait(), 0, "an interface on the host")
    found = t.output("ip -o link | cut -d: -f2").split()
    t.true("lo" in found and f"seen{t.path.name}" not in " ".join(found), "interfaces", "lo", found)


@case(NAMESPACES, MUST, "In a mount namespace of its own, mounts do not reach the host")
def own_mounts(t):
    for name in ("bounding", "permitted", "effective"):
        t.process["capabilities"][name].append("CAP_SYS_ADMIN")
    container = t.start("mount -t tmpfs mark /mnt && echo mounted; sleep 1000")
    container.output_has("mounted")
    with open("/proc/self/mountinfo") as file:
        t.equal([line for line in file if f"{t.rootfs}/mnt" in line], [], "mounts on the host")


@case(HOSTNAME, MUST, "hostname is what the container sees as its host's name", drop="hostname")
def hostname(t):
    t.config["hostname"] = "conformance"
    t.equal(t.output("hostname"), "conformance", "hostname")


@case(HOSTNAME, MUST, "hostname does not change that of the runtime's uts namespace", drop="hostname")
def hostname_stays_inside(t):
    before = t.process_on_host("hostname", stdout=-1, text=True).communicate()[0]
    t.config["hostname"] = "conformance"
    t.equal(t.output("hostname"), "conformance", "hostname inside")
    after = t.process_on_host("hostname", stdout=-1, text=True).communicate()[0]
    t.equal(after, before, "hostname outside")


@case(DOMAINNAME, MUST, "domainname is what the container sees as its domain", drop="domainname",
      peers="new in 1.1, and in runc 1.2")
def domainname(t):
    t.config["domainname"] = "example.test"
    t.equal(t.output("cat /proc/sys/kernel/domainname"), "example.test", "domainname")
