"""containerd as the runtime's caller, through ctr and the shim of runc, version 2."""

import pytest

from harness.berth import wait_for
from harness.containerd import IMAGE, containerd, oci_archive


@pytest.fixture(scope="module")
def ctr(place, image_tar, tmp_path_factory):
    """A function that calls ctr, for a containerd that has the image."""
    archive = oci_archive(tmp_path_factory.mktemp("archive"), image_tar)
    config = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
    with containerd(place, tmp_path_factory.mktemp("containerd"), config) as socket:
        def call(*words, terminal=False, **options):
            caller = place.call_on_terminal if terminal else place.call
            return caller("ctr", "--address", socket, *words, **options)

        call("images", "import", archive)
        yield call


@pytest.fixture
def run(ctr, bin_dir):
    """A function: runs the words in a container of this name, with options of `ctr run` before."""
    def call(name, *words, options=(), **more):
        return ctr("run", "--runtime", "io.containerd.runc.v2", "--runc-binary",
                   bin_dir / "berth-runtime", *options, IMAGE, name, *words,
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
    wait_for(lambda: "STOPPED" in ctr("tasks", "ls"), "the container's end")


def test_terminals_are_the_containers_own(ctr, run, started):
    assert "/dev/pts/0" in run("tty", "tty", options=("--rm", "--tty"), terminal=True)
    assert "/dev/pts/0" in ctr("tasks", "exec", "--tty", "--exec-id", "tty", started, "tty",
                               terminal=True)


def test_a_container_is_as_confined_as_was_asked_for(run):
    said = run("confined", "sh", "-c", "pwd; touch /etc/x; grep CapBnd /proc/self/status",
               options=("--rm", "--read-only", "--seccomp", "--cap-drop", "CAP_CHOWN", "--cwd",
                        "/tmp"))
    directory, capabilities = said.splitlines()
    assert directory == "/tmp"
    assert int(capabilities.split()[1], 16) & 1 == 0
