#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""tests/run must not believe a test program that lies: a table of programs'
output and ends, and what must be counted. With the real meson, too: a small
project whose tests crash, hang, skip and pass."""
import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys
import tempfile

import tap

RUN = os.path.join(tap.ROOT, "tests", "run")

# output, exit status, meson's word -> passed, failed, skipped
TAP_CASES = [
    ("an honest plan", "ok 1 - a\nok 2 - b\n1..2\n", 0, "OK", (2, 0, 0)),
    ("a plan first", "1..1\nok 1 - a\n", 0, "OK", (1, 0, 0)),
    ("a skip", "ok 1 - a # SKIP no go\n1..1\n", 0, "OK", (0, 0, 1)),
    ("not ok", "ok 1\nnot ok 2 - b\n1..2\n", 1, "FAIL", (1, 1, 0)),
    ("not ok, status 0", "not ok 1\n1..1\n", 0, "FAIL", (0, 1, 0)),
    ("not ok, but TODO", "not ok 1 # TODO later\n1..1\n", 0, "OK", (0, 1, 0)),
    ("a plan too long", "ok 1\nok 2\n1..3\n", 0, "OK", (2, 1, 0)),
    ("a plan too short", "ok 1\nok 2\n1..1\n", 0, "OK", (2, 1, 0)),
    ("no plan", "ok 1\nok 2\n", 0, "OK", (2, 1, 0)),
    ("no output", "", 0, "OK", (0, 1, 0)),
    ("two plans", "1..1\nok 1\n1..1\n", 0, "OK", (1, 1, 0)),
    ("a plan of none", "1..0\n", 0, "OK", (0, 1, 0)),
    ("all skipped", "1..0 # SKIP no kernel\n", 0, "SKIP", (0, 0, 1)),
    ("a number twice", "ok 1\nok 1\n1..2\n", 0, "OK", (2, 1, 0)),
    ("bail out", "ok 1\nBail out! lost\n1..1\n", 1, "ERROR", (1, 1, 0)),
    ("status 1, all ok", "ok 1\n1..1\n", 1, "OK", (1, 1, 0)),
    ("a crash after the plan", "ok 1\n1..1\n", -11, "OK", (1, 1, 0)),
    ("a crash after a failure", "not ok 1\n1..1\n", -11, "FAIL", (0, 2, 0)),
    ("a time-out", "ok 1\n1..1\n", -15, "TIMEOUT", (1, 1, 0)),
    ("meson's own doubt", "ok 1\n1..1\n", 0, "ERROR", (1, 1, 0)),
]
EXIT_CASES = [
    ("success", "", 0, "OK", (1, 0, 0)),
    ("failure", "why\n", 3, "FAIL", (0, 1, 0)),
    ("a signal", "", -6, "FAIL", (0, 1, 0)),
    ("skip", "no go\n", 77, "SKIP", (0, 0, 1)),
    ("a failure that is wanted", "", 1, "EXPECTEDFAIL", (1, 0, 0)),
    ("passed unexpectedly", "", 0, "UNEXPECTEDPASS", (1, 1, 0)),
    ("time-out", "", -15, "TIMEOUT", (0, 1, 0)),
]

PROJECT = {
    "meson.build": """project('x', 'c')
test('good', find_program('./good'), protocol : 'tap', suite : 'a')
test('lie', find_program('./lie'), protocol : 'tap', suite : 'b')
test('crash', find_program('./crash'), protocol : 'tap', suite : ['b', 'c'])
test('hang', find_program('./hang'), suite : 'b', timeout : 1)
test('skip', find_program('./skip'), suite : 'b')
""",
    "good": "#!/bin/sh\necho ok 1; echo 'ok 2 - x # SKIP no go'; echo 1..2\n",
    "lie": "#!/bin/sh\necho 1..3; echo ok 1; echo ok 2\n",
    "crash": "#!/bin/sh\necho 1..1; echo ok 1; kill -SEGV $$\n",
    "hang": "#!/bin/sh\nexec sleep 60\n",
    "skip": "#!/bin/sh\necho because; exit 77\n",
}


def load():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("run", RUN)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("run", loader))
    loader.exec_module(module)
    return module


def check_cases(run, protocol, cases):
    for what, output, status, word, expected in cases:
        tally = run.Tally()
        run.count_program(tally, "x", protocol, {
            "stdout": output, "returncode": status, "result": word,
            "duration": 1.0})
        counted = (tally.passed, len(tally.failures), len(tally.skips))
        tap.ok(counted == expected,
               f"{protocol}: {what}: {counted}, want {expected}")


def check_missing(run):
    tally = run.Tally()
    run.count_log(tally, [{"name": "n", "suite": ["x:a"], "protocol": "tap"}],
                  [])
    tap.ok(len(tally.failures) == 1, "a test that left no result fails")


def check_notes(run):
    tally = run.Tally()
    run.count_tap(tally, "x", "ok 1\n# no\nnot ok 2 - b\n# why\n# so\n"
                  "ok 3\n# no\n1..3\n")
    whys = [why.split("\n      ") for _, why in tally.failures]
    tap.ok(whys == [["b", "# why", "# so"]],
           "the notes after a failure are kept, and no others")


def check_meson():
    with tempfile.TemporaryDirectory() as top:
        for name, text in PROJECT.items():
            with open(os.path.join(top, name), "w", encoding="utf-8") as out:
                out.write(text)
            os.chmod(os.path.join(top, name), 0o755)
        build = os.path.join(top, "b")
        subprocess.run(["meson", "setup", build, top], check=True,
                       stdout=subprocess.DEVNULL)
        # suites -> exit status, last line
        for suite, status, last in (
                ("", 1, "4 passed, 3 failed, 2 skipped"),
                (":a", 0, "1 passed, 0 failed, 1 skipped"),
                (":none", 1, "0 passed, 1 failed, 0 skipped")):
            done = subprocess.run([RUN, build + suite], check=False,
                                  stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT)
            end = done.stdout.splitlines()[-1]
            tap.ok(done.returncode == status and end == last,
                   f"meson{suite}: status {done.returncode}, \"{end}\"")
            if not suite:
                tap.ok(re.search(r"skip: because$", done.stdout, re.M),
                       "a skip is printed with its reason")
                tap.ok(re.search(r"lie: planned 3 tests, ran 2$",
                                 done.stdout, re.M),
                       "a broken plan is printed")


def main():
    run = load()
    check_cases(run, "tap", TAP_CASES)
    check_cases(run, "exitcode", EXIT_CASES)
    check_missing(run)
    check_notes(run)
    check_meson()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
