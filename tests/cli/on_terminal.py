#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Runs a command on a terminal of its own, types to it, prints what it shows.

    on_terminal.py [AWAIT KEYS]... -- COMMAND [ARGUMENT...]

KEYS are typed when AWAIT has been shown. Status: the command's, 128 plus a
signal's number, or 124 when what is awaited does not come."""
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from fcntl import ioctl

PATIENCE = 2  # seconds without a sign of life; that takes milliseconds


def follow(fd, dialogue):
    """Whether it was given up, and the text that was shown."""
    text, seen, last = b"", 0, time.monotonic()
    while time.monotonic() < last + PATIENCE:
        if dialogue and (at := text.find(dialogue[0][0], seen)) >= 0:
            seen = at
            os.write(fd, dialogue.pop(0)[1])
        if not select.select([fd], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(fd, 4096)
        except OSError:  # how Linux says that nobody writes any more
            chunk = b""
        if not chunk:
            return False, text
        text += chunk
        last = time.monotonic()
    return True, text


def main():
    split = sys.argv.index("--")
    words = [os.fsencode(word) for word in sys.argv[1:split]]
    words = [w.decode("unicode_escape").encode() for w in words]
    pid, fd = pty.fork()
    if pid == 0:
        ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    late, text = follow(fd, list(zip(words[::2], words[1::2])))
    if late:  # what it has to say at its end, too
        os.kill(pid, signal.SIGTERM)
        later, more = follow(fd, [])
        text += more
        if later:
            os.kill(pid, signal.SIGKILL)
    sys.stdout.buffer.write(text)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return 124 if late else status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
