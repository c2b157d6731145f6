"""config-linux.md, Control groups, on hosts with one hierarchy of version 2."""

import os
import pathlib

from harness import host
from harness.cases import MUST, SHOULD, case

PATH = "config-linux.md#cgroups-path"
OWNERSHIP = "config-linux.md#cgroup-ownership"
DEVICES = "config-linux.md#allowed-device-list"
UNIFIED = "config-linux.md#unified"
V2 = [host.unified]


def group(container):
    """The cgroup's directory on the host, by the container's process."""
    with open(f"/proc/{container.state()['pid']}/cgroup") as file:
        line = next(line for line in file if line.startswith("0::"))
    return host.CGROUP / line.strip()[3:].lstrip("/")


def limited(t, **resources):
    """A running container with those resources; its cgroup."""
    t.linux["cgroupsPath"] = f"/conformance-{t.path.name}-{len(t.containers)}"
    t.linux["resources"] = resources
    return group(t.start())


def setting(t, file, **resources):
    return (limited(t, **resources) / file).read_text().strip()


@case(PATH, MUST, "An absolute cgroupsPath begins at the cgroups' mount point", needs=V2,
      drop="linux.cgroupsPath", peers="with systemd's cgroups the path has another form")
def absolute(t):
    t.linux["cgroupsPath"] = f"/conformance-{t.path.name}/inner"
    t.equal(group(t.start()), host.CGROUP / f"conformance-{t.path.name}/inner", "the container's cgroup")


@case(PATH, MUST, "The same relative cgroupsPath leads to the same place each time", needs=V2)
def consistent(t):
    t.linux["cgroupsPath"] = f"conformance-{t.path.name}"
    seen = []
    for _ in range(2):
        container = t.start()
        seen.append(group(container))
        container.kill("KILL")
        container.stopped()
        t.succeeds(container.delete(), "delete")
    t.equal(seen[0], seen[1], "cgroups")


@case(PATH, MUST, "A cgroup that does not exist is made, and delete removes it", needs=V2)
def made_and_removed(t):
    t.linux["cgroupsPath"] = f"/conformance-{t.path.name}"
    container = t.start()
    path = group(container)
    t.true(path.is_dir(), "the cgroup", "a directory", str(path))
    container.kill("KILL")
    container.stopped()
    t.succeeds(container.delete(), "delete")
    t.equal(path.exists(), False, "the cgroup after delete")


@case(PATH, MUST, "After create the process is in its cgroup", needs=V2, drop="linux.cgroupsPath")
def from_create_on(t):
    t.linux["cgroupsPath"] = f"/conformance-{t.path.name}"
    t.equal(group(t.create()), host.CGROUP / f"conformance-{t.path.name}", "the container's cgroup")


@case(OWNERSHIP, SHOULD, "Without a writable cgroup mount the cgroup stays its maker's", needs=V2)
def ownership(t):
    t.process["user"] = {"uid": 1000, "gid": 1000}
    t.linux["cgroupsPath"] = f"/conformance-{t.path.name}"
    t.equal(os.stat(group(t.start())).st_uid, 0, "the cgroup's owner")


PEERS = {"cpu_burst": "runc 1.1 and crun 1.8 have it not yet", "cpu_idle": "runc has it since 1.2"}


def add_limit(name, section, controller, file, expected, drop, **resources):
    def test(t):
        t.equal(setting(t, file, **resources), expected, file)
    case(f"config-linux.md#{section}", MUST, f"{drop.partition('resources.')[2]} is in {file}",
         needs=[host.controller(controller)], drop=drop, name=name, peers=PEERS.get(name))(test)


MIB = 1 << 20
R = "linux.resources."
add_limit("memory_limit", "memory", "memory", "memory.max", str(64 * MIB), R + "memory.limit",
          memory={"limit": 64 * MIB})
add_limit("memory_reservation", "memory", "memory", "memory.low", str(32 * MIB), R + "memory.reservation",
          memory={"limit": 64 * MIB, "reservation": 32 * MIB})
add_limit("cpu_quota", "cpu", "cpu", "cpu.max", "20000 100000", R + "cpu.quota",
          cpu={"quota": 20000, "period": 100000})
add_limit("cpu_period", "cpu", "cpu", "cpu.max", "30000 50000", R + "cpu.period",
          cpu={"quota": 30000, "period": 50000})
add_limit("cpu_burst", "cpu", "cpu", "cpu.max.burst", "10000", R + "cpu.burst",
          cpu={"quota": 20000, "period": 100000, "burst": 10000})
add_limit("cpu_idle", "cpu", "cpu", "cpu.idle", "1", R + "cpu.idle", cpu={"idle": 1})
add_limit("cpu_cpus", "cpu", "cpuset", "cpuset.cpus", "0", R + "cpu.cpus", cpu={"cpus": "0"})
add_limit("cpu_mems", "cpu", "cpuset", "cpuset.mems", "0", R + "cpu.mems", cpu={"mems": "0"})
add_limit("pids_limit", "pids", "pids", "pids.max", "123", R + "pids.limit", pids={"limit": 123})
add_limit("unified", "unified", "pids", "pids.max", "77", R + "unified", unified={"pids.max": "77"})
add_limit("unified_memory", "unified", "memory", "memory.high", str(16 * MIB), R + "unified",
          unified={"memory.high": str(16 * MIB)})


@case("config-linux.md#cpu", MUST, "cpu.shares is a weight: twice as many weigh more",
      needs=[host.controller("cpu")], drop=R + "cpu.shares")
def cpu_shares(t):
    few, many = (int(setting(t, "cpu.weight", cpu={"shares": n})) for n in (200, 4000))
    t.true(few < many, "cpu.weight for 200 and for 4000 shares", "the second is larger", (few, many))


def swap():
    if why := host.controller("memory")():
        return why
    accounts = any(host.CGROUP.glob("*/memory.swap.max"))
    return None if accounts else "this kernel does not account for swap"


@case("config-linux.md#memory", MUST, "memory.swap is the limit of memory and swap together",
      needs=[swap], drop=R + "memory.swap")
def memory_swap(t):
    got = setting(t, "memory.swap.max", memory={"limit": 64 * MIB, "swap": 96 * MIB})
    t.equal(got, str(32 * MIB), "memory.swap.max")


@case("config-linux.md#memory", MUST, "A container can't have more memory than its limit",
      needs=[host.controller("memory")], drop=R + "memory")
def memory_is_enforced(t):
    t.linux["resources"] = {"memory": {"limit": 24 * MIB}, "unified": {"memory.oom.group": "0"}}
    t.process["args"] = ["berth-test-helper", "allocate", "200"]
    t.true("allocated" not in t.run().out, "200 MiB in a cgroup with 24", "not allocated", lambda: t.last.out)


@case("config-linux.md#pids", MUST, "A container can't have more tasks than its limit",
      needs=[host.controller("pids")], drop=R + "pids")
def pids_are_enforced(t):
    t.linux["resources"] = {"pids": {"limit": 20}}
    t.script("for i in 1 2 3 4 5 6 7 8 9 0; do sleep 5 & sleep 5 & sleep 5 & sleep 5 & done; echo all")
    t.true("all" not in t.run().out, "40 processes in a cgroup with 20", "an error", lambda: t.last.out)


@case(UNIFIED, MUST, "A controller that is not there is an error", needs=V2)
def unknown_controller(t):
    t.linux["resources"] = {"unified": {"nosuch.max": "1"}}
    t.refuses("a file of a controller that does not exist")


@case("config-linux.md#block-io", MUST, "blockIO.weight is a weight", needs=[host.controller("io")],
      drop=R + "blockIO")
def io_weight(t):
    path = limited(t, blockIO={"weight": 200})
    files = [f for f in ("io.bfq.weight", "io.weight") if (path / f).exists()]
    if files:
        t.true("200" in (path / files[0]).read_text() or "default 100" not in (path / files[0]).read_text(),
               files[0], "not the default", (path / files[0]).read_text())


def disk():
    """A device whose speed can be limited: the first whole disk."""
    for entry in sorted(pathlib.Path("/sys/block").iterdir()):
        if (entry / "device").exists():
            return tuple(map(int, (entry / "dev").read_text().split(":")))
    return None


def has_disk():
    return host.controller("io")() or (None if disk() else "this host has no disk")


for field, key in (("throttleReadBpsDevice", "rbps"), ("throttleWriteBpsDevice", "wbps"),
                   ("throttleReadIOPSDevice", "riops"), ("throttleWriteIOPSDevice", "wiops")):
    def add_throttle(field, key):
        @case("config-linux.md#block-io", MUST, f"blockIO.{field} is {key} in io.max", needs=[has_disk],
              drop=R + "blockIO", name=f"io_{key}")
        def throttle(t):
            major, minor = disk()
            text = setting(t, "io.max", blockIO={field: [{"major": major, "minor": minor, "rate": 1048576}]})
            t.true(f"{key}=1048576" in text, "io.max", f"{key}=1048576", text)
    add_throttle(field, key)


def huge():
    if why := host.controller("hugetlb")():
        return why
    return host.file("/sys/kernel/mm/hugepages/hugepages-2048kB", "huge pages of 2 MB")()


@case("config-linux.md#huge-page-limits", MUST, "hugepageLimits is in hugetlb.SIZE.max", needs=[huge],
      drop=R + "hugepageLimits")
def huge_pages(t):
    path = limited(t, hugepageLimits=[{"pageSize": "2MB", "limit": 4 * MIB}])
    files = [path / f"hugetlb.2MB.{f}" for f in ("max", "rsvd.max")]
    got = [file.read_text().strip() for file in files if file.exists()]
    t.true(str(4 * MIB) in got, "hugetlb.2MB.max and rsvd.max", str(4 * MIB), got)


def deny_all(*more):
    return [{"allow": False, "access": "rwm"}, *more]


@case(DEVICES, MUST, "A device that no entry allows can't be opened", needs=V2, drop=R + "devices")
def device_denied(t):
    t.linux["devices"] = [{"path": "/dev/conf", "type": "c", "major": 10, "minor": 237}]  # loop-control
    t.linux["resources"] = {"devices": deny_all()}
    t.equal(t.output("(exec 3< /dev/conf) 2>&1 | grep -c 'not permitted'; true"), "1", "EPERM for /dev/conf")


@case(DEVICES, MUST, "A device that an entry allows can be opened", needs=V2, drop=R + "devices.-1")
def device_allowed(t):
    t.linux["devices"] = [{"path": "/dev/conf", "type": "c", "major": 10, "minor": 237}]
    t.linux["resources"] = {"devices": deny_all({"allow": True, "type": "c", "major": 10, "minor": 237,
                                                 "access": "rw"})}
    t.equal(t.output("(exec 3< /dev/conf) 2>&1 | grep -c 'not permitted'; true"), "0", "EPERM for /dev/conf")


@case(DEVICES, MUST, "Later entries override earlier ones", needs=V2, drop=R + "devices.-1")
def device_order(t):
    t.linux["devices"] = [{"path": "/dev/conf", "type": "c", "major": 10, "minor": 237}]
    entry = {"type": "c", "major": 10, "minor": 237, "access": "rw"}
    t.linux["resources"] = {"devices": deny_all({"allow": True, **entry}, {"allow": False, **entry})}
    t.equal(t.output("(exec 3< /dev/conf) 2>&1 | grep -c 'not permitted'; true"), "1", "EPERM for /dev/conf")


@case(DEVICES, MUST, "Access is allowed for what an entry names: reading is not writing", needs=V2)
def device_access(t):
    t.linux["devices"] = [{"path": "/dev/conf", "type": "c", "major": 10, "minor": 237}]
    t.linux["resources"] = {"devices": deny_all({"allow": True, "type": "c", "major": 10, "minor": 237,
                                                 "access": "r"})}
    script = "(exec 3< /dev/conf) 2>&1 | grep -c permitted; (exec 3> /dev/conf) 2>&1 | grep -c permitted; true"
    t.equal(t.output(script).split(), ["0", "1"], "EPERM for reading, and for writing")


@case(DEVICES, MUST, "The default devices can be used whatever the list denies", needs=V2)
def default_devices(t):
    t.linux["resources"] = {"devices": deny_all()}
    t.equal(t.output("head -c 3 /dev/zero | wc -c; echo x > /dev/null && echo null").split(), ["3", "null"],
            "reads and writes")
