"""Calls a CNI plugin as libcni does (CNI specification 1.1.0, section 3): fills in the network's
name, the version, the capabilities and the result of ADD, which it keeps."""

import json
import os
from typing import NamedTuple

GROUP_OPEN = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def network(name="pods", version="1.1.0", block="10.88.0.0/16", **fields):
    """A configuration as an administrator would write it."""
    return {"cniVersion": version, "name": name, "type": "berth-cni",
            "subnets": [{"cidrBlock": block}],
            "capabilities": {name: True for name in ("portMappings", "ips", "mac", "dns")},
            **fields}


def group(name, *ports, egress=(GROUP_OPEN,)):
    """A security group that lets in TCP to these ports."""
    return {"GroupId": name, "IpPermissionsEgress": list(egress),
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
                               "IpRanges": [{"CidrIp": "0.0.0.0/0"}]} for port in ports]}


class Done(NamedTuple):
    """What came of a call: the exit status, and what is on standard output, read."""
    code: int
    out: dict


class Plugin:
    """berth-cni on `host` for one network. Documents go to `directory`."""

    def __init__(self, host, directory, config):
        self.host = host
        self.directory = directory
        self.config = config
        self.results = {}  # of ADD, by (container, interface)
        self.netns = {}    # the path of each container's namespace

    def make_netns(self, container):
        """A network namespace of the container's, with a name in the file system."""
        path = self.directory / f"netns-{container}"
        path.touch()
        self.host.run("unshare", f"--net={path}", "ip", "link", "set", "lo", "up")
        self.netns[container] = path
        return path

    def end_netns(self, container):
        path = self.netns.pop(container)
        self.host.run("umount", path)
        path.unlink()

    def document(self, command, key=None, capabilities=None, **more):
        """What the plugin gets on standard input."""
        declared = self.config.get("capabilities", {})
        made = {name: value for name, value in self.config.items() if name != "capabilities"}
        if given := {name: value for name, value in (capabilities or {}).items()
                     if declared.get(name)}:
            made["runtimeConfig"] = given
        if command in ("CHECK", "DEL") and key in self.results:
            made["prevResult"] = self.results[key]
        return {**made, **more}

    def prepare(self, command, document, container="", ifname="eth0", netns=None, args=""):
        """The variables of a call, and the open file that is to be its standard input."""
        name = f"document-{command}-{container}-{ifname}".replace("/", "_")
        file = self.directory / name
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        path = self.netns.get(container, "") if netns is None else netns
        variables = {"CNI_COMMAND": command, "CNI_PATH": str(self.host.bin_dir)}
        if container:
            variables |= {"CNI_CONTAINERID": container, "CNI_IFNAME": ifname,
                          "CNI_NETNS": str(path), "CNI_ARGS": args}
        return os.environ | variables, open(file, "rb")

    def call(self, command, document, *, env=None, **about):
        """One call, whatever comes of it; `about` as in `prepare`."""
        variables, stdin = self.prepare(command, document, **about)
        with stdin:
            done = self.host.run(self.host.program("berth-cni"), check=False, stdin=stdin,
                                 env=variables | (env or {}))
        return Done(done.returncode, json.loads(done.stdout) if done.stdout else None)

    def add(self, container, ifname="eth0", *, args="", **capabilities):
        """The result, which is kept. Makes the namespace if there is none of the container's."""
        if container not in self.netns:
            self.make_netns(container)
        document = self.document("ADD", capabilities=capabilities)
        done = self.call("ADD", document, container=container, ifname=ifname, args=args)
        assert done.code == 0, done
        self.results[container, ifname] = done.out
        return done.out

    def delete(self, container, ifname="eth0", **about):
        document = self.document("DEL", (container, ifname))
        done = self.call("DEL", document, container=container, ifname=ifname, **about)
        assert done == (0, None), done
        self.results.pop((container, ifname), None)

    def check(self, container, ifname="eth0", **capabilities):
        """Whatever comes of it."""
        document = self.document("CHECK", (container, ifname), capabilities)
        return self.call("CHECK", document, container=container, ifname=ifname)

    def collect_garbage(self, *valid):
        """GC with these (container, interface) as the valid ones."""
        named = [{"containerID": container, "ifname": ifname} for container, ifname in valid]
        done = self.call("GC", self.document("GC", **{"cni.dev/valid-attachments": named,
                                                      "cni.dev/attachments": named}))
        assert done == (0, None), done

    def inside(self, container, *command, **options):
        """Runs a program in the container's network namespace."""
        return self.host.run("nsenter", f"--net={self.netns[container]}", *command, **options)

    def ip(self, container, *words):
        return json.loads(self.inside(container, "ip", "-j", *words).stdout or "[]")

    def address(self, container, ifname="eth0"):
        """The container's address, without the prefix."""
        return self.results[container, ifname]["ips"][0]["address"].partition("/")[0]
