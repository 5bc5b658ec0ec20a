#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Saving where there is no room, and no descriptor left: the guide says why,
leaves no half of a file, asks again, and has lost nothing; at a terminal and
over a socket. What the other verbs write is whole or not there, too."""
import contextlib
import json
import os
import re
import select
import subprocess
import sys
import termios

import harness as h
from guided import Lost, Socket, Terminal, held

COMMAND = ["cat", "note"]
# Up to the first question of what to save, with a filter and a trace.
ANSWERS = ["y", "", "", "", "r:note", "1", "mine", "accept4", "u", "",
           "errno EPERM", "allow", ""]
# In the order in which they are asked.
FILES = [("save the filters", "cat.filters.json"),
         ("save the policy", "cat.policy"), ("save the trace",
                                             "cat.trace.json")]
AFTERWARDS = "run it, confined (y/n)"


def fill(path):
    """Until not a byte more fits."""
    with open(path, "wb", buffering=0) as file:
        for size in (4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass


class Trouble:
    """A place to work in, and what is wrong there, whenever that is asked for;
    text is what the system says of it."""
    text = "No space left on device"

    def __init__(self, place, pid, user):
        self.place, self.pid, self.user = place, pid, user
        self.ballast = os.path.join(place, "ballast")

    def mend(self):
        os.unlink(self.ballast)


class FullDisk(Trouble):
    def begin(self):
        fill(self.ballast)


class NoInodes(Trouble):
    def begin(self):
        with contextlib.suppress(OSError):
            for number in range(1000):
                h.write(f"{self.ballast}-{number}", "")

    def mend(self):
        for name in os.listdir(self.place):
            if name.startswith("ballast-"):
                os.unlink(os.path.join(self.place, name))


class Limit(Trouble):
    """A resource's: its name, what is too little, what is enough."""
    limit = ()

    def set(self, number):
        # As the process's own user: a root may not be able to.
        words = ["prlimit", f"--pid={self.pid}", f"--{self.limit[0]}={number}:"]
        assert h.run(words, self.user).status == 0

    def begin(self):
        self.set(self.limit[1])

    def mend(self):
        self.set(self.limit[2])


class ShortFiles(Limit):
    """SIGXFSZ comes with that, and would end who does not expect it."""
    limit = "fsize", 3, "unlimited"
    text = "File too large"


class NoDescriptors(Limit):
    limit = "nofile", 3, 256
    text = "Too many open files"


class ClosedDirectory(Trouble):
    text = "Permission denied"

    def begin(self):
        os.chmod(self.place, 0o555)

    def mend(self):
        os.chmod(self.place, 0o755)


TROUBLES = [FullDisk, NoInodes, ShortFiles, NoDescriptors, ClosedDirectory]


@contextlib.contextmanager
def place_for(trouble, user):
    """A directory with room for little, where that matters; or why not."""
    with h.scratch(user) as folder:
        disk = trouble in (FullDisk, NoInodes)
        owner = f"mode=755,uid={user.uid or 0},gid={user.uid or 0}"
        if disk and subprocess.call(
                ["mount", "-t", "tmpfs", "-o",
                 f"size=256k,nr_inodes=20,{owner}", "none", folder],
                stderr=subprocess.DEVNULL) != 0:
            yield None, "no file system can be mounted here"
            return
        try:
            if trouble is ClosedDirectory and user == h.ROOT_USER:
                yield None, "nothing is closed to root"
                return
            h.write(f"{folder}/note", "text\n", user=user)
            yield folder, None
        finally:
            if disk:
                subprocess.call(["umount", "-l", folder])


def listing(place):
    """Every file with what is in it; but what only takes room."""
    found = {}
    for name in os.listdir(place):
        if not name.startswith("ballast"):
            with open(os.path.join(place, name), "rb") as file:
                found[name] = file.read()
    return found


def save_in_trouble(talk, trouble):
    """What is wrong, one line each."""
    wrong = []
    for prompt, name in FILES:
        for replace in (False, True):
            path = os.path.join(trouble.place, "old" if replace else name)
            if replace:
                h.write(path, "as it was")
            before = listing(trouble.place)
            trouble.begin()
            talk.answer("old" if replace else "y")
            if replace and talk.prompt() == "replace it (y/n)":
                talk.answer("y")
            said = " ".join(talk.heard.split())
            if trouble.text not in said or "not be saved" not in said:
                wrong.append(f"{name}: {said}")
            if talk.prompt() != prompt:
                wrong.append(f"{name}: then {talk.prompt()} is asked")
            if listing(trouble.place) != before:
                wrong.append(f"{name}: left: {os.listdir(trouble.place)}")
            trouble.mend()
        os.unlink(path)
        talk.answer("y")
        if f"Saved: {name}" not in talk.heard:
            wrong.append(f"{name}: mended: {talk.heard}")
    return wrong


def check_saving(user, way, trouble):
    name = f"{user.name}: {way.__name__}: {trouble.__name__}"
    with place_for(trouble, user) as (place, why), contextlib.ExitStack() as s:
        if place is None:
            h.skip(name, why)
            return
        talk = s.enter_context(held(way(COMMAND, place, user)))
        talk.hold(ANSWERS)
        own = trouble(place, talk.process.pid, user)
        try:
            wrong = save_in_trouble(talk, own)
        except (Lost, OSError) as error:
            h.ok(False, f"{name}: it goes on", error)
            return
        h.ok(not wrong, f"{name}: explained, asked again, nothing left",
             "\n".join(wrong))
        saved = listing(place)
        calls = [json.loads(line)["syscall"] for line in
                 saved["cat.trace.json"].splitlines()]
        h.ok(json.loads(saved["cat.filters.json"])["mine"] and
             b"/cat.filters.json:mine\n" in saved["cat.policy"] and
             (calls[0], calls[-1]) == ("execve", "exit_group"),
             f"{name}: all of it is saved in the end", saved)
        talk.answer("y")
        status, output = talk.end()
        h.ok((status, output) == (0, "text\n" * 2),
             f"{name}: and the command runs", (status, output, talk.heard))


# What else writes a file: to NEW, and over OLD.
VERBS = ["learn -o {} -- true", "learn --html {} -- true",
         "trace --html {} -- true", "run -p stdio --save {} -- true",
         "export --to oci -p stdio -o {}"]


def check_verbs(user, trouble):
    with place_for(trouble, user) as (place, why):
        if place is None:
            h.skip(f"{user.name}: {trouble.__name__}: verbs", why)
            return
        h.write(f"{place}/old", "as it was")
        own = trouble(place, os.getpid(), h.ME)
        for words in VERBS:
            before = listing(place)
            own.begin()
            results = [h.run([h.TOOL, *words.format(name).split()], user,
                             cwd=place, stdin=subprocess.DEVNULL)
                       for name in ("new", "old")]
            own.mend()
            h.ok(all(result.status not in (0, None) and
                     trouble.text in result.err for result in results) and
                 listing(place) == before,
                 f"{user.name}: {trouble.__name__}: {words}",
                 (list(map(str, results)), os.listdir(place)))


# The question that begins a run, the answers before it, and what it says when
# the run was made.
RUNS = [("its input", ["y"], "made"),
        (AFTERWARDS, ["n", "", "r:note", "", "", "n"], "ended with status 0")]


def check_running(user, way):
    """With no descriptor, nothing can be begun; later it can."""
    for prompt, answers, words in RUNS:
        name = f"{user.name}: {way.__name__}: no descriptor: {prompt}"
        with h.scratch(user) as place:
            h.write(f"{place}/note", "text\n", user=user)
            with held(way(COMMAND, place, user)) as talk:
                own = NoDescriptors(place, talk.process.pid, user)
                talk.hold(answers)
                own.begin()
                answer = "" if prompt == "its input" else "y"
                asked = talk.prompt(), talk.answer(answer)
                said = talk.heard
                own.mend()
                again = talk.prompt()
                for text in ("y", "") if again.startswith("watch") else (
                        answer,):
                    talk.answer(text)
                h.ok(own.text in " ".join(said.split()) and asked[1] and
                     words in talk.heard, name, (asked, said, talk.heard))


def start(limit, way):
    """Under so few descriptors: what it says and does up to its end."""
    with h.scratch(h.LEAST) as place:
        words = ["--api", "--socket", f"{place}/s"] if way == "--api" else \
            ["serve", "--socket", f"{place}/s"] if way == "serve" else []
        command = [] if way == "serve" else COMMAND
        with h.terminal() as (ours, theirs):
            before = termios.tcgetattr(theirs)
            with h.background(["prlimit", f"--nofile={limit}:{limit}", h.TOOL,
                               *words, *command], h.LEAST, stdin=theirs,
                              stderr=theirs, cwd=place) as process:
                said = b""
                while select.select([ours], [], [], 0.02)[0] or \
                        (process.poll() is None and not READY.search(said)):
                    if select.select([ours], [], [], 0.02)[0]:
                        said += os.read(ours, 4096)
                if process.poll() is None:
                    process.terminate()
                return (process.wait(h.TIMEOUT), h.text(said),
                        termios.tcgetattr(theirs) == before,
                        os.listdir(place))


READY = re.compile(rb"listening at|nc -U|\(y/n\)> ")


def check_starting():
    """Too few from the start: it says so, or works."""
    for way in ("guide", "--api", "serve"):
        seen = {}
        for limit in range(4, 16):
            seen[limit] = start(limit, way)
        wrong = {limit: found for limit, found in seen.items() if
                 not READY.search(found[1].encode()) and
                 (found[0] != 125 or "Too many open files" not in found[1]) or
                 not found[2] or found[3]}
        # One is enough for a guide at a terminal.
        h.ok(not wrong and (seen[4][0] == 125) == (way != "guide") and
             seen[15][0] != 125,
             f"{way}: started with 4 to 15 descriptors", wrong or seen)


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return sum(map(int, file.read().rpartition(")")[2].split()[11:13]))


def check_waiting():
    """--api, when no client can be taken: it does not ask in a loop."""
    with h.scratch(h.LEAST) as place:
        path = f"{place}/s"
        with h.background([h.TOOL, "--api", "--socket", path, *COMMAND],
                          h.LEAST, stderr=subprocess.PIPE) as process:
            process.stderr.readline()
            own = NoDescriptors(place, process.pid, h.LEAST)
            own.begin()
            with h.background(["nc", "-U", path], h.LEAST,
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as client:
                early = select.select([client.stdout], [], [], 0.5)[0]
                ticks = cpu_ticks(process.pid)
                own.mend()
                late = select.select([client.stdout], [], [], h.TIMEOUT)[0]
                h.ok(not early and ticks < 20 and late,
                     "--api: with no descriptor, a client waits", ticks)


def main():
    for user in h.USERS:
        for trouble in TROUBLES:
            for way in (Terminal, Socket):
                check_saving(user, way, trouble)
            if trouble is not NoDescriptors:
                check_verbs(user, trouble)
        check_running(user, Terminal)
        check_running(user, Socket)
    check_starting()
    check_waiting()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
