"""Fixtures: a place for a caller, and an image that all callers import."""

import os
import pathlib
import subprocess

import pytest

from harness.caller import Place


CGROUPS = pathlib.Path("/sys/fs/cgroup")
# Callers keep these, and only these, when their containers are gone.
KEPT = ("libpod_parent/conmon", "libpod_parent", "default")


def callers_cgroups():
    """All cgroups below those that podman and containerd make for their containers."""
    roots = [*CGROUPS.rglob("libpod_parent"), *CGROUPS.rglob("default")]
    return {path for root in roots for path in (root, *root.rglob("*")) if path.is_dir()}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Namespaces of this file's own."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    before = callers_cgroups()
    made = Place(tmp_path_factory.mktemp("place"))
    yield made
    made.end()
    left = callers_cgroups() - before
    for path in sorted(left, reverse=True):
        if str(path).endswith(KEPT):
            path.rmdir()  # fails if a container's is left in it
            left.remove(path)
    assert not left


@pytest.fixture(scope="session")
def image_tar(rootfs_dir, tmp_path_factory):
    """The test's root file system as a tar file."""
    file = tmp_path_factory.mktemp("image") / "image.tar"
    subprocess.run(["tar", "-C", rootfs_dir, "-cf", file, "."], check=True)
    return file
