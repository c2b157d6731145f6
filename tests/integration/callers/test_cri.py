"""containerd as a kubelet calls it, with the runtime by the name that its configuration gives."""

import pytest

from harness import documented
from harness.berth import wait_for
from harness.containerd import IMAGE, containerd, oci_archive
from harness.cri import Cri, message

NODE = 2  # NamespaceMode: the network of the node
NETWORK = message((1, message((1, NODE))))
POD = message((1, message((1, "pod"), (2, "uid"), (3, "default"))), (8, message((2, NETWORK))))

CONFIG = f"""
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{IMAGE}"
restrict_oom_score_adj = true
"""


@pytest.fixture(scope="module")
def cri(place, bin_dir, image_tar, tmp_path_factory):
    """The service of a containerd that has the runtime under the name "berth", and the image."""
    documented_part = documented.block("/etc/containerd/config.toml`", bin_dir)
    config = CONFIG + documented_part.removeprefix("version = 2\n")
    archive = oci_archive(tmp_path_factory.mktemp("archive"), image_tar)
    with containerd(place, tmp_path_factory.mktemp("containerd"), config) as socket:
        place.call("ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", archive)
        service = Cri(place, socket)
        image = (1, message((1, IMAGE)))
        wait_for(lambda: service("ImageStatus", image, service="ImageService"), "the image")
        yield service


@pytest.fixture
def sandbox(cri):
    """A pod's sandbox, made by the runtime handler "berth"; it is removed after the test."""
    made = cri("RunPodSandbox", (1, POD), (2, "berth"))[1]
    yield made
    cri("StopPodSandbox", (1, made))
    cri("RemovePodSandbox", (1, made))


def execute(cri, container, *words):
    """(standard output, exit status) of a command in a container."""
    answer = cri("ExecSync", (1, container), (2, list(words)), (3, 20))
    return answer.get(1, b"").decode(), answer.get(3, 0)


def test_a_container_of_a_pod_runs(cri, sandbox, bin_dir, place):
    config = message((1, message((1, "web"))), (2, message((1, IMAGE))),
                     (3, ["sh", "-c", "sleep 1000"]), (6, message((1, "WORD"), (2, "hello"))))
    made = cri("CreateContainer", (1, sandbox), (2, config), (3, POD))[1]
    cri("StartContainer", (1, made))
    assert execute(cri, made, "sh", "-c", "echo $WORD; exit 3") == ("hello\n", 3)
    listed = place.call(bin_dir / "berth-runtime", "--root", "/run/containerd/runc/k8s.io", "list",
                        "--quiet")
    assert set(listed.split()) == {made.decode(), sandbox.decode()}
    cri("StopContainer", (1, made), (2, 0))
    cri("RemoveContainer", (1, made))


def test_a_handler_that_is_unknown_is_refused(cri):
    with pytest.raises(AssertionError, match="no runtime for"):
        cri("RunPodSandbox", (1, POD), (2, "nobody"))
