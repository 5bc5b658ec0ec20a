#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""trace --html: what the trace holds is on the page, foreign words do nothing
there, the policy beside it is judged, and the file is whole or not at all."""
import os
import sys

import harness
import page_reader
from harness import ME, TOOL, USERS, ok, run

EVIL = ["</style><script>alert(1)</script>", "esc\x1b[31m", "quote'\"&amp;",
        "new\nline", "turn\u202eed", "<b>bold", "caf\u00e9"]


def make_evil(folder):
    os.makedirs(f"{folder}/evil")
    for number, name in enumerate(EVIL):
        path = f"{folder}/evil/{number}{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        harness.write(path, "text\n")
    with open(os.fsencode(f"{folder}/evil/broken") + b"\xff\xfe", "wb"):
        pass


def trace(folder, *words, user=ME, options=(), name="page"):
    """The page, and the calls that were written beside it."""
    done = run([TOOL, "trace", "-q", "--html", f"{name}.html", "--json", "-o",
                f"{name}.json", *options, "--", *words], user, cwd=folder)
    with open(f"{folder}/{name}.html", encoding="utf-8") as text:
        page = page_reader.Page(text.read())
    return done, page, page_reader.read_trace(f"{folder}/{name}.json")


def check_content(user):
    with harness.scratch(user) as folder:
        script = "cat one; echo >two; rm two; ls nowhere; exit 3"
        harness.write(f"{folder}/one", "text\n", user=user)
        done, page, calls = trace(folder, "sh", "-c", script, user=user)
        ok(done.status == 3, f"{user.name}: the command's status is kept",
           done)
        wrong = page_reader.compare(page, calls)
        ok(not wrong and len(calls) > 50,
           f"{user.name}: the page has what the trace has", wrong)
        real = os.path.realpath(folder)
        ok([page.paths.get(f"{real}/{name}") for name in ("one", "two")] ==
           ["r", "wc"] and page.paths.get("/usr/bin/sh") == "x",
           f"{user.name}: reading, writing, running", page.paths)
        ok(page.tiles.get("ended") == "exit status 3" and
           set(page.lanes) >= {"stdio", "rpath", "cpath", "exec", "proc"},
           f"{user.name}: how it ended, and the lanes", page.lanes)
        ok(set(text for _, text in page.lines) >=
           {"promises cpath", "promises exec"},
           f"{user.name}: the promises that would do", page.lines)


def check_words():
    with harness.scratch() as folder:
        make_evil(folder)
        done, page, calls = trace(folder, "/bin/sh", "-c",
                                  "find evil -type f -exec cat '{}' +; "
                                  "echo '</title><script>'")
        wrong = page_reader.compare(page, calls)
        ok(done.status == 0 and not wrong, "foreign words are only text",
           wrong)
        text = "".join(page.text)
        ok("alert(1)" in text and "\\033[31m" in text and
           "\\377\\376" in text and "caf\u00e9" in text,
           "and can be read", done)
        ok("\x1b" not in text and "\u202e" not in text,
           "controls stand as numbers")
        with open(f"{folder}/page.html", encoding="utf-8") as file:
            raw = file.read()
        ok("<script" not in raw and "http" not in raw.replace(
            "http-equiv", "") and "default-src 'none'" in raw,
           "the page fetches nothing and runs nothing")


def check_policy():
    with harness.scratch() as folder:
        harness.write(f"{folder}/one", "text\n")
        harness.write(f"{folder}/a.policy",
                      f"promises stdio rpath inet\nunveil r {folder}/one\n"
                      f"unveil rwc {folder}/unused\n")
        _, page, _ = trace(folder, "cat", "one", "/etc/hostname",
                           options=["-i", "./a.policy"])
        found = page_reader.states(page)
        wanted = {"promises stdio": "used", "promises rpath": "used",
                  "promises inet": "unused",
                  f"unveil r {folder}/one": "used",
                  f"unveil rwc {folder}/unused": "unused",
                  "unveil r /etc/hostname": "missing"}
        ok(wanted.items() <= found.items(),
           "granted and used, not needed, and missing", found)
        ok([text for text, state in found.items() if state == "missing"] ==
           ["unveil r /etc/hostname"], "nothing else is missing", found)
        _, page, _ = trace(folder, "sh", "-c", "date >two; cat one",
                           options=["-i", "./a.policy"])
        found = page_reader.states(page)
        ok(all(found.get(f"promises {word}") == "missing"
               for word in ("wpath", "cpath", "exec", "proc")),
           "promises that are missing", found)
        done = run([TOOL, "trace", "-i", "./a.policy", "--", "true"],
                   cwd=folder)
        ok(done.status == 125 and "--html" in done.err,
           "a policy without a page is refused", done)
        done = run([TOOL, "trace", "--html", "x", "-i", "./none.policy", "--",
                    "touch", "ran"], cwd=folder)
        ok(done.status == 125 and not os.path.exists(f"{folder}/ran"),
           "a policy that is not there: nothing is run", done)


def check_learned(user):
    with harness.scratch(user) as folder:
        harness.write(f"{folder}/two <b>words #", "b\na\n", user=user)
        done = run([TOOL, "learn", "-q", "--html", "page.html", "-o",
                    "learned", "--", "sh", "-c", "sort -o out 'two <b>words "
                    "#'; cat /etc/hostname; exit 3"], user, cwd=folder)
        with open(f"{folder}/page.html", encoding="utf-8") as text:
            page = page_reader.Page(text.read())
        with open(f"{folder}/learned", encoding="utf-8") as text:
            lines = [line.strip() for line in text.read().splitlines()
                     if not line.startswith("#")]
        found = [" ".join(text.split()) for _, text in page.lines]
        ok(done.status == 3 and len(lines) > 5 and len(found) == len(lines) and
           all(" ".join(line.split()).startswith(text)
               for line, text in zip(lines, found)),
           f"{user.name}: the lines that were learned are on the page",
           f"{found} {lines}")
        real = os.path.realpath(folder)
        ok(page.paths.get(f"{real}/two <b>words #") == "r" and
           page.paths.get("/etc/hostname") == "r" and
           not page.foreign and "no" not in states_of_letters(page),
           f"{user.name}: and its paths, which they grant", page.paths)
        ok(page.lanes.get("proc", 0) >= 2 and page.lanes.get("cpath"),
           f"{user.name}: and the calls that were watched", page.lanes)


def states_of_letters(page):
    return {name for tag, name in page.letters if tag == "em"}


def check_bounds():
    with harness.scratch() as folder:
        script = ("for i in $(seq 1 300); do : >f$i; done; "
                  "exec rm -f nowhere")
        done, page, calls = trace(folder, "sh", "-c", script)
        text = "".join(page.text)
        ok(done.status == 0 and "more here" in text and "Cut: " in text and
           sum(page.lanes.values()) == len(calls),
           "what is cut is said, and counted all the same")
        ok(os.path.getsize(f"{folder}/page.html") < 200000,
           "and the page stays small")


def check_file():
    with harness.scratch() as folder:
        harness.write(f"{folder}/old.html", "old")
        done = run([TOOL, "trace", "--html", f"{folder}/no/page.html", "--",
                    "true"], cwd=folder)
        ok(done.status == 125 and "no/page.html" in done.err,
           "a page that cannot be written is an error", done)
        done = run([TOOL, "trace", "--html", "old.html", "--", "./nothing"],
                   cwd=folder)
        with open(f"{folder}/old.html", encoding="utf-8") as file:
            ok(done.status == 126 or done.status == 127 and
               file.read() == "old", "nothing ran: an old page stays", done)
        done = run([TOOL, "trace", "--html", "old.html", "--", "true"],
                   cwd=folder)
        ok(done.status == 0 and done.err == "" and
           os.listdir(folder) == ["old.html"],
           "without -o, the page is all that is written", done)


def main():
    for user in USERS:
        if not harness.can("ptrace", f"{user.name}: pages of a trace", user):
            continue
        check_content(user)
        check_learned(user)
    check_words()
    check_policy()
    check_bounds()
    check_file()
    return harness.done()


if __name__ == "__main__":
    sys.exit(main())
