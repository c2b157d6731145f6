"""Pods of podman's, whose members share namespaces and, by `play kube`, volumes."""

import pytest

from harness.berth import wait_for

# Where podman's own defaults need CAP_SYS_RESOURCE.
LIMITS = ("--ulimit", "nofile=10000:10000", "--ulimit", "nproc=5000:5000")
KUBE = """\
apiVersion: v1
kind: Pod
metadata:
  name: kube
spec:
  volumes:
  - name: pages
    emptyDir: {}
  containers:
  - name: server
    image: localhost/busy
    imagePullPolicy: Never
    command: [sh, -c, 'echo "$WORD" > /pages/word; exec httpd -f -p 8080 -h /pages']
    env: [{name: WORD, value: hello}]
    securityContext: {readOnlyRootFilesystem: true}
    volumeMounts: [{name: pages, mountPath: /pages}]
  - name: client
    image: localhost/busy
    imagePullPolicy: Never
    command: [sh, -c, 'until wget -qO- 127.0.0.1:8080/word; do sleep 0.1; done; exec sleep 1000']
"""


@pytest.fixture
def pod(podman):
    """A pod, and the container "member" in it, which is the child of nobody's init."""
    podman("pod", "create", "--name", "pod", "--network", "none", "--infra-image", "busy",
           "--infra-command", "sleep 1000")
    podman("run", "-d", "--pod", "pod", "--name", "member", *LIMITS, "busy", "sleep", "1000")
    yield "pod"
    podman("pod", "rm", "--force", "--time", "0", "pod")
    podman("container", "exists", "member", status=1)


def namespaces(podman, container):
    listed = podman("exec", container, "ls", "-l", "/proc/self/ns").splitlines()
    return {line.split()[-1] for line in listed[1:]}


def test_members_share_the_namespaces_of_the_infra_container(podman, pod):
    infra = podman("pod", "inspect", "--format", "{{.InfraContainerID}}", pod).strip()
    shared = namespaces(podman, infra) & namespaces(podman, "member")
    assert {name.split(":")[0] for name in shared} >= {"net", "ipc", "uts"}
    assert not {name.split(":")[0] for name in shared} & {"mnt", "pid", "cgroup"}


def test_a_pod_is_paused_and_started_again_whole(podman, pod):
    podman("pod", "pause", pod)
    assert podman("inspect", "--format", "{{.State.Status}}", "member") == "paused\n"
    podman("pod", "unpause", pod)
    podman("pod", "stop", "--time", "0", pod)
    podman("pod", "start", pod)
    assert podman("exec", "member", "echo", "on") == "on\n"
    assert len(podman("pod", "top", pod).splitlines()) == 3


def test_a_pod_of_kubernetes_is_played(podman, tmp_path):
    (tmp_path / "kube.yaml").write_text(KUBE)
    podman("play", "kube", "--network", "none", tmp_path / "kube.yaml")
    wait_for(lambda: podman("logs", "kube-client") == "hello\n", "the server's page")
    podman("exec", "kube-server", "touch", "/x", status=1)
    podman("play", "kube", "--down", tmp_path / "kube.yaml")
    podman("pod", "exists", "kube", status=1)
