#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The documents speak of what is there: their links lead somewhere, paths are
the sources', commands and options are the programs', and the changes that a
HOWTO makes still fit.

    test_documents.py [BUILD]

tests/docs/follow does what the HOWTOs say; this only looks."""
import glob
import os
import re
import subprocess
import sys
import tempfile

import document
from document import tap

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
PROGRAMS = {name: os.path.join(BUILD, name)
            for name in ("pledge", "seccomp-pledge")}
FOLDERS = "src|tests|tools|docs|man|examples|include|profiles|completions"
PATH = re.compile(rf"(?<![\w/.-])(?:{FOLDERS})/[\w./*-]*[\w*]")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]+)")
COMMAND = re.compile(r"(?:^\s?|build/|[|;&(]\s*)(seccomp-pledge|pledge) "
                     r"([^`\n|;&>]*)", re.M)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")

# text, what is found to be wrong in it
PLANTED = [
    ("see [it](docs/NOWHERE.md)", "docs/NOWHERE.md"),
    ("in `src/policy/promises.c`", "src/policy/promises.c"),
    ("in src/policy/promise.c", ""),
    ("run `seccomp-pledge promise`", "promise"),
    ("run `seccomp-pledge promises rpath`", ""),
    ("run `pledge --unveils r:. -- ls`", "--unveils"),
    ("run `pledge --unveil r:. -- ls --color`", ""),
    ("run `seccomp-pledge trace --htm x -- ls`", "--htm"),
]


def ask(*argv):
    return subprocess.run(argv, check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def learn_words():
    """{program: {verb: help}}; "" is the program itself."""
    tool = ask(PROGRAMS["seccomp-pledge"], "--help")
    verbs = re.search(r"^verbs .*\n((?:  \w.*\n)+)", tool, re.M).group(1)
    return {"pledge": {"": ask(PROGRAMS["pledge"], "--help")},
            "seccomp-pledge": {"": tool, **{
                line.split()[0]: ask(PROGRAMS["seccomp-pledge"],
                                     line.split()[0], "--help")
                for line in verbs.splitlines()}}}


def check_command(words, program, rest):
    """An option or verb that the program has not, or None."""
    rest = re.split(r"(?:^| )-- ", rest)[0].split(" | ")[0]
    verbs = words[program]
    first = next(iter(rest.split()), "")
    if program == "seccomp-pledge" and re.fullmatch(r"[a-z]+", first):
        if first not in verbs:
            return first
        known = verbs[first] + verbs[""]
    else:
        known = verbs[""]
    for option in OPTION.findall(rest):
        if not re.search(re.escape(option) + r"(?![\w-])", known) and \
                option not in ("--help", "--version"):
            return option
    return None


def commands_of(text):
    """In code alone: after "$ ", in `...`, in indented lines."""
    code = re.findall(r"^(?:\$ |    \$ |    (?=(?:seccomp-)?pledge ))(.*)$",
                      text, re.M) + re.findall(r"`([^`\n]+)`", text)
    for line in code:
        yield from COMMAND.findall(" " + line)


def find_wrong(text, words, made):
    for link in LINK.findall(text):
        if not os.path.exists(os.path.join(document.TOP, "docs", link)) and \
                not os.path.exists(os.path.join(document.TOP, link)):
            yield link
    for path in PATH.findall(text):
        if PLACEHOLDER.search(os.path.basename(path).split(".")[0]):
            continue
        if path not in made and not glob.glob(
                os.path.join(document.TOP, path)):
            yield path
    for program, rest in commands_of(text):
        wrong = check_command(words, program, rest)
        if wrong and wrong not in made:
            yield f"{program}: {wrong}"


def check_planted(words):
    for text, wanted in PLANTED:
        found = " ".join(find_wrong(text, words, set()))
        tap.ok(wanted in found if wanted else not found,
               f"planted: {wanted or 'nothing'}")


def check_document(path, words):
    text = document.read(path)
    blocks = list(document.blocks(text))
    made = {block.path for block in blocks if block.kind == "file"}
    # What a HOWTO adds is there only once it was followed.
    made |= set(re.findall(r"^\+\t\{ \"(\w+)\"", text, re.M))
    if "HOWTO" in path:
        made |= set(re.findall(r"src/call/\w+\.c", text))
        # What ninja builds.
        made |= set(re.findall(r"tests/(?:unit|targets)/[\w-]+", text))
    wrong = sorted(set(find_wrong(text, words, made)))
    tap.ok(not wrong, f"{path}: links, paths, commands and options")
    tap.note("\n".join(wrong))


def check_changes(names):
    """Each on a copy of the sources, and all of them on one."""
    with tempfile.TemporaryDirectory() as folder:
        document.copy_sources(folder)
        # Written by the HOWTO's own commands, which are not run here.
        for name in names:
            wrong = [f"line {block.line}: {why}"
                     for block in document.blocks(document.read(name))
                     if (why := document.apply_diff(block, folder)
                         if block.kind == "diff" else
                         document.make_file(block, folder)
                         if block.kind == "file" else None)]
            tap.ok(not wrong, f"{name}: its changes fit the sources")
            tap.note("\n".join(wrong))


def main():
    words = learn_words()
    check_planted(words)
    pages = ["README.md"] + sorted(
        os.path.relpath(path, document.TOP) for path in glob.glob(
            os.path.join(document.TOP, "docs", "*.md")))
    pages += [name for name in ("CHANGELOG.md", "CONTRIBUTING.md")
              if os.path.exists(os.path.join(document.TOP, name))]
    for page in pages:
        check_document(page, words)
    check_changes([page for page in pages if "HOWTO" in page])
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
