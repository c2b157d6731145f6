"""Volumes: bound from the host, of the task, shared between tasks, and of the image."""

import json

import pytest

from harness.berth import container, definition, depends


def point(volume, path, **fields):
    return {"sourceVolume": volume, "containerPath": path, **fields}


def docker(**fields):
    return {"dockerVolumeConfiguration": fields}


def test_a_directory_of_the_host(berth):
    source = berth.directory / "source"
    source.mkdir()
    (source / "given").write_text("from the host")
    lines = berth.shell(
        "cat /data/given; echo; echo back > /data/made; touch /ro/x || echo refused; cat /ro/given",
        volumes=[{"name": "v", "host": {"sourcePath": str(source)}}],
        mountPoints=[point("v", "/data"), point("v", "/ro", readOnly=True)])
    assert lines == ["from the host", "refused", "from the host"]
    assert (source / "made").read_text() == "back\n"


def test_a_source_that_is_missing_is_made(berth):
    source = berth.directory / "not/there"
    berth.shell("echo here > /data/x", mountPoints=[point("v", "/data")],
                volumes=[{"name": "v", "host": {"sourcePath": str(source)}}])
    assert (source / "x").read_text() == "here\n"


@pytest.mark.parametrize("volume", [{}, {"host": {}}, docker(scope="task")], ids=str)
def test_a_volume_of_the_task_is_shared_by_its_containers_and_goes_with_it(berth, volume):
    task = definition(
        container("writer", "sh", "-c", "echo word > /out/x", essential=False,
                  mountPoints=[point("v", "/out")]),
        container("reader", "cat", "/in/x", mountPoints=[point("v", "/in", readOnly=True)],
                  **depends(("writer", "SUCCESS"))),
        volumes=[{"name": "v", **volume}])
    done = berth.run(task)
    assert (done.code, done.lines("reader")) == (0, ["word"]), done
    assert berth.shell("ls /out", volumes=task["volumes"],
                       mountPoints=[point("v", "/out")]) == []


def test_a_new_volume_starts_with_what_the_image_has_there(berth):
    lines = berth.shell("cat /etc/group; rm /etc/group; ls -ld /tmp",
                        volumes=[{"name": "v"}, {"name": "t"}],
                        mountPoints=[point("v", "/etc"), point("t", "/tmp")])
    assert "app:x:1000:" in lines
    assert lines[-1].startswith("drwxrwxrwt")


def test_a_shared_volume_outlives_its_task(berth):
    volumes = [{"name": "keep", **docker(scope="shared", autoprovision=True, driver="local")}]
    mount = {"volumes": volumes, "mountPoints": [point("keep", "/data")]}
    try:
        berth.shell("echo first > /data/x", **mount)
        assert berth.shell("cat /data/x", **mount) == ["first"]
    finally:
        berth.host.run("rm", "-r", "/var/lib/berth/volumes/keep")


def test_a_shared_volume_that_is_not_there_is_not_made_unasked(berth):
    done = berth.run(definition(container("a", "true", mountPoints=[point("gone", "/data")]),
                                volumes=[{"name": "gone", **docker(scope="shared")}]))
    assert done.code == 125
    assert ("volume gone: there is no shared volume gone; set autoprovision to have it made"
            in done.err)


def test_volumes_from_another_container(berth):
    task = definition(
        container("giver", "berth-test-helper", "exit-on-term", "0",
                  mountPoints=[point("v", "/shared"), point("w", "/other", readOnly=True)]),
        container("taker", "sh", "-c",
                  "echo x > /shared/x && cat /shared/x; touch /other/x || echo refused",
                  volumesFrom=[{"sourceContainer": "giver"}]),
        volumes=[{"name": "v"}, {"name": "w"}])
    done = berth.run(task)
    assert (done.code, done.lines("taker")) == (0, ["x", "refused"]), done
    task["containerDefinitions"][1]["volumesFrom"][0]["readOnly"] = True
    assert "Read-only file system" in berth.run(task).err


@pytest.fixture
def image_with_volume(berth, rootfs_dir):
    """An image that declares a volume, made the way docker save writes one."""
    archive = berth.directory / "image.tar"
    berth.host.run("sh", "-ec", f"""
        cd {berth.directory} && mkdir saved && cd saved
        tar -C {rootfs_dir} -cf layer.tar .
        echo '{json.dumps({"architecture": "amd64", "os": "linux", "config": {
            "Volumes": {"/home/app": {}}, "Cmd": ["ls", "-A", "/home/app"]},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:@"]}})}' |
            sed "s/@/$(sha256sum layer.tar | cut -d' ' -f1)/" > config.json
        echo '[{{"Config":"config.json","RepoTags":["vol:1"],"Layers":["layer.tar"]}}]' \\
            > manifest.json
        tar -cf {archive} manifest.json config.json layer.tar""")
    berth("import", archive)
    yield "vol:1"
    berth("rmi", "vol:1")


def test_a_volume_of_the_image_is_the_containers_own(berth, image_with_volume):
    write = container("a", "sh", "-c", "echo x > /home/app/x; mount | grep -c ' /home/app '",
                      image=image_with_volume)
    done = berth.run(definition(write))
    assert (done.code, done.lines("a")) == (0, ["1"]), done
    assert berth.run(definition(container("a", image=image_with_volume))).lines("a") == []
