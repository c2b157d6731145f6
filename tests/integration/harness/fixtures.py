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


@pytest.fixture(autouse=True)
def no_reports():
    """Fails a test in which a sanitizer had something to say, of whatever process: many a test means
    its programs to fail. tests/CMakeLists.txt sets the variable in builds with sanitizers."""
    place = os.environ.get("BERTH_SANITIZER_REPORTS")
    if not place:
        yield
        return
    reports = pathlib.Path(place)
    reports.mkdir(exist_ok=True)
    before = set(reports.iterdir())
    yield
    new = sorted(set(reports.iterdir()) - before)
    assert not new, "\n".join(f"{report}:\n{report.read_text()}" for report in new)


@pytest.fixture(scope="session")
def rootfs_dir(bin_dir, tmp_path_factory):
    """A root file system with busybox and berth-test-helper."""
    return rootfs.make(tmp_path_factory.mktemp("rootfs"), bin_dir)
