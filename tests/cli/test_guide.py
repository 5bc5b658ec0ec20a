#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Guided conversations against their transcripts in tests/cli/guide: typed at
a terminal that edits nothing, with libedit, in a build without it, and over a
socket. A transcript's first line is the command, its prompts have the answers
that are typed; behind it are the status, what the command wrote, and the files
that were saved.

With --write, the transcripts become what was seen; read the difference."""
import os
import re
import shutil
import sys

import harness
from guided import AT_PROMPT, Lost, PROMPTS, Socket, Terminal, held
from harness import LEAST, ME, ROOT, USERS, ok, scratch, write

HERE = os.path.join(ROOT, "tests/cli/guide")
ANSWER = re.compile("^(?:" + "|".join(map(re.escape, PROMPTS)) + ")> (.*)$",
                    re.M)
PLAIN = os.path.join(harness.BUILD, "tests/cli/seccomp-pledge-plain")

# What is in the directory before; some are no files of ours to replace.
FILES = {"note": "what is written there\n", "a b": "", "ls.policy": "mine\n"}

WAYS = [
    ("terminal", lambda argv, cwd: Terminal(argv, cwd)),
    ("libedit", lambda argv, cwd: Terminal(argv, cwd, term="xterm")),
    ("without libedit", lambda argv, cwd: Terminal(
        argv, cwd, program=PLAIN_TOOL, term="xterm")),
    ("socket", lambda argv, cwd: Socket(argv, cwd, ME)),
]


def transcripts():
    for name in sorted(os.listdir(HERE)):
        with open(os.path.join(HERE, name), encoding="utf-8") as text:
            yield name.removesuffix(".txt"), text.read()


def plain(text, cwd):
    """Without what differs from run to run."""
    text = text.replace(cwd, "/DIR")
    text = re.sub(r"ABI\s\d+", lambda m: m[0][:4] + "N", text)
    # A table's examples have addresses in them.
    text = re.sub(r"^(  [a-z_0-9]+ +\d+  \S.{12} ).*$", r"\1...", text,
                  flags=re.M)
    return re.sub(r"0x[0-9a-f]{6,}", "0xN", text)


def saved(cwd):
    """The files that were not there before, or have changed."""
    text = ""
    for name in sorted(os.listdir(cwd)):
        path = os.path.join(cwd, name)
        if not os.path.isfile(path) or name == "hello":
            continue
        with open(path, encoding="utf-8") as file:
            content = file.read()
        if FILES.get(name) == content:
            continue
        if name.endswith(".trace.json"):
            content = f"{content.splitlines()[0][:8]}...\n"
        text += f"--- {name}\n{content}"
    return text


def hold(way, golden):
    """The conversation as it was, in a transcript's form."""
    command, _, rest = golden.partition("\n")
    answers = ANSWER.findall(rest)
    user = ME if way == "socket" else LEAST
    with scratch(user) as cwd:
        for name, content in FILES.items():
            write(os.path.join(cwd, name), content, user=user)
        if "hello" in command:
            shutil.copy(harness.target("hello-musl"), f"{cwd}/hello")
        argv = command.split()[2:]
        if way == "socket" and argv[0] == "guide":
            argv = argv[1:]
        with held(dict(WAYS)[way](argv, cwd)) as talk:
            try:
                more = talk.hold(answers)
            except Lost:
                return talk.transcript + "(nothing more came)"
            if more:
                return talk.transcript + "(it asks on)"
            status, output = talk.end()
        text = plain(talk.transcript, cwd)
        return (f"{command}\n{text}--- status {status}\n"
                f"--- output\n{plain(output, cwd)}{plain(saved(cwd), cwd)}")


def without_errors(golden):
    """What the command says on standard error is for the server's terminal."""
    name = golden.split()[2]
    return re.sub(rf"^{re.escape(name)}: .*\n", "", golden, flags=re.M)


def difference(found, wanted):
    left, right = found.split("\n"), wanted.split("\n")
    for number, (one, other) in enumerate(zip(left, right), 1):
        if one != other:
            return f"line {number}: {one!r}, where {other!r} is expected"
    return f"{len(left)} lines, where {len(right)} are expected"


def check_transcripts():
    for name, golden in transcripts():
        if "hello" in golden and not harness.target("hello-musl"):
            harness.skip(name, "it needs hello-musl: musl-gcc")
            continue
        if "watch it (y/n)> y" in golden and not harness.can("ptrace", name,
                                                             LEAST):
            continue
        for way, _ in WAYS:
            if way == "without libedit" and not PLAIN_TOOL:
                harness.skip(f"{name}: {way}", "it is not built")
                continue
            found = hold(way, golden)
            if way == "socket":
                golden = without_errors(golden)
            if "--write" in sys.argv and way == "terminal":
                write(os.path.join(HERE, name + ".txt"), found)
                golden = found
            ok(found == golden, f"{name}: {way}", difference(found, golden))
        wide = [line for line in golden.split("\n") if len(line) > 79 and
                not line.startswith(("    ", "\t"))]
        ok(not wide, f"{name}: within 80 columns", "\n".join(wide))


PLAIN_TOOL = os.path.exists(PLAIN) and harness.stage(PLAIN)


def main():
    check_transcripts()
    return harness.done()


if __name__ == "__main__":
    sys.exit(main())
