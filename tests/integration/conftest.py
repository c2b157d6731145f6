"""Fixtures of the integration tests: a throw-away host, and an image to run on it."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import rootfs  # noqa: E402
from harness.host import Host  # noqa: E402

IMAGE = "berth-test:latest"


@pytest.fixture(scope="session")
def bin_dir():
    """Where the programs under test are."""
    path = os.environ.get("BERTH_BIN_DIR")
    if not path:
        pytest.skip("BERTH_BIN_DIR is not set: run these tests with ctest")
    return pathlib.Path(path)


@pytest.fixture
def host(bin_dir):
    """A host of its own for this test; whatever the test leaves running there ends with it."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with Host(bin_dir) as made:
        yield made


@pytest.fixture(scope="session")
def rootfs_dir(bin_dir, tmp_path_factory):
    """A root file system with busybox and berth-test-helper."""
    return rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)


@pytest.fixture
def image(host, rootfs_dir):
    """The name of an image on `host` that holds `rootfs_dir`."""
    host.berth("import", rootfs_dir, "--name", IMAGE)
    return IMAGE
