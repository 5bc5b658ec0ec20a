# SPDX-License-Identifier: ISC
"""Guided conversations, typed at a terminal or over a socket.

A conversation is a generator's other side: wait() gives what was said up to
the next prompt, answer() types a line. `transcript` has all of it, answers
too, the same however it was held.
"""
import contextlib
import fcntl
import os
import re
import shutil
import select
import signal
import subprocess
import tempfile
import termios

from harness import (LEAST, PATH, ROOT, STAGE, TIMEOUT, TOOL, environment,
                     kill_session, start)

with open(os.path.join(ROOT, "src/guide/questions.c"),
          encoding="utf-8") as source:
    PROMPTS = re.findall(r'\.prompt = "([^"]+)"', source.read())
AT_PROMPT = re.compile("(?:^|\n)(" + "|".join(map(re.escape, PROMPTS)) +
                       r")> \Z")

# What libedit writes besides text: it may move the cursor.
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r(?=\r)")


class Lost(Exception):
    """No prompt came, and no end."""


class Conversation:
    """Its transcript so far; `output` is what the command itself wrote."""

    def __init__(self):
        self.transcript = ""
        self.heard = ""  # since the last answer
        self.status = None

    def read(self):
        """Bytes, b"" at the end; raises BlockingIOError when late."""
        raise NotImplementedError

    def send(self, line):
        raise NotImplementedError

    def clean(self, text):
        return text

    def wait(self):
        """True at a prompt, False at the end."""
        raw = b""
        while True:
            piece = self.read()
            raw += piece
            self.heard = self.clean(raw.decode("utf-8", "replace"))
            if not piece or AT_PROMPT.search(self.heard):
                break
        self.transcript += self.heard
        return bool(piece)

    def prompt(self):
        found = AT_PROMPT.search(self.heard)
        if not found:
            raise Lost(f"no prompt in {self.heard!r}")
        return found.group(1)

    def answer(self, text):
        """Types it; whether another prompt came."""
        self.send(text.encode("utf-8", "surrogateescape") + b"\n")
        return self.wait()

    def hold(self, answers):
        """All of them, as far as there are questions."""
        more = self.wait()
        for text in answers:
            if not more:
                break
            more = self.answer(text)
        return more


def read_from(fd):
    if not select.select([fd], [], [], TIMEOUT)[0]:
        raise Lost
    try:
        return os.read(fd, 65536)
    except OSError:  # how Linux says that nobody writes any more
        return b""


class Terminal(Conversation):
    """At a pseudo-terminal; the command's own output goes to a pipe."""

    def __init__(self, argv, cwd, user=LEAST, program=TOOL, term="dumb"):
        super().__init__()
        self.ours, self.theirs = os.openpty()
        self.settings = termios.tcgetattr(self.theirs)
        self.edited = term != "dumb"
        self.process = start(
            [program, *argv], user, cwd=cwd,
            env=environment(TERM=term, HOME=cwd), stdin=self.theirs,
            stdout=subprocess.PIPE, stderr=self.theirs,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.ended = os.pidfd_open(self.process.pid)

    def read(self):
        if not select.select([self.ours, self.ended], [], [], TIMEOUT)[0]:
            raise Lost
        # What it wrote last is there when it has ended.
        if not select.select([self.ours], [], [], 0)[0]:
            return b""
        return read_from(self.ours)

    def send(self, line):
        os.write(self.ours, line)

    def clean(self, text):
        if self.edited:
            text = CONTROLS.sub("", text)
        return text.replace("\r\n", "\n").replace("\r", "")

    def is_edited(self):
        """Whether it has put the terminal into a mode of its own."""
        now = termios.tcgetattr(self.theirs)
        return not now[3] & termios.ICANON

    def restored(self):
        return termios.tcgetattr(self.theirs) == self.settings

    def hang_up(self):
        os.close(self.theirs)
        os.close(self.ours)
        self.ours = self.theirs = -1

    def end(self):
        """The status, and what the command wrote."""
        output = self.process.communicate(timeout=TIMEOUT)[0]
        self.status = self.process.returncode
        return self.status, output.decode("utf-8", "surrogateescape")

    def close(self):
        kill_session(self.process)
        self.process.wait()
        self.process.stdout.close()
        os.close(self.ended)
        if self.ours >= 0:
            self.hang_up()


class Socket(Conversation):
    """Over a socket, by nc -U; the server's terminal is two pipes."""

    def __init__(self, argv, cwd, user=LEAST, program=TOOL, nc=("nc", "-U")):
        super().__init__()
        self.nc = nc
        self.place = tempfile.mkdtemp(prefix="socket-", dir=STAGE)
        if user.uid is not None:
            os.chown(self.place, user.uid, user.uid)
        self.path = os.path.join(self.place, "api.sock")
        self.process = start(
            [program, "--api", "--socket", self.path, *argv], user, cwd=cwd,
            env=environment(HOME=cwd), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # It says so when it listens.
        self.said = self.process.stderr.readline().decode()
        self.client = self.connect(user)

    def connect(self, user=LEAST):
        return start([*self.nc, self.path], user, stdin=subprocess.PIPE,
                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def read(self):
        return read_from(self.client.stdout.fileno())

    def send(self, line):
        self.transcript += line.decode("utf-8", "replace")
        self.client.stdin.write(line)
        self.client.stdin.flush()

    def end_input(self):
        """With -N, the server learns of it."""
        self.client.stdin.close()

    def go_away(self):
        self.client.kill()
        self.client.wait()

    def end(self):
        output, err = self.process.communicate(timeout=TIMEOUT)
        self.said += err.decode("utf-8", "surrogateescape")
        self.status = self.process.returncode
        return self.status, output.decode("utf-8", "surrogateescape")

    def close(self):
        for process in (self.client, self.process):
            kill_session(process)
            process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.client.stdin.close()
        for stream in (self.client.stdout, self.process.stdout,
                       self.process.stderr):
            stream.close()
        shutil.rmtree(self.place, ignore_errors=True)


def leftovers(process):
    """Processes of its session that are still there."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rpartition(")")[2].split()
            if int(fields[3]) == process.pid and fields[0] != "Z":
                found.append(int(pid))
    return found


@contextlib.contextmanager
def held(conversation):
    try:
        yield conversation
    finally:
        conversation.close()


__all__ = ["Lost", "PATH", "STAGE", "Socket", "Terminal", "held", "leftovers",
           "signal"]
