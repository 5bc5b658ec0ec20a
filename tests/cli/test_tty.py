#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Job control on a real terminal, under an interactive bash: the command
behaves as if the sandbox were not there, in place and as parent."""
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios

import harness as h

ATTEMPT = os.path.join(h.STAGE, "attempt-dynamic")

# How the command is started; "" is unconfined, and must pass all the same.
WAYS = {
    "unconfined": "",
    "in place": f"{h.PLEDGE} -q {{}} -- ",
    "-t 60": f"{h.PLEDGE} -q -t 60 {{}} -- ",
    "-e -t 60": f"{h.PLEDGE} -e -t 60 {{}} -- ",
    "run": f"{h.TOOL} run -q {{}} -- ",
    "learn -t 60": f"{h.TOOL} learn -q -t 60 -o /dev/null -- ",
    "trace": f"{h.TOOL} trace -q -o /dev/null -- ",
}
CONFINING = ("in place", "-t 60", "-e -t 60", "run")


def names_in(group):
    """Of the programs of a process group."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8",
                      errors="replace") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
            if int(rest.split()[2]) == group:
                found.add(name)
    return found


class Shell:
    """bash -i on a pseudo-terminal of its own."""

    def __init__(self, user):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(h.STAGE)
                if user.uid is not None:
                    os.fchown(0, user.uid, user.uid)
                    os.setgroups([])
                    os.setgid(user.uid)
                    os.setuid(user.uid)
                env = h.environment(PS1="", PS2="", HISTFILE="/dev/null")
                os.execve("/bin/bash", ["bash", "--norc", "--noprofile",
                                        "--noediting", "-i"], env)
            finally:
                os._exit(99)
        settings = termios.tcgetattr(self.fd)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, settings)
        self.say("PS1=; set -m; echo sh''ell ready")
        self.expect("shell ready")

    def close(self):
        """It is hung up on."""
        os.close(self.fd)
        os.waitpid(self.pid, 0)

    def say(self, line):
        os.write(self.fd, line.encode() + b"\n")

    def key(self, byte):
        os.write(self.fd, byte)

    def expect(self, pattern):
        """The match, once it has been printed; forgets what came before."""
        while not (match := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], h.TIMEOUT)[0]:
                raise TimeoutError(f"waited for {pattern!r}, saw "
                                   f"{self.seen!r}")
            try:
                self.seen += os.read(self.fd, 4096).decode(errors="replace")
            except OSError as error:
                raise TimeoutError(f"the shell went; saw {self.seen!r}"
                                   ) from error
        self.seen = self.seen[match.end():]
        return match

    def status(self):
        self.say("echo sta''tus=$?.")
        return int(self.expect(r"status=(\d+)\.").group(1))

    def foreground(self):
        """Waits until the shell itself has the terminal again."""
        h.until(lambda: os.tcgetpgrp(self.fd) == self.pid)

    def runs(self, name):
        """Waits until a program of that name has the terminal."""
        h.until(lambda: name in names_in(os.tcgetpgrp(self.fd)))

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))


def interrupt(shell, way):
    """Ctrl-C ends the command, as a signal, and not the shell."""
    shell.say(way.format("-p 'stdio rpath'") +
              "bash -c 'echo st''arted; while :; do :; done'")
    shell.expect("started")
    shell.key(b"\x03")
    shell.foreground()
    return shell.status() == 130


def interrupt_caught(shell, way):
    """A command that catches Ctrl-C goes on to its own end, once."""
    shell.say(way.format("-p 'stdio rpath'") +
              "bash -c 'n=0; trap \"n=\\$((n+1)); echo cau''ght\" INT; "
              "echo st''arted; while [ $n = 0 ]; do :; done; "
              "for i in {1..50000}; do :; done; exit 4$n'")
    shell.expect("started")
    shell.key(b"\x03")
    shell.expect("caught")
    shell.foreground()
    return shell.status() == 41


def quit_key(shell, way):
    """Ctrl-Backslash as well (bash would ignore it)."""
    shell.say("ulimit -c 0; " + way.format("-p 'stdio rpath'") +
              "dash -c 'echo st''arted; while :; do :; done'")
    shell.expect("started")
    shell.key(b"\x1c")
    shell.foreground()
    return shell.status() == 131


def stop_and_continue(shell, way):
    """Ctrl-Z stops it, jobs knows it, fg continues it to its own status."""
    shell.say(way.format("-p 'stdio rpath'") +
              "bash -c 'echo st''arted; read line; echo re''ad $line; "
              "exit 7'")
    shell.expect("started")
    shell.key(b"\x1a")
    shell.expect("Stopped")
    stopped = shell.status() == 148
    shell.say("jobs")
    shell.expect("Stopped")
    shell.say("fg")
    shell.expect("bash -c")
    shell.say("words")
    shell.expect("read words")
    shell.foreground()
    return stopped and shell.status() == 7


def stop_twice(shell, way):
    """Stopped, continued in the background, stopped by its own reading."""
    shell.say(way.format("-p 'stdio rpath'") +
              "bash -c 'echo st''arted; read line; echo re''ad $line'")
    shell.expect("started")
    shell.key(b"\x1a")
    shell.expect("Stopped")
    shell.say("bg")
    shell.expect("&")

    def is_stopped():  # SIGTTIN, as it reads in the background
        shell.say("jobs; echo jo''bs.")
        return "Stopped" in shell.expect(r"(?s)(.*)jobs\.").group(1)
    h.until(is_stopped)
    shell.say("fg")
    shell.expect("bash -c")
    shell.say("again")
    shell.expect("read again")
    shell.foreground()
    return shell.status() == 0


def window_size(shell, way):
    """SIGWINCH reaches the command, which may ask for the new size."""
    shell.resize(24, 80)
    shell.say(way.format("-p 'stdio rpath' -v /usr") + h.PYTHON +
              " -Sc 'import signal, os; signal.pthread_sigmask(0, [28]); "
              "print(\"st\" + \"arted\", os.get_terminal_size(0).lines, "
              "flush=True); signal.sigwait([28]); "
              "print(\"si\" + \"ze\", *os.get_terminal_size(0))'")
    shell.expect("started 24")
    shell.resize(33, 101)
    shell.expect("size 101 33")
    shell.foreground()
    return shell.status() == 0


def background(shell, way):
    """A background job is waited for, and its status handed over."""
    shell.say(way.format("-p 'stdio rpath'") + "sh -c 'exit 5' & wait $!")
    first = shell.status() == 5
    shell.say(way.format("-p stdio") + "sleep 60 & kill -TERM $!; wait $!")
    return first and shell.status() == 143


def kill_job(shell, way):
    """kill %1 reaches a stopped job's every process."""
    shell.say(way.format("-p stdio") + "sleep 61")
    shell.runs("sleep")
    shell.key(b"\x1a")
    shell.expect("Stopped")
    shell.say("kill %%; fg; true")
    shell.expect("sleep 61")
    shell.foreground()
    shell.say("jobs; echo no jo''bs")
    left = shell.expect(r"(?s)(.*)no jobs").group(1)
    return "Stopped" not in left and "Running" not in left


def pipeline(shell, way):
    """In a pipeline, Ctrl-C ends all of it."""
    shell.say("(echo st''arted; cat) | " + way.format("-p stdio") + "cat")
    shell.expect("started")
    shell.key(b"\x03")
    shell.foreground()
    return shell.status() == 130


def controlling_terminal(shell, way):
    """/dev/tty can be opened with tty, and not without."""
    shell.say(way.format("-p 'stdio rpath wpath tty'") + ATTEMPT +
              " open-rdwr /dev/tty; echo do''ne")
    allowed = "ok" in shell.expect(r"(?s)(.*)done").group(1)
    shell.say(way.format("-p 'stdio rpath wpath'") + ATTEMPT +
              " open-rdwr /dev/tty; echo do''ne")
    refused = "EACCES" in shell.expect(r"(?s)(.*)done").group(1)
    return allowed and refused == (way in [WAYS[w] for w in CONFINING])


def end_of_file(shell, way):
    """Ctrl-D ends the command's input."""
    shell.say(way.format("-p stdio") + "cat")
    shell.say("line")
    shell.expect("line")
    shell.key(b"\x04")
    shell.foreground()
    return shell.status() == 0


SCENES = [interrupt, interrupt_caught, quit_key, stop_and_continue,
          stop_twice, window_size, background, kill_job, pipeline,
          controlling_terminal, end_of_file]


def check_scenes(user):
    for scene in SCENES:
        for name, way in WAYS.items():
            if name == "trace" and not h.can("ptrace", f"{user.name}: {name}: "
                                             f"{scene.__name__}", user):
                continue
            shell = Shell(user)
            try:
                passed, why = scene(shell, way), shell.seen
            except TimeoutError as error:
                passed, why = False, str(error)
            finally:
                shell.close()
            h.ok(passed, f"{user.name}: {name}: {scene.__name__}: "
                 f"{scene.__doc__ or ''}", repr(why))


# Terminal requests on a terminal: promises, attempt, what becomes of it.
REQUESTS = [
    ("stdio", "isatty 0", "ok"),
    ("stdio", "tcsets 0", "ENOTTY"),
    ("stdio tty", "tcsets 0", "ok"),
    ("stdio", "ioctl-tiocsti", "ENOTTY EPERM"),
    ("stdio tty", "ioctl-tiocsti", "ENOTTY EPERM"),
]


def check_requests(user):
    with h.terminal() as (_, theirs):
        if user.uid is not None:
            os.fchown(theirs, user.uid, user.uid)
        for promises, words, wanted in REQUESTS:
            found = [h.attempt("dynamic", words, user, options, stdin=theirs)
                     for options in (None, ["-p", promises])]
            h.ok(found[0] == "ok" and found[1] in wanted.split(),
                 f"{user.name}: {promises} | {words}: {wanted}", found)
    # Not a terminal: the answer is the kernel's own.
    found = h.attempt("dynamic", "isatty 0", user, ["-p", "stdio"])
    h.equal(found, "ENOTTY", f"{user.name}: a pipe is no terminal")


# A program that makes a terminal for another one, as script(1) does.
PAIR = "import pty, sys; sys.exit(pty.spawn(['/bin/echo', 'in a terminal']))"
PAIR_PROMISES = "stdio rpath wpath proc exec"
PAIR_PATHS = ["-v", "rw:/dev/ptmx", "-v", "rw:/dev/pts", "-v", "rx:/bin/echo",
              "-v", "r:/usr/lib"]


def check_pairs(user):
    command = ["/usr/bin/python3", "-c", PAIR]
    bare = h.run(command, user)
    found = h.pledge(["-p", PAIR_PROMISES + " tty", *PAIR_PATHS], *command,
                     user=user)
    h.ok(bare.status == 0 and "in a terminal" in bare.out and
         found[:2] == bare[:2], f"{user.name}: a terminal is made and owned",
         f"{bare}\n{found}")
    for text, promises, paths in (
            ("without tty", PAIR_PROMISES, PAIR_PATHS),
            ("whose other end is hidden", PAIR_PROMISES + " tty",
             PAIR_PATHS[:2] + PAIR_PATHS[4:])):
        found = h.pledge(["-p", promises, *paths], *command, user=user)
        h.ok(found.status != 0 and "in a terminal" not in found.out,
             f"{user.name}: not one {text}", found)


def check_unveiled(user):
    """A device that the user unveils for writing takes its requests, too."""
    with h.terminal() as (_, theirs):
        if user.uid is not None:
            os.fchown(theirs, user.uid, user.uid)
        path = os.ttyname(theirs)
        for promises, letters, wanted in (
                ("stdio rpath wpath tty", "rw", "ok"),
                ("stdio rpath wpath", "rw", "EACCES ENOTTY"),
                ("stdio rpath wpath tty", "r", "EACCES")):
            words = f"tcsets-path {path}"
            found = [h.attempt("dynamic", words, user, options) for options in
                     (None, ["-p", promises, "-v", f"{letters}:{path}"])]
            h.ok(found[0] == "ok" and found[1] in wanted.split(),
                 f"{user.name}: {promises}, {letters} on a terminal: "
                 f"{wanted}", found)


# Among other terminals, of which one has the name of descriptor 0's.
STRANGER = """
mount --make-rprivate / && mount -t devpts -o ptmxmode=666 none /dev/pts &&
    mount --bind /dev/pts/ptmx /dev/ptmx || exit 77
exec /usr/bin/python3 -c '
import os, pty, subprocess, sys
kept = [pty.openpty() for _ in range(int(sys.argv[1]) + 1)]
name = os.ttyname(kept[-1][1])
for command in ([], sys.argv[3:]):
    subprocess.run([*command, sys.argv[2], "open-read", name])
' "$@"
"""


def check_stranger():
    """A terminal from elsewhere opens nothing that has its name here."""
    name = "a terminal's name in another mount namespace is not unveiled"
    if not h.can("admin", name) or not h.can("mountns", name):
        return
    with h.terminal() as (_, theirs):
        number = os.ttyname(theirs).rpartition("/")[2]
        found = h.run(["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
                       STRANGER, "sh", number, ATTEMPT, h.PLEDGE, "-q", "-p",
                       "stdio rpath tty", "--"], stdin=theirs)
    h.equal(found.out.split(), ["ok", "EACCES"], name)


def main():
    if not h.can("tty", "job control"):
        return h.done()
    check_stranger()
    for user in h.USERS:
        check_scenes(user)
        check_requests(user)
        check_pairs(user)
        check_unveiled(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
