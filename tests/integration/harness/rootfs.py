"""The root file system of the test image."""

import pathlib
import shutil
import subprocess

BUSYBOX = "/bin/busybox"  # Debian's busybox-static

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
app:x:1000:1000:app:/home/app:/bin/sh
"""
GROUP = """\
root:x:0:
app:x:1000:
extra:x:2000:app
"""


def make(directory, bin_dir):
    """Fills `directory` and returns it."""
    root = pathlib.Path(directory)
    root.mkdir(exist_ok=True)
    root.chmod(0o755)
    for name in ("bin", "dev", "etc", "home/app", "proc", "root", "sys", "tmp", "usr/bin", "var"):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    shutil.copy(pathlib.Path(bin_dir) / "berth-test-helper", root / "bin/berth-test-helper")
    applets = subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True)
    for applet in applets.stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    return root
