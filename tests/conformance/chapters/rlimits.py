"""config.md, POSIX process: rlimits."""

import resource

from harness import host
from harness.cases import MUST, case

RLIMITS = "config.md#posix-process"
# In the order of /proc/PID/limits: its first word or words, and the resource's number.
LIMITS = {
    "RLIMIT_CPU": ("Max cpu time", 0), "RLIMIT_FSIZE": ("Max file size", 1),
    "RLIMIT_DATA": ("Max data size", 2), "RLIMIT_STACK": ("Max stack size", 3),
    "RLIMIT_CORE": ("Max core file size", 4), "RLIMIT_RSS": ("Max resident set", 5),
    "RLIMIT_NPROC": ("Max processes", 6), "RLIMIT_NOFILE": ("Max open files", 7),
    "RLIMIT_MEMLOCK": ("Max locked memory", 8), "RLIMIT_AS": ("Max address space", 9),
    "RLIMIT_LOCKS": ("Max file locks", 10), "RLIMIT_SIGPENDING": ("Max pending signals", 11),
    "RLIMIT_MSGQUEUE": ("Max msgqueue size", 12), "RLIMIT_NICE": ("Max nice priority", 13),
    "RLIMIT_RTPRIO": ("Max realtime priority", 14), "RLIMIT_RTTIME": ("Max realtime timeout", 15),
}


def limits(t):
    """{title: [soft, hard]} of the program, from inside."""
    lines = t.output("cat /proc/self/limits").splitlines()
    return {line[:26].strip(): line[26:].split()[:2] for line in lines}


# Priorities have few values: 1 to 40, and 1 to 99.
PRIORITIES = (resource.RLIMIT_NICE, resource.RLIMIT_RTPRIO)
SMALL = 18


def wanted(number, hard):
    """A soft and a hard limit other than the hard one here, and large enough to run under."""
    if hard == resource.RLIM_INFINITY:
        most = 1 << 30
    else:
        most = hard - 1 if hard > host.LOWEST_RLIMIT else SMALL  # raised: see rlimit_can_be_set
    if number in PRIORITIES:
        most = min(most, SMALL)
    return most // 2, most


def add(name, title, number):
    @case(RLIMITS, MUST, f"{name}'s soft and hard limit are those of process.rlimits", name=name.lower(),
          needs=[host.rlimit_can_be_set(number)], drop="process.rlimits")
    def test(t):
        soft, hard = wanted(number, resource.getrlimit(number)[1])
        t.process["rlimits"] = [{"type": name, "soft": soft, "hard": hard}]
        t.equal(limits(t).get(title), [str(soft), str(hard)], f"{name}, soft and hard")


for each, (words, index) in LIMITS.items():
    add(each, words, index)


@case(RLIMITS, MUST, "Several limits are set at once", drop="process.rlimits.-1")
def several(t):
    t.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 101},
                            {"type": "RLIMIT_CORE", "soft": 102, "hard": 103}]
    got = limits(t)
    t.equal([got["Max open files"], got["Max core file size"]], [["100", "101"], ["102", "103"]], "limits")


@case(RLIMITS, MUST, "A limit that is not in process.rlimits stays the runtime's")
def others_are_kept(t):
    t.process["rlimits"] = [{"type": "RLIMIT_CORE", "soft": 1, "hard": 2}]
    soft, hard = resource.getrlimit(resource.RLIMIT_SIGPENDING)
    t.equal(limits(t)["Max pending signals"], [str(soft), str(hard)], "RLIMIT_SIGPENDING")


@case(RLIMITS, MUST, "A hard limit can be raised by a runtime that has the privilege",
      needs=[host.sys_resource], drop="process.rlimits")
def raised(t):
    lowered = ["sh", "-c", 'ulimit -Hn 512; exec "$@"', "sh"]
    t.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 1000, "hard": 1001}]
    t.script("cat /proc/self/limits")
    line = next(l for l in t.output(prefix=lowered).splitlines() if l.startswith("Max open"))
    t.equal(line[26:].split()[:2], ["1000", "1001"], "RLIMIT_NOFILE")


@case(RLIMITS, MUST, "A limit of a kind that the kernel has not is an error")
def unknown(t):
    t.process["rlimits"] = [{"type": "RLIMIT_NONE", "soft": 1, "hard": 1}]
    t.refuses("RLIMIT_NONE")


@case(RLIMITS, MUST, "The same kind twice is an error", peers="runc and crun set one after the other")
def duplicate(t):
    entry = {"type": "RLIMIT_NOFILE", "soft": 100, "hard": 100}
    t.process["rlimits"] = [entry, dict(entry, soft=99)]
    t.refuses("RLIMIT_NOFILE twice")


@case(RLIMITS, MUST, "A soft limit above the hard one can't be set, which is an error")
def soft_above_hard(t):
    t.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 200, "hard": 100}]
    t.refuses("a soft limit above the hard one")
