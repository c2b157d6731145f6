"""Who a container's processes are: users, capabilities, keys, and the ids of containers."""

import json
import subprocess
import time

import pytest

NOT_USERS = ("1000abc", "-1", "4294967295", "4294967296", "18446744073709551617", "1000:", ":1000", " 0",
             "+5", "0x3e8", "1000:1000:1000", "1000:abc", "")


# CVE-2026-30892: a user that can't be read is taken for another one.
@pytest.mark.parametrize("user", NOT_USERS)
def test_a_user_that_is_none_is_refused(runtime, attack, user):
    bundle = attack("sleep", "1000")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    done = runtime.run("exec", f"--user={user}", "attack", "id", "-u")
    assert done.returncode == 255 and done.stdout == ""
    assert "--user" in done.stderr


def test_control_crun_takes_what_is_no_user_for_one(crun, attack):
    bundle = attack("sleep", "1000")
    crun.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    accepted = {user: crun.run("exec", f"--user={user}", "attack", "id", "-u").stdout.strip()
                for user in NOT_USERS}
    assert [user for user, uid in accepted.items() if uid]


@pytest.mark.parametrize("field", ["uid", "gid"])
def test_the_id_that_changes_nothing_is_refused(runtime, attack, field):
    """setresuid(2) takes -1 for the present id, and the program would be root."""
    bundle = attack("id")
    bundle.config["process"]["user"] = {"uid": 1000, "gid": 1000, field: 4294967295}
    done = bundle.under(runtime)
    assert done.returncode != 0 and done.stdout == ""
    assert "process.user: 4294967295 is nobody's id" in done.stderr


# CVE-2022-29162, CVE-2022-27650: capabilities that a program with file capabilities would inherit.
def capabilities(text):
    return {line.split(":")[0]: int(line.split(":")[1], 16)
            for line in text.splitlines() if line.startswith("Cap")}


def test_nothing_is_inheritable_unasked(runtime, attack):
    bundle = attack("sleep", "1000")
    wanted = ["CAP_KILL", "CAP_NET_BIND_SERVICE"]
    bundle.config["process"]["capabilities"] = {
        kind: wanted for kind in ("bounding", "effective", "permitted")}
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    pid = runtime.state("attack")["pid"]
    first = capabilities(open(f"/proc/{pid}/status", encoding="utf-8").read())
    further = capabilities(runtime("exec", "--cap", "CAP_CHOWN", "attack", "cat", "/proc/self/status"))
    for found in (first, further):
        assert found["CapInh"] == 0 and found["CapAmb"] == 0 and found["CapPrm"] != 0


def test_control_what_is_asked_for_is_inheritable(runtime, attack):
    bundle = attack("cat", "/proc/self/status")
    kinds = ("bounding", "effective", "permitted", "inheritable")
    bundle.config["process"]["capabilities"] = {kind: ["CAP_KILL"] for kind in kinds}
    assert capabilities(bundle.under(runtime).stdout)["CapInh"] == 1 << 5


# CVE-2021-43784: a list of ids that is too long for its encoding is cut short.
def test_long_lists_of_ids_are_refused_and_not_cut(runtime, attack):
    bundle = attack("true")
    bundle.config["linux"]["namespaces"].append({"type": "user"})
    ids = [{"containerID": n, "hostID": 100000 + n, "size": 1} for n in range(5000)]
    bundle.config["linux"].update(uidMappings=ids, gidMappings=ids)
    done = bundle.under(runtime)
    assert done.returncode != 0 and "linux.uidMappings" in done.stderr
    assert runtime.ids() == []


def test_ids_are_mapped_as_they_are_written(runtime, attack):
    bundle = attack("cat", "/proc/self/uid_map")
    bundle.config["linux"]["namespaces"].append({"type": "user"})
    ids = [{"containerID": n, "hostID": 100000 + 2 * n, "size": 1} for n in range(300)]
    bundle.config["linux"].update(uidMappings=ids, gidMappings=ids)
    subprocess.run(["chown", "-R", "100000:100000", bundle.root], check=True)
    done = bundle.under(runtime)
    assert done.returncode == 0, done.stderr
    assert [list(map(int, line.split())) for line in done.stdout.splitlines()] == [
        [i["containerID"], i["hostID"], 1] for i in ids]


# The keys of the caller's session.
def test_the_callers_keys_are_out_of_reach(runtime, attack, bin_dir):
    ask = ("berth-test-helper", "syscall", "keyctl", "0", "-3", "0")  # KEYCTL_GET_KEYRING_ID of the session's
    bundle = attack(*ask)
    own = subprocess.run([str(bin_dir / ask[0]), *ask[1:]], capture_output=True, text=True, check=True).stdout
    again = subprocess.run([str(bin_dir / ask[0]), *ask[1:]], capture_output=True, text=True, check=True).stdout
    assert own == again and int(own) > 0  # the control: a child has its parent's
    inside = bundle.under(runtime).stdout
    assert int(inside) > 0 and inside != own


# Ids that are paths.
@pytest.mark.parametrize("name", ["../attack", "a/b", ".", "..", ".hidden", "", "a" * 300, "a\nb", "a b"])
def test_ids_are_no_paths(runtime, attack, name):
    bundle = attack("true")
    before = sorted(path.name for path in runtime.directory.iterdir())
    done = runtime.run("run", "--bundle", bundle.written(), name)
    assert done.returncode != 0 and done.stdout == ""
    assert sorted(path.name for path in runtime.directory.iterdir() if path.name != "state") == [
        name for name in before if name != "state"]


# A process that has the number of one that ended.
def test_kill_does_not_reach_who_has_the_number_by_now(runtime, attack):
    bundle = attack("sleep", "1000")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")
    record = runtime.root / "attack/state.json"
    original = record.read_text()
    time.sleep(0.05)  # the kernel counts a process's start in hundredths
    with subprocess.Popen(["sleep", "1000"]) as victim:
        changed = json.loads(original)
        changed["pid"] = victim.pid
        record.write_text(json.dumps(changed))
        try:
            assert runtime.run("kill", "attack", "KILL").returncode != 0
            assert runtime.status("attack") == "stopped"
            assert victim.poll() is None
        finally:
            victim.kill()
    record.write_text(original)
