"""A containerd of a test's own, with an image on it."""

import contextlib
import json
import subprocess

from harness.berth import wait_for

IMAGE = "docker.io/test/busy:1"


def oci_archive(directory, image_tar):
    """IMAGE for `ctr images import`: Docker's archive format with one layer."""
    digest = subprocess.run(["sha256sum", image_tar], capture_output=True, text=True,
                            check=True).stdout.split()[0]
    (directory / "layer.tar").symlink_to(image_tar)
    (directory / "config.json").write_text(json.dumps({
        "architecture": "amd64", "os": "linux",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["sleep", "1000"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}))
    (directory / "manifest.json").write_text(json.dumps([{
        "Config": "config.json", "RepoTags": [IMAGE.removeprefix("docker.io/")],
        "Layers": ["layer.tar"]}]))
    archive = directory / "archive.tar"
    subprocess.run(["tar", "--dereference", "-C", directory, "-cf", archive, "manifest.json",
                    "config.json", "layer.tar"], check=True)
    return archive


@contextlib.contextmanager
def containerd(place, directory, config, patience=20):
    """Its socket. Everything of it is in `directory`; `config` is the rest of config.toml."""
    socket = directory / "socket"
    (directory / "config.toml").write_text(
        f'version = 2\nroot = "{directory}/root"\nstate = "{directory}/state"\n'
        f'{config}\n[grpc]\naddress = "{socket}"\n')
    with open(directory / "log", "wb") as log:
        daemon = subprocess.Popen(place.words("containerd", "--config", directory / "config.toml"),
                                  stdout=log, stderr=log)
    try:
        wait_for(socket.exists, f"containerd (its log is in {directory})", patience)
        yield socket
    finally:
        daemon.terminate()
        daemon.wait(patience)
