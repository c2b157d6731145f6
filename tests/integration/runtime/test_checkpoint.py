"""What berth-runtime asks of CRIU, and what it makes of the answers: with a program that plays CRIU.

tests/host/cases/test_checkpoint.py has the real one, which needs a kernel that it knows.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess

import pytest
from pycriu import images

from harness import fake_criu

CLONE_NEWNET = 0x40000000


class FakeCriu:
    """The player's part: it is `criu` in PATH, and `asked` is what the last one was asked."""

    def __init__(self, runtime, directory):
        self.runtime = runtime
        self.path = directory / "bin"
        self.path.mkdir()
        (self.path / "criu").symlink_to(fake_criu.__file__)
        self.log = directory / "asked"
        self.images = directory / "images"

    def environment(self, **play):
        self.log.unlink(missing_ok=True)
        return {**os.environ, "PATH": f"{self.path}:{os.environ['PATH']}",
                "FAKE_CRIU": json.dumps({"log": str(self.log), **play})}

    def run(self, *words, play=None, **options):
        """A command with CRIU as the player; subprocess.CompletedProcess."""
        command, *rest = words
        images = () if "--image-path" in rest else ("--image-path", self.images)
        return self.runtime.run(command, *images, *rest, env=self.environment(**(play or {})),
                                **options)

    def failure(self, *words, **options):
        """The message of one that has to fail."""
        done = self.run(*words, **options)
        assert done.returncode == 1, done
        return done.stderr

    @property
    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    @property
    def asked(self):
        return self.lines[0]["request"]

    @property
    def options(self):
        return self.asked["opts"]

    def notified(self):
        return [(line["notified"], line["success"]) for line in self.lines if "notified" in line]


@pytest.fixture
def criu(runtime, tmp_path):
    return FakeCriu(runtime, tmp_path)


@pytest.fixture
def running(runtime, bundle, tmp_path):
    """A container "c1" with a bind mount below a link of the image's, and its bundle."""
    made = bundle("sleep", "1000")
    source = tmp_path / "source"
    source.mkdir()
    made.config["mounts"].append({"destination": "/var/run/../run/data", "type": "bind",
                                  "source": str(source), "options": ["rbind", "ro"]})
    made.config["linux"]["maskedPaths"] = ["/proc/timer_list", "/proc/bus", "/proc/nope"]
    runtime.detached("run", "-d", "-b", made.write(), "c1")
    return made


def pairs(options, field, first="key", second="val"):
    return {pair[first]: pair[second] for pair in options.get(field, [])}


def test_a_checkpoint_names_what_is_the_hosts(runtime, criu, running):
    state = runtime.state("c1")
    assert criu.run("checkpoint", "--leave-running", "c1").returncode == 0
    assert criu.asked["type"] == "DUMP"
    options = criu.options
    assert options["pid"] == state["pid"] and options["root"] == state["rootfs"]
    mounted = pairs(options, "ext_mnt")
    assert mounted["/proc/timer_list"] == "/dev/null" and "/proc/nope" not in mounted
    assert list(mounted.values()).count("/var/run/data") == 1
    [place] = [key for key, name in mounted.items() if name == "/var/run/data"]
    mountinfo = pathlib.Path(f"/proc/{state['pid']}/mountinfo").read_text()
    assert any(line.split()[4] == place for line in mountinfo.splitlines())
    assert options["empty_ns"] == CLONE_NEWNET and options["orphan_pts_master"]
    assert options["notify_scripts"] and options["leave_running"]
    assert options["log_file"] == "dump.log" and options["config_file"] == "/etc/criu/runc.conf"
    assert (criu.images / "dump.log").read_text() == "(00.1) Fake\n"
    assert criu.images.stat().st_mode & 0o777 == 0o700


def test_standard_streams_are_named(runtime, criu, running):
    """That of the output leads to a file of the host's, the input to the null device."""
    criu.run("checkpoint", "--leave-running", "c1")
    [name] = {name for name in criu.options["external"]}
    pid = runtime.state("c1")["pid"]
    inode = os.stat(f"/proc/{pid}/fd/1").st_ino
    assert name.startswith("file[") and name.endswith(f":{inode:x}]")
    streams = json.loads((criu.images / "descriptors.json").read_text())
    assert streams == ["/dev/null", name, name]


def test_a_stream_can_be_of_another_kind_when_restored(criu, running):
    """CRIU looks for size and mode of the old one, and opens the new one as that was opened."""
    criu.run("checkpoint", "--leave-running", "c1")
    with open(criu.images / "files.img", "rb") as file:
        stream, other = (entry["reg"] for entry in images.load(file)["entries"])
    assert stream["name"] in criu.options["external"] and stream["ext"]
    assert stream["flags"] == os.O_WRONLY | os.O_APPEND
    assert stream["pos"] == 2**64 - 1 and "size" not in stream and "mode" not in stream
    assert (other["name"], other["pos"], other["size"], other["mode"]) == ("/mine", 7, 7, 0o100600)


def test_the_null_device_is_the_containers_own(runtime, running):
    """A container's processes hold nothing of the host's that can't be saved with it."""
    mounts = pathlib.Path(f"/proc/{runtime.state('c1')['pid']}/mountinfo").read_text()
    info = pathlib.Path(f"/proc/{runtime.state('c1')['pid']}/fdinfo/0").read_text()
    [mount] = [line.split()[1] for line in info.splitlines() if line.startswith("mnt_id")]
    assert mount in {line.split()[0] for line in mounts.splitlines()}


@pytest.mark.parametrize("words, field, value", [
    (["--tcp-established"], "tcp_established", True),
    (["--tcp-skip-in-flight"], "tcp_skip_in_flight", True),
    (["--ext-unix-sk"], "ext_unix_sk", True),
    (["--shell-job"], "shell_job", True),
    (["--file-locks"], "file_locks", True),
    (["--link-remap"], "link_remap", True),
    (["--auto-dedup"], "auto_dedup", True),
    (["--manage-cgroups-mode", "strict"], "manage_cgroups_mode", "STRICT"),
    (["--manage-cgroups-mode", "ignore"], "manage_cgroups_mode", "IGNORE"),
    (["--network-lock", "nftables"], "network_lock", "NFTABLES"),
    (["--empty-ns", "network"], "empty_ns", CLONE_NEWNET),
    (["--page-server", "[::1]:99"], "ps", {"address": "::1", "port": 99}),
    (["--lazy-pages", "--page-server", "127.0.0.1:9"], "lazy_pages", True),
])
def test_options_reach_criu(criu, running, words, field, value):
    assert criu.run("checkpoint", "--leave-running", *words, "c1").returncode == 0
    assert criu.options[field] == value


@pytest.mark.parametrize("words, message", [
    (["--manage-cgroups-mode", "odd"], "must be one of soft, full, strict, ignore"),
    (["--network-lock", "odd"], "must be one of iptables, nftables, skip"),
    (["--empty-ns", "ipc"], "only a network namespace"),
    (["--page-server", "nowhere"], "must be ADDRESS:PORT"),
    (["--page-server", ":5"], "must be ADDRESS:PORT"),
    (["--page-server", "a:70000"], "must be ADDRESS:PORT"),
    (["--lazy-pages"], "--lazy-pages needs --page-server"),
    (["--status-fd", "99"], "is not open"),
    (["--parent-path", "/abs"], "must be relative"),
    (["--parent-path", "../nope"], "No such file"),
])
def test_bad_options_are_refused(runtime, criu, running, words, message):
    assert message in criu.failure("checkpoint", *words, "c1")
    assert not criu.log.exists() and runtime.status("c1") == "running"


def test_memory_is_saved_ahead(criu, running):
    first = criu.images / "1"
    assert criu.run("checkpoint", "--pre-dump", "--image-path", first, "c1").returncode == 0
    assert criu.asked["type"] == "SINGLE_PRE_DUMP" and criu.options["track_mem"]
    assert not (first / "descriptors.json").exists() and "ext_mnt" not in criu.options
    assert criu.run("checkpoint", "--leave-running", "--parent-path", "../1", "--image-path",
                    criu.images / "2", "c1").returncode == 0
    assert criu.options["parent_img"] == "../1" and criu.options["track_mem"]


def test_a_byte_tells_that_pages_are_served(criu, running):
    reader, writer = os.pipe()
    done = criu.run("checkpoint", "--lazy-pages", "--page-server", "127.0.0.1:9", "--status-fd",
                    writer, "--leave-running", "c1", pass_fds=[writer],
                    play={"notify": ["network-lock", "status-ready"]})
    os.close(writer)
    assert done.returncode == 0 and os.read(reader, 10) == b"\0" and os.read(reader, 10) == b""
    os.close(reader)
    assert criu.notified() == [("network-lock", True), ("status-ready", True)]


def test_an_annotation_chooses_crius_configuration(runtime, criu, bundle):
    made = bundle("sleep", "1000")
    made.config["annotations"] = {"org.criu.config": "/etc/other.conf"}
    runtime.detached("run", "-d", "-b", made.write(), "c1")
    criu.run("checkpoint", "--leave-running", "c1")
    assert criu.options["config_file"] == "/etc/other.conf"


def test_a_failed_checkpoint_tells_crius_words(runtime, criu, running, tmp_path):
    message = criu.failure("checkpoint", "--work-path", tmp_path / "logs", "c1",
                           play={"fail": "Can't dump"})
    assert message == (f"berth-runtime: checkpoint: criu: Error (fake.c:1): Can't dump (its log is "
                       f"{tmp_path}/logs/dump.log)\n")
    assert runtime.status("c1") == "running"


def test_criu_that_says_nothing_of_use_is_told(runtime, criu, running):
    assert "criu: no kernel for me (it wrote no log to" in criu.failure(
        "checkpoint", "c1", play={"words": "no kernel for me"})
    assert "CRIU's answer: " in criu.failure("checkpoint", "c1", play={"garbage": True})
    assert runtime.status("c1") == "running"


def test_criu_that_is_killed_leaves_nothing_frozen(runtime, criu, running):
    if "freeze_cgroup" not in asked_of(criu, "c1"):
        pytest.skip("containers have no cgroup here")
    assert "it ended without an answer" in criu.failure("checkpoint", "c1", play={"freeze": True})
    assert runtime.status("c1") == "running"


def asked_of(criu, name):
    criu.run("checkpoint", "--leave-running", name)
    return criu.options


def test_the_package_is_named_if_there_is_no_criu(runtime, running, tmp_path):
    done = runtime.run("checkpoint", "--image-path", tmp_path / "images", "c1",
                       env={**os.environ, "PATH": "/nowhere"})
    assert done.returncode == 1
    assert "there is no criu in PATH: install Debian's package criu" in done.stderr
    assert runtime.status("c1") == "running"


def test_only_what_runs_is_saved(runtime, criu, bundle):
    runtime.detached("create", "-b", bundle("true").write(), "c1")
    assert 'container "c1" is created, not running' in criu.failure("checkpoint", "c1")
    runtime("start", "c1")
    runtime.wait_for("c1", "stopped")
    assert 'container "c1" is stopped, not running' in criu.failure("checkpoint", "c1")
    assert "does not exist" in criu.failure("checkpoint", "c2")


def test_a_saved_container_is_removed(runtime, criu, bundle, tmp_path):
    made = bundle("sleep", "1000")
    made.config["hooks"] = {"poststop": [{"path": "/bin/sh",
                                          "args": ["sh", "-c", f"cat > {tmp_path}/stopped"]}]}
    runtime.detached("run", "-d", "-b", made.write(), "c1")
    assert criu.run("checkpoint", "c1").returncode == 0
    assert runtime.ids() == []
    assert json.loads((tmp_path / "stopped").read_text())["status"] == "stopped"


# --- restore ---

NOTIFICATIONS = ["pre-restore", "setup-namespaces", "post-setup-namespaces", "post-restore",
                 "pre-resume", "post-resume"]


@pytest.fixture
def saved(runtime, criu, running):
    """Images of "c1", and the bundle."""
    assert criu.run("checkpoint", "c1").returncode == 0
    return running


def play(*program, **more):
    return {"restore": [shutil.which(program[0]), *program[1:]], "notify": NOTIFICATIONS, **more}


def restore_detached(criu, directory, *words, **play_):
    """Exit status and output of a container that keeps the streams."""
    return criu.runtime.attempt("restore", "-d", "--image-path", criu.images, "-b", directory,
                                *words, "c1", env=criu.environment(**play_))


def test_a_restored_container_is_one_like_others(runtime, criu, saved, tmp_path):
    status, output = restore_detached(criu, saved.directory, "--pid-file", tmp_path / "pid",
                                      **play("sleep", "1000"))
    assert status == 0, output.read_text()
    state = runtime.state("c1")
    assert state["status"] == "running" and state["pid"] == int((tmp_path / "pid").read_text())
    assert state["bundle"] == str(saved.directory)
    assert criu.notified() == [(name, True) for name in NOTIFICATIONS]
    assert criu.asked["type"] == "RESTORE"
    options = criu.options
    assert options["root"] == state["rootfs"] and options["root"] in criu.lines[0]["mounts"]
    assert pairs(options, "ext_mnt") == {"/var/run/data": str(tmp_path / "source"),
                                         "/dev/null": "/dev/null"}
    assert options["rst_sibling"] and options["log_file"] == "restore.log"
    runtime("kill", "c1", "KILL")
    runtime.wait_for("c1", "stopped")
    runtime("delete", "c1")


def test_streams_are_inherited_by_the_names_they_had(criu, saved):
    old = json.loads((criu.images / "descriptors.json").read_text())[1]
    status, output = restore_detached(criu, saved.directory, **play("sleep", "1000"))
    assert status == 0
    [inherited] = criu.options["inherit_fd"]
    assert inherited["key"] == old
    assert criu.lines[0]["fds"][str(inherited["fd"])] == str(output)


def test_the_cgroup_is_the_new_containers(criu, saved):
    restore_detached(criu, saved.directory, **play("sleep", "1000"))
    if "cg_root" not in criu.options:
        pytest.skip("containers have no cgroup here")
    [place] = [line[3:] for line in criu.lines[0]["cgroup"].splitlines() if line.startswith("0::")]
    assert criu.options["cg_root"] == [{"ctrl": "", "path": place}]
    assert criu.options["manage_cgroups_mode"] == "SOFT"


def test_in_the_foreground_its_status_is_told(runtime, criu, saved):
    done = criu.run("restore", "-b", saved.directory, "c1",
                    play=play("sh", "-c", "echo restored; exit 7"))
    assert (done.returncode, done.stdout) == (7, "restored\n")
    assert runtime.ids() == []


def test_hooks_run_in_the_new_namespaces(runtime, criu, saved, tmp_path):
    note = tmp_path / "hooked"
    hook = {"path": "/bin/sh", "args": ["sh", "-c", f"cat >> {note}"]}
    saved.config["hooks"] = {"prestart": [hook], "createRuntime": [hook]}
    status, _ = restore_detached(criu, saved.write(), **play("sleep", "1000"))
    assert status == 0
    first, second = note.read_text().replace("}{", "}\n{").splitlines()
    assert first == second and json.loads(first)["pid"] == runtime.state("c1")["pid"]


def test_a_failing_hook_ends_the_restoration(runtime, criu, saved):
    saved.config["hooks"] = {"createRuntime": [{"path": "/bin/false", "args": ["false"]}]}
    status, output = restore_detached(criu, saved.write(), **play("sleep", "1000"))
    assert status == 1 and "hooks.createRuntime[0] /bin/false: exited with 1" in output.read_text()
    assert criu.notified()[-1] == ("setup-namespaces", False)
    assert runtime.ids() == []


def test_a_failed_restore_leaves_nothing(runtime, criu, saved):
    mounts = pathlib.Path("/proc/self/mountinfo").read_text()
    status, output = restore_detached(criu, saved.directory,
                                      **play("sleep", "1000", fail="No such file"))
    assert status == 1 and (f"criu: Error (fake.c:1): No such file (its log is "
                            f"{criu.images}/restore.log)") in output.read_text()
    assert runtime.ids() == []
    assert pathlib.Path("/proc/self/mountinfo").read_text() == mounts


def test_what_is_missing_is_named(runtime, criu, saved):
    assert "--image-path" in criu.failure("restore", "--image-path", "/nowhere", "-b",
                                          saved.directory, "c1")
    shutil.rmtree(saved.config["mounts"][-1]["source"])
    assert "/var/run/../run/data" in criu.failure("restore", "-b", saved.directory, "c1")
    (criu.images / "descriptors.json").write_text("[1, 2]")
    assert "descriptors.json" in criu.failure("restore", "-b", saved.directory, "c1")
    assert runtime.ids() == []


@pytest.mark.parametrize("kind", ["mount", "cgroup"])
def test_namespaces_that_criu_cannot_join_are_refused(runtime, criu, saved, kind):
    name = {"mount": "mnt"}.get(kind, kind)
    saved.config["linux"]["namespaces"] = [
        {**namespace, "path": f"/proc/self/ns/{name}"} if namespace["type"] == kind else namespace
        for namespace in saved.config["linux"]["namespaces"] if namespace["type"] != "cgroup"
    ] + ([{"type": "cgroup", "path": "/proc/self/ns/cgroup"}] if kind == "cgroup" else [])
    assert f"can't restore a container into the {kind} namespace" in criu.failure(
        "restore", "-b", saved.write(), "c1")
    assert runtime.ids() == []


def test_joined_namespaces_are_inherited_or_joined(criu, saved):
    for namespace in saved.config["linux"]["namespaces"]:
        if namespace["type"] in ("network", "ipc"):
            kind = {"network": "net"}.get(namespace["type"], namespace["type"])
            namespace["path"] = f"/proc/{os.getpid()}/ns/{kind}"
    status, _ = restore_detached(criu, saved.write(), **play("sleep", "1000"))
    assert status == 0
    [network] = [fd for fd in criu.options["inherit_fd"] if fd["key"] == "extRootNetNS"]
    assert criu.lines[0]["fds"][str(network["fd"])] == os.readlink("/proc/self/ns/net")
    assert criu.options["join_ns"] == [{"ns": "ipc", "ns_file": f"/proc/{os.getpid()}/ns/ipc"}]
    assert "empty_ns" not in criu.options


def test_a_terminal_goes_to_the_console_socket(runtime, criu, saved, tmp_path):
    saved.config["process"]["terminal"] = True
    directory = saved.write()
    path = tmp_path / "console"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        status, output = restore_detached(
            criu, directory, "--console-socket", path,
            **play("sleep", "1000", master=True,
                   notify=["setup-namespaces", "orphan-pts-master", "post-restore"]))
        assert status == 0, output.read_text()
        connection, _ = listener.accept()
        _, [master], _, _ = socket.recv_fds(connection, 100, 1)
        assert os.read(master, 100).startswith(b"typed")
        os.close(master)
        connection.close()
    runtime("delete", "--force", "c1")
    message = criu.failure("restore", "-b", directory, "c1", play=play("sleep", "1000"))
    assert "there is no terminal in the images" in message
    assert runtime.ids() == []


def test_mount_points_are_made(runtime, criu, bundle, tmp_path):
    """Also in what is bound into the root, as when the container was created."""
    made = bundle("sleep", "1000")
    outer, inner = tmp_path / "outer", tmp_path / "inner"
    outer.mkdir()
    inner.write_text("inner")
    made.config["mounts"] += [
        {"destination": "/outer", "type": "bind", "source": str(outer), "options": ["bind"]},
        {"destination": "/outer/deep/file", "type": "bind", "source": str(inner),
         "options": ["bind"]}]
    runtime.detached("run", "-d", "-b", made.write(), "c1")
    criu.run("checkpoint", "c1")
    shutil.rmtree(outer / "deep")
    status, output = restore_detached(criu, made.directory, **play("sleep", "1000"))
    assert status == 0, output.read_text()
    assert (outer / "deep" / "file").read_text() == ""


def test_others_than_root_are_told(runtime, criu, running):
    for command in ("checkpoint", "restore"):
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", runtime.program,
                               command, "c1"], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "only root can do this" in done.stderr


def test_whoever_waits_for_a_saved_container_sees_its_end(runtime, criu, bundle):
    """Two are about to remove it then."""
    made = bundle("sh", "-c", "echo up; exec sleep 1000")
    waiting = subprocess.Popen(runtime.command("run", "-b", made.write(), "c1"),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert waiting.stdout.readline() == "up\n"
    done = criu.run("checkpoint", "c1", play={"linger": 0.5})
    assert done.returncode == 0, done.stderr
    assert waiting.communicate(timeout=20)[1] == "" and waiting.returncode == 128 + 9
    assert runtime.ids() == []
