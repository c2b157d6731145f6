"""Annotations by which callers ask crun and runc for what the specification has no fields for."""

import os
import select
import socket


def ask(made, **annotations):
    made.config.setdefault("annotations", {}).update(
        {name.replace("__", "."): value for name, value in annotations.items()})
    return made.write()


def test_a_receiver_gets_a_pidfd_of_the_first_process(runtime, bundle):
    path = runtime.directory / "receiver"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(1)
        directory = ask(bundle("sleep", "1000"), run__oci__pidfd_receiver=str(path))
        runtime.detached("run", "-d", "-b", directory, "c1")
        with listener.accept()[0] as connection:
            [pidfd] = socket.recv_fds(connection, 100, 1)[1]
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="utf-8") as info:
        pids = [line.split()[1] for line in info if line.startswith("Pid:")]
    assert pids == [str(runtime.state("c1")["pid"])]
    assert not select.select([pidfd], [], [], 0)[0]
    runtime("delete", "--force", "c1")
    assert select.select([pidfd], [], [], 10)[0]
    os.close(pidfd)


def test_hooks_write_where_they_are_told_to(runtime, bundle):
    made = bundle("true")
    kinds = ("prestart", "createRuntime", "createContainer", "poststart", "poststop")
    made.config["hooks"] = {kind: [{"path": "/bin/sh", "args": [
        "sh", "-c", f"echo {kind}; echo no {kind} >&2"]}] for kind in kinds}
    out, err = runtime.directory / "out", runtime.directory / "err"
    runtime("run", "-b", ask(made, run__oci__hooks__stdout=str(out), run__oci__hooks__stderr=str(err)), "c1")
    assert out.read_text().split() == list(kinds)
    assert err.read_text().splitlines() == [f"no {kind}" for kind in kinds]


def test_what_can_not_be_had_is_refused_before_anything_is_made(runtime, bundle):
    refused = runtime.run("create", "-b", ask(bundle("true"), run__oci__handler="krun"), "c1")
    assert refused.returncode == 1
    assert "config.json: annotations.run.oci.handler: there is no handler \"krun\" here" in refused.stderr
    assert runtime.ids() == []


def test_the_annotations_are_told_by_the_state_as_they_are(runtime, bundle):
    given = {"run.oci.keep_original_groups": "1", "run.oci.handler": "", "org.example": "x"}
    made = bundle("sleep", "1000")
    made.config["annotations"] = given
    runtime.detached("create", "-b", made.write(), "c1")
    assert runtime.state("c1")["annotations"] == given
