"""containerd with berth-cni: `ctr run --cni`, and pods as a kubelet makes them."""

import pathlib

import pytest

from harness.berth import wait_for
from harness.containerd import IMAGE, containerd, oci_archive
from harness.cri import Cri, message

NETWORKS = "/etc/cni/net.d"
LOOPBACK = "/usr/lib/cni/loopback"
POD_OF_ITS_OWN_NETWORK = message(
    (1, message((1, "pod"), (2, "uid"), (3, "default"))),
    (5, message((1, 0), (2, 80), (3, 8080))))

CONFIG = f"""
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{IMAGE}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "berth"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.berth]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.berth.options]
BinaryName = "%s"
"""

pytestmark = [
    pytest.mark.usefixtures("clean"),
    pytest.mark.skipif(not pathlib.Path(NETWORKS).is_dir() or not pathlib.Path(LOOPBACK).exists(),
                       reason=f"needs {NETWORKS} and containernetworking-plugins")]


@pytest.fixture(scope="module")
def node(cni_place, bin_dir, image_tar, documented_network, tmp_path_factory):
    """The socket of a containerd with the image, where /opt/cni/bin and /etc/cni/net.d are ours."""
    cni_place.call("mount", "-t", "tmpfs", "none", "/opt")
    cni_place.call("mkdir", "-p", "/opt/cni/bin")
    cni_place.call("cp", bin_dir / "berth-cni", LOOPBACK, "/opt/cni/bin")
    cni_place.call("mount", "-t", "tmpfs", "none", NETWORKS)
    cni_place.call("tee", f"{NETWORKS}/10-berth.conflist", input=documented_network)
    archive = oci_archive(tmp_path_factory.mktemp("archive"), image_tar)
    config = CONFIG % (bin_dir / "berth-runtime")
    with containerd(cni_place, tmp_path_factory.mktemp("containerd"), config) as socket:
        for namespace in ("default", "k8s.io"):
            cni_place.call("ctr", "--address", socket, "--namespace", namespace, "images",
                           "import", archive)
        yield socket


def test_ctr_gives_a_container_an_interface(node, cni_place, bin_dir):
    shown = cni_place.call("ctr", "--address", node, "run", "--rm", "--cni", "--runc-binary",
                           bin_dir / "berth-runtime", IMAGE, "one", "ip", "-4", "-o", "address",
                           "show", "eth0")
    assert "10.90." in shown and "/32" in shown


def test_a_pod_has_an_address_and_a_host_port(node, cni_place):
    cri = Cri(cni_place, node)
    wait_for(lambda: cri("ImageStatus", (1, message((1, IMAGE))), service="ImageService"),
             "the image")
    pod = cri("RunPodSandbox", (1, POD_OF_ITS_OWN_NETWORK))[1]
    try:
        status = cri("PodSandboxStatus", (1, pod))
        assert b"10.90." in status[1]
        assert "tcp . 8080" in cni_place.call("nft", "list", "map", "inet", "berth", "ports")
    finally:
        cri("StopPodSandbox", (1, pod))
        cri("RemovePodSandbox", (1, pod))
