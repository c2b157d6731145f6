"""OCI layouts made by hand, and what a layer of them should be on disk."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import random
import tarfile

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def noise(size, seed):
    """Bytes that don't compress, the same each time."""
    return random.Random(seed).randbytes(size)


def layer(entries):
    """A tar of {name: bytes, or a tarfile.TarInfo}."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, what in entries.items():
            if isinstance(what, tarfile.TarInfo):
                tar.addfile(what)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(what)
            info.mtime = 1_700_000_000
            tar.addfile(info, io.BytesIO(what))
    return out.getvalue()


class Layout:
    """Images by tag, as index.json has them."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        (self.path / "blobs/sha256").mkdir(parents=True)
        (self.path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        self.index = {"schemaVersion": 2, "manifests": []}

    def blob(self, content):
        digest = hashlib.sha256(content).hexdigest()
        (self.path / "blobs/sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    def manifest(self, layers, architecture=ARCHITECTURE):
        """The descriptor of an image of these tars."""
        config = {"architecture": architecture, "os": "linux", "config": {"Cmd": ["/bin/sh"]},
                  "rootfs": {"type": "layers", "diff_ids": [
                      "sha256:" + hashlib.sha256(tar).hexdigest() for tar in layers]}}
        gzip_type = "application/vnd.oci.image.layer.v1.tar+gzip"
        manifest = {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                       **self.blob(json.dumps(config).encode())},
            "layers": [{"mediaType": gzip_type, **self.blob(gzip.compress(tar, 1, mtime=0))}
                       for tar in layers]}
        return {"mediaType": manifest["mediaType"], **self.blob(json.dumps(manifest).encode()),
                "platform": {"os": "linux", "architecture": architecture}}

    def tag(self, name, descriptor):
        self.index["manifests"].append(
            {**descriptor, "annotations": {"org.opencontainers.image.ref.name": name}})
        (self.path / "index.json").write_text(json.dumps(self.index))

    def tag_index(self, name, descriptors):
        """One name for the images of several platforms."""
        media_type = "application/vnd.oci.image.index.v1+json"
        inner = {"schemaVersion": 2, "mediaType": media_type, "manifests": descriptors}
        self.tag(name, {"mediaType": media_type, **self.blob(json.dumps(inner).encode())})
