"""One run of one test: its bundle, its containers, and what it claims about them."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import uuid

from harness import processes, sandbox
from harness.bundle import Bundle
from harness.runtime import Result, exists, read

RAN = "the-program-ran"


class Failure(Exception):
    """A claim that did not hold."""

    def __init__(self, what, expected, got):
        super().__init__(what)
        self.what, self.expected, self.got = what, expected, got


class Skip(Exception):
    """The sentence does not apply: the reason."""


def wait_for(condition, seconds=10.0):
    """Whether it came true in that time."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.005)
    return value


class Container:
    """A container of the runtime's, by its id."""

    def __init__(self, trial, name):
        self.trial, self.id = trial, name
        self.log = trial.path / f"{name}.create"

    def _call(self, *arguments, **options):
        self.trial.calls += 1
        result = self.trial.runtime.call(
            *arguments, log=self.trial.path / f"call-{self.trial.calls}", **options)
        self.trial.last = result
        return result

    def query(self):
        return self._call("state", self.id)

    def state(self):
        """The state as the runtime tells it."""
        result = self.query()
        self.trial.succeeds(result, "state of a container that exists")
        try:
            return json.loads(result.out)
        except ValueError:
            raise Failure("state is JSON", "a JSON object", result.out) from None

    def status(self):
        return self.state().get("status")

    def start(self, **options):
        return self._call("start", self.id, **options)

    def kill(self, number="KILL"):
        return self._call("kill", self.id, number)

    def delete(self, *flags):
        return self._call("delete", *flags, self.id)

    def output(self):
        """What the program has written so far."""
        return read(f"{self.log}.out")

    def stopped(self):
        """Waits for the state to say so."""
        self.trial.true(wait_for(lambda: self.status() == "stopped"),
                        "the state after the program's end", "stopped", self.status)

    def output_has(self, text):
        """Waits for the program to write that."""
        self.trial.true(wait_for(lambda: text in self.output()), "the program's output",
                        f"something with {text!r}", self.output)


class Trial:
    """What a test's function gets. Everything it makes is unmade by close()."""

    def __init__(self, runtime, path, template, *, drop=None):
        self.runtime, self.path, self.drop = runtime, pathlib.Path(path), drop
        self.path.mkdir(parents=True)
        self.bundle = Bundle(self.path, template)
        self.template = template
        self.calls, self.last = 0, None
        self.containers, self.processes = [], []

    # -- the configuration ---------------------------------------------------------------------

    @property
    def config(self):
        return self.bundle.config

    @property
    def process(self):
        return self.config["process"]

    @property
    def linux(self):
        return self.config["linux"]

    @property
    def rootfs(self):
        return self.bundle.rootfs

    def script(self, text):
        """The container's program is this shell script."""
        self.process["args"] = ["sh", "-c", text]

    def mount(self, entry):
        self.config["mounts"].append(entry)

    # -- the runtime's commands ----------------------------------------------------------------

    def container(self):
        """One that is not there yet, with an id that nothing else has."""
        made = Container(self, f"conformance-{uuid.uuid4().hex[:12]}")
        self.containers.append(made)
        return made

    def call(self, *arguments, **options):
        """Any command of the runtime's."""
        return Container(self, "none")._call(*arguments, **options)

    def run(self, **options):
        """Runs the container to its end; the result has the program's exit code and output."""
        self.bundle.save(self.drop)
        return self.container()._call("run", "--bundle", self.path, self.containers[-1].id, **options)

    def output(self, script=None, **options):
        """What the program, or that script, writes; it has to end with 0."""
        if script is not None:
            self.script(script)
        return self.succeeds(self.run(**options), "a container's run").out.strip()

    def try_create(self, *flags, container=None, **options):
        """Answers a container and what came of `create`."""
        container = container or self.container()
        self.bundle.save(self.drop)
        self.last = self.runtime.call("create", "--bundle", self.path, *flags, container.id,
                                      log=container.log, **options)
        return container, self.last

    def create(self, *flags, **options):
        container, result = self.try_create(*flags, **options)
        self.succeeds(result, "create")
        return container

    def start(self, script=None):
        """A container whose program runs: until it is killed, or that script."""
        self.script(script or "echo up; sleep 1000")
        container = self.create()
        self.succeeds(container.start(), "start")
        if script is None:
            container.output_has("up")
        return container

    def process_on_host(self, *command, **options):
        """Something beside the containers, killed at the end."""
        self.processes.append(processes.spawn(command, stdin=subprocess.DEVNULL, **options))
        return self.processes[-1]

    # -- claims --------------------------------------------------------------------------------

    def equal(self, got, expected, what):
        if got != expected:
            raise Failure(what, expected, got)

    def true(self, value, what, expected, got):
        """`got` may be a function, asked only now that the claim does not hold."""
        if not value:
            raise Failure(what, expected, got() if callable(got) else got)
        return value

    def succeeds(self, result: Result, what):
        if result.code != 0:
            raise Failure(what, "exit code 0", str(result))
        return result

    def fails(self, result: Result, what):
        """An error is wanted, and one that came by itself: neither a hang nor a crash."""
        if result.code == 0 or result.code < 0 or result.code == 124:
            raise Failure(what, "an error", str(result))
        return result

    def refuses(self, what):
        """The runtime reports an error for this configuration, and its program never runs."""
        self.script(f"echo {RAN}")
        result = self.fails(self.run(), what)
        if RAN in result.out:
            raise Failure(what, "an error before the program runs", str(result))
        self.fails(self.containers[-1].query(), f"state after the error ({what})")

    # -- the end -------------------------------------------------------------------------------

    def close(self):
        for container in self.containers:
            if self.leaves_something(container):
                container.delete("--force")
        for process in self.processes:
            process.kill()
            process.wait()
            processes.OURS.discard(process.pid)
        unmount_below(self.path)
        shutil.rmtree(self.path, ignore_errors=True)

    def leaves_something(self, container):
        result = container.query()
        if result.code != 0:
            return False
        try:
            pid = json.loads(result.out).get("pid", 0)
        except ValueError:
            return True
        if pid > 1 and exists(pid):
            os.kill(pid, signal.SIGKILL)
        return True


def unmount_below(path):
    """Unmounts what is mounted there, the last first."""
    points = [line.split()[4] for line in read("/proc/self/mountinfo").splitlines()]
    for point in reversed(points):
        if point.startswith(f"{path}/"):
            sandbox.detach(point)
