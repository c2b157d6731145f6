"""The command line on a throw-away host, and the documents it is given."""

import json
import subprocess
import time
from typing import NamedTuple

IMAGE = "berth-test:latest"


def container(name, *command, **fields):
    """A container definition with the test image."""
    made = {"name": name, "image": IMAGE, "memory": 16, **fields}
    return {**made, "command": list(command)} if command else made


def definition(*containers, mode="none", **fields):
    """A task definition; its family is "test" unless told otherwise."""
    return {"family": "test", "networkMode": mode, "containerDefinitions": list(containers),
            **fields}


def depends(*conditions):
    """The fields for `name="CONDITION"` pairs."""
    return {"dependsOn": [{"containerName": name, "condition": condition}
                          for name, condition in conditions]}


def wait_for(look, what, timeout=20):
    """What `look` returns once that is true."""
    deadline = time.monotonic() + timeout
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} does not happen"
        time.sleep(0.02)
    return found


class Done(NamedTuple):
    """What came of a program."""
    code: int
    out: str
    err: str

    def lines(self, container):
        """What a container wrote to its standard output, without the prefix."""
        return [line.partition("| ")[2] for line in self.out.splitlines()
                if line.partition("|")[0].strip() == container]

    def events(self):
        """The objects that --json prints."""
        return [json.loads(line) for line in self.out.splitlines()]


class Berth:
    """`berth` on `host`. Documents go to `directory`, which the host sees as well."""

    def __init__(self, host, directory):
        self.host = host
        self.directory = directory
        self.options = []  # before every command
        self.detached = False

    def write(self, name, content):
        """Writes a document, or text as it is; returns the path."""
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def configure(self, **fields):
        """Gives the host a configuration of its own."""
        self.options = ["--config", self.write("berth.json", fields)]

    def __call__(self, *words, check=True, **options):
        done = self.host.berth(*self.options, *words, check=check, **options)
        return Done(done.returncode, done.stdout, done.stderr)

    def fails(self, *words, **options):
        """What it says when it fails, which it must."""
        done = self(*words, check=False, **options)
        assert done.code != 0, done
        return done.err

    def _run_words(self, task, options):
        return [*self.options, "run", *options, self.write("task.json", task)]

    def run(self, task, *options, **more):
        """`berth run` to its end, whatever its exit code."""
        words = self._run_words(task, options)
        done = self.host.berth(*words, check=False, **more)
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, task, *options, **more):
        """`berth run` that goes on."""
        return self.host.berth_popen(*self._run_words(task, options), **more)

    def detach(self, task, *options, check=True):
        """`berth run --detach`; the fixture removes the task after the test."""
        self.detached = True
        words = self._run_words(task, ["--detach", *options])
        done = self.host.berth(*words, check=check)
        return Done(done.returncode, done.stdout, done.stderr)

    def show(self, *command, mode="none", volumes=None, **fields):
        """What berth-test-helper sees in a container with these fields."""
        one = container("a", *(command or ("berth-test-helper", "show")), **fields)
        done = self.run(definition(one, mode=mode, volumes=volumes or []))
        assert done.code == 0, done
        return json.loads("\n".join(done.lines("a")))

    def shell(self, script, *, mode="none", volumes=None, **fields):
        """The lines that a shell script writes in a container with these fields."""
        one = container("a", "sh", "-ec", script, **fields)
        done = self.run(definition(one, mode=mode, volumes=volumes or []))
        assert done.code == 0, done
        return done.lines("a")

    def inspect(self, task):
        return json.loads(self("inspect", task).out)[0]

    def containers(self, task):
        """The containers of a task by name, as inspect shows them."""
        return {one["name"]: one for one in self.inspect(task)["containers"]}

    def wait_for_status(self, task, status):
        """The task, as inspect shows it, once it has that status."""
        def look():
            shown = self.inspect(task)
            return shown if shown["lastStatus"] == status else None
        return wait_for(look, f"{task} {status}")

    def wait_for_line(self, task, line):
        """Returns once a container has written that line."""
        wait_for(lambda: line in self("logs", task).out, f"\"{line}\" in the log of {task}")

    def tasks(self):
        """All tasks by name, as ps shows them."""
        return {task["name"]: task for task in json.loads(self("ps", "--all", "--json").out)}

    def clean_up(self):
        """Removes what the test has detached. Not with --all, which would sweep for leaks too."""
        if self.detached and (left := self.tasks()):
            self("rm", "--force", *left)


def stopped_order(events):
    """The names of containers in the order in which they stopped."""
    return [event["container"] for event in events
            if event["type"] == "event" and event.get("status") == "STOPPED"
            and event.get("container")]


def interrupted(running, number, timeout=30):
    """Sends a signal to a `berth run` that has started; what came of it."""
    running.signal(number)
    try:
        out, err = running.communicate(timeout)
    except subprocess.TimeoutExpired:
        running.kill()
        raise
    return Done(running.wait(), out, err)
