"""The unit tests that need such a host; elsewhere they are skipped."""

import subprocess

import pytest


# What depends on how quick the machine is stays outside: this one is emulated.
CGROUPS = ("*HostTest*:CgroupKernelTest*:FreezerKernelTest*:DeviceFilterTest*:EventWatchTest*:"
           "*KillTest*:RemoveTest.TwoCanRemoveTheSame-*AThousandDevices*")


@pytest.mark.parametrize("program, tests", [
    ("berth_cgroups_test", CGROUPS),
    ("berth_systemd_test", "*HostTest*"),
    ("berth_stats_test", "*Kernel*"),
], ids=["cgroups", "systemd", "stats"])
def test_the_unit_tests_of_a_booted_host(bin_dir, program, tests):
    done = subprocess.run([bin_dir / program, f"--gtest_filter={tests}"], capture_output=True,
                          text=True, timeout=200)
    print(done.stdout)
    assert done.returncode == 0, f"{program} has failed"
    assert "SKIPPED" not in done.stdout, "here is all that they ask for"
