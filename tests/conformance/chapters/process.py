"""config.md, Process: what is executed, and with what."""

from harness.cases import MUST, SHOULD, case
from harness.terminal import Terminal

PROCESS = "config.md#process"


@case(PROCESS, MUST, "The program runs in process.cwd", drop="process.cwd")
def cwd(t):
    t.process["cwd"] = "/var"
    t.equal(t.output("pwd -P"), "/var", "working directory")


@case(PROCESS, MUST, "process.cwd is required")
def cwd_is_required(t):
    del t.process["cwd"]
    t.refuses("a process without cwd")


@case(PROCESS, MUST, "process.cwd has to be absolute", peers="crun takes it from /")
def cwd_is_relative(t):
    t.process["cwd"] = "var"
    t.refuses("a relative cwd")


@case(PROCESS, MUST, "The environment is process.env and nothing of the runtime's", drop="process.env.-1")
def env(t):
    t.process["env"] = ["PATH=/bin", "HOME=/var", "EMPTY=", "WORDS=a b=c", "MARK=set"]
    got = t.output("exec env", env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LEAK": "1"}).splitlines()
    inherited = {"PWD", "SHLVL", "OLDPWD", "_"}  # of the shell that executes env
    got = sorted(line for line in got if line.partition("=")[0] not in inherited)
    t.equal(got, sorted(t.process["env"]), "the environment")


@case(PROCESS, MUST, "The program gets process.args word for word", drop="process.args.-1")
def args(t):
    t.process["args"] = ["berth-test-helper", "show", "", "two words", "$HOME", "'\"\\", "ü"]
    t.true('"args":["","two words","$HOME","\'\\"\\\\","ü"]' in t.output().replace("\\u00fc", "ü"),
           "the program's arguments", t.process["args"][2:], lambda: t.last.out)


@case(PROCESS, MUST, "A program without a slash in its name is looked for in PATH", drop="process.env")
def path_is_searched(t):
    (t.rootfs / "var/tools").mkdir()
    tool = t.rootfs / "var/tools/tool"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)
    t.process.update(env=["PATH=/none:/var/tools"], args=["tool"])
    t.equal(t.output(), "found", "output")


@case(PROCESS, MUST, "A program may be given by its absolute path")
def absolute_program(t):
    t.process.update(env=[], args=["/bin/busybox", "echo", "found"])
    t.equal(t.output(), "found", "output")


@case(PROCESS, MUST, "The program is that of the container's root, not one of the host")
def program_of_the_root(t):
    (t.rootfs / "bin/id").unlink()
    (t.rootfs / "bin/id").write_text("#!/bin/sh\necho ours\n")
    (t.rootfs / "bin/id").chmod(0o755)
    t.process["args"] = ["id"]
    t.equal(t.output(), "ours", "output of an id that is of the container's root")


@case(PROCESS, MUST, "process.args has at least one entry")
def args_are_empty(t):
    t.process["args"] = []
    t.fails(t.run(), "empty args")


@case(PROCESS, MUST, "process.args is required")
def args_are_required(t):
    del t.process["args"]
    t.fails(t.run(), "a process without args")


@case(PROCESS, MUST, "Without process.terminal the program has no terminal")
def no_terminal(t):
    t.equal(t.output("test -t 0 || test -t 1 || test -t 2 || echo none"), "none", "terminals on 0, 1 and 2")


@case(PROCESS, MUST, "With process.terminal a terminal is on descriptors 0, 1 and 2", drop="process.terminal")
def terminal(t):
    with Terminal(t) as terminal:
        terminal.start("test -t 0 && test -t 1 && test -t 2 && echo all of 'th''em'")
        t.true(terminal.reads("all of them"), "what is read from the terminal", "all of them", terminal.text)


@case(PROCESS, MUST, "The terminal controls the program's session", drop="process.terminal")
def controlling_terminal(t):
    with Terminal(t) as terminal:
        terminal.start("echo wo''rks > /dev/tty")
        t.true(terminal.reads("works"), "what is read from the terminal", "works", terminal.text)


@case(PROCESS, MUST, "process.consoleSize is the terminal's size", drop="process.consoleSize")
def console_size(t):
    t.process["consoleSize"] = {"height": 12, "width": 34}
    with Terminal(t) as terminal:
        terminal.start("stty size")
        t.true(terminal.reads("12 34"), "the terminal's size", "12 34", terminal.text)


@case(PROCESS, MUST, "process.consoleSize is ignored without process.terminal")
def console_size_is_ignored(t):
    t.process["consoleSize"] = {"height": 12, "width": 34}
    t.equal(t.output("echo ran"), "ran", "output")


@case("runtime-linux.md#file-descriptors", MUST,
      "Of descriptors that the runtime was started with, the program gets 0, 1 and 2 alone")
def descriptors(t):
    with open("/dev/zero", "rb") as one, open("/dev/zero", "rb") as other:
        fds = (one.fileno(), other.fileno())
        t.equal(t.output("exec berth-test-helper check-fds", pass_fds=fds), "", "open descriptors")


@case("runtime-linux.md#file-descriptors", SHOULD, "Descriptors 0, 1 and 2 are open")
def standard_descriptors(t):
    script = "for n in 0 1 2; do readlink /proc/self/fd/$n >/dev/null && echo $n; done"
    t.equal(t.output(script).split(), ["0", "1", "2"], "open descriptors")
