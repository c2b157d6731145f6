"""Fixtures that the tests of several folders share: their conftest.py imports them."""

import os
import pathlib

import pytest

from harness import rootfs


@pytest.fixture(scope="session")
def bin_dir():
    """Where the programs under test are."""
    path = os.environ.get("BERTH_BIN_DIR")
    if not path:
        pytest.skip("BERTH_BIN_DIR is not set: run these tests with ctest")
    return pathlib.Path(path)


@pytest.fixture(scope="session")
def rootfs_dir(bin_dir, tmp_path_factory):
    """A root file system with busybox and berth-test-helper."""
    return rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)
