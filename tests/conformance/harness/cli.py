"""The command line of berth-conformance."""

import argparse
import importlib
import os
import pathlib
import pkgutil
import shlex
import shutil
import sys
import tempfile

import chapters
from harness import cases, sandbox, table, tap
from harness.bundle import make_template
from harness.runner import Settings, run_all
from harness.runtime import Runtime


def load_chapters():
    """In the order of the specification's files, which chapters/__init__.py has."""
    for name in chapters.ORDER:
        importlib.import_module(f"chapters.{name}")
    found = {module.name for module in pkgutil.iter_modules(chapters.__path__)}
    if missing := found - set(chapters.ORDER):
        raise ValueError(f"chapters/__init__.py does not list {', '.join(sorted(missing))}")


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="berth-conformance", description="Tests a container runtime against the OCI runtime "
        "specification, sentence by sentence. Needs root; changes nothing on the host.")
    parser.add_argument("--runtime", help="the program, with flags if it is one word in quotes; "
                        "with --table: NAME=PROGRAM,...")
    parser.add_argument("--filter", help="only tests whose name or section matches")
    parser.add_argument("--list", action="store_true", help="names the tests and runs none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="tests at a time")
    parser.add_argument("--table", metavar="FILE", help="writes what each runtime does as Markdown")
    parser.add_argument("--without-fields", action="store_true",
                        help="tests the tests: each has to fail if its field is not in config.json")
    parser.add_argument("--known", metavar="FILE", help="names of tests that are known to fail, one a "
                        "line: they don't fail the run, but it fails if one of them passes")
    parser.add_argument("--busybox", default=shutil.which("busybox"), help="a static busybox")
    parser.add_argument("--helper", default=find_helper(), help="berth-test-helper")
    parser.add_argument("flags", nargs="*", help="global flags for the runtime, after --")
    return parser, parser.parse_args(arguments)


def find_helper():
    """Where the build puts it."""
    tree = pathlib.Path(__file__).resolve().parents[3]
    places = [pathlib.Path(os.environ["BERTH_BIN_DIR"])] if "BERTH_BIN_DIR" in os.environ else []
    places += [tree / "build" / preset / "bin" for preset in ("release", "dev")]
    return next((str(p / "berth-test-helper") for p in places if (p / "berth-test-helper").exists()),
                shutil.which("berth-test-helper"))


def settings_for(command, options, work, flags=()):
    program, *own = shlex.split(command)
    found = shutil.which(program)
    if not found:
        sys.exit(f"berth-conformance: there is no program {program}")
    label = pathlib.Path(found).name
    return Settings(Runtime(pathlib.Path(found).absolute(), [*own, *flags], work / f"state-{label}"), work,
                    work / "template", options.jobs, options.without_fields)


def run_suite(chosen, options, work):
    settings = settings_for(options.runtime, options, work, options.flags)
    writer = tap.Writer(sys.stdout, len(chosen))
    outcomes = run_all(chosen, settings, writer.add)
    failed = [o for o in outcomes if o.verdict == "fail"]
    known = read_known(options.known) if options.known else set()
    fatal = [o for o in failed if o.case.level == cases.MUST or options.without_fields]
    fatal = [o for o in fatal if o.case.name not in known]
    stale = sorted(o.case.name for o in outcomes if o.verdict == "pass" and o.case.name in known)
    for name in stale:
        writer.comment(f"{name} passes: {options.known} is to lose its line")
    counts = {verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("pass", "fail", "skip")}
    writer.comment(f"{counts['pass']} passed, {counts['fail']} failed "
                   f"({len(failed) - len(fatal)} of them recommended or known), {counts['skip']} skipped")
    return 1 if fatal or stale else 0


def read_known(path):
    """Names of tests; a # begins a comment."""
    with open(path) as file:
        return {line.partition("#")[0].strip() for line in file} - {""}


def run_table(chosen, options, work):
    columns, made_with = {}, {}
    for entry in options.runtime.split(","):
        name, _, command = entry.partition("=")
        if not command:
            sys.exit(f"berth-conformance: --table needs NAME=PROGRAM, not {entry!r}")
        settings = settings_for(command, options, work)
        columns[name] = run_all(chosen, settings)
        made_with[name] = settings.runtime.version(work / "version")
    pathlib.Path(options.table).write_text(table.page(chosen, columns, made_with))
    return 0


def main(arguments):
    parser, options = parse(arguments)
    load_chapters()
    chosen = cases.select(options.filter)
    if options.list:
        for case in chosen:
            print(f"{case.name}\t{case.level}\t{case.section}\t{case.sentence}")
        return 0
    if not options.runtime:
        parser.error("--runtime says what to test")
    if os.geteuid() != 0:
        parser.error("containers need root")
    for what, path in (("--busybox", options.busybox), ("--helper", options.helper)):
        if not path or not os.path.exists(path):
            parser.error(f"{what} says where that program is")
    if options.table:
        options.table = os.path.abspath(options.table)
    work = pathlib.Path(tempfile.mkdtemp(prefix="berth-conformance-"))
    try:
        return run_within(chosen, options, work)
    finally:
        sandbox.detach(work)
        shutil.rmtree(work, ignore_errors=True)


def run_within(chosen, options, work):
    """In a child inside new namespaces; the caller of enter() leaves by SystemExit."""
    sandbox.enter()
    sandbox.shared_directory(work)
    code = 1
    try:
        work.chmod(0o755)
        make_template(work / "template", options.busybox, options.helper)
        code = (run_table if options.table else run_suite)(chosen, options, work)
    except SystemExit as error:
        print(error.code, file=sys.stderr)
    finally:
        sys.stdout.flush()
        os._exit(code)
