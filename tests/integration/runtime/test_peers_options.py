"""Every option that runc and crun have is one here, by the same name and letter."""

import re
import shutil
import subprocess

import pytest

COMMANDS = ("", "create", "run", "exec", "start", "state", "list", "ps", "kill", "delete", "pause", "resume",
            "update", "spec", "features", "events", "mounts", "checkpoint", "restore")

# Those of newer versions than a distribution may have installed: runc 1.3, crun 1.23.
NEWER = {
    "": "log-level cgroup-manager systemd-cgroup rootless root log log-format debug",
    "create": "pidfd-socket config no-subreaper",
    "run": "pidfd-socket config keep",
    "exec": "pidfd-socket ignore-paused cgroup additional-gids",
    "update": "cpu-burst cpu-idle l3-cache-schema mem-bw-schema cpu-share memory-swap",
    "kill": "all regex",
    "delete": "force regex",
}


def options(text):
    """{name: letter or None}, from either's form: "-b, --bundle=DIR" and "--bundle value, -b value"."""
    found = {}
    for line in text.splitlines():
        if not re.match(r"\s+-", line):
            continue
        words = re.split(r"\s{2,}", line.strip())[0]
        names = re.findall(r"--([a-z][-a-z0-9]*)", words)
        letters = re.findall(r"(?<![-\w])-([a-zA-Z])\b", words)
        for name in names:
            found.setdefault(name, None)
            if len(names) == 1 and letters:
                found[name] = letters[0]
    return found


def help_of(program, command):
    """Its options; None if it has no such command."""
    words = [word for word in (program, command, "--help") if word]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    found = options(done.stdout + done.stderr)
    known = done.returncode == 0 and "unknown command" not in done.stdout + done.stderr
    # runc answers the help of all for a command that it has not.
    return found if known and (not command or command in done.stdout) else None


@pytest.fixture(scope="module")
def ours(bin_dir):
    return {command: help_of(bin_dir / "berth-runtime", command) for command in COMMANDS}


def test_both_forms_of_help_are_read():
    assert options("  -b, --bundle=DIR           container bundle") == {"bundle": "b"}
    assert options("   --bundle value, -b value  path to -x") == {"bundle": "b"}
    assert options("      --no-pivot             do not use --bundle") == {"no-pivot": None}
    assert options("  -t, --tty[=TTY]            allocate") == {"tty": "t"}


@pytest.mark.parametrize("peer", ["runc", "crun"])
def test_what_an_installed_peer_takes_is_taken(ours, peer):
    if not shutil.which(peer):
        pytest.skip(f"{peer} is not installed")
    missing, compared = [], 0
    for command in COMMANDS:
        theirs = help_of(peer, command)
        if theirs is None or ours[command] is None:
            continue
        compared += 1
        for name, letter in theirs.items():
            if name in ("usage", "version"):
                continue  # crun's help for these has several names: the next test
            if name not in ours[command]:
                missing.append(f"{command} --{name}")
            elif letter and ours[command][name] != letter:
                missing.append(f"{command} -{letter} for --{name}")
    assert missing == [] and compared >= 13


def test_what_newer_peers_take_is_taken(ours):
    missing = [f"{command} --{name}" for command, names in NEWER.items() for name in names.split()
               if name not in ours[command]]
    assert missing == []


def printed(bin_dir, *words):
    return subprocess.run([bin_dir / "berth-runtime", *words], capture_output=True, text=True, timeout=30,
                          check=True).stdout


@pytest.mark.parametrize("words", ["--help", "-h", "-?", "--usage", "state --help", "state -h", "state -?",
                                   "state --usage", "exec -t --help", "run --help c1"])
def test_help_is_had_by_every_name(bin_dir, words):
    assert "Usage: berth-runtime" in printed(bin_dir, *words.split())


@pytest.mark.parametrize("word", ["--version", "-v", "-V"])
def test_the_version_is_had_by_every_name(bin_dir, word):
    assert printed(bin_dir, word).startswith("berth-runtime version ")


def test_switches_take_values_as_runcs_do(runtime, bundle):
    made = bundle("echo", "here").write()
    assert runtime("run", "--detach=false", "--keep=true", "-b", made, "c1") == "here\n"
    assert runtime.status("c1") == "stopped"


def test_a_new_configuration_may_have_another_name(runtime):
    runtime("spec", "-b", runtime.directory, "-f", "other.json")
    runtime("spec", "--file", runtime.directory / "third.json")
    assert (runtime.directory / "other.json").read_text() == (runtime.directory / "third.json").read_text()


def test_a_log_may_be_a_file_by_its_kind(runtime):
    log = runtime.directory / "log"
    subprocess.run([runtime.program, "--log", f"file:{log}", "state", "nothing"], check=False)
    assert "does not exist" in log.read_text()


def test_limits_of_memory_may_have_units(runtime, bundle):
    runtime.detached("create", "-b", bundle("true").write(), "c1")
    refused = runtime.run("update", "--memory", "64x", "c1")
    assert "--memory 64x: must be a number of bytes, or one with k, m, g, t or p" in refused.stderr
    assert runtime.run("update", "--memory", "64m", "c1").returncode == 0
