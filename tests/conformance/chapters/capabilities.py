"""config.md, Linux process: capabilities."""

from harness.cases import MUST, SHOULD, case

CAPABILITIES = "config.md#linux-process"
KILL, MKNOD, CHOWN, NET_RAW = "CAP_KILL", "CAP_MKNOD", "CAP_CHOWN", "CAP_NET_RAW"
BITS = {CHOWN: 0, KILL: 5, NET_RAW: 13, MKNOD: 27}


def bits(*names):
    return sum(1 << BITS[name] for name in names)


def sets(t):
    """The process's sets as numbers: CapInh, CapPrm, CapEff, CapBnd, CapAmb."""
    lines = t.output("grep ^Cap /proc/self/status").splitlines()
    return {line.split(":")[0]: int(line.split()[1], 16) for line in lines}


@case(CAPABILITIES, MUST, "The bounding set is that of the configuration",
      drop="process.capabilities.bounding.-1")
def bounding(t):
    t.process["capabilities"] = {"bounding": [CHOWN, KILL]}
    t.equal(sets(t)["CapBnd"], bits(CHOWN, KILL), "CapBnd")


@case(CAPABILITIES, MUST, "The effective set is that of the configuration",
      drop="process.capabilities")
def effective(t):
    t.process["capabilities"] = {name: [KILL, MKNOD] for name in ("bounding", "permitted", "effective")}
    t.equal(sets(t)["CapEff"], bits(KILL, MKNOD), "CapEff")


@case(CAPABILITIES, MUST, "The permitted set is that of the configuration",
      drop="process.capabilities.permitted")
def permitted(t):
    # Another user: root's permitted set is made of the bounding and the inheritable set at execve.
    t.process["user"] = {"uid": 1, "gid": 1}
    t.process["capabilities"] = {name: [KILL, CHOWN]
                                 for name in ("bounding", "permitted", "inheritable", "ambient")}
    t.equal(sets(t)["CapPrm"], bits(KILL, CHOWN), "CapPrm")


@case(CAPABILITIES, MUST, "The inheritable set is that of the configuration",
      drop="process.capabilities.inheritable")
def inheritable(t):
    t.process["capabilities"] = {name: [KILL, CHOWN] for name in ("bounding", "permitted", "effective")}
    t.process["capabilities"]["inheritable"] = [KILL]
    t.equal(sets(t)["CapInh"], bits(KILL), "CapInh")


@case(CAPABILITIES, MUST, "The inheritable set is empty unless the configuration has one")
def inheritable_is_empty(t):
    t.equal(sets(t)["CapInh"], 0, "CapInh")


@case(CAPABILITIES, MUST, "The ambient set is that of the configuration",
      drop="process.capabilities.ambient")
def ambient(t):
    t.process["user"] = {"uid": 1, "gid": 1}
    t.process["capabilities"] = {name: [KILL] for name in ("bounding", "permitted", "inheritable", "ambient")}
    got = sets(t)
    t.equal([got["CapAmb"], got["CapEff"]], [bits(KILL)] * 2, "CapAmb and CapEff of uid 1")


@case(CAPABILITIES, MUST, "Empty sets leave root without any capability")
def none(t):
    t.process["capabilities"] = {name: [] for name in ("bounding", "permitted", "effective",
                                                       "inheritable", "ambient")}
    t.equal(set(sets(t).values()), {0}, "all sets")


@case(CAPABILITIES, MUST, "What is not in the effective set can't be done")
def is_enforced(t):
    t.process["capabilities"] = {name: [KILL] for name in ("bounding", "permitted", "effective")}
    t.equal(t.output("chown 1 /etc/group 2>/dev/null && echo done || echo refused"), "refused", "chown")


@case(CAPABILITIES, MUST, "What is in the sets can be done", drop="process.capabilities")
def is_granted(t):
    t.process["capabilities"] = {name: [CHOWN] for name in ("bounding", "permitted", "effective")}
    t.script("touch /tmp/f; chown 1 /tmp/f && stat -c %u /tmp/f")
    t.equal(t.output(), "1", "owner after chown")
    granted = sets(t)
    t.equal(granted["CapEff"], bits(CHOWN), "CapEff")


@case(CAPABILITIES, SHOULD, "A capability that can't be granted does not make the container fail")
def unknown_name(t):
    t.process["capabilities"]["bounding"].append("CAP_NO_SUCH_THING")
    t.equal(t.output("echo ran"), "ran", "output")
