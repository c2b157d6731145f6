"""Fixtures of the tests that run on the test host, as root and with nobody else on it.

`berth` is the command line as tests/integration knows it (harness/berth.py), on the host itself: its
places are the usual ones, /var/lib/berth and /run/berth.
"""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "integration"))

from harness import rootfs  # noqa: E402
from harness.berth import IMAGE, Berth  # noqa: E402


class BootedHost:
    """What a Berth of the harness needs of its host, done on this one."""

    def __init__(self, bin_dir):
        self.bin_dir = bin_dir

    def run(self, *command, check=True, timeout=60, **options):
        """Runs a program and waits. Fails the test if it does and `check` is set."""
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def berth(self, *words, **options):
        return self.run(self.bin_dir / "berth", *words, **options)


@pytest.fixture(scope="session")
def bin_dir():
    """Where the programs under test are."""
    return pathlib.Path(os.environ["BERTH_BIN_DIR"])


@pytest.fixture(scope="session")
def booted_host(bin_dir, tmp_path_factory):
    """This host, with the test image (busybox and berth-test-helper) on it."""
    host = BootedHost(bin_dir)
    root = rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)
    host.berth("import", root, "--name", IMAGE)
    return host


@pytest.fixture
def berth(booted_host, tmp_path):
    """The command line. Tasks that the test has detached go at its end."""
    made = Berth(booted_host, tmp_path)
    yield made
    made.clean_up()


@pytest.fixture(scope="session")
def cgroup_root():
    """The top of the unified hierarchy."""
    return pathlib.Path("/sys/fs/cgroup")


@pytest.fixture
def cgroup_of(cgroup_root):
    """A function: the cgroup directory that a process is in."""
    def find(pid):
        [line] = pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        return cgroup_root / line.removeprefix("0::/")
    return find
