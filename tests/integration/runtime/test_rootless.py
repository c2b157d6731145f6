"""A user without any rights on the host runs a container of his own."""

import json
import os
import shutil
import subprocess

import pytest

UID = 1000


def as_user(*words):
    return ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "--inh-caps=-all",
            "--bounding-set=-all", "--", *map(str, words)]


@pytest.fixture
def users(bin_dir, rootfs_dir, tmp_path_factory):
    """A function: runs a command of the user's copy of the runtime; his bundle is in its `bundle`."""
    directory = tmp_path_factory.mktemp("user")
    shutil.copytree(rootfs_dir, directory / "rootfs", symlinks=True)
    shutil.copy(bin_dir / "berth-runtime", directory / "berth-runtime")
    for path in (directory, directory.parent, directory.parent.parent):
        path.chmod(0o755)
    subprocess.run(["chown", "-R", f"{UID}:{UID}", directory], check=True)

    def run(*words):
        command = [directory / "berth-runtime", "--root", directory / "state", "--cgroup-manager", "disabled"]
        return subprocess.run(as_user(*command, *words), env={"PATH": os.environ["PATH"]},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                              check=False)
    run.bundle = directory
    assert run("spec", "--rootless", "--bundle", directory).returncode == 0
    yield run
    run("delete", "--force", "mine")


def configure(users, *args):
    path = users.bundle / "config.json"
    config = json.loads(path.read_text())
    config["process"].update(terminal=False, args=list(args))
    path.write_text(json.dumps(config))


def test_he_is_root_inside(users):
    configure(users, "sh", "-c", "id -u; cat /proc/self/uid_map")
    done = users("run", "--bundle", users.bundle, "mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "0", str(UID), "1"]
    assert users("list", "--quiet").stdout == ""


def test_his_container_is_created_started_and_deleted(users):
    configure(users, "sleep", "1000")
    with open(users.bundle / "output", "w", encoding="utf-8") as output:
        command = [users.bundle / "berth-runtime", "--root", users.bundle / "state", "--cgroup-manager",
                   "disabled", "create", "--bundle", users.bundle, "mine"]
        done = subprocess.run(as_user(*command), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                              env={"PATH": os.environ["PATH"]}, timeout=30, check=False)
    assert done.returncode == 0, (users.bundle / "output").read_text()
    state = json.loads(users("state", "mine").stdout)
    assert state["status"] == "created" and state["pid"] > 0
    assert users("start", "mine").returncode == 0
    assert json.loads(users("state", "mine").stdout)["status"] == "running"
    assert users("exec", "mine", "id", "-u").stdout == "0\n"
    assert users("delete", "--force", "mine").returncode == 0
    assert users("list", "--quiet").stdout == ""
