"""Mounts as a container sees them, and mounts on the host for it to bind."""

import dataclasses

from harness import sandbox


@dataclasses.dataclass
class Mount:
    """A line of mountinfo (proc_pid_mountinfo(5)): options are the mount's, super the file system's."""
    point: str
    kind: str
    options: set
    tags: list
    super: set


def parse(text):
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, rest = before.split(" "), after.split(" ")
        found.append(Mount(fields[4], rest[0], set(fields[5].split(",")), fields[6:], set(rest[2].split(","))))
    return found


def all_mounts(t):
    """Of a container that does nothing but show them; the last at a point is the one that counts."""
    return {mount.point: mount for mount in parse(t.output("cat /proc/self/mountinfo"))}


def points(t):
    return set(all_mounts(t))


def mount_at(t, point):
    """The one at that point; failing if there is none."""
    found = all_mounts(t)
    t.true(point in found, "mount points", point, sorted(found))
    return found[point]


def mount_on_host(t, *names, flags=0):
    """New tmpfs at those directories of the bundle; the path of the first."""
    for name in names:
        (t.path / name).mkdir(parents=True, exist_ok=True)
        sandbox.mount("tmpfs", t.path / name, "tmpfs", flags, b"mode=0755")
    return t.path / names[0]
