"""docs/security.md: the tests and sources that its table names are there."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINES = (ROOT / "docs/security.md").read_text().splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")]
        for line, below in zip(LINES, LINES[1:]) if line.startswith("| ") and not below.startswith("|--")]


def test_the_table_has_its_rows():
    assert len(ROWS) > 25
    assert [row[0] for row in ROWS if len(row) != 5] == []


def test_tests_are_in_the_files_that_are_named():
    missing = []
    for row in ROWS:
        for file, names in re.findall(r"(\w+): ((?:`\w+`(?:, )?)+)", row[3]):
            text = (ROOT / f"tests/attacks/test_{file}.py").read_text()
            missing += [name for name in re.findall(r"\w+", names) if f"def test_{name}(" not in text]
    assert missing == []


def test_every_row_names_a_test():
    assert [row[0] for row in ROWS if not re.search(r"\w+: (`\w+`|all|Default\w+)|_test.cpp`: ", row[3])] == []


def test_sources_are_there():
    paths = {path for row in ROWS for path in re.findall(r"`([\w/]+\.cpp)`", row[2])}
    assert [path for path in paths if not ((ROOT / "runtime" / path).exists() or (ROOT / path).exists())] == []
