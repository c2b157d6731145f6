"""Where mounts and what is made for them end up: never outside of the container's root."""

import os

from swapper import Swapper


def make_link(path, target):
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.symlink_to(target)


# CVE-2019-18837: a link where something is to be mounted.
def test_a_link_at_a_mount_target_stays_in_the_root(runtime, attack, canary):
    bundle = attack("ls", "/inside")
    source = bundle.directory / "volume"
    (source / "file").parent.mkdir()
    (source / "file").write_text("mine")
    (bundle.root / "target").symlink_to(canary)
    bundle.mount("/target/below", source)
    (bundle.root / "inside").symlink_to(str(canary) + "/below")
    done = bundle.under(runtime)
    assert done.stdout == "file\n", done.stderr  # resolved, with the container's root as "/"
    assert list(canary.iterdir()) == []


# CVE-2026-41579, CVE-2026-47766: the image's /dev is a link.
def with_a_link_at_dev(attack, canary):
    bundle = attack("true")
    make_link(bundle.root / "dev", canary)
    for mount in ("/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"):
        bundle.without_mount(mount)
    return bundle


def test_devices_are_not_made_where_a_link_at_dev_leads(runtime, attack, canary):
    done = with_a_link_at_dev(attack, canary).under(runtime)
    assert done.returncode != 0 and "openat2 dev: Too many levels of symbolic links" in done.stderr
    assert list(canary.iterdir()) == []


def test_control_crun_makes_devices_where_a_link_at_dev_leads(crun, attack, canary):
    with_a_link_at_dev(attack, canary).under(crun)
    assert list(canary.iterdir()) != []


# CVE-2023-27561, CVE-2023-28642: /proc or /sys is a link.
def test_links_at_proc_and_sys_are_refused(runtime, attack):
    for name in ("proc", "sys"):
        bundle = attack("true")
        (bundle.root / "elsewhere").mkdir()
        make_link(bundle.root / name, "elsewhere")
        done = bundle.under(runtime)
        assert done.returncode != 0 and f"/{name}" in done.stderr
        assert list((bundle.root / "elsewhere").iterdir()) == []


# CVE-2021-30465, CVE-2024-45310: a link takes a directory's place between the look and the use.
def hammer(runtime, bundle, canary, rounds):
    """Runs the bundle, whose mount target's parent is swapped with a link to the canary; what the
    canary then has in it, seen from the host."""
    trap = bundle.root / "trap"
    lure = bundle.root / "lure"
    lure.mkdir()
    trap.symlink_to(canary)
    bundle.written()
    with Swapper(lure, trap) as swapper:
        for _ in range(rounds):
            runtime.run("run", "--bundle", bundle.directory, "attack")
            if list(canary.iterdir()):
                break
    assert swapper.times > rounds
    return list(canary.iterdir())


def test_directories_are_not_made_on_the_host_by_a_race(runtime, attack, canary):
    bundle = attack("true")
    source = bundle.directory / "volume"
    source.mkdir()
    bundle.mount("/lure/a/b/c", source)
    assert hammer(runtime, bundle, canary, 150) == []


def test_files_are_not_made_on_the_host_by_a_race(runtime, attack, canary):
    bundle = attack("true")
    source = bundle.directory / "file"
    source.write_text("mine")
    bundle.mount("/lure/a/file", source)
    assert hammer(runtime, bundle, canary, 150) == []


def test_control_the_race_is_won_against_mkdir_by_path(attack, canary):
    """What the runtimes of before did: look whether there is a link, then make by path."""
    bundle = attack("true")
    trap, lure = bundle.root / "trap", bundle.root / "lure"
    lure.mkdir()
    trap.symlink_to(canary)
    with Swapper(lure, trap):
        for _ in range(100000):
            try:
                if not os.path.islink(lure):
                    os.makedirs(lure / "a/b/c", exist_ok=True)
            except OSError:
                pass
            if list(canary.iterdir()):
                break
    assert list(canary.iterdir()) != []


# CVE-2021-30465: what was mounted outside of the root would be gone after the switch to it.
def test_mounts_are_in_the_root_wherever_a_race_leads(runtime, attack, canary):
    bundle = attack("cat", "/proc/self/mountinfo")
    source = bundle.directory / "volume"
    source.mkdir()
    for directory in (canary / "kept", bundle.root / "lure/kept"):
        directory.mkdir(parents=True)
    (bundle.root / "trap").symlink_to(canary)
    bundle.mount("/lure/kept", source)
    bundle.written()
    places = set()
    with Swapper(bundle.root / "lure", bundle.root / "trap"):
        for _ in range(60):
            done = runtime.run("run", "--bundle", bundle.directory, "attack")
            if done.returncode != 0:
                continue  # neither name was there at that moment
            [line] = [line for line in done.stdout.splitlines() if str(source) in line]
            places.add(line.split()[4])
    # By the link, or by the directory under either of its names.
    assert places and places <= {"/lure/kept", "/trap/kept", f"{canary}/kept"}
