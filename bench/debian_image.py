"""The image that bench/pull pulls: Debian and two layers of packages on top, as an OCI layout.

Made once below build/bench, since mmdebstrap takes a minute.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys

import host

# Layers of different kinds: many small files, and a few large ones.
PACKAGES = [["python3", "python3.11", "python3.11-minimal", "libpython3.11-stdlib",
             "libpython3.11-minimal", "perl-modules-5.36", "libperl5.36"],
            ["cpp-12", "gcc-12", "g++-12", "libgcc-12-dev", "libstdc++-12-dev",
             "binutils-x86-64-linux-gnu", "libbinutils"]]
REFERENCE = "berth-bench"
CACHE = host.REPOSITORY / "build/bench/debian-oci"


def layout():
    """The path of the layout, made if it is not there."""
    if (CACHE / "index.json").exists():
        return CACHE
    host.need("mmdebstrap", "apt-get", "dpkg-deb", "tar", "gzip")
    host.say("Making the image to pull (once): mmdebstrap and two layers of packages")
    shutil.rmtree(CACHE, ignore_errors=True)
    work = CACHE.parent / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (CACHE / "blobs/sha256").mkdir(parents=True)
    base = work / "base.tar"
    _run("mmdebstrap", "--quiet", "--variant=minbase", "bookworm", base)
    layers = [base]
    for number, packages in enumerate(PACKAGES):
        tree = work / f"tree-{number}"
        tree.mkdir()
        _run("apt-get", "--quiet=2", "download", *packages, cwd=work)
        for package in sorted(work.glob("*.deb")):
            _run("dpkg-deb", "--extract", package, tree)
            package.unlink()
        layers.append(work / f"layer-{number}.tar")
        _run("tar", "--sort=name", "-C", tree, "-cf", layers[-1], ".")
    _write(layers)
    shutil.rmtree(work)
    return CACHE


def _run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, stdout=sys.stderr, **options)


def _blob(content, media_type):
    digest = hashlib.sha256(content).hexdigest()
    (CACHE / "blobs/sha256" / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def _write(layers):
    descriptors, diff_ids = [], []
    for layer in layers:
        content = layer.read_bytes()
        diff_ids.append("sha256:" + hashlib.sha256(content).hexdigest())
        descriptors.append(_blob(gzip.compress(content, 6, mtime=0),
                                 "application/vnd.oci.image.layer.v1.tar+gzip"))
    config = _blob(_json({"architecture": "amd64", "os": "linux", "config": {},
                          "rootfs": {"type": "layers", "diff_ids": diff_ids}}),
                   "application/vnd.oci.image.config.v1+json")
    manifest = _blob(_json({"schemaVersion": 2, "config": config, "layers": descriptors,
                            "mediaType": "application/vnd.oci.image.manifest.v1+json"}),
                     "application/vnd.oci.image.manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": REFERENCE}
    (CACHE / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (CACHE / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": [manifest]}))


def _json(document):
    return json.dumps(document).encode()


def compressed_size(path):
    """Bytes of its layers, as pulled."""
    index = json.loads((path / "index.json").read_text())
    digest = index["manifests"][0]["digest"].removeprefix("sha256:")
    manifest = json.loads((path / "blobs/sha256" / digest).read_text())
    return sum(layer["size"] for layer in manifest["layers"])
