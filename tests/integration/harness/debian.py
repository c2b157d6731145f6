"""A Debian root file system with Python and boto3 in it, made once a build directory."""

import os
import pathlib
import shutil
import subprocess

MIRROR = "http://deb.debian.org/debian"


def with_boto3():
    """The directory. It takes the better part of a minute the first time."""
    place = pathlib.Path(os.environ["BERTH_BUILD_DIR"]) / "tests/debian-boto3"
    if place.exists():
        return place
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    archive = fresh.with_suffix(".tar")
    subprocess.run(["mmdebstrap", "--quiet", "--variant=extract", "--include=python3-boto3",
                    "bookworm", archive, MIRROR], check=True, capture_output=True)
    subprocess.run(["tar", "-C", fresh, "--exclude=./dev/*", "--exclude=./usr/share/doc",
                    "--exclude=./usr/share/locale", "-xpf", archive], check=True)
    archive.unlink()
    try:
        fresh.rename(place)
    except OSError:  # another test was quicker
        shutil.rmtree(fresh)
    return place
