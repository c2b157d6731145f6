"""The runtime under test, by the command line that runc, crun and others share."""

import dataclasses
import json
import os
import pathlib
import shlex
import subprocess

from harness import processes

TIMEOUT = 10  # seconds for one command; a hang is a failure


@dataclasses.dataclass
class Result:
    """What came of one command: exit code, and what it wrote."""
    command: list
    code: int
    out: str
    err: str

    def __str__(self):
        lines = [f"$ {shlex.join(self.command)}", f"exit code {self.code}"]
        lines += [f"stdout: {self.out.strip()}"] if self.out.strip() else []
        lines += [f"stderr: {self.err.strip()}"] if self.err.strip() else []
        return "\n".join(lines)


class Runtime:
    """A program, its global flags, and a state directory of its own."""

    def __init__(self, program, flags=(), root=None):
        self.program = str(program)
        self.flags = list(flags)
        self.root = pathlib.Path(root)
        self.root.mkdir(parents=True, exist_ok=True)

    def call(self, *arguments, log, cwd=None, prefix=(), **options):
        """Runs one command of the runtime.

        log     files log.out and log.err take what is written: a pipe would stay open for as long as
                a container has it
        prefix  a command that executes the runtime in the end
        """
        command = [*prefix, self.program, *self.flags, "--root", str(self.root), *map(str, arguments)]
        with open(f"{log}.out", "wb") as out, open(f"{log}.err", "wb") as err:
            try:
                code = processes.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                     cwd=cwd, timeout=TIMEOUT, **options)
            except subprocess.TimeoutExpired:
                code = 124
                err.write(f"\nno end after {TIMEOUT} s".encode())
        return Result(command, code, read(f"{log}.out"), read(f"{log}.err"))

    def version(self, log):
        """The first line that --version gives."""
        return (self.call("--version", log=log).out.splitlines() or ["of unknown version"])[0]

    def features(self, log):
        """The features document, or None if the runtime has none (it may do without)."""
        result = self.call("features", log=log)
        try:
            return json.loads(result.out) if result.code == 0 else None
        except ValueError:
            return None


def read(path):
    with open(path, errors="replace") as file:
        return file.read()


def exists(pid):
    """Whether there is such a process, and not merely what a parent has still to wait for."""
    try:
        return read(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def namespace(kind, pid="self"):
    """A namespace's name, such as "uts:[4026531838]"."""
    return os.readlink(f"/proc/{pid}/ns/{kind}")
