"""What the set-up writes or binds by a name that the image has laid out to lead elsewhere.

The prey is a parameter of the container's own network namespace, never one of the machine's.
"""

import os
import pathlib
import pty
import shutil
import subprocess

import pytest

SYSCTL = "net/ipv4/ip_default_ttl"
READ_ONLY = f"/proc/sys/{SYSCTL}"


def sysctl_of(pid):
    """The parameter in that process's network namespace, by the host's procfs."""
    done = subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", "cat", READ_ONLY],
                          capture_output=True, text=True, check=True)
    return int(done.stdout)


# CVE-2025-52881, CVE-2019-19921: where procfs should be is the image's.
def without_procfs(attack):
    bundle = attack("sleep", "1000")
    bundle.without_mount("/proc")
    bundle.config["linux"].update(maskedPaths=[], readonlyPaths=[], sysctl={"net.ipv4.ip_default_ttl": "77"})
    decoy = bundle.root / "proc/sys" / SYSCTL
    decoy.parent.mkdir(parents=True)
    decoy.symlink_to("/fake")
    (bundle.root / "fake").write_text("untouched")
    return bundle


def test_a_sysctl_is_set_in_the_kernel_and_not_in_the_image(runtime, attack):
    bundle = without_procfs(attack)
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    assert sysctl_of(runtime.state("attack")["pid"]) == 77
    assert (bundle.root / "fake").read_text() == "untouched"


def test_control_a_write_by_path_goes_where_the_image_leads(attack):
    bundle = without_procfs(attack)
    subprocess.run(["unshare", "--net", "chroot", str(bundle.root), "sh", "-c", f"echo 77 > {READ_ONLY}"],
                   check=True)
    assert (bundle.root / "fake").read_text() == "77\n"


# CVE-2019-16884, CVE-2023-27561: a name that is none of procfs's leads into it.
@pytest.mark.parametrize("target", ["/proc/self/attr", "/proc/sys/kernel", "/proc", "proc/../proc/1/net"])
def test_a_link_does_not_take_a_mount_into_procfs(runtime, attack, target):
    bundle = attack("true")
    source = bundle.directory / "fake"
    source.mkdir()
    (bundle.root / "link").symlink_to(target)
    bundle.mount("/link", source)
    done = bundle.under(runtime)
    assert done.returncode != 0 and "inside procfs" in done.stderr


def test_control_a_mount_by_path_goes_into_procfs(attack):
    bundle = attack()
    (bundle.root / "link").symlink_to("/proc/sys/kernel")
    script = "mount -t proc proc /proc && mount -t tmpfs tmpfs /link && ls /proc/sys/kernel"
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "chroot", str(bundle.root), "sh", "-c",
                           script], capture_output=True, text=True, check=True)
    assert done.stdout == ""  # the empty file system is there in the place of the kernel's files


# CVE-2025-52565: the name of the terminal is a link when it is opened, or bound over /dev/console.
# The kernel's ptmx is bound into a directory of the attacker's, so that no race is needed; the names
# of all terminals lead to one that plays another user's.
def with_a_terminal_of_links(attack, other):
    bundle = attack("sh", "-c", "echo private; echo private > /dev/console")
    bundle.config["process"]["terminal"] = True
    terminals = bundle.directory / "pts"
    terminals.mkdir()
    (terminals / "ptmx").touch()
    for number in range(300):
        (terminals / str(number)).symlink_to("/other")
    bundle.without_mount("/dev/pts")
    bundle.mount("/dev/pts", terminals)
    bundle.mount("/dev/pts/ptmx", "/dev/pts/ptmx")
    bundle.mount("/other", os.ttyname(other))
    return bundle


def heard_by_another(runtime, attack):
    """What arrives at the other's terminal; and the exit status of the runtime."""
    listener, other = pty.openpty()
    master, slave = pty.openpty()
    try:
        bundle = with_a_terminal_of_links(attack, other)
        done = subprocess.run(runtime.command("run", "--bundle", bundle.written(), "attack"), stdin=slave,
                              capture_output=True, start_new_session=True, timeout=20, check=False)
        os.set_blocking(listener, False)
        try:
            return os.read(listener, 4096), done.returncode
        except BlockingIOError:
            return b"", done.returncode
    finally:
        for fd in (listener, other, master, slave):
            os.close(fd)


def test_a_terminal_is_not_looked_up_by_its_name(runtime, attack):
    heard, status = heard_by_another(runtime, attack)
    assert heard == b"" and status != 0  # devpts itself is not there to make one in


def test_control_others_take_what_the_name_leads_to(crun, attack):
    heard, _ = heard_by_another(crun, attack)
    assert b"private" in heard


# CVE-2024-45310, CVE-2025-24965: files that the runtime makes itself are made inside, too.
def test_files_made_by_the_set_up_stay_inside(runtime, attack, canary):
    for name, configure in {
            "cwd": lambda bundle: bundle.config["process"].update(cwd="/way/out"),
            "device": lambda bundle: bundle.config["linux"].update(devices=[
                {"path": "/way/out", "type": "c", "major": 1, "minor": 3}]),
            "file": lambda bundle: bundle.mount("/way/out", shutil.which("true")),
            "directory": lambda bundle: bundle.mount("/way/out", "tmpfs", "nosuid", type="tmpfs"),
    }.items():
        bundle = attack("true")
        (bundle.root / "way").symlink_to(canary)
        configure(bundle)
        bundle.under(runtime)
        assert list(canary.iterdir()) == [], name
        # The control: outside of the root the link does lead there.
        assert pathlib.Path(bundle.root / "way").resolve() == canary
