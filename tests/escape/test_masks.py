#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Older kernels, by a launcher that believes to run on one: what stands in for
what is missing, what is refused and why, what --best-effort lists."""
import collections
import contextlib
import os
import re
import sys

import battery as b
from battery import h

MASKED = os.path.join(h.STAGE, "pledge-masked")
VARIABLE = "PLEDGE_TEST_FEATURES"
# Below this ABI the kernel is asked for less; above, for what it has.
NEWEST = 9

# mask, options, status of a dynamic program / of a static one, what is said
SAID = [
    ("seccomp", "-p stdio", "125", "no seccomp filters"),
    ("landlock=0", "-p stdio", "125", "no Landlock"),
    ("landlock=0", "-p stdio,rpath", "125", "no Landlock"),
    ("landlock=0", "-p stdio -V", "125/0", "promise rpath as well"),
    ("landlock=0", "-p stdio,rpath -V", "0", "the memory of other processes"),
    ("landlock=0", "-p stdio,rpath,inet -V --connect 9", "125",
     "--connect and --bind cannot be enforced"),
    ("landlock=3", "-p stdio,inet --connect 9", "125", "no port rules"),
    ("landlock=3", "-p stdio,inet --bind 9", "125", "no port rules"),
    ("landlock=3", "-p stdio,inet", "0", ""),
    ("landlock=3", "-p stdio,anet", "0", "by their system calls alone"),
    ("landlock=3", "-p stdio,anet,dns", "125", "connect by TCP to anyone"),
    ("landlock=3", "-p stdio,anet,unix", "125", "connect by TCP to anyone"),
    ("landlock=4", "-p stdio,anet,dns", "0", ""),
    ("landlock=5", "-p stdio,proc", "0", "does not keep signals inside"),
    ("landlock=6", "-p stdio,proc", "0", ""),
    ("landlock=7", "-p stdio,unix", "0", "docker.sock"),
    ("mdwe", "-p stdio", "0", ""),
    ("notify notify-killable", "-p stdio", "0", ""),
    ("tsync kill-process", "-p stdio", "0", ""),
    ("tsync kill-process", "-p stdio -k", "0", ""),
    ("landlock=2 mdwe", "-p stdio,rpath", "0", ""),  # Debian 12's 6.1
]


def masked(mask):
    return h.environment(**{VARIABLE: mask})


def check_said(user):
    for mask, options, statuses, text in SAID:
        for flavour in b.FLAVOURS:
            name = f"{user.name}, {flavour}, {mask}: {options}"
            status = int(h.expected(statuses, flavour))
            command = ["--", b.program(flavour), "nothing"]
            found = h.run([MASKED, *options.split(), *command], user,
                          env=masked(mask))
            says = text if status or flavour == "dynamic" or \
                "/" not in statuses else ""
            said = says in found.err and bool(found.err) == bool(says)
            h.ok(found.status == status and said and
                 found.out == ("" if status else "ok\n"),
                 f"{name}: {status} {says}", found)
            if not status:
                continue
            found = h.run([MASKED, "--best-effort", *options.split(),
                           *command], user, env=masked(mask))
            h.ok(found.status == 0 and found.out == "ok\n" and
                 "not enforced" in found.err and says in found.err,
                 f"{name} --best-effort: runs, and lists it", found)
    both = h.run([MASKED, "--best-effort", "-p", "stdio", "--",
                  b.program("static"), "socket-inet"], user,
                 env=masked("seccomp landlock=0"))
    h.ok(both.out == "ok\n" and both.err.count("not enforced") == 2,
         f"{user.name}: --best-effort lists all that is not enforced", both)


def check_row(fixture, row, flavour, abi, results):
    wanted = row.expected(flavour, abi)
    b.tell(f"ABI {abi}, {fixture.user.name}, {flavour}: {row}", wanted,
           b.judge(row, fixture.user, wanted, *results))


def run_groups(fixture, rows, flavour, abi, env):
    """{row's name: what became of it}, of those that were refused as expected,
    one process for all that have the same options: what is refused leaves
    nothing behind. Whatever else a row does, it does once more alone."""
    groups = collections.defaultdict(list)
    for row in rows:
        wanted = row.expected(flavour, abi)
        if re.fullmatch(rf"E\w+(,E\w+)*|{b.REFUSED}", wanted) and not re.search(
                r"[<>]|sigio|kill-parent|{(in|ro|hidden)}",
                row.attempt + " ".join(row.options)):
            groups[tuple(row.options)].append(row)

    def run_group(group):
        return b.run_together(fixture, group, flavour, MASKED, env) or []
    several = [group for group in groups.values() if len(group) > 1]
    return {row.name: found
            for group, became in zip(several, b.each(run_group, several))
            for row, found in zip(group, became)
            if found in row.expected(flavour, abi).split(",")}


def check_rows(rows, user, flavour, abis):
    with contextlib.ExitStack() as stack:
        fixture = b.Fixture(user, stack)
        rows = [row for row in rows
                if not b.why_skipped(row, user, flavour)]
        bare = list(b.each(lambda row: b.run(fixture, row, flavour), rows))
        for abi in abis:
            env = masked(f"landlock={abi} mdwe")

            together = run_groups(fixture, rows, flavour, abi, env)

            def confined(row, env=env, together=together):
                return together.get(row.name) or b.run(fixture, row, flavour,
                                                       MASKED, env)
            for row, *results in zip(rows, bare, b.each(confined, rows)):
                check_row(fixture, row, flavour, abi, results)


def check_hook():
    """What masks is in the test's launcher alone."""
    def has_hook(path):
        with open(path, "rb") as program:
            return VARIABLE.encode() in program.read()
    h.equal([has_hook(path) for path in (MASKED, h.PLEDGE, h.TOOL)],
            [True, False, False], "neither tool has the hook")


def main():
    b.stage_attempts()
    rows = b.read_rows()
    abis = range(0, min(h.landlock_abi(), NEWEST) + 1)
    check_hook()
    for user in h.USERS:
        check_said(user)
    for flavour in b.FLAVOURS:
        check_rows(rows, h.LEAST, flavour, abis)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
