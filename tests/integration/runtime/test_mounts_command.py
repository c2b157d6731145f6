"""mounts add and remove: in a running container, by a file, as crun has them."""

import json
import os
import pathlib

import pytest


@pytest.fixture
def volume(runtime):
    path = runtime.directory / "volume"
    path.mkdir()
    (path / "file").write_text("kept\n")
    return path


@pytest.fixture
def mounts(runtime):
    """A function: a file with these entries."""
    def write(entries):
        path = runtime.directory / "mounts.json"
        path.write_text(json.dumps(entries))
        return path
    return write


def bind(volume, destination):
    return {"destination": destination, "type": "bind", "source": str(volume), "options": ["bind"]}


def mountinfo(runtime):
    return pathlib.Path(f"/proc/{runtime.state('c1')['pid']}/mountinfo").read_text()


def test_mounts_come_and_go(runtime, bundle, volume, mounts):
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c1")
    before = mountinfo(runtime)
    host = pathlib.Path("/proc/self/mountinfo").read_text()
    runtime("mounts", "add", "c1", mounts([bind(volume, "/live/one"), bind(volume, "/live/two")]))
    assert runtime("exec", "c1", "cat", "/live/one/file", "/live/two/file") == "kept\nkept\n"
    assert runtime.state("c1")["addedMounts"] == ["/live/one", "/live/two"]
    runtime("mounts", "remove", "c1", mounts(bind(volume, "/live/./one")))
    assert runtime.state("c1")["addedMounts"] == ["/live/two"]
    runtime("mounts", "remove", "c1", mounts({"mounts": [{"destination": "/live/two", "type": "bind",
                                                         "source": "x"}]}))
    assert "addedMounts" not in runtime.state("c1")
    assert mountinfo(runtime) == before
    assert pathlib.Path("/proc/self/mountinfo").read_text() == host


def test_mounts_come_to_one_that_waits_to_be_started(runtime, bundle, volume, mounts):
    output = runtime.detached("create", "-b", bundle("cat", "/live/file").write(), "c1")
    runtime("mounts", "add", "c1", mounts([bind(volume, "/live")]))
    runtime("start", "c1")
    runtime.wait_for("c1", "stopped")
    assert output.read_text() == "kept\n"


def test_mounts_come_to_one_that_is_paused(runtime, bundle, volume, mounts):
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c1")
    runtime("pause", "c1")
    runtime("mounts", "add", "c1", mounts([bind(volume, "/live")]))
    runtime("resume", "c1")
    assert runtime("exec", "c1", "cat", "/live/file") == "kept\n"


def test_the_end_of_a_container_is_that_of_its_mounts(runtime, bundle, volume, mounts):
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c1")
    runtime("mounts", "add", "c1", mounts([bind(volume, "/live")]))
    runtime("kill", "c1", "KILL")
    runtime.wait_for("c1", "stopped")
    refused = runtime.run("mounts", "remove", "c1", mounts([bind(volume, "/live")]))
    assert refused.returncode == 1 and "container not running" in refused.stderr
    runtime("delete", "c1")
    assert (volume / "file").read_text() == "kept\n"


def test_what_is_wrong_is_told_and_changes_nothing(runtime, bundle, volume, mounts):
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c1")
    before = mountinfo(runtime)
    for entries, message in (
            ([bind(volume, "/live"), bind("/nope", "/live/two")], "/live/two: open_tree /nope"),
            ([{"destination": "/live", "type": "proc", "source": "proc"}], "a bind mount or a tmpfs"),
            ([bind(volume, "/live"), bind(volume, "/proc/sys")], "/proc/sys: lies inside procfs"),
            ([{"destination": "/live", "type": "bind"}], "bind mount on /live has no source"),
            ([{"type": "bind"}], "[0]: destination is required"),
            ("words", "mounts.json")):
        refused = runtime.run("mounts", "add", "c1", mounts(entries))
        assert refused.returncode == 1 and message in refused.stderr
    refused = runtime.run("mounts", "remove", "c1", mounts([bind(volume, "/proc")]))
    assert "/proc: nothing that `mounts add` has put there" in refused.stderr
    assert "must be add or remove" in runtime.run("mounts", "change", "c1", mounts([])).stderr
    assert mountinfo(runtime) == before and "addedMounts" not in runtime.state("c1")


def test_a_cut_leaves_nothing_that_delete_does_not_clear(runtime, bundle, volume, mounts):
    runtime.detached("run", "-d", "-b", bundle("sleep", "1000").write(), "c1")
    cut = runtime.run("mounts", "add", "c1", mounts([bind(volume, "/live")]),
                      env={**os.environ, "BERTH_KILL_AT": "mounts.added"})
    assert cut.returncode != 0
    runtime("delete", "--force", "c1")
    assert (volume / "file").read_text() == "kept\n"
