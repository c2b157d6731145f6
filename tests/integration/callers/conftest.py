"""Fixtures: a place for a caller, and an image that all callers import."""

import pytest

from harness import documented
from harness.caller_fixtures import image_tar, place  # noqa: F401


@pytest.fixture(scope="module")
def podman(place, bin_dir, image_tar, tmp_path_factory):
    """A function that calls podman, configured as docs/runtime.md has it, with an image "busy"."""
    directory = tmp_path_factory.mktemp("podman")
    config = directory / "containers.conf"
    config.write_text(documented.block("/etc/containers/containers.conf`", bin_dir))

    def call(*words, terminal=False, **options):
        caller = place.call_on_terminal if terminal else place.call
        return caller("env", f"CONTAINERS_CONF={config}", "podman", "--root", directory / "store",
                      "--runroot", directory / "run", "--tmpdir", directory / "tmp",
                      "--events-backend", "file", "--cgroup-manager", "cgroupfs", *words, **options)

    call("import", image_tar, "busy")
    yield call
    call("rm", "--all", "--force", "--time", "0")
