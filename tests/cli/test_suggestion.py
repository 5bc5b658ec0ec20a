#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What --explain suggests is the command as it was given, with what was missed
and nothing less: each option of the table is pasted back with it, and so are
the lines of a policy's file. It never warns of itself, and a few rounds of it
make a command work."""
import json
import os
import re
import shlex
import sys

import harness as h

KEPT, ANEW, LEFT = "kept", "anew", "left"

# Every option that --help lists; what it is given; what the suggestion does
# with it: keeps its words, writes it anew with what was missed, or leaves out
# what is about this one run. Those in ROOT take privilege.
OPTIONS = {
    "--promises": ("stdio", ANEW), "--unveil": ("/etc/hosts", ANEW),
    "--no-unveil": (None, KEPT), "--filter": ("{dir}/f.json", KEPT),
    "--policy": ("{dir}/most", KEPT), "--connect": ("7", KEPT),
    "--bind": ("7", KEPT), "--kill": (None, KEPT), "--quiet": (None, KEPT),
    "--explain": (None, LEFT), "--json": (None, LEFT),
    "--timeout": ("600", KEPT), "--cpu": ("600", KEPT),
    "--memory": ("4G", KEPT), "--files": ("64", KEPT),
    "--processes": ("30000", KEPT), "--file-size": ("1M", KEPT),
    "--nice": (None, KEPT), "--user": ("nobody", KEPT),
    "--group": ("nogroup", KEPT), "--chroot": ("/", KEPT),
    "--caps": ("fowner", KEPT), "--keep-caps": (None, KEPT),
    "--keep-fds": (None, KEPT), "--keep-fd": ("0", KEPT),
    "--env": ("A=b c", KEPT), "--clear-env": (None, KEPT),
    "--best-effort": (None, KEPT), "--check": (None, LEFT),
    "--no-check": (None, LEFT), "--local": (None, LEFT),
    "--remote": (None, LEFT),
}
ROOT = {"--user", "--group", "--chroot"}
# They do something else than to run a command, or are for guided mode.
NO_RUN = {"--save", "--dry-run", "--test", "--api", "--no-api", "--socket",
          "--within", "--help", "--version"}
FILTER = """{"f": {"default_action": "allow", "filter_action": {"errno": 1},
"filter": [{"syscall": "mkdir"}]}}"""
MOST = """promises stdio
violation errno EACCES
deny getpriority
allow acct
"""


def letters():
    """{long option: its letter or None}, of --help."""
    text = h.run([h.PLEDGE, "--help"]).out
    return {name: letter or None for letter, name in
            re.findall(r"^  (?:-(\w), |    )(--[\w-]+)", text, re.M)}


def suggested(err):
    found = re.search(r": to allow everything that was denied(?: but .*)?: "
                      r"(pledge .*|seccomp-pledge .*)", err)
    return found.group(1) if found else None


def paste(line, user, path, **how):
    env = h.environment(PATH=h.STAGE + ":" + h.PATH)
    return h.run(["/bin/sh", "-c", line], user, cwd=path, env=env, **how)


def words_of(name, letter, argument):
    """How the suggestion writes an option."""
    written = f"-{letter}" if letter else name
    return [written] + ([argument] if argument is not None else [])


def is_within(words, most):
    return any(most[i:i + len(words)] == words for i in range(len(most)))


def check_option(user, name, letter):
    argument, fate = OPTIONS[name]
    if name in ROOT and user is not h.ROOT_USER:
        return
    with h.scratch(user) as path:
        h.write(os.path.join(path, "words"), "text\n", user=user)
        h.write(os.path.join(path, "f.json"), FILTER)
        h.write(os.path.join(path, "most"), MOST)
        if argument is not None:
            argument = argument.replace("{dir}", path)
        given = [name] + ([argument] if argument is not None else [])
        # Killed at once, a command says no more of what it needs.
        file = "/etc/passwd" if name != "--kill" else "words"
        line = shlex.join(["pledge", "-e", *given, "-p", "stdio inet", "--",
                           "cat",
                           file])
        result = paste(line, user, path)
        command = suggested(result.err)
        if name == "--json":
            command = json.loads(result.err.splitlines()[-1])["suggestion"]
        text = f"{user.name}: {name}"
        if not h.ok(command, f"{text}: something is suggested", result):
            return
        words = shlex.split(command)
        mine = words_of(name, letter, argument)
        if fate == KEPT:
            h.ok(is_within(mine, words), f"{text}: is kept", command)
        elif fate == LEFT:
            h.ok(mine[0] not in words, f"{text}: is left out", command)
        else:
            h.ok(is_within([mine[0]], words) and argument in command,
                 f"{text}: is written with the rest", command)
        last = paste(command, user, path)
        h.ok(last.status == 0 and "warning" not in last.err.replace(
            result_warnings(result), ""), f"{text}: pasted, it works",
             f"{command}\n{last}")


def result_warnings(result):
    """What was warned of before the suggestion is the user's own."""
    return "".join(line + "\n" for line in result.err.splitlines()
                   if "warning: " in line)


def check_options(user):
    listed = letters()
    h.equal(sorted(set(listed) - set(OPTIONS) - NO_RUN), [],
            f"{user.name}: every option has its row here")
    for name, letter in listed.items():
        if name in OPTIONS:
            check_option(user, name, letter)


def check_file(user):
    """A policy in a file goes on denying what it denies; the lines fit it."""
    with h.scratch(user) as path:
        policy = h.write(os.path.join(path, "a policy"), MOST, user=user)
        h.write(os.path.join(path, "words"), "text\n", user=user)
        for lead in ("pledge -e -i", "seccomp-pledge run -e -i",
                     "seccomp-pledge check"):
            result = paste(f"{lead} './a policy' -- cat words", user, path)
            command = suggested(result.err)
            h.ok(command and "-i './a policy' " in command,
                 f"{user.name}: {lead}: the file stays", result)
            last = paste(command or "false", user, path)
            h.equal((last.status, last.out), (0, "text\n"),
                    f"{user.name}: {lead}: pasted")
        lines = re.search(r"or add to './a policy':\n((?:.*:   .*\n)+)",
                          result.err)
        if not h.ok(lines, f"{user.name}: lines of the file", result):
            return
        added = re.sub(r"(?m)^.*?:   ", "", lines.group(1))
        h.equal(added, f"promises rpath\nunveil r {path}/words\n",
                f"{user.name}: and nothing else")
        h.write(policy, MOST + added)
        last = paste("seccomp-pledge check './a policy' -- cat words", user, path)
        h.equal(last.status, 0, f"{user.name}: with them, it fits")


def main():
    for user in h.USERS:
        check_options(user)
        check_file(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
