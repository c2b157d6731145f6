"""What is on a host, as sorted lines of text, so that two moments can be compared.

As a program, run on the host: prints {section: lines} as JSON. Its argument is where cgroup2 is
mounted. Left out is what changes by itself: ages, counters, handles, learnt neighbours.
"""

import contextlib
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

STATE = ("/var/lib/berth", "/run/berth")
# What outlives tasks on purpose: images, the database, a cache, a lock.
KEPT = re.compile(r"/var/lib/berth/(images|seccomp|scheduler|(berth|agent)\.db[^/]*"
                  r"|agent\.lock|net\.lock|net\.lock\.d/\.restored)"
                  # Addresses that rest, and what berth-cni gave last.
                  r"|/run/berth/cni/(lock|swept|(addresses|last|groups)/(?!.*\.new-)[^/]+)")
# Where the things of tasks are, and nothing in themselves.
PLACES = ("/var/lib/berth/tasks", "/var/lib/berth/volumes", "/var/lib/berth/net.lock.d",
          "/run/berth/cni",
          *(f"/run/berth/cni/{name}" for name in ("attachments", "addresses", "last", "groups")))
SYSCTLS = ("net/ipv4/ip_forward", "net/ipv4/conf/all/route_localnet",
           "net/ipv4/conf/all/rp_filter", "net/ipv4/conf/default/forwarding",
           "net/ipv6/conf/all/forwarding")

# 10.255.255.0/24 is where the machine's resolver may be, whom the host asks.
TASK_FLOW = re.compile(r"\bsrc=(10\.(?!255\.255\.)|172\.(1[6-9]|2[0-9]|3[01])\.|192\.168\.)")
FLOW_PART = re.compile(r"\b(?:src|dst|sport|dport)=\S+")
# What packets put there, and what goes some time after their flows.
FILLED_SETS = ("flows_out", "flows_in", "full_out", "full_in")
FILLED = re.compile(r'\n\t\telements = \{ "[^"]+" \. 0x[0-9a-f]{8}[^}]*\}')
DATABASE = "/var/lib/berth/berth.db"
# A task that has ended takes nothing any more.
RECORDS = ("SELECT 'task', id, name, phase FROM tasks WHERE phase != 2",
           "SELECT 'address', subnet, address, attachment FROM addresses WHERE task IS NOT NULL",
           "SELECT 'port', protocol, host_port, task FROM ports")


def ip(*words):
    """What `ip -j` says. It prints nothing at all where there is nothing to say."""
    done = subprocess.run(["ip", "-j", *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout or "[]")


def chosen(thing, *names):
    return " ".join(f"{name}={thing[name]}" for name in names if name in thing)


def mounts():
    """Where something is mounted, and what; peers and ids are the kernel's business."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        yield f"{fields[4]} root={fields[3]} {' '.join(after.split(' ')[:2])}"


def processes():
    """Every process but process 1 and this one, which is started by one from outside."""
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid not in (1, os.getpid()):
            try:
                command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield f"{pid} {state} {b' '.join(command).decode(errors='replace').strip()}"


def namespaces():
    """Those of any process, or held open by one; berthd's say so."""
    inhabited, held = set(), set()
    for directory in pathlib.Path("/proc").glob("[0-9]*"):
        if directory.name == str(os.getpid()):
            continue
        inhabited |= _namespaces_in(directory / "ns")
        whose = " held by berthd" if _program(directory) == "berthd" else ""
        held |= {(namespace, whose) for namespace in _namespaces_in(directory / "fd")}
    yield from inhabited
    for namespace, whose in held:
        if namespace not in inhabited:
            yield namespace + whose


def _namespaces_in(directory):
    found = set()
    for link in _entries(directory):
        try:
            target = os.readlink(link)
        except OSError:
            continue
        if target.partition(":[")[0] in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"):
            found.add(target)
    return found


def _program(directory):
    try:
        return (directory / "comm").read_text().strip()
    except OSError:
        return ""


def _entries(directory):
    try:
        return list(directory.iterdir())
    except OSError:  # it has ended, or is the kernel's
        return []


def cgroups(place):
    """Those below the root, but for the one that holds all tasks and that of the finishers."""
    if not place:
        return
    for directory, _, _ in os.walk(place):
        name = os.path.relpath(directory, place)
        if name not in (".", "berth", "berth/.finishers"):
            yield name


def links():
    for link in ip("-d", "link"):
        kind = link.get("linkinfo", {}).get("info_kind", "")
        yield f"{chosen(link, 'ifname', 'master', 'mtu', 'address')} kind={kind}"


def addresses():
    for link in ip("address"):
        for address in link.get("addr_info", []):
            yield f"{link['ifname']} {address['local']}/{address['prefixlen']}"


def routes():
    for family in ("-4", "-6"):
        for route in ip(family, "route", "show", "table", "all"):
            yield f"{family} {chosen(route, 'type', 'dst', 'gateway', 'dev', 'table')}"
        for rule in ip(family, "rule"):
            yield f"{family} rule {json.dumps(rule, sort_keys=True)}"


def neighbours():
    for entry in ip("neigh", "show", "nud", "permanent") + ip("neigh", "show", "proxy"):
        yield chosen(entry, "dst", "dev", "lladdr", "proxy")
    for link in ip("link"):
        if link.get("link_type") == "ether":
            for entry in fdb(link["ifname"]):
                if "permanent" in entry.get("state", ""):
                    yield f"fdb {chosen(entry, 'mac', 'ifname', 'master')}"


def fdb(device):
    command = ("bridge", "-j", "fdb", "show", "dev", device)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    # A device may go between the list and the question.
    if done.returncode != 0 and "find device" in done.stderr:
        return []
    done.check_returncode()
    return json.loads(done.stdout or "[]")


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout or "[]"


def nftables():
    """Every object, and every element of a set or map on a line of its own."""
    for item in json.loads(_output("nft", "-s", "-j", "list", "ruleset")).get("nftables", []):
        [(kind, thing)] = item.items()
        if kind == "metainfo":
            continue
        elements = thing.pop("elem", [])
        if thing.get("name") in FILLED_SETS:
            continue
        thing.pop("handle", None)
        yield f"{kind} {json.dumps(thing, sort_keys=True)}"
        for element in elements:
            name = f"{thing['family']} {thing['table']} {thing['name']}"
            yield f"element {name} {json.dumps(element, sort_keys=True)}"


def rules(text):
    """What `nft list` wrote, without what packets have put into sets."""
    return FILLED.sub("", text)


def flows():
    """What the kernel tracks of tasks' addresses, which are all private ones."""
    try:
        table = pathlib.Path("/proc/self/net/nf_conntrack").read_text()
    except OSError:  # nothing is tracked here
        return
    for line in table.splitlines():
        if TASK_FLOW.search(line):
            yield " ".join(line.split()[2:3] + FLOW_PART.findall(line))


def records():
    """What the database says is taken."""
    try:
        with contextlib.closing(sqlite3.connect(DATABASE)) as database:
            for query in RECORDS:
                for row in database.execute(query):
                    yield " ".join(map(str, row))
    except sqlite3.Error as error:
        yield f"unreadable: {error}"


def files():
    for top in STATE:
        for directory, names, leaves in os.walk(top):
            names[:] = [name for name in names if not KEPT.fullmatch(f"{directory}/{name}")]
            for name in names + leaves:
                path = f"{directory}/{name}"
                if path not in PLACES and not KEPT.fullmatch(path):
                    yield path


def sysctls():
    for name in SYSCTLS:
        path = pathlib.Path("/proc/sys") / name
        if path.exists():
            yield f"{name} = {path.read_text().strip()}"


def collect(cgroup_place):
    sections = {
        "processes": processes(),
        "mounts": mounts(),
        "namespaces": namespaces(),
        "cgroups": cgroups(cgroup_place),
        "links": links(),
        "addresses": addresses(),
        "routes": routes(),
        "neighbours": neighbours(),
        "nftables": nftables(),
        "sysctls": sysctls(),
        "flows": flows(),
        "records": records() if os.path.exists(DATABASE) else [],
        "files": files(),
    }
    return {name: sorted(set(lines)) for name, lines in sections.items()}


def differences(before, after):
    """What came ("+") and what went ("-"), section by section; empty if nothing did."""
    lines = []
    for section in before:
        came = [f"  + {line}" for line in after[section] if line not in before[section]]
        went = [f"  - {line}" for line in before[section] if line not in after[section]]
        if came or went:
            lines += [f"{section}:", *came, *went]
    return lines


if __name__ == "__main__":
    json.dump(collect(sys.argv[1] if len(sys.argv) > 1 else ""), sys.stdout)
