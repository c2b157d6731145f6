"""A throw-away host: namespaces of its own in which Berth finds nothing of the machine's.

        outside (a network namespace)            the host (network, mount, pid, cgroup namespaces)
      +------------------------------+         +--------------------------------------------------+
      | uplink 198.51.100.1/24       |---------| uplink 198.51.100.2/24, default route to .1      |
      | no route to anything else    |         | tmpfs on /var/lib/berth, /run/berth, /etc/berth  |
      +------------------------------+         +--------------------------------------------------+
"""

import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time

from harness import dump
from harness.cgroup import HostCgroup

HERE = pathlib.Path(__file__).parent
OUTSIDE_ADDRESS = "198.51.100.1"
HOST_ADDRESS = "198.51.100.2"


class Running:
    """A program that runs on the host."""

    def __init__(self, entering):
        self.entering = entering  # nsenter(1), which waits for the program and ends as it does
        self.stdin = entering.stdin
        self.stdout = entering.stdout
        self.stderr = entering.stderr

    @property
    def pid(self):
        """The program's pid as the test sees it."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for pid in _children(self.entering.pid):
                return pid
            time.sleep(0.002)
        raise ProcessLookupError("the program has not started, or has ended")

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)

    def wait(self, timeout=60):
        """Its exit code; minus the signal that ended it."""
        return self.entering.wait(timeout)

    def communicate(self, timeout=60):
        """What was left to read of its output and errors."""
        return self.entering.communicate(timeout=timeout)


class Host:
    """Use as a context manager. Every process on it dies, and all it made goes, at the end."""

    def __init__(self, bin_dir, leave_out=None):
        """`leave_out`: a pattern of the lines that no dump of this host has."""
        self.bin_dir = pathlib.Path(bin_dir)
        self.leave_out = leave_out
        self.init = None
        self.outside = None

    def __enter__(self):
        self.cgroup = HostCgroup(secrets.token_hex(4))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for holder in (self.init, self.outside):
            if holder:
                holder.kill()
                holder.wait()
                holder.stdout.close()
        self.cgroup.remove()

    def _start(self):
        namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--cgroup"]
        joining = f'echo $$ > {self._own_procs()}; exec "$@"'
        self.init = subprocess.Popen(
            ["sh", "-c", joining, "sh", "unshare", *namespaces, sys.executable, "-B",
             str(HERE / "init.py"), self.cgroup.place],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.outside = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep inf"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        for holder in (self.init, self.outside):
            if holder.stdout.readline() != "ready\n":
                raise RuntimeError("the throw-away host could not be set up; see its errors above")
        [self.pid] = _children(self.init.pid)
        # Nobody may stay in the host's topmost cgroup, or it can't hand on controllers.
        pathlib.Path(self.cgroup.procs()).write_text(str(self.init.pid))
        self._connect()

    def _own_procs(self):
        return self.cgroup.path / "cgroup.procs" if self.cgroup.path else "/dev/null"

    def _connect(self):
        """The uplink: a veth pair made outside, its other end given to the host."""
        def ip(*words):
            self.run_outside("ip", *words)
        ip("link", "add", "uplink", "type", "veth", "peer", "name", "uplink", "netns",
           str(self.pid))
        ip("address", "add", f"{OUTSIDE_ADDRESS}/24", "dev", "uplink")
        ip("link", "set", "uplink", "up")
        self.run("ip", "address", "add", f"{HOST_ADDRESS}/24", "dev", "uplink")
        # A link-local address would come a moment later and look like something left behind.
        self.run("ip", "link", "set", "uplink", "addrgenmode", "none", "up")
        self.run("ip", "route", "add", "default", "via", OUTSIDE_ADDRESS)

    # -- running things ---------------------------------------------------------------------------

    def _enter(self, command):
        """`command` as it has to be run from the test to happen on the host."""
        joining = f'echo $$ > {self.cgroup.procs()}; exec "$@"'
        return ["sh", "-c", joining, "sh", "nsenter", "--target", str(self.pid), "--net",
                "--mount", "--pid", "--cgroup", "--", *map(str, command)]

    def run(self, *command, check=True, timeout=60, **options):
        """Runs a program on the host and waits. Fails the test if it does and `check` is set."""
        done = subprocess.run(self._enter(command), stdin=options.pop("stdin", subprocess.DEVNULL),
                              capture_output=True, text=True, timeout=timeout, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def popen(self, *command, **options):
        """Starts a program on the host; its output and errors can be read from pipes."""
        defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                    "stderr": subprocess.PIPE, "text": True}
        return Running(subprocess.Popen(self._enter(command), **(defaults | options)))

    def program(self, name):
        """The path of one of our programs."""
        return self.bin_dir / name

    def berth(self, *args, **options):
        """Runs `berth` with these arguments and waits."""
        return self.run(self.program("berth"), *args, **options)

    def berth_popen(self, *args, **options):
        return self.popen(self.program("berth"), *args, **options)

    def run_outside(self, *command, check=True, timeout=60, **options):
        """Runs a program at the other end of the uplink."""
        return subprocess.run(
            ["nsenter", "--target", str(self.outside.pid), "--net", "--", *map(str, command)],
            check=check, timeout=timeout, text=True, stdin=subprocess.DEVNULL,
            capture_output=True, **options)

    def popen_outside(self, *command):
        """Starts a program at the other end of the uplink; its output can be read from a pipe."""
        return subprocess.Popen(
            ["nsenter", "--target", str(self.outside.pid), "--net", "--", *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    # -- what is there ----------------------------------------------------------------------------

    def dump(self):
        """Everything on the host that Berth could have made: {section: sorted lines}."""
        script = self.run(sys.executable, "-B", HERE / "dump.py", self.cgroup.place)
        return {section: [line for line in lines
                          if not (self.leave_out and self.leave_out.search(line))]
                for section, lines in json.loads(script.stdout).items()}

    def dump_at_rest(self, timeout=10):
        """The dump once two in a row are the same: what still ends by itself has ended."""
        deadline = time.monotonic() + timeout
        earlier = self.dump()
        while time.monotonic() < deadline:
            time.sleep(0.1)
            later = self.dump()
            if later == earlier:
                return later
            earlier = later
        raise AssertionError("the host does not come to rest")

    def assert_nothing_left(self, before, timeout=10):
        """Fails with the differences unless the host becomes what `before` (a dump) says.

        It waits, since the kernel takes down network namespaces in the background.
        """
        deadline = time.monotonic() + timeout
        while True:
            differences = dump.differences(before, self.dump())
            if not differences:
                return
            if time.monotonic() > deadline:
                raise AssertionError("the host is not as before:\n" + "\n".join(differences))
            time.sleep(0.05)


def _children(pid):
    """The child processes of a process of one thread."""
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in text.split()]
    except FileNotFoundError:
        return []
