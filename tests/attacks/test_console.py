"""Terminals: a container gets its own, by descriptors, and none of the caller's."""

import os
import pty
import subprocess


# CVE-2025-52565: what /dev/pts has in it is the attacker's choice.
def test_a_terminal_comes_from_a_devpts_only(runtime, attack):
    bundle = attack("true")
    bundle.config["process"]["terminal"] = True
    fake = bundle.directory / "pts"
    fake.mkdir()
    (fake / "ptmx").symlink_to("/dev/null")
    bundle.without_mount("/dev/pts")
    bundle.mount("/dev/pts", fake)
    done = bundle.under(runtime)
    assert done.returncode != 0
    assert "/dev/pts" in done.stderr or "symbolic links" in done.stderr


def test_the_console_is_bound_by_descriptor(runtime, attack):
    """Its name in /dev/pts is taken by something else at the moment when it would be looked up."""
    bundle = attack("sh", "-c", "test -c /dev/console && tty < /dev/console && ls -l /proc/self/fd/0")
    bundle.config["process"]["terminal"] = True
    master, slave = pty.openpty()
    try:
        done = subprocess.run(runtime.command("run", "--bundle", bundle.written(), "attack"), stdin=slave,
                              capture_output=True, text=True, timeout=30, check=False)
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 0, done
    assert "/dev/pts/0" in done.stdout  # the first of a devpts of its own


# TIOCSTI: characters typed into the terminal of the caller.
def test_a_program_has_no_controlling_terminal_of_the_callers(runtime, attack):
    """Without one TIOCSTI answers EPERM to those without CAP_SYS_ADMIN."""
    bundle = attack("cat", "/proc/self/stat")
    master, slave = pty.openpty()
    try:
        done = subprocess.run(runtime.command("run", "--bundle", bundle.written(), "attack"), stdin=slave,
                              capture_output=True, text=True, timeout=30, check=False,
                              start_new_session=True)
    finally:
        os.close(master)
        os.close(slave)
    fields = done.stdout.rsplit(")", 1)[1].split()
    session, controlling_terminal = fields[3], fields[4]
    assert controlling_terminal == "0"
    assert session == "1"  # its own, as the first process of its pid namespace
