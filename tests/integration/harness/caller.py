"""Runs a runtime's caller (podman, containerd) where nothing that it does touches the host."""

import signal
import subprocess

SET_UP = """\
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs none /dev/shm
mount -t tmpfs none /run
cp /etc/subuid /etc/subgid "$0"
echo containers:1000000:1000000 | tee -a "$0/subuid" >> "$0/subgid"
mount --bind "$0/subuid" /etc/subuid
mount --bind "$0/subgid" /etc/subgid
ip link set lo up
echo ready
exec sleep infinity
"""


class Place:
    """Mount, network, IPC and process namespaces; all cgroups look like version 2 there.

    Whatever is still running there ends with it, as its first process does.
    """

    def __init__(self, directory):
        self.keeper = subprocess.Popen(
            ["unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--mount-proc",
             "--kill-child", "sh", "-ec", SET_UP, str(directory)],
            stdout=subprocess.PIPE, text=True)
        if self.keeper.stdout.readline() != "ready\n":
            raise RuntimeError(f"no namespaces for a caller: unshare ended with {self.end()}")
        children = f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children"
        with open(children, encoding="ascii") as file:
            self.first = file.read().strip()

    def words(self, *command):
        """The words that run `command` there."""
        return ["nsenter", "--target", self.first, "--mount", "--net", "--ipc", "--pid",
                *(str(word) for word in command)]

    def call(self, *command, status=0, **options):
        """Runs `command`, which has to end with `status`: its output, or what it complains of."""
        done = subprocess.run(self.words(*command), capture_output=True, text=True, timeout=60,
                              check=False, **options)
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def end(self):
        """Ends all processes there; the mounts and the network go with them."""
        self.keeper.send_signal(signal.SIGKILL)
        self.keeper.stdout.close()
        return self.keeper.wait()
