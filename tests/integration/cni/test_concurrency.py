"""Many calls at once."""

import json

from harness.cni import Done


def start(plugin, command, container, document=None):
    document = document or plugin.document(command, (container, "eth0"))
    variables, stdin = plugin.prepare(command, document, container=container)
    with stdin:
        return plugin.host.popen(plugin.host.program("berth-cni"), stdin=stdin, env=variables)


def finish(running):
    out, err = running.communicate()
    return Done(running.wait(), json.loads(out) if out else err)


def add_all(plugin, containers):
    for container in containers:
        plugin.make_netns(container)
    running = {container: start(plugin, "ADD", container) for container in containers}
    for container, one in running.items():
        done = finish(one)
        assert done.code == 0, done
        plugin.results[container, "eth0"] = done.out


def test_no_address_is_given_twice(plugin, host):
    containers = [f"c{number}" for number in range(20)]
    before = host.dump()
    add_all(plugin, containers)
    assert len({plugin.address(container) for container in containers}) == 20
    for container in containers:
        assert plugin.check(container) == (0, None)
    for one in [start(plugin, "DEL", container) for container in containers]:
        assert finish(one).code == 0
    for container in containers:
        plugin.end_netns(container)
    host.assert_nothing_left(before)


def test_two_networks_of_the_same_addresses_share_them(plugin_for):
    one, other = plugin_for(), plugin_for(name="other")
    add_all(one, [f"a{number}" for number in range(5)])
    add_all(other, [f"b{number}" for number in range(5)])
    addresses = {one.address(f"a{number}") for number in range(5)}
    addresses |= {other.address(f"b{number}") for number in range(5)}
    assert len(addresses) == 10


def test_comings_and_goings_at_once(plugin, host):
    before = host.dump()
    add_all(plugin, [f"old{number}" for number in range(10)])
    for number in range(10):
        plugin.make_netns(f"new{number}")
    additions = {f"new{number}": start(plugin, "ADD", f"new{number}") for number in range(10)}
    deletions = [start(plugin, "DEL", f"old{number}") for number in range(10)]
    for container, one in additions.items():
        done = finish(one)
        assert done.code == 0, done
        plugin.results[container, "eth0"] = done.out
    assert [finish(one).code for one in deletions] == [0] * 10
    for container in additions:
        assert plugin.check(container) == (0, None)
    plugin.collect_garbage()
    for container in list(plugin.netns):
        plugin.end_netns(container)
    host.assert_nothing_left(before)


def test_the_last_address_goes_to_one(plugin_for):
    plugin = plugin_for(block="10.88.0.0/28")
    add_all(plugin, [f"c{number}" for number in range(10)])
    containers = [f"last{number}" for number in range(5)]
    for container in containers:
        plugin.make_netns(container)
    done = [finish(one) for one in [start(plugin, "ADD", container) for container in containers]]
    assert sorted(one.code for one in done) == [0, 1, 1, 1, 1]
    assert {one.out["code"] for one in done if one.code == 1} == {11}


def test_the_same_container_is_added_once(plugin):
    plugin.make_netns("one")
    done = [finish(one) for one in [start(plugin, "ADD", "one") for _ in range(5)]]
    assert sorted(one.code for one in done) == [0, 1, 1, 1, 1]
    [plugin.results["one", "eth0"]] = [one.out for one in done if one.code == 0]
    assert plugin.check("one") == (0, None)
