"""config-linux.md: personality, Intel RDT, memory policy, network devices."""

from harness import host
from harness.cases import MUST, case

PERSONALITY = "config-linux.md#personality"
RDT = "config-linux.md#intelrdt"
POLICY = "config-linux.md#memory-policy"
DEVICES = "config-linux.md#network-devices"
OLD = "new in 1.3; an older runtime takes it for an unknown property"
QUERY = ["berth-test-helper", "syscall", "personality", "0xffffffff"]
PER_LINUX32 = 8


@case(PERSONALITY, MUST, "LINUX32 is the program's execution domain", drop="linux.personality",
      peers="runc has it since 1.2")
def linux32(t):
    t.linux["personality"] = {"domain": "LINUX32"}
    t.process["args"] = QUERY
    t.equal(t.output(), str(PER_LINUX32), "personality")


@case(PERSONALITY, MUST, "LINUX is the program's execution domain")
def linux(t):
    t.linux["personality"] = {"domain": "LINUX"}
    t.process["args"] = QUERY
    t.equal(t.output(), "0", "personality")


@case(PERSONALITY, MUST, "An unknown execution domain is an error", peers="runc has it since 1.2")
def unknown_domain(t):
    t.linux["personality"] = {"domain": "WINDOWS"}
    t.refuses("an unknown execution domain")


@case(RDT, MUST, "intelRdt where no resctrl is mounted is an error",
      needs=[host.absent("/sys/fs/resctrl/tasks", "a mounted resctrl")],
      peers="crun leaves intelRdt out where cgroups are disabled")
def no_resctrl(t):
    t.linux["intelRdt"] = {"closID": "conformance", "l3CacheSchema": "L3:0=1"}
    t.refuses("intelRdt")


@case(RDT, MUST, "A memBwSchema has to begin with MB:",
      peers="crun leaves intelRdt out where cgroups are disabled")
def memory_schema(t):
    t.linux["intelRdt"] = {"memBwSchema": "L3:0=1"}
    t.refuses("a memBwSchema that is none")


NUMA = [host.file("/proc/self/numa_maps", "NUMA policies")]


def add_policy(mode, word, name):
    @case(POLICY, MUST, f"memoryPolicy {mode} is the program's policy", name=name, needs=NUMA,
          drop="linux.memoryPolicy", peers=OLD)
    def policy(t):
        t.linux["memoryPolicy"] = {"mode": mode, "nodes": "0"}
        lines = t.output("cat /proc/self/numa_maps").splitlines()
        words = {line.split()[1].partition(":")[0].partition("=")[0] for line in lines}
        t.true(word in words, "policies in numa_maps", word, words)


add_policy("MPOL_BIND", "bind", "memory_bind")
add_policy("MPOL_INTERLEAVE", "interleave", "memory_interleave")
add_policy("MPOL_PREFERRED", "prefer", "memory_preferred")


@case(POLICY, MUST, "An unknown memory policy is an error", peers=OLD)
def unknown_policy(t):
    t.linux["memoryPolicy"] = {"mode": "MPOL_NONE", "nodes": "0"}
    t.refuses("an unknown memory policy")


VETH = [host.program("ip")]


def interface(t):
    """A new interface of the host's; its peer goes with it."""
    name = f"conf{t.path.name}"
    process = t.process_on_host("ip", "link", "add", name, "type", "veth", "peer", "name", name + "p")
    t.equal(process.wait(), 0, "an interface on the host")
    return name


def links(t):
    return [line.split(":")[1].strip().partition("@")[0] for line in t.output("ip -o link").splitlines()]


@case(DEVICES, MUST, "An interface of netDevices moves into the container", needs=VETH,
      drop="linux.netDevices", peers=OLD)
def net_device(t):
    name = interface(t)
    t.linux["netDevices"] = {name: {}}
    t.true(name in links(t), "interfaces", name, lambda: t.last.out)


@case(DEVICES, MUST, "An interface of netDevices gets the name that it is to have", needs=VETH,
      drop="linux.netDevices", peers=OLD)
def net_device_name(t):
    t.linux["netDevices"] = {interface(t): {"name": "inside0"}}
    t.true("inside0" in links(t), "interfaces", "inside0", lambda: t.last.out)


@case(DEVICES, MUST, "An interface of netDevices keeps its address", needs=VETH, drop="linux.netDevices",
      peers=OLD)
def net_device_address(t):
    name = interface(t)
    t.equal(t.process_on_host("ip", "address", "add", "192.0.2.7/24", "dev", name).wait(), 0, "an address")
    t.linux["netDevices"] = {name: {}}
    t.true("192.0.2.7/24" in t.output("ip -o address"), "addresses", "192.0.2.7/24", lambda: t.last.out)


@case(DEVICES, MUST, "An interface that does not exist is an error", peers=OLD)
def net_device_is_missing(t):
    t.linux["netDevices"] = {"conf-none": {}}
    t.refuses("an interface that does not exist")


@case(DEVICES, MUST, "An interface's new name that Linux would not take is an error", needs=VETH, peers=OLD)
def net_device_bad_name(t):
    t.linux["netDevices"] = {interface(t): {"name": "a-name-much-too-long-for-it"}}
    t.refuses("a name of an interface that is too long")
