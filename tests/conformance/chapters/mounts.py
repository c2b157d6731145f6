"""config.md, Mounts."""

import os

from harness import host
from harness.bundle import bind, mount
from harness.cases import MUST, SHOULD, case
from harness.mounts import mount_at, mount_on_host, points

MOUNTS = "config.md#mounts"
POSIX = "config.md#posix-platform-mounts"
OPTIONS = "config.md#linux-mount-options"


@case(MOUNTS, MUST, "Mounts are made in the listed order", drop="mounts.-1")
def order(t):
    t.mount(mount("/mnt", "tmpfs", "size=64k"))
    t.mount(mount("/mnt/below", "tmpfs", "size=68k"))
    t.mount(mount("/mnt", "tmpfs", "size=72k"))
    script = "test -d /mnt/below && echo seen; grep -c ' /mnt' /proc/self/mountinfo"
    t.equal(t.output(script).split(), ["3"], "mounts at /mnt, of which the last covers the others")


@case(MOUNTS, MUST, "A later mount can be inside of an earlier one", drop="mounts.-1")
def nested(t):
    t.mount(mount("/mnt", "tmpfs"))
    t.mount(mount("/mnt/a/b", "tmpfs", "size=64k"))
    t.true("/mnt/a/b" in points(t), "mount points", "/mnt/a/b", lambda: t.last.out)


@case(MOUNTS, SHOULD, "A destination that does not exist is made", drop="mounts.-1")
def destination_is_made(t):
    t.mount(mount("/not/there/yet", "tmpfs"))
    t.true("/not/there/yet" in points(t), "mount points", "/not/there/yet", lambda: t.last.out)


@case(MOUNTS, SHOULD, "A destination has to be absolute, though runtimes may take a relative one from /")
def destination_is_relative(t):
    t.mount(mount("mnt", "tmpfs", "size=64k"))
    result = t.run()
    t.script("cat /proc/self/mountinfo")
    t.true(result.code != 0 or "/mnt" in points(t), "a relative destination", "an error, or a mount at /mnt",
           lambda: t.last.out)


@case(MOUNTS, MUST, "A link at the destination is followed inside of the root, never out of it",
      drop="mounts.-1")
def destination_is_a_link(t):
    outside = t.path / "outside"
    outside.mkdir()
    inside = t.rootfs / str(outside).lstrip("/")
    inside.mkdir(parents=True)
    (t.rootfs / "link").symlink_to(outside)
    t.mount(mount("/link", "tmpfs"))
    t.output("touch /link/mark; cat /proc/self/mountinfo > /tmp/mounts")
    t.equal(list(outside.iterdir()), [], "the host's directory of that name")
    found = [line.split()[4] for line in (t.rootfs / "tmp/mounts").read_text().splitlines()]
    t.true(str(outside) in found, "mount points", str(outside), found)


@case(MOUNTS, MUST, "A source that does not exist is an error of a bind mount")
def source_is_missing(t):
    t.mount(bind(t.path / "none", "/mnt"))
    t.refuses("a bind mount of nothing")


@case(MOUNTS, MUST, "A bind mount's source may be relative to the bundle", drop="mounts.-1")
def source_is_relative(t):
    (t.path / "volume").mkdir()
    (t.path / "volume/mark").write_text("here")
    t.mount(bind("volume", "/mnt"))
    t.equal(t.output("cat /mnt/mark"), "here", "a file of the volume")


@case(MOUNTS, MUST, "A file can be bound to a file", drop="mounts.-1")
def file_is_bound(t):
    (t.path / "file").write_text("here")
    t.mount(bind(t.path / "file", "/etc/bound"))
    t.equal(t.output("cat /etc/bound"), "here", "the file")


@case(POSIX, MUST, "The type is that of the file system", drop="mounts.-1")
def kind(t):
    t.mount(mount("/mnt", "tmpfs"))
    t.equal(mount_at(t, "/mnt").kind, "tmpfs", "the type of /mnt")


@case(POSIX, MUST, "A bind mount's type is of no importance", drop="mounts.-1")
def kind_of_a_bind_mount(t):
    (t.path / "volume").mkdir()
    (t.path / "volume/mark").write_text("here")
    t.mount(mount("/mnt", "none", "rbind", source=str(t.path / "volume")))
    t.equal(t.output("cat /mnt/mark"), "here", "a file of the volume")


@case(OPTIONS, SHOULD, "Options that are unknown are the file system's", drop="mounts.-1.options")
def data(t):
    t.mount(mount("/mnt", "tmpfs", "mode=0711", "size=128k", "nr_inodes=99"))
    t.true({"mode=711", "size=128k", "nr_inodes=99"} <= mount_at(t, "/mnt").super, "tmpfs's options",
           t.config["mounts"][-1]["options"], lambda: t.last.out)


@case(OPTIONS, MUST, "An option that neither the runtime nor the file system knows is an error")
def unknown_option(t):
    t.mount(mount("/mnt", "tmpfs", "no-such-option"))
    t.refuses("an unknown mount option")


@case(OPTIONS, MUST, "remount changes a mount that is there", drop="mounts.-1")
def remount(t):
    t.mount(mount("/mnt", "tmpfs"))
    t.mount(mount("/mnt", "tmpfs", "remount", "ro"))
    t.true("ro" in mount_at(t, "/mnt").options, "options of /mnt", "ro", lambda: t.last.out)


@case(OPTIONS, MUST, "bind leaves out what is mounted below the source")
def bind_is_flat(t):
    volume = mount_on_host(t, "volume", "volume/sub")
    (volume / "sub/mark").write_text("x")
    t.mount(bind(volume, "/mnt", "bind"))
    t.equal(t.output("ls /mnt; ls /mnt/sub"), "sub", "files below /mnt")


@case(OPTIONS, MUST, "rbind takes along what is mounted below the source", drop="mounts.-1.options")
def rbind(t):
    volume = mount_on_host(t, "volume", "volume/sub")
    (volume / "sub/mark").write_text("x")
    t.mount(mount("/mnt", "none", "rbind", source=str(volume)))
    t.equal(t.output("ls /mnt/sub"), "mark", "files in /mnt/sub")


@case(OPTIONS, MUST, "ro is enforced", drop="mounts.-1.options")
def ro_is_enforced(t):
    t.mount(mount("/mnt", "tmpfs", "ro"))
    t.equal(t.output("touch /mnt/x 2>/dev/null && echo wrote || echo refused"), "refused", "a write")


@case(OPTIONS, MUST, "A bind mount can be read-only while its source is not", drop="mounts.-1.options.-1")
def ro_of_a_bind_mount(t):
    (t.path / "volume").mkdir()
    t.mount(bind(t.path / "volume", "/mnt", "bind", "ro"))
    t.equal(t.output("touch /mnt/x 2>/dev/null && echo wrote || echo refused"), "refused", "a write")
    (t.path / "volume/y").write_text("")


@case(OPTIONS, MUST, "noexec is enforced", drop="mounts.-1.options.-1")
def noexec_is_enforced(t):
    t.mount(mount("/mnt", "tmpfs", "mode=0755", "noexec"))
    script = "cp /bin/busybox /mnt/true && /mnt/true 2>/dev/null && echo ran || echo refused"
    t.equal(t.output(script), "refused", "a program on /mnt")


IDS = [{"containerID": 0, "hostID": 7000, "size": 1000}]


def idmapped(t, *options, **ids):
    volume = mount_on_host(t, "volume")
    (volume / "file").write_text("")
    os.chown(volume / "file", 5, 6)
    t.mount(bind(volume, "/mnt", *options) | ids)
    return t.output("stat -c '%u %g' /mnt/file")


@case(POSIX, MUST, "idmap with uidMappings and gidMappings changes the owners that are seen",
      needs=[host.kernel(6, 3)], drop="mounts.-1", peers="runc has it since 1.2")
def idmap(t):
    t.equal(idmapped(t, "bind", "idmap", uidMappings=IDS, gidMappings=IDS), "7005 7006", "owner and group")


@case(POSIX, MUST, "ridmap does so below the source too", needs=[host.kernel(6, 3)], drop="mounts.-1.options.-1",
      peers="runc has it since 1.2, crun since 1.9")
def ridmap(t):
    volume = mount_on_host(t, "volume", "volume/sub")
    (volume / "sub/file").write_text("")
    t.mount(bind(volume, "/mnt", "rbind", "ridmap") | {"uidMappings": IDS, "gidMappings": IDS})
    t.equal(t.output("stat -c '%u %g' /mnt/sub/file"), "7000 7000", "owner and group")


@case(OPTIONS, MUST, "idmap without mappings and without a user namespace is an error",
      peers="runc 1.1 does not know idmap")
def idmap_without_mappings(t):
    t.mount(bind(mount_on_host(t, "volume"), "/mnt", "bind", "idmap"))
    t.refuses("idmap without mappings")


@case(POSIX, MUST, "uidMappings without gidMappings is an error", peers="runc 1.1 does not know them")
def half_an_idmap(t):
    t.mount(bind(mount_on_host(t, "volume"), "/mnt", "bind", "idmap") | {"uidMappings": IDS})
    t.refuses("uidMappings without gidMappings")


@case(POSIX, SHOULD, "Owners on the host stay what they are under an idmapped mount", needs=[host.kernel(6, 3)])
def idmap_leaves_the_source(t):
    idmapped(t, "bind", "idmap", uidMappings=IDS, gidMappings=IDS)
    status = (t.path / "volume/file").stat()
    t.equal((status.st_uid, status.st_gid), (5, 6), "owner and group on the host")
