"""config-linux.md, Seccomp: filters, by what they do to single system calls."""

import platform

from harness import host
from harness.cases import MUST, case

SECCOMP = "config-linux.md#seccomp"
ARCH = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64", "riscv64": "SCMP_ARCH_RISCV64",
        "s390x": "SCMP_ARCH_S390X", "ppc64le": "SCMP_ARCH_PPC64LE"}.get(platform.machine())
ERRNO, ALLOW = "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"
EPROTO = 71
CALL = "ioprio_get"  # no runtime has use for it between the filter and the program
# Enough for the helper program, and for what a runtime may have still to do when the filter is there.
USUAL = """access arch_prctl brk capget capset chdir clock_gettime close close_range dup dup2 dup3 epoll_create1
    epoll_ctl epoll_pwait epoll_wait eventfd2 execve execveat exit exit_group faccessat faccessat2 fchdir
    fchown fcntl fstat fstatfs futex getcwd getdents64 getegid geteuid getgid getpid getppid getrandom
    getsockopt gettid getuid ioctl lseek madvise mmap mprotect mremap munmap nanosleep newfstatat open
    openat openat2 pipe2 poll ppoll prctl pread64 prlimit64 read readlink readlinkat recvmsg
    restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield sendmsg
    sendto set_robust_list set_tid_address setgid setgroups setresgid setresuid setsid setuid
    sigaltstack stat statfs statx tgkill tkill uname unlink wait4 write writev""".split()


def answer(t, name=None, *numbers):
    """What that call comes to in the container: a number, an error's name, or SIGSYS."""
    words = (name, *numbers) if name else (CALL, 1, 0)
    t.process["args"] = ["berth-test-helper", "syscall", *map(str, words)]
    result = t.run()
    return result.out.strip() if result.code == 0 else f"exit {result.code}"


def rule(action, *args, names=(CALL,), **more):
    return {"names": list(names), "action": action, **({"args": list(args)} if args else {}), **more}


def filtered(t, *rules, default=ALLOW, **more):
    t.linux["seccomp"] = {"defaultAction": default, "syscalls": list(rules), **more}


@case(SECCOMP, MUST, "With seccomp the program is under a filter", drop="linux.seccomp")
def mode(t):
    filtered(t, rule(ERRNO))
    t.equal(t.output("grep '^Seccomp:' /proc/self/status").split()[1], "2", "Seccomp in /proc/self/status")


@case(SECCOMP, MUST, "A rule concerns its calls and no others")
def other_calls(t):
    filtered(t, rule(ERRNO))
    t.equal(answer(t, "lseek", 99, 0, 0), "EBADF", "lseek")


@case(SECCOMP, MUST, "Calls without a rule get defaultAction", drop="linux.seccomp")
def default_action(t):
    filtered(t, rule(ALLOW, names=USUAL), default=ERRNO)
    t.equal(answer(t, "getpriority", 0, 0), "EPERM", "getpriority")


@case(SECCOMP, MUST, "defaultErrnoRet is the error of defaultAction", drop="linux.seccomp.defaultErrnoRet")
def default_errno(t):
    filtered(t, rule(ALLOW, names=USUAL), default=ERRNO, defaultErrnoRet=EPROTO)
    t.equal(answer(t, "getpriority", 0, 0), "EPROTO", "getpriority")


@case(SECCOMP, MUST, "SCMP_ACT_ERRNO answers EPERM", drop="linux.seccomp")
def errno(t):
    filtered(t, rule(ERRNO))
    t.equal(answer(t), "EPERM", CALL)


@case(SECCOMP, MUST, "errnoRet is the error that SCMP_ACT_ERRNO answers", drop="linux.seccomp.syscalls.0.errnoRet")
def errno_ret(t):
    filtered(t, rule(ERRNO, errnoRet=EPROTO))
    t.equal(answer(t), "EPROTO", CALL)


@case(SECCOMP, MUST, "A rule has effect for each of its names", drop="linux.seccomp.syscalls.0.names.-1")
def several_names(t):
    filtered(t, rule(ERRNO, names=["keyctl", CALL]))
    t.equal(answer(t), "EPERM", CALL)


@case(SECCOMP, MUST, "Each rule of several has its effect", drop="linux.seccomp.syscalls.-1")
def several_rules(t):
    filtered(t, rule(ERRNO, names=["keyctl"]), rule(ERRNO, errnoRet=EPROTO))
    t.equal(answer(t), "EPROTO", CALL)


@case(SECCOMP, MUST, "A name that no kernel has is left out", drop="linux.seccomp.syscalls.0.names.-1")
def unknown_name(t):
    filtered(t, rule(ERRNO, names=["no_such_call", CALL]))
    t.equal(answer(t), "EPERM", CALL)


for action in ("SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS"):
    def add(action):
        @case(SECCOMP, MUST, f"{action} kills the caller, who can't catch it", name=action[9:].lower(),
              drop="linux.seccomp")
        def kill(t):
            filtered(t, rule(action))
            got = answer(t)
            t.true(got.startswith("exit"), "the caller", "killed", got)
    add(action)


@case(SECCOMP, MUST, "SCMP_ACT_TRAP sends SIGSYS, which can be caught", drop="linux.seccomp",
      needs=[host.seccomp_action("trap")])
def trap(t):
    filtered(t, rule("SCMP_ACT_TRAP"))
    t.equal(answer(t), "SIGSYS", CALL)


@case(SECCOMP, MUST, "SCMP_ACT_LOG lets the call pass", needs=[host.seccomp_action("log")])
def log(t):
    filtered(t, rule("SCMP_ACT_LOG"))
    t.true(answer(t).isdigit(), CALL, "a number", lambda: t.last.out)


@case(SECCOMP, MUST, "SCMP_ACT_TRACE answers ENOSYS where nobody traces", drop="linux.seccomp",
      needs=[host.seccomp_action("trace")])
def trace(t):
    filtered(t, rule("SCMP_ACT_TRACE"))
    t.equal(answer(t), "ENOSYS", CALL)


@case(SECCOMP, MUST, "SCMP_ACT_ALLOW lets the call pass where defaultAction does not",
      drop="linux.seccomp.syscalls.-1")
def allow(t):
    filtered(t, rule(ALLOW, names=USUAL), rule(ALLOW), default=ERRNO)
    t.true(answer(t).isdigit(), CALL, "a number", lambda: t.last.out)


# lseek(99, OFFSET, 0) answers EBADF by itself; offsets for which the rule has, and has not, to match.
LARGE = 1 << 40
OPERATORS = {
    "SCMP_CMP_EQ": (dict(value=50), (50,), (49, 51, 50 + LARGE)),
    "SCMP_CMP_NE": (dict(value=50), (49, 51, 50 + LARGE), (50,)),
    "SCMP_CMP_LT": (dict(value=50), (0, 49), (50, 51, LARGE)),
    "SCMP_CMP_LE": (dict(value=50), (0, 50), (51, LARGE)),
    "SCMP_CMP_GE": (dict(value=50), (50, LARGE), (0, 49)),
    "SCMP_CMP_GT": (dict(value=50), (51, LARGE), (0, 50)),
    "SCMP_CMP_MASKED_EQ": (dict(value=0xF0, valueTwo=0x50), (0x50, 0x15F), (0x40, 0xF0)),
}


def add_operator(op, numbers, matching, others):
    @case(SECCOMP, MUST, f"{op} compares an argument, all 64 bits of it", name=op[5:].lower(),
          drop="linux.seccomp")
    def operator(t):
        filtered(t, rule(ERRNO, {"index": 1, "op": op, **numbers}, names=["lseek"], errnoRet=EPROTO))
        for offset in matching:
            t.equal(answer(t, "lseek", 99, offset, 0), "EPROTO", f"lseek to {offset}")
        for offset in others:
            t.equal(answer(t, "lseek", 99, offset, 0), "EBADF", f"lseek to {offset}")


for each, (values, hits, misses) in OPERATORS.items():
    add_operator(each, values, hits, misses)


@case(SECCOMP, MUST, "index says which argument is compared", drop="linux.seccomp.syscalls.0.args")
def index(t):
    filtered(t, rule(ERRNO, {"index": 0, "op": "SCMP_CMP_EQ", "value": 99}, names=["lseek"], errnoRet=EPROTO))
    t.equal(answer(t, "lseek", 99, 5, 0), "EPROTO", "lseek of 99")
    t.equal(answer(t, "lseek", 98, 99, 0), "EBADF", "lseek of 98 to 99")


@case(SECCOMP, MUST, "All args of one rule have to match", drop="linux.seccomp.syscalls.0.args.-1")
def several_args(t):
    args = [{"index": 0, "op": "SCMP_CMP_EQ", "value": 99}, {"index": 1, "op": "SCMP_CMP_EQ", "value": 7}]
    filtered(t, rule(ERRNO, *args, names=["lseek"], errnoRet=EPROTO))
    t.equal(answer(t, "lseek", 99, 7, 0), "EPROTO", "lseek of 99 to 7")
    t.equal(answer(t, "lseek", 99, 8, 0), "EBADF", "lseek of 99 to 8")


@case(SECCOMP, MUST, "architectures may name the host's own",
      needs=[lambda: None if ARCH else "this machine is of none of the architectures that the test knows"])
def architecture(t):
    filtered(t, rule(ERRNO), architectures=[ARCH])
    t.equal(answer(t), "EPERM", CALL)


@case(SECCOMP, MUST, "architectures may name others beside it",
      needs=[lambda: None if ARCH == "SCMP_ARCH_X86_64" else "the test is of x86-64"])
def other_architectures(t):
    filtered(t, rule(ERRNO), architectures=["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"])
    t.equal(answer(t), "EPERM", CALL)


for flag in ("TSYNC", "LOG", "SPEC_ALLOW"):
    def add_flag(flag):
        peers = "runc has flags since 1.2"

        @case(SECCOMP, MUST, f"SECCOMP_FILTER_FLAG_{flag} is known", name=f"flag_{flag.lower()}", peers=peers)
        def known(t):
            filtered(t, rule(ERRNO), flags=[f"SECCOMP_FILTER_FLAG_{flag}"])
            t.equal(answer(t), "EPERM", CALL)
    add_flag(flag)


SILENT = "runc 1.1 leaves the error out"


def add_bad(name, sentence, change, peers=None):
    @case(SECCOMP, MUST, f"{sentence} is an error", name=name, peers=peers)
    def bad(t):
        filtered(t, rule(ERRNO))
        change(t.linux["seccomp"])
        t.refuses(sentence)


add_bad("unknown_action", "An unknown action", lambda s: s["syscalls"][0].update(action="SCMP_ACT_NONE"))
add_bad("unknown_default", "An unknown defaultAction", lambda s: s.update(defaultAction="SCMP_ACT_NONE"))
add_bad("no_default", "A filter without defaultAction", lambda s: s.pop("defaultAction"))
add_bad("unknown_operator", "An unknown operator", lambda s: s["syscalls"][0].update(
    args=[{"index": 0, "op": "SCMP_CMP_NONE", "value": 1}]))
add_bad("unknown_architecture", "An unknown architecture", lambda s: s.update(architectures=["SCMP_ARCH_NONE"]))
add_bad("unknown_flag", "An unknown flag", lambda s: s.update(flags=["SECCOMP_FILTER_FLAG_NONE"]))
add_bad("no_names", "A rule without names", lambda s: s["syscalls"][0].update(names=[]),
        peers="runc and crun take it for a rule about nothing")
add_bad("index_too_high", "An argument past the sixth", lambda s: s["syscalls"][0].update(
    args=[{"index": 6, "op": "SCMP_CMP_EQ", "value": 1}]))
add_bad("errno_of_kill", "errnoRet with an action that has no error",
        lambda s: s["syscalls"][0].update(action="SCMP_ACT_KILL", errnoRet=1), peers=SILENT)
add_bad("default_errno_of_allow", "defaultErrnoRet with an action that has no error",
        lambda s: s.update(defaultErrnoRet=1), peers=SILENT)
