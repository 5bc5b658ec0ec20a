#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The battery: every attempt succeeds unconfined, or its row is invalid, and
is contained confined. What Linux cannot contain is expected to leak, so that a
change is noticed, and named in docs/SECURITY-MODEL.md."""
import collections
import contextlib
import os
import re
import sys
import time

import battery as b
from battery import h

DOCUMENT = os.path.join(h.ROOT, "docs", "SECURITY-MODEL.md")
COLUMNS = ("rows", "valid", "contained", "leaks", "skipped")


class Table:
    """What became of the rows, for each user and kind of program."""

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)

    def add(self, key, *columns):
        self.counts[key].update(columns)

    def show(self):
        h.note(f"{'':18}" + "".join(f"{c:>11}" for c in COLUMNS))
        for key, counts in self.counts.items():
            h.note(f"{key:18}" + "".join(f"{counts[c]:>11}"
                                         for c in COLUMNS))


def check_row(table, fixture, flavour, row, abi, results):
    user = fixture.user
    key = f"{user.name}, {flavour}"
    wanted = row.expected(flavour, abi)
    reason = b.why_skipped(row, user, flavour)
    verdict = ("skipped", reason) if reason else b.judge(row, user, wanted,
                                                         *results)
    b.tell(f"{key}: {row}", wanted, verdict)
    table.add(key, "rows", verdict[0])
    if verdict[0] in ("leaks", "contained"):
        table.add(key, "valid")


def check_rows(rows, table):
    abi = h.landlock_abi()
    for user in h.USERS:
        with contextlib.ExitStack() as stack:
            fixture = b.Fixture(user, stack)
            for flavour in b.FLAVOURS:
                def both(row, flavour=flavour):
                    if b.why_skipped(row, user, flavour):
                        return None
                    return (b.run(fixture, row, flavour),
                            b.run(fixture, row, flavour, h.PLEDGE))
                for row, results in zip(rows, b.each(both, rows)):
                    check_row(table, fixture, flavour, row, abi, results)


def check_documented(rows):
    """The document names each row that leaks, and no other as leaking."""
    with open(DOCUMENT, encoding="utf-8") as text:
        named = set(re.findall(r"`([a-z0-9]+/[a-zA-Z0-9-]+)`", text.read()))
    leaking = {row.name for row in rows if row.may_leak()}
    h.equal(sorted(leaking - named), [],
            "docs/SECURITY-MODEL.md names every row that leaks")
    h.equal(sorted(named - {row.name for row in rows}), [],
            "docs/SECURITY-MODEL.md names no row that is not there")


def early(text):
    """What early-* printed: each stage's two answers."""
    return {stage: (execute, mapping) for stage, execute, mapping in
            re.findall(r"^(\w+) tried 1 exec (\d+) mapping (\d+)$", text,
                       re.M)}


def check_early():
    """Code before main(): .preinit_array, constructors, LD_PRELOAD."""
    stages = {"preinit", "library", "constructor", "main"}
    preloaded = os.path.join(h.STAGE, "libpreloaded.so")
    if h.landlock_abi() == 0:
        h.skip("before main()", "nothing is run without Landlock or -V")
        return
    for user in h.USERS:
        for flavour in b.FLAVOURS:
            path = h.target("early-" + flavour)
            bare = early(h.run([path], user).out)
            found = early(h.pledge(["-p", "stdio", "-v", f"r:{h.STAGE}"],
                                   path, user=user).out)
            ran = {s for s, answers in bare.items() if answers == ("0", "0")}
            h.ok(ran >= stages - {"library"} and set(found) == set(bare) and
                 set(found.values()) == {("1", "1")},
                 f"{user.name}, {flavour}: nothing before main() may exec or "
                 "map executable memory", f"{bare}\n{found}")
        # The static launcher loads nothing; the program does, confined.
        for variable in ("LD_PRELOAD", "LD_AUDIT"):
            env = h.environment(**{variable: preloaded})
            command = [b.program("dynamic"), "nothing"]
            bare = h.run(command, user, env=env)
            found = h.pledge(["-p", "stdio rpath", "-v", f"r:{h.STAGE}"],
                             *command, user=user, env=env)
            hidden = h.pledge(["-p", "stdio rpath", "-v", "r:/etc"], *command,
                              user=user, env=env)
            h.equal([bare.out.count("preloaded: exec 0"),
                     found.out.count("preloaded: exec 0"),
                     found.out.count("preloaded: exec 1"),
                     hidden.out.count("preloaded")], [1, 0, 1, 0],
                    f"{user.name}: {variable}: not loaded into the launcher; "
                    "into the program, without exec, if it can be read")
    result = h.run(["/usr/bin/readelf", "-l", h.PLEDGE])
    h.ok(result.status == 0 and "INTERP" not in result.out,
         "the launcher is static")


def check_runpath():
    """A program cannot unveil directories for itself, by its DT_RUNPATH."""
    if h.landlock_abi() == 0:
        h.skip("DT_RUNPATH", "nothing is hidden without Landlock")
        return
    for user in h.USERS:
        for words in ("open-read /etc/passwd", "open-read /", "open-read /etc"):
            command = [b.program("runpath"), *words.split()]
            bare = h.run(command, user).out.strip()
            for promises in ("stdio", "stdio rpath"):
                found = h.pledge(["-p", promises, "-v", f"r:{h.STAGE}"],
                                 *command, user=user).out.strip()
                h.equal([bare, found], ["ok", "EACCES"],
                        f"{user.name}: -p '{promises}': a DT_RUNPATH of /:/etc"
                        f" opens nothing: {words}")


def check_flight():
    """A time limit ends what flees, each process being the next one's."""
    for user in h.USERS:
        bare = h.run([b.program("static"), "flee", "0.2"], user)
        h.ok(bare.out.startswith("ok\n"), f"{user.name}: unconfined, it flees",
             bare)
        for options in ([], ["-e"]):
            found = h.pledge(["-q", "-V", "-p", "stdio rpath proc", "-t", "0.2",
                              *options], b.program("static"), "flee", "2000",
                             user=user)
            h.equal(found[:2], (124, ""), f"{user.name}: -t {options}: what "
                    "flees is ended")


def check_bomb():
    """A time limit ends processes that take each other's places."""
    user = h.USERS[-1]
    if user == h.ROOT_USER:
        h.skip("a bomb", "there is no ordinary user, and root has no limit")
        return
    # Dead ones of earlier attempts count as well, until they are waited for.
    for seconds, launcher in (("2000", [h.PLEDGE, "-q", "-V", "-t", "0.2", "-p",
                                      "stdio rpath proc", "--"]), ("0.2", [])):
        for _ in range(20):
            found = h.run([*launcher, b.program("static"), "multiply",
                           seconds], user)
            if "EAGAIN" not in found.out:
                break
            time.sleep(0.3)
        if "EAGAIN" in found.out:
            h.skip("a bomb", "the user has too many processes")
        elif launcher:
            h.equal(found[:2], (124, ""), f"{user.name}: -t: a bomb is ended")
        else:
            h.ok(found.out.startswith("ok\n"),
                 f"{user.name}: unconfined, it goes on", found.out[:100])


def main():
    b.stage_attempts()
    rows = b.read_rows()
    table = Table()
    if h.landlock_abi() == 0:
        rows += filter(None, [row.without_paths() for row in rows])
    h.note(f"Landlock ABI {h.landlock_abi()}, {len(rows)} rows")
    check_rows(rows, table)
    check_early()
    check_runpath()
    check_bomb()
    check_flight()
    check_documented(b.read_rows())
    table.show()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
