"""The runs of fuzz targets can fail: one that is broken on purpose is found out, each way."""

import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent


def run(*arguments):
    done = subprocess.run([HERE / "run", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.fixture
def build(tmp_path):
    """A build directory with the target in it, where findings do not stay."""
    (tmp_path / "bin").symlink_to(pathlib.Path(os.environ["BERTH_FUZZ_DIR"]) / "bin")
    return tmp_path


def test_the_way_to_a_fault_is_found(build, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    code, output = run("--build", build, "--seconds", "60", "--corpus", empty, "control")
    assert code == 1
    assert "heap-buffer-overflow" in output
    findings = list((build / "findings").iterdir())
    assert [found.read_bytes()[:5] for found in findings] == [b"user="]
    assert f"again: tests/fuzz/run --build {build} control {findings[0]}" in output


@pytest.mark.parametrize("text, finding", [
    ("user=12345", "heap-buffer-overflow"),
    ("sum 2147483647", "runtime error: signed integer overflow"),
    ("sum 42", "the sum: sum 42"),
])
def test_a_bad_input_is_told(build, tmp_path, text, finding):
    (tmp_path / "input").write_text(text)
    code, output = run("--build", build, "control", tmp_path / "input")
    assert code == 1
    assert finding in output


def test_a_good_input_is_nothing(build, tmp_path):
    (tmp_path / "input").write_text("user=1234")
    assert run("--build", build, "control", tmp_path / "input")[0] == 0


def test_a_corpus_is_shown_to_the_target(build, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "input").write_text("sum 42")
    code, output = run("--build", build, "--seconds", "1", "--corpus", corpus, "control")
    assert code == 1 and "the sum: sum 42" in output


def test_a_target_that_is_not_there_is_no_success(build):
    assert run("--build", build, "nothing")[0] == 1
