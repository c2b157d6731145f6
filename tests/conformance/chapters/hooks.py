"""config.md, Hooks: what each is given, and where it runs."""

import json

from harness.cases import MUST, case
from harness.hooks import KINDS, add_hook, log, anchor, record, life
from harness.runtime import namespace, read

HOOKS = "config.md#posix-platform-hooks"
RUNTIME = {"prestart", "createRuntime", "poststart", "poststop"}
SEEN = {"prestart": {"creating", "created"}, "createRuntime": {"creating", "created"},
        "createContainer": {"creating", "created"}, "startContainer": {"created", "starting"},
        "poststart": {"running"}, "poststop": {"stopped"}}


def add(kind):
    where = "runtime" if kind in RUNTIME else "container"

    @case(anchor(kind), MUST, f"The {kind} hooks are called", name=f"{kind}_is_called", drop=f"hooks.{kind}")
    def is_called(t):
        record(t, kind, "echo called")
        life(t)
        t.equal(log(t, kind), "called\n", f"what the {kind} hook wrote")

    @case(anchor(kind), MUST, f"The {kind} hooks get the container's state on standard input",
          name=f"{kind}_gets_the_state",
          peers="crun 1.8 gives / for the bundle" if kind == "startContainer" else None)
    def gets_the_state(t):
        t.config["annotations"] = {"com.example.key": "value"}
        record(t, kind, 'echo "$state"')
        container = life(t)
        state = json.loads(log(t, kind) or "{}")
        got = {key: state.get(key) for key in ("id", "bundle", "annotations")}
        t.equal(got, {"id": container.id, "bundle": str(t.path), "annotations": {"com.example.key": "value"}},
                "the state that the hook read")

    @case(anchor(kind), MUST, f"The state that {kind} hooks get has a status that fits",
          name=f"{kind}_status",
          peers="runc calls them before the program runs" if kind == "poststart" else None)
    def status(t):
        record(t, kind, 'echo "$state"')
        life(t)
        got = json.loads(log(t, kind) or "{}").get("status")
        t.true(got in SEEN[kind], "the status that the hook read", " or ".join(SEEN[kind]), got)

    @case(anchor(kind), MUST, f"The {kind} hooks are called in the listed order", name=f"{kind}_order",
          drop=f"hooks.{kind}")
    def order(t):
        for word in ("one", "two", "three"):
            record(t, kind, f"echo {word}", name=f"{kind}-{word}")
        life(t)
        t.equal(log(t, kind).split(), ["one", "two", "three"], "what the hooks wrote")

    @case(anchor(kind), MUST, f"The {kind} hooks run in the {where} namespace", name=f"{kind}_namespace")
    def runs_in(t):
        record(t, kind, "readlink /proc/self/ns/uts")
        life(t)
        got = log(t, kind).strip()
        t.true(got.startswith("uts:") and (got == namespace("uts")) == (where == "runtime"),
               "the hook's uts namespace", f"the {where}'s; the runtime's is {namespace('uts')}", got)

    @case(anchor(kind), MUST, f"The {kind} hooks' path is one of the {where if kind == 'startContainer' else 'runtime'}"
          "'s file system", name=f"{kind}_path")
    def path_resolves(t):
        # The same path leads to one program outside and to another inside of the container.
        add_hook(t, kind, path="/tmp/hook" if kind == "startContainer" else str(t.path / "hook"),
                 inside=kind == "startContainer", text="echo right")
        other = t.rootfs / (str(t.path / "hook").lstrip("/") if kind != "startContainer" else "tmp/none")
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("#!/bin/sh\ncat > /dev/null; echo wrong\n")
        other.chmod(0o755)
        life(t)
        t.equal(log(t, kind), "right\n", "what the hook wrote")


for each in KINDS:
    add(each)


@case(HOOKS, MUST, "A hook gets its args", drop="hooks.createRuntime.0.args")
def args(t):
    record(t, "createRuntime", "tr '\\0' ',' < /proc/$$/cmdline", args=["name", "two words", "", "$x"])
    life(t)
    # The kernel puts the script's path in the place of the first argument.
    t.equal(log(t, "createRuntime").split(",", 2)[2:], ["two words,,$x,"], "arguments after the script's path")


@case(HOOKS, MUST, "The first of a hook's args is its name", drop="hooks.createRuntime.0.args")
def first_argument(t):
    record(t, "createRuntime", "true")
    place = str(t.path / "sh.log")
    t.config["hooks"]["createRuntime"] = [
        {"path": "/bin/sh", "args": ["another-name", "-c", f"cat > /dev/null; echo $0 > {place}"]}]
    life(t)
    t.equal(read(place).strip(), "another-name", "the hook's argument zero")


@case(HOOKS, MUST, "A hook's environment is its env and nothing else", drop="hooks.createRuntime.0.env")
def env(t):
    record(t, "createRuntime", "tr '\\0' '\\n' < /proc/$$/environ", env=["PATH=/usr/bin:/bin", "MARK=a b"])
    life(t)
    t.equal(sorted(log(t, "createRuntime").split("\n")), ["", "MARK=a b", "PATH=/usr/bin:/bin"],
            "the hook's environment")


@case(HOOKS, MUST, "A hook's path has to be absolute", peers="runc takes a relative one")
def relative_path(t):
    record(t, "createRuntime", "echo called")
    t.config["hooks"]["createRuntime"][0]["path"] = "createRuntime"
    t.refuses("a hook with a relative path")


@case(HOOKS, MUST, "A hook's path is required")
def without_path(t):
    t.config["hooks"] = {"createRuntime": [{"args": ["x"]}]}
    t.refuses("a hook without path")


@case(HOOKS, MUST, "A hook that runs into its timeout is aborted, which is an error",
      drop="hooks.createRuntime.0.timeout")
def timeout(t):
    record(t, "createRuntime", "sleep 3", timeout=1)
    t.refuses("a hook that takes longer than its timeout")


@case(HOOKS, MUST, "A hook's timeout has to be greater than zero",
      peers="crun takes zero for no timeout")
def timeout_of_zero(t):
    record(t, "createRuntime", "true", timeout=0)
    t.refuses("a timeout of zero")
