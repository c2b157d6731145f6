"""The configuration of callers that docs/ tells users to copy."""

import pathlib
import re
import textwrap

DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"


def lines_below(page, title):
    """The indented lines below the line of the page that ends with `title`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    [found] = re.findall(rf"{re.escape(title)}:\n\n((?:    .*\n|\n)+)", text)
    return textwrap.dedent(found)


def block(title, bin_dir):
    """Those of docs/runtime.md, for the runtime under test."""
    found = lines_below("runtime.md", title)
    assert "/usr/bin/berth-runtime" in found
    return found.replace("/usr/bin/berth-runtime", str(bin_dir / "berth-runtime"))
