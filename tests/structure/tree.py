"""What the tree of sources has to obey, as functions from a tree to the list of its offences."""

import pathlib
import re
import subprocess

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
SOURCES = (".cpp", ".h")
# Where brackets and commas are no brackets and commas.
QUIET = re.compile(r"""R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*""")


def tracked(root):
    """The files that belong to the tree, as paths relative to `root`."""
    listing = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
    done = subprocess.run(listing, capture_output=True, text=True)
    if done.returncode == 0:
        names = [pathlib.Path(name) for name in done.stdout.split("\0") if name]
    else:  # not a checkout, but a release or a test's fake tree
        names = [path.relative_to(root) for path in sorted(pathlib.Path(root).rglob("*"))]
        names = [name for name in names if name.parts[0] not in ("build", ".git")]
    return [name for name in names if (root / name).is_file()]


def sources(root):
    return [name for name in tracked(root) if name.suffix in SOURCES]


def read_table(page):
    """The table of folders in the text of docs/architecture.md: {folder: those it may use}."""
    table = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        folder = re.fullmatch(r"`([a-z/]+)/`", cells[0])
        if line.startswith("|") and folder and len(cells) == 3:
            table[folder[1]] = re.findall(r"`([a-z/]+)`", cells[2])
    return table


def folder_of(path, table):
    """The row of the table that a file belongs to; None if to none."""
    inside = [folder for folder in table if path.startswith(folder + "/")]
    return max(inside, key=len, default=None)


def forbidden_includes(root, table):
    """Includes from a folder that the table does not allow, and tables that go round in circles."""
    offences = []
    for name in sources(root):
        own = folder_of(name.as_posix(), table)
        if own is None:
            offences.append(f"{name}: its folder is not in the table")
            continue
        for header in INCLUDE.findall((root / name).read_text()):
            used = folder_of(header, table)
            if used is None and (root / header).is_file():
                offences.append(f"{name}: includes {header}, whose folder is not in the table")
            elif used is not None and used != own and used not in table[own]:
                offences.append(f"{name}: {own}/ may not include {header}")
    return offences


def circles(table):
    """Folders that may use themselves by some way round."""
    def reachable(folder):
        seen, ahead = set(), list(table[folder])
        while ahead:
            step = ahead.pop()
            if step not in seen:
                seen.add(step)
                ahead += table.get(step, [])
        return seen
    return [f"{folder}/ may use itself by a way round" for folder in table
            if folder in reachable(folder)]


def unknown_folders(table):
    return [f"{folder}/ may use {used}/, which has no row"
            for folder, uses in table.items() for used in uses if used not in table]


def shadowing_headers(root, include_directories):
    """Headers of ours that an include of a system header with the same path would find."""
    return [f"{name} shadows {directory}/{name}"
            for name in sources(root) if name.suffix == ".h"
            for directory in include_directories if (pathlib.Path(directory) / name).exists()]


def system_include_directories(compiler="c++"):
    """Where the compiler looks for #include <...>."""
    done = subprocess.run([compiler, "-E", "-x", "c++", "-v", "/dev/null"],
                          check=True, capture_output=True, text=True)
    listing = done.stderr.partition("#include <...> search starts here:\n")[2]
    return [line.strip() for line in listing.partition("End of search list")[0].splitlines()]


def machine_paths(root, paths):
    """Mentions of places that exist on one machine only, such as where the tree is checked out."""
    patterns = [re.compile(re.escape(str(path)).encode() + rb"(?![\w.-])") for path in paths]
    return [f"{name}: mentions {found[0].decode()}" for name in tracked(root)
            for pattern in patterns if (found := pattern.search((root / name).read_bytes()))]


def late_tries(root):
    """Uses of TRY behind the first element of an initialiser in braces. A return from there destroys
    none of the elements before it (g++ 12, clang 14): strings and descriptors leak."""
    return [f"{name}:{line}: TRY in an initialiser, behind its first element"
            for name in sources(root) for line in late_try_lines((root / name).read_text())]


def late_try_lines(text):
    text = QUIET.sub(lambda quiet: re.sub(r"[^\n]", " ", quiet[0]), text)
    lines = []
    open_brackets = []  # [what kind, has it had a comma]
    for token in re.finditer(r"[({[)}\]]|,|\bTRY(?=\()", text):
        if token[0] == "TRY":
            # Parentheses inside of the braces change nothing, a lambda's body does.
            for kind, had_comma in reversed(open_brackets):
                if kind == "block":
                    break
                if kind == "initialiser" and had_comma:
                    lines.append(text.count("\n", 0, token.start()) + 1)
                    break
        elif token[0] == "{":
            is_initialiser = re.search(r"([=(,{]\s*|\breturn\s+|[\w>])$", text[:token.start()][-40:])
            open_brackets.append(["initialiser" if is_initialiser else "block", False])
        elif token[0] in "([":
            open_brackets.append(["other", False])
        elif token[0] == ",":
            if open_brackets:
                open_brackets[-1][1] = True
        elif open_brackets:
            open_brackets.pop()
    return lines


def unformatted(root):
    """What clang-format would change."""
    names = [str(name) for name in sources(root)]
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *names], cwd=root,
                          capture_output=True, text=True)
    if done.returncode == 0:
        return []
    return [line for line in done.stderr.splitlines() if "error:" in line] or [done.stderr]
