"""docker and ctr as the runtime's callers, where systemd and the controllers are."""

import json
import subprocess

import pytest

from harness import rootfs
from harness.berth import wait_for
from harness.caller import Here
from harness.containerd import IMAGE, containerd, oci_archive
from harness.docker import dockerd

MEBIBYTE = 1 << 20
PATIENCE = 60


@pytest.fixture(scope="module")
def image_tar(bin_dir, tmp_path_factory):
    directory = tmp_path_factory.mktemp("image")
    root = rootfs.make(directory / "rootfs", bin_dir)
    subprocess.run(["tar", "-C", root, "-cf", directory / "image.tar", "."], check=True)
    return directory / "image.tar"


@pytest.fixture(scope="module")
def containerd_socket(tmp_path_factory):
    """That of a containerd for docker and ctr. dockerd would wait no longer than 15 s for its own."""
    config = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
    with containerd(Here(), tmp_path_factory.mktemp("containerd"), config, PATIENCE) as socket:
        yield socket


@pytest.fixture(scope="module")
def docker(containerd_socket, bin_dir, image_tar, tmp_path_factory):
    """A function that calls docker, for a daemon that has an image "busy"."""
    with dockerd(Here(), tmp_path_factory.mktemp("docker"), bin_dir, PATIENCE,
                 containerd=str(containerd_socket)) as call:
        call("import", image_tar, "busy")
        yield call


def test_docker_limits_and_stats_are_the_cgroups(docker, cgroup_of):
    docker("run", "--runtime", "berth", "--network", "none", "--detach", "--name", "it", "--memory",
           "64m", "--cpus", "0.5", "--pids-limit", "50", "busy", "sleep", "1000")
    [described] = json.loads(docker("inspect", "it"))
    scope = cgroup_of(described["State"]["Pid"])
    assert scope.name == f"docker-{described['Id']}.scope"
    assert (scope / "memory.max").read_text() == f"{64 * MEBIBYTE}\n"
    assert (scope / "cpu.max").read_text() == "50000 100000\n"
    docker("update", "--pids-limit", "60", "it")
    assert (scope / "pids.max").read_text() == "60\n"
    stats = json.loads(docker("stats", "--no-stream", "--format", "{{json .}}", "it"))
    assert stats["PIDs"] == "1"
    assert stats["MemUsage"].endswith(" / 64MiB") and not stats["MemUsage"].startswith("0B")
    confined = docker("exec", "it", "cat", "/proc/1/attr/current", "/proc/self/attr/current")
    assert confined == "docker-default (enforce)\n" * 2  # AppArmor's
    docker("rm", "--force", "it")
    assert not scope.exists()


def test_docker_tells_who_had_no_memory_left(docker):
    docker("run", "--runtime", "berth", "--network", "none", "--detach", "--name", "eater",
           "--memory", "16m", "--memory-swap", "16m", "busy", "sh", "-c",
           "tail /dev/zero; exec sleep 1000")
    events = ("events", "--since", "0", "--until", "0s", "--filter", "event=oom")
    wait_for(lambda: docker(*events), "the event", PATIENCE)
    docker("kill", "eater")
    docker("wait", "eater")
    assert docker("inspect", "--format", "{{.State.OOMKilled}}", "eater") == "true\n"
    docker("rm", "eater")


def test_ctr_limits_and_metrics_are_the_cgroups(containerd_socket, bin_dir, image_tar, cgroup_root,
                                                tmp_path):
    def ctr(*words):
        return Here().call("ctr", "--address", containerd_socket, *words)

    ctr("images", "import", oci_archive(tmp_path, image_tar))
    ctr("run", "--detach", "--runtime", "io.containerd.runc.v2", "--runc-binary",
        bin_dir / "berth-runtime", "--memory-limit", 64 * MEBIBYTE, IMAGE, "it", "sleep", "1000")
    cgroup = cgroup_root / "default/it"
    assert (cgroup / "memory.max").read_text() == f"{64 * MEBIBYTE}\n"
    rows = [line.split() for line in ctr("tasks", "metrics", "it").splitlines()]
    metrics = dict(row for row in rows if len(row) == 2)
    assert metrics["pids.current"] == "1" and int(metrics["memory.usage"]) > 0
    assert int(metrics["memory.usage_limit"]) == 64 * MEBIBYTE
    ctr("tasks", "rm", "--force", "it")
    ctr("containers", "rm", "it")
    assert not cgroup.exists()
