"""procfs and sysfs: what is written there is written to the kernel's, and what is masked stays so."""


def output_of(bundle, runtime):
    done = bundle.under(runtime)
    assert done.returncode == 0, done.stderr
    return done.stdout


# CVE-2019-16884, CVE-2019-19921: something else in the place of procfs.
def test_only_procfs_may_be_proc(runtime, attack):
    for kind in ("tmpfs", "bind"):
        bundle = attack("true")
        bundle.without_mount("/proc")
        source = bundle.directory / "proc"
        source.mkdir()
        bundle.mount("/proc", source, "bind" if kind == "bind" else "nosuid", type=kind)
        done = bundle.under(runtime)
        assert done.returncode != 0 and "only procfs may be mounted on /proc" in done.stderr


def test_nothing_is_mounted_over_parts_of_procfs(runtime, attack):
    for target in ("/proc/sys/kernel/domainname", "/proc/1/attr", "/proc/uptime/..", "/proc/keys"):
        bundle = attack("true")
        source = bundle.directory / "fake"
        source.write_text("")
        bundle.mount(target, source)
        done = bundle.under(runtime)
        assert done.returncode != 0 and "inside procfs" in done.stderr, target


# CVE-2025-52881: writes that the set-up makes to procfs are led elsewhere by the image.
def test_sysctls_reach_the_kernel_whatever_the_image_has_in_proc(runtime, attack):
    bundle = attack("cat", "/proc/sys/net/ipv4/ip_default_ttl", "/fake")
    (bundle.root / "fake").write_text("untouched\n")
    decoy = bundle.root / "proc/sys/net/ipv4"
    decoy.mkdir(parents=True)
    (decoy / "ip_default_ttl").symlink_to("/fake")
    bundle.config["linux"]["sysctl"] = {"net.ipv4.ip_default_ttl": "77"}
    assert output_of(bundle, runtime) == "77\nuntouched\n"


# CVE-2025-31133: /dev/null, which masks files, is the image's.
def with_its_own_null(attack):
    bundle = attack("cat", "/secret")
    (bundle.root / "secret").write_text("the host's\n")
    (bundle.root / "chosen").write_text("the attacker's\n")
    devices = bundle.directory / "devices"
    devices.mkdir()
    (devices / "null").symlink_to("/chosen")
    bundle.config["linux"]["maskedPaths"] = ["/secret"]
    bundle.config["linux"].pop("devices", None)
    for mount in ("/dev/pts", "/dev/shm", "/dev/mqueue", "/dev"):
        bundle.without_mount(mount)
    bundle.mount("/dev", devices, "rbind", "rw")
    return bundle


def test_masks_are_the_hosts_null(runtime, attack):
    assert output_of(with_its_own_null(attack), runtime) == ""


def test_control_runc_masks_with_what_the_image_has_for_null(runc, attack):
    done = with_its_own_null(attack).under(runc)
    assert "the attacker's" in done.stdout


# A mask can't be taken away, or written through.
def test_masked_and_read_only_paths_hold(runtime, attack):
    bundle = attack("sh", "-c", "umount /proc/keys; mount -o remount,rw /proc/sys; "
                                "echo 1 > /proc/sys/kernel/domainname; cat /proc/keys; chmod 0 /proc/keys")
    every = ["CAP_SYS_CHROOT", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_CHOWN"]
    for kind in ("bounding", "effective", "permitted"):
        bundle.config["process"]["capabilities"][kind] = every
    done = bundle.under(runtime)
    assert done.stdout == ""
    assert [line.rsplit(": ", 1)[1] for line in done.stderr.splitlines()] == [
        "Operation not permitted", "permission denied (are you root?)", "Read-only file system",
        "Read-only file system"]
