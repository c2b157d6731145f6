"""TAP version 14: https://testanything.org/tap-version-14-specification.html"""

import json
import threading


class Writer:
    """Writes results in the order of their numbers, whatever order they come in."""

    def __init__(self, stream, total):
        self.stream, self.next, self.waiting, self.lock = stream, 1, {}, threading.Lock()
        stream.write(f"TAP version 14\n1..{total}\n")

    def add(self, number, outcome):
        with self.lock:
            self.waiting[number] = outcome
            while self.next in self.waiting:
                self.stream.write(text(self.next, self.waiting.pop(self.next)))
                self.next += 1
            self.stream.flush()

    def comment(self, line):
        self.stream.write(f"# {line}\n")


def text(number, outcome):
    """One test point: its line, and for a failure a block of YAML (all of which is JSON)."""
    case = outcome.case
    word = "not ok" if outcome.verdict == "fail" else "ok"
    line = f"{word} {number} - {case.name}: {escaped(case.sentence)} ({case.level})"
    if outcome.verdict == "skip":
        return f"{line} # SKIP {outcome.why}\n"
    if outcome.verdict == "fail" and case.level == "SHOULD":
        line += " # TODO the specification recommends it"
    if outcome.verdict == "pass":
        return f"{line}\n"
    entries = {"section": case.link, "claim": outcome.why, "expected": outcome.expected,
               "got": outcome.got, "last_command": outcome.last, "peers": case.peers}
    block = "".join(f"  {key}: {as_yaml(value)}\n" for key, value in entries.items() if value is not None)
    return f"{line}\n  ---\n{block}  ...\n"


def escaped(sentence):
    return sentence.replace("\\", "\\\\").replace("#", "\\#")


def as_yaml(value):
    if isinstance(value, str) and "\n" in value:
        return "|\n" + "\n".join("    " + line for line in value.splitlines())
    return json.dumps(value, default=str)
