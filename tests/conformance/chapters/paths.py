"""config-linux.md: masked and read-only paths, propagation of the root, sysctl."""

from harness import host, sandbox
from harness.bundle import mount
from harness.cases import MUST, case
from harness.mounts import all_mounts, mount_on_host

MASKED = "config-linux.md#masked-paths"
READONLY = "config-linux.md#readonly-paths"
PROPAGATION = "config-linux.md#rootfs-mount-propagation"
SYSCTL = "config-linux.md#sysctl"


@case(MASKED, MUST, "A file in maskedPaths can't be read", drop="linux.maskedPaths")
def masked_file(t):
    (t.rootfs / "etc/secret").write_text("secret")
    t.linux["maskedPaths"] = ["/etc/secret"]
    t.equal(t.output("cat /etc/secret 2>/dev/null | wc -c"), "0", "bytes read")


@case(MASKED, MUST, "A directory in maskedPaths can't be looked into", drop="linux.maskedPaths")
def masked_directory(t):
    (t.rootfs / "var/secret").mkdir()
    (t.rootfs / "var/secret/file").write_text("secret")
    t.linux["maskedPaths"] = ["/var/secret"]
    t.equal(t.output("ls -A /var/secret 2>/dev/null | wc -l"), "0", "entries seen")


@case(MASKED, MUST, "A masked directory can't be written to", drop="linux.maskedPaths")
def masked_directory_is_readonly(t):
    (t.rootfs / "var/secret").mkdir()
    t.linux["maskedPaths"] = ["/var/secret"]
    t.equal(t.output("touch /var/secret/x 2>/dev/null && echo wrote || echo refused"), "refused", "a write")


@case(MASKED, MUST, "A path below /proc can be masked", drop="linux.maskedPaths.-1")
def masked_proc(t):
    t.linux["maskedPaths"] = ["/proc/acpi", "/proc/keys", "/proc/version"]
    t.equal(t.output("cat /proc/version 2>/dev/null | wc -c"), "0", "bytes read of /proc/version")


@case(MASKED, MUST, "A masked path that does not exist is no error")
def masked_nothing(t):
    t.linux["maskedPaths"] = ["/no/such/path"]
    t.equal(t.output("echo ran"), "ran", "output")


@case(MASKED, MUST, "A masked path has to be absolute", peers="runc and crun take it from /")
def masked_relative(t):
    t.linux["maskedPaths"] = ["etc/passwd"]
    t.refuses("a relative masked path")


@case(READONLY, MUST, "A directory in readonlyPaths can't be written to", drop="linux.readonlyPaths")
def readonly_directory(t):
    t.linux["readonlyPaths"] = ["/var"]
    t.equal(t.output("touch /var/x 2>/dev/null && echo wrote || echo refused"), "refused", "a write")


@case(READONLY, MUST, "A file in readonlyPaths can't be written to", drop="linux.readonlyPaths")
def readonly_file(t):
    t.linux["readonlyPaths"] = ["/etc/group"]
    t.equal(t.output("echo x >> /etc/group && echo wrote || echo refused 2>/dev/null"), "refused", "a write")


@case(READONLY, MUST, "What is in readonlyPaths can be read, and what is beside it written")
def readonly_can_be_read(t):
    t.linux["readonlyPaths"] = ["/etc/group"]
    t.equal(t.output("cat /etc/group && touch /etc/new && echo wrote").split(), ["root:x:0:", "wrote"], "output")


@case(READONLY, MUST, "A path below /proc can be read-only", drop="linux.readonlyPaths.-1")
def readonly_proc(t):
    t.linux["readonlyPaths"] = ["/proc/bus", "/proc/sys"]
    script = "echo name > /proc/sys/kernel/hostname && echo wrote || echo refused"
    t.equal(t.output(script), "refused", "a write to /proc/sys")


@case(READONLY, MUST, "A read-only path keeps its mount's other flags", drop="linux.readonlyPaths",
      peers="crun 1.8 loses them")
def readonly_keeps_flags(t):
    t.mount(mount("/mnt", "tmpfs", "nosuid", "nodev", "noexec"))
    t.linux["readonlyPaths"] = ["/mnt"]
    t.true({"ro", "nosuid", "nodev", "noexec"} <= all_mounts(t)["/mnt"].options, "flags of /mnt",
           "ro, nosuid, nodev, noexec", lambda: t.last.out)


@case(READONLY, MUST, "A read-only path that does not exist is no error")
def readonly_nothing(t):
    t.linux["readonlyPaths"] = ["/no/such/path"]
    t.equal(t.output("echo ran"), "ran", "output")


@case(READONLY, MUST, "A read-only path has to be absolute", peers="runc and crun take it from /")
def readonly_relative(t):
    t.linux["readonlyPaths"] = ["etc"]
    t.refuses("a relative read-only path")


def add_propagation(name, tag):
    @case(PROPAGATION, MUST, f"rootfsPropagation {name} is the propagation of /", name=f"root_{name}",
          peers=None if name == "private" else
          "runc sets it for the host's root before it moves to the container's, which stays private")
    def propagation(t):
        t.linux["rootfsPropagation"] = name
        tags = " ".join(all_mounts(t)["/"].tags)
        t.true(tag in tags if tag else "shared:" not in tags and "master:" not in tags, "propagation of /",
               tag or "private", tags or "private")


for each, wanted in (("shared", "shared:"), ("private", ""), ("unbindable", "unbindable")):
    add_propagation(each, wanted)


@case(PROPAGATION, MUST, "With slave, what is mounted on the host shows up in the container")
def slave_receives(t):
    t.linux["rootfsPropagation"] = "slave"
    volume = mount_on_host(t, "volume")
    sandbox.mount("none", volume, None, sandbox.MS_SHARED)
    (volume / "later").mkdir()
    t.mount(mount("/mnt", "none", "rbind", source=str(volume)))
    container = t.start()
    sandbox.mount("tmpfs", volume / "later", "tmpfs", 0)
    with open(f"/proc/{container.state()['pid']}/mountinfo") as file:
        t.true("/mnt/later" in [line.split()[4] for line in file], "mounts in the container", "/mnt/later", "none")


@case(PROPAGATION, MUST, "With private, what is mounted on the host's side of the root does not show up")
def private_does_not_receive(t):
    t.linux["rootfsPropagation"] = "private"
    container = t.start()
    sandbox.mount("tmpfs", t.rootfs / "mnt", "tmpfs", 0)
    with open(f"/proc/{container.state()['pid']}/mountinfo") as file:
        points = [line.split()[4] for line in file]
    t.true("/" in points and "/mnt" not in points, "mounts in the container", "none at /mnt", points)


@case(PROPAGATION, MUST, "With private, what the container mounts does not show up on the host")
def private_does_not_send(t):
    t.linux["rootfsPropagation"] = "private"
    for name in ("bounding", "permitted", "effective"):
        t.process["capabilities"][name].append("CAP_SYS_ADMIN")
    container = t.start("mount -t tmpfs mark /mnt && echo mounted; sleep 1000")
    container.output_has("mounted")
    with open("/proc/self/mountinfo") as file:
        t.equal([line for line in file if f"{t.rootfs}/mnt" in line], [], "mounts on the host")


@case(PROPAGATION, MUST, "An unknown propagation is an error", peers="crun takes it for none")
def unknown_propagation(t):
    t.linux["rootfsPropagation"] = "sideways"
    t.refuses("an unknown propagation")


def add_sysctl(name, value, kind):
    path = name.replace(".", "/")

    @case(SYSCTL, MUST, f"{name} is set in the container's {kind} namespace", name=f"sysctl_{name}",
          needs=[host.sysctl(path)], drop="linux.sysctl")
    def sysctl(t):
        t.linux["sysctl"] = {name: value}
        t.equal(t.output(f"cat /proc/sys/{path}").split(), value.split(), f"/proc/sys/{path}")


for key, text, kind in (("net.ipv4.ip_forward", "1", "network"), ("net.core.somaxconn", "257", "network"),
                        ("net.ipv4.ping_group_range", "7 77", "network"), ("kernel.msgmax", "8100", "ipc"),
                        ("kernel.sem", "32000 1024000000 500 31000", "ipc"),
                        ("fs.mqueue.msg_max", "11", "ipc"), ("kernel.domainname", "example.test", "uts")):
    add_sysctl(key, text, kind)


@case(SYSCTL, MUST, "A sysctl's value does not reach the runtime's namespace")
def sysctl_stays_inside(t):
    t.linux["sysctl"] = {"net.core.somaxconn": "258"}
    t.equal(t.output("cat /proc/sys/net/core/somaxconn"), "258", "inside")
    with open("/proc/sys/net/core/somaxconn") as file:
        t.true(file.read().strip() != "258", "net.core.somaxconn outside", "another value", "258")


@case(SYSCTL, MUST, "A sysctl that does not exist is an error")
def unknown_sysctl(t):
    t.linux["sysctl"] = {"net.no.such": "1"}
    t.refuses("an unknown sysctl")
