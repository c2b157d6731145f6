"""Bundles: a small root file system and a configuration that tests change in one place."""

import json
import os
import pathlib
import shutil

APPLETS = ("sh", "cat", "chmod", "chown", "cp", "cut", "date", "dd", "df", "echo", "env", "false", "grep",
           "head", "hostname", "id", "ip", "kill", "ln", "ls", "mkdir", "mkfifo", "mknod", "mount",
           "nice", "printf", "pwd", "readlink", "rm", "sleep", "sort", "stat", "stty", "sync", "touch",
           "tr", "true", "tty", "umount", "uname", "wc")
DIRECTORIES = ("bin", "dev", "etc", "mnt", "proc", "sys", "tmp", "var")
CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL",
                "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
                "CAP_SYS_CHROOT"]


def make_template(directory, busybox, helper):
    """A root file system with busybox and berth-test-helper in it; both have to be static."""
    root = pathlib.Path(directory)
    for name in DIRECTORIES:
        (root / name).mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    shutil.copy(helper, root / "bin/berth-test-helper")
    for applet in APPLETS:
        (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    return root


def mount(destination, kind, *options, source=None):
    return {"destination": destination, "type": kind, "source": source or kind,
            "options": list(options)}


def bind(source, destination, *options):
    return mount(destination, "bind", *(options or ("bind",)), source=str(source))


def base_config():
    """Runs a shell that does nothing, with what nearly every container has."""
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False, "user": {"uid": 0, "gid": 0}, "cwd": "/",
            "args": ["sh", "-c", "true"], "env": ["PATH=/bin"],
            "capabilities": {name: list(CAPABILITIES)
                             for name in ("bounding", "effective", "permitted")},
        },
        "root": {"path": "rootfs"},
        "mounts": [
            mount("/proc", "proc"),
            mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
            mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
            mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        ],
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
    }


class Bundle:
    """A directory with rootfs/ and config.json; nothing is on disk but the former until save()."""

    def __init__(self, path, template):
        self.path = pathlib.Path(path)
        self.rootfs = self.path / "rootfs"
        shutil.copytree(template, self.rootfs, symlinks=True, copy_function=os.link)
        self.config = base_config()

    def save(self, drop=None):
        """Writes config.json, without the field of that path ("process.cwd", "mounts.-1")."""
        config = without(self.config, drop) if drop else self.config
        (self.path / "config.json").write_text(json.dumps(config, indent=1))


def without(config, path):
    """A copy of the configuration that lacks one field."""
    copy = json.loads(json.dumps(config))
    *way, last = [int(part) if part.lstrip("-").isdigit() else part for part in path.split(".")]
    at = copy
    for part in way:
        at = at[part]
    del at[last]
    return copy
