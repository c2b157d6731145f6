"""Namespaces around the whole run: nothing of the host is touched, and nothing is left on it."""

import ctypes
import os
import sys

from harness import processes

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_REC, MS_PRIVATE, MS_SHARED, MS_BIND = 0x4000, 1 << 18, 1 << 20, 0x1000
MNT_DETACH, PR_SET_PDEATHSIG, SIGKILL = 2, 1, 9


def check(answer, what):
    if answer != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind, flags, data=None):
    encoded = [word.encode() if word else None for word in (source, str(target), kind)]
    check(LIBC.mount(*encoded, flags, data), f"mount {target}")


def enter():
    """Returns in a child, in a pid, mount, network, ipc and uts namespace of their own.

    The child is process 1 there: what a runtime leaves behind becomes its child and dies with it,
    and a runtime that kills all processes it can reach reaches neither it nor the host's. The caller
    itself ends with the child's exit status.
    """
    check(LIBC.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET), "unshare")
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    if (child := os.fork()) != 0:
        sys.exit(status(os.waitpid(child, 0)[1]))
    LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL)
    mount("proc", "/proc", "proc", 0)
    processes.start_reaper()


def status(code):
    return os.waitstatus_to_exitcode(code) if os.WIFEXITED(code) else 128 + os.WTERMSIG(code)


def shared_directory(path):
    """Makes it a mount of its own whose events reach its peers."""
    mount(str(path), path, None, MS_BIND)
    mount("none", path, None, MS_SHARED)


def detach(path):
    """Unmounts it, if it is a mount, with all that is below."""
    LIBC.umount2(str(path).encode(), MNT_DETACH)
