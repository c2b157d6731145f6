"""Child processes of a process 1: its own, which it waits for, and those that runtimes leave to it."""

import contextlib
import os
import subprocess
import threading
import time

LOCK = threading.Lock()
OURS = set()


def spawn(command, **options):
    """A Popen whose end is its maker's to see."""
    with LOCK:
        process = subprocess.Popen(command, **options)
        OURS.add(process.pid)
    return process


def run(command, timeout=None, **options):
    """Its exit code; raises TimeoutExpired once it is killed."""
    process = spawn(command, **options)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        OURS.discard(process.pid)


def reap_others():
    """For a thread: waits for every child that nothing here has started, such as a container."""
    while True:
        with LOCK:
            ended = first_ended()
            if ended is not None and ended not in OURS:
                with contextlib.suppress(ChildProcessError):  # one of ours, seen just before its end
                    os.waitpid(ended, 0)
                continue
        time.sleep(0.003)


def first_ended():
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found.si_pid if found else None


def start_reaper():
    threading.Thread(target=reap_others, daemon=True).start()
