"""Runs tests, several at a time, each in a directory of its own."""

import concurrent.futures
import dataclasses
import itertools
import traceback

from harness.trial import Failure, Skip, Trial


@dataclasses.dataclass
class Outcome:
    """verdict is pass, fail or skip; the rest says why."""
    case: object
    verdict: str
    why: str | None = None
    expected: object = None
    got: object = None
    last: str | None = None


@dataclasses.dataclass
class Settings:
    runtime: object
    work: object  # a directory of the suite's own
    template: object
    jobs: int = 1
    without_fields: bool = False


def run_case(case, settings, number):
    """One test, from the probes of the host to the clearing up."""
    for probe in case.needs:
        if why := probe():
            return Outcome(case, "skip", why)
    if settings.without_fields and case.drop is None:
        return Outcome(case, "skip", "the test is about no single field")
    trial = Trial(settings.runtime, settings.work / f"{number}", settings.template,
                  drop=case.drop if settings.without_fields else None)
    try:
        case.test(trial)
        return Outcome(case, "pass")
    except Failure as failure:
        return Outcome(case, "fail", failure.what, failure.expected, failure.got,
                       str(trial.last) if trial.last else None)
    except Skip as skip:
        return Outcome(case, "skip", str(skip))
    except Exception:  # a test that breaks has not shown what it was to show
        return Outcome(case, "fail", "the test itself broke", "no exception",
                       traceback.format_exc(), str(trial.last) if trial.last else None)
    finally:
        trial.close()


COUNTER = itertools.count(1)


def run_all(cases, settings, report=lambda number, outcome: None):
    """Runs them all; answers their outcomes in order. `report` hears of each when it is there."""
    outcomes = [None] * len(cases)

    def one(index):
        outcome = run_case(cases[index], settings, next(COUNTER))
        if settings.without_fields and outcome.verdict != "skip":
            outcome = inverted(outcome)
        outcomes[index] = outcome
        report(index + 1, outcome)

    with concurrent.futures.ThreadPoolExecutor(settings.jobs) as pool:
        list(pool.map(one, [i for i, case in enumerate(cases) if not case.alone]))
    for index in [i for i, case in enumerate(cases) if case.alone]:
        one(index)
    return outcomes


def inverted(outcome):
    """Without its field a test has to fail: it passes if it can't."""
    if outcome.verdict == "pass":
        return Outcome(outcome.case, "fail", f"passes without {outcome.case.drop}", "a failure", "a pass")
    if outcome.why == "the test itself broke":
        return outcome
    return Outcome(outcome.case, "pass")
