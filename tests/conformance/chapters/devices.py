"""config-linux.md: default file systems, devices; runtime-linux.md: links in /dev."""

import os

from harness.cases import MUST, SHOULD, case
from harness.terminal import Terminal

FILESYSTEMS = "config-linux.md#default-filesystems"
DEVICES = "config-linux.md#devices"
DEFAULT = "config-linux.md#default-devices"
LINKS = "runtime-linux.md#dev-symbolic-links"
USUAL = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def add_filesystem(index, point, kind):
    @case(FILESYSTEMS, SHOULD, f"{kind} is at {point}", name="has" + point.replace("/", "_"),
          drop=f"mounts.{index}")
    def has(t):
        found = all_mounts_of(t)
        t.equal(found.get(point), kind, f"the file system at {point}")


def all_mounts_of(t):
    """By way of the host if the container has no /proc to tell it."""
    container = t.start()
    with open(f"/proc/{container.state()['pid']}/mountinfo") as file:
        return {line.split()[4]: line.partition(" - ")[2].split()[0] for line in file}


for order, (where, what) in {0: ("/proc", "proc"), 2: ("/dev/pts", "devpts"), 3: ("/dev/shm", "tmpfs"),
                             4: ("/sys", "sysfs")}.items():
    add_filesystem(order, where, what)


def add_default(name, numbers):
    @case(DEFAULT, MUST, f"/dev/{name} is there, without being asked for", name=f"default_{name}")
    def default(t):
        got = t.output(f"stat -c '%F %t:%T' /dev/{name}")
        t.equal(got, "character special file {:x}:{:x}".format(*numbers), f"/dev/{name}")


for each, pair in USUAL.items():
    add_default(each, pair)


@case(DEFAULT, MUST, "The default devices can be used by anyone")
def default_mode(t):
    t.process["user"] = {"uid": 1000, "gid": 1000}
    script = "head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo x > /dev/null && echo null"
    t.equal(t.output(script).split(), ["4", "4", "null"], "reads and writes by uid 1000")


@case(DEFAULT, MUST, "/dev/ptmx is that of the container's /dev/pts", drop="mounts.2")
def ptmx(t):
    script = "stat -L -c '%t:%T %d' /dev/ptmx; stat -c '%t:%T %d' /dev/pts/ptmx"
    lines = t.output(script).splitlines()
    t.true(len(lines) == 2 and lines[0] == lines[1] and lines[0].startswith("5:2 "), "ptmx, by both names",
           "the same node", lines)


@case(DEFAULT, MUST, "With a terminal /dev/console is that terminal", drop="process.terminal")
def console(t):
    with Terminal(t) as terminal:
        terminal.start("echo by con''sole > /dev/console")
        t.true(terminal.reads("by console"), "what is read from the terminal", "by console", terminal.text)


@case(DEFAULT, MUST, "Without a terminal there is no /dev/console that leads to the host's")
def no_console(t):
    t.equal(t.output("test -c /dev/console && stat -c '%t:%T' /dev/console || echo none"), "none", "/dev/console")


def device(t, **fields):
    t.linux["devices"] = [{"path": "/dev/conformance", "type": "c", "major": 1, "minor": 3, **fields}]
    return t.linux["devices"][0]["path"]


def add_type(letter, says):
    @case(DEVICES, MUST, f"A device of type {letter} is there", name=f"type_{letter}", drop="linux.devices")
    def of_type(t):
        if letter == "b":
            path = device(t, type="b", major=7, minor=200)
        elif letter == "p":
            path = device(t, type="p")
            del t.linux["devices"][0]["major"], t.linux["devices"][0]["minor"]
        else:
            path = device(t, type=letter)
        t.equal(t.output(f"stat -c %F {path}"), says, f"{path}")


for kind, words in (("c", "character special file"), ("u", "character special file"),
                    ("b", "block special file"), ("p", "fifo")):
    add_type(kind, words)


@case(DEVICES, MUST, "A device has the configured numbers", drop="linux.devices")
def numbers(t):
    path = device(t, major=1, minor=5)
    t.equal(t.output(f"stat -c %t:%T {path}"), "1:5", "major and minor")


@case(DEVICES, MUST, "A device has the configured mode", drop="linux.devices.0.fileMode")
def file_mode(t):
    path = device(t, fileMode=0o640)
    t.equal(t.output(f"stat -c %a {path}"), "640", "mode")


@case(DEVICES, MUST, "A device has the configured mode whatever the umask", drop="linux.devices.0.fileMode")
def file_mode_and_umask(t):
    path = device(t, fileMode=0o662)
    t.equal(t.output(f"stat -c %a {path}", umask=0o077), "662", "mode")


@case(DEVICES, MUST, "A device has the configured owner", drop="linux.devices.0.uid")
def uid(t):
    path = device(t, uid=1001)
    t.equal(t.output(f"stat -c %u {path}"), "1001", "owner")


@case(DEVICES, MUST, "A device has the configured group", drop="linux.devices.0.gid")
def gid(t):
    path = device(t, gid=1002)
    t.equal(t.output(f"stat -c %g {path}"), "1002", "group")


@case(DEVICES, MUST, "A device may be anywhere in the container", drop="linux.devices")
def elsewhere(t):
    path = device(t, path="/var/some/where")
    t.equal(t.output(f"stat -c %t:%T {path}"), "1:3", "major and minor")


@case(DEVICES, MUST, "Another file at the device's path is an error",
      peers="runc and crun take the file that is there")
def other_file(t):
    (t.rootfs / "var/taken").write_text("")
    device(t, path="/var/taken")
    t.refuses("a plain file at the device's path")


@case(DEVICES, MUST, "Another device at the device's path is an error",
      peers="runc and crun take the device that is there")
def other_device(t):
    os.mknod(t.rootfs / "var/taken", 0o020666, os.makedev(1, 7))
    device(t, path="/var/taken")
    t.refuses("another device at the device's path")


@case(DEVICES, MUST, "An unknown type of device is an error", peers="crun takes it for a character device")
def unknown_type(t):
    device(t, type="x")
    t.refuses("a device of type x")


def add_link(name, target):
    @case(LINKS, MUST, f"/dev/{name} is a link to {target}", name=f"link_{name}")
    def link(t):
        t.equal(t.output(f"readlink /dev/{name}"), target, f"/dev/{name}")


for alias, path in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
                    ("stderr", "/proc/self/fd/2")):
    add_link(alias, path)
