"""config.md, User, and what else the process is given."""

import os

from harness import host
from harness.cases import MUST, SHOULD, case
from harness.runtime import read

USER = "config.md#posix-platform-user"
LINUX = "config.md#linux-process"


@case(USER, MUST, "The program runs as process.user.uid", drop="process.user.uid")
def uid(t):
    t.process["user"]["uid"] = 1234
    t.equal(t.output("id -u"), "1234", "uid")


@case(USER, MUST, "The program runs as process.user.gid", drop="process.user.gid")
def gid(t):
    t.process["user"]["gid"] = 4321
    t.equal(t.output("id -g"), "4321", "gid")


@case(USER, MUST, "The real, effective, saved and file system uids are all that one", drop="process.user")
def all_uids(t):
    t.process["user"] = {"uid": 5, "gid": 6}
    lines = t.output("grep -E '^[UG]id' /proc/self/status").splitlines()
    t.equal([line.split()[1:] for line in lines], [["5"] * 4, ["6"] * 4], "Uid and Gid")


@case(USER, MUST, "The program has process.user.additionalGids", drop="process.user.additionalGids")
def additional_gids(t):
    t.process["user"]["additionalGids"] = [7, 77, 777]
    groups = read_groups(t)
    t.true({7, 77, 777} <= groups, "groups", "7, 77 and 777", groups)


@case(USER, MUST, "The program has no other group of the runtime's")
def no_other_groups(t):
    t.process["user"] = {"uid": 1, "gid": 1}
    t.true(read_groups(t, extra_groups=[3, 33]) <= {1}, "groups", "none", lambda: t.last.out)


def read_groups(t, **options):
    return set(map(int, t.output("grep ^Groups /proc/self/status", **options).split()[1:]))


@case(USER, MUST, "process.user.umask is the program's umask", drop="process.user.umask")
def umask(t):
    t.process["user"]["umask"] = 0o027
    t.equal(t.output("umask", umask=0o002), "0027", "umask")


@case(USER, SHOULD, "Without process.user.umask it is the runtime's",
      peers="runc and crun set 0022, as images are used to")
def umask_of_the_runtime(t):
    t.equal(t.output("umask", umask=0o013), "0013", "umask")


@case(LINUX, MUST, "With process.noNewPrivileges no privilege can be gained", drop="process.noNewPrivileges")
def no_new_privileges(t):
    t.process["noNewPrivileges"] = True
    t.equal(t.output("grep ^NoNewPrivs /proc/self/status").split()[1:], ["1"], "NoNewPrivs")


@case(LINUX, MUST, "Without process.noNewPrivileges a set-uid program works")
def new_privileges(t):
    t.equal(t.output("grep ^NoNewPrivs /proc/self/status").split()[1:], ["0"], "NoNewPrivs")


@case(LINUX, MUST, "process.oomScoreAdj is the process's oom_score_adj", drop="process.oomScoreAdj")
def oom_score_adj(t):
    t.process["oomScoreAdj"] = 321
    t.equal(t.output("cat /proc/self/oom_score_adj"), "321", "oom_score_adj")


@case(LINUX, MUST, "Without process.oomScoreAdj the process has the runtime's")
def oom_score_adj_is_kept(t):
    raised = ["sh", "-c", 'echo 77 > /proc/self/oom_score_adj; exec "$@"', "sh"]
    t.equal(t.output("cat /proc/self/oom_score_adj", prefix=raised), "77", "oom_score_adj")


NEWER = "runc 1.1 and crun 1.8 have it not yet"


def stat(t):
    """The fields of /proc/self/stat, numbered as in proc(5)."""
    text = t.output("cat /proc/self/stat")
    return ["", "", "", *text.rpartition(")")[2].split()]




@case(LINUX, MUST, "process.scheduler sets the policy", drop="process.scheduler", peers=NEWER)
def scheduler_policy(t):
    t.process["scheduler"] = {"policy": "SCHED_BATCH"}
    t.equal(stat(t)[41], str(os.SCHED_BATCH), "the scheduling policy")


@case(LINUX, MUST, "process.scheduler sets the nice value", drop="process.scheduler.nice", peers=NEWER)
def scheduler_nice(t):
    t.process["scheduler"] = {"policy": "SCHED_OTHER", "nice": 7}
    t.equal(stat(t)[19], "7", "the nice value")


@case(LINUX, MUST, "process.scheduler sets a real-time priority", drop="process.scheduler",
      needs=[host.sys_nice], peers=NEWER)
def scheduler_priority(t):
    t.process["scheduler"] = {"policy": "SCHED_FIFO", "priority": 3}
    got = stat(t)
    t.equal([got[41], got[40]], [str(os.SCHED_FIFO), "3"], "policy and priority")


@case(LINUX, MUST, "An unknown scheduling policy is an error", peers=NEWER)
def unknown_policy(t):
    t.process["scheduler"] = {"policy": "SCHED_NONE"}
    t.refuses("an unknown policy")


@case(LINUX, MUST, "process.ioPriority sets class and priority", drop="process.ioPriority",
      peers=NEWER)
def io_priority(t):
    t.process["ioPriority"] = {"class": "IOPRIO_CLASS_BE", "priority": 6}
    t.process["args"] = ["berth-test-helper", "syscall", "ioprio_get", "1", "0"]
    t.equal(t.output(), str(2 << 13 | 6), "ioprio_get")


@case(LINUX, MUST, "An unknown class of I/O priorities is an error", peers=NEWER)
def unknown_io_class(t):
    t.process["ioPriority"] = {"class": "IOPRIO_CLASS_X", "priority": 1}
    t.refuses("an unknown class")


@case(LINUX, MUST, "process.execCPUAffinity does not reach the container's first process")
def exec_affinity(t):
    wanted = read("/proc/self/status").partition("Cpus_allowed_list:")[2].split()[0]
    t.process["execCPUAffinity"] = {"initial": "0", "final": "0"}
    t.equal(t.output("grep ^Cpus_allowed_list /proc/self/status").split()[1], wanted, "Cpus_allowed_list")


@case(LINUX, MUST, "process.apparmorProfile is the process's profile", needs=[host.lsm("apparmor")],
      drop="process.apparmorProfile")
def apparmor(t):
    t.process["apparmorProfile"] = "unconfined"
    t.equal(t.output("cat /proc/self/attr/current").split()[0], "unconfined", "attr/current")


@case(LINUX, MUST, "process.selinuxLabel is the process's label", needs=[host.lsm("selinux")],
      drop="process.selinuxLabel")
def selinux(t):
    t.process["selinuxLabel"] = "system_u:system_r:container_t:s0:c1,c2"
    t.equal(t.output("cat /proc/self/attr/current"), t.process["selinuxLabel"], "attr/current")
