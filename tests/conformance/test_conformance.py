"""The suite itself: it passes what works, and it sees what is broken on purpose."""

import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from chapters.rlimits import wanted  # noqa: E402

BIN = pathlib.Path(os.environ.get("BERTH_BIN_DIR", HERE.parents[1] / "build/dev/bin"))
BROKEN = HERE / "broken-runtime"


def works(command):
    """Whether that runtime can run a container on this host at all."""
    return suite("--runtime", command, "--filter", r"^state\.status_running$").returncode == 0


def suite(*arguments, **environment):
    return subprocess.run([HERE / "berth-conformance", "--jobs", "2", *arguments], text=True,
                          env={**os.environ, **environment}, capture_output=True, timeout=200, check=False)


def failed(result):
    return set(re.findall(r"^not ok \d+ - (\S+):", result.stdout, re.MULTILINE))


@pytest.fixture(scope="session")
def runtime():
    """A runtime that works here: this build's, or one that is installed."""
    known = [str(BIN / "berth-runtime"), shutil.which("runc"), shutil.which("crun")]
    for command in known:
        if command and pathlib.Path(command).exists() and works(command):
            return command
    pytest.skip("no runtime works on this host")


def test_the_list_names_each_test_once():
    names = [line.split("\t")[0] for line in suite("--list").stdout.splitlines()]
    assert len(names) == len(set(names)) > 250


@pytest.mark.parametrize("hard", [-1, 0, 1, 8, 9, 20, 1 << 20])
@pytest.mark.parametrize("number", range(16))
def test_limits_are_asked_for_that_can_be_had(number, hard):
    soft, most = wanted(number, hard)
    assert 0 < soft < most != hard
    assert number not in (resource.RLIMIT_NICE, resource.RLIMIT_RTPRIO) or most <= 40


def test_a_filter_selects():
    names = suite("--list", "--filter", "^state").stdout.splitlines()
    assert names and all(name.startswith("state.") for name in names)


def test_a_runtime_that_works_passes(runtime):
    result = suite("--runtime", runtime, "--filter", r"^(state|start)\.")
    assert failed(result) == set()
    assert result.returncode == 0


@pytest.mark.parametrize("broken, name", [
    ("field hostname", "namespaces.hostname"),
    ("field process.user.umask", "user.umask"),
    ("field process.rlimits", "rlimits.rlimit_nofile"),
    ("field linux.seccomp", "seccomp.errno"),
    ("field linux.maskedPaths", "paths.masked_file"),
    ("field hooks.poststop", "hooks.poststop_is_called"),
    ("field root.readonly", "root.readonly"),
    ("noop kill", "kill.ends_it"),
    ("noop start", "start.runs_the_program"),
    ("noop delete", "delete.of_a_stopped_one"),
    ("eager", "create.does_not_run_the_program"),
])
def test_what_is_broken_fails(runtime, broken, name):
    only = ("--filter", f"^{re.escape(name)}$")
    assert failed(suite("--runtime", runtime, *only)) == set()
    result = suite("--runtime", str(BROKEN), *only, BERTH_RUNTIME=runtime, BERTH_BROKEN=broken)
    assert failed(result) == {name}
    assert result.returncode == 1
    assert "  expected: " in result.stdout and "  got: " in result.stdout


def test_no_test_of_a_field_passes_without_it(runtime):
    """Each test names the field that it is about; where its runtime never sees it, it has to fail."""
    result = suite("--runtime", runtime, "--without-fields")
    assert failed(result) == set(), result.stdout
    assert int(re.search(r"# (\d+) passed", result.stdout).group(1)) > 100
