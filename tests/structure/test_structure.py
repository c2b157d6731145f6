"""The tree obeys its own rules; and each rule, shown a fake tree that breaks it, says so."""

import os
import pathlib
import shutil
import subprocess

import pytest

import tree

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = tree.read_table((ROOT / "docs/architecture.md").read_text())


def test_includes_follow_the_table():
    assert tree.forbidden_includes(ROOT, TABLE) == []


def test_the_table_has_every_folder_and_no_circle():
    assert TABLE["base"] == []
    assert tree.circles(TABLE) == []
    assert tree.unknown_folders(TABLE) == []


def test_no_header_shadows_one_of_the_system():
    assert tree.shadowing_headers(ROOT, tree.system_include_directories()) == []


def test_no_try_leaks_what_an_initialiser_has_made():
    assert tree.late_tries(ROOT) == []


def test_no_file_mentions_the_machine_it_was_written_on():
    places = [ROOT, os.environ.get("BERTH_BUILD_DIR", ROOT / "build/dev")]
    # A short path such as /src means something elsewhere too.
    assert tree.machine_paths(ROOT, [p for p in places if len(pathlib.Path(p).parts) > 2]) == []


@pytest.mark.skipif(not shutil.which("clang-format"), reason="needs clang-format")
def test_sources_are_formatted():
    assert tree.unformatted(ROOT) == []


# -- the rules themselves -----------------------------------------------------------------------

FAKE_TABLE = {"base": [], "net": ["base"], "agent": ["base", "net", "agent/logs"],
              "agent/logs": ["base"]}


@pytest.fixture
def fake(tmp_path):
    """Makes files in a tree that is no checkout."""
    def make(**contents):
        for name, content in contents.items():
            path = tmp_path / name.replace("__", "/").replace("_h", ".h").replace("_cpp", ".cpp")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path
    return make


def test_reads_the_table_and_nothing_else_of_the_page():
    page = ("| program | what | where |\n|---|---|---|\n| `berth` | x | `agent/cli` |\n\n"
            "| folder | what | may use |\n|---|---|---|\n"
            "| `base/` | words | |\n| `agent/logs/` | output | `base`, `net` |\n")
    assert tree.read_table(page) == {"base": [], "agent/logs": ["base", "net"]}


def test_finds_an_include_that_points_up(fake):
    root = fake(base__a_h='#include "net/b.h"\n', net__b_h='#include "base/a.h"\n')
    assert tree.forbidden_includes(root, FAKE_TABLE) == ["base/a.h: base/ may not include net/b.h"]


def test_finds_an_include_of_a_sister_folder(fake):
    root = fake(agent__logs__a_cpp='#  include "agent/task.h"\n', agent__task_h="",
                agent__b_cpp='#include "agent/logs/a.h"\n#include "net/b.h"\n')
    assert tree.forbidden_includes(root, FAKE_TABLE) == [
        "agent/logs/a.cpp: agent/logs/ may not include agent/task.h"]


def test_finds_folders_outside_the_table(fake):
    root = fake(extra__a_cpp="", base__b_h='#include "extra/c.h"\n#include "zlib/z.h"\n',
                extra__c_h="")
    assert tree.forbidden_includes(root, FAKE_TABLE) == [
        "base/b.h: includes extra/c.h, whose folder is not in the table",
        "extra/a.cpp: its folder is not in the table", "extra/c.h: its folder is not in the table"]


def test_finds_circles_and_unknown_folders():
    assert tree.circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [
        f"{folder}/ may use itself by a way round" for folder in "abc"]
    assert tree.unknown_folders({"a": ["x"]}) == ["a/ may use x/, which has no row"]


def test_finds_a_shadowed_header(fake, tmp_path_factory):
    system = tmp_path_factory.mktemp("include")
    (system / "net").mkdir()
    (system / "net/if.h").write_text("")
    root = fake(net__if_h="", net__of_h="")
    assert tree.shadowing_headers(root, [system]) == [f"net/if.h shadows {system}/net/if.h"]


def test_knows_where_the_system_headers_are():
    directories = tree.system_include_directories()
    assert any((pathlib.Path(directory) / "net/if.h").exists() for directory in directories)


def test_finds_a_try_behind_other_elements():
    def late(text):
        return tree.late_try_lines(text)
    assert late('return A{.a = X(), .b = TRY(F())};') == [1]
    assert late('A a = {X(),\n  {TRY(F())}};') == [2]
    assert late('v.push_back(\n{.a = ",", .b = G(TRY(F()))});') == [2]
    assert late('A a{.a = 1, .b = TRY(F())};') == [1]
    assert late('A a = {.a = TRY(F()), .b = X()};') == []
    assert late('A a = {.a = "{,", .b = X()};  // , TRY(F())\nB b = TRY(F());') == []
    assert late('F([&]() -> Result<void> { G(1, 2); return H(1, TRY(F())); });') == []
    assert late('Result<A> F(int a, int b) {\n  int c = 1, d;\n  return G(a, TRY(H()));\n}') == []
    assert late('class A {\n  A() : a_(1), b_(2) {}\n  Result<int> F() { return TRY(G()); }\n};') == []


def test_finds_mentions_of_a_machines_places(fake):
    root = fake(base__a_h="// see /srv/me/berth/base\n", base__b_h="// /srv/me/berthing\n")
    assert tree.machine_paths(root, ["/srv/me/berth"]) == ["base/a.h: mentions /srv/me/berth"]


@pytest.mark.skipif(not shutil.which("clang-format"), reason="needs clang-format")
def test_finds_what_is_not_formatted(fake):
    root = fake(base__a_cpp="int   x ;\n", base__b_cpp="int y;\n")
    offences = tree.unformatted(root)
    assert offences and all("a.cpp" in offence for offence in offences)


def test_only_tracked_files_count_in_a_checkout(fake):
    root = fake(base__a_h="", base__b_h="")
    for command in (["init", "-q"], ["add", "base/a.h"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    assert tree.sources(root) == [pathlib.Path("base/a.h")]
