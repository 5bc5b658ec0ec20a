#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""No two objects of a program define the same name: of libraries the linker
takes the first and says nothing, and the other's callers run a stranger.

    check_symbols.py [BUILD]"""
import collections
import glob
import os
import subprocess
import sys
import tempfile

import tap

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")


def doubled(paths):
    """Names that several objects of the paths define: "name: a.o b.o"."""
    listed = subprocess.run(
        ["nm", "-A", "-g", "--defined-only", *paths], check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    found = collections.defaultdict(set)
    for line in listed.splitlines():
        if line.count(" ") < 2:
            continue
        where, kind, name = line.rsplit(" ", 2)
        if kind not in "WVu":
            found[name].add(where.rsplit(":", 1)[0])
    return [f"{name}: {' '.join(sorted(where))}"
            for name, where in sorted(found.items()) if len(where) > 1]


def check_planted():
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in (("a", "int x(void) { return 1; }"),
                           ("b", "int x(void) { return 2; }"),
                           ("c", "static int x; int *y = &x;")):
            paths.append(os.path.join(folder, name + ".o"))
            subprocess.run(["cc", "-xc", "-c", "-o", paths[-1], "-"],
                           input=text, text=True, check=True)
        tap.ok(len(doubled(paths)) == 1, "planted: a name twice")
        tap.ok(not doubled(paths[1:]), "planted: not twice, as one is static")


def main():
    check_planted()
    paths = glob.glob(os.path.join(BUILD, "src", "*.a")) + \
        glob.glob(os.path.join(BUILD, "seccomp-pledge.p", "*.o"))
    wrong = doubled(paths)
    tap.ok(len(paths) > 3 and not wrong,
           "seccomp-pledge: every name is defined once")
    tap.note("\n".join(wrong))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
