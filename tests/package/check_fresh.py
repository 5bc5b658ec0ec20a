#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A machine made fresh: README.md's commands as they stand there, from a git
clone; then the packages that are built there.  As root; half an hour, or a
third of it with QUICK=1, which leaves out make check.

    check_fresh.py BUILD"""
import contextlib
import os
import re
import subprocess
import sys

import fresh

tap = fresh.tap
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
CLONE = "/usr/src/seccomp-pledge"
PACKAGES = "seccomp-pledge libpledge0 libpledge-dev"


def readme():
    """What it says one needs, and the commands to type."""
    text = tap.read("README.md")
    section = re.search(r"^## Try it\n(.*?)^## ", text, re.M | re.S).group(1)
    needs = re.search(r"`sudo apt-get install ([^`]*)`", section).group(1)
    return needs, re.findall(r"^ {4}(make [a-z-]+)", section, re.M)


def clone_to(machine):
    """The commit that is checked out here."""
    done = subprocess.run(["git", "clone", "-q", "--no-hardlinks", fresh.ROOT,
                           machine.path(CLONE)], check=False)
    tap.ok(done.returncode == 0, "git clone")


def check_commands(machine):
    needs, commands = readme()
    tap.ok(len(commands) == 2, "README.md has two commands: " +
           ", ".join(commands))
    machine.install(needs)
    for command in commands:
        if command == "make check" and os.environ.get("QUICK"):
            tap.skip(command, "QUICK=1")
            continue
        said = machine.must(command, f"README.md: {command}", cwd=CLONE)
        tap.note("\n".join(said.splitlines()[-3:]))


def check_packages(machine):
    """Built, installed, used, and removed without a trace."""
    machine.install("build-essential")
    machine.must(f"apt-get build-dep -y -q --no-install-recommends {CLONE}",
                 "apt-get build-dep")
    machine.must("dpkg-buildpackage -us -uc -b", "dpkg-buildpackage",
                 cwd=CLONE)
    if not fresh.packages(machine.path("/usr/src")):
        return
    machine.install("man-db", "bash-completion", "zsh", "fish", "procps",
                    "python3", "gcc", "libc6-dev", "pkg-config")
    for _ in fresh.check_installed(machine, "/usr/src"):
        check_pages(machine)
        check_completions(machine)
        check_library(machine)


def check_pages(machine):
    listed = machine.must(f"dpkg -L {PACKAGES}", "files are listed")
    pages = re.findall(r"/man/man(\d)/([\w-]+)\.\d\.gz", listed)
    tap.ok(len(pages) >= 7, f"{len(pages)} manual pages")
    for section, name in pages:
        said = machine.must(f"man {section} {name} | head -20",
                            f"man {section} {name}")
        tap.ok("NAME" in said and name in said, "shows it")


def check_completions(machine):
    said = machine.must(
        f"INSTALLED=/usr BUILD_DIR={CLONE}/build "
        "python3 tests/cli/test_completions.py", "completions", cwd=CLONE)
    tap.ok("# SKIP" not in said and "not ok" not in said,
           f"in three shells: {said.count('ok ')} of them")


def check_library(machine):
    program = ("#include <pledge.h>\\n"
               "int main(void) { return pledge(\"stdio\", 0) ? 1 : 0; }\\n")
    machine.must(
        f"printf '{program}' > /tmp/p.c && cc -o /tmp/p /tmp/p.c "
        "$(pkg-config --cflags --libs libpledge) && /tmp/p",
        "a program with libpledge")


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root: a chroot")
        return 0
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(open(
            os.path.join(BUILD, "check-fresh.log"), "w", encoding="utf-8"))
        machine = stack.enter_context(fresh.machine(log))
        if machine is not None:
            clone_to(machine)
            check_commands(machine)
            check_packages(machine)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
