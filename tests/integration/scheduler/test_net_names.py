"""Names of tasks: the resolver that berthd runs for them, with a real unbound."""

import json
import pathlib
import shutil
import sys
import time

import pytest

from harness import dns
from harness.berth import IMAGE, Berth, container, definition, wait_for
from harness.fake_scheduler import acs_container, acs_task, task_arn
from harness.host import OUTSIDE_ADDRESS
from harness.network import HELPER, REFUSED, address_of, from_task, ipv6_of

RESOLVER = "169.254.170.53"
UNBOUND = "/usr/sbin/unbound"
DNS = pathlib.Path(dns.__file__)
# What the host's own server knows.
ELSEWHERE, ELSEWHERE_ADDRESS = "www.elsewhere.test", "203.0.113.7"

pytestmark = pytest.mark.skipif(not shutil.which("unbound", path="/usr/sbin"),
                                reason="needs unbound")


class Upstream:
    """The server that the host asks, at the other end of its uplink."""

    def __init__(self, host):
        self.host = host
        self.server = None

    def start(self):
        self.server = self.host.popen_outside(sys.executable, "-B", DNS, "serve", OUTSIDE_ADDRESS,
                                              f"{ELSEWHERE}={ELSEWHERE_ADDRESS}")
        assert self.server.stdout.readline() == "ready\n"

    def kill(self):
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()
        self.server = None


@pytest.fixture
def upstream(fake, tmp_path):
    own = tmp_path / "resolv.conf"
    own.write_text(f"nameserver {OUTSIDE_ADDRESS}\nsearch lab.test\noptions timeout:2\n")
    fake.host.run("mount", "--bind", own, "/etc/resolv.conf")
    made = Upstream(fake.host)
    made.start()
    yield made
    made.kill()
    fake.host.run("umount", "/etc/resolv.conf")


@pytest.fixture
def berth(fake, upstream, tmp_path):
    """The command line beside an agent that has joined."""
    fake.join()
    made = Berth(fake.host, tmp_path)
    yield made
    made.clean_up()
    # What an agent that was killed has left is ended by the next one.
    if not fake.agent.alive():
        fake.agent.start()
        wait_for(lambda: fake.agent.program.said("registered as"), "an agent that takes over")
    fake.agent.stop()
    left = fake.host.dump()
    assert not [line for line in left["processes"] if UNBOUND in line]
    assert RESOLVER not in json.dumps(fake.host.run("nft", "list", "ruleset").stdout)
    assert RESOLVER not in fake.host.run("ip", "address").stdout


def start(berth, name, *containers, mode="awsvpc", family="test", **fields):
    made = containers or [container("main", HELPER, "sleep", stopTimeout=1)]
    berth.detach(definition(*made, mode=mode, family=family, **fields), "--name", name)
    berth.wait_for_status(name, "RUNNING")


def ask(berth, task, name, kind=dns.A, opcode=0, of="main"):
    """What the resolver says to a task."""
    pid = berth.containers(task)[of]["pid"]
    done = berth.host.run("nsenter", "-t", pid, "-n", sys.executable, "-B", DNS, "ask", RESOLVER,
                          name, kind, opcode)
    return json.loads(done.stdout)


def code(answer):
    return answer and answer["code"]


def addresses(berth, task, name, kind=dns.A):
    """The addresses of a name as a task hears them; nothing if there is no such name."""
    answer = ask(berth, task, name, kind)
    return answer["addresses"] if answer else None


def resolver_pid(host):
    [line] = [line for line in host.run("ps", "-eo", "pid,args").stdout.splitlines()
              if f"{UNBOUND} -c" in line]
    return int(line.split()[0])


def kill_resolver(host):
    pid = resolver_pid(host)
    host.run("kill", "-9", pid)
    return pid


def named(berth, asker, name, expected):
    wait_for(lambda: addresses(berth, asker, name) == expected, f"{name} is {expected}")


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_tasks_find_each_other_by_name_family_and_container(berth, mode):
    start(berth, "asker", mode=mode)
    start(berth, "db-1", mode=mode, family="db")
    start(berth, "db-2", mode=mode, family="db")
    first, second = (address_of(berth, name, "main") for name in ("db-1", "db-2"))
    named(berth, "asker", "db-2.berth.internal", [second])
    assert addresses(berth, "asker", "DB-1.Berth.Internal") == [first]
    assert addresses(berth, "asker", "db.berth.internal") == sorted([first, second])
    assert addresses(berth, "asker", "main.db-1.berth.internal") == [first]
    answer = ask(berth, "asker", "db-1.berth.internal")
    assert answer["ttl"] == 1
    # No IPv6 address is no error, or programs would take the name for unknown.
    assert ask(berth, "asker", "db-1.berth.internal", dns.AAAA) == {
        "code": dns.NO_ERROR, "addresses": [], "ttl": None}
    assert code(ask(berth, "asker", "nobody.berth.internal")) == dns.NO_SUCH_NAME


def test_addresses_of_both_families_are_known(berth):
    berth.configure(subnets=[{"subnetId": "subnet-dual", "cidrBlock": "10.20.0.0/24",
                              "ipv6CidrBlock": "fd00:20::/64"}])
    start(berth, "dual")
    berth.configure(subnets=[{"subnetId": "subnet-six", "ipv6CidrBlock": "fd00:21::/64"}])
    start(berth, "six")
    dual, six = ipv6_of(berth, "dual", "main"), ipv6_of(berth, "six", "main")
    for asker in ("dual", "six"):
        wait_for(lambda: addresses(berth, asker, "test.berth.internal", dns.AAAA) ==
                 sorted([dual, six]), f"both addresses to be known to {asker}")
        assert addresses(berth, asker, "dual.berth.internal", dns.AAAA) == [dual]
        assert addresses(berth, asker, "test.berth.internal") == [address_of(berth, "dual", "main")]


def test_a_program_needs_the_first_part_of_a_name_alone(berth):
    start(berth, "asker")
    start(berth, "db")
    address = address_of(berth, "db", "main")
    named(berth, "asker", "db.berth.internal", [address])
    assert berth("exec", "asker", "main", "--", "cat", "/etc/resolv.conf").out.splitlines() == [
        f"nameserver {RESOLVER}", "search berth.internal lab.test", "options timeout:2"]
    assert f"({address})" in berth("exec", "asker", "main", "--", "ping", "-c", "1", "db").out


def test_a_name_goes_with_its_task(berth):
    start(berth, "asker")
    start(berth, "db")
    named(berth, "asker", "db.berth.internal", [address_of(berth, "db", "main")])
    berth("stop", "db")
    stopped = time.monotonic()
    wait_for(lambda: code(ask(berth, "asker", "db.berth.internal")) == dns.NO_SUCH_NAME,
             "the end of the name")
    assert time.monotonic() - stopped < 1


def test_a_task_of_the_scheduler_has_the_name_of_its_service(berth, fake):
    start(berth, "asker")
    task = acs_task(task_arn(1), acs_container("main", IMAGE, "sleep", "1000"),
                    group="service:shop", family="web")
    connection = fake.scheduler.connection("acs")
    connection.say("PayloadMessage", fake.scheduler.payload(task))
    fake.scheduler.expect_report(task_arn(1), "RUNNING")
    [name] = [name for name in berth.tasks() if name.startswith("ecs-web-1-")]
    address = address_of(berth, name, "main")
    for known in ("shop", "web", name):
        named(berth, "asker", f"{known}.berth.internal", [address])
    connection.say("PayloadMessage", fake.scheduler.payload(
        {"arn": task_arn(1), "desiredStatus": "STOPPED"}))
    fake.scheduler.expect_report(task_arn(1), "STOPPED", timeout=40)
    named(berth, "asker", "shop.berth.internal", [])


def test_what_the_definition_says_goes_before_it(berth):
    start(berth, "own", container("main", HELPER, "sleep", stopTimeout=1,
                                  dnsServers=["192.0.2.53"], dnsSearchDomains=["own.test"],
                                  extraHosts=[{"hostname": "db", "ipAddress": "192.0.2.9"}]),
          mode="bridge")
    assert berth("exec", "own", "main", "--", "cat", "/etc/resolv.conf").out.splitlines() == [
        "nameserver 192.0.2.53", "search own.test", "options timeout:2"]
    assert "192.0.2.9\tdb\n" in berth("exec", "own", "main", "--", "cat", "/etc/hosts").out


def test_other_names_are_the_hosts_servers_to_say(berth):
    start(berth, "asker")
    assert addresses(berth, "asker", ELSEWHERE) == [ELSEWHERE_ADDRESS]
    assert code(ask(berth, "asker", "nobody.elsewhere.test")) == dns.NO_SUCH_NAME


def test_without_the_hosts_servers_tasks_have_their_names_and_what_was_known(berth, upstream):
    start(berth, "asker")
    start(berth, "db")
    assert addresses(berth, "asker", ELSEWHERE) == [ELSEWHERE_ADDRESS]
    upstream.kill()
    named(berth, "asker", "db.berth.internal", [address_of(berth, "db", "main")])
    assert addresses(berth, "asker", ELSEWHERE) == [ELSEWHERE_ADDRESS]
    assert code(ask(berth, "asker", "new.elsewhere.test")) in (None, dns.SERVER_FAILURE)
    upstream.start()
    wait_for(lambda: code(ask(berth, "asker", "new.elsewhere.test")) == dns.NO_SUCH_NAME,
             "an answer of the server that is back", 40)


def test_other_servers_of_the_host_are_followed(berth, fake, tmp_path):
    start(berth, "asker")
    # In place, since the file itself is mounted.
    (tmp_path / "resolv.conf").write_text("nameserver 198.51.100.99\n")
    wait_for(lambda: fake.agent.program.said("the host asks 198.51.100.99 now"), "the other server")
    assert addresses(berth, "asker", ELSEWHERE) in (None, [])


def test_a_killed_resolver_is_started_again_and_knows_all_names(berth, fake):
    start(berth, "asker")
    start(berth, "db")
    address = address_of(berth, "db", "main")
    named(berth, "asker", "db.berth.internal", [address])
    killed = kill_resolver(fake.host)
    named(berth, "asker", "db.berth.internal", [address])
    assert resolver_pid(fake.host) != killed
    assert addresses(berth, "asker", ELSEWHERE) == [ELSEWHERE_ADDRESS]


def test_while_it_can_not_be_started_the_hosts_server_is_asked(berth, fake):
    start(berth, "asker")
    address = address_of(berth, "asker", "main")
    named(berth, "asker", "asker.berth.internal", [address])
    fake.host.run("mount", "--bind", "/bin/false", UNBOUND)
    try:
        kill_resolver(fake.host)
        wait_for(lambda: fake.agent.program.said(f"tasks ask {OUTSIDE_ADDRESS} meanwhile"),
                 "the way to the host's server")
        assert addresses(berth, "asker", ELSEWHERE) == [ELSEWHERE_ADDRESS]
    finally:
        fake.host.run("umount", UNBOUND)
    named(berth, "asker", "asker.berth.internal", [address])


def test_a_way_that_somebody_flushes_is_opened_again(berth, fake):
    start(berth, "asker")
    address = address_of(berth, "asker", "main")
    named(berth, "asker", "asker.berth.internal", [address])
    for damage in (["flush", "ruleset"], ["delete", "table", "inet", "berth_names"]):
        fake.host.run("nft", *damage)
        named(berth, "asker", "asker.berth.internal", [address])


def test_names_outlive_an_agent_that_is_killed(berth, fake):
    start(berth, "asker")
    address = address_of(berth, "asker", "main")
    named(berth, "asker", "asker.berth.internal", [address])
    fake.agent.kill()
    assert addresses(berth, "asker", "asker.berth.internal") == [address]
    left = resolver_pid(fake.host)
    fake.agent.start()
    wait_for(lambda: fake.agent.program.log.read_text().count("the resolver runs") == 2,
             "another resolver")
    assert resolver_pid(fake.host) != left
    named(berth, "asker", "asker.berth.internal", [address])


def test_without_an_agent_the_hosts_server_is_asked(berth, fake):
    start(berth, "asker")
    fake.agent.stop()
    assert addresses(berth, "asker", ELSEWHERE) == [ELSEWHERE_ADDRESS]
    start(berth, "later")
    assert f"nameserver {OUTSIDE_ADDRESS}" in berth(
        "exec", "later", "main", "--", "cat", "/etc/resolv.conf").out


def test_a_task_can_not_change_names_nor_steer_the_resolver(berth):
    start(berth, "thief", mode="bridge")
    start(berth, "db")
    address = address_of(berth, "db", "main")
    named(berth, "thief", "db.berth.internal", [address])
    assert code(ask(berth, "thief", "db.berth.internal", opcode=dns.UPDATE)) != dns.NO_ERROR
    for port in (8953, 51653):
        assert from_task(berth, "thief", "main", RESOLVER, port) == REFUSED
    start(berth, "db-2", family="thief", mode="bridge")
    assert addresses(berth, "thief", "db.berth.internal") == [address]


def test_without_unbound_tasks_ask_as_the_host_does(fake, upstream, tmp_path):
    fake.host.run("mount", "--bind", "/dev/null", UNBOUND)
    try:
        fake.join()
        assert fake.agent.program.said("tasks have no names here: /usr/sbin/unbound")
        berth = Berth(fake.host, tmp_path)
        start(berth, "asker")
        assert f"nameserver {OUTSIDE_ADDRESS}" in berth(
            "exec", "asker", "main", "--", "cat", "/etc/resolv.conf").out
        berth.clean_up()
        fake.agent.stop()
    finally:
        fake.host.run("umount", UNBOUND)
