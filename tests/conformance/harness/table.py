"""The page that says what each runtime does with each sentence."""

HEAD = """# Conformance of OCI runtimes

`tests/conformance/berth-conformance` tests a runtime against the
[OCI runtime specification](https://github.com/opencontainers/runtime-spec), 1.3: one test for each
sentence that applies to Linux and can be seen from outside. It is for any runtime with the command
line that runc and crun share.

    cmake --preset dev && cmake --build --preset dev --target berth-test-helper
    tests/conformance/berth-conformance --runtime /usr/sbin/runc
    tests/conformance/berth-conformance --runtime crun --filter '^hooks' -- --debug
    tests/conformance/berth-conformance --list

It needs root, Python 3.11 and busybox-static, speaks TAP, and works in namespaces of its own: nothing
stays on the host. Exit status 1 says that a MUST does not hold; a SHOULD that does not hold is
marked TODO. A test is skipped if the host can't show the thing: that is found out by looking at the
host, never at the runtime. `--without-fields` tests the tests: each that is about a field of
`config.json` runs without that field, and has to fail.

"""


def page(chosen, columns, versions):
    """`columns`: for each runtime's name, the outcomes of all chosen tests; what --version says."""
    text = HEAD + f"""This page is made by

    tests/conformance/berth-conformance --table docs/conformance.md \\
      --runtime "berth=build/release/bin/berth-runtime,crun=crun,runc=runc"

where a program may have flags (`crun=crun --cgroup-manager=disabled`). It was made with
{', '.join(versions.values())}.

"""
    text += summary(columns) + "\n"
    for section in dict.fromkeys(case.section for case in chosen):
        text += part(section, chosen, columns)
    return text + notes(chosen, columns)


def summary(columns):
    lines = ["| | passed | failed: MUST | failed: SHOULD | skipped |", "|---|---|---|---|---|"]
    for name, outcomes in columns.items():
        def count(verdict, level=None):
            return sum(o.verdict == verdict and level in (None, o.case.level) for o in outcomes)
        lines.append(f"| {name} | {count('pass')} | {count('fail', 'MUST')} | "
                     f"{count('fail', 'SHOULD')} | {count('skip')} |")
    return "\n".join(lines) + "\n"


def part(section, chosen, columns):
    first = next(case for case in chosen if case.section == section)
    lines = [f"## [{section}]({first.link})", "",
             "| | test | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for index, case in enumerate(chosen):
        if case.section != section:
            continue
        verdicts = [cell(outcomes[index]) for outcomes in columns.values()]
        lines.append(f"| {case.level} {markdown(case.sentence)} | `{case.name}` | " +
                     " | ".join(verdicts) + " |")
    return "\n".join(lines) + "\n\n"


def cell(outcome):
    return {"pass": "pass", "fail": "**fail**", "skip": "skip"}[outcome.verdict]


def markdown(sentence):
    return sentence.replace("|", "\\|").replace("<", "&lt;")


def notes(chosen, columns):
    """Why tests are skipped, and why runtimes are known to fail some."""
    skipped, known = {}, []
    for index, case in enumerate(chosen):
        for outcomes in columns.values():
            if outcomes[index].verdict == "skip":
                skipped.setdefault(outcomes[index].why, []).append(case.name)
                break
        if case.peers:
            known.append(f"- `{case.name}`: {case.peers}")
    text = ""
    if known:
        text += "## Known failures\n\n" + "\n".join(known) + "\n\n"
    if skipped:
        text += "## Skipped where this page was made\n\n" + "\n".join(
            f"- {why}: {len(names)}" for why, names in skipped.items()) + "\n"
    return text
