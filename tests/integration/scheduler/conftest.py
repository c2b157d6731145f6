"""Fixtures of the tests of berth-scheduler and berthd together."""

import os

import pytest

from harness.cluster import Cluster, FakeSite, ReadyHost, Site, make_certificate, use


@pytest.fixture(scope="session")
def ready_host(bin_dir, rootfs_dir, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    made = ReadyHost(bin_dir, rootfs_dir, tmp_path_factory.mktemp("ready"))
    yield made
    made.discard()


@pytest.fixture
def cluster(ready_host, tmp_path):
    """A scheduler on a host without agents."""
    for made in use(ready_host, Cluster, tmp_path):
        yield made.start_scheduler()


@pytest.fixture
def secure(ready_host, tmp_path, monkeypatch):
    """A cluster whose scheduler (not started) is spoken to under TLS, and whom all clients trust."""
    chain, _ = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(chain))
    for made in use(ready_host, Cluster, tmp_path):
        made.url = made.url.replace("http:", "https:")
        yield made


@pytest.fixture
def site(ready_host, tmp_path):
    """A scheduler with one agent; the tasks that are left at the end are stopped."""
    yield from use(ready_host, Site, tmp_path)


@pytest.fixture
def fake(ready_host, tmp_path):
    """berthd on a host, and a scheduler that the test plays. Tasks must have been stopped."""
    yield from use(ready_host, FakeSite, tmp_path)


@pytest.fixture
def gate(tmp_path):
    """Where a file "go" ends the containers of cluster.exits_when_told."""
    made = tmp_path / "gate"
    made.mkdir()
    return made
