"""What a process has from those around it without having opened it: modes, signals, environment."""

import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import termios


class Careless:
    """Options of subprocess for a caller with things about it that are no container's."""

    @staticmethod
    def before():
        os.umask(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    options = {"preexec_fn": before, "restore_signals": False,
               "env": {**os.environ, "SECRET": "of the caller"}}


ASK = "umask; grep -E 'SigBlk|SigIgn' /proc/self/status; echo secret:$SECRET"
NOTHING = ["0022", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "secret:"]


def test_programs_have_nothing_of_the_callers(runtime, attack):
    bundle = attack("sh", "-c", f"{ASK}; touch /asked; sleep 1000")
    output = runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack", **Careless.options)
    while not (bundle.root / "asked").exists():
        assert runtime.status("attack") == "running"
    assert output.read_text().splitlines() == NOTHING
    done = runtime.run("exec", "attack", "sh", "-c", ASK, **Careless.options)
    assert done.stdout.splitlines() == NOTHING


def test_control_a_child_has_them():
    done = subprocess.run(["busybox", "sh", "-c", ASK], capture_output=True, text=True, check=True, **Careless.options)
    umask, blocked, ignored, secret = done.stdout.splitlines()
    assert int(umask, 8) == 0 and secret == "secret:of the caller"
    assert int(blocked.split()[1], 16) == 1 << (signal.SIGUSR1 - 1)
    assert int(ignored.split()[1], 16) & 1 << (signal.SIGTERM - 1)


# TIOCSTI: words typed into the caller's terminal, by those whose controlling terminal it is.
def on_a_controlling_terminal(command):
    """What it prints, started by somebody who works at a terminal."""
    master, slave = pty.openpty()

    def sit_down():
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    try:
        done = subprocess.run(command, stdin=slave, capture_output=True, text=True, timeout=30, check=False,
                              preexec_fn=sit_down)
    finally:
        os.close(master)
        os.close(slave)
    return done.stdout


# /dev/tty opens for those who have one (tty(4)).
TYPE = ["busybox", "sh", "-c", "(exec 3<> /dev/tty) && echo can type; echo end"]


def test_the_callers_terminal_is_not_the_containers(runtime, attack):
    bundle = attack(*TYPE)
    assert on_a_controlling_terminal(runtime.command("run", "--bundle", bundle.written(), "attack")) == "end\n"
    bundle.config["process"]["args"] = ["sleep", "1000"]
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    assert on_a_controlling_terminal(runtime.command("exec", "attack", *TYPE)) == "end\n"


def test_control_the_callers_terminal_is_a_childs():
    assert on_a_controlling_terminal(TYPE) == "can type\nend\n"


# What the image or another user writes between create and start is not what starts.
def test_a_bundle_that_changes_after_create_changes_nothing(runtime, attack, canary):
    bundle = attack("true")
    bundle.written()
    runtime.detached("create", "--bundle", bundle.directory, "attack")
    hook = {"path": "/bin/sh", "args": ["sh", "-c", f"touch {canary}/owned"]}
    bundle.config["hooks"] = {"poststart": [hook], "poststop": [hook]}
    bundle.config["process"]["args"] = ["sh", "-c", "touch /owned"]
    bundle.written()
    runtime("start", "attack")
    runtime.wait_for("attack", "stopped")
    runtime("delete", "attack")
    assert list(canary.iterdir()) == [] and not (bundle.root / "owned").exists()
    # The control: those hooks and that program do run where they are there at create.
    assert bundle.under(runtime).returncode == 0
    assert list(canary.iterdir()) != [] and (bundle.root / "owned").exists()


# Who comes in by exec is the launcher's program, with its memory, until it becomes the container's.
LOOK = "while test ! -e /enough; do for p in /proc/[0-9]*; do readlink $p/exe; done; done 2> /dev/null | " \
       "grep -v ^/bin/busybox > /seen"


def watcher(runtime, attack):
    bundle = attack("sh", "-c", LOOK)
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    return bundle


def seen(runtime, bundle):
    (bundle.root / "enough").touch()
    runtime.wait_for("attack", "stopped")
    return (bundle.root / "seen").read_text()


def test_who_comes_in_is_not_to_be_looked_into(runtime, attack):
    bundle = watcher(runtime, attack)
    for _ in range(60):
        runtime("exec", "attack", "true")
    assert seen(runtime, bundle) == ""


def test_control_who_comes_in_without_care_is_seen(runtime, attack):
    bundle = watcher(runtime, attack)
    pid = runtime.state("attack")["pid"]
    program = shutil.copy("/bin/busybox", bundle.directory / "busybox-of-the-host")
    subprocess.run(["nsenter", f"--pid=/proc/{pid}/ns/pid", "setpriv", "--bounding-set=-all",
                    "--inh-caps=-all", "--", program, "sleep", "0.5"], check=True)
    assert str(program) in seen(runtime, bundle)


# Who can write to the state is root; still no number in it stands for more than one process.
def test_a_pid_of_everybody_is_refused(runtime, attack):
    """kill(-1) and kill(0) reach all processes, and the caller's group (kill(2))."""
    bundle = attack("sleep", "1000")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    record = runtime.root / "attack/state.json"
    original = record.read_text()
    for pid in (-1, 0, 1, os.getpid(), 2**31, 2**32 + 1):
        record.write_text(json.dumps({**json.loads(original), "pid": pid}))
        # Signal 0 would ask only whether there is somebody (kill(2)).
        assert runtime.run("kill", "attack", "URG").returncode != 0, pid
    record.write_text(original)
    assert runtime.run("kill", "attack", "URG").returncode == 0
