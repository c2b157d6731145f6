"""What the host can show: probes for a test's `needs`. Each answers None, or why it can't.

They look at the host and never at the runtime.
"""

import functools
import os
import pathlib
import platform
import shutil

from harness.runtime import read

CAP_SYS_RESOURCE, CAP_SYS_NICE = 24, 23


def capability(number, name):
    """Whether root has it here; in a container it often hasn't."""
    def probe():
        line = next(l for l in read("/proc/self/status").splitlines() if l.startswith("CapEff"))
        return None if int(line.split()[1], 16) >> number & 1 else f"root has no {name} on this host"
    return probe


sys_resource = capability(CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE")
sys_nice = capability(CAP_SYS_NICE, "CAP_SYS_NICE")


def kernel(major, minor):
    def probe():
        have = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
        return None if have >= (major, minor) else f"the kernel is older than {major}.{minor}"
    return probe


def file(path, what):
    """Something that the kernel has only if it was built for it."""
    return lambda: None if os.path.exists(path) else f"this host has no {what}"


def absent(path, what):
    return lambda: f"this host has {what}" if os.path.exists(path) else None


def program(name):
    return lambda: None if shutil.which(name) else f"there is no program {name}"


def seccomp_action(name):
    """The kernel's name of it: "user_notif"."""
    def probe():
        known = read("/proc/sys/kernel/seccomp/actions_avail").split()
        return None if name in known else f"the kernel's seccomp does not know {name}"
    return probe


def filesystem(name):
    def probe():
        known = [line.split()[-1] for line in read("/proc/filesystems").splitlines()]
        return None if name in known else f"the kernel does not know the file system {name}"
    return probe


# A hard limit of no more than this is too little to run under a lower one.
LOWEST_RLIMIT = 8


def rlimit_can_be_set(number):
    """Whether the hard limit can be lowered, or else raised, which takes CAP_SYS_RESOURCE."""
    def probe():
        import resource
        hard = resource.getrlimit(number)[1]
        if hard == resource.RLIM_INFINITY or hard > LOWEST_RLIMIT or sys_resource() is None:
            return None
        return f"the hard limit is {hard} here, and root may not raise it"
    return probe


CGROUP = pathlib.Path("/sys/fs/cgroup")


def unified():
    """Whether all controllers are in one hierarchy of version 2."""
    return None if (CGROUP / "cgroup.controllers").exists() else "this host has no unified cgroup hierarchy"


def controller(name):
    """Whether that controller can be given to a container."""
    def probe():
        if why := unified():
            return why
        known = (CGROUP / "cgroup.controllers").read_text().split()
        return None if name in known else f"this host's cgroups have no controller {name}"
    return probe


def lsm(name):
    def probe():
        path = "/sys/kernel/security/lsm"
        known = read(path).split(",") if os.path.exists(path) else []
        return None if name in known else f"{name} does not run on this host"
    return probe


@functools.cache
def sysctl(path):
    """A sysctl that belongs to a namespace, as a file of /proc/sys."""
    return file(f"/proc/sys/{path}", f"sysctl {path}")
