#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The repository speaks of the project alone, every source file names its
licence, and README.md lists the packages that tools/packages names."""
import re
import sys

import tap

CHECK = "tests/lint/check_project.py"
SOURCE = (".c", ".h", ".py", ".sh", ".awk")

# Where a link may lead: standards, the kernel's and other systems' own
# manuals, and names that are reserved for examples.  w3.org: the name of SVG.
HOSTS = re.compile(r"(127\.\d+\.\d+\.\d+|\[::1\]|localhost|"
                   r"(\w+\.)*example(\.(com|org|net))?|(www\.)?kernel\.org|"
                   r"docs\.kernel\.org|man7\.org|man\.openbsd\.org|spdx\.org|"
                   r"json-schema\.org|www\.w3\.org|www\.debian\.org|"
                   r"www\.rfc-editor\.org)$")

# A place on one person's machine helps nobody else.
PLACES = re.compile(r"/(wor" r"k|roo" r"t|hom" r"e/(?!user\b)\w+)/[\w.]+|"
                    r"\bshare" r"d/(facts|design|style)")
LINK = re.compile(r"\b(?:https?|git|ssh|ftp)://([^\s/:\"'<>)`]+)")
STEP = "(build|check|bench|demos|kernels|package|pages|ports)"
PACKAGE = re.compile(rf"([a-z0-9][a-z0-9.+-]*)\s+{STEP}\s+(\S.*)")

# a line, whether it must be refused
LINES = [
    ("see http" "://downloads.invalid/x", True),
    ("http" "://127.0.0.1:8000/ and https" "://man.openbsd.org/pledge", False),
    ("https" "://example.com.evil.invalid/", True),
    ("/wor" "k/main/src", True),
    ("/roo" "t/.profile", True),
    ("/hom" "e/user/file and a/work/of art", False),
    ("share" "d/design.md says", True),
]


def foreign(line):
    """What in a line does not belong here, or None."""
    if match := PLACES.search(line):
        before = line[:match.start()]
        if not re.search(r"[\w.]$", before):
            return match.group(0)
    for host in LINK.findall(line):
        if not HOSTS.match(host.rsplit("@")[-1]):
            return host
    return None


def check_lines():
    for line, refused in LINES:
        tap.ok(bool(foreign(line)) == refused,
               f"{'refused' if refused else 'fine'}: {line}")


def check_alone(paths):
    wrong = []
    for path in paths:
        for number, line in enumerate(tap.read(path).splitlines(), 1):
            if what := foreign(line):
                wrong.append(f"{path}:{number}: {what}")
    tap.ok(paths and not wrong, "nothing but the project is spoken of")
    tap.note("\n".join(wrong))


def check_licences(paths):
    wrong = []
    for path in paths:
        head = "\n".join(tap.read(path).splitlines()[:2])
        if path.endswith(SOURCE) or head.startswith("#!"):
            if "SPDX-License-Identifier: ISC" not in head:
                wrong.append(path)
    tap.ok(paths and not wrong, "every source file begins with its licence")
    tap.note("\n".join(wrong))


# In a test a clock says nothing: the machine may be slow. What waits ends on an
# event; a limit is for what hangs, and an hour or so.
CLOCKS = re.compile(r"\btimeout ?[=:] ?\d|\bsleep\(|\balarm\(\d|"
                    r"\.(wait|join|settimeout)\([\d.]+\)")
# Where one is looked at, and why.
CLOCKED = {
    "tests/cli/harness.py": "until() looks at /proc again and again",
    "tests/cli/test_trace.py": "that nothing is shown is seen for a while",
    "tests/cli/test_serve.py": "that nothing is done is seen for a while",
    "tests/escape/test_escapes.py": "a user's dead processes go in time",
    "tests/lint/test_run.py": "a limit is what is tested",
}
PLACES_OF_TESTS = ("tests/cli", "tests/docs", "tests/escape", "tests/libpledge",
                   "tests/lint", "tests/package", "tests/unit")


def calls_of(name, text):
    """What stands in the parentheses of each call in a meson.build."""
    for match in re.finditer(rf"^\s*{name}\(", text, re.M):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield text[match.end():end]


def check_clocks(paths):
    wrong = []
    for path in paths:
        text = tap.read(path)
        if path.endswith("meson.build"):
            wrong += [f"{path}: a test without \"timeout : hang\": "
                      f"{call.split(',')[0]}" for call in
                      calls_of("test", text) if "timeout : hang" not in call]
        if path.startswith(PLACES_OF_TESTS) and path not in CLOCKED and \
                path.endswith((".c", ".h", ".py")):
            wrong += [f"{path}: {match.group(0)}" for match in
                      CLOCKS.finditer(text)]
    tap.ok(paths and not wrong, "no test ends by a clock")
    tap.note("\n".join(wrong))


def check_packages():
    listed, wrong = [], []
    for number, line in enumerate(tap.read("tools/packages").splitlines(), 1):
        if match := PACKAGE.fullmatch(line):
            listed.append(match.groups())
        elif not line.startswith("#"):
            wrong.append(f"tools/packages:{number}: {line}")
    tap.ok(listed and not wrong, "tools/packages: name, step and reason")
    tap.note("\n".join(wrong))
    names = [name for name, _, _ in listed]
    tap.ok(len(set(names)) == len(names), "tools/packages: each name once")

    rows = [f"| {name} | {step} | {reason} |" for name, step, reason in listed]
    table = [line for line in tap.read("README.md").splitlines()
             if re.match(rf"\| \S+ \| {STEP} \|", line)]
    if not tap.ok(rows == table, "README.md has the table of tools/packages"):
        tap.note("it should read:\n" + "\n".join(rows))


def main():
    # A file of bytes has no words.
    paths = [p for p in tap.files() + [".ci/run"]
             if not p.endswith((".bin", ".bpf"))]
    check_lines()
    check_alone(paths)
    check_licences(paths)
    check_clocks(paths)
    check_packages()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
