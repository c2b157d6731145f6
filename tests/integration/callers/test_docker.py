"""docker as the runtime's caller: dockerd 20.10 with a containerd and shims of its own."""

import json

import pytest

from harness.berth import wait_for
from harness.docker import dockerd

RUN = ("run", "--runtime", "berth", "--network", "none")


@pytest.fixture(scope="module")
def docker(place, bin_dir, image_tar, tmp_path_factory):
    """A function that calls docker, for a daemon that has an image "busy"."""
    with dockerd(place, tmp_path_factory.mktemp("docker"), bin_dir) as call:
        call("import", image_tar, "busy")
        yield call


@pytest.fixture
def run(docker):
    return lambda *words, **options: docker(*RUN, "--rm", *words, **options)


@pytest.fixture
def start(docker):
    """A function that starts a container named "it", which goes with the test."""
    yield lambda *words: docker(*RUN, "--detach", "--name", "it", *words)
    docker("rm", "--force", "it")


def state(docker, name="it"):
    return json.loads(docker("inspect", "--format", "{{json .State}}", name))


def test_programs_run_and_their_status_is_told(run):
    assert run("busy", "echo", "hello") == "hello\n"
    run("busy", "sh", "-c", "exit 7", status=7)


def test_programs_that_cannot_run_have_statuses_of_their_own(run):
    run("busy", "/bin/nope", status=127)
    run("busy", "nope", status=127)
    run("busy", "/etc/passwd", status=126)


def test_programs_are_executed_in_a_running_container(docker, start):
    start("busy", "sleep", "1000")
    assert docker("exec", "--user", "app", "it", "id", "-u") == "1000\n"
    assert docker("exec", "--interactive", "it", "cat", input="through") == "through"
    docker("exec", "it", "sh", "-c", "exit 9", status=9)
    docker("exec", "it", "nope", status=126)  # as with runc
    assert len(docker("top", "it").splitlines()) == 2


def test_terminals_are_the_containers_own(docker, run, start):
    assert "/dev/pts/0" in run("--interactive", "--tty", "busy", "tty", terminal=True)
    start("busy", "sleep", "1000")
    assert "/dev/pts/0" in docker("exec", "--interactive", "--tty", "it", "tty", terminal=True)


def test_a_paused_container_stands_still_until_it_goes_on(docker, start):
    start("busy", "sleep", "1000")
    docker("pause", "it")
    assert state(docker)["Status"] == "paused"
    docker("unpause", "it")
    assert docker("exec", "it", "echo", "on") == "on\n"


def test_signals_reach_the_program(docker, start):
    start("busy", "sh", "-c", "trap 'exit 5' USR1; echo ready; while :; do sleep 0.1; done")
    wait_for(lambda: docker("logs", "it") == "ready\n", "the program")
    docker("kill", "--signal", "USR1", "it")
    assert docker("wait", "it") == "5\n"


def test_containers_start_again_when_they_fail_and_when_told(docker, start):
    start("--restart", "on-failure", "busy", "sh", "-c",
          "test -e /again && exec sleep 1000; touch /again; exit 3")
    count = ("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", "it")
    wait_for(lambda: docker(*count) == "1 running\n", "the second start")
    before = state(docker)["Pid"]
    docker("restart", "--time", "0", "it")
    assert state(docker)["Pid"] not in (0, before)


def test_health_is_what_the_check_says(docker, start):
    start("--health-cmd", "test -e /tmp/well", "--health-interval", "200ms", "--health-retries",
          "1", "busy", "sleep", "1000")
    wait_for(lambda: state(docker)["Health"]["Status"] == "unhealthy", "bad health")
    docker("exec", "it", "touch", "/tmp/well")
    wait_for(lambda: state(docker)["Health"]["Status"] == "healthy", "good health")


def test_an_init_is_the_first_process(run):
    assert "docker-init" in run("--init", "busy", "cat", "/proc/1/cmdline")


def test_volumes_keep_what_a_read_only_container_wrote(docker, run):
    run("--read-only", "--volume", "kept:/data", "busy", "sh", "-c", "echo kept > /data/file")
    assert "Read-only" in run("--read-only", "busy", "touch", "/etc/x", status=1)
    assert run("--volume", "kept:/data:ro", "busy", "cat", "/data/file") == "kept\n"
    docker("volume", "rm", "kept")


def capabilities(run, *options):
    [line] = run(*options, "busy", "grep", "CapEff", "/proc/self/status").splitlines()
    return int(line.split()[1], 16)


def test_privileges_are_what_was_asked_for(run):
    assert capabilities(run, "--cap-drop", "ALL", "--security-opt", "no-new-privileges") == 0
    cap_sys_admin = 1 << 21
    assert capabilities(run) & cap_sys_admin == 0
    assert capabilities(run, "--privileged") & cap_sys_admin
