"""Deaths at any moment, full disks, broken files, reboots, and commands that cross each other."""

import json
import os
import pathlib
import random
import signal
import threading
import time

import pytest

from harness import pair
from harness.berth import container, definition, wait_for
from harness.host import Host

OWN_FAILURE = 125
ROUNDS = 30
STATE = "/var/lib/berth"


class Site:
    """A host, with two definitions of the pair in each network mode."""

    def __init__(self, host, directory):
        self.host = host
        self.directory = directory
        self.long = {mode: pair.write(directory, "long", mode, pair.LONG)
                     for mode in ("bridge", "awsvpc")}
        self.short = pair.write(directory, "short", "bridge", pair.SHORT)
        host.berth("run", self.short, check=False)  # makes what stays for good
        self.before = host.dump_at_rest()

    def berth(self, *words, code=0):
        done = self.host.berth(*words, check=False)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def write(self, name, document):
        path = self.directory / f"{name}.json"
        path.write_text(json.dumps(document))
        return path

    def launch(self, name, mode="awsvpc"):
        self.berth("run", "--detach", "--name", name, self.long[mode])

    def remove_all(self):
        self.berth("rm", "--force", "--all")
        self.host.assert_nothing_left(self.before)


@pytest.fixture
def site(host, image, tmp_path):
    if not host.cgroup.path:
        pytest.skip("no cgroup2, by which the processes of tasks are found")
    return Site(host, tmp_path)


def shim_pid(host):
    """The only process of the tasks' that is a shim and not a launcher of one."""
    pids = pair.processes(host).get(".shim", [])
    return min(pids, default=None)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def containers_die(host, within=1.0):
    """That nothing of any container is alive `within` seconds from now."""
    wait_for(lambda: not any(pids for name, pids in pair.processes(host).items()
                             if name != ".shim"), f"death of the containers in {within} s", within)


def left(host, before):
    """The lines that say in what the host is not as before."""
    try:
        host.assert_nothing_left(before, timeout=3)
    except AssertionError as failure:
        return [line for line in str(failure).splitlines() if line.startswith("  ")]
    return []


# -- deaths ---------------------------------------------------------------------------------------

class Round:
    """One launch that a random death comes over at a random moment."""

    def __init__(self, site, dice, launch_time):
        self.site = site
        self.host = site.host
        self.detached = dice.random() < 0.5
        self.mode = dice.choice(sorted(site.long))
        self.victim = dice.choice(["command", "shim", "both", "container"])
        self.delay = dice.uniform(0, 1.5 * launch_time)

    def __str__(self):
        return (f"{'detached' if self.detached else 'foreground'} {self.mode}: {self.victim} "
                f"killed after {self.delay:.3f} s")

    def play(self):
        words = ["run", "--name", "it", *(["--detach"] if self.detached else [])]
        command = self.host.berth_popen(*words, self.site.long[self.mode])
        time.sleep(self.delay)  # the random moment
        struck = self.strike(command)
        if "shim" in struck:
            containers_die(self.host)
        if not struck and not self.detached:
            command.kill()  # or it would go on and on
        command.communicate(timeout=20)
        self.check_truth()
        self.site.remove_all()

    def strike(self, command):
        """Kills the victim, as far as it is there; returns what was."""
        struck = []
        shim = shim_pid(self.host)
        first = pair.processes(self.host).get("first")
        if self.victim in ("command", "both") and command.entering.poll() is None:
            try:
                command.kill()
                struck.append("command")
            except ProcessLookupError:
                pass  # it has just ended
        if self.victim in ("shim", "both") and shim:
            kill(shim)
            struck.append("shim")
        if self.victim == "container" and first:
            kill(min(first))
            struck.append("container")
        return struck

    def check_truth(self):
        """What `berth ps` says must be so."""
        task = pair.tasks(self.host).get("it")
        if task is None:
            assert not pair.any_process(self.host)
        elif task["lastStatus"] == "STOPPED":
            pair.wait_for_end(self.host, 5)
            assert task["stoppedReason"] and task["stopCode"], task
        elif not shim_pid(self.host):  # it has come to its end since `ps` looked
            pair.wait_for_status(self.host, "it", "STOPPED")
            self.check_truth()
        else:
            running = [one for one in task["containers"] if one["lastStatus"] == "RUNNING"]
            assert all("pid" in one for one in running), task


def test_deaths_at_random_moments(site):
    dice = random.Random(20240607)
    started = time.monotonic()
    site.launch("it")
    pair.wait_for_status(site.host, "it", "RUNNING")
    launch_time = time.monotonic() - started
    site.remove_all()
    for number in range(ROUNDS):
        one = Round(site, dice, launch_time)
        try:
            one.play()
        except BaseException as failure:
            raise AssertionError(f"round {number}, {one}: {failure}") from failure


@pytest.mark.parametrize("mode", ["bridge", "awsvpc"])
def test_a_task_goes_on_without_the_command_that_started_it(site, mode):
    command = site.host.berth_popen("run", "--name", "it", site.long[mode])
    task = pair.wait_for_status(site.host, "it", "RUNNING")
    command.kill()
    assert command.wait() == -signal.SIGKILL
    assert pair.tasks(site.host)["it"] == task
    site.berth("exec", "it", "second", "--", "true")
    site.berth("stop", "--timeout", "0", "it")
    assert not pair.any_process(site.host)
    stopped = pair.tasks(site.host)["it"]
    assert (stopped["lastStatus"], stopped["stopCode"]) == ("STOPPED", "UserInitiated")
    site.remove_all()


def test_the_finisher_cleans_up_after_a_task_whose_command_died(site):
    one = container("one", "sh", "-c", "while [ ! -e /tmp/end ]; do usleep 20000; done; exit 4")
    path = site.write("waiting", definition(one, mode="bridge"))
    command = site.host.berth_popen("run", "--name", "it", path)
    pair.wait_for_status(site.host, "it", "RUNNING")
    command.kill()
    site.berth("exec", "it", "one", "--", "touch", "/tmp/end")
    pair.wait_for_end(site.host)
    # Before any other command: all is gone but what ps, logs and inspect read.
    lines = left(site.host, site.before)
    assert all(line.startswith(f"  + {STATE}/tasks/") for line in lines), lines
    assert not [line for line in lines if line.endswith("/upper")], lines
    assert pair.tasks(site.host)["it"]["containers"][0]["exitCode"] == 4
    site.remove_all()


def test_containers_die_with_their_shim(site):
    for mode in site.long:
        site.launch(mode, mode)
        pair.wait_for_status(site.host, mode, "RUNNING")
        kill(shim_pid(site.host))
        containers_die(site.host)
        task = pair.tasks(site.host)[mode]
        assert task["lastStatus"] == "STOPPED"
        assert task["stoppedReason"] == "the task's shim has died"
        site.remove_all()


def test_a_dead_shim_is_seen_though_its_command_does_not_look(site):
    command = site.host.berth_popen("run", "--name", "it", site.long["awsvpc"])
    pair.wait_for_status(site.host, "it", "RUNNING")
    command.signal(signal.SIGSTOP)
    kill(shim_pid(site.host))
    containers_die(site.host)
    assert pair.tasks(site.host)["it"]["lastStatus"] == "STOPPED"
    site.berth("rm", "it")
    command.kill()
    os.kill(command.entering.pid, signal.SIGCONT)  # it stopped as its program did
    command.wait()
    site.remove_all()


def test_processes_in_the_hosts_pid_namespace_end_with_the_next_command(site):
    one = container("one", "sh", "-c", "sleep 1000 & sleep 1000; true")
    path = site.write("host-pid", definition(one, pidMode="host"))
    site.berth("run", "--detach", "--name", "it", path)
    wait_for(lambda: len(pair.processes(site.host).get("one", [])) == 3, "the three processes")
    kill(shim_pid(site.host))
    assert pair.tasks(site.host)["it"]["lastStatus"] == "STOPPED"
    assert not pair.any_process(site.host)
    site.remove_all()


# -- commands that cross each other ---------------------------------------------------------------

def at_once(host, *commands):
    """Starts all of them before it waits for any; what came of each: (exit code, output)."""
    running = [host.berth_popen(*words) for words in commands]
    outputs = [one.communicate(60) for one in running]
    return [(one.wait(), "".join(output)) for one, output in zip(running, outputs)]


def test_a_name_is_given_once(site):
    run = ("run", "--detach", "--name", "it", site.long["awsvpc"])
    done = at_once(site.host, run, run, run)
    assert sorted(code for code, _ in done) == [0, OWN_FAILURE, OWN_FAILURE], done
    for code, output in done:
        assert code == 0 or "there is a task named it already" in output
    site.remove_all()


def test_two_stop_and_remove_the_same_task(site):
    for mode in site.long:
        site.launch("it", mode)
        stop = ("stop", "--timeout", "0", "it")
        assert [code for code, _ in at_once(site.host, stop, stop, stop)] == [0, 0, 0]
        remove = ("rm", "--all")
        done = at_once(site.host, remove, remove, remove)
        assert [code for code, _ in done] == [0, 0, 0], done
        site.launch("it", mode)
        remove = ("rm", "--all", "--force")
        done = at_once(site.host, remove, remove, remove)
        assert [code for code, _ in done] == [0, 0, 0], done
        site.host.assert_nothing_left(site.before)


def test_stop_and_remove_while_it_starts(site):
    for mode in site.long:
        run = ("run", "--detach", "--name", "it", site.long[mode])
        for _ in range(5):
            at_once(site.host, run, ("rm", "--force", "--all"), ("rm", "--force", "--all"))
            site.remove_all()


def test_ten_tasks_start_at_once_whoever_looks_on(site):
    over = threading.Event()
    failures = []

    def look_on():
        while not over.is_set():
            # Not `rm --force`, which may end what it finds; but this must not, nor sweep.
            for words in (("ps", "--all"), ("rm", "--all")):
                done = site.host.berth(*words, check=False)
                if done.returncode and "it is" not in done.stderr:
                    failures.append(done.stderr)
    onlooker = threading.Thread(target=look_on)
    onlooker.start()
    try:
        modes = sorted(site.long)
        done = at_once(site.host, *[("run", "--detach", "--name", f"task-{number}",
                                     site.long[modes[number % 2]]) for number in range(10)])
        assert [code for code, _ in done] == [0] * 10, done
        for number in range(10):
            pair.wait_for_status(site.host, f"task-{number}", "RUNNING")
    finally:
        over.set()
        onlooker.join()
    assert not failures
    tasks = pair.tasks(site.host).values()
    addresses = [interface["privateIpv4Address"] for task in tasks
                 for interface in {str(each): each for one in task["containers"]
                                   for each in one["networkInterfaces"]}.values()]
    assert len(addresses) == len(set(addresses)) == 5 * 1 + 5 * 2
    site.remove_all()


# -- full disks and broken files ------------------------------------------------------------------

def fill(host, left):
    """Leaves that many KiB on the file system of Berth's state."""
    host.run("rm", "-f", f"{STATE}/images/filler")
    free = int(host.run("df", "-Pk", STATE).stdout.splitlines()[1].split()[3])
    if free > left:
        host.run("dd", "if=/dev/zero", f"of={STATE}/images/filler", "bs=1k",
                 f"count={free - left}", check=False)


def test_a_full_disk_is_told_and_nothing_is_left(host, rootfs_dir, tmp_path):
    host.run("mount", "-t", "tmpfs", "-o", "size=24m,mode=0755", "berth-test", STATE)
    host.berth("import", rootfs_dir, "--name", "berth-test:latest")
    site = Site(host, tmp_path)
    refused = 0
    for room in (0, 4, 8, 12, 16, 24, 32, 48, 64, 96):
        fill(host, room)
        done = host.berth("run", site.short, check=False)
        # Once there is room for the launch, what the containers can't log is no reason to fail.
        if done.returncode != 3:
            assert done.returncode == OWN_FAILURE, (room, done.stderr)
            assert "No space left on device" in done.stderr or "disk is full" in done.stderr, \
                (room, done.stderr)
            refused += 1
        fill(host, 1 << 20)
        if "warning: " + STATE in done.stderr:  # it could not take back the record
            site.berth("rm", "--all")
        host.assert_nothing_left(site.before)
        assert not pair.tasks(host), done.stderr
    assert refused >= 2
    site.berth("run", site.short, code=3)
    site.launch("it")
    pair.wait_for_status(host, "it", "RUNNING")
    fill(host, 0)
    site.berth("exec", "it", "first", "--", "true")
    done = host.berth("stop", "--timeout", "0", "it", check=False)
    # It ends; that what it had is free again is written down when there is room.
    assert done.returncode == 0 or "disk is full" in done.stderr
    assert not pair.any_process(host)
    assert pair.tasks(host)["it"]["stopCode"] == "UserInitiated"
    site.berth("rm", "it")  # what this removes makes the room
    fill(host, 1 << 20)
    site.remove_all()


def state_path(host, path):
    """A path on the host, from here."""
    return pathlib.Path(f"/proc/{host.pid}/root") / path.lstrip("/")


def test_a_broken_journal_hides_no_other_task(site):
    site.launch("broken")
    site.launch("whole")
    pair.wait_for_status(site.host, "broken", "RUNNING")
    [journal] = [path for path in state_path(site.host, f"{STATE}/tasks").glob("*/events")
                 if path.parent.name == task_id(site, "broken")]
    journal.write_text("{}\n")
    done = site.host.berth("ps", "--all", check=False)
    assert "whole" in done.stdout
    assert f"{STATE}/tasks/{journal.parent.name}/events: line 1" in done.stderr
    assert journal.parent.name in site.berth("inspect", "broken", code=1)
    site.berth("rm", "--force", "broken")
    pair.wait_for_status(site.host, "whole", "RUNNING")
    site.remove_all()


def task_id(site, name):
    return pair.tasks(site.host)[name]["taskArn"].rpartition("/")[2]


def test_a_broken_plan_is_told(site):
    plan = site.directory / "plan"
    for content in (b"", b"nonsense", os.urandom(4096)):
        plan.write_bytes(content)
        done = site.host.run(site.host.program("berth-shim"), plan, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith(f"berth-shim: {plan}: ") or str(plan) in done.stderr
    site.host.assert_nothing_left(site.before)


@pytest.mark.parametrize("damage", ["garbage", "middle"])
def test_a_broken_database_is_named(site, damage):
    site.launch("it")
    pair.wait_for_status(site.host, "it", "RUNNING")
    database = state_path(site.host, f"{STATE}/berth.db")
    for path in database.parent.glob("berth.db-*"):
        path.unlink()  # empty since the last command ended; they would hide the damage
    content = bytearray(database.read_bytes())
    if damage == "garbage":
        content[:] = os.urandom(len(content))
    else:
        content[4096:] = os.urandom(len(content) - 4096)
    database.write_bytes(bytes(content))
    for words in (("ps", "--all"), ("rm", "--force", "--all"), ("run", site.short)):
        done = site.host.berth(*words, check=False)
        assert done.returncode not in (0, 3)
        assert f"{STATE}/berth.db: " in done.stderr
    for path in database.parent.glob("berth.db*"):
        path.unlink()
    site.remove_all()


# -- the host starts anew -------------------------------------------------------------------------

def test_after_a_reboot_tasks_have_stopped(bin_dir, rootfs_dir, site, tmp_path):
    for mode in site.long:
        site.launch(mode, mode)
        pair.wait_for_status(site.host, mode, "RUNNING")
    kept = tmp_path / "kept"
    site.host.run("cp", "-a", STATE, kept)
    with Host(bin_dir) as rebooted:
        rebooted.run("cp", "-a", f"{kept}/.", STATE)
        clean = rebooted.dump()
        tasks = pair.tasks(rebooted)
        assert {name: task["lastStatus"] for name, task in tasks.items()} == \
            {"bridge": "STOPPED", "awsvpc": "STOPPED"}
        assert all(task["stoppedReason"] for task in tasks.values())
        rebooted.berth("run", site.short, check=False)
        rebooted.berth("rm", "--all")
        # Gone is what was there of the two tasks; come is nothing.
        assert not [line for line in left(rebooted, clean) if line.startswith("  +")]
    site.remove_all()
