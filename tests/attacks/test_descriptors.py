"""Descriptors and directories of the host: none stays open, and no path leads out through one."""

import os
import subprocess

import pytest

LIST = "ls /proc/self/fd"
CLEAN = [0, 1, 2, 3]  # the last is the one by which they are listed


def descriptors(text):
    return sorted(int(number) for number in text.split())


@pytest.fixture
def inherited(tmp_path):
    """Descriptors that a careless caller has open, and that are no close-on-exec."""
    fds = [os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY) for _ in range(5)]
    for fd in fds:
        os.set_inheritable(fd, True)
    yield fds
    for fd in fds:
        os.close(fd)


# CVE-2024-21626 and its like: descriptors of the host in the container.
def test_programs_have_three_descriptors(runtime, attack, inherited):
    bundle = attack("sh", "-c", f"{LIST}; sleep 1000")
    output = runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack", pass_fds=inherited)
    for _ in range(200):
        if output.read_text():
            break
        subprocess.run(["sleep", "0.02"], check=True)
    assert descriptors(output.read_text()) == CLEAN
    done = runtime.run("exec", "attack", "sh", "-c", LIST, pass_fds=inherited)
    assert descriptors(done.stdout) == CLEAN


def test_control_a_child_inherits_what_is_open(inherited):
    done = subprocess.run(["sh", "-c", LIST], pass_fds=inherited, capture_output=True, text=True, check=True)
    assert set(inherited) <= set(descriptors(done.stdout))


def test_hooks_have_three_descriptors(runtime, attack, inherited):
    bundle = attack("true")
    report = bundle.directory / "report"
    bundle.root.joinpath("report").touch()
    kinds = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
    hooks = {}
    for kind in kinds:
        place = "/report" if kind == "startContainer" else report
        hooks[kind] = [{"path": "/bin/sh", "args": ["sh", "-c", f"(echo {kind}; {LIST}) | tr '\\n' ' ' "
                                                                f">> {place}; echo >> {place}"]}]
    bundle.config["hooks"] = hooks
    done = runtime.run("run", "--bundle", bundle.written(), "attack", pass_fds=inherited)
    assert done.returncode == 0, done.stderr
    lines = (report.read_text() + (bundle.root / "report").read_text()).splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(kinds)
    for line in lines:
        assert descriptors(line.split(" ", 1)[1]) == CLEAN, line


# CVE-2024-21626: a working directory that a descriptor of the host's stands for.
def test_no_working_directory_leads_out_through_a_descriptor(runtime, attack, inherited):
    for number in range(3, 30):
        bundle = attack("sh", "-c", "ls ../../../..; pwd")
        bundle.config["process"]["cwd"] = f"/proc/self/fd/{number}"
        done = runtime.run("run", "--bundle", bundle.written(), "attack", pass_fds=inherited)
        assert done.returncode != 0 and done.stdout == "", number
    bundle = attack("sleep", "1000")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    for number in range(3, 30):
        done = runtime.run("exec", "--cwd", f"/proc/self/fd/{number}", "attack", "pwd", pass_fds=inherited)
        assert done.returncode != 0 and done.stdout == "", number


def test_control_chdir_takes_a_descriptor_for_a_directory(inherited, tmp_path):
    code = f"import os; os.chroot('{tmp_path}'); os.chdir('/proc/self/fd/{inherited[0]}'); print(os.getcwd())"
    # With the host's /proc in the root, as before the switch to it.
    (tmp_path / "proc").mkdir()
    script = f"mount --rbind /proc {tmp_path}/proc && exec /usr/bin/python3 -c \"{code}\""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], pass_fds=inherited, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr


# What a created container, still the launcher's program, shows to others.
def test_a_waiting_container_is_not_to_be_looked_into(runtime, attack):
    bundle = attack("true")
    bundle.config["process"]["user"] = {"uid": 1000, "gid": 1000}
    runtime.detached("create", "--bundle", bundle.written(), "attack")
    pid = runtime.state("attack")["pid"]
    # Of a process that is not dumpable /proc has root for an owner (proc(5)).
    assert os.stat(f"/proc/{pid}/environ").st_uid == 0
    assert f"\nUid:\t1000" in open(f"/proc/{pid}/status", encoding="utf-8").read()
    as_that_user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--"]
    done = subprocess.run([*as_that_user, "readlink", f"/proc/{pid}/exe"], capture_output=True, check=False)
    assert done.returncode != 0


