"""features.md and features-linux.md: what a runtime says of itself has to hold."""

import re
import sys

from harness.bundle import mount
from harness.cases import MUST, SHOULD, case
from harness.hooks import life, log, record
from harness.trial import Skip

VERSION = "features.md#specification-version"
HOOKS = "features.md#hooks"
OPTIONS = "features.md#mount-options"
ANNOTATIONS = "features.md#annotations"
NAMESPACES = "features-linux.md#namespaces"
CAPABILITIES = "features-linux.md#capabilities"
SECCOMP = "features-linux.md#seccomp"
NONE = "the runtime provides no features document, which it may do"


def document(t):
    """The features document; a runtime may have none."""
    found = t.runtime.features(t.path / "features")
    if found is None:
        raise Skip(NONE)
    return found


def part(t, *way):
    """A property of it; it may be absent, or null."""
    at = document(t)
    for name in way:
        at = (at or {}).get(name)
    if at is None:
        raise Skip(f"the runtime's features document has no {'.'.join(way)}, which it may leave out")
    return at


def number(version):
    return tuple(map(int, re.match(r"(\d+)\.(\d+)\.(\d+)", version).groups()))


def add_version(name):
    @case(VERSION, MUST, f"{name} is a version, and a configuration of that version is accepted", name=name)
    def accepted(t):
        version = document(t).get(name)
        t.true(re.match(r"\d+\.\d+\.\d+", str(version)), name, "a version", version)
        t.config["ociVersion"] = version
        t.equal(t.output("echo ran"), "ran", f"output with ociVersion {version}")


add_version("ociVersionMin")
add_version("ociVersionMax")


@case(VERSION, MUST, "ociVersionMax is not less than ociVersionMin")
def version_order(t):
    features = document(t)
    t.true(number(features["ociVersionMin"]) <= number(features["ociVersionMax"]), "ociVersionMin and -Max",
           "in order", (features["ociVersionMin"], features["ociVersionMax"]))


@case(HOOKS, MUST, "Every kind of hook in hooks is called")
def hooks(t):
    kinds = part(t, "hooks")
    for kind in kinds:
        record(t, kind, "echo called")
    life(t)
    t.equal([kind for kind in kinds if "called" not in log(t, kind)], [], "hooks that were not called")


@case(OPTIONS, MUST, "Every option in mountOptions is known: a file system that knows none never sees it",
      peers="runc 1.1 hands defaults to the file system")
def mount_options(t):
    options = part(t, "mountOptions")
    # These need more than an option: a source, a mount that is there, a mapping, a context.
    apart = {"bind", "rbind", "remount", "idmap", "ridmap", "tmpcopyup", "copy-symlink", "src-nofollow",
             "dest-nofollow", "acl", "noacl", "mand", "nomand"}
    recursive = re.compile("r(?:no|dev|exec|suid|atime|diratime|relatime|strictatime|symfollow|ro|rw)")
    for index, option in enumerate(o for o in options if o not in apart):
        if recursive.fullmatch(option) or option.startswith("rno") or option in ("rro", "rrw"):
            volume = t.path / "volume"
            volume.mkdir(exist_ok=True)
            t.mount(mount(f"/mnt/{index}", "none", "rbind", option, source=str(volume)))
        else:
            t.mount(mount(f"/mnt/{index}", "mqueue", option))
    t.equal(t.output("echo ran"), "ran", "output with all those options")


@case(OPTIONS, SHOULD, "mountOptions has none of a file system's own")
def no_data_options(t):
    own = {"size", "mode", "uid", "gid", "nr_inodes", "lowerdir", "upperdir", "workdir", "newinstance", "ptmxmode"}
    t.equal(sorted(own & set(part(t, "mountOptions"))), [], "options of file systems")


@case(OPTIONS, MUST, "mountOptions has what every runtime has to know")
def required_options(t):
    required = set("async atime bind defaults dev diratime dirsync exec noatime nodev nodiratime noexec "
                   "norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared "
                   "rslave runbindable rw shared slave strictatime suid sync unbindable".split())
    t.equal(sorted(required - set(part(t, "mountOptions"))), [], "required options that are not named")


@case(ANNOTATIONS, MUST, "annotations is a map of strings")
def annotations(t):
    found = part(t, "annotations")
    t.true(all(isinstance(v, str) for pair in found.items() for v in pair), "annotations", "strings", found)


@case(NAMESPACES, MUST, "Every type in linux.namespaces is known")
def namespaces(t):
    for kind in part(t, "linux", "namespaces"):
        if kind not in [n["type"] for n in t.linux["namespaces"]] and kind not in ("user", "time"):
            t.linux["namespaces"].append({"type": kind})
    t.equal(t.output("echo ran"), "ran", "output")


@case(CAPABILITIES, MUST, "Every name in linux.capabilities is known")
def capabilities(t):
    names = part(t, "linux", "capabilities")
    t.process["capabilities"] = {"bounding": names}
    result = t.succeeds(t.run(), "a container with all of them in its bounding set")
    t.true("unknown" not in result.err.lower(), "what the runtime says of them", "nothing", result.err)


def add_seccomp(key, what, build):
    @case(SECCOMP, MUST, f"Every one of linux.seccomp.{key} is known as {what}", name=f"seccomp_{key}")
    def known(t):
        values = part(t, "linux", "seccomp", key)
        if t.runtime.features(t.path / "features")["linux"]["seccomp"].get("enabled") is False:
            raise Skip("the runtime is built without seccomp")
        t.linux["seccomp"] = build([v for v in values if v != "SCMP_ACT_NOTIFY"])
        t.equal(t.output("echo ran"), "ran", f"output with {key}")


def rules(entries):
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": entries}


# Calls that no program makes here, each with a rule of its own.
RARE = ["acct", "swapon", "swapoff", "quotactl", "delete_module", "init_module", "kexec_load", "reboot", "nfsservctl",
        "settimeofday"]
# One filter can have architectures of one byte order alone.
ENDIAN = {order: {f"SCMP_ARCH_{name}" for name in names.split()} for order, names in {
    "little": "X86 X86_64 X32 ARM AARCH64 MIPSEL MIPSEL64 MIPSEL64N32 PPC64LE RISCV64",
    "big": "MIPS MIPS64 MIPS64N32 PPC PPC64 S390 S390X PARISC PARISC64"}.items()}
add_seccomp("actions", "an action", lambda values: rules(
    [{"names": [RARE[i]], "action": value} for i, value in enumerate(values)]))
add_seccomp("operators", "an operator", lambda values: rules(
    [{"names": [RARE[i]], "action": "SCMP_ACT_ERRNO",
      "args": [{"index": 0, "op": value, "value": 1, "valueTwo": 1}]} for i, value in enumerate(values)]))
add_seccomp("archs", "an architecture", lambda values: rules(
    [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]) | {"architectures": [
        v for v in values if v in ENDIAN.get(sys.byteorder)]})
add_seccomp("supportedFlags", "a flag", lambda values: rules(
    [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]) | {"flags": [
        v for v in values if v != "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]})
