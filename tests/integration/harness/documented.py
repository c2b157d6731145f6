"""The configuration of callers that docs/runtime.md tells users to copy."""

import pathlib
import re
import textwrap

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs/runtime.md"
PLACE = "/usr/bin/berth-runtime"


def block(title, bin_dir):
    """The indented lines below the line that ends with `title`, for the runtime under test."""
    text = PAGE.read_text(encoding="utf-8")
    [found] = re.findall(rf"{re.escape(title)}:\n\n((?:    .*\n|\n)+)", text)
    assert PLACE in found
    return textwrap.dedent(found).replace(PLACE, str(bin_dir / "berth-runtime"))
