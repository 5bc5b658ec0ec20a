# SPDX-License-Identifier: ISC
"""The Test Anything Protocol, and the project's files, for the checks."""
import os
import sys

sys.dont_write_bytecode = True

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
count = failures = 0


def ok(passed, text):
    global count, failures
    count += 1
    if not passed:
        failures += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {text}", flush=True)
    return bool(passed)


def skip(text, reason):
    global count
    count += 1
    print(f"ok {count} - {text} # SKIP {reason}", flush=True)


def note(text):
    for line in text.splitlines():
        print(f"# {line}", flush=True)


def done():
    print(f"1..{count}")
    return 1 if failures else 0


def is_ours(name):
    """Not hidden, and no build directory."""
    return name == ".ci" or not (name.startswith((".", "build"))
                                 or name == "__pycache__")


def files(*under, suffixes=("",)):
    """Paths of the project's files, relative to its top, in order; not .git,
    which is a file in a further working tree."""
    found = []
    for start in under or (".",):
        for folder, folders, names in os.walk(os.path.join(ROOT, start)):
            folders[:] = [f for f in folders if is_ours(f)]
            found += [os.path.relpath(os.path.join(folder, n), ROOT)
                      for n in names
                      if n.endswith(tuple(suffixes)) and n != ".git"]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8",
              errors="replace") as text:
        return text.read()
