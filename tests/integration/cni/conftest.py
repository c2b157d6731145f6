"""berth-cni on a throw-away host, and in a place for its callers."""

import json

import pytest

from harness import documented
from harness.berth import wait_for
from harness.caller_fixtures import image_tar, place  # noqa: F401
from harness.cni import Plugin, network


@pytest.fixture
def plugin_for(host, tmp_path):
    """A function: the plugin for a network of this configuration (harness/cni.py, `network`)."""
    made = []

    def make(**config):
        directory = tmp_path / f"network-{len(made)}"
        directory.mkdir()
        made.append(Plugin(host, directory, network(**config)))
        return made[-1]

    yield make
    for plugin in made:
        for container in list(plugin.netns):
            plugin.end_netns(container)


@pytest.fixture
def plugin(plugin_for):
    return plugin_for()


@pytest.fixture(scope="module")
def cni_place(place):
    """The place, where berth-cni and its callers keep nothing of the machine's."""
    for directory in ("/var/lib/berth", "/var/lib/cni"):
        place.call("mkdir", "-p", directory)
        place.call("mount", "-t", "tmpfs", "none", directory)
    return place


@pytest.fixture
def clean(cni_place):
    """Fails if the test leaves an interface or a firewall there."""
    def left():
        links = json.loads(cni_place.call("ip", "-j", "link"))
        return ([link["ifname"] for link in links if link["ifname"] != "lo"],
                cni_place.call("nft", "list", "ruleset"))
    assert left() == ([], "")
    yield
    wait_for(lambda: left() == ([], ""), "the place is as it was")


@pytest.fixture(scope="module")
def documented_network():
    """The network of docs/cni.md: the text of a .conflist file."""
    return documented.lines_below("cni.md", "`/etc/cni/net.d/10-berth.conflist`")
