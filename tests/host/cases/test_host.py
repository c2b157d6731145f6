"""The test host itself: that it is what the other tests take it for."""

import errno
import json
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def test_systemd_runs_it_and_nothing_has_failed():
    assert output("systemctl", "is-system-running", "--wait") == "running"
    assert output("systemctl", "list-units", "--failed", "--output=json") == "[]"
    assert pathlib.Path("/proc/1/comm").read_text() == "systemd\n"


def test_its_cgroups_are_unified_and_have_every_controller(cgroup_root):
    [mount] = json.loads(output("findmnt", "--json", str(cgroup_root)))["filesystems"]
    assert mount["fstype"] == "cgroup2"
    controllers = (cgroup_root / "cgroup.controllers").read_text().split()
    assert {"cpu", "cpuset", "io", "memory", "pids"} <= set(controllers)


@pytest.mark.parametrize("resource", ["cpu", "io", "memory"])
def test_it_has_pressure_stall_information(resource):
    assert pathlib.Path("/proc/pressure", resource).read_text().startswith("some avg10=")


def test_the_tree_and_the_build_are_read_only():
    for place in (HERE, os.environ["BERTH_BUILD_DIR"]):
        with pytest.raises(OSError) as failure:
            pathlib.Path(place, "stray").touch()
        assert failure.value.errno == errno.EROFS


def test_root_of_the_host_can_not_make_the_tree_writable():
    output("mount", "-o", "remount,rw", output("findmnt", "-no", "TARGET", "--target", str(HERE)))
    with pytest.raises(OSError) as failure:
        (HERE / "stray").touch()
    assert failure.value.errno == errno.EROFS


def test_it_has_two_processors_and_no_swap():
    assert os.cpu_count() == 2
    assert len(pathlib.Path("/proc/swaps").read_text().splitlines()) == 1


def test_overlays_can_be_mounted_on_its_disk(tmp_path):
    for name in ("lower", "upper", "work", "merged"):
        (tmp_path / name).mkdir()
    parts = f"lowerdir={tmp_path}/lower,upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    subprocess.run(["mount", "-t", "overlay", "-o", parts, "overlay", tmp_path / "merged"],
                   check=True)
    subprocess.run(["umount", tmp_path / "merged"], check=True)
