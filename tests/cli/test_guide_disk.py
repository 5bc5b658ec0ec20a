#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Saving where there is no room: the guide says why, leaves no half of a file,
asks again, and has lost nothing; at a terminal and over a socket. What the
other verbs write is whole or not there, too."""
import contextlib
import json
import os
import subprocess
import sys

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


class ShortFiles(Trouble):
    """SIGXFSZ comes with that, and would end who does not expect it."""
    text = "File too large"

    def limit(self, size):
        # As the process's own user: a root may not be able to.
        words = ["prlimit", f"--pid={self.pid}", f"--fsize={size}:"]
        assert h.run(words, self.user).status == 0

    def begin(self):
        self.limit(3)

    def mend(self):
        self.limit("unlimited")


class ClosedDirectory(Trouble):
    text = "Permission denied"

    def begin(self):
        os.chmod(self.place, 0o555)

    def mend(self):
        os.chmod(self.place, 0o755)


TROUBLES = [FullDisk, NoInodes, ShortFiles, ClosedDirectory]


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


def main():
    for user in h.USERS:
        for trouble in TROUBLES:
            for way in (Terminal, Socket):
                check_saving(user, way, trouble)
            check_verbs(user, trouble)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
