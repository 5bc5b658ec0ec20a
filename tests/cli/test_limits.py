#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What is to end a command ends it and all that it has started: whatever it
does to be left alone, and whatever it leaves."""
import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys

import harness as h

HANG = 3600  # seconds; nothing here is waited for so long but what hangs
STDIO = ["-p", "stdio rpath proc", "-v", "r:/usr", "-v", "r:/etc"]
PYTHON = [h.PYTHON, "-ISc"]

# How a command is kept: the words before the limit, and those behind it.
WAYS = {
    "-t": ([h.PLEDGE], STDIO),
    "-e -t": ([h.PLEDGE, "-e"], STDIO),
    "run -t": ([h.TOOL, "run"], STDIO),
    "learn -t": ([h.TOOL, "learn"], []),
    "check -t": ([h.TOOL, "check"], [*STDIO, "{policy}"]),
}

# Forks one that writes, and stays; and stops itself, all of its process group,
# or who has started it, with whom others may be.
STOPPING = """
import os, signal, sys
told, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(1, b"w")
    os.close(tell)
    while True:
        signal.pause()
os.close(tell)
os.read(told, 1)
whom = {"itself": os.getpid(), "its group": 0, "its parent": os.getppid()}
try:
    os.kill(whom[sys.argv[2]], int(sys.argv[1]))
except PermissionError:
    pass
signal.pause()
"""


# One that every user can read.
POLICY = h.write(os.path.join(h.STAGE, "stdio.policy"), "promises stdio\n")


def words(way, seconds):
    """What leads a command, which is kept for so long."""
    before, behind = WAYS[way]
    return [*before, *(["-t", str(seconds)] if seconds else []),
            *(word.format(policy=POLICY) for word in behind), "--"]


def end(argv, user, **how):
    """The status, what was written, and said, once nobody is left."""
    read, write = os.pipe()
    with h.background(argv, user, stdout=write, stderr=subprocess.PIPE,
                      **how) as process:
        os.close(write)
        with open(read, "rb") as file:
            written = file.read()
        status = process.wait(HANG)
        return status, written, process.stderr.read().decode()


def check_stopping(user):
    """A command that stops itself, or all that it can reach, stops no clock,
    and no kill."""
    numbers = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN)
    rows = [(number, whom, way) for number in numbers for way in WAYS
            for whom in ("itself", "its group", "its parent")]

    def run(row):
        number, whom, way = row
        return end([*words(way, 3), *PYTHON, STOPPING, str(number.value), whom],
                   user)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        found = list(pool.map(run, rows))
    for (number, whom, way), (status, written, said) in zip(rows, found):
        wanted = 2 if way.startswith("check") else 124
        h.ok(status == wanted and written[:1] == b"w" and "3 seconds" in said,
             f"{user.name}: {way}: {number.name} to {whom}, not to its child: "
             "both end at the limit", (status, written, said))


# Refused, again and again, by many at once.
FLOOD = """
import socket, threading
def loop():
    while True:
        try: socket.socket()
        except OSError: pass
for i in range(400):
    threading.Thread(target=loop).start()
print("all", flush=True)
"""


def check_flood(user):
    """Who never stops asking does not keep the clock from being looked at."""
    status, written, said = end([*words("-e -t", 2), *PYTHON, FLOOD], user)
    h.ok(status == 124 and "2 seconds" in said,
         f"{user.name}: -e -t: 400 threads in a loop of refused calls end at "
         "the limit", (status, written, said))


# Forks one that answers, and ends.
LEAVING = """
import os
if os.fork() == 0:
    os.close(2)
    while True:
        os.write(1, os.read(0, 1))
"""


def leave(user, lead):
    """Its status, what it said, whether what it left lives, and a way to wait
    for the end of that."""
    read, write = os.pipe()
    with h.background([*lead, *PYTHON, LEAVING], user, stdout=write,
                      stdin=subprocess.PIPE,
                      stderr=subprocess.PIPE) as process:
        os.close(write)
        with open(read, "rb") as file:
            status = process.wait(HANG)
            said = process.stderr.read().decode()
            process.stdin.write(b"x")
            process.stdin.flush()
            yield status, said, b"x" in iter(lambda: file.read(1), b"")
            file.read()
        process.stdin.close()
    yield None


def check_leaving(user):
    """The status is told at once; what was left ends at the limit."""
    for way in WAYS:
        left = leave(user, words(way, 5))
        status, said, lives = next(left)
        h.ok(status == 0 and "limit of 5 seconds" in said and lives,
             f"{user.name}: {way}: a command that leaves something: its "
             "status, a word, and what it left", (status, said, lives))
        h.ok(next(left) is None,
             f"{user.name}: {way}: what it left ends at the limit")
    status, said, lives = next(leave(user, words("-t", None)))
    h.ok(status == 0 and said == "" and lives,
         f"{user.name}: no limit: what was left goes on", (status, said))


def check_killed(user):
    """The launcher itself is killed: nothing outlives it."""
    for way in ("-t", "-e -t", "run -t"):
        read, write = os.pipe()
        with h.background([*words(way, HANG), *PYTHON, STOPPING, "0",
                           "itself"], user, stdout=write) as process:
            os.close(write)
            with open(read, "rb") as file:
                first = file.read(1)
                process.kill()
                rest = file.read()
        h.ok(first == b"w" and rest.strip(b"w") == b"",
             f"{user.name}: {way}: a launcher that is killed takes all along")


@contextlib.contextmanager
def silent(how):
    """A file system that answers nobody: its directory, and who hears what
    it is asked; or None and why there is none."""
    with h.scratch() as path:
        process = h.start([h.target("silent"), path, *how],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        line = process.stdout.readline().decode().strip()
        try:
            yield (path, process) if line == "mounted" else (None, line)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            if line == "mounted":
                subprocess.run(["umount", path], check=True)


SILENT = ["-t", "-e -t"]


def check_silent():
    """A file system that never answers holds nobody up but who asks it."""
    if h.ROOT_USER is None:
        h.skip("a file system that never answers", "takes root to mount")
        return
    for user in h.USERS:
        for name, how in (("it hears nothing", []),
                          ("it answers nothing", ["take"])):
            # What waits for an answer to what was taken cannot be killed.
            for way in SILENT if how else [*SILENT, "learn -t"]:
                check_one_silent(user, name, how, way)


def check_one_silent(user, name, how, way):
    what = f"{user.name}: {way}: a file system, {name}"
    with silent(how) as (path, process), h.scratch(user) as folder:
        if path is None:
            h.skip(what, process)
            return
        # Files, as a process that cannot be ended would hold a pipe.
        with open(os.path.join(folder, "said"), "w+b") as said:
            launcher = h.start([*words(way, 0.5), "cat", path + "/x"], user, stdin=subprocess.DEVNULL,
                               stdout=said, stderr=said)
            status = launcher.wait(HANG)
            said.seek(0)
            text = said.read().decode()
        # Who learns watches in the process that was started.
        wanted = -signal.SIGKILL if way == "learn -t" else 124
        h.ok(status == wanted and "0.5 seconds" in text,
             f"{what}: ends at the limit", (status, text))


def main():
    for user in h.USERS:
        check_stopping(user)
        check_flood(user)
        check_leaving(user)
        check_killed(user)
    check_silent()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
