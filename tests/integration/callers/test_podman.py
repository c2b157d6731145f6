"""podman as the runtime's caller. tests/host/cases/test_podman.py has limits and systemd."""

import contextlib
import os
import socket
import time

import pytest

# podman raises both by default, which needs CAP_SYS_RESOURCE.
LIMITS = ("--ulimit", "nofile=10000:10000", "--ulimit", "nproc=5000:5000", "--network", "none")


@pytest.fixture
def run(podman):
    return lambda *words, **options: podman("run", "--rm", *LIMITS, *words, **options)


@pytest.fixture
def start(podman):
    """A function that starts a container named "it", which goes with the test."""
    yield lambda *words: podman("run", "-d", "--name", "it", *LIMITS, *words)
    podman("rm", "--force", "--ignore", "--time", "0", "it")


def test_programs_run_and_their_status_is_told(run):
    assert run("busy", "echo", "hello") == "hello\n"
    run("busy", "sh", "-c", "exit 7", status=7)
    run("busy", "/bin/nope", status=127)
    run("busy", "/etc/passwd", status=126)


def test_a_container_that_removes_itself_leaves_nothing(podman, run):
    run("--name", "gone", "busy", "true")
    assert podman("ps", "--all", "--quiet") == ""


def test_programs_are_executed_in_a_running_container(podman, start):
    start("busy", "sleep", "1000")
    assert podman("exec", "--user", "app", "it", "id", "-u") == "1000\n"
    podman("exec", "it", "sh", "-c", "exit 9", status=9)
    podman("exec", "it", "/bin/nope", status=127)
    podman("exec", "it", "/etc/passwd", status=126)
    assert len(podman("top", "it").splitlines()) == 2


def test_terminals_are_the_containers_own(podman, run, start):
    assert "/dev/pts/0" in run("--interactive", "--tty", "busy", "tty", terminal=True)
    start("busy", "sleep", "1000")
    assert "/dev/pts/0" in podman("exec", "--interactive", "--tty", "it", "tty", terminal=True)


def test_a_container_starts_again(podman, start):
    start("busy", "sleep", "1000")
    pid = ("inspect", "--format", "{{.State.Pid}}", "it")
    before = podman(*pid)
    podman("restart", "--time", "0", "it")
    assert podman(*pid) not in ("0\n", before)


def test_a_container_can_do_without_a_cgroup(run):
    assert "libpod" not in run("--cgroups", "disabled", "--cgroupns", "host", "busy", "cat",
                               "/proc/self/cgroup")


def test_a_paused_container_stands_still_until_it_goes_on(podman, start):
    start("busy", "sleep", "1000")
    podman("pause", "it")
    assert podman("inspect", "--format", "{{.State.Status}}", "it") == "paused\n"
    podman("unpause", "it")
    assert podman("exec", "it", "echo", "on") == "on\n"


def test_signals_reach_the_program(podman, start):
    start("busy", "sh", "-c", "trap 'exit 5' USR1; echo ready; while :; do sleep 0.1; done")
    deadline = time.monotonic() + 20
    while podman("logs", "it") != "ready\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    podman("kill", "--signal", "USR1", "it")
    assert podman("wait", "it") == "5\n"


def test_an_init_is_the_first_process(run):
    assert "podman-init" in run("--init", "busy", "cat", "/proc/1/cmdline")


def test_a_read_only_container_writes_to_its_tmpfs_alone(run):
    assert run("--read-only", "busy", "sh", "-c", "echo x > /tmp/x && cat /tmp/x") == "x\n"
    assert "Read-only" in run("--read-only", "busy", "touch", "/etc/x", status=1)


def test_volumes_keep_what_a_container_wrote(podman, run):
    run("--volume", "kept:/data", "busy", "sh", "-c", "echo kept > /data/file")
    assert run("--volume", "kept:/data:ro", "busy", "cat", "/data/file") == "kept\n"
    podman("volume", "rm", "kept")


def test_secrets_are_files(podman, run):
    podman("secret", "create", "word", "-", input="hidden")
    assert run("--secret", "word", "busy", "cat", "/run/secrets/word") == "hidden"
    podman("secret", "rm", "word")


def test_health_is_what_the_check_says(podman, start):
    start("--health-cmd", "test -e /tmp/well", "--health-interval", "disable", "busy", "sleep",
          "1000")
    podman("healthcheck", "run", "it", status=1)
    podman("exec", "it", "touch", "/tmp/well")
    podman("healthcheck", "run", "it")


def test_a_container_has_users_of_its_own(run):
    inside, outside, *_ = run("--userns=auto", "busy", "cat", "/proc/self/uid_map").split()
    assert inside == "0" and int(outside) >= 1000000


def test_a_service_in_a_container_tells_the_manager_that_it_is_ready(podman, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "manager"))
        manager.setblocking(False)

        def run(*words):
            """What the manager is told until podman's command returns."""
            podman("run", "--rm", "--name", "service", "--sdnotify", "container", *LIMITS, "busy", *words,
                   env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "manager")})
            with contextlib.suppress(BlockingIOError):
                while True:
                    yield from manager.recv(4096).decode().splitlines()

        # podman tells the manager of conmon, and passes the container's word on.
        assert "READY=1" in run("berth-test-helper", "notify", "READY=1")
        assert "READY=1" not in run("true")


def test_members_of_a_pod_go_with_it(podman):
    podman("pod", "create", "--name", "pod", "--infra=false")
    podman("run", "-d", "--pod", "pod", "--name", "member", *LIMITS, "busy", "sleep", "1000")
    assert podman("exec", "member", "echo", "inside") == "inside\n"
    podman("pod", "rm", "--force", "--time", "0", "pod")
    podman("container", "exists", "member", status=1)
