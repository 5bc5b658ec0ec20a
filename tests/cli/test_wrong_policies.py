#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Wrong policies, each made from one that fits a real program by leaving out
one line: what --explain suggests, applied, makes the program work again, and
nothing but what was left out is asked for.

    test_wrong_policies.py [all]

The policies that fit are those of the rows of test_programs*.py. Without
"all", a few lines of a few rows."""
import contextlib
import json
import os
import re
import shlex
import sys
import tempfile

import harness as h
import programs
import test_programs
import test_programs_more
import test_programs_net
from programs import Row

# Without inet, port rules are refused at once.
KEPT = "nobody:inet root:inet user:inet"
# Ports: of the client's rows a line each; @FREE is what the server may bind.
PORT_ROWS = [
    Row("curl port", "curl", "stdio rpath inet",
        "connect:@PORT connect:1",
        "@P curl -sS http://127.0.0.1:@PORT/words; "
        "@P curl -s http://127.0.0.1:1/ -w '%{errormsg}'", free=KEPT),
    Row("python serve", h.PYTHON, "stdio rpath inet", "bind:@FREE",
        f"@P {h.PYTHON} -ISc 'import socket; "
        "s = socket.create_server((\"127.0.0.1\", @FREE)); print(1)'",
        free=KEPT),
    Row("nc port", "nc", "stdio inet", "connect:@PORT",
        "@P nc -z 127.0.0.1 @PORT", free=KEPT),
]
# Without "all": rows, and every line of them.
FEW = ["cp", "tar cz", "static Go", "curl port", "python serve"]
ROUNDS = 12  # a program that fails early needs more later
# What they need only because something failed: {row: (lines, why)}.
FALLBACKS = {
    "mv": ({"promise rpath", "unveil r:./out/a"},
           "what it cannot rename, it copies"),
    "less": ({"unveil r:/dev"},
             "what it cannot read a link for, it looks for in /dev"),
    "convert": ({"unveil r:/usr/share/ImageMagick-6/english.xml",
                 "unveil r:/usr/share/ImageMagick-6/locale.xml"},
                "it reads the words of its messages"),
    "vim": ({"unveil rwc:/tmp", "unveil rwc:/var/tmp"},
            "where else a swap file may be"),
    "dig": ({"promise inet"}, "it asks for a TCP socket, which is inet's"),
}


def rows():
    return [*test_programs.ROWS, *test_programs_more.ROWS,
            *test_programs_net.ROWS, *PORT_ROWS]


@contextlib.contextmanager
def servers():
    with test_programs_more.terminal() as one, \
            test_programs_net.servers() as two:
        yield {**one, **two}


def lines_of(row):
    """A policy's lines: (kind, what)."""
    lines = [("promise", word) for word in row.promises.split()]
    for unveiled in row.unveil.split():
        kind, colon, what = unveiled.partition(":")
        if colon and kind in ("connect", "bind"):
            lines.append((kind, what))
        else:
            lines.append(("unveil", unveiled if colon else "r:" + unveiled))
    return lines


def options_of(lines, path):
    promises = " ".join(what for kind, what in lines if kind == "promise")
    words = ["-p", shlex.quote(promises)]
    for kind, what in lines:
        if kind == "unveil":
            perm, _, name = what.partition(":")
            dash, name = name[:name[0] == "-"], name.removeprefix("-")
            if not name.startswith("@"):
                name = os.path.normpath(os.path.join(path, name))
            words += ["-v", shlex.quote(f"{perm}:{dash}{name}")]
        elif kind != "promise":
            words += ["--" + kind, what]
    return words


def run(row, lines, user, names, launcher):
    return programs.run_words(
        row.line, user, names,
        lambda path: [*launcher, *options_of(lines, path), "--"])


def events_in(text):
    """The objects in TEXT, whatever stands between them."""
    found = []
    decoder = json.JSONDecoder()
    for match in re.finditer(r'\{"event": "', text):
        with contextlib.suppress(ValueError):
            found.append(decoder.raw_decode(text, match.start())[0])
    return found


def explain(row, lines, user, names):
    """What is told, of all commands of the row's line."""
    with tempfile.TemporaryDirectory(dir=h.STAGE) as folder:
        os.chmod(folder, 0o777)
        where, events = [], os.path.join(folder, "events")

        def words_of(path):
            where.append(path)
            return ["2>>" + events, h.PLEDGE, "-e", "--json",
                    *options_of(lines, path), "--"]

        line = row.line.replace("> shown", "| tee shown")
        result = programs.run_words(line, user, names, words_of)
        text = result.out + result.err
        if os.path.exists(events):
            with open(events, encoding="utf-8", errors="replace") as file:
                text += file.read().replace(where[0], ".")
        return events_in(text)


def needs_of(events):
    """What is named: lines of a policy."""
    needs = set()
    for event in events:
        if event["event"] != "counted" or "harmless" in event:
            continue
        needs |= {("promise", word) for word in event["promises"]}
        needs |= {("unveil", f"{x['permissions']}:{x['path']}")
                  for x in event["unveil"]}
        needs |= {(kind, str(event[kind])) for kind in ("connect", "bind")
                  if kind in event}
    return needs


def suggested(events):
    """The lines of the commands that are suggested, together; or None."""
    lines = []
    for event in events:
        words = shlex.split(event.get("suggestion", ""))[1:]
        while words and words[0] != "--":
            option, value, *words = words
            if option == "-p":
                lines += [("promise", word) for word in value.split()]
            elif option == "-v":
                lines.append(("unveil", value))
            else:
                lines.append((option.lstrip("-"), value))
    return sorted(set(lines)) or None


def merged(old, new, names):
    """Both; a path once, with all its letters; ports by their names."""
    ports = {value: name for name, value in names.items()}
    letters, others = {}, []
    for kind, what in [*old, *new]:
        if kind == "unveil":
            perm, _, name = what.partition(":")
            name = os.path.normpath(name.removeprefix("-"))
            letters[name] = letters.get(name, "") + perm
        elif (kind, ports.get(what, what)) not in others:
            others.append((kind, ports.get(what, what)))
    # Beneath a path that is granted more, a path must not be granted less.
    for name in letters:
        for above, perm in letters.items():
            if name.startswith(above + "/"):
                letters[name] += perm
    # Of several commands, the first may not find what it makes for the next.
    mine = {os.path.normpath(what.partition(":")[2]) for kind, what in old
            if kind == "unveil" and ":-" not in what}
    return others + [("unveil", "".join(x for x in "rwxc" if x in perm) + ":" +
                      ("" if name in mine else "-") + name)
                     for name, perm in letters.items()]


def is_beneath(path, above):
    path, above = os.path.normpath(path), os.path.normpath(above)
    if above == ".":
        return path[0] != "/"
    return path == above or path.startswith(above.rstrip("/") + "/")


def is_named(need, left_out, names):
    """NEED is what was left out, or a part of it."""
    kind, what = left_out
    if need[0] != kind:
        return False
    if kind != "unveil":
        return need[1] == programs.fill(what, names)
    path = what.partition(":")[2]
    real = programs.fill(path, names)
    need_path = need[1].partition(":")[2]
    return any(is_beneath(need_path, x) for x in
               (real, os.path.realpath(real) if real[0] == "/" else real))


def follow(row, lines, user, names):
    """Applies what is suggested until nothing is; (policy, rounds, needs)."""
    needs = set()
    for count in range(ROUNDS):
        events = explain(row, lines, user, names)
        needs |= needs_of(events)
        new = suggested(events)
        if new is None:
            return lines, count, needs
        lines = merged(lines, new, names)
    return lines, ROUNDS, needs


def check_line(row, left_out, bare, user, names, before):
    """None: it works without, too. Else whether it was named, and mended."""
    lines = [line for line in lines_of(row) if line != left_out]
    if left_out[0] in ("connect", "bind") and not any(
            kind == left_out[0] for kind, _ in lines):
        # One that nobody uses, as none at all would mean every port.
        lines.append((left_out[0], "2"))
    wrong = run(row, lines, user, names, [h.PLEDGE, "-q"])
    if wrong == bare:
        return None
    policy, rounds, needs = follow(row, lines, user, names)
    mended = run(row, policy, user, names, [h.PLEDGE, "-q"])
    what = " ".join(left_out)
    needs -= before
    fallbacks = FALLBACKS.get(row.name, (set(), ""))[0]
    other = {need for need in needs if not is_named(need, left_out, names)
             and " ".join(need) not in fallbacks}
    named = h.ok(needs and not other,
                 f"{user.name}: {row.name} without {what}: that is named",
                 f"named {sorted(needs)}")
    works = h.ok(mended == bare, f"{user.name}: {row.name} without {what}: "
                 "as suggested, it works",
                 f"{policy}\nbare {bare}\nmended {mended}")
    return named, works, rounds


def print_table(outcomes):
    h.note(f"{'program':14} {'left out':34} {'named':6} {'mended':7} rounds")
    for name, left_out, (named, works, rounds) in outcomes:
        h.note(f"{name:14} {' '.join(left_out)[:34]:34} "
               f"{'yes' if named else 'NO':6} {'yes' if works else 'NO':7} "
               f"{rounds}")
    for name, (lines, why) in FALLBACKS.items():
        if any(name == x[0] for x in outcomes):
            h.note(f"{name}, when it fails, may be told of "
                   f"{' and '.join(sorted(lines))}: {why}")
    h.note(f"{len(outcomes)} wrong policies; "
           f"{sum(x[2][0] for x in outcomes)} named exactly, "
           f"{sum(x[2][1] for x in outcomes)} mended")


def main():
    user, outcomes = h.LEAST, []
    wanted = sys.argv[1:]
    with servers() as made:
        for row in rows():
            if wanted != ["all"] and row.name not in (wanted or FEW):
                continue
            missing = programs.missing_of(row, made)
            if missing:
                h.skip(row.name, f"no {' '.join(missing)} here")
                continue
            names = {**made, "@FREE": str(programs.free_port())}
            bare = programs.run_words(row.line, user, names, lambda path: [])
            fits = run(row, lines_of(row), user, names, [h.PLEDGE, "-q"])
            if not h.ok(bare == fits, f"{user.name}: {row.name}: fits",
                        f"bare {bare}\nconfined {fits}"):
                continue
            # What it asks for, and is refused, and does without.
            before = follow(row, lines_of(row), user, names)[2]
            for left_out in lines_of(row):
                if left_out == ("promise", "stdio") or programs.is_free(
                        row, left_out[1], user):
                    continue
                found = check_line(row, left_out, bare, user, names, before)
                if found:
                    outcomes.append((row.name, left_out, found))
    print_table(outcomes)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
