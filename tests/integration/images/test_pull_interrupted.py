"""Pulls that break off, are killed, or happen at once."""

import pathlib
import time

from layouts import noise
from registry import Proxy


def same_layers(berth, name, other):
    images = berth.images()
    return images[name]["layers"] == images[other]["layers"]


def test_goes_on_where_the_connection_broke(berth, registry, layout):
    registry.push(f"oci:{layout.path}:web", "web:1")
    with Proxy(registry, limit=1_400_000) as proxy:
        name = f"{proxy.address}/web:1"
        berth("pull", name)
        assert proxy.cuts >= 3
        lower = pathlib.Path(berth.images()[name]["layers"][0])
        assert (lower / "usr/big").read_bytes() == noise(3_000_000, 1)
        assert berth.left_over() == []


def test_gives_up_when_the_rest_never_comes(berth, registry, layout):
    registry.push(f"oci:{layout.path}:web", "web:1")
    berth("images", "--json")
    before = berth.content()
    with Proxy(registry, limit=1_400_000, ranges=False) as proxy:
        said = berth.fails("pull", f"{proxy.address}/web:1")
        assert "layer sha256:" in said and "the connection was closed" in said
        assert berth.content() == before


def test_a_killed_pull_leaves_nothing_and_can_be_repeated(berth, registry, layout):
    direct = registry.push(f"oci:{layout.path}:web", "web:1")
    with Proxy(registry, rate=1_000_000) as slow:
        pull = berth.start("pull", f"{slow.address}/web:1")
        deadline = time.monotonic() + 10
        while len(berth.left_over()) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        pull.kill()
        pull.communicate()
    assert berth.left_over() != []
    assert berth.images() == {}
    assert berth.left_over() == []
    berth("pull", direct)
    upper = pathlib.Path(berth.images()[direct]["layers"][2])
    assert (upper / "srv/new").read_bytes() == b"new"
    assert berth.left_over() == []


def test_two_pulls_at_once_share_the_work(berth, registry, layout):
    registry.push(f"oci:{layout.path}:web", "web:1")
    with Proxy(registry, rate=4_000_000) as slow:
        # One registry under two names of loopback: two images of the same layers.
        port = slow.address.rpartition(":")[2]
        names = [f"127.0.0.1:{port}/web:1", f"localhost:{port}/web:1"]
        pulls = [berth.start("pull", name) for name in names]
        for pull in pulls:
            _, said = pull.communicate(timeout=60)
            assert pull.returncode == 0, said
        assert same_layers(berth, *names)
        assert berth.left_over() == []


def test_a_killed_pull_does_not_disturb_another(berth, registry, layout):
    registry.push(f"oci:{layout.path}:web", "web:1")
    with Proxy(registry, rate=1_500_000) as slow:
        port = slow.address.rpartition(":")[2]
        names = [f"127.0.0.1:{port}/web:1", f"localhost:{port}/web:1"]
        first, second = [berth.start("pull", name) for name in names]
        time.sleep(0.7)
        first.kill()
        first.communicate()
        berth("images", "--json")  # sweeps, but not what the second works on
        _, said = second.communicate(timeout=60)
        assert second.returncode == 0, said
        assert list(berth.images()) == [names[1]]
        assert berth.left_over() == []
