"""The list of tests: one for each sentence of the specification that can be tested on Linux."""

import dataclasses
import re
import typing

MUST, SHOULD = "MUST", "SHOULD"
SPECIFICATION = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0/"


@dataclasses.dataclass(frozen=True)
class Case:
    """A sentence and the function that tests it.

    section   file and anchor in the specification, such as "runtime.md#state"
    level     MUST or SHOULD; a failed SHOULD is told, and does not fail the run
    sentence  what the specification wants, in our words
    needs     probes of the host; each answers None, or why the host can't show this
    peers     why widely used runtimes are known to fail
    drop      path of the configuration's field that it is about; without it the test has to fail
    alone     whether no other test runs beside it: a runtime is known to harm others
    """
    name: str
    section: str
    level: str
    sentence: str
    test: typing.Callable
    needs: tuple = ()
    peers: str | None = None
    drop: str | None = None
    alone: bool = False

    @property
    def link(self):
        return SPECIFICATION + self.section


ALL: list[Case] = []


def case(section, level, sentence, *, needs=(), peers=None, drop=None, alone=False, name=None):
    """Registers the decorated function, which takes a Trial; it passes if it returns."""
    def register(function):
        chapter = function.__module__.rpartition(".")[2]
        full = f"{chapter}.{name or function.__name__}"
        if any(known.name == full for known in ALL):
            raise ValueError(f"two tests are called {full}")
        ALL.append(Case(full, section, level, sentence, function, tuple(needs), peers, drop, alone))
        return function
    return register


def select(pattern):
    """The tests whose name, or section, has a match of the regular expression."""
    expression = re.compile(pattern or "")
    return [c for c in ALL if expression.search(c.name) or expression.search(c.section)]
