"""Fixtures of tests with callers (podman, containerd): a place for one, and an image."""

import os
import subprocess

import pytest

from harness.caller import Place


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Namespaces of this file's own."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    made = Place(tmp_path_factory.mktemp("place"))
    yield made
    assert not made.end()


@pytest.fixture(scope="session")
def image_tar(rootfs_dir, tmp_path_factory):
    """The test's root file system as a tar file."""
    file = tmp_path_factory.mktemp("image") / "image.tar"
    subprocess.run(["tar", "-C", rootfs_dir, "-cf", file, "."], check=True)
    return file
