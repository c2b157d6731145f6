"""The fault points of the programs, read from their sources (see base/steps.h).

So a step that is added is tested by the tests that go through all of them, without a list to keep.
"""

import pathlib
import re

SOURCES = pathlib.Path(__file__).resolve().parents[3]
FOLDERS = ("ecs", "systemd", "cgroups", "net", "runtime", "agent")

TABLE = re.compile(r"constexpr Step<\w+> (k\w+)\[\] = \{(.*?)\n\};", re.DOTALL)
ROW = re.compile(r'\{"([^"]+)",')
# The procedure is a name or, in a function for several of them, the parameter `procedure`; the
# steps are a table, one step by name, or in a loop over the only table of the file `step.name`.
POINT = re.compile(r'\b(?:RunSteps<\w+>|FaultPoint)\('
                   r'(procedure|"[^"]+"),\s*(k\w+|"[^"]+"|step\.name)')
ANY_POINT = re.compile(r"\b(?:RunSteps|FaultPoint)\b")
SHARED = re.compile(r"^\S.* (\w+)\(const char\* procedure.*?\) \{\n(.*?)^\}",
                    re.DOTALL | re.MULTILINE)


def _sources():
    for folder in FOLDERS:
        for path in sorted((SOURCES / folder).rglob("*.cpp")):
            if not path.stem.endswith("_test"):
                yield path, re.sub(r"//.*", "", path.read_text())


def _points(text, tables):
    """(procedure, steps) of each place; procedure None where it is a parameter."""
    for procedure, what in POINT.findall(text):
        if what == "step.name":
            [steps] = tables.values()
        else:
            steps = tables[what] if what in tables else [what.strip('"')]
        yield (None if procedure == "procedure" else procedure.strip('"')), steps


def collect():
    """{procedure: its steps}, in the order of the sources."""
    procedures, shared = {}, {}
    for path, text in _sources():
        tables = {name: ROW.findall(rows) for name, rows in TABLE.findall(text)}
        points = list(_points(text, tables))
        if len(points) != len(ANY_POINT.findall(text)):
            raise ValueError(f"{path} has a fault point in a form that is not known here")
        for procedure, steps in points:
            if procedure:
                procedures.setdefault(procedure, []).extend(steps)
        for function, body in SHARED.findall(text):
            shared[function] = [step for _, steps in _points(body, tables) for step in steps]
    for _, text in _sources():
        for function, procedure in re.findall(r'\b(\w+)\("([^"]+)"', text):
            if function in shared:
                procedures.setdefault(procedure, []).extend(shared[function])
    return procedures
