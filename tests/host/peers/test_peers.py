"""The conformance suite's cgroup tests on other runtimes: that it finds what these miss."""

import pathlib
import subprocess

import pytest

SUITE = pathlib.Path(__file__).resolve().parents[2] / "conformance/berth-conformance"


# Of crun 1.8.1 and runc 1.1.5: what later versions of theirs do.
@pytest.mark.parametrize("runtime, misses", [
    ("crun", {"cgroups.cpu_burst"}),
    ("runc", {"cgroups.cpu_burst", "cgroups.cpu_idle"}),
])
def test_the_suite_finds_what_others_miss(bin_dir, runtime, misses):
    done = subprocess.run([SUITE, "--runtime", runtime, "--helper", bin_dir / "berth-test-helper",
                           "--filter", "^cgroups"], capture_output=True, text=True, timeout=300,
                          check=False)
    print(done.stdout)
    failed = {line.split(" - ")[1].split(":")[0] for line in done.stdout.splitlines()
              if line.startswith("not ok") and "# TODO" not in line}
    assert failed == misses
