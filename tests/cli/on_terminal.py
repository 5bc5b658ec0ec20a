#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs a command on a terminal of its own, types to it, prints what it shows.

    on_terminal.py [AWAIT KEYS]... -- COMMAND [ARGUMENT...]

KEYS are typed when AWAIT has been shown. Status: the command's, 128 plus a
signal's number, or 124 when what is awaited cannot come any more: all of its
processes wait, without a limit of time, for what nobody here will say."""
import contextlib
import os
import pty
import select
import signal
import struct
import sys
import termios
from fcntl import ioctl

# Looks, one after the other, at processes that wait. They do not wait for the
# kernel, which hands on what was typed in its own time; LOOK is in seconds.
LOOKS, LOOK = 20, 0.05

# Calls that wait: their numbers on x86_64 and aarch64, and which argument says
# for how long at most; None: none does.
WAITS = [("read", 0, 63, None), ("poll", 7, None, 2), ("select", 23, None, 4),
         ("pause", 34, None, None), ("wait4", 61, 260, None),
         ("rt_sigsuspend", 130, 133, None), ("futex", 202, 98, 3),
         ("epoll_wait", 232, None, 3), ("waitid", 247, 95, None),
         ("pselect6", 270, 72, 4), ("ppoll", 271, 73, 2),
         ("epoll_pwait", 281, 22, 3)]
CALLS = {row[2 if os.uname().machine == "aarch64" else 1]: row[3]
         for row in WAITS}
FOR_EVER = {0, 0xffffffff, 0xffffffffffffffff}  # no pointer, or -1


def tasks(session):
    """The directories in /proc of all threads of a session."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8",
                      errors="replace") as file:
                state, *ids = file.read().rpartition(")")[2].split()[:4]
            if int(ids[2]) == session and state != "Z":
                for tid in os.listdir(f"/proc/{pid}/task"):
                    yield f"/proc/{pid}/task/{tid}"


def waits_for_ever(task):
    try:
        with open(f"{task}/syscall", encoding="ascii") as file:
            words = file.read().split()
    except OSError:
        return False
    if not words[0].isdigit() or int(words[0]) not in CALLS:
        return False
    limit = CALLS[int(words[0])]
    return limit is None or int(words[1 + limit], 0) in FOR_EVER


def follow(fd, session, dialogue):
    """Whether it was given up, and the text that was shown."""
    text, seen, stuck = b"", 0, 0
    while stuck < LOOKS:
        if dialogue and (at := text.find(dialogue[0][0], seen)) >= 0:
            seen = at
            os.write(fd, dialogue.pop(0)[1])
            stuck = 0
        if not select.select([fd], [], [], LOOK)[0]:
            stuck = stuck + 1 if all(map(waits_for_ever,
                                         tasks(session))) else 0
            continue
        stuck = 0
        try:
            chunk = os.read(fd, 4096)
        except OSError:  # how Linux says that nobody writes any more
            chunk = b""
        if not chunk:
            return False, text
        text += chunk
    return True, text


def main():
    split = sys.argv.index("--")
    words = [os.fsencode(word) for word in sys.argv[1:split]]
    words = [w.decode("unicode_escape").encode() for w in words]
    pid, fd = pty.fork()
    if pid == 0:
        ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    late, text = follow(fd, pid, list(zip(words[::2], words[1::2])))
    if late:  # what it has to say at its end, too
        os.kill(pid, signal.SIGTERM)
        later, more = follow(fd, pid, [])
        text += more
        if later:
            os.kill(pid, signal.SIGKILL)
    sys.stdout.buffer.write(text)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return 124 if late else status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
