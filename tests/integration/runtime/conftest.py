"""Fixtures: the runtime with a state directory of its own, and bundles for it."""

import itertools

import pytest

from harness.oci import Bundle, Runtime


@pytest.fixture
def runtime(bin_dir, tmp_path):
    made = Runtime(bin_dir / "berth-runtime", tmp_path)
    yield made
    made.clean_up()


@pytest.fixture
def bundle(runtime, rootfs_dir, tmp_path):
    """A function: a bundle that runs these words."""
    numbers = itertools.count()
    return lambda *args: Bundle(runtime, tmp_path / f"bundle{next(numbers)}", rootfs_dir, *args)
