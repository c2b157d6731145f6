"""The conformance suite where every controller is: what a hybrid host has to skip.

All of its 500 tests take minutes here; those on cgroups are the ones that need such a host.
"""

import pathlib
import subprocess

SUITE = pathlib.Path(__file__).resolve().parents[2] / "conformance/berth-conformance"


def test_our_runtime_keeps_what_is_said_of_cgroups(bin_dir):
    done = subprocess.run([SUITE, "--runtime", bin_dir / "berth-runtime", "--helper",
                           bin_dir / "berth-test-helper", "--filter", "^cgroups"],
                          capture_output=True, text=True, timeout=300, check=False)
    print(done.stdout)
    assert done.returncode == 0
    assert "# SKIP" not in done.stdout, "here is all that they ask for"
