"""What a container finds itself in, seen from inside."""

import os
import pty

import pytest

from harness.berth import container, definition

DEFAULT_CAPABILITIES = 0xa00425fb  # Docker's
MKNOD = 1 << 27


def capabilities(shown):
    return int(shown["caps"]["CapEff"], 16)


def linux(**fields):
    return {"linuxParameters": fields}


def environment(**variables):
    return {"environment": [{"name": name, "value": value} for name, value in variables.items()]}


def test_by_default(berth):
    shown = berth.show()
    assert shown["args"] == []
    assert shown["cwd"] == "/"
    assert shown["id"] == {"uid": 0, "gid": 0, "groups": [], "pid": 1, "ppid": 0, "umask": "0022"}
    assert shown["env"] == {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                            "HOSTNAME": shown["uts"]["hostname"], "HOME": "/root"}
    assert shown["caps"]["Seccomp"] == "2"
    # Only with a filter on what is made with it.
    filtered = MKNOD if berth.host.cgroup.path is not None else 0
    assert capabilities(shown) == DEFAULT_CAPABILITIES & ~MKNOD | filtered
    assert shown["caps"]["CapInh"] == shown["caps"]["CapAmb"] == "0" * 16


def test_no_descriptor_leaks_in(berth):
    assert berth.show(mode="awsvpc")["fds"].keys() == {"0", "1", "2"}
    assert berth.show(pseudoTerminal=True)["fds"].keys() == {"0", "1", "2"}
    done = berth.run(definition(container("a", "berth-test-helper", "check-fds"),
                                mode="bridge"))
    assert done.code == 0, done


def test_its_namespaces_are_its_own(berth):
    own = {kind: os.readlink(f"/proc/{berth.host.pid}/ns/{kind}")
           for kind in ("cgroup", "ipc", "mnt", "net", "pid", "uts")}
    shown = berth.show()["namespaces"]
    for kind, of_host in own.items():
        assert shown[kind] != of_host, kind


def test_environment_working_directory_and_arguments(berth):
    shown = berth.show("show", "two words", "$HOME", entryPoint=["berth-test-helper"],
                       workingDirectory="/home/app", **environment(PATH="/bin", EMPTY="", A="b=c"))
    assert shown["args"] == ["two words", "$HOME"]
    assert shown["cwd"] == "/home/app"
    assert {**shown["env"], "HOSTNAME": ""} == {
        "PATH": "/bin", "HOSTNAME": "", "HOME": "/root", "EMPTY": "", "A": "b=c"}


def test_a_working_directory_that_is_missing_is_made(berth):
    assert berth.show(workingDirectory="/srv/new")["cwd"] == "/srv/new"


@pytest.mark.parametrize("user, uid, gid, groups, home", [
    ("app", 1000, 1000, [2000], "/home/app"),
    ("1000", 1000, 1000, [2000], "/home/app"),
    ("app:extra", 1000, 2000, [], "/home/app"),
    ("4242:4343", 4242, 4343, [], "/"),
])
def test_user(berth, user, uid, gid, groups, home):
    shown = berth.show(user=user)
    assert (shown["id"]["uid"], shown["id"]["gid"]) == (uid, gid)
    assert [group for group in shown["id"]["groups"] if group != gid] == groups
    assert shown["env"]["HOME"] == home
    assert capabilities(shown) == 0


def test_hostname(berth):
    task = {"mode": "bridge", "hostname": "box.lab"}
    lines = berth.shell("hostname; cat /etc/hostname; tail -n 1 /etc/hosts", **task)
    assert lines[:2] == ["box.lab", "box.lab"]
    assert lines[2].split()[1:] == ["box.lab"] or "box.lab" in lines[2].split()


def test_ulimits(berth):
    limits = berth.show(ulimits=[
        {"name": "nofile", "softLimit": 123, "hardLimit": 456},
        {"name": "core", "softLimit": 0, "hardLimit": 0},
        {"name": "nproc", "softLimit": 99, "hardLimit": 100}])["limits"]
    assert (limits["nofile"], limits["core"], limits["nproc"]) == ([123, 456], [0, 0], [99, 100])


def test_a_read_only_root_takes_nothing_but_its_tmpfs_does(berth):
    tmpfs = [{"containerPath": "/scratch", "size": 7, "mountOptions": ["mode=0700", "exec"]}]
    lines = berth.shell(
        "touch /x || echo refused; touch /etc/x || echo refused; echo fits > /scratch/x; "
        "cat /scratch/x; df -k /scratch | tail -n 1; stat -c %a /scratch; "
        "mount | grep ' /scratch '",
        readonlyRootFilesystem=True, **linux(tmpfs=tmpfs))
    assert lines[:3] == ["refused", "refused", "fits"]
    assert "7168" in lines[3]
    assert lines[4] == "700"
    assert "noexec" not in lines[5] and "nosuid" in lines[5] and "nodev" in lines[5]


def test_shared_memory_size(berth):
    assert berth.show()["mounts"]["/dev/shm"]["super"] == "rw,size=65536k"
    shown = berth.show(**linux(sharedMemorySize=5))
    assert shown["mounts"]["/dev/shm"]["super"] == "rw,size=5120k"


@pytest.mark.parametrize("change, has, lacks", [
    ({"add": ["SYS_PTRACE"]}, [19, 0], []),
    ({"drop": ["CHOWN", "NET_RAW"]}, [1], [0, 13]),
    ({"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}, [10], [0, 1, 3, 13]),
    ({"add": ["ALL"], "drop": ["SYS_ADMIN"]}, [0, 12, 19], [21]),
], ids=str)
def test_capabilities(berth, change, has, lacks):
    effective = capabilities(berth.show(**linux(capabilities=change)))
    assert all(effective >> number & 1 for number in has), hex(effective)
    assert not any(effective >> number & 1 for number in lacks), hex(effective)


def test_privileged(berth):
    shown = berth.show(privileged=True)
    assert capabilities(shown) >> 21 & 1  # SYS_ADMIN
    assert shown["caps"]["Seccomp"] == "0"
    assert "ro" not in shown["mounts"]["/sys"]["options"].split(",")
    assert "/proc/sys" not in shown["mounts"]


def test_no_new_privileges(berth):
    assert berth.show()["caps"]["NoNewPrivs"] == "0"
    assert berth.show(dockerSecurityOptions=["no-new-privileges"])["caps"]["NoNewPrivs"] == "1"


def test_kernel_files_are_masked_and_read_only(berth):
    lines = berth.shell("cat /proc/keys /proc/timer_list | wc -c; ls /sys/firmware | wc -l; "
                        "echo 1 > /proc/sys/kernel/panic || echo refused; "
                        "mkdir /sys/fs/cgroup/x || echo refused")
    assert lines == ["0", "0", "refused", "refused"]


def test_an_init_process_reaps_and_passes_signals_on(berth):
    shown = berth.show(**linux(initProcessEnabled=True))
    assert (shown["id"]["pid"], shown["id"]["ppid"]) == (2, 1)
    # The orphan of a subshell is gone once it has ended: nobody but process 1 can have reaped it.
    lines = berth.shell("sh -c 'sleep 0.05 & echo $!' > /tmp/pid; sleep 0.3; "
                        "test -e /proc/$(cat /tmp/pid) || echo reaped",
                        **linux(initProcessEnabled=True))
    assert lines == ["reaped"]


def test_system_controls(berth):
    controls = [{"namespace": "net.ipv4.tcp_keepalive_time", "value": "123"},
                {"namespace": "kernel.msgmax", "value": "4096"}]
    lines = berth.shell("cat /proc/sys/net/ipv4/tcp_keepalive_time /proc/sys/kernel/msgmax",
                        mode="bridge", systemControls=controls)
    assert lines == ["123", "4096"]


def test_devices(berth):
    devices = [{"hostPath": "/dev/zero", "containerPath": "/dev/nothing"},
               {"hostPath": "/dev/kmsg"}]
    lines = berth.shell("stat -c '%t:%T' /dev/nothing /dev/kmsg; "
                        "head -c 3 /dev/nothing | od -An -tx1; ls /dev/kmsg",
                        **linux(devices=devices))
    assert lines == ["1:5", "1:b", " 00 00 00", "/dev/kmsg"]


# 1:11 is /dev/kmsg, which no container is given.
TRY_DEVICES = """
mknod /tmp/d c 1 11 && echo made
(: < /tmp/d) 2> /dev/null || echo not read
(: > /tmp/d) 2> /dev/null || echo not written
: < /dev/zero && : > /dev/null && echo defaults
: < /dev/loops && echo loops read
(: > /dev/loops) 2> /dev/null || echo loops not written
"""


def test_devices_are_filtered(berth):
    if berth.host.cgroup.path is None:
        pytest.skip("no cgroup2")
    devices = [{"hostPath": "/dev/loop-control", "containerPath": "/dev/loops",
                "permissions": ["read"]}]
    assert berth.shell(TRY_DEVICES, **linux(devices=devices)) == [
        "made", "not read", "not written", "defaults", "loops read", "loops not written"]


def test_a_privileged_container_may_use_every_device(berth):
    assert berth.shell("mknod /tmp/d c 1 11; : < /tmp/d && echo read",
                       privileged=True) == ["read"]


def test_extra_hosts_and_dns(berth):
    lines = berth.shell(
        "cat /etc/hosts /etc/resolv.conf", mode="bridge",
        extraHosts=[{"hostname": "db.lab", "ipAddress": "10.1.2.3"}],
        dnsServers=["10.0.0.53", "10.0.0.54"], dnsSearchDomains=["lab", "example.org"])
    assert "10.1.2.3\tdb.lab" in [line.replace(" ", "\t") for line in lines]
    assert "nameserver 10.0.0.53" in lines and "nameserver 10.0.0.54" in lines
    assert "search lab example.org" in lines
    assert any(line.split()[:2] == ["127.0.0.1", "localhost"] for line in lines if line)


def test_a_pseudo_terminal(berth):
    lines = berth.shell("test -t 0 && test -t 1 && test -t 2 && tty; echo $TERM",
                        pseudoTerminal=True)
    assert [line.strip() for line in lines] == ["/dev/pts/0", "xterm"]


def test_a_task_with_the_hosts_pid_and_ipc_namespaces(berth):
    done = berth.run(definition(container("a", "sh", "-c", "echo $$; readlink /proc/self/ns/ipc"),
                                pidMode="host", ipcMode="host"))
    pid, ipc = done.lines("a")
    assert int(pid) > 2
    assert ipc == os.readlink(f"/proc/{berth.host.pid}/ns/ipc")


def test_what_a_container_starts_ends_with_it_in_the_hosts_pid_namespace(berth):
    if berth.host.cgroup.path is None:
        pytest.skip("no cgroup2")
    done = berth.run(definition(
        container("a", "sh", "-c", "setsid sleep 4243 > /dev/null 2>&1 & exit 6"),
        pidMode="host"))
    assert done.code == 6  # that the sleep is gone is seen by the fixture


def test_layers_are_not_written_to(berth, rootfs_dir):
    berth.shell("rm -rf /etc/group /home; echo changed > /etc/passwd; touch /new")
    assert berth.shell("cat /etc/passwd; ls -d /etc/group /home")[-2:] == ["/etc/group", "/home"]
    assert "root:x:0:0" in "".join(berth.shell("cat /etc/passwd"))


# -- on a terminal of the caller ------------------------------------------------------------------

def test_on_a_terminal_the_view_is_live(berth):
    ours, theirs = pty.openpty()
    running = berth.start(definition(container("a", "echo", "hello")),
                          stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    assert running.wait() == 0
    seen = b""
    while True:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # EIO: everything has been read
            break
    os.close(ours)
    assert b"hello\r\n" in seen
    assert b"\x1b[" in seen
