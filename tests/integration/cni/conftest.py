"""berth-cni on a throw-away host."""

import pytest

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
