"""podman as the runtime's caller, on a host as podman expects it: systemd and all controllers."""

import json
import subprocess
import time

import pytest

from harness import rootfs

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def podman(bin_dir, tmp_path_factory):
    """A function that calls podman, with an image "busy" of the test root file system."""
    directory = tmp_path_factory.mktemp("podman")
    root = rootfs.make(directory / "rootfs", bin_dir)
    command = ["podman", "--root", directory / "store", "--runroot", directory / "run",
               "--tmpdir", directory / "tmp", "--runtime", bin_dir / "berth-runtime",
               "--events-backend", "file", "--cgroup-manager", "systemd"]

    def call(*words, status=0, **options):
        done = subprocess.run([str(word) for word in (*command, *words)], capture_output=True,
                              text=True, timeout=120, check=False, **options)
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    tar = subprocess.run(["tar", "-C", root, "-c", "."], capture_output=True, check=True).stdout
    (directory / "image.tar").write_bytes(tar)
    call("import", directory / "image.tar", "busy")
    yield call
    call("rm", "--all", "--force", "--time", "0")


def run(podman, *words, **options):
    return podman("run", "--rm", "--network", "none", *words, **options)


def test_programs_run_and_their_status_is_told(podman):
    assert run(podman, "busy", "echo", "hello") == "hello\n"
    run(podman, "busy", "sh", "-c", "exit 7", status=7)
    run(podman, "busy", "/bin/nope", status=127)
    run(podman, "busy", "/etc/passwd", status=126)
    assert run(podman, "--read-only", "busy", "sh", "-c", "echo x > /tmp/x && cat /tmp/x") == "x\n"


def test_limits_reach_the_cgroup(podman, cgroup_of):
    podman("run", "-d", "--name", "limited", "--network", "none", "--memory", "64m", "--cpus", "0.5",
           "--pids-limit", "50", "busy", "sleep", "1000")
    [described] = json.loads(podman("inspect", "limited"))
    scope = cgroup_of(described["State"]["Pid"])
    assert scope.name == f"libpod-{described['Id']}.scope"
    assert (scope / "memory.max").read_text() == f"{64 * MEBIBYTE}\n"
    assert (scope / "pids.max").read_text() == "50\n"
    assert (scope / "cpu.max").read_text() == "50000 100000\n"
    stats = json.loads(podman("stats", "--no-stream", "--format", "json", "limited"))
    assert stats[0]["pids"] == "1" and "67.11MB" in stats[0]["mem_usage"]
    assert podman("exec", "limited", "echo", "inside") == "inside\n"
    podman("pause", "limited")
    assert podman("inspect", "--format", "{{.State.Status}}", "limited") == "paused\n"
    podman("unpause", "limited")
    podman("stop", "--time", "0", "limited")
    podman("rm", "limited")
    assert not scope.exists()


def test_pods_and_health_checks_work(podman):
    podman("pod", "create", "--name", "pod", "--network", "none", "--infra-image", "busy",
           "--infra-command", "sleep 1000")
    podman("run", "-d", "--pod", "pod", "--name", "member",
           "--health-cmd", "test -e /tmp/well", "--health-interval", "disable", "busy", "sleep",
           "1000")
    podman("healthcheck", "run", "member", status=1)
    podman("exec", "member", "touch", "/tmp/well")
    podman("healthcheck", "run", "member")
    podman("pod", "rm", "--force", "--time", "0", "pod")


def counted(podman, name, past=0, seconds=60):
    """How far it has counted in its log, once that is past a number."""
    deadline = time.monotonic() + seconds
    while True:
        numbers = [int(line) for line in podman("logs", "--tail", "3", name).split()]
        if numbers and numbers[-1] > past:
            return numbers[-1]
        assert time.monotonic() < deadline, f"{name} has only counted to {numbers}"
        time.sleep(0.1)


def test_containers_are_saved_and_restored(podman, tmp_path):
    podman("run", "-d", "--name", "saved", "--network", "none", "--memory", "64m", "busy", "sh",
           "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done")
    counted(podman, "saved", 3)
    podman("container", "checkpoint", "saved")
    assert podman("inspect", "--format", "{{.State.Status}} {{.State.Checkpointed}}",
                  "saved") == "exited true\n"
    reached = counted(podman, "saved")
    podman("container", "restore", "saved")
    assert reached < counted(podman, "saved", reached) < reached + 1000
    assert podman("exec", "saved", "echo", "inside") == "inside\n"
    # Into an archive, and out of it as another container.
    archive = tmp_path / "saved.tar"
    podman("container", "checkpoint", "--export", archive, "saved")
    reached = counted(podman, "saved")
    podman("rm", "saved")
    podman("container", "restore", "--import", archive, "--name", "moved")
    assert reached < counted(podman, "moved", reached) < reached + 1000
    podman("rm", "--force", "--time", "0", "moved")
