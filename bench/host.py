"""Where the benchmarks run: namespaces that play the host, and one directory for all engines.

Nothing here changes the machine: interfaces, addresses and firewall rules are made in a network
namespace, mounts in a mount namespace, and a pid namespace takes with it whatever is left running.
"""

import atexit
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
REPOSITORY = BENCH.parent
INSIDE = "BERTH_BENCH_INSIDE"


def add_options(parser):
    parser.add_argument("--bin", type=pathlib.Path, default=REPOSITORY / "build/release/bin",
                        help="where berth is (default: build/release/bin)")
    parser.add_argument("--dir", default="/var/tmp",
                        help="all engines keep their stores below this directory (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")


def enter():
    """Starts this program again in namespaces of its own. Returns only in there."""
    if os.geteuid() != 0:
        sys.exit(f"{sys.argv[0]}: must run as root: it makes namespaces")
    if INSIDE not in os.environ:
        namespaces = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        os.execvpe("unshare", namespaces + [sys.executable] + sys.argv, {**os.environ, INSIDE: "1"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # Default places of both engines, should one not keep to the directories that it is given.
    for path in ("/run", "/var/lib/containers", "/var/lib/berth"):
        os.makedirs(path, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "berth-bench", path], check=True)
    # netavark and iptables lock and write here.
    os.makedirs("/run/netavark", exist_ok=True)


def work_dir(options):
    """A directory for this run, gone at its end together with what engines have mounted in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="berth-bench-", dir=options.dir))
    atexit.register(_remove, path)
    return path


def _remove(path):
    with open("/proc/self/mounts") as mounts:
        mounted = [line.split()[1] for line in mounts if line.split()[1].startswith(str(path))]
    for target in reversed(mounted):
        subprocess.run(["umount", "--lazy", target])
    shutil.rmtree(path, ignore_errors=True)


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def need(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        sys.exit(f"{sys.argv[0]}: not installed: {', '.join(missing)} (bench/README.md says from what)")


class Meter:
    """bench/measure.cpp, compiled."""

    def __init__(self, directory):
        self.program = directory / "measure"
        subprocess.run(["c++", "-std=c++20", "-O2", "-static", "-o", self.program,
                        BENCH / "measure.cpp"], check=True)

    def cost(self, command, env=None, leave=False, files=()):
        """What one run of the command costs, see measure.cpp. It must end with exit code 0. With
        `leave` it may leave processes behind, which are counted for nobody. `files`: its standard
        input and output."""
        words = [self.program, *(["--leave"] if leave else [])]
        for option, path in zip(("--in", "--out"), files):
            words += [option, path]
        words += command
        # Not through pipes, which those who stay behind would keep open.
        with tempfile.TemporaryFile("w+") as errors:
            run = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=errors, text=True)
            errors.seek(0)
            run.stderr = errors.read()
        if run.returncode != 0:
            sys.exit(f"measure {command} ended with {run.returncode}: {run.stderr}")
        cost = json.loads(run.stdout)
        if cost["code"] != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit code {cost['code']}\n{run.stderr}")
        cost["cpu"] = cost["user"] + cost["system"]
        return cost


def busybox_root(directory):
    """A root file system of busybox-static alone, as the demo makes it."""
    root = directory / "rootfs"
    for part in ("bin", "etc", "tmp", "dev", "proc", "sys"):
        (root / part).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for applet in ("sh", "true", "sleep", "cat", "ls"):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    return root


def description():
    """The machine and the peers, for the record."""
    return {"date": time.strftime("%Y-%m-%d"), "kernel": platform.release(), "cpu": _cpu(),
            "load": os.getloadavg()[0], "podman": _version("podman"), "runc": _version("runc"),
            "conmon": _version("conmon"), "ctr": _version("ctr"), "crun": _version("crun"),
            "netavark": _version("/usr/lib/podman/netavark"), "cni-plugins": _package("containernetworking-plugins")}


def _cpu():
    with open("/proc/cpuinfo") as cpuinfo:
        models = [line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.machine()


def _version(program):
    if shutil.which(program) is None:
        return None
    words = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return next((word.removesuffix("~ds1,").rstrip(",") for word in words if word[:1].isdigit()), None)


def _package(name):
    """The version of a Debian package whose programs don't tell theirs."""
    done = subprocess.run(["dpkg-query", "--show", "--showformat=${Version}", name], capture_output=True,
                          text=True)
    return done.stdout or None
