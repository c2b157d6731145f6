"""Socket activation and readiness: LISTEN_FDS and NOTIFY_SOCKET, as systemd's services have them."""

import os
import socket
import subprocess

import pytest

# What sd_notify(3) does, for a root file system without it.
NOTIFY = "berth-test-helper notify"


@pytest.fixture
def manager(runtime):
    """The socket of a service manager, and the environment that its services have."""
    path = runtime.directory / "manager"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(path))
        made.settimeout(20)
        yield made, {**os.environ, "NOTIFY_SOCKET": str(path)}


def ready(*then):
    """A program that says two things, the second with a lie in it, and goes on."""
    return ("sh", "-c", "; ".join([f"{NOTIFY} STATUS=beginning", f"{NOTIFY} READY=1 MAINPID=1", *then]))


def told(manager):
    return manager.recv(4096).decode().splitlines()


@pytest.mark.parametrize("user", [0, 1000])
def test_start_returns_when_the_program_is_ready(runtime, bundle, manager, user):
    made = bundle(*ready("exec sleep 1000"))
    made.config["process"]["user"] = {"uid": user, "gid": user}
    runtime.detached("create", "-b", made.write(), "c1", env=manager[1])
    runtime("start", "c1", env=manager[1])
    manager[0].setblocking(False)  # all has been passed on by now
    assert told(manager[0]) == ["STATUS=beginning"]
    assert told(manager[0]) == [f"MAINPID={runtime.state('c1')['pid']}", "READY=1"]
    runtime("delete", "--force", "c1")


def test_run_in_the_background_does_too(runtime, bundle, manager):
    runtime.detached("run", "-d", "-b", bundle(*ready("exec sleep 1000")).write(), "c1", env=manager[1])
    manager[0].setblocking(False)
    assert [told(manager[0])[-1], told(manager[0])[-1]] == ["STATUS=beginning", "READY=1"]


def test_run_in_the_foreground_passes_on_to_the_end(runtime, bundle, manager):
    made = bundle(*ready(f"{NOTIFY} STOPPING=1", "exit 3")).write()
    running = subprocess.Popen(runtime.command("run", "-b", made, "c1"), env=manager[1])
    assert running.wait(30) == 3
    manager[0].setblocking(False)
    assert [told(manager[0]) for _ in range(3)] == [
        ["STATUS=beginning"], [f"MAINPID={running.pid}", "READY=1"], ["STOPPING=1"]]
    with pytest.raises(BlockingIOError):
        manager[0].recv(1)


def test_a_manager_of_an_abstract_name_is_told(runtime, bundle):
    name = f"berth-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.setblocking(False)
        runtime("run", "-b", bundle(*ready()).write(), "c1",
                env={**os.environ, "NOTIFY_SOCKET": f"@{name}"})
        assert told(listener) == ["STATUS=beginning"]


def test_the_end_of_a_program_that_is_never_ready_ends_the_wait(runtime, bundle, manager):
    runtime.detached("run", "-d", "-b", bundle("true").write(), "c1", env=manager[1])
    runtime.wait_for("c1", "stopped")


def test_without_a_manager_there_is_no_socket(runtime, bundle):
    made = bundle("sh", "-c", "echo $NOTIFY_SOCKET; test -e /run/notify/notify.sock || echo none").write()
    assert runtime("run", "-b", made, "c1") == "\nnone\n"


def test_commands_wait_for_nobody_who_waits_for_readiness(runtime, bundle, manager):
    directory = bundle("sleep", "1000").write()
    runtime.detached("create", "-b", directory, "c1", env=manager[1])
    starting = subprocess.Popen(runtime.command("start", "c1"), env=manager[1])
    runtime.wait_for("c1", "running")
    runtime("delete", "--force", "c1")
    assert starting.wait(20) == 0


def test_sockets_are_passed_on_and_told_of(runtime, bundle):
    made = bundle("sh", "-c", "echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES $$; readlink /proc/self/fd/3").write()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("")
        listener.listen(1)
        shell = ["bash", "-c", f'exec "$@" 3<&{listener.fileno()} 4</dev/null', "bash",
                 *runtime.command("run", "--preserve-fds", "1", "-b", made, "c1")]
        done = subprocess.run(shell, capture_output=True, text=True, timeout=30, check=True,
                              pass_fds=[listener.fileno()],
                              env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web"})
    words, link = done.stdout.splitlines()
    assert words == "1 1 web 1" and link.startswith("socket:")


def test_another_program_in_a_container_is_told_its_own_number(runtime, bundle):
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c1")
    command = ["sh", "-c", 'exec "$@" 3</dev/null', "sh",
               *runtime.command("exec", "c1", "sh", "-c", 'test "$LISTEN_PID" = $$ && echo $LISTEN_FDS')]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True,
                          env={**os.environ, "LISTEN_FDS": "1"})
    assert done.stdout == "1\n"
