"""podman as the runtime's caller, by a user without rights: uidmap gives him ids, vfs is his store."""

import pathlib
import shutil
import subprocess
import tempfile

import pytest

from harness import documented

USER = "berth-test"
UID = 1717  # nobody's on the host, as the accounts below are this place's alone

ACCOUNTS = """\
cp /etc/passwd /etc/group "$0"
echo "$1:x:$2:$2::$0/home:/bin/sh" >> "$0/passwd"
echo "$1:x:$2:" >> "$0/group"
mount --bind "$0/passwd" /etc/passwd
mount --bind "$0/group" /etc/group
echo "$1:2000000:65536" | tee -a /etc/subuid >> /etc/subgid
"""


@pytest.fixture(scope="module")
def directory():
    """Where a user may go: pytest closes its own directories to all but root."""
    with tempfile.TemporaryDirectory(prefix="berth-user-", dir="/var/tmp") as made:
        path = pathlib.Path(made)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="module")
def podman(place, bin_dir, image_tar, directory):
    """A function that calls podman as the user, with an image "busy"."""
    place.call("sh", "-ec", ACCOUNTS, directory, USER, UID)
    # He may read neither the build nor the image's directory.
    shutil.copy(bin_dir / "berth-runtime", directory)
    shutil.copy(image_tar, directory / "image.tar")
    for name in ("home", "run"):
        (directory / name).mkdir(mode=0o700)
    (directory / "containers.conf").write_text(
        documented.block("/etc/containers/containers.conf`", directory))
    subprocess.run(["chown", "-R", f"{UID}:{UID}", directory], check=True)

    def call(*words, **options):
        return place.call(
            "setpriv", "--reuid", UID, "--regid", UID, "--init-groups", "--inh-caps=-all", "env",
            "-i", "-C", directory, f"HOME={directory}/home", f"XDG_RUNTIME_DIR={directory}/run",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"CONTAINERS_CONF={directory}/containers.conf", "podman",
            "--events-backend", "file", "--cgroup-manager", "cgroupfs", *words, **options)

    call("import", directory / "image.tar", "busy")
    yield call
    call("rm", "--all", "--force", "--time", "0")


@pytest.fixture
def run(podman):
    return lambda *words, **options: podman("run", "--rm", "--network", "none", *words, **options)


@pytest.fixture
def start(podman):
    """A function that starts a container, named "it" and gone with the test."""
    yield lambda *words: podman("run", "-d", "--name", "it", "--network", "none", *words, "busy",
                                "sleep", "1000")
    podman("rm", "--force", "--ignore", "--time", "0", "it")


def test_programs_run_and_their_status_is_told(run):
    assert run("busy", "echo", "hello") == "hello\n"
    run("busy", "sh", "-c", "exit 7", status=7)
    run("busy", "/bin/nope", status=127)
    run("busy", "/etc/passwd", status=126)


def test_ids_are_those_that_the_user_was_granted(run):
    first, second = run("busy", "cat", "/proc/self/uid_map").splitlines()
    assert first.split() == ["0", str(UID), "1"] and second.split() == ["1", "2000000", "65536"]
    assert run("--user", "app", "busy", "id", "-u") == "1000\n"
    assert run("busy", "sh", "-c", "touch /tmp/x && chown 65000:65000 /tmp/x && stat -c %u /tmp/x"
               ) == "65000\n"
    assert run("--userns", "keep-id", "busy", "id", "-u") == f"{UID}\n"


@pytest.mark.parametrize("users", ["", "keep-id", "auto:size=4096"])
def test_programs_are_executed_in_a_running_container(podman, start, users):
    """By podman in its own user namespace, from which the host's pid namespace can't be joined."""
    start(*(["--userns", users] if users else []))
    assert podman("exec", "it", "echo", "inside") == "inside\n"
    assert podman("exec", "--user", "app", "it", "id", "-u") == "1000\n"
    podman("exec", "it", "sh", "-c", "exit 9", status=9)
    podman("exec", "it", "/bin/nope", status=127)
    assert len(podman("top", "it").splitlines()) == 2


def test_a_container_starts_again(podman, start):
    start()
    podman("stop", "--time", "0", "it")
    podman("start", "it")
    assert podman("exec", "it", "echo", "inside") == "inside\n"
    podman("kill", "it")
    assert podman("wait", "it") == "137\n"


def test_namespaces_of_other_containers_are_joined(podman, run, start):
    start()
    shown = podman("run", "--rm", "--pid", "container:it", "--network", "container:it", "--ipc",
                   "container:it", "busy", "ps")
    assert "sleep 1000" in shown


def test_pods_work(podman):
    podman("pod", "create", "--name", "pod", "--network", "none", "--infra-image", "busy",
           "--infra-command", "sleep 1000")
    try:
        podman("run", "-d", "--pod", "pod", "--name", "member", "busy", "sleep", "1000")
        assert podman("exec", "member", "hostname") == "pod\n"
    finally:
        podman("pod", "rm", "--force", "--time", "0", "pod")


def test_the_hosts_processes_can_be_seen(run):
    """Without a pid namespace no procfs can be mounted, but parameters are set all the same."""
    assert "sleep infinity" in run("--pid", "host", "busy", "ps")
    assert run("--pid", "host", "--sysctl", "net.ipv4.ip_forward=1", "busy", "cat",
               "/proc/sys/net/ipv4/ip_forward") == "1\n"


def test_files_and_limits(run, tmp_path):
    assert run("--read-only", "busy", "sh", "-c", "echo x > /tmp/x && cat /tmp/x") == "x\n"
    assert run("--volume", "named:/data", "busy", "sh", "-c", "echo x > /data/x && cat /data/x"
               ) == "x\n"
    assert run("--ulimit", "nofile=100:100", "busy", "sh", "-c", "ulimit -n") == "100\n"
    assert "1,   3" in run("--device", "/dev/null:/dev/other", "busy", "ls", "-l", "/dev/other")
    run("--cgroups", "disabled", "--init", "busy", "true")
    run("--privileged", "busy", "test", "-e", "/dev/null")
