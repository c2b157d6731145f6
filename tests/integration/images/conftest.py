"""Fixtures of the image tests: a store of the test's own, and a registry."""

import base64
import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from layouts import Layout, layer, noise  # noqa: E402
from registry import Registry  # noqa: E402


class Berth:
    """The command line, with a root directory of its own."""

    def __init__(self, program, root):
        self.program = program
        self.root = root
        self.env = {**os.environ, "HOME": str(root / "home")}
        self.env.pop("DOCKER_CONFIG", None)

    def start(self, *words):
        return subprocess.Popen([self.program, "--root", self.root, *words], env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def fails(self, *words, timeout=120):
        """What it says when it fails."""
        process = self.start(*words)
        _, said = process.communicate(timeout=timeout)
        assert process.returncode != 0, f"berth {words} should have failed"
        return said

    def __call__(self, *words, timeout=120):
        process = self.start(*words)
        out, said = process.communicate(timeout=timeout)
        assert process.returncode == 0, said
        return out

    def images(self):
        return {image["name"]: image for image in json.loads(self("images", "--json"))}

    def log_in(self, registry, user, password):
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        place = self.root / "home/.docker/config.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"auths": {registry: {"auth": token}}}))

    def left_over(self):
        """What only a pull under way should have."""
        return [str(path) for path in self.root.rglob(".partial-*")]

    def content(self):
        """Everything below the images' directories, for comparing."""
        kept = [path for path in self.root.rglob("*")
                if {"layers", "blobs", "names", "new"} & set(path.relative_to(self.root).parts)]
        return sorted(str(path) for path in kept)


@pytest.fixture
def berth(bin_dir, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    root = tmp_path / "root"
    root.mkdir()
    return Berth(bin_dir / "berth", root)


@pytest.fixture
def registry(tmp_path):
    with Registry(tmp_path / "registry") as made:
        yield made


@pytest.fixture
def layout(tmp_path):
    """An image "web" of three layers, the last of which hides things of the others."""
    made = Layout(tmp_path / "layout")
    made.tag("web", made.manifest([
        layer({"etc/motd": b"lower", "usr/big": noise(3_000_000, 1)}),
        layer({"srv/old": b"old", "srv/data": noise(2_500_000, 2)}),
        layer({"etc/.wh.motd": b"", "srv/.wh..wh..opq": b"", "srv/new": b"new"}),
    ]))
    return made
