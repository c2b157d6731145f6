"""buildah as the runtime's caller: builds of Dockerfiles, and single commands."""

import pytest

from harness import documented

DOCKERFILE = """\
FROM scratch AS base
ADD image.tar /

FROM base
ARG WORD=none
ENV PATH=/bin
RUN echo $WORD > /word && mkdir /made && chown app /made
USER app
WORKDIR /made
RUN id -un > who && pwd > where
RUN --mount=type=tmpfs,target=/scratch touch /made/touched && grep -q ' /scratch tmpfs' /proc/mounts
"""


@pytest.fixture(scope="module")
def buildah(place, bin_dir, tmp_path_factory):
    """A function that calls buildah as docs/runtime.md has it."""
    directory = tmp_path_factory.mktemp("buildah")
    environment = dict(
        line.removeprefix("export ").split("=")
        for line in documented.block("environment", bin_dir).splitlines() if line)

    def call(*words, terminal=False, **options):
        caller = place.call_on_terminal if terminal else place.call
        return caller("env", *(f"{name}={value}" for name, value in environment.items()),
                      "buildah", "--root", directory / "store", "--runroot", directory / "run",
                      *words, **options)
    return call


@pytest.fixture(scope="module")
def built(buildah, image_tar, tmp_path_factory):
    """A container "built", made by a Dockerfile."""
    context = tmp_path_factory.mktemp("context")
    (context / "Dockerfile").write_text(DOCKERFILE)
    (context / "image.tar").hardlink_to(image_tar)
    buildah("build", "--network", "none", "--build-arg", "WORD=hello", "--tag", "made", context)
    buildah("from", "--name", "built", "made")
    yield "built"
    buildah("rm", "--all")


def run(buildah, container, *words, **options):
    return buildah("run", "--network", "none", container, *words, **options)


def test_a_dockerfiles_commands_have_run_as_its_users(buildah, built):
    found = run(buildah, built, "cat", "/word", "who", "where")
    assert found.split() == ["hello", "app", "/made"]


def test_what_a_step_mounts_is_gone_after_it(buildah, built):
    assert run(buildah, built, "ls", "/made").split() == ["touched", "where", "who"]
    assert "/scratch" not in run(buildah, built, "cat", "/proc/mounts")


def test_a_build_stops_at_the_command_that_fails(buildah, built, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM made\nRUN exit 9\nRUN echo never > /tmp/x\n")
    said = buildah("build", "--network", "none", tmp_path, status=9)
    assert "RUN exit 9" in said


def test_commands_run_and_their_status_is_told(buildah, built):
    run(buildah, built, "sh", "-c", "exit 7", status=7)
    assert "exec nope: no such file or directory" in run(buildah, built, "nope", status=1)


def test_a_command_can_have_a_terminal(buildah, built):
    assert "/dev/pts/0" in buildah("run", "--network", "none", "--tty", built, "tty",
                                   terminal=True)
