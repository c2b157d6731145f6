"""Mounts that come to a running container, whose programs change the names on the way to them.

CVE-2021-30465's race, with all the time in the world; and what is unmounted in place of what was meant.
"""

import json
import subprocess

import pytest

from swapper import Swapper


@pytest.fixture
def running(runtime, attack):
    """A container that runs, with a volume to be mounted in it: the bundle, and a function that calls
    `mounts` with a destination."""
    bundle = attack("sleep", "1000")
    volume = bundle.directory / "volume"
    volume.mkdir()
    (volume / "file").write_text("the volume's")
    runtime.detached("run", "--detach", "--bundle", bundle.written(), "attack")

    def mounts(what, destination):
        file = bundle.directory / "mounts.json"
        file.write_text(json.dumps([{"destination": destination, "type": "bind", "source": str(volume),
                                     "options": ["bind"]}]))
        return runtime.run("mounts", what, "attack", file)
    return bundle, mounts


def mounted(runtime):
    """Where, as the container sees it: the fifth field of its mountinfo (proc(5))."""
    with open(f"/proc/{runtime.state('attack')['pid']}/mountinfo", encoding="utf-8") as lines:
        return [line.split()[4] for line in lines]


def test_no_link_of_the_containers_leads_out(runtime, running, canary):
    bundle, mounts = running
    (bundle.root / "way").symlink_to(canary)
    assert mounts("add", "/way/out").returncode == 0
    assert list(canary.iterdir()) == []
    assert f"{canary}/out" in mounted(runtime)  # below its own root
    # The control: from outside the link does lead there.
    assert (bundle.root / "way").resolve() == canary


def test_no_link_of_the_containers_leads_into_procfs(runtime, running):
    bundle, mounts = running
    (bundle.root / "way").symlink_to("/proc/sys")
    before = mounted(runtime)
    refused = mounts("add", "/way/kernel")
    assert refused.returncode != 0 and "inside procfs" in refused.stderr
    (bundle.root / "self").symlink_to("/proc/1/root")
    assert mounts("add", "/self/tmp").returncode != 0  # a link of the kernel's
    assert mounted(runtime) == before


def test_a_race_leads_to_one_of_its_two_places(runtime, running, canary):
    bundle, mounts = running
    (bundle.root / "way").mkdir()
    (bundle.root / "other").symlink_to(canary)
    places = {"/way", "/other", str(canary)}
    before = set(mounted(runtime))
    with Swapper(bundle.root / "way", bundle.root / "other") as swapper:
        for number in range(30):
            mounts("add", f"/way/{number}")
    assert swapper.times > 100
    new = set(mounted(runtime)) - before
    assert new and {place.rpartition("/")[0] for place in new} <= places
    assert list(canary.iterdir()) == []


def with_a_mask_in_place_of_the_mount(bundle):
    """The name of what was mounted leads to a mask of the runtime's now."""
    (bundle.root / "way").rename(bundle.root / "elsewhere")
    (bundle.root / "way").symlink_to("/proc")


def test_a_mask_is_not_taken_away_for_a_mount(runtime, running):
    bundle, mounts = running
    assert "/proc/keys" in mounted(runtime)
    assert mounts("add", "/way/keys").returncode == 0
    with_a_mask_in_place_of_the_mount(bundle)
    refused = mounts("remove", "/way/keys")
    assert refused.returncode != 0 and "is not there any more" in refused.stderr
    assert "/proc/keys" in mounted(runtime)


def test_control_an_unmount_by_path_takes_the_mask_away(runtime, running):
    bundle, mounts = running
    assert mounts("add", "/way/keys").returncode == 0
    with_a_mask_in_place_of_the_mount(bundle)
    pid = str(runtime.state("attack")["pid"])
    subprocess.run(["nsenter", "--target", pid, "--mount", "--root", "/bin/umount", "-l", "/way/keys"],
                   check=True)
    assert "/proc/keys" not in mounted(runtime)
