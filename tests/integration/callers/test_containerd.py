"""containerd as the runtime's caller, through ctr and the shim of runc, version 2."""

import json
import subprocess
import time

import pytest


def oci_archive(directory, image_tar):
    """An image "busy" for `ctr images import`: Docker's archive format with one layer."""
    digest = subprocess.run(["sha256sum", image_tar], capture_output=True, text=True,
                            check=True).stdout.split()[0]
    (directory / "layer.tar").symlink_to(image_tar)
    (directory / "config.json").write_text(json.dumps({
        "architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}))
    (directory / "manifest.json").write_text(json.dumps([{
        "Config": "config.json", "RepoTags": ["test/busy:1"], "Layers": ["layer.tar"]}]))
    archive = directory / "archive.tar"
    subprocess.run(["tar", "--dereference", "-C", directory, "-cf", archive, "manifest.json",
                    "config.json", "layer.tar"], check=True)
    return archive


@pytest.fixture(scope="module")
def ctr(place, image_tar, tmp_path_factory):
    """A function that calls ctr, for a containerd that has the image."""
    directory = tmp_path_factory.mktemp("containerd")
    socket = directory / "socket"
    config = directory / "config.toml"
    config.write_text(f'version = 2\nroot = "{directory}/root"\nstate = "{directory}/state"\n'
                      'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
                      f'[grpc]\naddress = "{socket}"\n')
    with open(directory / "log", "wb") as log:
        daemon = subprocess.Popen(place.words("containerd", "--config", config), stdout=log,
                                  stderr=log)
    deadline = time.monotonic() + 20
    while not socket.exists():
        assert time.monotonic() < deadline, (directory / "log").read_text()
        time.sleep(0.05)

    def call(*words, **options):
        return place.call("ctr", "--address", socket, *words, **options)

    archive = tmp_path_factory.mktemp("archive")
    call("images", "import", oci_archive(archive, image_tar))
    yield call
    daemon.terminate()
    daemon.wait(20)


@pytest.fixture
def run(ctr, bin_dir):
    """A function: runs the words in a container of this name, with options of `ctr run` before."""
    def call(name, *words, options=(), **more):
        return ctr("run", "--runtime", "io.containerd.runc.v2", "--runc-binary",
                   bin_dir / "berth-runtime", *options, "docker.io/test/busy:1", name, *words,
                   **more)
    return call


@pytest.fixture
def started(ctr, run):
    """A container that sleeps; it is removed after the test."""
    run("it", "sleep", "1000", options=("--detach",))
    yield "it"
    ctr("tasks", "rm", "--force", "it")
    ctr("containers", "rm", "it")
    assert "it" not in ctr("containers", "ls", "--quiet").split()


def test_programs_run_and_their_status_is_told(run):
    assert run("hello", "echo", "hello", options=("--rm",)) == "hello\n"
    run("seven", "sh", "-c", "exit 7", options=("--rm",), status=7)


def test_a_program_that_is_missing_is_told_of(run):
    assert "/bin/nope" in run("nope", "/bin/nope", options=("--rm",), status=1)


def test_programs_are_executed_in_a_running_container(ctr, started):
    assert ctr("tasks", "exec", "--exec-id", "one", started, "echo", "inside") == "inside\n"
    ctr("tasks", "exec", "--exec-id", "two", started, "sh", "-c", "exit 9", status=9)


def test_a_paused_container_stands_still_until_it_goes_on(ctr, started):
    ctr("tasks", "pause", started)
    assert "PAUSED" in ctr("tasks", "ls")
    ctr("tasks", "resume", started)
    assert "RUNNING" in ctr("tasks", "ls")


def test_processes_are_listed(ctr, started):
    assert len(ctr("tasks", "ps", started).splitlines()) == 2


def test_a_killed_container_is_told_to_have_stopped(ctr, started):
    ctr("tasks", "kill", "--signal", "SIGKILL", started)
    deadline = time.monotonic() + 20
    while "STOPPED" not in ctr("tasks", "ls"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
