"""berth exec: one more process in a running container."""

import json
import os
import pty
import signal

import pytest

from harness.berth import container, definition

HELPER = "berth-test-helper"


@pytest.fixture
def box(berth):
    """A task with a container to run things in."""
    berth.detach(definition(container(
        "a", HELPER, "exit-on-term", "0", stopTimeout=2, workingDirectory="/tmp",
        environment=[{"name": "OF_CONTAINER", "value": "yes"}])))
    berth.wait_for_status("test", "RUNNING")

    def run(*command, options=(), **more):
        return berth("exec", *options, "test", "a", "--", *command, check=False, **more)
    return run


@pytest.mark.parametrize("command, code", [
    (("true",), 0), (("sh", "-c", "exit 42"), 42), (("sh", "-c", "kill -9 $$"), 137),
    (("no-such-program",), 127), (("/etc/passwd",), 126)], ids=str)
def test_exec_exits_as_the_program_did(box, command, code):
    assert box(*command).code == code


def test_exec_runs_where_the_container_is(berth, box):
    shown = json.loads(box(HELPER, "show", "a b").out)
    of_container = os.readlink(f"/proc/{berth.host.pid}/ns/net")
    assert shown["args"] == ["a b"]
    assert shown["cwd"] == "/tmp"
    assert shown["env"]["OF_CONTAINER"] == "yes"
    assert shown["id"]["pid"] > 1
    assert shown["namespaces"]["net"] != of_container
    assert shown["caps"]["Seccomp"] == "2"
    assert shown["fds"].keys() == {"0", "1", "2"}
    assert box("sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline").out.startswith(HELPER)


def test_exec_keeps_output_and_errors_apart(box):
    done = box("sh", "-c", "echo out; echo err >&2")
    assert (done.out, done.err) == ("out\n", "err\n")


def test_exec_as_another_user_elsewhere_with_more_environment(box):
    shown = json.loads(box(HELPER, "show", options=[
        "-u", "app", "-w", "/home", "-e", "A=1", "--env", "OF_CONTAINER=no"]).out)
    assert (shown["id"]["uid"], shown["id"]["gid"]) == (1000, 1000)
    assert shown["cwd"] == "/home"
    assert (shown["env"]["A"], shown["env"]["OF_CONTAINER"]) == ("1", "no")


def test_exec_passes_standard_input_on_if_asked(berth, box):
    given = berth.write("input", "line\n" * 50_000)
    with given.open() as stdin:
        assert box("wc", "-l", options=["-i"], stdin=stdin).out == "50000\n"
    with given.open() as stdin:
        assert box("wc", "-l", stdin=stdin).out == "0\n"


def test_exec_passes_signals_on(berth, box):
    program = berth.host.berth_popen("exec", "test", "a", "--", HELPER, "exit-on-term", "9")
    assert program.stdout.readline() == "waiting for SIGTERM\n"
    program.signal(signal.SIGTERM)
    program.communicate(timeout=10)
    assert program.wait() == 9


def test_exec_on_a_terminal(berth, box):
    ours, theirs = pty.openpty()
    program = berth.host.berth_popen("exec", "-it", "test", "a", "--", "sh", "-c",
                                     "stty size; tty; read word; echo got $word; exit 5",
                                     stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = read_until(ours, b"/dev/pts/")
    os.write(ours, b"hello\r")
    seen += read_until(ours, b"got hello")
    assert program.wait(timeout=10) == 5
    os.close(ours)
    assert b"hello\r\n" in seen  # echoed by the terminal inside


def read_until(fd, what):
    seen = b""
    while what not in seen:
        seen += os.read(fd, 4096)
    return seen


def test_exec_on_a_terminal_needs_one(box):
    done = box("true", options=["-t"])
    assert (done.code, done.err) == (1, "berth: -t needs a terminal as standard input\n")


def test_exec_in_an_unknown_container(berth, box):
    assert "b" in berth.fails("exec", "test", "b", "--", "true")


def test_what_exec_left_running_ends_with_the_task(berth, box):
    assert box("sh", "-c", "setsid sleep 4244 > /dev/null 2>&1 &").code == 0
