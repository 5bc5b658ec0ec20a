#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""trace: every call of real commands, decoded, by whom, with what came of it;
selected; counted. What is hard to follow: very many processes and threads, an
exec in a thread, pointers to nowhere, 32-bit programs, programs that trace.
Signals, the terminal, output that cannot be written, death in any order."""
import collections
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import harness as h

TRACED = os.path.join(h.STAGE, "traced")
MARK = 1000000  # as in tests/targets/traced.c


def trace(options, command, user=h.LEAST, **how):
    """-o - puts the trace into OUT, behind or between what COMMAND prints."""
    return h.run([h.TOOL, "trace", *options.split(), "--", *command], user,
                 **how)


@contextlib.contextmanager
def output(user):
    with h.scratch(user) as path:
        yield os.path.join(path, "trace")


def records(options, command, user=h.LEAST, **how):
    """The command's own result, and the objects of the trace's lines."""
    with output(user) as path:
        result = trace(f"--json -o {path} {options}", command, user, **how)
        with open(path, "rb") as lines:
            return result, [json.loads(line) for line in lines]


def calls(lines, name=None):
    return [line for line in lines if line["event"] == "call" and
            name in (None, line["syscall"])]


# --- What a line says ---

# What python does, and the line that tells of it. Numbers of processes and
# addresses are not the same twice.
SCRIPT = r"""
import ctypes, fcntl, os, signal, socket, struct, sys, termios
libc = ctypes.CDLL(None)
os.chdir(sys.argv[1])
def attempt(f, *args):
    try: return f(*args)
    except OSError: pass
fd = os.open("words", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
os.write(fd, b"a\tb\x1b\n")
os.pread(fd, 3, 1)
fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 50)
attempt(fcntl.fcntl, fd, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK)
attempt(fcntl.lockf, fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
attempt(fcntl.ioctl, fd, termios.TIOCGWINSZ, b"12345678")
os.rename("words", "other words")
os.fchmod(fd, 0o600)
os.mkdir("new", 0o750)
libc.syscall(437, -100, b"new", struct.pack("QQQ", 0o200000, 0, 8), 24)
os.unlink("other words")
server = socket.socket(socket.AF_UNIX)
server.bind("here")
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
attempt(client.connect, ("127.0.0.1", 1))
if sys.argv[2]:
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    attempt(six.sendto, b"hi", ("::1", 9))
signal.signal(signal.SIGUSR1, lambda *_: None)
os.kill(os.getpid(), signal.SIGUSR1)
libc.mmap(None, ctypes.c_size_t(4096), 3, 0x22, -1, ctypes.c_size_t(0))
libc.unshare(0x10000000 | 0x40000000)
if os.fork() == 0: os._exit(9)
os.wait()
"""
LINES = [
    r'openat\(AT_FDCWD, "words", O_RDWR\|O_CREAT\|O_EXCL\|O_CLOEXEC, 0640\)'
    r' = (\d+)<{dir}/words> <\d+\.\d{{6}}>',
    r'write\(\d+<{dir}/words>, "a\\tb\\033\\n", 5\) = 5 <',
    r'pread64\(\d+<{dir}/words>, "\\tb\\033", 3, 1\) = 3 <',
    r'fcntl\(\d+<{dir}/words>, F_DUPFD_CLOEXEC, 50\) = 50<{dir}/words> <',
    r'fcntl\(\d+<{dir}/words>, F_SETFL, O_RDONLY\|O_APPEND\|O_NONBLOCK\) = 0',
    r'fcntl\(\d+<{dir}/words>, F_SETLK, \{{F_WRLCK, SEEK_SET, 0, 0\}}\) = 0',
    r'ioctl\(\d+<{dir}/words>, TIOCGWINSZ, 0x[0-9a-f]+\) = -1 ENOTTY '
    r'\(Inappropriate ioctl for device\) <',
    r'rename\("words", "other words"\) = 0 <',
    r'fchmod\(\d+<"{dir}/other words">, 0600\) = 0 <',
    r'mkdir\("new", 0750\) = 0 <',
    r'openat2\(AT_FDCWD, "new", \{{flags=O_RDONLY\|O_DIRECTORY, '
    r'resolve=RESOLVE_BENEATH\}}, 24\) = \d+<{dir}/new> <',
    r'unlink\("other words"\) = 0 <',
    r'bind\(\d+<socket:\[\d+\]>, \{{AF_UNIX, path="here"\}}, \d+\) = 0 <',
    r'socket\(AF_INET, SOCK_STREAM\|SOCK_CLOEXEC, IPPROTO_IP\) = \d+<socket',
    r'setsockopt\(\d+<socket:\[\d+\]>, SOL_SOCKET, SO_REUSEADDR, ',
    r'connect\(\d+<socket:\[\d+\]>, \{{AF_INET, 127\.0\.0\.1, port=1\}}, 16\) = -1 '
    r'ECONNREFUSED \(Connection refused\) <',
    r'sendto\(\d+<socket:\[\d+\]>, "hi", 2, 0, \{{AF_INET6, ::1, port=9\}}, ',
    r'rt_sigaction\(SIGUSR1, \{{.*\}}, ',
    r'kill\({pid}, SIGUSR1\) = 0 <',
    r'--- SIGUSR1 from {pid} ---',
    r'mmap\(NULL, 4096, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, '
    r'-1, 0\) = 0x[0-9a-f]+ <',
    r'unshare\(CLONE_NEWUSER\|CLONE_NEWNET\) = ',
    r'clone\(CLONE_CHILD_CLEARTID\|CLONE_CHILD_SETTID\|SIGCHLD, .*\) = \d+ <',
    r'wait4\(-1, \[exit 9\], 0, NULL\) = \d+ <',
    r'exit_group\(0\) = \?$',
    r'\+\+\+ exited with 0 \+\+\+$',
]


def check_lines(user):
    with h.scratch(user) as path:
        out = os.path.join(path, "trace")
        six = "" if h.lacks("ipv6", user) else "six"
        result = trace(f"-o {out}", [h.PYTHON, "-ISc", SCRIPT, path, six],
                       user)
        h.equal(result, h.Result(0, "", ""), f"{user.name}: python's own")
        with open(out, encoding="utf-8") as file:
            text = file.read()
    lines = text.splitlines()
    pid = lines[0].split()[0]
    at = 0
    for line in LINES:
        if "AF_INET6" in line and not h.can("ipv6", f"{user.name}: {line}",
                                            user):
            continue
        pattern = re.compile(rf"{pid} " + line.format(dir=re.escape(path),
                                                      pid=pid))
        found = [i for i in range(at, len(lines)) if pattern.match(lines[i])]
        close = [x for x in lines if x.split("(")[0].endswith(
            " " + line.split("\\(")[0])]
        if h.ok(found, f"{user.name}: {line}", "\n".join(close[-5:])):
            at = found[0]
    h.ok(h.printable(text), f"{user.name}: and nothing for the terminal")


def check_json(user):
    """The fields, each of its type; the same calls as in text."""
    with h.scratch(user) as path:
        h.write(os.path.join(path, "a\udcff\n"), "x", user=user)
        result, lines = records("", ["sh", "-c", "cat a*; exit 7"], user,
                                cwd=path)
    h.equal(result.status, 7, f"{user.name}: --json: the command's status")
    kinds = collections.Counter(line["event"] for line in lines)
    h.ok(kinds["call"] > 20 and kinds["exit"] >= 1,
         f"{user.name}: --json: events", kinds)
    types = {"pid": int, "tid": int, "syscall": str, "args": list}
    wrong = [line for line in calls(lines) if not (
        all(type(line.get(k)) is v for k, v in types.items()) and
        {"result", "duration"} <= line.keys() and
        (line["duration"] is None or line["duration"] >= 0))]
    h.equal(wrong, [], f"{user.name}: --json: the fields of calls")
    mine = [line for line in calls(lines, "openat")
            if line.get("path_hex") == b"a\xff\n".hex()]
    h.ok(len(mine) == 1 and mine[0]["args"][2] == "O_RDONLY" and
         mine[0]["result"]["path_hex"].endswith(b"/a\xff\n".hex()),
         f"{user.name}: --json: a name that is no text", mine)
    failed = [line for line in calls(lines) if "errno" in line]
    h.ok(failed and all(line["result"] == -1 for line in failed),
         f"{user.name}: --json: errors by name", failed[:3])
    h.ok(lines[-1] == {"event": "exit", "pid": lines[-1]["pid"],
                       "tid": lines[-1]["pid"], "status": 7},
         f"{user.name}: --json: the end", lines[-1])


# --- Choosing ---

# --only; what each line must be, and how many there are at least.
ONLY = [
    ("openat", {"openat"}, 4),
    ("read,close", {"read", "close"}, 4),
    ("rpath", {"openat", "access", "newfstatat", "statx", "statfs",
               "getdents64", "readlink", "fadvise64"}, 4),
    ("exec", {"execve"}, 1),
    ("{dir}", {"openat", "newfstatat", "statx", "read", "close", "fstat",
               "fadvise64", "copy_file_range", "mmap"}, 3),
    ("inet", set(), 0),
]


def check_only(user):
    with h.scratch(user) as path:
        os.mkdir(os.path.join(path, "sub"))
        h.write(os.path.join(path, "sub", "words"), "text\n")
        for only, names, least in ONLY:
            name = f"{user.name}: --only {only}"
            result, lines = records("--only " + only.format(dir=path),
                                    ["cat", "sub/words"], user, cwd=path)
            found = {line["syscall"] for line in calls(lines)}
            h.ok(result.out == "text\n" and found <= names and
                 len(calls(lines)) >= least, name, f"{result} {found}")
        _, lines = records(f"--only {path}", ["cat", "sub/words"], user,
                           cwd=path)
        h.ok(all("sub/words" in json.dumps(line) for line in calls(lines)),
             f"{user.name}: --only PATH: no other path", lines)
    with h.scratch(user) as path:
        h.write(os.path.join(path, "words"), "text\n")
        result = h.run([h.TOOL, "trace", "--only", "words", "true"], user,
                       cwd=path)
        h.ok("it: ./words" in result.err, f"{user.name}: a path without a /",
             result)
    for words, lead in [("opennat", 'no system call and no promise; did you '
                         'mean "openat"?'), ("", "name calls")]:
        result = h.run([h.TOOL, "trace", "--only", words, "true"], user)
        h.ok(result.status == 125 and lead in result.err,
             f"{user.name}: --only '{words}' is refused", result)


def check_same_calls(user):
    """--only stops there alone, and sees the same."""
    command = ["sh", "-c", "cat words; ls . | wc -l; (exit 3)"]
    with h.scratch(user) as path:
        h.write(os.path.join(path, "words"), "text\n")
        seen = []
        for options in ("", "--only openat,execve,wait4,close"):
            _, lines = records(options, command, user, cwd=path)
            seen.append(collections.Counter(
                (line["syscall"], line.get("path"), line.get("errno"))
                for line in calls(lines)
                if line["syscall"] in ("openat", "execve", "wait4", "close")))
    h.equal(seen[1] - seen[0], collections.Counter(),
            f"{user.name}: a filter adds nothing")
    h.equal(seen[0] - seen[1], collections.Counter(),
            f"{user.name}: a filter loses nothing")


# --- Adding up ---

# A command, the fewest promises of what it did, and whether it works with
# these (and any path) alone.
SUMMARIES = [
    (["true"], "stdio", True),
    (["cat", "words"], "stdio rpath", True),
    (["cat", "missing"], "stdio", False),
    (["ls", "-l", "."], "stdio rpath", True),
    (["cp", "words", "copy"], "stdio rpath wpath cpath", True),
    (["sh", "-c", "cat words; exit 3"], "stdio rpath proc exec", True),
    (["mkfifo", "new"], "stdio dpath", True),
    (["chmod", "600", "words"], "stdio rpath fattr", True),
    ([h.PYTHON, "-ISc", "import socket; socket.socket().bind(('', 0))"],
     "stdio rpath inet", True),
    ([h.PYTHON, "-ISc", "import os; os.fork() == 0 or os.wait()"],
     "stdio rpath proc", True),
]


def check_summary(user):
    for command, words, works in SUMMARIES:
        name = f"{user.name}: --summary: {' '.join(command)}"
        with h.scratch(user) as path:
            h.write(os.path.join(path, "words"), "text\n", user=user)
            result = trace("-o - --summary --json", command, user, cwd=path)
            lines = [json.loads(line) for line in result.out.splitlines()
                     if line.startswith("{")]
        h.equal(lines[-1:], [{"event": "promises", "promises": words.split(),
                              "none": []}], name)
        if works:
            check_words(user, command, words, name)
    # The numbers are those of the calls.
    with h.scratch(user) as path:
        command = ["sh", "-c", "cat none none none; exit 3"]
        _, lines = records("", command, user, cwd=path)
        result, totals = records("--summary", command, user, cwd=path)
        seen = collections.Counter(x["syscall"] for x in calls(lines))
        failed = collections.Counter(x["syscall"] for x in calls(lines)
                                     if "errno" in x)
        rows = [x for x in totals if x["event"] == "total"]
        h.ok(result.status == 3 and
             {x["syscall"]: x["calls"] for x in rows} == seen and
             {x["syscall"]: x["errors"] for x in rows if x["errors"]} ==
             failed, f"{user.name}: --summary: calls and errors", rows)
        text = trace("--summary", command, user, cwd=path).err
    h.ok(re.search(r"^ +\d+\.\d{6} +2 +0 {2}execve +exec$", text, re.M) and
         "\nthe fewest promises that allow it: stdio rpath proc exec\n" in text,
         f"{user.name}: --summary: as text", text)
    result = trace("--summary", [h.PYTHON, "-ISc", "import ctypes; "
                                 "ctypes.CDLL(None).syscall(175, 0, 0, 0)"],
                   user)
    h.ok("no promise allows: init_module\n" in result.err,
         f"{user.name}: --summary: what no promise allows", result.err[-200:])


def check_words(user, command, words, name):
    """It runs as unconfined under WORDS, and not with one less."""
    words = words.split()
    found = []
    for rest in [words] + [[w for w in words if w != less]
                           for less in words[1:]]:
        with h.scratch(user) as path:
            h.write(os.path.join(path, "words"), "text\n", user=user)
            bare = h.run(command, user, cwd=path)
            for made in ("copy", "new"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(path, made))
            found.append(h.pledge(["-q", "-V", "-p", " ".join(rest)],
                                  *command, user=user, cwd=path) == bare)
    h.equal(found, [True] + [False] * (len(words) - 1),
            f"{name}: these are enough, and fewer are not")


# --- Hard to follow ---

def marks(lines):
    """{process or thread: the numbers that it marked}."""
    found = collections.defaultdict(list)
    for line in calls(lines, "close"):
        fd = line["args"][0]
        if isinstance(fd, int) and fd >= MARK:
            found[line["pid"], line["tid"]].append(fd - MARK)
    return found


def pairs(text):
    return [tuple(map(int, line.split())) for line in text.splitlines()]


def check_forks():
    result, lines = records("", [TRACED, "forks", "2000"])
    wanted = collections.defaultdict(list)
    for pid, i in pairs(result.out):  # a number may come round again
        wanted[pid, pid].append(i)
    h.ok(result.status == 0 and len(wanted) > 1800,
         "2000 forks: the command's end", result)
    h.ok(marks(lines) == wanted, "2000 forks: each mark by its process")
    exits = [line for line in lines if line["event"] == "exit"]
    h.equal([len(exits), len(calls(lines, "wait4")),
             sum(line["status"] for line in exits)], [2001, 2000, 0],
            "2000 forks: no end and no wait is lost")


def check_threads(user):
    result, lines = records("", [TRACED, "threads", "1000"], user)
    found = marks(lines)
    h.equal({tid: numbers for (_, tid), numbers in found.items()},
            {tid: [i] * 3 for tid, i in pairs(result.out)},
            f"{user.name}: 1000 threads: each mark by its thread")
    h.equal(len({pid for pid, _ in found}), 1,
            f"{user.name}: 1000 threads: of one process")
    h.equal(result.status, 0, f"{user.name}: 1000 threads: the end")


def check_mixed(user):
    """Two threads that take turns: neither gets what the other one did."""
    result, lines = records("", [TRACED, "mixed", "100"], user)
    reads = collections.defaultdict(set)
    for line in calls(lines, "read"):
        if isinstance(line["args"][0], dict):
            reads[line["tid"]].add(line["args"][0]["fd"])
    ends = [reads[tid] for tid in reads if tid != lines[0]["pid"]]
    h.equal(sorted(map(sorted, ends)),
            sorted([fd] for fd in pairs(result.out)[0]),
            f"{user.name}: mixed calls of two threads")


def check_exec_in_thread(user):
    for options in ("", "--only execve,close"):
        result, lines = records(options, [TRACED, "exec"], user)
        pid, tid = pairs(result.out)[0]
        second = [line for line in calls(lines, "execve")
                  if line["path"] == "/proc/self/exe"]
        h.ok([(x["pid"], x["tid"], x["result"]) for x in second] ==
             [(pid, tid, 0)],
             f"{user.name}: exec in a thread {options}: by whom", second)
        h.equal([result.status, dict(marks(lines))],
                [5, {(pid, pid): [0]}],
                f"{user.name}: exec in a thread {options}: what follows")


def check_pointers(user):
    result, lines = records("", [TRACED, "pointers"], user)
    first, second = result.out.split()
    at = next(i for i, line in enumerate(lines) if line["event"] == "call" and
              line["args"][:1] == [MARK])
    mine = [line["args"][:2] for line in lines[at + 1:at + 10]
            if line["syscall"] != "mprotect"]
    h.equal(mine, [[None], ["0x1"], [second], ["xxx"], ["xx"], [first],
                   [MARK, first], ["/nonexistent", "0x1"]],
            f"{user.name}: pointers to nowhere")
    result, lines = records("", [TRACED, "long"], user)
    at = next(i for i, line in enumerate(lines) if line["event"] == "call" and
              line["args"][:1] == [MARK])
    h.equal([(line["path"], line["errno"]) for line in lines[at + 1:at + 3]],
            [("a" * 4095, "ENAMETOOLONG"),
             ("a" * 4095 + "b", "ENAMETOOLONG")],
            f"{user.name}: a path of PATH_MAX bytes, and a longer one")


def check_tracer(user):
    """It cannot be traced twice, and is told so."""
    result, _ = records("", [TRACED, "trace"], user)
    h.equal(result.out, "Operation not permitted\n3\n",
            f"{user.name}: a command that traces itself")
    inner = h.run([h.TOOL, "trace", "-q", "-o", "/dev/null", "--", h.TOOL,
                   "trace", "-o", "/dev/null", "true"], user)
    h.ok(inner.status == 125 and "not permitted" in inner.err and
         "trace" in inner.err, f"{user.name}: trace below trace is refused",
         inner)


def check_untraced(user):
    """A child that asks not to be traced is, and does not notice it."""
    for how in ("clone", "clone3", "vfork"):
        argv = [TRACED, "untraced", how]
        plain = h.run(argv, user)
        h.equal(plain.out, "10 1\n", f"{user.name}: {how}: without trace")
        for options in ("", "--only close", "--only close,clone,clone3"):
            result, lines = records(options, argv, user)
            h.equal([result.status, result.out], [0, plain.out],
                    f"{user.name}: {how} {options}: the same for the child")
            h.ok("CLONE_UNTRACED" in result.err,
                 f"{user.name}: {how} {options}: it is said", result)
            marks = [line for line in calls(lines, "close")
                     if line["args"] == [MARK]]
            h.equal(len(marks), 1,
                    f"{user.name}: {how} {options}: what it does is seen")


def check_i386(user):
    program = h.target("hello-i386")
    if not program:
        h.skip("32-bit children", "not built here")
        return
    if not h.can("i386", f"{user.name}: 32-bit children", user):
        return
    for options in ("", "--only write,exit"):
        result, lines = records(options, ["sh", "-c", f"{program}; exit 4"],
                                user)
        mine = [line for line in calls(lines) if line.get("arch") == "i386"]
        h.ok(result.status == 4 and
             [line["syscall"] for line in mine] == ["write", "exit"] and
             mine[0]["args"][1:] == ["hello\n", 6] and mine[0]["result"] == 6,
             f"{user.name}: a 32-bit child {options}", lines[-8:])


# --- Signals, and the end ---

def check_status(user):
    rows = [(["sh", "-c", "exit 9"], 9), (["sh", "-c", "kill -9 $$"], 137),
            (["sh", "-c", "kill -SEGV $$"], 139), (["no-such-command"], 127),
            (["/etc/passwd"], 126), (["/"], 126)]
    for command, status in rows:
        result = trace("-o /dev/null", command, user)
        h.equal(result.status, status, f"{user.name}: status of {command}")
        h.equal("seccomp-pledge: " in result.err, status in (126, 127),
                f"{user.name}: and words for it")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def is_whole(path):
    """Lines of JSON, the last one ended."""
    text = read(path)
    try:
        return text.endswith(b"\n") and bool(
            [json.loads(line) for line in text.splitlines()])
    except ValueError:
        return False


BUSY = "while :; do /bin/true; done"


def check_cut_short(user):
    """A signal to the tracer, or to all; the file can be read."""
    for number, to_all in ((signal.SIGINT, True), (signal.SIGINT, False),
                           (signal.SIGTERM, False), (signal.SIGHUP, False),
                           (signal.SIGQUIT, False), (signal.SIGKILL, False)):
        name = (f"{user.name}: {number.name} to "
                f"{'all' if to_all else 'the tracer'}")
        with output(user) as path, h.background(
                [h.TOOL, "trace", "-q", "--json", "-o", path, "--",
                 "dash", "-c", f"ulimit -c 0; echo $$; {BUSY}"], user,
                stdout=subprocess.PIPE) as process:
            pid = int(process.stdout.readline())
            h.until(lambda path=path: read(path))
            (os.killpg if to_all else os.kill)(process.pid, number)
            status = process.wait(h.TIMEOUT)
            h.equal(status, -9 if number == signal.SIGKILL else 128 + number,
                    f"{name}: the status")
            h.ok(h.until(lambda pid=pid: not h.is_alive(pid)),
                 f"{name}: nothing is left")
            h.ok(is_whole(path), f"{name}: the file", read(path)[-300:])


def check_caught(user):
    """A command that catches the signal goes on to its own end."""
    script = "trap 'echo caught; exit 3' TERM; echo $$; while :; do :; done"
    with output(user) as path, h.background(
            [h.TOOL, "trace", "-q", "-o", path, "--", "dash", "-c", script],
            user, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        h.equal([process.wait(h.TIMEOUT), process.stdout.read()], [3, b"caught\n"],
                f"{user.name}: SIGTERM, caught")
        h.ok(b"--- SIGTERM from" in read(path),
             f"{user.name}: and shown", read(path)[-300:])


def check_remains(user):
    """Followed to the last process that the command left."""
    script = "(while kill -0 $$ 2>/dev/null; do :; done; exit 5) & exit 2"
    result, lines = records("", ["sh", "-c", script], user)
    ends = [line["status"] for line in lines if line["event"] == "exit"]
    h.equal([result.status, ends], [2, [2, 5]],
            f"{user.name}: what the command left is followed")


# --- A process that is there ---

def pid_script(path):
    return ("import os, sys, threading, time\n"
            "def look():\n"
            f"    while not os.path.exists('{path}/end'): time.sleep(.01)\n"
            "threading.Thread(target=look).start()\n"
            "print('ready', flush=True)\nlook()\n")


def check_pid(user):
    if not h.can("attach", f"{user.name}: --pid", user):
        return
    with h.scratch(user) as path, h.background(
            [h.PYTHON, "-ISc", pid_script(path)], user,
            stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        out = os.path.join(path, "trace")
        argv = [h.TOOL, "trace", "--json", "-o", out, "--only", path, "--pid",
                str(process.pid)]
        with h.background(argv, user) as tracer:
            h.until(lambda: len(read(out)) > 2000)
            tracer.send_signal(signal.SIGINT)
            h.equal(tracer.wait(h.TIMEOUT), 0, f"{user.name}: --pid, then SIGINT")
        lines = [json.loads(line) for line in read(out).splitlines()]
        h.equal([{line["pid"] for line in lines},
                 len({line["tid"] for line in lines})], [{process.pid}, 2],
                f"{user.name}: --pid: both threads")
        h.ok(process.poll() is None, f"{user.name}: --pid: it is left alone")
        os.unlink(out)
        with h.background(argv, user) as tracer:
            h.until(lambda: os.path.exists(out) and read(out))
            h.write(os.path.join(path, "end"), "")
            h.equal([tracer.wait(h.TIMEOUT), process.wait(h.TIMEOUT)], [0, 0],
                    f"{user.name}: --pid: to its end")
        lines = [json.loads(line) for line in read(out).splitlines()]
        h.equal(lines[-1]["event"], "exit", f"{user.name}: --pid: the end")
    for pid, words in (("1", "not permitted"), ("4194304", "No such process"),
                       ("x", "is no process ID"), ("0", "is no process ID")):
        if user == h.ROOT_USER and pid == "1":
            continue
        result = h.run([h.TOOL, "trace", "-o", "/dev/null", "--pid", pid],
                       user)
        h.ok(result.status == 125 and words in result.err,
             f"{user.name}: --pid {pid} is refused", result)


# --- Under a ceiling ---

# The policy, the command, and what becomes of it with and without.
WITHIN = [
    ("promises stdio rpath", "cat /etc/passwd", 1, "EACCES"),
    ("promises stdio rpath\nunveil r /etc", "cat /etc/passwd", 0, None),
    ("promises stdio\nunveil r /etc", "ls /etc", 2, "EPERM"),
    ("promises stdio rpath proc\nunveil r /etc\nunveil rx /usr",
     "sh -c 'cat /etc/passwd; exit'", 126, "EPERM"),
]


def check_within(user):
    for policy, line, status, errno in WITHIN:
        command = shlex.split(line)
        with h.scratch(user) as path:
            ceiling = h.write(f"{path}/c.policy", policy + "\n")
            for only in ("", "--only rpath,exec"):
                for options, wanted in (("", 0), (f"--within {ceiling}",
                                                  status)):
                    result, lines = records(f"{options} {only}", command,
                                            user)
                    told = [call.get("errno") for call in calls(lines) if
                            call.get("path", "").startswith("/etc/pass") or
                            call.get("path") in ("/etc", "/usr/bin/cat")]
                    h.ok(result.status == wanted and told and
                         (errno if wanted else None) in told,
                         f"{user.name}: {line} {options and policy} {only}",
                         (result, told))
    for words, wanted, text in (
            ("--within /nonexistent.policy -- true", 125, "/nonexistent"),
            (f"--within {h.profile('sort')} --pid 1", 125, "a ceiling"),
            (f"--within {h.profile('sort')} -- nosuch", 127, "not found")):
        result = h.run([h.TOOL, "trace", *words.split()], user)
        h.ok(result.status == wanted and text in result.err,
             f"{user.name}: trace {words.split(' ', 2)[-1]}", result)


# --- Output ---

def check_output(user):
    """The command runs to its end, and the loss is told."""
    tool = h.TOOL
    rows = [
        (f"{tool} trace -o /dev/full -- sh -c 'echo done'", 125, "done\n",
         "/dev/full: the trace is not whole: No space left on device"),
        (f"{tool} trace -o /dev/full -- sh -c 'echo done; exit 3'", 3,
         "done\n", "the trace is not whole"),
        (f"{tool} trace -o /dev/full --summary -- echo done", 125, "done\n",
         "the trace is not whole"),
        (f"{tool} trace -o none/x -- echo done", 125, "",
         "none/x: No such file"),
        (f"{tool} trace -o / -- echo done", 125, "", "/: Is a directory"),
        (f"{tool} trace -- echo done 2>&-; echo $?", 0, "125\n", ""),
        (f"{tool} trace -o - -- true >&-", 125, "", "Bad file descriptor"),
        (f"{tool} trace -- true 2>/dev/full", 125, "", ""),
    ]
    with h.scratch(user) as path:
        for line, status, out, err in rows:
            result = h.run(["/bin/sh", "-c", line], user, cwd=path)
            h.ok(result.status == status and result.out == out and
                 err in result.err, f"{user.name}: {line[len(tool):]}",
                 result)
    ours, theirs = os.pipe()
    os.close(ours)
    result = h.run([tool, "trace", "-o", "-", "--", "sh", "-c",
                    "echo done >&2"], user, stdout=theirs)
    os.close(theirs)
    h.ok(result.status == 125 and result.err.startswith("done\n") and
         "-: the trace is not whole: Broken pipe" in result.err,
         f"{user.name}: -o - into a closed pipe", result)


def check_progress(user):
    """On a terminal, if the trace goes elsewhere; -q shows none."""
    shown = re.compile(rb"\rtrace: \d+ calls, 1 processes?, \d+ s\x1b\[K")
    for options, wanted in (("-o /dev/null", True), ("--summary", True),
                            ("", False), ("-q -o /dev/null", False)):
        argv = [h.TOOL, "trace", *options.split(), "--", "cat"]
        with h.terminal() as (ours, theirs), h.background(
                argv, user, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=theirs) as process:
            text = b""
            if wanted:
                while not shown.search(text):
                    text += os.read(ours, 65536)
            else:  # as long as it takes to show some
                time.sleep(1.2)
            process.stdin.close()
            status = process.wait(h.TIMEOUT)
            os.set_blocking(ours, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    text += os.read(ours, 65536)
        found = shown.search(text)
        h.ok(status == 0 and bool(found) == wanted and
             (not found or b"\r\x1b[K" in text),
             f"{user.name}: progress: {options}", text)


# --- The command line ---

def check_options(user):
    rows = [("trace", "name a command"), ("trace --pid 1 true", "not both"),
            ("trace --jsn true", 'did you mean "json"'),
            ("trace -o", "needs an argument"), ("trace --json=1 true", "--json")]
    for words, expect in rows:
        result = h.run([h.TOOL, *words.split()], user)
        h.ok(result.status == 125 and expect in result.err,
             f"{user.name}: {words} is refused", result)
    result = h.run([h.TOOL, "trace", "--help"], user)
    h.ok(result.status == 0 and "--only SET" in result.out,
         f"{user.name}: trace --help", result)


def main():
    users = [user for user in h.USERS
             if h.can("ptrace", f"{user.name}: trace", user)]
    if h.LEAST in users:
        check_forks()
        check_progress(h.LEAST)
    for user in users:
        for check in (check_lines, check_json, check_only, check_same_calls,
                      check_summary,
                      check_threads, check_mixed, check_exec_in_thread,
                      check_pointers, check_tracer, check_untraced,
                      check_i386, check_status,
                      check_cut_short, check_caught, check_remains, check_pid,
                      check_within, check_output, check_options):
            check(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
