"""The cgroup that a throw-away host and everything on it lives in."""

import pathlib
import time


def mount_point():
    """Where this machine has its cgroup2; None if it has none."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.split(" ")[0] == "cgroup2":
            return pathlib.Path(before.split(" ")[4])
    return None


class HostCgroup:
    """berth-test-host-<name>: killed and removed whole at the end."""

    def __init__(self, name):
        top = mount_point()
        self.place = str(top) if top else ""
        self.path = top / f"berth-test-host-{name}" if top else None
        if not self.path:
            return
        controllers = (top / "cgroup.controllers").read_text().split()
        self.path.mkdir()
        if controllers:
            changes = " ".join("+" + name for name in controllers)
            (top / "cgroup.subtree_control").write_text(changes)

    def procs(self):
        """The file that a process writes its pid to, to become one of the host's."""
        return str(self.path / "init/cgroup.procs") if self.path else "/dev/null"

    def remove(self):
        if not self.path or not self.path.exists():
            return
        (self.path / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + 10
        while "populated 1" in (self.path / "cgroup.events").read_text():
            if time.monotonic() > deadline:
                raise TimeoutError(f"processes in {self.path} do not die")
            time.sleep(0.01)
        directories = [path for path in self.path.rglob("*") if path.is_dir()]
        for directory in sorted(directories, reverse=True):
            directory.rmdir()
        self.path.rmdir()
