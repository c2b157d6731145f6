"""The runtime's own program: a container that gets hold of it can't write to the host's file.

The program under attack is a copy. What is done to it is the same in the test and in its control.
"""

import os
import pathlib
import shutil
import subprocess
import time

import pytest
from harness.oci import Runtime

# Who waits before it becomes the container's program still is the launcher's. Opened to read then,
# opened again to write when it runs no more: a file that runs is refused (ETXTBSY).
HOLD = "exec 9< /proc/{pid}/exe && touch /held && while test ! -e /go; do sleep 0.02; done; " \
       "echo owned >> /proc/self/fd/9; touch /done; sleep 1000"


def wait_for(path, seconds=10):
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.01)


@pytest.fixture
def program(bin_dir, tmp_path):
    """A copy of berth-runtime, to be attacked."""
    return pathlib.Path(shutil.copy(bin_dir / "berth-runtime", tmp_path / "berth-runtime"))


@pytest.fixture
def runtime(program, tmp_path):
    made = Runtime(program, tmp_path / "berth", "--cgroup-manager", "disabled")
    yield made
    made.clean_up()


@pytest.fixture
def attacker(runtime, attack):
    """A running container that sees who enters its pid namespace and may trace them."""
    bundle = attack("sh", "-c", "while test ! -e /script; do sleep 0.02; done; . /script")
    rights = ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"]
    bundle.config["process"]["capabilities"] = {
        kind: rights for kind in ("bounding", "effective", "permitted")}
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attacker")
    bundle.pid = runtime.state("attacker")["pid"]
    return bundle


def pid_inside(pid):
    """Its number in the innermost pid namespace it is in (proc_pid_status(5), NSpid)."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("NSpid:")]
    return int(line.split()[-1])


def overwrite(attacker, pid, let_go):
    """The attack on what process `pid` runs from, until `let_go` makes it run something else."""
    script = attacker.root / "new"
    script.write_text(HOLD.format(pid=pid_inside(pid)))
    script.rename(attacker.root / "script")
    wait_for(attacker.root / "held")
    let_go()
    (attacker.root / "go").touch()
    wait_for(attacker.root / "done")


# CVE-2019-5736.
def test_the_runtime_is_not_overwritten_by_who_holds_it_open(runtime, program, attacker, attack):
    before = program.read_bytes()
    victim = attack("sleep", "1000")
    for namespace in victim.config["linux"]["namespaces"]:
        if namespace["type"] == "pid":
            namespace["path"] = f"/proc/{attacker.pid}/ns/pid"
    runtime.detached("create", "--bundle", victim.written(), "victim")
    pid = runtime.state("victim")["pid"]
    assert os.path.samefile(f"/proc/{pid}/exe", program)  # what the attacker is after

    def start():
        runtime("start", "victim")
        deadline = time.monotonic() + 10
        while os.path.samefile(f"/proc/{pid}/exe", program):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    overwrite(attacker, pid, start)
    assert program.read_bytes() == before


def test_control_a_launcher_that_runs_from_the_hosts_file_is_overwritten(attacker, tmp_path):
    launcher = pathlib.Path(shutil.copy("/bin/busybox", tmp_path / "busybox"))
    before = launcher.read_bytes()
    with subprocess.Popen(["nsenter", f"--pid=/proc/{attacker.pid}/ns/pid", str(launcher), "sh", "-c",
                           "read go; exec /bin/sleep 1000"], stdin=subprocess.PIPE) as entered:
        pid = next(iter(children(entered.pid)))

        def go():
            entered.stdin.write(b"\n")
            entered.stdin.flush()
            deadline = time.monotonic() + 10
            while os.path.samefile(f"/proc/{pid}/exe", launcher):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        try:
            overwrite(attacker, pid, go)
        finally:
            os.kill(pid, 9)
    assert launcher.read_bytes() == before + b"owned\n"


def children(pid):
    """Waits for it to have some."""
    file = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    deadline = time.monotonic() + 10
    while not (found := file.read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return [int(number) for number in found]


# Not even root opens it to write, by any process that was the runtime's.
def test_a_waiting_process_runs_from_a_read_only_mount(runtime, program, attack):
    bundle = attack("true")
    runtime.detached("create", "--bundle", bundle.written(), "attack")
    held = os.open(f"/proc/{runtime.state('attack')['pid']}/exe", os.O_PATH)
    runtime("start", "attack")
    runtime.wait_for("attack", "stopped")
    try:
        with pytest.raises(OSError, match="Read-only file system"):
            os.open(f"/proc/self/fd/{held}", os.O_WRONLY)
    finally:
        os.close(held)
    # The control: the file itself is writable for whoever runs this test.
    os.close(os.open(program, os.O_WRONLY))
