"""tests/host/run, from outside: what comes of the command, and of a host that takes too long."""

import os
import pathlib
import subprocess
import time

RUN = pathlib.Path(__file__).resolve().parent / "run"
OUTPUT = "import os, sys; os.write(1, bytes(range(256)) * 4096); sys.exit(42)"


def run(*words):
    return subprocess.run([RUN, *words], capture_output=True, stdin=subprocess.DEVNULL, check=False)


def processes_with(word):
    """The command lines that have this word in them."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if word in line and str(os.getpid()) != path.parent.name:
            found.append(line)
    return found


def test_output_and_exit_status_are_the_commands():
    done = run("--timeout", "120", "--silence", "90", "--", "python3", "-c", OUTPUT)
    assert done.returncode == 42, done.stderr.decode()
    assert done.stdout == bytes(range(256)) * 4096


def test_a_limit_of_time_ends_the_host_and_all_that_belongs_to_it(tmp_path):
    begin = time.monotonic()
    done = run("--timeout", "2", "--share", tmp_path, "true")
    assert done.returncode == 124
    assert time.monotonic() - begin < 60  # the image may have had to be found on a busy disk
    assert b"not done within 2 s" in done.stderr
    assert processes_with(str(tmp_path)) == []


def test_silence_has_a_limit_and_each_retry_is_told_of():
    done = run("--silence", "1", "--retries", "1", "true")
    assert done.returncode == 124
    assert done.stderr.count(b"nothing written for 1 s") == 2
    assert done.stderr.count(b"once more, with a new host") == 1


def test_a_command_is_needed():
    assert run().returncode == 2
