"""What people get wrong: the exact words of berth about it, and nothing left of the try."""

import re

import pytest

from harness.berth import IMAGE, Done, container, definition

TRUE = container("a", "true")


def task(mode="none", volumes=(), **fields):
    """A task of one container with these fields."""
    return definition({**TRUE, **fields}, mode=mode, volumes=list(volumes))


def overrides(**fields):
    return {"containerOverrides": [fields]}


def network(**fields):
    return {"awsvpcConfiguration": {"subnets": ["subnet-default"], **fields}}


def check(berth, done, expected, code=125):
    """That it failed with these words, after the lines about images and limits."""
    said = re.sub(r"the host has \d+", "the host has N",
                  done.err.replace(str(berth.directory), "DIR"))
    lines = [line for line in said.splitlines(keepends=True)
             if not line.startswith(("image ", "warning: ", "pulling "))]
    assert (done.code, "".join(lines)) == (code, f"berth: {expected}\n")


# -- the documents --------------------------------------------------------------------------------

@pytest.mark.parametrize("text, expected", [
    ("", "not valid JSON at line 1 column 1"),
    ("version: 3", "not valid JSON at line 1 column 1"),
    ('{"family": "x", ', "not valid JSON at line 1 column 17"),
    ("[]", "must be an object, not array"),
    ("{}", "family is required\ncontainerDefinitions is required"),
    ('{"family": "x", "containerDefinitions": []}', "containerDefinitions is required"),
    ('{"family": "x", "services": {}, "containerDefinitions": [{"name": "a", "image": "i"}]}',
     "unknown field \"services\"\n"
     "containerDefinitions[0]: memory or memoryReservation is required, as the task has no memory"),
    ('{"taskDefinition": 1}', "must be an object, not number"),
], ids=str)
def test_broken_task_definitions(berth, text, expected):
    check(berth, berth.run(text), f"DIR/task.json: {expected}")


@pytest.mark.parametrize("document, expected", [
    (definition(), "containerDefinitions is required"),
    (definition(TRUE, TRUE),
     "containerDefinitions[1].name: is the name of containerDefinitions[0] as well"),
    (definition({**TRUE, "memory": None}),
     "containerDefinitions[0]: memory or memoryReservation is required, as the task has no memory"),
    (task(portMappings=[{"containerPort": 80}]),
     "containerDefinitions[0].portMappings: must not be given in networkMode none"),
    (task(mode="bridg"),
     'networkMode: must be one of bridge, host, awsvpc, none, not "bridg"'),
    (task(dependsOn=[{"containerName": "b", "condition": "START"}]),
     'containerDefinitions[0].dependsOn[0].containerName: no container is named "b"'),
    (task(mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]),
     'containerDefinitions[0].mountPoints[0].sourceVolume: no volume is named "v"'),
    (task(environment={"A": "1"}),
     "containerDefinitions[0].environment: must be a list, not object"),
    (task(stopTimeout=-1),
     "containerDefinitions[0].stopTimeout: must be from 1 to 2147483647, not -1"),
    (task(mode="awsvpc", hostname="mine"),
     "containerDefinitions[0].hostname: must not be given in networkMode awsvpc"),
    (task(healthCheck={"command": ["CMD", "true"], "interval": 1}),
     "containerDefinitions[0].healthCheck.interval: must be from 5 to 300, not 1"),
    (task(logConfiguration={"logDriver": "syslog"}),
     "containerDefinitions[0].logConfiguration.logDriver is not supported yet\n"
     "(--ignore-unsupported runs the task without)"),
    (task(command=["x" * 70_000]), "a task definition must have at most 65536 bytes, not 70131"),
], ids=str)
def test_task_definitions_that_make_no_sense(berth, document, expected):
    check(berth, berth.run(document), f"DIR/task.json: {expected}")


@pytest.mark.parametrize("path, expected", [
    ("/no/such/file", "open /no/such/file: No such file or directory"),
    ("/etc", "/etc: read: Is a directory"),
])
def test_files_that_can_not_be_read(berth, path, expected):
    check(berth, berth("run", path, check=False), expected)
    good = berth.write("task.json", task())
    check(berth, berth("run", "--overrides", path, good, check=False), expected)
    check(berth, berth("run", "--network-configuration", path, good, check=False), expected)


@pytest.mark.parametrize("document, expected", [
    ("nonsense", "not valid JSON at line 1 column 2"),
    (overrides(name="b", command=["true"]),
     'containerOverrides[0].name: no container is named "b"'),
    (overrides(command=["true"]), "containerOverrides[0]: name is required"),
    (overrides(name="a", entryPoint=["true"]),
     'containerOverrides[0]: unknown field "entryPoint"'),
    (overrides(name="a", memory=-1),
     "containerOverrides[0].memory: must be at least 4, not -1"),
], ids=str)
def test_broken_overrides(berth, document, expected):
    path = berth.write("overrides.json", document)
    check(berth, berth.run(task(), "--overrides", path), f"DIR/overrides.json: {expected}")


@pytest.mark.parametrize("document, expected", [
    ("nonsense", "DIR/network.json: not valid JSON at line 1 column 2"),
    ({"awsvpcConfiguration": {"subnet": "x"}},
     'DIR/network.json: awsvpcConfiguration: unknown field "subnet"'),
    (network(subnets=["subnet-nowhere"]),
     "run task test: reserve: subnet subnet-nowhere is not configured on this host; there are: "
     "subnet-default"),
    (network(securityGroups=["sg-nothing"]),
     "run task test: reserve: InvalidGroup.NotFound: security group sg-nothing is not known on this host; "
     "there are: "
     "sg-default"),
], ids=str)
def test_broken_network_configurations(berth, document, expected):
    path = berth.write("network.json", document)
    done = berth.run(task(mode="awsvpc"), "--network-configuration", path)
    check(berth, done, expected)


@pytest.mark.parametrize("fields, expected", [
    ("nonsense", "not valid JSON at line 1 column 2"),
    ({"subnet": []}, 'unknown field "subnet"'),
    ({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0"}]},
     'subnets[0]: cidrBlock: "10.0.0.0" is not a CIDR block such as 10.0.0.0/24'),
    ({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.1/24"}]},
     'subnets[0]: cidrBlock: CIDR block "10.0.0.1/24" has bits set after its prefix: 10.0.0.0/24 was meant'),
    ({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/24"},
                  {"subnetId": "t", "cidrBlock": "10.0.0.128/25"}]},
     "subnets[1]: cidrBlock: 10.0.0.128/25 overlaps 10.0.0.0/24 of s"),
    ({"bridge": {"cidrBlock": "x"}},
     'bridge: cidrBlock: "x" is not a CIDR block such as 10.0.0.0/24'),
    ({"securityGroups": [{"GroupId": "sg-x", "IpPermissions": [{"IpProtocol": "-1"}]}]},
     "securityGroups: [0].IpPermissions[0]: must name a range, a prefix list or a group"),
    ({"strictLimits": "yes"}, "strictLimits: must be true or false, not string"),
], ids=str)
def test_broken_configurations(berth, fields, expected):
    path = berth.write("berth.json", fields)
    done = berth("--config", path, "run", berth.write("task.json", task()), check=False)
    check(berth, done, f"DIR/berth.json: {expected}")


def test_a_configuration_that_is_a_directory(berth):
    done = berth("--config", "/etc", "ps", check=False)
    check(berth, done, "/etc: read: Is a directory", code=1)


@pytest.mark.parametrize("name", ["a b", "x/y", "../x", "x" * 256, "é"])
def test_names_that_are_no_names(berth, name):
    done = berth.run(task(), "--name", name)
    check(berth, done, "--name: up to 255 letters, digits, hyphens and underscores, not "
                       f"\"{name}\"")


# -- what the host does not have ------------------------------------------------------------------

@pytest.mark.parametrize("document, expected", [
    (task(memory=999_999_999),
     "run task test: reserve: RESOURCE:MEMORY: the task reserves 999999999 MiB, the host has N and "
     "0 of them are reserved by other tasks"),
    (task(cpu=1_000_000),
     "run task test: reserve: RESOURCE:CPU: the task reserves 1000000 CPU units, the host has N "
     "and 0 of them are reserved by other tasks"),
    (task(image="berth-nothing:9"),
     "CannotPullContainerError: containerDefinitions[0].image: image berth-nothing:9 is not here; "
     "berth pull or berth import it"),
    (task(linuxParameters={"devices": [{"hostPath": "/dev/no-such-device"}]}),
     "run task test: write bundles: containerDefinitions[0]: linuxParameters.devices[0]: device "
     "/dev/no-such-device: No such file or directory"),
    (task(linuxParameters={"devices": [{"hostPath": "/etc/passwd"}]}),
     "run task test: write bundles: containerDefinitions[0]: linuxParameters.devices[0]: device "
     "/etc/passwd: it is neither a character nor a block device"),
    (task(volumes=[{"name": "v", "host": {"sourcePath": "/etc/passwd/x"}}],
          mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]),
     "run task test: make directories: volume v: mkdir /etc/passwd/x: Not a directory"),
    (task(logConfiguration={"logDriver": "json-file", "options": {"max-size": "big"}}),
     "run task test: write plan: containerDefinitions[0].logConfiguration.options: max-size: must "
     "be a number with k, m or g, not big"),
    (task(logConfiguration={"logDriver": "json-file", "options": {"max-file": "0"}}),
     "run task test: write plan: containerDefinitions[0].logConfiguration.options: max-file: must "
     "be from 1 to 1000, not 0"),
    (task(command=[]),
     "run task test: write bundles: containerDefinitions[0]: nothing to execute: neither the "
     "definition nor the image has an entryPoint or a command"),
], ids=str)
def test_what_can_not_be_had(berth, document, expected):
    check(berth, berth.run(document, "--pull", "never"), expected)


@pytest.mark.parametrize("fields, expected", [
    ({"user": "nobody-here"}, 'user "nobody-here" is not in the image\'s /etc/passwd'),
    ({"user": "app:no-group"}, 'group "no-group" is not in the image\'s /etc/group'),
    ({"workingDirectory": "/etc/passwd/x"},
     "create a: make-working-directory: openat2 etc/passwd/x: Not a directory"),
    ({"linuxParameters": {"tmpfs": [{"containerPath": "/x", "size": 1,
                                     "mountOptions": ["mode=bad"]}]}},
     "create a: mounts: /x: fsconfig mode=bad: Invalid argument (tmpfs: Bad value for 'mode'?)"),
    ({"systemControls": [{"namespace": "kernel.msgmax", "value": "much"}]},
     "create a: sysctls: kernel.msgmax=much: write: Invalid argument"),
], ids=lambda value: str(value)[:60])
def test_containers_that_can_not_start(berth, fields, expected):
    done = berth.run(task(**fields))
    assert done.code == 125, done
    assert f"a STOPPED: CannotStartContainerError: {expected}\n" in done.err


# -- where things are kept ------------------------------------------------------------------------

@pytest.fixture
def own_root(berth):
    """Mounts a file system of its own for berth to keep things in; for options of mount(8)."""
    root = berth.directory / "root"
    root.mkdir()

    def mount(options):
        berth.host.run("mount", "-t", "tmpfs", "-o", options, "berth-test", root)
        return root
    yield mount
    berth.host.run("umount", "-l", root, check=False)


def test_a_read_only_root(berth, own_root):
    root = own_root("ro")
    done = berth("--root", root, "run", berth.write("task.json", task()), check=False)
    check(berth, done, "mkdir DIR/root/tasks: Read-only file system")


def test_a_full_disk(berth, own_root, rootfs_dir):
    root = own_root("size=1m")
    done = berth("--root", root, "import", rootfs_dir, "--name", IMAGE, check=False)
    check(berth, done, f"import {rootfs_dir}: layer {rootfs_dir}: \"bin/berth-test-helper\": "
                       "write: No space left on device", code=1)
    assert berth.host.run("find", root, "-type", "f", "-size", "+64k").stdout == ""


def test_a_disk_that_is_full_when_a_task_is_to_run(berth, own_root, rootfs_dir):
    root = own_root("size=64m")
    berth("--root", root, "import", rootfs_dir, "--name", IMAGE)
    path = berth.write("task.json", task())
    berth("--root", root, "ps")
    berth.host.run("sh", "-c", f"cat /dev/zero > {root}/filler || true")
    done = berth("--root", root, "run", path, check=False)
    assert done.code == 125
    assert re.search("No space left on device|disk is full", done.err), done
    berth.host.run("rm", f"{root}/filler")
    assert berth("--root", root, "run", path).code == 0
    assert berth.host.run("ls", f"{root}/tasks").stdout == ""


def test_a_database_that_is_none(berth, own_root):
    root = own_root("size=1m")
    berth.host.run("sh", "-c", f"yes nonsense | head -c 8192 > {root}/berth.db")
    check(berth, berth("--root", root, "ps", check=False),
          "DIR/root/berth.db: file is not a database", code=1)


def test_without_root(berth):
    done = berth.host.run("setpriv", "--reuid", "65534", "--clear-groups",
                          berth.host.program("berth"), "run", berth.write("task.json", task()),
                          check=False)
    check(berth, Done(done.returncode, done.stdout, done.stderr),
          "tasks are a matter for root: run this as root")


# -- imports --------------------------------------------------------------------------------------

def test_imports_of_what_is_no_image(berth):
    garbage = berth.write("garbage", "x" * 5000)
    check(berth, berth("import", "/no/such/file", check=False),
          "import /no/such/file: No such file or directory", code=1)
    check(berth, berth("import", garbage, "--name", "x:1", check=False),
          "import DIR/garbage: neither an image nor a root file system: a tar header's checksum is "
          "wrong", code=1)
    check(berth, berth("import", berth.directory, check=False),
          "import DIR: a root file system needs a name for its image", code=1)
    check(berth, berth("import", berth.directory, "--name", "Not A Name", check=False),
          'import DIR: image name "Not A Name": "Not A Name" is no repository name: parts of '
          'lower-case letters and digits, joined by single ".", "_", "__" or "-", separated by "/"',
          code=1)
    assert len(berth("images").out.splitlines()) == 2  # the heading and the test image
