"""A task that is root over its own network (CAP_NET_ADMIN and CAP_NET_RAW in its namespace).

Each attack is tried twice: against the firewall, and, as a control, where the table `inet berth` is
deleted and the reverse path filter off: there the same packets do arrive. All in a throw-away host.
"""

import ipaddress
import json
import struct
import subprocess
import sys

import pytest

from harness.berth import IMAGE, Berth, container, definition, wait_for
from harness.host import HOST_ADDRESS, Host

SUBNET = {"subnetId": "subnet-lab", "cidrBlock": "10.20.0.0/24", "ipv6CidrBlock": "fd00:20::/64"}
CLOSED = {"GroupId": "sg-closed", "GroupName": "closed", "IpPermissionsEgress": [
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
     "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}
MEMBERS = {**CLOSED, "GroupId": "sg-members", "GroupName": "members", "IpPermissions": [
    {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-members"}]}]}
AGENT = "169.254.170.2"
METADATA = "169.254.169.254"
PORT = 9999

# Sends what it reads, a frame in hexadecimal a line, out of eth0.
SEND = """
import socket, sys
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("eth0", 0))
for line in sys.stdin:
    out.send(bytes.fromhex(line))
"""

# Says who sent it each datagram, or connected.
HEAR = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
ear = socket.socket(family, socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM)
ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
ear.bind((sys.argv[2], int(sys.argv[3])))
if sys.argv[1] == "tcp":
    ear.listen()
print("ready", flush=True)
while True:
    if sys.argv[1] == "udp":
        text, peer = ear.recvfrom(100)
        print(text.decode(), peer[0], flush=True)
    else:
        peer, address = ear.accept()
        print("connected", address[0], flush=True)
        peer.close()
"""


def checksum(data):
    words = struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def packed(address):
    return ipaddress.ip_address(address).packed


def udp_frame(source, destination, text, *, macs, port=PORT):
    """An Ethernet frame with a datagram; `macs`: from and to."""
    body = struct.pack("!HHHH", 40000, port, 8 + len(text), 0) + text.encode()
    if ":" in source:
        pseudo = packed(source) + packed(destination) + struct.pack("!II", len(body), 17)
        body = body[:6] + struct.pack("!H", checksum(pseudo + body)) + body[8:]
        header = struct.pack("!IHBB", 6 << 28, len(body), 17, 64)
        return mac(macs[1]) + mac(macs[0]) + b"\x86\xdd" + header + packed(source) + packed(destination) + body
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 17, 0)
    header += packed(source) + packed(destination)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return mac(macs[1]) + mac(macs[0]) + b"\x08\x00" + header + body


def arp_frame(claimed, asked, *, macs):
    """An answer that nobody has asked for: `claimed` is at macs[0]."""
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + mac(macs[0]) + packed(claimed)
    return mac(macs[1]) + mac(macs[0]) + b"\x08\x06" + body + mac(macs[0]) + packed(asked)


def icmpv6_frame(source, destination, body, *, macs):
    pseudo = packed(source) + packed(destination) + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), 58, 255)
    return mac(macs[1]) + mac(macs[0]) + b"\x86\xdd" + header + packed(source) + packed(destination) + body


def advertisement(claimed, at):
    """A neighbour's, unsolicited, that overrides what is known (RFC 4861, 4.4)."""
    return struct.pack("!BBHI", 136, 0, 0, 0x20000000) + packed(claimed) + b"\x02\x01" + mac(at)


def router_advertisement(at):
    """Of a router for everything, for half an hour (RFC 4861, 4.2)."""
    return struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + mac(at)


class Task:
    """A running task and its network namespace, as who has all rights there uses it."""

    def __init__(self, berth, name, group):
        self.berth = berth
        network = {"awsvpcConfiguration": {"subnets": ["subnet-lab"], "securityGroups": [group]}}
        berth.detach(definition(container("a", "berth-test-helper", "sleep", stopTimeout=1),
                                mode="awsvpc"),
                     "--name", name, "--network-configuration",
                     berth.write(f"{name}.json", network))
        berth.wait_for_status(name, "RUNNING")
        shown = berth.containers(name)["a"]
        self.pid = shown["pid"]
        self.address = shown["networkInterfaces"][0]["privateIpv4Address"]
        self.ipv6 = shown["networkInterfaces"][0]["ipv6Address"]
        [link] = json.loads(self.run("ip", "-j", "link", "show", "eth0").stdout)
        self.mac = link["address"]
        neighbours = json.loads(self.run("ip", "-j", "neigh").stdout)
        self.gateway = [one for one in neighbours if "." in one["dst"]][0]
        [self.host_link] = [one["dev"] for one in json.loads(berth.host.run(
            "ip", "-j", "route", "show", self.address).stdout)]
        self.macs = (self.mac, self.gateway["lladdr"])

    def enter(self, *words):
        return ["nsenter", "-t", str(self.pid), "-n", *words]

    def run(self, *words, **options):
        return self.berth.host.run(*self.enter(*words), **options)

    def send(self, *frames):
        done = self.berth.host.popen(*self.enter(sys.executable, "-c", SEND), stdin=subprocess.PIPE)
        done.stdin.write("".join(frame.hex() + "\n" for frame in frames))
        done.stdin.close()
        assert done.wait() == 0


class Ear:
    """A server of the victim's; `heard` is what came, in order, up to a datagram of the test's own."""

    def __init__(self, host, where, protocol="udp", address="::", port=PORT):
        self.host = host
        self.protocol = protocol
        self.program = host.popen(*where, sys.executable, "-c", HEAR, protocol, address, str(port))
        assert self.program.stdout.readline() == "ready\n", self.program.stderr.read()

    def heard(self, tell):
        """The lines until what `tell` sends has come, too."""
        tell()
        lines = []
        while not (line := self.program.stdout.readline()).startswith("last "):
            assert line, "the ear has died"
            lines.append(line.strip().replace("::ffff:", ""))
        return lines

    def end(self):
        self.program.kill()
        self.program.communicate()


@pytest.fixture
def site(bin_dir, rootfs_dir, tmp_path):
    with Host(bin_dir) as host:
        host.berth("import", rootfs_dir, "--name", IMAGE)
        berth = Berth(host, tmp_path)
        berth.configure(subnets=[SUBNET], securityGroups=[CLOSED, MEMBERS])
        yield berth
        berth.clean_up()


@pytest.fixture
def attacker(site):
    return Task(site, "attacker", "sg-closed")


@pytest.fixture
def victim(site):
    return Task(site, "victim", "sg-members")


@pytest.fixture(params=["guarded", "control"])
def guarded(request):
    return request.param == "guarded"


def disarm(site):
    """The host without Berth's defence."""
    site.host.run("nft", "delete", "table", "inet", "berth")
    site.host.run("sh", "-c", "for each in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $each; done")


@pytest.fixture
def ear(site):
    """One on the host, on every address."""
    made = Ear(site.host, [])
    yield made
    made.end()


def last_of(task):
    """Tells the task's last word to the host: what it has sent before has been worked on by then."""
    return lambda: task.send(udp_frame(task.address, HOST_ADDRESS, "last", macs=task.macs))


def test_another_tasks_address_is_not_to_be_had(site, attacker, victim, ear, guarded):
    if not guarded:
        disarm(site)
    gateway6 = "fd00:20::1"
    attacker.send(
        udp_frame(attacker.address, HOST_ADDRESS, "honest", macs=attacker.macs),
        udp_frame(victim.address, HOST_ADDRESS, "spoofed", macs=attacker.macs),
        udp_frame("10.20.0.250", HOST_ADDRESS, "nobody", macs=attacker.macs),
        udp_frame(HOST_ADDRESS, HOST_ADDRESS, "host", macs=attacker.macs),
        udp_frame(victim.ipv6, gateway6, "spoofed6", macs=attacker.macs),
        udp_frame(attacker.ipv6, gateway6, "honest6", macs=attacker.macs))
    heard = ear.heard(last_of(attacker))
    honest = [f"honest {attacker.address}", f"honest6 {attacker.ipv6}"]
    if guarded:
        assert heard == honest
    else:
        assert {*honest, f"spoofed {victim.address}", f"spoofed6 {victim.ipv6}"} <= set(heard)


def test_another_mac_is_not_to_be_had(site, attacker, victim, ear, guarded):
    if not guarded:
        disarm(site)
    attacker.send(
        udp_frame(attacker.address, HOST_ADDRESS, "forged", macs=(victim.mac, attacker.macs[1])),
        udp_frame(attacker.address, HOST_ADDRESS, "honest", macs=attacker.macs))
    forged = [] if guarded else [f"forged {attacker.address}"]
    assert ear.heard(last_of(attacker)) == [*forged, f"honest {attacker.address}"]


def neighbours(site):
    shown = json.loads(site.host.run("ip", "-j", "neigh").stdout)
    return sorted((one["dst"], one["dev"], one.get("lladdr")) for one in shown)


def test_arp_changes_nothing(site, attacker, victim, ear, guarded):
    forged = "02:00:00:00:00:66"
    if not guarded:
        # Only who listens to answers that nobody has asked for can be told anything.
        site.host.run("sysctl", "-qw", f"net.ipv4.conf.{attacker.host_link}.arp_accept=1")
        site.host.run("ip", "link", "set", attacker.host_link, "arp", "on")
        site.host.run("ip", "neigh", "replace", attacker.address, "dev", attacker.host_link,
                      "lladdr", attacker.mac, "nud", "stale")
    before = neighbours(site)
    macs = (forged, "ff:ff:ff:ff:ff:ff")
    attacker.send(arp_frame(victim.address, victim.address, macs=macs),
                  arp_frame(attacker.address, attacker.address, macs=macs),
                  arp_frame(attacker.gateway["dst"], victim.address, macs=macs))

    def changes():
        return {one for one in neighbours(site) if one not in before}
    if guarded:
        ear.heard(last_of(attacker))
        assert changes() == set()
    else:
        wait_for(lambda: (attacker.address, attacker.host_link, forged) in changes(), "a new MAC")


def test_neighbour_discovery_changes_nothing(site, attacker, victim, ear, guarded):
    forged = "02:00:00:00:00:66"
    link_local = "fe80::66"
    site.host.run("sysctl", "-qw", f"net.ipv6.conf.{attacker.host_link}.accept_ra=2")
    site.host.run("ip", "neigh", "replace", attacker.ipv6, "dev", attacker.host_link, "lladdr",
                  attacker.mac, "nud", "stale")
    if not guarded:
        disarm(site)
    before = neighbours(site)
    routes = site.host.run("ip", "-6", "route").stdout
    macs = (attacker.mac, attacker.macs[1])
    attacker.send(
        icmpv6_frame(attacker.ipv6, "ff02::1", advertisement(attacker.ipv6, forged), macs=macs),
        icmpv6_frame(victim.ipv6, "ff02::1", advertisement(victim.ipv6, forged), macs=macs),
        icmpv6_frame(link_local, "ff02::1", router_advertisement(forged), macs=macs))

    def changes():
        told = {one for one in neighbours(site) if one not in before}
        return told, site.host.run("ip", "-6", "route").stdout != routes
    if guarded:
        ear.heard(last_of(attacker))
        assert changes() == (set(), False)
    else:
        wait_for(lambda: changes()[1], "a route by the forged router")
        assert (attacker.ipv6, attacker.host_link, forged) in changes()[0]


def connects(task, address, port, source=""):
    """Whether a TCP connection from the task's namespace comes to be within a second."""
    script = ("import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1, "
              "(sys.argv[3], 0) if sys.argv[3] else None)")
    return task.run(sys.executable, "-c", script, address, str(port), source,
                    check=False).returncode == 0


def take_over(task, address):
    """The task gives itself another's address."""
    task.run("ip", "address", "add", f"{address}/32", "dev", "eth0")


def test_the_way_to_credentials_is_not_open_under_another_address(site, attacker, victim, guarded):
    site.host.run("mkdir", "-p", "/run/berth")
    site.host.run(site.host.program("berth-endpoint-helper"), "open")
    ear = Ear(site.host, [], "tcp", AGENT, 51679)
    try:
        assert connects(attacker, AGENT, 80)
        assert ear.program.stdout.readline() == f"connected {attacker.address}\n"
        take_over(attacker, victim.address)
        if guarded:
            assert not connects(attacker, AGENT, 80, victim.address)
            return
        disarm(site)
        site.host.run("ip", "route", "replace", victim.address, "dev", attacker.host_link)
        site.host.run("ip", "neigh", "replace", victim.address, "dev", attacker.host_link,
                      "lladdr", attacker.mac, "nud", "permanent")
        assert connects(attacker, AGENT, 80, victim.address)
        assert ear.program.stdout.readline() == f"connected {victim.address}\n"
    finally:
        ear.end()
        site.host.run(site.host.program("berth-endpoint-helper"), "close")


def test_instance_metadata_is_out_of_reach(site, attacker, guarded):
    site.host.run_outside("ip", "address", "add", f"{METADATA}/32", "dev", "uplink")
    site.host.run("ip", "route", "add", METADATA, "dev", "uplink")
    site.host.run_outside("ip", "route", "add", "10.20.0.0/24", "via", HOST_ADDRESS)
    server = site.host.popen_outside(sys.executable, "-c", HEAR, "tcp", METADATA, "80")
    try:
        assert server.stdout.readline() == "ready\n"
        if not guarded:
            disarm(site)
        attacker.run("ip", "route", "replace", METADATA, "via", attacker.gateway["dst"], "dev",
                     "eth0", "onlink")
        assert connects(attacker, METADATA, 80) == (not guarded)
    finally:
        server.kill()
        server.communicate()


FLOW_LIMIT = 300
# So many flows of each kind: TCP and UDP, of both families.
EACH = 400


def syn_frame(source, destination, port, *, macs):
    """A TCP segment from PORT that begins a connection."""
    body = struct.pack("!HHIIBBHHH", PORT, port, 1, 0, 5 << 4, 2, 1024, 0, 0)
    pseudo = packed(source) + packed(destination)
    if ":" in source:
        pseudo += struct.pack("!II", len(body), 6)
        header = struct.pack("!IHBB", 6 << 28, len(body), 6, 64) + packed(source) + packed(destination)
        kind = b"\x86\xdd"
    else:
        pseudo += struct.pack("!HH", 6, len(body))
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 6, 0)
        header += packed(source) + packed(destination)
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        kind = b"\x08\x00"
    body = body[:16] + struct.pack("!H", checksum(pseudo + body)) + body[18:]
    return mac(macs[1]) + mac(macs[0]) + kind + header + body


def flood(task, ipv4, ipv6):
    """Begins flows to ever other ports of these addresses."""
    task.send(*(frame for number in range(EACH) for frame in (
        udp_frame(task.address, ipv4, "flood", macs=task.macs, port=10000 + number),
        udp_frame(task.ipv6, ipv6, "flood", macs=task.macs, port=10000 + number),
        syn_frame(task.address, ipv4, 10000 + number, macs=task.macs),
        syn_frame(task.ipv6, ipv6, 10000 + number, macs=task.macs))))


def tracked(site, *addresses):
    """How many flows of the host's have one of the addresses at an end."""
    shown = site.host.run("cat", "/proc/net/nf_conntrack").stdout
    written = {ipaddress.ip_address(one).exploded for one in addresses} | set(addresses)
    return sum(any(f"={one} " in line for one in written) for line in shown.splitlines())


@pytest.fixture
def limited(site, guarded):
    """Where a task may have a few flows open; as the control, more than a flood begins."""
    site.configure(subnets=[SUBNET], securityGroups=[CLOSED, MEMBERS],
                   flowLimit=FLOW_LIMIT if guarded else 100 * FLOW_LIMIT)
    return site


def test_a_flood_of_connections_does_not_fill_the_hosts_table(limited, ear, guarded):
    attacker = Task(limited, "attacker", "sg-closed")
    bystander = Task(limited, "bystander", "sg-closed")
    # Beyond the host, where nobody answers.
    limited.host.run("ip", "route", "add", "203.0.113.0/24", "dev", "uplink")
    limited.host.run("ip", "neigh", "add", "203.0.113.1", "dev", "uplink", "lladdr",
                     "02:00:00:00:00:01", "nud", "permanent")
    limited.host.run("sysctl", "-qw", "net.ipv6.conf.uplink.disable_ipv6=0")
    limited.host.run("ip", "route", "add", "2001:db8:66::/64", "dev", "uplink")
    limited.host.run("ip", "neigh", "add", "2001:db8:66::1", "dev", "uplink", "lladdr",
                     "02:00:00:00:00:01", "nud", "permanent")
    flood(attacker, "203.0.113.1", "2001:db8:66::1")
    count = tracked(limited, attacker.address, attacker.ipv6)
    if guarded:
        assert 0 < count <= FLOW_LIMIT
        [shown] = json.loads(limited("net", "inspect", "attacker").out)
        [interface] = shown["interfaces"].values()
        assert interface["dropped"]["egressOverFlowLimit"] >= 4 * EACH - FLOW_LIMIT
    else:
        assert count > 4 * FLOW_LIMIT
    assert ear.heard(last_of(bystander)) == []
    assert "not allowed" not in limited("net", "trace", "bystander", "203.0.113.1", "80").out


def test_a_flood_to_one_task_leaves_room_for_flows_to_others(limited, guarded):
    attackers = [Task(limited, f"attacker{number}", "sg-members") for number in range(2)]
    victim = Task(limited, "victim", "sg-members")
    bystander = Task(limited, "bystander", "sg-members")
    for attacker in attackers:
        flood(attacker, victim.address, victim.ipv6)
    # Less than the two may begin together. (What the victim refuses, as its closed ports of TCP do,
    # is forgotten at once.)
    count = tracked(limited, victim.address, victim.ipv6)
    assert 0 < count <= FLOW_LIMIT if guarded else count > 4 * FLOW_LIMIT
    inside = Ear(limited.host, bystander.enter())
    try:
        assert inside.heard(lambda: victim.send(
            udp_frame(victim.address, bystander.address, "last", macs=victim.macs))) == []
    finally:
        inside.end()


def test_a_task_is_out_of_reach_of_who_is_not_in_its_groups(site, attacker, victim, ear, guarded):
    member = Task(site, "member", "sg-members")
    inside = Ear(site.host, victim.enter())
    try:
        if not guarded:
            disarm(site)
        attacker.send(
            udp_frame(attacker.address, victim.address, "plain", macs=attacker.macs),
            udp_frame(member.address, victim.address, "as a member", macs=attacker.macs),
            udp_frame(attacker.address, victim.address, "to its mac",
                      macs=(attacker.mac, victim.mac)),
            udp_frame(attacker.ipv6, victim.ipv6, "plain6", macs=attacker.macs),
            udp_frame(member.ipv6, victim.ipv6, "as a member6", macs=attacker.macs))
        ear.heard(last_of(attacker))
        heard = inside.heard(lambda: member.send(
            udp_frame(member.address, victim.address, "last", macs=member.macs)))
        if guarded:
            assert heard == []
        else:
            assert {f"plain {attacker.address}", f"as a member {member.address}",
                    f"plain6 {attacker.ipv6}"} <= set(heard)
    finally:
        inside.end()
