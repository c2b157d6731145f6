"""Process 1 of a throw-away host: sets it up, says so, then reaps orphans until it is killed.

Run in new pid, mount, network and cgroup namespaces. Prints "ready" once the host can be used.
"""

import os
import signal
import subprocess
import sys


def run(*command):
    subprocess.run(command, check=True)


def mount_own_file_systems():
    """What Berth keeps must not be the machine's; what it reads of the kernel must be ours."""
    run("mount", "-t", "proc", "proc", "/proc")
    for path in ("/var/lib/berth", "/run/berth", "/etc/berth", "/var/lib/unbound"):
        os.makedirs(path, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=0755", "berth-test", path)


def mount_own_cgroups(place):
    """Shows the cgroup namespace's tree where the machine's was, and leaves its root empty."""
    if not place:
        return
    # In this mount namespace alone: the same file system can't be mounted over itself.
    run("umount", place)
    run("mount", "-t", "cgroup2", "cgroup2", place)
    os.makedirs(f"{place}/init", exist_ok=True)
    with open(f"{place}/init/cgroup.procs", "w") as procs:
        procs.write("0")


def set_up_network():
    run("ip", "link", "set", "lo", "up")
    settings = {
        "net/ipv4/ip_forward": "1",
        "net/ipv6/conf/all/forwarding": "1",
        "net/ipv6/conf/default/accept_dad": "0",  # addresses are usable at once
        "net/ipv6/conf/all/accept_dad": "0",
    }
    for name, value in settings.items():
        with open(f"/proc/sys/{name}", "w") as setting:
            setting.write(value)


def reap_until_killed():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            pass
        signal.sigwait({signal.SIGCHLD})


if __name__ == "__main__":
    mount_own_file_systems()
    mount_own_cgroups(sys.argv[1] if len(sys.argv) > 1 else "")
    set_up_network()
    print("ready", flush=True)
    reap_until_killed()
