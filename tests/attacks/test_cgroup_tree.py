"""Cgroups: a container stays in its part of the tree, and none is left behind frozen."""

import os
import pathlib
import secrets
import signal
import subprocess
import time

import pytest
from harness.oci import Runtime

CGROUP2 = "cgroup2fs"


def hierarchy():
    for path in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        kind = subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True, check=False)
        if kind.stdout.strip() == CGROUP2:
            return pathlib.Path(path)
    pytest.skip("this host has no cgroup v2 hierarchy")


@pytest.fixture
def home():
    """A cgroup of this test's, which plays the top of the tree; emptied and removed at the end."""
    path = hierarchy() / f"berth-attacks-{secrets.token_hex(4)}"
    path.mkdir()
    yield path
    (path / "cgroup.kill").write_text("1")
    deadline = time.monotonic() + 5
    while "populated 1" in (path / "cgroup.events").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    for directory, _, _ in os.walk(path, topdown=False):
        os.rmdir(directory)


@pytest.fixture
def runtime(bin_dir, tmp_path, home):
    made = Runtime(bin_dir / "berth-runtime", tmp_path / "berth")
    yield made
    made.clean_up()


def cgroup_of(pid):
    """Its name in the v2 hierarchy (cgroups(7), /proc/pid/cgroup)."""
    lines = pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    return [line[3:] for line in lines if line.startswith("0::")][0]


def running(runtime, attack, home, *args):
    """A container that runs in home/inner/attack; its bundle."""
    bundle = attack(*(args or ("sleep", "1000")))
    bundle.config["linux"]["cgroupsPath"] = f"/{home.name}/inner/attack"
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    return bundle


# Names that climb out.
@pytest.mark.parametrize("climb", ["../../{}/escaped", "/{}/inner/../escaped", "{}/inner/../../{}/escaped",
                                   "/{}/./escaped", "/", "/..", "{}/esc\naped"])
def test_a_cgroups_path_does_not_climb(runtime, attack, home, climb):
    (home / "inner").mkdir()
    bundle = attack("true")
    bundle.config["linux"]["cgroupsPath"] = climb.format(home.name, home.name)
    done = bundle.under(runtime)
    assert done.returncode != 0 and "linux.cgroupsPath" in done.stderr
    assert [path.name for path in home.iterdir() if path.is_dir()] == ["inner"]
    assert runtime.ids() == []


def test_control_a_cgroups_path_is_where_the_container_goes(runtime, attack, home):
    running(runtime, attack, home)
    assert cgroup_of(runtime.state("attack")["pid"]) == f"/{home.name}/inner/attack"


@pytest.mark.parametrize("below", ["..", "../..", "../other", "/../../other", "sub/../../../other"])
def test_exec_does_not_leave_the_containers_cgroup(runtime, attack, home, below):
    running(runtime, attack, home)
    (home / "inner/other").mkdir()
    (home / "other").mkdir()
    (home / "inner/attack/sub").mkdir()
    done = runtime.run("exec", "--cgroup", below, "attack", "cat", "/proc/self/cgroup")
    assert done.returncode == 255 and done.stdout == ""
    assert "cgroup" in done.stderr


def test_control_exec_goes_to_a_cgroup_below(runtime, attack, home):
    running(runtime, attack, home)
    (home / "inner/attack/sub").mkdir()
    output = runtime("exec", "--cgroup", "sub", "attack", "cat", "/proc/self/cgroup")
    assert f"0::/{home.name}/inner/attack/sub\n" in output


# CVE-2022-0492: a release agent runs on the host, as root. Only version 1 has them.
def test_a_container_has_no_release_agent(runtime, attack):
    bundle = attack("find", "/sys/fs/cgroup", "-name", "release_agent", "-o", "-name", "cgroup.procs",
                    "-maxdepth", "1")
    bundle.mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", type="cgroup")
    done = bundle.under(runtime)
    assert done.stdout == "/sys/fs/cgroup/cgroup.procs\n", done


# CVE-2023-25809: without a cgroup namespace the host's tree is seen, parts that the user owns too.
def delegated(attack, home, source, *options, **of):
    """A bundle that makes a cgroup in one that its user namespace's root owns."""
    bundle = attack("mkdir", f"/sys/fs/cgroup/{home.name}/escaped")
    for path in (home, home / "cgroup.procs"):
        os.chown(path, 100000, 100000)
    config = bundle.config["linux"]
    config["namespaces"] = [one for one in config["namespaces"] if one["type"] != "cgroup"]
    config["namespaces"].append({"type": "user"})
    config["uidMappings"] = config["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]
    subprocess.run(["chown", "-R", "100000:100000", bundle.root], check=True)
    bundle.mount("/sys/fs/cgroup", source, *options, **of)
    return bundle


def test_the_hosts_cgroups_are_read_only_in_a_user_namespace(runtime, attack, home):
    bundle = delegated(attack, home, "cgroup", "nosuid", "noexec", "nodev", "rw", type="cgroup")
    done = bundle.under(runtime)
    assert done.returncode == 1 and "Read-only file system" in done.stderr
    assert not (home / "escaped").exists()


def test_control_a_delegated_cgroup_that_is_bound_is_written(runtime, attack, home):
    bundle = delegated(attack, home, hierarchy(), "bind", "rw")
    done = bundle.under(runtime)
    assert done.returncode == 0, done.stderr
    assert (home / "escaped").is_dir()


# What is left frozen would hold its locks, and could not be ended by its users.
def state_letter(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


@pytest.mark.parametrize("way", [("kill", "attack", "KILL"), ("kill", "--all", "attack", "KILL"),
                                 ("delete", "--force", "attack")])
def test_what_is_paused_can_be_ended(runtime, attack, home, way):
    running(runtime, attack, home)
    pid = runtime.state("attack")["pid"]
    runtime("pause", "attack")
    runtime(*way)
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{pid}") and state_letter(pid) != "Z":
        assert time.monotonic() < deadline, "it is left frozen"
        time.sleep(0.02)


def test_control_what_is_paused_hears_nothing(runtime, attack, home):
    running(runtime, attack, home, "berth-test-helper", "exit-on-term", "3")
    pid = runtime.state("attack")["pid"]
    runtime("pause", "attack")
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.3)
    assert runtime.status("attack") == "paused"
    runtime("resume", "attack")
    runtime.wait_for("attack", "stopped")


def test_an_exec_that_fails_leaves_nothing_frozen_and_nothing_behind(runtime, attack, home):
    running(runtime, attack, home)
    inner = home / "inner/attack"
    before = (inner / "cgroup.procs").read_text()
    assert runtime.run("exec", "attack", "/no/such/program").returncode != 0
    assert "frozen 0" in (inner / "cgroup.events").read_text()
    assert (inner / "cgroup.procs").read_text() == before
    runtime("pause", "attack")
    assert runtime.run("exec", "attack", "true", timeout=20).returncode != 0
    assert (inner / "cgroup.procs").read_text() == before
