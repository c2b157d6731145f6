"""The throw-away host itself: that it is apart, and that its dumps see everything."""

import errno
import pathlib
import signal
import subprocess
import sys

import pytest

from harness.host import HOST_ADDRESS, OUTSIDE_ADDRESS, Host


def left(host, before):
    """What `assert_nothing_left` says is left."""
    with pytest.raises(AssertionError) as failure:
        host.assert_nothing_left(before, timeout=0)
    return str(failure.value)


def test_a_new_host_stays_as_it_is(host):
    host.assert_nothing_left(host.dump(), timeout=0)


def test_it_is_apart_from_the_machine(host):
    host.run("touch", "/var/lib/berth/here", "/run/berth/here", "/etc/berth/here")
    for directory in ("/var/lib/berth", "/run/berth", "/etc/berth"):
        assert not pathlib.Path(directory, "here").exists()
    names = [line.split(":")[1].strip().split("@")[0]
             for line in host.run("ip", "-o", "link").stdout.splitlines()]
    assert sorted(names) == ["lo", "uplink"]


CONNECT = "import errno, socket, sys; print(socket.socket().connect_ex((sys.argv[1], 9)))"


def reaches(run, address):
    """True if the host at that address answers: that nobody listens there."""
    answer = int(run(sys.executable, "-c", CONNECT, address).stdout)
    assert answer in (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH)
    return answer == errno.ECONNREFUSED


def test_the_outside_is_reached_and_reaches_only_the_uplink(host):
    host.run("ip", "address", "add", "10.9.9.9/32", "dev", "lo")
    assert reaches(host.run, OUTSIDE_ADDRESS)
    assert reaches(host.run_outside, HOST_ADDRESS)
    assert not reaches(host.run_outside, "10.9.9.9")


def test_commands_run_in_the_hosts_own_cgroup(host):
    if host.cgroup.path is None:
        pytest.skip("no cgroup2")
    own = host.run("cat", "/proc/self/cgroup").stdout.splitlines()
    assert [line for line in own if line.startswith("0::")] == ["0::/init"]


@pytest.mark.parametrize("section, command", [
    ("mounts", "mkdir /run/berth/x && mount -t tmpfs none /run/berth/x"),
    ("files", "touch /var/lib/berth/stray"),
    ("links", "ip link add stray0 type veth peer name stray1"),
    ("addresses", "ip address add 10.1.2.3/32 dev lo"),
    ("routes", "ip route add 10.4.0.0/16 via 198.51.100.1"),
    ("routes", "ip rule add from 10.4.0.1 lookup 77"),
    ("neighbours", "ip neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev uplink"),
    ("nftables", "nft add table inet stray"),
    ("sysctls", "echo 0 > /proc/sys/net/ipv4/ip_forward"),
    ("processes", "setsid sleep 60 > /dev/null 2>&1 &"),
    ("namespaces", "setsid unshare --ipc sleep 60 > /dev/null 2>&1 & sleep 0.2"),
])
def test_a_dump_sees_what_is_left(host, section, command):
    before = host.dump()
    host.run("sh", "-c", command)
    assert f"\n{section}:\n  " in left(host, before)


def test_a_dump_sees_cgroups_and_set_elements(host):
    if host.cgroup.path is None:
        pytest.skip("no cgroup2")
    host.run("nft", "add table inet t; add set inet t s { type ipv4_addr; }")
    before = host.dump()
    host.run("mkdir", "-p", f"{host.cgroup.place}/berth/task")
    host.run("nft", "add element inet t s { 10.0.0.1 }")
    message = left(host, before)
    assert "cgroups:\n  + berth/task\n" in message
    assert 'nftables:\n  + element inet t s "10.0.0.1"' in message


def test_a_started_program_can_be_signalled(host):
    program = host.popen("sleep", "60")
    program.signal(signal.SIGTERM)
    assert program.wait() == -signal.SIGTERM


def test_nothing_outlives_the_host(bin_dir, host):
    with Host(bin_dir) as other:
        other.run("sh", "-c", "setsid sleep 4242 > /dev/null 2>&1 &")
        path = other.cgroup.path
    assert path is None or not path.exists()
    assert subprocess.run(["pgrep", "-f", "^sleep 4242$"], capture_output=True).stdout == b""
