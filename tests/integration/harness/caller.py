"""Runs a runtime's caller (podman, docker) where nothing that it does touches the host."""

import os
import pathlib
import shlex
import signal
import subprocess

from harness.cgroup import HostCgroup

SET_UP = """\
mount -t cgroup2 none /sys/fs/cgroup  # of the cgroup namespace
mount -t tmpfs none /dev/shm
mount -t tmpfs none /run
[ ! -d /var/lib/containers ] || mount -t tmpfs none /var/lib/containers
cp /etc/subuid /etc/subgid "$0"
echo containers:1000000:1000000 | tee -a "$0/subuid" >> "$0/subgid"
mount --bind "$0/subuid" /etc/subuid
mount --bind "$0/subgid" /etc/subgid
ip link set lo up
echo ready
exec sleep infinity
"""

# What callers and the runtime keep when their containers are gone.
KEPT = {"init", "berth-runtime", "docker", "default", "k8s.io", "libpod_parent",
        "libpod_parent/conmon"}


class Here:
    """This host as it is, for callers."""

    def words(self, *command):
        """The words that run `command` here."""
        return [str(word) for word in command]

    def call(self, *command, status=0, **options):
        """Runs `command`, which has to end with `status`: its output, or what it complains of."""
        done = subprocess.run(self.words(*command), capture_output=True, text=True, timeout=120,
                              check=False, **options)
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def call_on_terminal(self, *command, **options):
        """The same on a terminal: everything is output, its lines end with a carriage return.

        Nobody types, and the input stays open: at its end podman no longer waits for all output.
        """
        words = shlex.join(str(word) for word in command)
        typed, keyboard = os.pipe()
        try:
            return self.call("script", "--quiet", "--return", "--command", words, "/dev/null",
                             stdin=typed, **options)
        finally:
            os.close(typed)
            os.close(keyboard)


class Place(Here):
    """Namespaces and a cgroup of a caller's own, where all cgroups look like version 2.

    Whatever is still running there ends with it, as its first process does.
    """

    def __init__(self, directory):
        self.cgroup = HostCgroup(f"caller-{os.getpid()}-{directory.name}")
        self.enter = "true"
        if self.cgroup.path:
            (self.cgroup.path / "init").mkdir()
            self.enter = f"echo $$ > {self.cgroup.procs()}"
        # The namespace's root is where its maker is, and nobody may stay there.
        top = f"echo $$ > {self.cgroup.path}/cgroup.procs" if self.cgroup.path else "true"
        self.keeper = subprocess.Popen(
            ["sh", "-ec", f'{top}; exec "$@"', "sh",
             "unshare", "--mount", "--net", "--ipc", "--cgroup", "--pid", "--fork", "--mount-proc",
             "--kill-child", "sh", "-ec", SET_UP, str(directory)],
            stdout=subprocess.PIPE, text=True)
        if self.keeper.stdout.readline() != "ready\n":
            self.end()
            raise RuntimeError(f"no namespaces for a caller: unshare: {self.keeper.returncode}")
        children = f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children"
        with open(children, encoding="ascii") as file:
            self.first = file.read().strip()
        for pid in (self.keeper.pid, self.first):
            pathlib.Path(self.cgroup.procs()).write_text(str(pid), encoding="ascii")

    def words(self, *command):
        """The words that run `command` there."""
        return ["sh", "-ec", f'{self.enter}; exec "$@"', "sh", "nsenter", "--target", self.first,
                "--mount", "--net", "--ipc", "--cgroup", "--pid",
                *(str(word) for word in command)]

    def end(self):
        """Ends all processes there; the mounts and the network go with them."""
        self.keeper.send_signal(signal.SIGKILL)
        self.keeper.stdout.close()
        self.keeper.wait()
        left = self.cgroups_left()
        self.cgroup.remove()
        return left

    def cgroups_left(self):
        """Names of the cgroups of containers that nobody has removed."""
        if not self.cgroup.path:
            return set()
        found = {str(path.relative_to(self.cgroup.path)) for path in self.cgroup.path.rglob("*")
                 if path.is_dir()}
        return found - KEPT
