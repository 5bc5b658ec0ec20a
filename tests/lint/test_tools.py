#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""tools/demo must fail where nothing is confined, or where nothing runs;
tools/install-deps must say what is missing, and what would install it."""
import os
import subprocess
import sys
import tempfile

import tap

NOBODY = 65534
ABSENT = "no-such-package-1"  # no Debian package has this name

# Launchers that are none, and what the demonstration must say of them.
LAUNCHERS = [
    ("confines nothing", 'while [ "$1" != -- ]; do shift; done; shift; "$@"',
     "[NO!] not a byte of it came out"),
    ("runs nothing", "exit 125", "[NO!] refused: exit status 125"),
    ("says yes, runs nothing", "exit 0", "[NO!] it prints what is in it"),
]


def run(command, **options):
    done = subprocess.run(command, check=False, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    return done.returncode, done.stdout


def test_demo(folder):
    for what, body, said in LAUNCHERS:
        path = os.path.join(folder, "pledge")
        with open(path, "w", encoding="utf-8") as script:
            script.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)
        status, output = run([os.path.join(tap.ROOT, "tools/demo"), path])
        tap.ok(status == 1 and said in output,
               f"demo: a launcher that {what}: {said}")


def as_nobody():
    if os.getuid() == 0:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return {}


def may_install():
    """Nobody's sudo might ask no password: then apt-get would be run."""
    return run(["sh", "-c", "sudo -n true"], **as_nobody())[0] == 0


def test_install(folder):
    packages = os.path.join(folder, "packages")
    with open(packages, "w", encoding="utf-8") as out:
        out.write("# a comment\ndpkg build here\n"
                  f"{ABSENT} check not here\nother-absent bench nor this\n")
    with open(os.path.join(tap.ROOT, "tools/install-deps"),
              encoding="utf-8") as script:
        text = script.read()
    env = {**os.environ, "PACKAGES": packages}

    def install(*steps):
        return run(["sh", "-c", text, "install-deps", *steps], env=env,
                   cwd="/", **as_nobody())

    status, output = install("build")
    tap.ok(status == 0 and "all installed" in output,
           "install-deps: nothing to do")
    if may_install():
        tap.skip("install-deps: a package is missing",
                 "sudo asks no password here")
        return
    status, output = install("build", "check")
    line = f"  sudo apt-get install -y --no-install-recommends {ABSENT}\n"
    tap.ok(status == 1 and output.endswith(line),
           "install-deps: one command to install what is missing")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        test_demo(folder)
        test_install(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
