#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Calls that undo a wall: each that the table of src/policy/call_rules.c names
is a row of the battery, whose attempt makes that call; "allow" refuses it, in
a policy and in one that is included, by the launcher and by the tool."""
import contextlib
import json
import os
import re
import sys

import battery as b
from battery import h

TABLE = os.path.join(h.ROOT, "src", "policy", "call_rules.c")
# Of i386 alone, whose calls kill.
FOREIGN = {"umount"}
BASE = "promises stdio\nunveil off\n"


def table():
    """The calls of wall_rows: the strings before a row's first comma."""
    with open(TABLE, encoding="utf-8") as source:
        rows = re.search(r"wall_rows\[\] = \{(.*?)\n\};", source.read(),
                         re.S).group(1)
    first = re.findall(r'\{ ((?:"[^"]*"\s*)+),', rows)
    return {call for text in first for call in re.findall(r"\w+", text)}


def check_table(rows):
    tried = {call for row in rows for call in row.undoes}
    named = table()
    h.ok(len(named) > 40, f"{len(named)} calls undo a wall")
    h.equal(sorted(named - FOREIGN - tried), [],
            "each is a row of the battery")
    h.equal(sorted(tried - named), [], "and the battery names no other")


def check_refused(names):
    """By the launcher and the tool; whoever would allow it says so."""
    with h.scratch() as here:
        path = os.path.join(here, "one.policy")
        above = h.write(os.path.join(here, "above.policy"),
                        "include one.policy\n")
        for name in sorted(names):
            for line in (f"allow {name}\n", f"allow {name} arg0 == 0\n"):
                h.write(path, BASE + line)
                found = [h.run([*words, "-i", file, "--", "true"])
                         for words in ([h.PLEDGE], [h.TOOL, "run"])
                         for file in (path, above)]
                h.ok(all(r.status == 125 and "one.policy:3:7: " in r.err and
                         "cannot be allowed by itself" in r.err
                         for r in found), f"125: {line.strip()}", found)
            h.write(path, BASE + f"deny {name}\n")
            found = h.run([h.PLEDGE, "-i", path, "--", "true"])
            h.ok(found.status == 0 or name in FOREIGN | {"execve"},
                 f"deny {name}", found)


def check_honest(rows):
    """The row's attempt makes the call that it is said to."""
    if not h.can("ptrace", "what the attempts call"):
        return
    with contextlib.ExitStack() as stack:
        fixture = b.Fixture(h.ME, stack)
        for row in rows:
            if not row.undoes or b.why_skipped(row, h.ME, "dynamic"):
                continue
            itself = b.program("dynamic")
            words = row.attempt.format(self=itself, **fixture.shared).split()
            only = ",".join(row.undoes)
            result = h.run([h.TOOL, "trace", "--json", "--only", only, "--",
                            itself, *words])
            seen = {json.loads(line).get("syscall")
                    for line in result.err.splitlines() if line[:1] == "{"}
            h.ok(set(row.undoes) <= seen, f"{row.name} calls {only}", result)


def main():
    b.stage_attempts()
    rows = b.read_rows()
    check_table(rows)
    check_refused(table())
    check_honest(rows)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
