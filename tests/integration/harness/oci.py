"""berth-runtime as its callers use it: bundles on disk, and commands on containers."""

import json
import pathlib
import secrets
import subprocess
import time


class Bundle:
    """A directory with a config.json, which `config` is as a dictionary, and a root file system."""

    def __init__(self, runtime, directory, root, *args):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "config.json").unlink(missing_ok=True)
        runtime("spec", "--bundle", self.directory)
        self.config = json.loads((self.directory / "config.json").read_text())
        self.config["root"] = {"path": str(root)}
        self.config["process"].update(terminal=False, args=list(args))

    def write(self):
        (self.directory / "config.json").write_text(json.dumps(self.config))
        return self.directory


class Runtime:
    """Calls the runtime with a --root of its own. At the end nothing of its containers is left."""

    def __init__(self, program, directory, *options):
        pathlib.Path(directory).mkdir(exist_ok=True)
        self.program = program
        self.root = pathlib.Path(directory) / "state"
        self.directory = pathlib.Path(directory)
        self.options = options

    def command(self, *words):
        return [str(word) for word in (self.program, "--root", self.root, *self.options, *words)]

    def run(self, *words, timeout=60, **options):
        """Runs a command and waits: subprocess.CompletedProcess, with text."""
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(self.command(*words), capture_output=True, text=True,
                              timeout=timeout, **options)

    def __call__(self, *words, **options):
        """The same of one that must not fail; what it prints."""
        done = self.run(*words, **options)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def attempt(self, *words, **options):
        """Exit status and file of the output of create and run --detach, whose container keeps the
        streams: a pipe would not close."""
        output = self.directory / f"output-{secrets.token_hex(4)}"
        options.setdefault("timeout", 60)
        with open(output, "w", encoding="utf-8") as file:
            done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, stdout=file,
                                  stderr=file, check=False, **options)
        return done.returncode, output

    def detached(self, *words, **options):
        """The same of one that must not fail; the file."""
        status, output = self.attempt(*words, **options)
        assert status == 0, (words, output.read_text())
        return output

    def state(self, name):
        return json.loads(self("state", name))

    def status(self, name):
        return self.state(name)["status"]

    def wait_for(self, name, status, seconds=20):
        """Of a container that may not be there yet."""
        deadline = time.monotonic() + seconds
        while ((told := self.run("state", name)).returncode != 0
               or json.loads(told.stdout)["status"] != status):
            assert time.monotonic() < deadline, (told, status)
            time.sleep(0.02)

    def ids(self):
        return self("list", "--quiet").split()

    def clean_up(self):
        for name in sorted(path.name for path in self.root.glob("[!.]*")):
            self("delete", "--force", name)
        assert self.ids() == []
