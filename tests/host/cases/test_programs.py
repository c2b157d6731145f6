"""The unit tests that need such a host; elsewhere they are skipped."""

import subprocess

import pytest


# What depends on how quick the machine is stays outside: this one is emulated.
@pytest.mark.parametrize("program, tests", [
    ("berth_cgroups_test", "LimitsHostTest*:StatsReaderHostTest*"),
    ("berth_cgroups_test", "SystemdPropertiesHostTest*"),
    ("berth_cgroups_test", "DelegationHostTest*:UserScopeHostTest*"),
    ("berth_cgroups_test", "DeviceFilterTest*-*AThousandDevices*"),
    ("berth_cgroups_test", "CgroupKernelTest*:FreezerKernelTest*:EventWatchTest*"),
    ("berth_cgroups_test", "*KillTest*:RemoveTest.TwoCanRemoveTheSame"),
    ("berth_systemd_test", "*HostTest*"),
    ("berth_stats_test", "*Kernel*"),
])
def test_the_unit_tests_of_a_booted_host(bin_dir, program, tests):
    done = subprocess.run([bin_dir / program, f"--gtest_filter={tests}"], capture_output=True,
                          text=True, timeout=200)
    print(done.stdout)
    assert done.returncode == 0, f"{program} has failed"
    assert "SKIPPED" not in done.stdout, "here is all that they ask for"
