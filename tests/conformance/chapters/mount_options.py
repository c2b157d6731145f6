"""config.md, Linux mount options: the table of names."""

from harness import host, sandbox
from harness.bundle import bind, mount
from harness.cases import MUST, SHOULD, case
from harness.mounts import all_mounts, mount_at, mount_on_host

OPTIONS = "config.md#linux-mount-options"
MS = {"ro": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "nosymfollow": 256, "noatime": 1024, "nodiratime": 2048}


ADDS = "crun 1.8 only ever adds flags"
DATA = "crun 1.8 hands it to the file system"
PEERS = {**dict.fromkeys("rw suid dev exec atime diratime async nostrictatime".split(), ADDS),
         **dict.fromkeys("silent loud iversion noiversion nosymfollow symfollow rnosymfollow rsymfollow "
                         "rnoatime rnodiratime rdiratime rstrictatime rrelatime".split(), DATA),
         "defaults": "runc 1.1 hands it to the file system",
         "ratime": "crun 1.8 hands it to the file system, and runc the kernel a mask that it refuses"}


def add_flag(option, *, before=(), has=None, lacks=None, where="options", level=MUST, needs=()):
    """`option`, after those `before` it, has to leave a mount that has, or lacks, a flag."""
    wish = f"sets {has}" if has else f"takes back {' '.join(before)}"

    @case(OPTIONS, level, f"{option} {wish}", name=option, needs=needs,
          drop="mounts.-1.options.-1", peers=PEERS.get(option))
    def test(t):
        t.mount(mount("/mnt", "tmpfs", *before, option))
        got = getattr(mount_at(t, "/mnt"), where)
        t.true(has in got if has else lacks not in got, f"flags with {[*before, option]}",
               has or f"no {lacks}", sorted(got))


for flag, opposite in (("ro", "rw"), ("nosuid", "suid"), ("nodev", "dev"), ("noexec", "exec"),
                       ("noatime", "atime"), ("nodiratime", "diratime")):
    add_flag(flag, has=flag)
    add_flag(opposite, before=(flag,), lacks=flag)
for flag, opposite in (("sync", "async"), ("lazytime", "nolazytime")):
    add_flag(flag, has=flag, where="super")
    add_flag(opposite, before=(flag,), lacks=flag, where="super")
add_flag("dirsync", has="dirsync", where="super")
add_flag("strictatime", lacks="relatime")
add_flag("nostrictatime", before=("strictatime",), has="relatime")
add_flag("nosymfollow", has="nosymfollow", level=SHOULD, needs=[host.kernel(5, 10)])
add_flag("symfollow", before=("nosymfollow",), lacks="nosymfollow", level=SHOULD, needs=[host.kernel(5, 10)])


@case(OPTIONS, MUST, "relatime is known, and is what a mount has that is to have nothing else")
def relatime(t):
    t.mount(mount("/mnt", "tmpfs", "relatime"))
    t.true("relatime" in mount_at(t, "/mnt").options, "flags", "relatime", lambda: t.last.out)


def add_known(option):
    @case(OPTIONS, MUST, f"{option} is known, and not handed to the file system", name=option,
          peers=PEERS.get(option))
    def test(t):
        t.mount(mount("/mnt", "tmpfs", option))
        t.equal(mount_at(t, "/mnt").kind, "tmpfs", f"a mount with {option}")


for each in ("defaults", "silent", "loud", "iversion", "noiversion", "norelatime"):
    add_known(each)


def add_propagation(option, tag, recursive):
    says = {"": "is private", "shared:": "is shared", "master:": "is a slave", "unbindable": "can't be bound"}

    # What a mount is without the option is up to the runtime: private, or shared.
    drop = "mounts.-1.options.-1" if tag in ("master:", "unbindable") else None

    @case(OPTIONS, MUST, f"{option}: the mount {says[tag]}{', and so is what is below it' if recursive else ''}",
          name=option, drop=drop)
    def test(t):
        # Without the option the mount has what the root's propagation left: that has to differ.
        t.linux["rootfsPropagation"] = "slave" if tag == "shared:" else "shared"
        volume = mount_on_host(t, "volume", "volume/sub")
        t.mount(bind(volume, "/mnt", "rbind", option))
        found = all_mounts(t)
        for point in ["/mnt", "/mnt/sub"][:2 if recursive else 1]:
            tags = " ".join(found[point].tags)
            right = tag in tags if tag else tags == ""
            t.true(right, f"propagation of {point}", tag or "private", tags or "private")


for name, wanted in (("shared", "shared:"), ("slave", "master:"), ("private", ""), ("unbindable", "unbindable")):
    add_propagation(name, wanted, False)
    add_propagation("r" + name, wanted, True)


def set_flags(path, flags):
    remount_bind = 0x20 | 0x1000
    sandbox.mount("none", path, None, remount_bind | flags)


def add_recursive(option, flag, sets):
    verb = "sets" if sets else "takes back"
    flags = 0 if sets else MS.get(flag, 0)

    @case(OPTIONS, SHOULD, f"{option} {verb} {flag} on a mount and on what is below it", name=option,
          needs=[host.kernel(5, 12)], drop="mounts.-1.options.-1", peers=PEERS.get(option))
    def test(t):
        volume = mount_on_host(t, "volume", "volume/sub")
        if flags:
            set_flags(volume / "sub", flags)
        t.mount(bind(volume, "/mnt", "rbind", option))
        found = all_mounts(t)
        got = {point: (flag in found[point].options) for point in ("/mnt", "/mnt/sub")}
        t.equal(got, {"/mnt": sets, "/mnt/sub": sets}, f"which have {flag}")


for with_flag, without_flag, flag in (
        ("rro", "rrw", "ro"), ("rnosuid", "rsuid", "nosuid"), ("rnodev", "rdev", "nodev"),
        ("rnoexec", "rexec", "noexec"), ("rnodiratime", "rdiratime", "nodiratime"),
        ("rnosymfollow", "rsymfollow", "nosymfollow"), ("rnoatime", "ratime", "noatime")):
    add_recursive(with_flag, flag, True)
    add_recursive(without_flag, flag, False)
add_recursive("rstrictatime", "relatime", False)


def add_recursive_relatime(option):
    @case(OPTIONS, SHOULD, f"{option} sets relatime on a mount and on what is below it", name=option,
          needs=[host.kernel(5, 12)], drop="mounts.-1.options.-1", peers=PEERS.get(option))
    def test(t):
        volume = mount_on_host(t, "volume", "volume/sub")
        set_flags(volume / "sub", MS["noatime"])
        t.mount(bind(volume, "/mnt", "rbind", option))
        t.true("relatime" in all_mounts(t)["/mnt/sub"].options, "options of /mnt/sub", "relatime",
               lambda: t.last.out)


add_recursive_relatime("rrelatime")
