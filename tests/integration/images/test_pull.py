"""Images pulled from a real docker-registry, pushed there by skopeo."""

import hashlib
import json
import os
import pathlib
import stat
import subprocess

import pytest
from layouts import ARCHITECTURE, layer, noise
from registry import (PASSWORD, USER, Registry, TokenServer, basic_auth, make_certificate)


def layer_files(image):
    return [pathlib.Path(path) for path in image["layers"]]


def check_web(image):
    """The layers of the layout fixture, as overlayfs wants them."""
    lower, middle, upper = layer_files(image)
    assert (lower / "etc/motd").read_bytes() == b"lower"
    assert (lower / "usr/big").read_bytes() == noise(3_000_000, 1)
    assert (middle / "srv/data").read_bytes() == noise(2_500_000, 2)
    whiteout = os.lstat(upper / "etc/motd")
    assert stat.S_ISCHR(whiteout.st_mode) and whiteout.st_rdev == 0
    assert os.getxattr(upper / "srv", "trusted.overlay.opaque") == b"y"
    assert sorted(os.listdir(upper / "srv")) == ["new"]


@pytest.mark.parametrize("options", [
    (), ("--dest-compress-format", "zstd"), ("--format", "v2s2")], ids=["gzip", "zstd", "docker"])
def test_pulls_layers_of_each_kind(berth, registry, layout, options):
    if "zstd" in options:
        options += ("--dest-force-compress-format",) if skopeo_can_force() else ("--format", "oci")
    name = registry.push(f"oci:{layout.path}:web", "web:1", *options)
    berth("pull", name)
    image = berth.images()[name]
    check_web(image)
    raw = subprocess.run(["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{name}"],
                         check=True, capture_output=True).stdout
    assert image["digest"] == "sha256:" + hashlib.sha256(raw).hexdigest()
    assert berth.left_over() == []


def skopeo_can_force():
    done = subprocess.run(["skopeo", "copy", "--help"], capture_output=True, text=True)
    return "--dest-force-compress-format" in done.stdout


def test_mounts_as_one_root_with_overlayfs(berth, registry, layout, tmp_path):
    name = registry.push(f"oci:{layout.path}:web", "web:1")
    berth("pull", name)
    layers = berth.images()[name]["layers"]
    merged = tmp_path / "merged"
    merged.mkdir()
    look = (f"mount -t overlay overlay -o lowerdir={':'.join(reversed(layers))} {merged} && "
            f"find {merged} -type f -printf '%P\\n' | sort")
    seen = subprocess.run(["unshare", "--mount", "sh", "-c", look], check=True,
                          capture_output=True, text=True).stdout.split()
    assert seen == ["srv/new", "usr/big"]


def test_pulls_by_digest(berth, registry, layout):
    tagged = registry.push(f"oci:{layout.path}:web", "web:1")
    berth("pull", tagged)
    digest = berth.images()[tagged]["digest"]
    name = f"{registry.address}/web@{digest}"
    berth("pull", name)
    assert berth.images()[name]["digest"] == digest


def test_refuses_a_manifest_that_is_not_what_its_digest_says(berth, registry, layout):
    tagged = registry.push(f"oci:{layout.path}:web", "web:1")
    raw = subprocess.run(["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{tagged}"],
                         check=True, capture_output=True).stdout
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    registry.blob_file(digest).write_bytes(raw + b" ")
    found = hashlib.sha256(raw + b" ").hexdigest()
    said = berth.fails("pull", f"{registry.address}/web@{digest}")
    assert f"has the wrong content: its digest is sha256:{found}" in said
    assert berth.images() == {}


def test_chooses_from_a_manifest_list(berth, registry, layout):
    other = "arm64" if ARCHITECTURE == "amd64" else "amd64"
    images = [layout.manifest([layer({"arch": name.encode()})], name)
              for name in (other, ARCHITECTURE)]
    layout.tag_index("multi", images)
    layout.tag_index("foreign", images[:1])
    name = registry.push(f"oci:{layout.path}:multi", "multi:1", "--all")
    berth("pull", name)
    (only,) = layer_files(berth.images()[name])
    assert (only / "arch").read_text() == ARCHITECTURE
    foreign = registry.push(f"oci:{layout.path}:foreign", "foreign:1", "--all")
    assert (f"there is no image for linux/{ARCHITECTURE}, only for linux/{other}"
            in berth.fails("pull", foreign))


def test_says_what_is_not_there(berth, registry):
    said = berth.fails("pull", f"{registry.address}/none:1")
    assert (f"pull {registry.address}/none:1: registry {registry.address} has no manifests/1 of "
            f"{registry.address}/none:1 (MANIFEST_UNKNOWN: manifest unknown)") in said


def test_logs_in_with_a_password(berth, tmp_path, layout):
    with Registry(tmp_path / "registry", auth=basic_auth(tmp_path)) as registry:
        name = registry.push(f"oci:{layout.path}:web", "web:1", "--dest-creds",
                             f"{USER}:{PASSWORD}")
        said = berth.fails("pull", name)
        assert f"registry {registry.address} wants credentials for {name}" in said
        berth.log_in(registry.address, USER, "wrong")
        said = berth.fails("pull", name)
        assert f"registry {registry.address} does not accept the credentials for {name}" in said
        berth.log_in(registry.address, USER, PASSWORD)
        berth("pull", name)
        check_web(berth.images()[name])


def test_gets_a_token(berth, tmp_path, layout):
    with TokenServer(tmp_path) as tokens, \
            Registry(tmp_path / "registry", auth=tokens.settings()) as registry:
        name = registry.push(f"oci:{layout.path}:web", "a/web:1", "--dest-creds",
                             f"{USER}:{PASSWORD}")
        assert "token: " in berth.fails("pull", name)
        berth.log_in(registry.address, USER, PASSWORD)
        tokens.asked.clear()
        berth("pull", name)
        check_web(berth.images()[name])
        assert tokens.asked[0] == {"service": ["test registry"],
                                   "scope": ["repository:a/web:pull"]}


def test_trusts_only_known_authorities(berth, tmp_path, layout):
    key, certificate = make_certificate(tmp_path)
    with Registry(tmp_path / "registry", tls=(key, certificate)) as registry:
        name = registry.push(f"oci:{layout.path}:web", "web:1")
        said = berth.fails("pull", name)
        assert f"TLS with {registry.address}: the certificate is not trusted: self-signed" in said
        berth.env["SSL_CERT_FILE"] = str(certificate)
        berth("pull", name)
        check_web(berth.images()[name])


def test_refuses_a_blob_that_was_changed(berth, registry, layout):
    name = registry.push(f"oci:{layout.path}:web", "web:1")
    berth("images", "--json")
    before = berth.content()
    manifest = json.loads(subprocess.run(
        ["skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{name}"], check=True,
        capture_output=True).stdout)
    digest = manifest["layers"][1]["digest"]
    blob = registry.blob_file(digest)
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.write_bytes(content)
    said = berth.fails("pull", name)
    found = hashlib.sha256(content).hexdigest()
    assert f"layer {digest}: has the wrong content: its digest is sha256:{found}" in said
    assert berth.content() == before


@pytest.fixture(scope="session")
def debian_layout(tmp_path_factory):
    """A Debian root file system in one layer, made by mmdebstrap and umoci."""
    directory = tmp_path_factory.mktemp("debian")
    subprocess.run(["mmdebstrap", "--variant=extract", "bookworm", directory / "rootfs.tar",
                    "http://deb.debian.org/debian"], check=True, capture_output=True)
    layout = directory / "layout"
    for words in (["init", "--layout", layout], ["new", "--image", f"{layout}:1"],
                  ["raw", "add-layer", "--image", f"{layout}:1", directory / "rootfs.tar"]):
        subprocess.run(["umoci", *words], check=True, capture_output=True)
    return directory


def test_pulls_debian_as_tar_unpacks_it(berth, registry, debian_layout, tmp_path):
    name = registry.push(f"oci:{debian_layout}/layout:1", "debian:1")
    berth("pull", name)
    (ours,) = layer_files(berth.images()[name])
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    subprocess.run(["tar", "-C", theirs, "--xattrs", "--xattrs-include=security.capability",
                    "--numeric-owner", "--exclude=./dev/*", "-xpf", debian_layout / "rootfs.tar"],
                   check=True)

    def dump(directory):
        look = ["find", ".", "-path", "./dev/*", "-prune", "-o", "-printf",
                r"%P %M %U:%G %n %T@ %l %y\n"]
        files = subprocess.run(look, cwd=directory, check=True, capture_output=True).stdout
        sums = subprocess.run("find . -type f -print0 | xargs -0 sha256sum", shell=True,
                              cwd=directory, check=True, capture_output=True).stdout
        # Of dev we leave out the nodes, tar above all of it: its number of links and time differ.
        lines = [line for line in files.splitlines() if not line.startswith(b"dev ")]
        return sorted(lines), sorted(sums.splitlines())

    assert dump(ours) == dump(theirs)
    # Imported as the directory that was unpacked it is the same again.
    berth("import", ours, "--name", "copy:1")
    (copy,) = layer_files(berth.images()["copy:1"])
    assert dump(copy) == dump(ours)
