"""berth-runtime from outside: each command, and what callers of runc and crun expect of it."""

import json
import os
import pathlib
import pty
import re
import subprocess

SLEEP = ("sleep", "1000")


def test_a_container_lives_from_create_to_delete(runtime, bundle):
    directory = bundle("sh", "-c", "echo started; exit 3").write()
    pid_file = runtime.directory / "pid"
    output = runtime.detached("create", "--bundle", directory, "--pid-file", pid_file, "c1")
    state = runtime.state("c1")
    assert state["status"] == "created" and state["bundle"] == str(directory)
    assert state["pid"] == int(pid_file.read_text())
    assert output.read_text() == ""
    runtime("start", "c1")
    runtime.wait_for("c1", "stopped")
    assert output.read_text() == "started\n"
    assert runtime.state("c1")["pid"] == 0
    runtime("delete", "c1")
    assert runtime.run("state", "c1").returncode == 1


def test_run_passes_output_and_status_on(runtime, bundle):
    directory = bundle("sh", "-c", "cat; echo err >&2; exit 7").write()
    done = subprocess.run(runtime.command("run", "-b", directory, "c1"), input="typed",
                          capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "typed", "err\n")
    assert runtime.ids() == []


def test_debug_tells_how_long_each_step_took(runtime, bundle):
    """Those of the container's own process, too; without it nothing is told."""
    directory = bundle("true").write()
    program, *words = runtime.command("run", "-b", directory, "c1")
    done = subprocess.run([program, "--debug", *words], capture_output=True, text=True, timeout=30,
                          check=True)
    took = dict(re.findall(r": (\S+) took (\d+) us$", done.stderr, re.MULTILINE))
    assert {"create.launch", "runtime.parent.clone", "runtime.child.mounts"} <= took.keys()
    assert 0 < int(took["runtime.child.mounts"]) < int(took["create.launch"])
    assert runtime.run("run", "-b", directory, "c1").stderr == ""


def test_run_passes_signals_on(runtime, bundle):
    directory = bundle("sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done")
    running = subprocess.Popen(runtime.command("run", "-b", directory.write(), "c1"),
                               stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "up\n"
    running.terminate()
    assert running.wait(20) == 9


def test_run_gives_the_program_the_callers_terminal(runtime, bundle):
    made = bundle("sh", "-c", "test -t 0 && test -t 1 && stty size && read line && echo got $line")
    made.config["process"].update(terminal=True)
    directory = made.write()
    master, slave = pty.openpty()
    subprocess.run(["stty", "rows", "33", "cols", "99"], stdin=slave, check=True)
    running = subprocess.Popen(runtime.command("run", "-b", directory, "c1"), stdin=slave,
                               stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    os.write(master, b"hello\n")
    shown = b""
    while b"got hello" not in shown:
        shown += os.read(master, 1000)
    assert running.wait(20) == 0
    assert b"33 99" in shown


def test_exec_runs_another_program_inside(runtime, bundle):
    runtime.detached("run", "-d", "-b", bundle(*SLEEP).write(), "c1")
    assert runtime("exec", "c1", "hostname") == "berth\n"
    assert runtime("exec", "-e", "A=b", "--cwd", "/tmp", "-u", "1000:1000", "c1", "sh", "-c",
                   "echo $A $(pwd) $(id -u)") == "b /tmp 1000\n"
    assert runtime.run("exec", "c1", "sh", "-c", "exit 5").returncode == 5
    missing = runtime.run("exec", "c1", "/bin/nope")
    assert missing.returncode == 255
    assert missing.stderr == "berth-runtime: exec /bin/nope: no such file or directory\n"
    process = {"args": ["sh", "-c", "echo $A"], "cwd": "/", "user": {"uid": 0, "gid": 0},
               "env": ["PATH=/bin", "A=7"]}
    file = runtime.directory / "process.json"
    file.write_text(json.dumps(process))
    assert runtime("exec", "--process", file, "c1") == "7\n"
    pid_file = runtime.directory / "exec-pid"
    runtime.detached("exec", "-d", "--pid-file", pid_file, "c1", "sleep", "1000")
    pids = json.loads(runtime("ps", "-f", "json", "c1"))
    assert sorted(pids) == sorted([runtime.state("c1")["pid"], int(pid_file.read_text())])


def test_pause_stops_everything_and_resume_lets_it_go_on(runtime, bundle):
    ticks = bundle("sh", "-c", "while :; do echo x; sleep 0.02; done").write()
    output = runtime.detached("run", "-d", "-b", ticks, "c1")
    runtime("pause", "c1")
    size = output.stat().st_size
    assert runtime.status("c1") == "paused"
    refused = runtime.run("exec", "c1", "true")
    assert refused.returncode == 255 and "is paused" in refused.stderr
    assert output.stat().st_size == size
    runtime("resume", "c1")
    assert runtime.status("c1") == "running"
    assert "is running, not paused" in runtime.run("resume", "c1").stderr


def test_kill_sends_signals_to_one_or_all(runtime, bundle):
    runtime.detached("run", "-d", "-b", bundle("sh", "-c", "sleep 1000 & exec sleep 1000").write(),
                     "c1")
    assert runtime.run("kill", "c1", "0").returncode == 0
    runtime("kill", "c1", "SIGKILL")
    runtime.wait_for("c1", "stopped")
    refused = runtime.run("kill", "c1", "TERM")
    assert refused.returncode == 1 and "container not running" in refused.stderr
    runtime("kill", "--all", "c1", "KILL")


def test_delete_wants_a_stopped_container(runtime, bundle):
    runtime.detached("run", "-d", "-b", bundle(*SLEEP).write(), "c1")
    refused = runtime.run("delete", "c1")
    assert refused.returncode == 1 and "is not stopped, but running" in refused.stderr
    runtime("delete", "--force", "c1")
    runtime("delete", "--force", "c1")
    assert runtime.run("delete", "c1").stderr == (
        'berth-runtime: delete: container "c1" does not exist\n')


def test_many_by_a_pattern(runtime, bundle):
    directory = bundle(*SLEEP).write()
    for name in ("web-1", "web-2", "db"):
        runtime.detached("run", "-d", "-b", directory, name)
    assert [entry["id"] for entry in json.loads(runtime("list", "-f", "json"))] == [
        "db", "web-1", "web-2"]
    runtime("delete", "--force", "--regex", "^web-")
    assert runtime.ids() == ["db"]


def test_descriptors_are_passed_on_as_asked_and_no_others(runtime, bundle):
    directory = bundle("sh", "-c", "ls /proc/self/fd | tr '\\n' ' '").write()

    def listed(*options):
        command = runtime.command("run", "-b", directory, *options, "c1")
        shell = ["sh", "-c", 'exec "$@" 3</dev/null 4</dev/null', "sh", *command]
        return subprocess.run(shell, capture_output=True, text=True, timeout=30, check=True).stdout

    with_them, without = listed("--preserve-fds", "2"), listed()
    assert with_them.split() == ["0", "1", "2", "3", "4", "5"]  # the last is ls's own
    assert without.split() == ["0", "1", "2", "3"]
    refused = runtime.run("run", "-b", directory, "--preserve-fds", "5", "c1")
    assert "which is not open" in refused.stderr


def test_messages_go_to_a_log_that_callers_can_read(runtime, bundle):
    log = runtime.directory / "log"
    made = bundle(*SLEEP)
    made.config["mounts"].append({"destination": "/x", "type": "bind", "source": "/nope"})
    refused = subprocess.run(
        [runtime.program, "--root", runtime.root, "--log", log, "--log-format", "json", "create",
         "--bundle", made.write(), "c1"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    entry = json.loads(log.read_text().splitlines()[-1])
    assert entry["level"] == "error"
    assert entry["msg"] == "create: mounts: /x: open_tree /nope: No such file or directory"
    assert runtime.ids() == []


def test_bad_input_is_told_and_leaves_nothing(runtime, bundle):
    directory = bundle(*SLEEP).write()

    def message(*words):
        done = runtime.run(*words)
        assert done.returncode == 1
        return done.stderr

    assert "can't be a container's id" in message("create", "-b", directory, "../c1")
    assert "config.json: No such file or directory" in message("create", "-b", "/proc", "c1")
    (directory / "config.json").write_text("{")
    assert "config.json: " in message("create", "-b", directory, "c1")
    assert "unknown option --nope" in message("state", "--nope", "c1")
    assert "usage: berth-runtime kill" in message("kill")
    assert '"BOGUS" is no signal' in message("kill", "c1", "BOGUS")
    assert not runtime.root.exists() or runtime.ids() == []


def test_hooks_run_in_order_with_the_state(runtime, bundle):
    made = bundle("sh", "-c", "exit 0")
    log = runtime.directory / "hooks"

    def hook(name):
        text = f"echo {name} $(cat) >> {log}"
        return [{"path": "/bin/sh", "args": ["sh", "-c", text], "env": ["PATH=/bin:/usr/bin"]}]

    kinds = ("prestart", "createRuntime", "createContainer", "poststart", "poststop")
    made.config["hooks"] = {kind: hook(kind) for kind in kinds}
    runtime("run", "-b", made.write(), "c1")
    lines = [line.split(" ", 1) for line in log.read_text().splitlines()]
    assert [kind for kind, _ in lines] == list(kinds)
    states = {kind: json.loads(state) for kind, state in lines}
    assert {state["id"] for state in states.values()} == {"c1"}
    assert states["prestart"]["status"] == "creating"
    assert states["prestart"]["pid"] == states["createContainer"]["pid"] > 0
    assert states["poststop"]["status"] == "stopped"


def test_spec_and_features_are_json(runtime):
    runtime.directory.joinpath("new").mkdir()
    runtime("spec", "-b", runtime.directory / "new")
    assert "exists already" in runtime.run("spec", "-b", runtime.directory / "new").stderr
    features = json.loads(runtime("features"))
    assert features["ociVersionMin"] == "1.0.0"
    assert "startContainer" in features["hooks"]
    assert "CAP_CHOWN" in features["linux"]["capabilities"]
    assert {"run.oci.hooks.stdout", "org.systemd.property."} <= set(
        features["potentiallyUnsafeConfigAnnotations"])
    assert runtime("--version").startswith("berth-runtime version ")


# features.md, features-linux.md and the table of config.md, "Linux mount options".
MOUNT_OPTIONS = """
    async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev
    nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime
    rbind rdev rdiratime relatime remount rexec ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime
    rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid
    rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup unbindable""".split()


def test_features_have_every_part_of_the_specification(runtime):
    features = json.loads(runtime("features"))
    assert set(MOUNT_OPTIONS) <= set(features["mountOptions"])
    assert len(features["hooks"]) == 6
    linux = features["linux"]
    assert set(linux) == {"namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt",
                          "mountExtensions", "netDevices", "memoryPolicy"}
    assert len(linux["namespaces"]) == 8
    for part in ("apparmor", "selinux", "intelRdt", "netDevices"):
        assert linux[part]["enabled"] is True
    seccomp = linux["seccomp"]
    assert {"SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY", "SCMP_ACT_KILL_PROCESS"} <= set(seccomp["actions"])
    assert len(seccomp["operators"]) == 7 and "SCMP_ARCH_X86_64" in seccomp["archs"]
    assert "SECCOMP_FILTER_FLAG_LOG" in seccomp["supportedFlags"]
    assert set(seccomp["supportedFlags"]) <= set(seccomp["knownFlags"])
    assert "MPOL_BIND" in linux["memoryPolicy"]["modes"] and linux["memoryPolicy"]["flags"]


def test_a_cgroup_is_made_for_each_and_removed(runtime, bundle):
    made = bundle(*SLEEP)
    made.config["linux"]["cgroupsPath"] = "/berth-test/c1"
    runtime.detached("run", "-d", "-b", made.write(), "c1")
    pid = runtime.state("c1")["pid"]
    own = [line for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()
           if line.startswith("0::")]
    assert own == ["0::/berth-test/c1"] or own[0].endswith("/berth-test/c1")
    runtime("delete", "--force", "c1")
    left = [path for path in pathlib.Path("/sys/fs/cgroup").glob("**/berth-test/c1")]
    assert left == []
