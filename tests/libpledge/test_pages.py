#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The pages of the library name every promise, call, option and error that it
has, and the numbers of the differences go on from one page to the next."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lint"))

import tap  # noqa: E402


def missing(words, text):
    return [w for w in words if not re.search(rf"\b{re.escape(w)}\b", text)]


def expect_all(words, text, what):
    absent = missing(words, text)
    tap.ok(words and not absent, what)
    tap.note("missing: " + " ".join(absent) if absent else "")


def errors(*paths):
    """What fail() is given by name."""
    code = "".join(tap.read(os.path.join("src/libpledge", p)) for p in paths)
    return sorted(set(re.findall(r"fail(?:_path|_step)?\(\s*(E[A-Z0-9]+)",
                                 code)))


# Behaviours of two other implementations' suites: test_promises.c says whose.
CASES = ([f"3a-{n}" for n in range(1, 43)] +
         [f"3b-{n}" for n in range(1, 24)] +
         ["3b-" + n for n in ("sigabrt", "execpromise", "ioctl", "sockopt",
                              "sendrecvfd", "filedescriptor", "open",
                              "access")])
CASE_TESTS = ["libpledge/test_promises.c", "libpledge/test_process.c",
              "libpledge/test_unveil.c", "cli/test_targets.py",
              "cli/test_launch.py", "cli/test_programs_net.py"]


def main():
    pledge, unveil = tap.read("man/pledge.3"), tap.read("man/unveil.3")
    both = pledge + unveil
    names = re.findall(r'^\t\[PROMISE_\w+\] = \{ "(\w+)"',
                       tap.read("src/policy/promise.c"), re.M)
    expect_all(names, pledge, f"pledge.3 names all {len(names)} promises")
    header = tap.read("include/pledge.h")
    expect_all(re.findall(r"\b(pledge\w*|unveil)\(", header), both,
               "every function has its place")
    expect_all(re.findall(r"^\t(PLEDGE_UNVEIL_\w+) =", header, re.M), both,
               "every option")
    exported = re.findall(r"^\t(\w+);", tap.read(
        "src/libpledge/libpledge.map"), re.M)
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    tap.ok(sorted(exported) == sorted(set(re.findall(
        r"\b(pledge\w*|unveil)\(", code))), "what is exported is declared")
    expect_all(errors("pledge.c", "confine.c", "record.c"), pledge,
               "pledge.3 has its errors")
    expect_all(errors("unveil.c"), unveil, "unveil.3 has its errors")
    said = len(re.findall(r"^\.It$", pledge.split("DIFFERENCES")[1], re.M))
    numbers = [int(n) for n in re.findall(r"^\.It (\d+)\.$", unveil, re.M)]
    tap.ok(numbers and numbers == list(range(
        said + 1, said + 1 + len(numbers))),
        "differences are numbered through")
    tap.ok(f"Numbers 1 to {said}" in unveil, "and unveil.3 says from where")
    tests = "".join(tap.read(os.path.join("tests", t)) for t in CASE_TESTS)
    expect_all(CASES, tests, f"each of {len(CASES)} cases has its test")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
