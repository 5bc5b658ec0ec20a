#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Each tool over each source file, as many at a time as there are processors.

    check_sources.py format|tidy|cppcheck|shell|words|man [BUILD]

One TAP line per run; what the tool said follows as a note. Before that
the tool gets a file with a planted fault, which it must find: a tool that
reads no configuration, or the wrong one, would pass everything."""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

import tap

C_FOLDERS = ("src", "include", "tests", "tools")


def c_files():
    folders = [f for f in C_FOLDERS
               if os.path.isdir(os.path.join(tap.ROOT, f))]
    return tap.files(*folders, suffixes=(".c", ".h"))


def compiled_files():
    """Those that this build compiles: clang-tidy needs their options."""
    return sorted(p for p in compile_commands()
                  if not p.startswith(("..", "build")) and p.endswith(".c"))


def compile_commands():
    """One command a file: what goes into several programs is looked at once
    (and clang-tidy 14 sees ghosts in a file that it reads twice)."""
    with open(os.path.join(BUILD, "compile_commands.json"),
              encoding="utf-8") as commands:
        return {os.path.relpath(os.path.join(c["directory"], c["file"]),
                                tap.ROOT): c for c in json.load(commands)}


def write_commands(folder):
    with open(os.path.join(folder, "compile_commands.json"), "w",
              encoding="utf-8") as out:
        json.dump(list(compile_commands().values()), out)
    return folder


def shell_files():
    found = []
    for path in tap.files() + [".ci/run"]:
        with open(os.path.join(tap.ROOT, path), "rb") as script:
            first = script.readline()
        if first.startswith(b"#!") and first.strip().endswith(
                (b"/sh", b"/bash", b"env bash")):
            found.append(path)
    return sorted(set(found))


def text_files():
    return [p for p in tap.files() if not p.endswith((".bin", ".bpf"))]


def man_files():
    return tap.files("man", suffixes=(".1", ".3", ".5", ".7", ".8"))


# Files for one run: codespell spends its time reading its dictionary.
GROUP = {"words": 50}

# files, command, name and text of the planted fault
CHECKS = {
    "format": (c_files, ["clang-format", "--dry-run", "-Werror"],
               "x.c", "int x( void ){return 0;}\n"),
    "tidy": (compiled_files,
             ["clang-tidy", "--quiet", "-p", "COMMANDS",
              "--extra-arg=-Wno-unknown-warning-option"],
             "x.c", "int f(int *p);\nint f(int *p)\n{\n"
             "\tif (p == 0)\n\t\treturn *p;\n\treturn 1;\n}\n"),
    "cppcheck": (c_files, ["cppcheck", "--quiet", "--error-exitcode=1",
                           "--enable=warning,performance,portability",
                           "--inline-suppr", "--std=c11", "-D_GNU_SOURCE",
                           "-D__x86_64__", "-D__LP64__", "-Isrc",
                           "--suppress=missingInclude",
                           "--suppress=unmatchedSuppression"],
                 "x.c", "int f(void)\n{\n\tint a[2];\n\treturn a[2];\n}\n"),
    "shell": (shell_files, ["shellcheck"], "x.sh", "#!/bin/sh\nrm $1\n"),
    "words": (text_files, ["codespell", "--ignore-words",
                           "tests/lint/words-allowed"],
              "x.txt", "an " + "err" + "orr\n"),
    "man": (man_files, ["mandoc", "-Tlint", "-Wwarning"],
            "x.1", ".Dd $Mdocdate$\n.Dt X 1\n.Os\n.Sh NAME\n.Xx\n"),
}


def run_tool(command, paths):
    done = subprocess.run(command + paths, cwd=tap.ROOT, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    return done.returncode, done.stdout


def plant(command, name, text):
    # Inside the tree, or the tools would not find their configuration.
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        status, said = run_tool(command, [path])
    tap.ok(status and name in said, f"a planted fault is found in {name}")
    if not (status and name in said):
        tap.note(said or "nothing was said")


def main(check):
    with tempfile.TemporaryDirectory() as folder:
        return run_check(check, folder)


def run_check(check, folder):
    find, command, name, text = CHECKS[check]
    command = [write_commands(folder) if word == "COMMANDS" else word
               for word in command]
    plant(command, name, text)
    paths = find()
    tap.ok(paths, f"{len(paths)} files to check")
    size = GROUP.get(check, 1)
    groups = [paths[i:i + size] for i in range(0, len(paths), size)]
    workers = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        results = pool.map(lambda group: run_tool(command, group), groups)
        for group, (status, said) in zip(groups, results):
            more = f" and {len(group) - 1} more" if len(group) > 1 else ""
            if not tap.ok(status == 0, f"{check} {group[0]}{more}"):
                tap.note(said)
    return tap.done()


if __name__ == "__main__":
    BUILD = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "build")
    sys.exit(main(sys.argv[1]))
