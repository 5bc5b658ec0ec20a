#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Guided conversations that end before their end, and what they are told that
is no answer: nothing is run, nothing is left behind, nothing is echoed that
could do something. And the same answers typed, by socket and as options give
the same confined command."""
import contextlib
import json
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys

import harness
from guided import PROMPTS, Lost, Socket, Terminal, held, leftovers
from harness import (LEAST, ME, ROOT_USER, TOOL, USERS, environment, equal, ok,
                     run, scratch, skip, write)

# The command would leave a file; each question is on the way.
COMMAND = ["touch", "ran"]
WAY = [("watch it (y/n)", "n"), ("promises", "stdio rpath wpath cpath"),
       ("paths", "rwc:."), ("how many filters (Enter: 0)", "1"),
       ("name", "mine"), ("call", "openat"),
       ("every one, or by argument (u/a)", "a"), ("argument", "flags"),
       ("comparison", "eq"), ("size", "dword"), ("value", "O_RDWR"),
       ("comment", "none"), ("argument", ""), ("call", ""),
       ("action on a match", "log"), ("action otherwise", "allow"),
       ("go on", ""), ("save the filters", "note"),
       ("replace it (y/n)", "n"), ("save the filters", "n"),
       ("save the policy", "n"), ("run it, confined (y/n)", "y")]

INTERRUPT, END = b"\x03", b"\x04"


# Further ways, to what is not on that one: the command, the answers, and from
# which question on it is to end.
WATCHED = [("watch it (y/n)", "y"), ("its input (Enter: empty)", ""), ("calls", "")]
MORE = [
    (COMMAND, WAY, 0),
    (["guide"], [("command", "cat note")], 0),
    (["cat", "note"],
     [*WATCHED, ("promises", ""), ("paths", ""),
      ("how many filters (Enter: 0)", ""), ("go on", ""),
      ("save the policy", ""), ("save the trace", "")], 1),
    (["cat", "note"],
     [("watch it (y/n)", "n"), ("promises", "stdio"), ("paths", "none"),
      ("how many filters (Enter: 0)", ""), ("go on", ""),
      ("save the policy", ""), ("run it, confined (y/n)", "y"),
      ("add and run again (y/n)", "y"), ("save the policy", "")], 7),
]
WAYS_TO_END = [
    ("dumb", "Ctrl-C"), ("dumb", "end of input"), ("dumb", "hang-up"),
    ("xterm", "Ctrl-C"), ("xterm", "end of input"), ("xterm", "hang-up"),
    ("socket", "end of input"), ("socket", "gone"),
]


def there(cwd):
    return sorted(os.listdir(cwd))


def go(talk, way):
    """Up to the question behind those answers; whether anything was run."""
    talk.wait()
    ran = False
    for prompt, text in way:
        if talk.prompt() != prompt:
            raise Lost(f"{prompt} is asked as {talk.prompt()}")
        talk.answer(text)
        ran |= prompt.startswith("its input") or (
            prompt.startswith("run it") and text == "y")
    return ran


def end_terminal(talk, how):
    """Ends it; what is wrong with the status, or that it asks on."""
    if how == "hang-up":
        talk.hang_up()
        wanted, more = -signal.SIGHUP, False
    else:
        talk.send(INTERRUPT if how == "Ctrl-C" else END)
        wanted, more = (-signal.SIGINT if how == "Ctrl-C" else 125,
                        talk.wait())
    status, output = talk.end()
    wrong = "" if status == wanted else f"status {status} "
    wrong += "it asks on " if more else ""
    if how != "hang-up" and not talk.restored():
        wrong += "the terminal is not restored "
    return wrong, output


def end_socket(talk, how):
    if how == "gone":
        talk.go_away()
        talk.heard = "nothing"
    else:
        talk.end_input()
        talk.wait()
    status, output = talk.end()
    if "nothing" not in talk.said:
        return f"said {talk.said!r} ", output
    return "" if status == 125 else f"status {status} ", output


def end_at(cwd, term, argv, way, how):
    """What is wrong after an end HOW at that question, or ""."""
    if term == "socket":
        argv = argv if argv != ["guide"] else []
        talk = Socket(argv, cwd, LEAST, nc=("nc", "-N", "-U"))
    else:
        talk = Terminal(argv, cwd, term=term)
    with held(talk):
        ran = go(talk, way)
        asked = talk.prompt()
        wrong, _ = (end_socket if term == "socket" else end_terminal)(talk,
                                                                     how)
        words = "nothing more is run" if ran else "nothing was run"
        if how not in ("hang-up", "gone") and words not in talk.heard:
            wrong += repr(talk.heard)
        # What it ended may still be ending.
        harness.until(lambda: not leftovers(talk.process))
        if there(cwd) != ["note"]:
            wrong += f" left: {there(cwd)}"
    return asked, wrong


def check_ends():
    """At each question, the end of input, an interrupt, a hang-up."""
    for term, how in WAYS_TO_END:
        asked, wrong = [], []
        for argv, way, first in MORE:
            for count in range(first, len(way)):
                with scratch(LEAST) as cwd:
                    write(f"{cwd}/note", "note", user=LEAST)
                    question, why = end_at(cwd, term, argv, way[:count], how)
                asked.append(question)
                wrong += [f"{question}: {why}"] if why else []
        # Two questions have the same prompt.
        ok(not wrong and set(asked) == set(PROMPTS) and
           asked.count("save the policy") > 1,
           f"{term}: {how} at each of {len(PROMPTS)} questions",
           "\n".join(wrong) or set(PROMPTS) - set(asked))


def confined(cwd, command, options=("stdio rpath", "none"), term="dumb"):
    """A conversation up to the question whether to run it."""
    talk = Terminal(command, cwd, term=term)
    talk.hold(["n", *options, "", "", "n"])
    return talk


def watched(cwd, command):
    """A conversation up to the input of a watched run."""
    talk = Terminal(command, cwd)
    talk.hold(["y"])
    return talk


def check_runs():
    """Signals while the command runs."""
    with scratch(LEAST) as cwd, held(confined(cwd, ["sleep", "60"])) as talk:
        talk.send(b"y\n")
        harness.ok(wait_for_child(talk.process), "a command that runs")
        talk.send(INTERRUPT)
        more = talk.wait()
        equal((more, talk.end()[0]), (False, 130),
              "Ctrl-C is the command's: it ends, and the conversation after")
        ok("ended with status 130" in talk.heard, "which says so", talk.heard)
    with scratch(LEAST) as cwd, held(Terminal(["sleep", "60"], cwd)) as talk:
        talk.hold(["y"])
        talk.send(b"\n")
        wait_for_child(talk.process)
        talk.send(INTERRUPT)
        ok(talk.wait() and "ended with status 130" in talk.heard,
           "Ctrl-C ends a watched run, and its calls are shown", talk.heard)
    for name, number, begin in (
            ("SIGTERM", signal.SIGTERM, confined),
            ("hang-up", signal.SIGHUP, confined),
            ("watched: SIGTERM", signal.SIGTERM, watched),
            ("watched: hang-up", signal.SIGHUP, watched)):
        with scratch(LEAST) as cwd, \
                held(begin(cwd, ["sleep", "60"])) as talk:
            talk.send(b"y\n" if begin is confined else b"\n")
            ok(wait_for_child(talk.process), f"{name}: it runs")
            if number == signal.SIGHUP:
                talk.hang_up()
            else:
                talk.process.send_signal(number)
            status, _ = talk.end()
            ok(status == -number and not leftovers(talk.process),
               f"{name} while it runs ends both",
               f"{status} {leftovers(talk.process)}")
    with scratch(LEAST) as cwd, held(confined(
            cwd, ["stty", "-echo"], ("stdio rpath tty", "none"))) as talk:
        talk.answer("y")
        equal(talk.end()[0], 0, "stty -echo")
        ok(talk.restored(), "the terminal is as it was, whatever it did")


def wait_for_child(process):
    """Until sleep is there: a process of that session called so."""
    def sleeps():
        for pid in leftovers(process):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                    if comm.read() == "sleep\n":
                        return True
        return False
    return harness.until(sleeps)


# What is typed, and what is said of it.
BAD = [
    (b"\xc3\x28", "not UTF-8"),
    (b"caf\xe9", "not UTF-8"),
    (b"x" * 70000, "longer than any answer"),
]
BAD_BYTES = [
    (b"\x1b[2J\x1b]0;title\x07", "control character"),
    (b"a\x00b", "zero byte"),
    (b"\xe2\x80\xae", "unknown promise"),
    (b"\x7f", "control character"),
]


def check_bad_input():
    with scratch(ME) as cwd, held(Socket(COMMAND, cwd, ME)) as talk:
        talk.hold(["n"])
        for raw, wanted in BAD + BAD_BYTES:
            talk.send(raw + b"\n")
            talk.wait()
            ok(wanted in " ".join(talk.heard.split()) and
               harness.printable(talk.heard),
               f"socket: {raw[:12]!r} is explained", talk.heard[:200])
        talk.answer("q")
    for term in ("dumb", "xterm"):
        with scratch(LEAST) as cwd, \
                held(Terminal(COMMAND, cwd, term=term)) as talk:
            talk.hold(["n"])
            for raw, wanted in BAD[:2]:
                talk.send(raw + b"\n")
                talk.wait()
                ok(wanted in talk.heard, f"{term}: {raw!r} is explained",
                   repr(talk.heard))
            talk.answer("q")
            equal(talk.end()[0], 0, f"{term}: it goes on")
    with scratch(LEAST) as cwd, held(Terminal(COMMAND, cwd)) as talk:
        talk.hold(["n"])
        talk.clean = lambda text: text
        talk.send(b"\x1b[2J\n")
        talk.wait()
        ok("\x1b" not in talk.heard, "an escape is not echoed",
           repr(talk.heard))


# At every question: what no answer holds, and what is said of it. The editor
# takes controls for keys.
EVERYWHERE = {
    "dumb": [(b"\xc3\x28", "not UTF-8"), (b"\xff\xfe\x80", "not UTF-8"),
             (b"y\x00", "zero byte"), (b"\x00", "zero byte"),
             (b"\x1b[2J", "control character")],
    "xterm": [(b"\xc3\x28", "not UTF-8"), (b"\xff\xfe\x80", "not UTF-8"),
              (b"y\xe2\x82", "not UTF-8")],
}
EVERYWHERE["socket"] = [*EVERYWHERE["dumb"], (b"\x7f\x01", "control character"),
                        (b"x" * 70000, "longer than any answer")]


def check_bytes_at(talk, raw, wanted):
    """What is wrong with what is said of RAW, or ""."""
    asked = talk.prompt()
    talk.send(raw + b"\n")
    more = talk.wait()
    heard = " ".join(talk.heard.split())
    if not more or talk.prompt() != asked:
        return f"{asked}: {raw[:9]!r}: {heard[-200:]!r}"
    if wanted not in heard or not harness.printable(talk.heard):
        return f"{asked}: {raw[:9]!r} is explained: {heard!r}"
    return ""


def check_bytes_everywhere():
    """No question takes them for an answer, nor is led astray."""
    for term, rows in EVERYWHERE.items():
        asked, wrong = set(), []
        for argv, way, first in MORE:
            with scratch(LEAST) as cwd:
                write(f"{cwd}/note", "note", user=LEAST)
                talk = Terminal(argv, cwd, term=term) if term != "socket" \
                    else Socket(argv if argv != ["guide"] else [], cwd)
                with held(talk):
                    talk.wait()
                    for number, (prompt, text) in enumerate(way):
                        asked.add(talk.prompt())
                        for raw, wanted in rows if number >= first else ():
                            wrong.append(check_bytes_at(talk, raw, wanted))
                        # The last one would run it.
                        if number + 1 < len(way):
                            talk.answer(text)
                    if there(cwd) != ["note"]:
                        wrong.append(f"left: {there(cwd)}")
        ok(not any(wrong) and asked == set(PROMPTS),
           f"{term}: {len(rows)} kinds of bytes at each of {len(PROMPTS)} "
           "questions", "\n".join(filter(None, wrong)) or
           set(PROMPTS) - asked)


# How much is pasted, in a line or as many; the editor takes two calls a byte.
PASTES = [("dumb", 10 << 20), ("xterm", 256 << 10)]


def paste(talk, raw):
    """While what is shown is read; a line's end behind it."""
    os.set_blocking(talk.ours, False)
    rest = memoryview(raw + b"\n")
    while rest:
        reads, writes, _ = select.select([talk.ours], [talk.ours], [],
                                         harness.TIMEOUT)
        if reads:
            os.read(talk.ours, 65536)
        if writes:
            rest = rest[os.write(talk.ours, rest[:4096]):]
        elif not reads:
            raise Lost
    os.set_blocking(talk.ours, True)


def check_pastes():
    """One line of it is one wrong answer, and the next is heard."""
    for term, size in PASTES:
        with scratch(LEAST) as cwd, \
                held(Terminal(COMMAND, cwd, term=term)) as talk:
            talk.hold(["n"])
            # A terminal that is not edited cuts a line at 4095 bytes itself.
            wanted = "longer than" if talk.is_edited() else "unknown promise"
            paste(talk, b"x" * size)
            talk.wait()
            explained = wanted in " ".join(talk.heard.split())
            talk.answer("stdio")
            ok(explained and talk.prompt() == "paths",
               f"{term}: {size} bytes are pasted into a line", talk.heard[-300:])
            with open(f"/proc/{talk.process.pid}/status",
                      encoding="ascii") as status:
                held_kib = int(re.search(r"VmHWM:\s+(\d+)",
                                         status.read()).group(1))
            ok(held_kib < 16384, f"{term}: which takes no room", held_kib)


def check_long_lines():
    """More than 1 MiB in a line: it is said, and the conversation over."""
    for size, text in ((1 << 20, "1 MiB and a line's end"),
                       (10 << 20, "10 MiB without one")):
        with scratch(ME) as cwd, held(Socket(COMMAND, cwd, ME)) as talk:
            talk.hold(["n"])
            try:
                talk.client.stdin.write(b"x" * (size + 1))
                talk.client.stdin.write(b"\n" if size == 1 << 20 else b"")
                talk.client.stdin.flush()
            except BrokenPipeError:
                pass
            more = talk.wait()
            status, _ = talk.end()
            ok(not more and status == 125 and "1 MiB" in talk.heard and
               there(cwd) == [], text,
               f"{more} {status} {talk.heard!r} {talk.said!r}")


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(harness.TIMEOUT)
    client.connect(path)
    return client


def check_clients():
    """One at a time, of the same user; it may go away."""
    with scratch(ME) as cwd, held(Socket(COMMAND, cwd, ME)) as talk:
        talk.wait()
        equal(oct(os.stat(talk.path).st_mode),
              oct(stat.S_IFSOCK | 0o600), "the socket's mode")
        ok(f"nc -U {talk.path}" in talk.said, "how to reach it is said")
        with connect(talk.path) as second:
            equal(second.makefile().read(), "busy\n", "a second is busy")
        talk.go_away()
        status, output = talk.end()
        ok(status == 125 and "gone" in talk.said and there(cwd) == [] and
           not os.path.exists(talk.path),
           "who goes away ends it; nothing is run, no socket is left",
           f"{status} {output} {talk.said} {there(cwd)}")
    with scratch(ME) as cwd, held(Socket(["sleep", "60"], cwd, ME)) as talk:
        talk.hold(["n", "stdio rpath", "none", "", "", "n"])
        talk.send(b"y\n")
        ok(wait_for_child(talk.process), "a command that runs")
        with connect(talk.path) as second:
            equal(second.makefile().read(), "busy\n",
                  "a second is busy while it runs")
        talk.go_away()
        status, _ = talk.end()
        ok(status == 125 and not leftovers(talk.process),
           "who goes away ends what runs", f"{status} {talk.said}")
    with scratch(ME) as cwd, held(Socket(COMMAND, cwd, ME)) as talk:
        talk.hold(["n"])
        talk.process.terminate()
        talk.wait()
        status, _ = talk.end()
        ok(status == -signal.SIGTERM and "ended" in talk.heard and
           not os.path.exists(talk.path),
           "SIGTERM ends the server, which says so", f"{status} {talk.heard}")


@contextlib.contextmanager
def asked(command, cwd):
    """An --api server, and a client of it that reads nothing."""
    path = f"{cwd}/s"
    with harness.background([TOOL, "--api", "--socket", path, *command], ME,
                            cwd=cwd, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE) as process:
        process.stderr.readline()
        with connect(path) as client:
            yield process, client


def check_silent_output():
    """The command's output is the server's; the client need not read."""
    size = 8 << 20
    with scratch(ME) as cwd, asked(["head", "-c", str(size), "/dev/zero"],
                                   cwd) as (process, client):
        client.sendall(b"n\n\n\n\n\n\ny\n")
        out, err = process.communicate(timeout=harness.TIMEOUT)
        ok(process.returncode == 0 and len(out) == size,
           "a client that reads nothing, while the command writes 8 MiB",
           (process.returncode, len(out), err))


@contextlib.contextmanager
def unread_questions():
    """A client that asks on and on and reads nothing: half a minute is given
    to it, while something else is done."""
    with scratch(ME) as cwd, asked(COMMAND, cwd) as (process, client):
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                client.send(b"?\n" * 4096)
        yield
        err = process.communicate(timeout=harness.TIMEOUT)[1].decode()
        ok(process.returncode == 125 and "the client is gone" in err and
           there(cwd) == [], "a client that reads nothing is given up",
           (process.returncode, err, there(cwd)))


def check_other_user():
    if ROOT_USER is None:
        skip("another user's client", "needs root")
        return
    with scratch(LEAST) as cwd, held(Socket(COMMAND, cwd, LEAST)) as talk:
        talk.wait()
        with connect(talk.path) as second:
            ok(second.makefile().read().startswith("refused"),
               "another user is refused, be it root")
        talk.answer("q")
        equal(talk.end()[0], 0, "the first goes on")


def check_places():
    """Where the socket is, and what is in its place."""
    with scratch(LEAST) as cwd:
        path = write(f"{cwd}/file", "precious", user=LEAST)
        result = run([TOOL, "--api", "--socket", path, "ls"], LEAST, cwd=cwd)
        with open(path, encoding="utf-8") as file:
            ok(result.status == 125 and "left alone" in result.err and
               file.read() == "precious", "a file is left alone", result)
        result = run([TOOL, "--api", "--socket", f"{cwd}/no/x", "ls"], LEAST,
                     cwd=cwd)
        ok(result.status == 125 and "No such file" in result.err,
           "a directory that is not there", result)
        result = run([TOOL, "run", "--api", "ls"], LEAST, cwd=cwd)
        ok(result.status == 125 and "--api COMMAND" in result.err,
           "--api with a verb that asks nothing", result)
    with scratch(LEAST) as cwd, harness.background(
            [TOOL, "--api", "ls"], LEAST, cwd=cwd, stderr=-1,
            env=environment(XDG_RUNTIME_DIR=cwd)) as server:
        said = server.stderr.readline().decode()
        place = f"{cwd}/seccomp-pledge"
        ok(f"{place}/api.sock" in said and
           stat.S_IMODE(os.stat(place).st_mode) == 0o700,
           "the usual place, closed to others", said)
        server.stderr.close()


def check_watched():
    """A watched run does what the command does, or what a ceiling lets it."""
    if not harness.can("ptrace", "a watched run", LEAST):
        return
    for ceiling, wanted in ((None, ["c.policy", "ran"]),
                            ("promises stdio rpath\n", ["c.policy"]),
                            ("# nothing\n", ["c.policy"]),
                            ("promises stdio rpath wpath cpath fattr\n"
                             "unveil rwc @CWD\n", ["c.policy", "ran"])):
        with scratch(LEAST) as cwd:
            write(f"{cwd}/c.policy", ceiling or "", user=LEAST)
            within = ["--within", f"{cwd}/c.policy"] if ceiling else []
            with held(Terminal([*within, *COMMAND], cwd)) as talk:
                talk.hold(["y", "", "q"])
                equal((talk.end()[0], there(cwd)), (0, wanted),
                      f"watched within {ceiling!r}")
                ok("open" in talk.transcript, "its calls are shown")


def check_no_terminal():
    for words in (["ls"], ["guide", "ls"], []):
        result = run([TOOL, *words], LEAST)
        ok(result.status == 125 and result.out == "" and
           "terminal" in result.err and "-p 'stdio rpath'" in result.err,
           f"no terminal: {words}", result)


ANSWERS = ["n", "stdio, rpath, tty", "r:.", "1", "no-accept", "accept4", "u",
           "", "errno EPERM", "allow", "", "y", "n", "y"]


def check_demonstration(user):
    """Typed, over a socket, and as options: the same ls."""
    with scratch(user) as cwd:
        write(f"{cwd}/note", "", user=user)
        outputs = {}
        for name, make in (("terminal", Terminal), ("socket", Socket)):
            with held(make(["ls"], cwd, user)) as talk:
                talk.hold(ANSWERS)
                outputs[name] = talk.end()
            os.rename(f"{cwd}/ls.filters.json", f"{cwd}/.filters-{name}")
        result = run([TOOL, "-p", "stdio rpath tty", "-v", "r:.", "-f",
                      f"{cwd}/.filters-socket:no-accept", "--", "ls"], user,
                     cwd=cwd)
        with open(f"{cwd}/.filters-terminal", encoding="utf-8") as file:
            filters = json.load(file)
        wanted = "ls.filters.json\nnote\n"
        equal(outputs["terminal"], (0, wanted), f"{user.name}: typed")
        equal(outputs["socket"], (0, wanted), f"{user.name}: by socket")
        equal((result.status, result.out), (0, "note\n"),
              f"{user.name}: as options, with the filter that was saved")
        equal(filters, {"no-accept": {
            "mismatch_action": "allow", "match_action": {"errno": 1},
            "filter": [{"syscall": "accept4"}]}}, f"{user.name}: the filter")


# What is typed before the tabulator, and what it becomes.
COMPLETIONS = [
    (1, "+prot_\t", "+prot_exec "),
    (1, "stdio,rpa\t", "stdio,rpath "),
    (2, "r:lon\t", "r:long-name "),
    (2, "+rw:dir\t", "+rw:directory/"),
    (5, "accept4\t", "accept4 "),
    (5, "sched_getaf\t", "sched_getaffinity "),
    (10, "SOCK_CLO\t", "SOCK_CLOEXEC "),
]


def check_completion():
    for count, typed, wanted in COMPLETIONS:
        with scratch(LEAST) as cwd, \
                held(Terminal(COMMAND, cwd, term="xterm")) as talk:
            write(f"{cwd}/long-name", "", user=LEAST)
            os.mkdir(f"{cwd}/directory")
            go(talk, WAY[:count])
            if not talk.is_edited():
                skip("completion", "built without libedit")
                return
            talk.send(typed.encode())
            shown, raw = "", b""
            try:
                while wanted.strip() not in shown:
                    raw += talk.read()
                    shown = talk.clean(raw.decode("utf-8", "replace"))
            except Lost:
                pass
            ok(wanted.strip() in shown, f"{typed!r} is completed", shown)


def main():
    with unread_questions():
        check_all()
    return harness.done()


def check_all():
    check_ends()
    check_runs()
    check_bad_input()
    check_bytes_everywhere()
    check_pastes()
    check_long_lines()
    check_clients()
    check_silent_output()
    check_other_user()
    check_places()
    check_watched()
    check_no_terminal()
    for user in USERS:
        check_demonstration(user)
    check_completion()


if __name__ == "__main__":
    sys.exit(main())
