"""Fixtures of the integration tests: throw-away hosts, and an image to run on them."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness.berth import IMAGE, Berth  # noqa: E402
from harness.fixtures import bin_dir, no_reports, rootfs_dir  # noqa: E402, F401
from harness.host import Host  # noqa: E402


@pytest.fixture
def host(bin_dir):
    """A host of its own for this test; whatever the test leaves running there ends with it."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with Host(bin_dir) as made:
        yield made


@pytest.fixture
def image(host, rootfs_dir):
    """The name of an image on `host` that holds `rootfs_dir`."""
    host.berth("import", rootfs_dir, "--name", IMAGE)
    return IMAGE


class CleanHost:
    """A host with the image on it, for one test after the other while each leaves it clean."""

    def __init__(self, bin_dir, rootfs_dir):
        self.bin_dir = bin_dir
        self.rootfs_dir = rootfs_dir
        self.host = None
        self.before = None

    def get(self):
        if self.host is None:
            self.host = Host(self.bin_dir).__enter__()
            self.host.berth("import", self.rootfs_dir, "--name", IMAGE)
            self.before = self.host.dump()
        return self.host

    def check(self):
        """Fails if the last test has left anything; the next one gets a new host then."""
        try:
            self.host.assert_nothing_left(self.before)
        except BaseException:
            self.end()
            raise

    def end(self):
        if self.host is not None:
            self.host.__exit__()
        self.host = None


@pytest.fixture(scope="session")
def clean_host(bin_dir, rootfs_dir):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    made = CleanHost(bin_dir, rootfs_dir)
    yield made
    made.end()


@pytest.fixture
def berth(clean_host, tmp_path):
    """The command line, on a host with the test image. Asserts that nothing is left of the test."""
    made = Berth(clean_host.get(), tmp_path)
    yield made
    try:
        made.clean_up()
    finally:
        clean_host.check()
