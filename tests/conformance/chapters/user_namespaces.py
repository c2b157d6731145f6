"""config-linux.md: user namespace mappings, offsets of a time namespace."""

import json
import os
import time

from harness import host
from harness.cases import MUST, SHOULD, case

MAPPINGS = "config-linux.md#user-namespace-mappings"
OFFSETS = "config-linux.md#offset-for-time-namespace"
TIME = [host.file("/proc/self/ns/time", "time namespaces")]
USER = [host.file("/proc/self/ns/user", "user namespaces")]
PEERS = "runc 1.1 has no time namespaces, and crun 1.8 does not manage to make one"


def mapped(t):
    """A user namespace with two mappings, of a root file system that its root can look into."""
    t.linux["namespaces"].append({"type": "user"})
    t.linux["uidMappings"] = [{"containerID": 0, "hostID": 30000, "size": 100},
                              {"containerID": 100, "hostID": 40000, "size": 10}]
    t.linux["gidMappings"] = [{"containerID": 0, "hostID": 50000, "size": 200}]
    # sysfs can be mounted by the owner of the network namespace; a directory with no such mount will do.
    t.config["mounts"] = [m for m in t.config["mounts"] if m["type"] != "sysfs"]
    (t.rootfs / "tmp").chmod(0o1777)


@case(MAPPINGS, MUST, "uidMappings are those of the user namespace", needs=USER, drop="linux.uidMappings.-1")
def uid_map(t):
    mapped(t)
    rows = [line.split() for line in t.output("cat /proc/self/uid_map").splitlines()]
    t.equal(rows, [["0", "30000", "100"], ["100", "40000", "10"]], "uid_map")


@case(MAPPINGS, MUST, "gidMappings are those of the user namespace", needs=USER, drop="linux.gidMappings.0.size")
def gid_map(t):
    mapped(t)
    t.equal(t.output("cat /proc/self/gid_map").split(), ["0", "50000", "200"], "gid_map")


@case(MAPPINGS, MUST, "process.user is of the container's user namespace", needs=USER)
def user_inside(t):
    mapped(t)
    t.process["user"] = {"uid": 101, "gid": 3}
    container = t.start("id -u; id -g; echo up; sleep 1000")
    container.output_has("up")
    t.equal(container.output().split()[:2], ["101", "3"], "uid and gid inside")
    status = os.stat(f"/proc/{container.state()['pid']}")
    t.equal((status.st_uid, status.st_gid), (40001, 50003), "uid and gid outside")


@case(MAPPINGS, MUST, "What root of the user namespace writes belongs to the mapped ids outside", needs=USER,
      drop="linux.uidMappings.0")
def files_outside(t):
    mapped(t)
    t.output("echo x > /tmp/mine")
    status = (t.rootfs / "tmp/mine").stat()
    t.equal((status.st_uid, status.st_gid), (30000, 50000), "owner and group of the file")


@case(MAPPINGS, SHOULD, "The owners of the root file system's files stay what they are", needs=USER)
def ownership_is_kept(t):
    mapped(t)
    os.chown(t.rootfs / "etc/group", 12, 13)
    t.output("true")
    got = [(p.stat().st_uid, p.stat().st_gid) for p in (t.rootfs / "etc/group", t.rootfs / "etc/passwd")]
    t.equal(got, [(12, 13), (0, 0)], "owners and groups")


def clocks(t, offsets):
    """How far the container's clocks are ahead of the host's."""
    t.linux["namespaces"].append({"type": "time"})
    t.linux["timeOffsets"] = offsets
    t.process["args"] = ["berth-test-helper", "clocks"]
    got = json.loads(t.output())
    return {"monotonic": got["monotonic"] - time.clock_gettime(time.CLOCK_MONOTONIC),
            "boottime": got["boottime"] - time.clock_gettime(time.CLOCK_BOOTTIME)}


def add(clock):
    @case(OFFSETS, MUST, f"timeOffsets.{clock} moves that clock, and the other not", name=f"offset_of_{clock}",
          needs=TIME, drop="linux.timeOffsets", peers=PEERS, alone=True)
    def offset(t):
        other = "boottime" if clock == "monotonic" else "monotonic"
        got = clocks(t, {clock: {"secs": 5000, "nanosecs": 500000000}})
        t.true(abs(got[clock] - 5000.5) < 5, f"the {clock} clock", "5000.5 s ahead", got[clock])
        t.true(abs(got[other]) < 5, f"the {other} clock", "as on the host", got[other])


for each in ("monotonic", "boottime"):
    add(each)
