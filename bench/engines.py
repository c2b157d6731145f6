"""The engines side by side: each takes the same root file system and runs the same program."""

import json
import os
import subprocess
import tempfile

IMAGE = "bench:1"

# What Podman 4.3 cannot raise on a host whose root lacks CAP_SYS_RESOURCE, and would fail over.
ULIMITS = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=10000:10000"]


def check(command, env=None, **options):
    """Runs a command that is not measured."""
    run = subprocess.run([str(word) for word in command], env=env, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, **options)
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {run.stderr.decode(errors='replace')}")
    return run.stdout


def run_dir():
    """On the tmpfs that host.enter() mounts, as /run is. Podman takes no longer path than this."""
    return tempfile.mkdtemp(prefix="bench-", dir="/run")


class Berth:
    name = "berth"
    env = None

    def __init__(self, programs, directory):
        self.directory = directory / "berth"
        self.directory.mkdir(parents=True)
        self.config = self.directory / "berth.json"
        self.config.write_text("{}")
        self.command = [programs / "berth", "--root", self.directory / "root", "--run-dir",
                        run_dir(), "--config", self.config]

    def import_root(self, root):
        check([*self.command, "import", root, "--name", IMAGE])

    def run(self, network, argv, detach=False):
        """The command that runs a task of one container."""
        definition = self.directory / f"{network}-{argv[0].rsplit('/', 1)[-1]}.json"
        definition.write_text(json.dumps({
            "family": "bench", "networkMode": network,
            "containerDefinitions": [{"name": "bench", "image": IMAGE, "memory": 64,
                                      "command": argv}]}))
        return [*self.command, "run", *(["--detach"] if detach else []), definition]

    def remove_all(self):
        check([*self.command, "rm", "--force", "--all"])

    def pull(self, reference):
        self.config.write_text(json.dumps({"insecureRegistries": [reference.split("/")[0]]}))
        return [*self.command, "pull", reference]


class Podman:
    """Podman as Debian ships it: conmon, runc, overlay storage, netavark."""

    name = "podman"

    def __init__(self, directory):
        self.directory = directory / "podman"
        self.directory.mkdir(parents=True)
        conf = self.directory / "containers.conf"
        # Debian's defaults ask for journald and CNI; a host without systemd has no journal.
        conf.write_text("[network]\n"
                        'network_backend = "netavark"\n'
                        f'network_config_dir = "{self.directory}/networks"\n'
                        "[engine]\n"
                        'events_logger = "file"\n'
                        "[containers]\n"
                        'log_driver = "k8s-file"\n')
        self.env = {**os.environ, "CONTAINERS_CONF": str(conf), "TMPDIR": str(self.directory)}
        self.command = ["podman", "--root", self.directory / "root", "--runroot",
                        run_dir(), "--tmpdir", self.directory / "tmp",
                        "--storage-driver", "overlay", "--cgroup-manager", "cgroupfs",
                        "--runtime", "runc"]

    def import_root(self, root):
        archive = self.directory / "rootfs.tar"
        check(["tar", "-C", root, "-cf", archive, "."])
        check([*self.command, "import", archive, IMAGE], env=self.env)

    def run(self, network, argv, detach=False):
        how = ["--detach"] if detach else ["--rm"]
        return [*self.command, "run", *how, *ULIMITS, "--network", network, IMAGE, *argv]

    def remove_all(self):
        check([*self.command, "rm", "--force", "--all", "--time", "0"], env=self.env)

    def pull(self, reference):
        return [*self.command, "pull", "--quiet", "--tls-verify=false", reference]
