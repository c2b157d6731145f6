"""The program's own entry point, before the C library's: runtime/cli/entry.cpp, docs/decisions/0022."""

import os
import platform
import re
import shutil
import subprocess
import tempfile

import pytest

# What it does for a command that launches, and nothing else comes before.
BEFORE_LIBC = ["execve", "statfs", "open_tree", "mount_setattr", "execveat"]


@pytest.fixture(scope="module")
def program(bin_dir):
    path = bin_dir / "berth-runtime"
    header = subprocess.run(["readelf", "--program-headers", path], capture_output=True, text=True, check=True)
    if platform.machine() != "x86_64" or "INTERP" in header.stdout:
        pytest.skip("this build of berth-runtime begins in main()")
    return path


def calls(runtime, *words):
    """The names of the system calls that the process makes, in order."""
    trace = runtime.directory / "trace"
    subprocess.run(["strace", "-o", trace, *runtime.command(*words)], capture_output=True, timeout=60, check=False)
    return re.findall(r"^(\w+)\(", trace.read_text(), re.MULTILINE)


def test_a_launcher_executes_itself_before_the_c_library_is_set_up(program, runtime, bundle):
    made = calls(runtime, "run", "-b", bundle("true").write(), "c1")
    assert made[:5] == BEFORE_LIBC
    assert made.count("execveat") == 1
    assert made[5] == "statfs" and "brk" in made[6:]  # the second time it goes on to the C library


@pytest.mark.parametrize("words", [["--systemd-cgroup"], ["--cgroup-manager=systemd"],
                                   ["--cgroup-manager", "systemd"]])
def test_with_systemd_it_still_knows_where_it_lies(program, runtime, bundle, words):
    """It becomes the program beside it that talks to systemd."""
    trace = runtime.directory / "trace"
    subprocess.run(["strace", "-o", trace, "-e", "trace=execve", program, *words,
                    *runtime.command("run", "-b", bundle("true").write(), "c1")[1:]],
                   capture_output=True, timeout=60, check=False)
    assert f'execve("{program}-systemd", ' in trace.read_text()


@pytest.mark.parametrize("words", [["state", "c1"], ["--version"], ["list"], []])
def test_other_commands_go_straight_to_the_c_library(program, runtime, words):
    made = calls(runtime, *words)
    assert made[1] in ("brk", "arch_prctl") and "execveat" not in made


def test_arguments_and_environment_arrive_as_they_were(program, runtime, bundle):
    made = bundle("true")
    made.config["process"]["args"] = ["sh", "-c", "echo \"$0/$1/$2\"", "", "a b", "run"]
    assert runtime("run", "-b", made.write(), "c1", env={**os.environ, "EMPTY": "", "LONG": "x" * 100000}) == "/a b/run\n"
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c2")
    assert runtime("exec", "c2", "echo", "", "exec", "--", "two  spaces") == " exec -- two  spaces\n"


def test_where_that_is_not_possible_main_goes_on(program):
    """For a user who may make no mount, and can't write to the file either."""
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv")
    directory = tempfile.mkdtemp()  # pytest's own are closed to others
    try:
        os.chmod(directory, 0o755)
        copy = shutil.copy(program, directory)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                                copy, "--root", "/nonexistent", "create", "-b", "/nonexistent", "c1"],
                               capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(directory)
    assert done.returncode == 1
    assert "create: --bundle: /nonexistent: No such file or directory" in done.stderr
