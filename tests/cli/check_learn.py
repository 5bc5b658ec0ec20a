#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What learn writes for real programs (the rows of test_programs*): each runs
under its learned policy as it does unconfined; of that policy, each promise,
path and port is needed, or, where the program gets on without it, it is what
explain names when it is missing, and nothing else is; and no promise is learned
that the program's row, written by hand, does not have.

    check_learn.py [ROW...]

Prints a table, a line for each program."""
import collections
import contextlib
import json
import os
import re
import sys

import harness as h
import test_programs
import test_programs_more
import test_programs_net
from programs import free_port, missing_of, run_words

GROUPS = [
    (test_programs.ROWS, lambda: contextlib.nullcontext({})),
    (test_programs_more.ROWS, test_programs_more.terminal),
    (test_programs_net.ROWS, test_programs_net.servers),
]

# Runs a command under learn, a file for each, as several may run at once.
LEARN = """#!/bin/sh
exec {tool} learn -q -o "{folder}/$$.policy" -- "$@"
"""

EVENT = re.compile(r'\{"event": "denied".*?\}(?=\r?\n|$)')

Outcome = collections.namedtuple(
    "Outcome", "row same words extra lines bites named first twice")


def learn_row(row, user, servers):
    """(the learned policy's text, how the line went)."""
    with h.scratch(user) as folder:
        script = h.write(os.path.join(folder, "learn"),
                         LEARN.format(tool=h.TOOL, folder=folder), 0o755)
        result = run_words(row.line, user, servers, lambda path: [script])
        files = sorted(name for name in os.listdir(folder)
                       if name.endswith(".policy"))
        merged = os.path.join(folder, "all")
        words = [word for name in files
                 for word in ("--merge", os.path.join(folder, name))]
        done = h.run([h.TOOL, "learn", "-q", "-o", merged, *words], user)
        if not files or done.status != 0:
            return None, h.Result(done.status, done.out,
                                  f"{result.err}\n{files}\n{done.err}")
        with open(merged, encoding="utf-8") as text:
            return text.read(), result


def statements(policy):
    """Its lines, without the promise that every program has."""
    return [line for line in policy.splitlines()
            if line and not line.startswith("#") and
            not line.startswith("promises stdio")]


def run_under(row, line, user, servers, policy, options):
    with h.scratch(user) as folder:
        path = h.write(os.path.join(folder, "x.policy"), policy)
        return run_words(line, user, servers,
                         lambda _: [h.PLEDGE, options, "-i", path, "--"],
                         LATE * 2)


def named_in(text):
    """(promises, paths and ports) that each denial asks for, of those that
    matter and that can be allowed."""
    named = []
    for found in EVENT.findall(text):
        event = json.loads(found, strict=False)
        if "probe" in event or "reason" in event:
            continue
        things = {unveil["path"] for unveil in event["unveil"]}
        things |= {f"{kind} {event[kind]}" for kind in ("connect", "bind")
                   if kind in event}
        named.append((set(event["promises"]), things))
    return named


FILES = {row["name"]: [word.partition(":")[2]
                       for word in row["files"].split()]
         for row in json.loads(h.run([h.TOOL, "promises", "--json"]).out)}


FILES["tty"].append("/dev/pts")  # the terminal itself
# Either of them allows what the program does.
EITHER = {"dns": "inet"}


def is_beneath(path, line_path):
    """Whether PATH, in the row's directory (.), is what the line unveils."""
    if line_path.startswith(("-@ARG", "@TMP")):
        return True
    top = re.sub(r"^@(CWD|HOME)", ".", line_path.lstrip("-"))
    return path == top or path.startswith(top + "/")


def is_named(line, words, things):
    """Whether what was named is LINE, and no more."""
    kind, *rest = line.partition(" #")[0].split()
    if kind == "promises":
        files = FILES[rest[0]]
        mine = ({rest[0]}, {EITHER.get(rest[0])})
        return (words in mine and not things) or (
            not words and bool(things) and all(
                any(is_beneath(t, top) for top in files) for t in things))
    if kind in ("connect", "bind"):
        return not words and things == {f"{kind} {rest[0]}"}
    return not words and bool(things) and all(is_beneath(t, rest[1])
                                              for t in things)


# What becomes of a line that is left out.
Cut = collections.namedtuple("Cut", "line fails exact first twice found")


def without_line(policy, line):
    """Ports mean nothing without inet; and without any, all are open."""
    lines = [other for other in policy.splitlines() if other != line]
    if line.startswith("promises inet"):
        lines = [other for other in lines
                 if not other.startswith(("connect", "bind"))]
    if line.startswith(("connect", "bind")):
        lines.append("connect 9")
    return "\n".join(lines) + "\n"


def loud_line(row):
    """What explain says is not lost in a file."""
    return row.line.replace("exec 2> noise; ", "").replace(" > shown", "")


def check_cut(row, user, servers, policy, line, bare):
    """Refused, some programs try something else, which may take more: the
    first that is named counts then."""
    cut = without_line(policy, line)
    without = run_under(row, row.line, user, servers, cut, "-q")
    told = run_under(row, loud_line(row), user, servers, cut, "-e --json")
    named = named_in(told.out + told.err)
    fits = [is_named(line, *found) for found in named]
    fails = without != bare
    return Cut(line, fails, bool(fits) and all(fits),
               bool(fits) and fits[0],
               not named and not fails and line.startswith("unveil") and
               policy.count("@") > 1, named[:5])


def check_nothing_named(row, user, servers, policy, name):
    told = run_under(row, loud_line(row), user, servers, policy, "-e --json")
    h.equal(named_in(told.out + told.err), [],
            f"{name}: explain finds nothing denied")


def check_extra(row, cuts, learned, name, policy):
    """A word that the row does not have is one that the program tries, and
    goes on without."""
    free = {word.partition(":")[2] or word for word in row.free.split()}
    extra = [word for word in learned
             if word not in row.promises.split() and word not in free]
    needed = [word for word in extra for cut in cuts
              if cut.fails and cut.line.split()[:2] == ["promises", word]]
    h.ok(not needed, f"{name}: no promise that the row can do without",
         f"{needed}\n{policy}")
    return extra


def check_cuts(row, user, servers, policy, bare, name):
    cuts = []
    for line in statements(policy):
        cut = check_cut(row, user, servers, policy, line, bare)
        what = " ".join(line.partition("#")[0].split())
        h.ok(cut.exact or cut.first or cut.twice,
             f"{name}: without {what}, it is named",
             f"found {cut.found}\n{line}")
        cuts.append(cut)
    return cuts


def check_row(row, user, servers):
    name = f"{user.name}: {row.name}"
    servers = {**servers, "@FREE": str(free_port())}
    bare = run_words(row.line, user, servers, lambda _: [])
    policy, result = learn_row(row, user, servers)
    if not h.ok(policy is not None and result == bare,
                f"{name}: under learn as without",
                f"unconfined {bare}\nlearning {result}"):
        return None
    again = run_under(row, row.line, user, servers, policy, "-q")
    same = h.ok(again == bare, f"{name}: under what was learned",
                f"unconfined {bare}\nconfined {again}\n{policy}")
    check_nothing_named(row, user, servers, policy, name)
    learned = [line.split()[1] for line in statements(policy)
               if line.startswith("promises")]
    cuts = check_cuts(row, user, servers, policy, bare, name) if same else []
    extra = check_extra(row, cuts, learned, name, policy)
    return Outcome(row, same, learned, extra, len(cuts),
                   sum(cut.fails for cut in cuts),
                   sum(cut.exact for cut in cuts),
                   sum(cut.first and not cut.exact for cut in cuts),
                   sum(cut.twice for cut in cuts))


def print_table(outcomes):
    h.note(f"{'program':15} same lines needed named first twice  "
           "promises besides stdio")
    for found in outcomes:
        words = " ".join(word if word not in found.extra else f"[{word}]"
                         for word in found.words)
        h.note(f"{found.row.name:15} {'yes' if found.same else 'NO':4} "
               f"{found.lines:5} {found.bites:6} {found.named:5} "
               f"{found.first:5} {found.twice:5}  {words}")
    h.note(f"{len(outcomes)} programs. same: output and status as unconfined; "
           "lines: of the learned policy, besides stdio; left out one by one, "
           "needed: the program fails; named: explain names it and nothing "
           "else; first: it names it first, and then what the program tries "
           "instead; twice: another line grants it, too. [word]: not in the "
           "program's row; tried, and the output is the same without.")


def main():
    outcomes = []
    for rows, start_servers in GROUPS:
        with start_servers() as servers:
            for row in rows:
                if sys.argv[1:] and row.name not in sys.argv[1:]:
                    continue
                missing = missing_of(row, servers)
                if missing:
                    h.skip(row.name, f"no {' '.join(missing)} here")
                    continue
                found = check_row(row, h.LEAST, servers)
                if found:
                    outcomes.append(found)
    print_table(outcomes)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
