"""podman with berth-cni, configured as docs/cni.md has it."""

import json
import subprocess

import pytest

from harness import documented
from harness.berth import wait_for
from harness.network import CONNECTED, HELPER, connect

# podman raises both by default, which needs CAP_SYS_RESOURCE.
LIMITS = ("--ulimit", "nofile=10000:10000", "--ulimit", "nproc=5000:5000")

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture(scope="module")
def podman(cni_place, bin_dir, image_tar, documented_network, tmp_path_factory):
    """A function that calls podman, which has an image "busy"."""
    directory = tmp_path_factory.mktemp("podman")
    networks = directory / "net.d"
    networks.mkdir()
    (networks / "10-berth.conflist").write_text(documented_network)
    config = documented.lines_below("cni.md", "`/etc/containers/containers.conf`")
    assert "/usr/libexec/cni" in config
    (directory / "containers.conf").write_text(config.replace("/usr/libexec/cni", str(bin_dir)))

    def call(*words, **options):
        return cni_place.call(
            "env", f"CONTAINERS_CONF={directory}/containers.conf", "podman",
            "--root", directory / "store", "--runroot", directory / "run",
            "--tmpdir", directory / "tmp", "--network-config-dir", networks,
            "--runtime", bin_dir / "berth-runtime", "--events-backend", "file",
            "--cgroup-manager", "cgroupfs", *words, **options)

    call("import", image_tar, "busy")
    yield call
    call("rm", "--all", "--force", "--time", "0")


@pytest.fixture
def start(podman):
    """A function: starts a container that listens on port 80; it goes with the test."""
    names = []

    def call(name, *options):
        names.append(name)
        podman("run", "-d", "--name", name, "--network", "berth", *LIMITS, *options, "busy",
               HELPER, "listen", "tcp", "80")
        wait_for(lambda: "listening" in podman("logs", name), f"{name} listens")
    yield call
    podman("rm", "--force", "--ignore", "--time", "0", *names)


def address(podman, name):
    [one] = json.loads(podman("inspect", name))
    return one["NetworkSettings"]["Networks"]["berth"]["IPAddress"]


def run(podman, *words):
    return podman("run", "--rm", "--network", "berth", *LIMITS, "busy", *words)


def reaches(cni_place, bin_dir, place_address, port):
    def call(*words, check):
        return subprocess.run(cni_place.words(*words), capture_output=True, text=True, timeout=60,
                              check=check)
    return connect(call, bin_dir / HELPER, place_address, port)


def test_a_container_has_an_interface(podman):
    shown = run(podman, "ip", "-4", "-o", "address", "show", "eth0")
    assert "10.90." in shown and "/32" in shown


def test_containers_reach_each_other(podman, start):
    start("one")
    run(podman, HELPER, "connect", "tcp", address(podman, "one"), "80", "hello", "1")


def test_a_published_port_leads_into_the_container(podman, start, cni_place, bin_dir):
    start("one", "--publish", "8080:80")
    for place_address in ("127.0.0.1", address(podman, "one")):
        port = 8080 if place_address == "127.0.0.1" else 80
        assert reaches(cni_place, bin_dir, place_address, port) == CONNECTED


def test_addresses_and_macs_can_be_asked_for(podman, start):
    start("one", "--ip", "10.90.3.3", "--mac-address", "02:00:00:00:03:03")
    assert address(podman, "one") == "10.90.3.3"
    assert "02:00:00:00:03:03" in podman("exec", "one", "ip", "link", "show", "eth0")


def test_a_container_starts_again(podman, start):
    start("one", "--publish", "8080:80")
    podman("restart", "--time", "0", "one")
    assert "10.90." in podman("exec", "one", "ip", "-4", "address", "show", "eth0")


def test_networks_are_left_and_joined_while_it_runs(podman, start):
    start("one")
    podman("network", "disconnect", "berth", "one")
    wait_for(lambda: "eth0" not in podman("exec", "one", "ip", "link"), "eth0 goes")
    podman("network", "connect", "berth", "one")
    assert "10.90." in podman("exec", "one", "ip", "-4", "address")


def test_the_network_is_told_of(podman):
    [network] = json.loads(podman("network", "inspect", "berth"))
    assert network["driver"] == "berth-cni"


def test_a_port_that_is_published_already_is_refused_and_leaves_nothing(podman, start):
    start("one", "--publish", "8080:80")
    podman("run", "--rm", "--network", "berth", "--publish", "8080:80", *LIMITS, "busy", "true",
           status=126)
