"""config.md: version, root, valid values, extensibility."""

from harness.cases import MUST, case

VERSION = "config.md#specification-version"
ROOT = "config.md#root"
EXTENSIBILITY = "config.md#extensibility"
VALID = "config.md#valid-values"


@case(VERSION, MUST, "A configuration of any minor version up to the runtime's is accepted")
def older_version(t):
    t.config["ociVersion"] = "1.0.0"
    t.equal(t.output("echo ran"), "ran", "output with ociVersion 1.0.0")


@case(VERSION, MUST, "A configuration without ociVersion is an error",
      peers="runc does not look at ociVersion at all")
def without_version(t):
    del t.config["ociVersion"]
    t.refuses("a configuration without ociVersion")


@case(VERSION, MUST, "An ociVersion that is no SemVer version is an error",
      peers="runc and crun do not parse it")
def version_is_no_semver(t):
    t.config["ociVersion"] = "one"
    t.refuses('ociVersion "one"')


@case(VERSION, MUST, "A configuration of another major version is an error",
      peers="runc does not look at ociVersion at all")
def other_major_version(t):
    t.config["ociVersion"] = "99.0.0"
    t.refuses("ociVersion 99.0.0")


@case(ROOT, MUST, "root.path may be relative to the bundle")
def relative_path(t):
    t.rootfs.rename(t.path / "other")
    t.config["root"]["path"] = "other"
    t.equal(t.output("echo ran"), "ran", "output")


@case(ROOT, MUST, "root.path may be absolute")
def absolute_path(t):
    t.rootfs.rename(t.path / "elsewhere")
    t.config["root"]["path"] = str(t.path / "elsewhere")
    t.equal(t.output("echo ran"), "ran", "output")


@case(ROOT, MUST, "The container's / is what root.path leads to")
def is_the_root(t):
    (t.rootfs / "etc/mark").write_text("here")
    t.equal(t.output("cat /etc/mark; ls -d /bin/busybox /home 2>/dev/null; true"), "here/bin/busybox",
            "what is below /")


@case(ROOT, MUST, "The root is required")
def is_required(t):
    del t.config["root"]
    t.refuses("a configuration without root")


@case(ROOT, MUST, "A directory has to be at root.path")
def path_is_missing(t):
    t.config["root"]["path"] = "no-such-directory"
    t.refuses("a root.path that leads to nothing")


@case(ROOT, MUST, "A file at root.path is an error")
def path_is_a_file(t):
    (t.path / "file").write_text("")
    t.config["root"]["path"] = "file"
    t.refuses("a root.path that leads to a file")


@case(ROOT, MUST, "With root.readonly the container can't write to its root", drop="root.readonly")
def readonly(t):
    t.config["root"]["readonly"] = True
    t.equal(t.output("touch /etc/new 2>/dev/null && echo wrote || echo refused"), "refused", "a write to /etc")
    t.equal((t.rootfs / "etc/new").exists(), False, "the file")


@case(ROOT, MUST, "A read-only root leaves mounts below it writable", drop="root.readonly")
def readonly_without_mounts(t):
    t.config["root"]["readonly"] = True
    script = "touch /dev/shm/new && echo dev; touch /etc/new 2>/dev/null || echo refused"
    t.equal(t.output(script).split(), ["dev", "refused"], "writes to /dev/shm and to /etc")


@case(ROOT, MUST, "Without root.readonly the container can write to its root")
def writable_by_default(t):
    t.output("echo text > /etc/new")
    t.equal((t.rootfs / "etc/new").read_text(), "text\n", "the file on the host")


@case(EXTENSIBILITY, MUST, "A property that the runtime does not know is no error")
def unknown_properties(t):
    t.config["com.example.unknown"] = {"a": [1, "two", None]}
    t.equal(t.output("echo ran"), "ran", "output")


@case(EXTENSIBILITY, MUST, "An unknown property inside of process, root, a mount or linux is no error")
def unknown_properties_below(t):
    t.process["unknown"] = True
    t.config["root"]["unknown"] = "x"
    t.config["mounts"][0]["unknown"] = []
    t.linux["unknown"] = {}
    t.equal(t.output("echo ran"), "ran", "output")


@case(VALID, MUST, "A value of the wrong JSON type is an error")
def wrong_type(t):
    t.process["args"] = "echo ran"
    t.fails(t.run(), "process.args as a string")


@case(VALID, MUST, "A negative uid is an error")
def negative_uid(t):
    t.process["user"]["uid"] = -1
    t.refuses("process.user.uid -1")
