"""Hooks that write down what they see."""

from harness.runtime import read

KINDS = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")


def anchor(kind):
    """The section about hooks of that kind."""
    named = {"createRuntime": "createruntime-hooks", "createContainer": "createcontainer-hooks",
             "startContainer": "startcontainer-hooks"}
    return f"config.md#{named.get(kind, kind)}"


def add_hook(t, kind, *, path, inside, text, **entry):
    """A hook that is a shell script; what it prints is for log().

    It reads the state first, as $state: some runtimes die of SIGPIPE if a hook does not.
    """
    place = t.rootfs / path.lstrip("/") if inside else t.path / path
    output = f"/tmp/{kind}.log" if inside else t.path / f"{kind}.log"
    place.write_text(f"#!/bin/sh\nexport PATH=${{PATH:-/bin}}:/bin:/usr/bin\nstate=$(cat)\n{{ {text}\n}} >> {output}\n")
    place.chmod(0o755)
    hook = {"path": path if inside else str(place), **entry}
    t.config.setdefault("hooks", {}).setdefault(kind, []).append(hook)


def record(t, kind, text, name=None, **entry):
    """A hook where hooks of its kind are looked for."""
    inside = kind == "startContainer"
    path = f"/tmp/{name or kind}" if inside else str(t.path / (name or kind))
    add_hook(t, kind, path=path, inside=inside, text=text, **entry)


def log(t, kind):
    """What the hooks of that kind have written."""
    place = t.rootfs / "tmp" if kind == "startContainer" else t.path
    try:
        return read(place / f"{kind}.log")
    except FileNotFoundError:
        return ""


def life(t, script="true"):
    """A container's whole life, one operation after the other."""
    t.script(script)
    container = t.create()
    t.succeeds(container.start(), "start")
    container.stopped()
    t.succeeds(container.delete(), "delete")
    return container
