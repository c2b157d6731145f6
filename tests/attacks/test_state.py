"""What the runtime has written down is root's alone, and a command that fails leaves no container stuck."""

import os
import stat
import subprocess


def test_state_is_for_root_alone(runtime, attack):
    bundle = attack("sleep", "1000")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    directory = runtime.root / "attack"
    assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
    for file in directory.iterdir():
        assert stat.S_IMODE(os.stat(file).st_mode) & 0o077 == 0, file


def test_state_that_is_no_state_is_refused(runtime, attack):
    bundle = attack("sleep", "1000")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    record = runtime.root / "attack/state.json"
    original = record.read_text()
    for damaged in ("", "{", "[]", "{}", original.replace('"pid":', '"pid":-'),
                    original.replace('"rootfs"', '"rootfs":"/","rootfs"'), "\0" * 100, original[:-20]):
        record.write_text(damaged)
        done = runtime.run("state", "attack")
        assert done.returncode != 0 and "state.json" in done.stderr, damaged
        assert runtime.run("kill", "attack", "KILL").returncode != 0
    record.write_text(original)
    assert runtime.status("attack") == "running"


def test_a_link_in_the_place_of_the_state_is_not_followed_out(runtime, attack, tmp_path):
    """--root in a directory of others: a name that is a link is no container."""
    bundle = attack("true")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    runtime.root.mkdir(parents=True)
    (runtime.root / "attack").symlink_to(elsewhere)
    done = runtime.run("run", "--bundle", bundle.written(), "attack")
    assert done.returncode != 0 and "exists already" in done.stderr
    runtime.run("delete", "--force", "attack")
    assert (elsewhere / "kept").read_text() == "kept"
    (runtime.root / "attack").unlink(missing_ok=True)


def test_environment_of_hooks_is_the_configurations(runtime, attack):
    bundle = attack("true")
    report = bundle.directory / "report"
    bundle.config["hooks"] = {"createRuntime": [
        {"path": "/usr/bin/env", "args": ["env"], "env": ["ONLY=this"]},
        {"path": "/bin/sh", "args": ["sh", "-c", f"env > {report}"], "env": ["ONLY=this"]}]}
    bundle.written()
    done = subprocess.run(runtime.command("run", "--bundle", bundle.directory, "attack"),
                          env={**os.environ, "SECRET": "of the caller"}, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert "SECRET" not in report.read_text() and "ONLY=this" in report.read_text()
