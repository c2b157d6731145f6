"""Berth in a part of the cgroup tree: as a user with a systemd, and in a container's namespace."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from harness import rootfs
from harness.berth import IMAGE
from units import systemctl

NOBODY = 65534
UNIT = f"user@{NOBODY}.service"
SESSION = f"user.slice/user-{NOBODY}.slice/{UNIT}"
LIMITS = {"memory": {"limit": 64 << 20}, "pids": {"limit": 9}, "cpu": {"shares": 512}}
IN_FORCE = {"memory.max": str(64 << 20), "pids.max": "9"}


class User:
    """Runs commands as root of the user namespace of `nobody`, as podman calls a runtime."""

    def __init__(self, program, bundle):
        self.program = program
        self.bundle = bundle

    def __call__(self, *words, unit=(), code=0):
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *unit,
                   "unshare", "--user", "--map-root-user", "--mount", self.program, *words]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            # A container that is created keeps the streams: a pipe would not close.
            done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                                  stdout=output, stderr=output, timeout=60, check=False,
                                  cwd=self.bundle, env={**os.environ, "XDG_RUNTIME_DIR":
                                                        f"/run/user/{NOBODY}"})
            output.seek(0)
            text = output.read()
        assert done.returncode == code, (words, text)
        return text


@pytest.fixture(scope="module")
def session():
    """A systemd of the user `nobody`, without logind."""
    drop_in = pathlib.Path(f"/run/systemd/system/{UNIT}.d/test.conf")
    drop_in.parent.mkdir(parents=True, exist_ok=True)
    drop_in.write_text("[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n")
    systemctl("daemon-reload")
    systemctl("start", UNIT)
    yield
    systemctl("stop", UNIT)


@pytest.fixture
def user(session, bin_dir):
    bundle = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
    bundle.chmod(0o755)
    rootfs.make(bundle / "rootfs", bin_dir)
    subprocess.run([bin_dir / "berth-runtime", "spec", "--rootless", "--bundle", bundle], check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["process"].update(terminal=False, args=["sh", "-c", "cat /sys/fs/cgroup/*.max; sleep 60"])
    linux = config["linux"]
    # It is in such a namespace already.
    del linux["uidMappings"], linux["gidMappings"]
    linux["namespaces"] = [one for one in linux["namespaces"] if one["type"] != "user"]
    linux["resources"] = LIMITS
    (bundle / "config.json").write_text(json.dumps(config))
    subprocess.run(["chown", "-R", str(NOBODY), bundle], check=True)
    made = User(bin_dir / "berth-runtime", bundle)
    yield made
    made("delete", "--force", "c1")
    shutil.rmtree(bundle)


def values(cgroup):
    return {name: (cgroup / name).read_text().strip() for name in IN_FORCE}


def test_a_users_container_is_a_scope_of_the_users_systemd(user, cgroup_root):
    # From here, which is no cgroup of the user's: as from the session of a login.
    user("--systemd-cgroup", "--strict-limits", "run", "--detach", "c1")
    scope = cgroup_root / SESSION / "user.slice/berth-runtime-c1.scope"
    assert values(scope) == IN_FORCE
    assert json.loads(user("state", "c1"))["status"] == "running"
    user("--systemd-cgroup", "update", "--pids-limit", "12", "c1")
    assert values(scope) == IN_FORCE | {"pids.max": "12"}
    user("delete", "--force", "c1")
    assert not scope.exists()


def test_a_failure_in_the_scope_is_told_and_leaves_nothing(user, cgroup_root):
    config = json.loads((user.bundle / "config.json").read_text())
    config["process"]["args"] = ["nope"]
    (user.bundle / "config.json").write_text(json.dumps(config))
    assert "exec nope: no such file" in user("--systemd-cgroup", "create", "c1", code=1)
    assert not (cgroup_root / SESSION / "user.slice/berth-runtime-c1.scope").exists()
    assert user("list", "--quiet") == ""


def test_without_a_systemd_a_users_limits_are_told_of(user):
    assert "memory.max, pids.max" in user("run", "--detach", "c1")
    assert "memory.max, pids.max" in user("--strict-limits", "create", "c2", code=1)


def test_a_unit_of_its_own_is_enough_for_a_user(user, cgroup_root):
    unit = ("systemd-run", "--user", "--scope", "--quiet", "--property=Delegate=yes",
            "--unit=test-own.scope")
    user("--strict-limits", "run", "--detach", "c1", unit=unit)
    unit = cgroup_root / SESSION / "app.slice/test-own.scope"
    assert values(unit / "berth-runtime/c1") == IN_FORCE
    assert (unit / "cgroup.procs").read_text() == ""


def test_tasks_are_limited_in_a_cgroup_namespace(booted_host, tmp_path):
    """As in a container with a cgroup namespace, in which berth is not alone."""
    definition = {"family": "test", "networkMode": "none", "containerDefinitions": [
        {"name": "a", "image": IMAGE, "memory": 24, "command": ["sleep", "60"]}]}
    (tmp_path / "task.json").write_text(json.dumps(definition))
    berth = f"{booted_host.bin_dir}/berth"
    inside = f"""
        set -e
        umount --lazy /sys/fs/cgroup
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        sleep 100 & sleeper=$!
        {berth} run --detach --strict-limits --cgroup-manager cgroupfs {tmp_path}/task.json >&2
        cat /sys/fs/cgroup/berth/*/a/memory.max /proc/self/cgroup /proc/$sleeper/cgroup
        kill $sleeper
        {berth} rm --force --all >&2
        """
    done = booted_host.run("systemd-run", "--scope", "--quiet", "--property=Delegate=memory pids cpu",
                           "unshare", "--cgroup", "--mount", "sh", "-c", inside)
    assert done.stdout.split() == [str(24 << 20), "0::/init", "0::/init"], done
