"""The conformance suite where every controller is: what a hybrid host has to skip.

All of its 500 tests take minutes here; those on cgroups are the ones that need such a host.
"""

import pathlib
import subprocess

import pytest

SUITE = pathlib.Path(__file__).resolve().parents[2] / "conformance/berth-conformance"


def run(bin_dir, runtime, *options):
    return subprocess.run([SUITE, "--runtime", runtime, "--helper", bin_dir / "berth-test-helper",
                           "--filter", "^cgroups", *options], capture_output=True, text=True,
                          timeout=300, check=False)


def test_our_runtime_keeps_what_is_said_of_cgroups(bin_dir):
    done = run(bin_dir, bin_dir / "berth-runtime")
    print(done.stdout)
    assert done.returncode == 0
    assert "# SKIP" not in done.stdout, "here is all that they ask for"


# Of crun 1.8.1 and runc 1.1.5: what later versions of theirs do.
@pytest.mark.parametrize("runtime, misses", [
    ("crun", {"cgroups.unknown_controller"}),
    ("runc", {"cgroups.cpu_burst", "cgroups.cpu_idle"}),
])
def test_the_suite_finds_what_the_others_miss(bin_dir, runtime, misses):
    done = run(bin_dir, runtime)
    print(done.stdout)
    failed = {line.split(" - ")[1].split(":")[0] for line in done.stdout.splitlines()
              if line.startswith("not ok") and "# TODO" not in line}
    assert failed == misses
