#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""serve: confined commands over a Unix socket, as docs/PROTOCOL.md says; what
is wrong is answered and disturbs nobody else; nothing outlives the connection,
or the server."""
import base64
import contextlib
import ctypes
import json
import os
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import time

import harness as h

sys.path.insert(0, os.path.join(h.ROOT, "examples"))
import serve_client  # noqa: E402

CLIENT = os.path.join(h.ROOT, "examples", "serve_client.py")
PROC = "stdio rpath proc exec"
SHELL = ["rx:/usr/bin", "rx:/bin"]


@contextlib.contextmanager
def server(*options, user=h.ME, path=None, **how):
    """(process, socket's path), once it listens."""
    with h.scratch(user) as folder:
        path = path or os.path.join(folder, "sock")
        argv = [h.TOOL, "serve", "--socket", path, *options]
        with h.background(argv, user, stderr=subprocess.PIPE,
                          **how) as process:
            while b"listening" not in (line := process.stderr.readline()):
                if not line:
                    raise RuntimeError("the server does not start")
            yield process, path


@contextlib.contextmanager
def as_user(user):
    """As the kernel says who connects."""
    if user.uid is not None:
        os.seteuid(user.uid)
    try:
        yield
    finally:
        if user.uid is not None:
            os.seteuid(0)


@contextlib.contextmanager
def connected(path, user=h.ME):
    """A client; of another user's, if that is asked for."""
    with as_user(user):
        client = serve_client.Client(path)
    client.socket.settimeout(h.TIMEOUT)
    with client:
        yield client


@contextlib.contextmanager
def serving(*options, user=h.ME, **how):
    """A client of a server of its own."""
    with server(*options, user=user, **how) as (process, path), \
            connected(path, user) as client:
        client.server, client.path = process, path
        yield client


def error_of(client, method, **params):
    try:
        return client.call(method, **params)
    except serve_client.ServeError as error:
        return error.code, str(error)


def raw(client, line):
    """What is answered to a line of bytes."""
    client.socket.sendall(line + b"\n")
    return client.read()


def is_closed_socket(sock):
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def is_closed(client):
    """What was not read of a connection makes it a reset one."""
    try:
        return client.lines.read() == b""
    except ConnectionResetError:
        return True


def commands():
    """pid -> arguments, of all that runs."""
    found = {}
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit():
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    found[int(name)] = file.read().split(b"\0")
    return found


def running(mark):
    """The processes that have MARK as an argument."""
    return [pid for pid, argv in commands().items() if mark.encode() in argv]


MARKS = iter(range(1, 1000))


def new_mark():
    """A number of seconds that nobody else sleeps."""
    return f"{3000 + next(MARKS)}.{os.getpid()}"


# --- What is answered ---

def test_page():
    """docs/PROTOCOL.md and the table of methods say the same."""
    with open(os.path.join(h.ROOT, "docs", "PROTOCOL.md"),
              encoding="utf-8") as page:
        rows = re.findall(r"^\| `(\w+)` \| (all|own|user) \| (.*?) ?\| (.*?) \|$",
                          page.read(), re.M)
    fields = {}
    for name, _, words, _ in rows:
        fields[name] = fields.get(words.removeprefix("as ").strip("`"), words)
    said = [(name, who, sorted(re.findall(r"`(\w+)`(!?)", fields[name])), text)
            for name, who, _, text in rows]
    with serving() as client:
        found = [(m["name"], m["who"],
                  sorted((f["name"], "!" if f["required"] else "")
                         for f in m["fields"]), m["text"])
                 for m in client.call("methods")["methods"]]
        h.equal(said, found, "PROTOCOL.md has the methods with their fields")


def test_manual():
    """Each option of the help is in the manual, and no other."""
    told = h.run([h.TOOL, "serve", "--help"]).out
    with open(os.path.join(h.ROOT, "man", "seccomp-pledge-serve.8"),
              encoding="utf-8") as page:
        said = re.findall(r"^\.It (?:Fl \w , )?Fl -(\w+)", page.read(), re.M)
    h.equal(sorted(said), sorted(re.findall(r"^  (?:-\w, |    )--(\w+)", told, re.M)),
            "the manual has the options of the help")


# fields of a run -> what its result holds
RUNS = [
    ({"argv": ["echo", "hi"]}, {"status": 0, "stdout": "hi\n", "stderr": ""}),
    ({"argv": ["sh", "-c", "exit 3"]}, {"status": 3}),
    ({"argv": ["sh", "-c", "echo o; echo e >&2; exit 4"], "promises": PROC,
      "unveil": SHELL}, {"status": 4, "stdout": "o\n", "stderr": "e\n"}),
    ({"argv": ["cat"], "stdin": {"text": "tëxt\n"}}, {"stdout": "tëxt\n"}),
    ({"argv": ["cat"], "stdin": {"base64": "AP8="}},
     {"stdout_base64": "AP8=", "stdout": None}),
    ({"argv": ["cat"], "stdin": {"text": "x" * 300000}},
     {"stdout": "x" * 300000}),
    ({"argv": ["cat"]}, {"status": 0, "stdout": ""}),
    ({"argv": ["head", "-c", "99999", "/dev/zero"], "capture": 1},
     {"stdout_base64": "AA==", "stdout_lost": 99998}),
    ({"argv": ["echo", "x"], "stdout": "null"}, {"stdout": None}),
    ({"argv": ["pwd"], "cwd": "/usr/lib"}, {"stdout": "/usr/lib\n"}),
    ({"argv": ["pwd"]}, {"stdout": "/\n"}),
    ({"argv": ["env"], "env": {"A": "b=c"}, "clear_env": True},
     {"stdout": "A=b=c\n"}),
    ({"argv": ["printenv", "HOME"], "env": {"HOME": None}},
     {"status": 1, "stdout": ""}),
    ({"argv": ["sleep", "600"], "timeout": 0.1},
     {"status": 124, "timed_out": True}),
    ({"argv": ["sh", "-c", "ulimit -n"], "limits": {"files": 17}},
     {"stdout": "17\n"}),
    ({"argv": ["sh", "-c", "ulimit -n"], "policy": "limit files 18\n"},
     {"stdout": "18\n"}),
    ({"argv": ["sh", "-c", "cd $TMPDIR && echo x >y && cat y"],
      "promises": PROC + " wpath cpath",
      "unveil": [*SHELL, "rwc:@TMP"]}, {"stdout": "x\n"}),
    ({"argv": ["cat", "/etc/hostname"], "unveil": ["/etc/hostname"]},
     {"status": 0}),
    ({"argv": ["cat", "/etc/hostname"]}, {"status": 1}),
    ({"argv": ["sh", "-c", "kill -9 $$"]}, {"status": 137}),
]


def test_runs(user):
    h.ok(h.run(["cat", "/etc/hostname"], user).status == 0,
         f"{user.name}: /etc/hostname can be read, unconfined")
    with serving(user=user) as client:
        for fields, wanted in RUNS:
            result = client.call("run", **fields)
            found = {name: result.get(name) for name in wanted}
            h.equal(found, wanted,
                    f"{user.name}: {' '.join(fields['argv'])[:40]} "
                    f"{sorted(set(fields) - {'argv'})}")


# method, fields -> code, words
ERRORS = [
    ("rrun", {}, -32601, 'unknown method "rrun"; did you mean "run"?'),
    ("run", {}, -32602, 'the field "argv" is missing'),
    ("run", {"argv": ["true"], "promsies": "x"}, -32602,
     'unknown field "promsies"; did you mean "promises"?'),
    ("run", {"argv": "true"}, -32602, "argv: expected an array of"),
    ("run", {"argv": []}, -32602, "it is empty"),
    ("run", {"argv": ["a\0b"]}, -32602, "without \\u0000"),
    ("run", {"argv": ["true", 1]}, -32602, "expected a string, not 1"),
    ("run", {"argv": ["true"], "timeout": 0}, -32602, "above 0"),
    ("run", {"argv": ["true"], "timeout": "1"}, -32602, "above 0"),
    ("run", {"argv": ["true"], "wait": 1}, -32602, "true or false"),
    ("run", {"argv": ["true"], "capture": 1 << 40}, -32602, "at most"),
    ("run", {"argv": ["true"], "stdin": {"fd": 99}}, -32602, '{"fd": N}'),
    ("run", {"argv": ["true"], "stdin": {"fd": 0}}, -32004,
     "0 descriptors came"),
    ("run", {"argv": ["true"], "stdin": {"base64": "x"}}, -32602, "base64"),
    ("run", {"argv": ["true"], "stdout": "sream"}, -32602, '"stream"'),
    ("run", {"argv": ["true"], "env": {"A=B": "c"}}, -32602, "neither ="),
    ("run", {"argv": ["true"], "limits": {"flies": 3}}, -32602,
     'did you mean "files"?'),
    ("run", {"argv": ["true"], "limits": {"files": "3x"}}, -32000,
     "no limit"),
    ("run", {"argv": ["true"], "cwd": "usr"}, -32602, "no absolute path"),
    ("run", {"argv": ["true"], "cwd": "/nowhere"}, -32602, "No such file"),
    ("run", {"argv": ["true"], "promises": "rpaht"}, -32000,
     'did you mean "rpath"?'),
    ("run", {"argv": ["true"], "policy": "promises stdio\nunveil r x\n"},
     -32000, "policy:2:10: "),
    ("run", {"argv": ["true"], "policy": "unveil r @HERE\n"}, -32000,
     "no policy file"),
    ("run", {"argv": ["true"], "policy": "filter x.json\n"}, -32000,
     "no policy file"),
    ("run", {"argv": ["true"], "profile": "nosuch"}, -32000, "no profile"),
    ("run", {"argv": ["nosuch"]}, -32001, "command not found"),
    ("run", {"argv": ["/etc/hostname"]}, -32001, "/etc/hostname"),
    ("run", {"argv": ["true"], "unveil": ["/nowhere"]}, -32001, "/nowhere"),
    ("signal", {"run": 77, "signal": "TERM"}, -32003, "no run"),
    ("signal", {"run": 77, "signal": "TREM"}, -32602,
     'did you mean "TERM"?'),
    ("signal", {"run": None, "signal": "TERM"}, -32602, "missing"),
    ("wait", {"run": [1]}, -32602, "the id of a request"),
    ("wait", {"run": 77}, -32003, "no run"),
    ("promises", {"word": "rpaht"}, -32602, 'did you mean "rpath"?'),
    ("doctor", {"json": True}, -32602, "unknown field"),
]

# a line -> code, words, id
LINES = [
    (b"{", -32700, "request:1:2: expected", None),
    (b'{"id": 3, "id": 4}', -32700, "request:1:11", None),
    (b"[]", -32600, "a batch is refused", None),
    (b'[{"jsonrpc": "2.0", "id": 1, "method": "methods"}]', -32600,
     "a batch is refused", None),
    (b'{"id": 3}', -32600, "is missing", 3),
    (b'{"jsonrpc": "1.0", "id": 3, "method": "x"}', -32600, '"2.0"', 3),
    (b'{"jsonrpc": "2.0", "id": "a", "method": 1}', -32600, "a method", "a"),
    (b'{"jsonrpc": "2.0", "id": [], "method": "x"}', -32600, "an id", None),
    (b'{"jsonrpc": "2.0", "id": 3, "method": "x", "y": 1}', -32600,
     'unknown field "y"', 3),
    (b'{"jsonrpc": "2.0", "id": 3, "method": "run", "params": [1]}', -32602,
     "named fields", 3),
    (b'{"jsonrpc": "2.0", "id": 3, "method": "\xff"}', -32700, "UTF-8", None),
    (b'{"jsonrpc": "2.0", "id": 3, "method": "x", "params": ' + b"[" * 5000,
     -32700, "64", None),
    (b'{"jsonrpc": "2.0", "method": "run", "params": {"argv": ["true"]}, '
     b'"id": null}', -32600, "a run needs an id", None),
]


def test_errors(user):
    with serving(user=user) as client:
        for method, fields, code, words in ERRORS:
            found = error_of(client, method, **fields)
            h.ok(found[0] == code and words in found[1],
                 f"{user.name}: {method} {json.dumps(fields)[:50]}: {words}",
                 found) if isinstance(found, tuple) else h.ok(
                     False, f"{method} {fields}: an error", found)
        for line, code, words, ident in LINES:
            answer = raw(client, line)
            error = answer.get("error", {})
            h.ok(error.get("code") == code and answer["id"] == ident and
                 words in error["message"],
                 f"{user.name}: {line[:50]!r}: {words}", answer)
        client.socket.sendall(
            b'\n \n{"jsonrpc": "2.0", "method": "nosuch"}\n'
            b'{"jsonrpc": "2.0", "method": "doctor"}\n')
        h.ok("machine" in client.call("doctor"),
             f"{user.name}: notifications and empty lines are not answered")


def test_policies(user):
    with serving(user=user) as client:
        found = client.call("check", policy="promises stdio\nunveil r /tmp\n")
        h.ok(found["valid"] and found["promises"] == ["stdio"] and
             "/tmp" in found["policy"], f"{user.name}: check: valid", found)
        found = client.call("check", policy="promises stdio\nlimit flies 3\n")
        error = found["errors"][0]
        h.equal((found["valid"], error["file"], error["line"],
                 error["column"], error["message"]),
                (False, "policy", 2, 7,
                 'unknown limit "flies"; did you mean "files"?'),
                f"{user.name}: check: where, and what was meant")
        found = client.call("resolve", argv=["ls"], unveil=["rw:."],
                            cwd="/tmp", promises="stdio rpath wpath")
        h.ok("unveil   rw   @CWD" in found["text"] and
             "rw   /tmp" in found["text"] and "/ls" in found["text"],
             f"{user.name}: resolve: as --dry-run", found)
        with h.scratch(user) as folder:
            path = h.write(os.path.join(folder, "x.policy"),
                           "promises stdio\nunveil r @HERE\n", user=user)
            found = client.call("resolve", profile=path)
            h.ok(f"unveil   r    {folder}\n" in found["text"],
                 f"{user.name}: a policy file by its path", found)


def test_streams(user):
    with serving(user=user) as client:
        pieces = []
        client.notified = lambda method, params: pieces.append(params)
        result = client.call("run", argv=["seq", "30000"], stdout="stream")
        data = "".join(piece["data"] for piece in pieces)
        h.ok(data == "".join(f"{n}\n" for n in range(1, 30001)) and
             "stdout" not in result and result["stderr"] == "",
             f"{user.name}: output as it comes, all of it")
        pieces.clear()
        client.call("run", argv=["cat"], stdout="stream",
                    stdin={"text": "€" * 100000})
        h.ok("".join(p.get("data", "?") for p in pieces) == "€" * 100000,
             f"{user.name}: no character is torn")
        pieces.clear()
        client.call("run", argv=["cat"], stdout="stream",
                    stdin={"base64": base64.b64encode(
                        b"a\xe2\x82").decode()})
        h.equal(b"".join(base64.b64decode(p["data_base64"])
                         if "data_base64" in p else p["data"].encode()
                         for p in pieces), b"a\xe2\x82",
                f"{user.name}: what is no character comes through")
        pieces.clear()
        result = client.call("explain", argv=["cat", "/etc/hostname"])
        kinds = [p["event"]["event"] for p in pieces]
        h.ok(kinds[0] == "denied" and kinds[-1] == "summary" and
             "-v r:/etc/hostname" in pieces[-1]["event"]["suggestion"] and
             result["status"] == 1,
             f"{user.name}: explain names what is denied", pieces)


def test_watched(user):
    if not h.can("ptrace", f"{user.name}: trace and learn", user):
        return
    with serving(user=user) as client:
        events = []
        client.notified = lambda _, params: events.append(params["event"])
        result = client.call("trace", argv=["cat", "/etc/hostname"],
                             only="rpath")
        h.ok(result["status"] == 0 and result["stdout"] and
             any(event.get("path") == "/etc/hostname" for event in events) and
             events[-1]["event"] == "exit",
             f"{user.name}: trace tells each call", events[-3:])
        events.clear()
        client.call("trace", argv=["true"], summary=True)
        h.ok(any(event["event"] == "total" and event["syscall"] == "execve"
                 for event in events), f"{user.name}: or counts them", events)
        events.clear()
        result = client.call("learn", argv=["cat", "/etc/hostname"],
                             env={"LC_ALL": "C"})
        h.ok(any("/etc/hostname" in event["text"] for event in events),
             f"{user.name}: learn tells what it sees", events)
        ran = client.call("run", argv=["cat", "/etc/hostname"],
                          policy=result["policy"])
        h.ok(ran["status"] == 0 and "promises rpath" in result["policy"],
             f"{user.name}: what it learned carries the command",
             (result, ran))
        for method in ("trace", "learn"):
            h.equal(error_of(client, method, argv=["nosuch"])[0], -32001,
                    f"{user.name}: {method}: not found")
            mark = new_mark()
            ident = client.send(method, argv=[*LEAVING, mark], wait=False)
            client.answer(ident)
            h.until(lambda: len(running(mark)) >= 3)
            client.call("signal", run=ident, signal="KILL")
            h.equal((client.call("wait", run=ident)["status"],
                     h.until(lambda: not running(mark))), (137, True),
                    f"{user.name}: {method}: killed, nothing is left")
        h.equal(error_of(client, "trace", argv=["true"], only="rpaht")[0],
                -32602, f"{user.name}: trace: what to show is checked")


def test_descriptors(user):
    with serving(user=user) as client:
        ours, theirs = os.pipe()
        with h.scratch(user) as folder:
            path = h.write(os.path.join(folder, "in"), "from a file\n")
            with open(path, "rb") as file:
                client.call("run", (file.fileno(), theirs), argv=["cat"],
                            stdin={"fd": 0}, stdout={"fd": 1})
        os.close(theirs)
        h.equal(os.read(ours, 100), b"from a file\n",
                f"{user.name}: the client's descriptors")
        h.equal(os.read(ours, 100), b"",
                f"{user.name}: nobody keeps them afterwards")
        os.close(ours)
        found = error_of(client, "run", argv=["true"], stdin={"fd": 0})
        h.equal(found[0], -32004, f"{user.name}: they are taken once")
        with open("/dev/null", "rb") as null:
            error_of(client, "run", fds=(null.fileno(),), argv=["true"],
                     stdin={"fd": 0}, wrong=True)
        found = error_of(client, "run", argv=["true"], stdin={"fd": 0})
        h.equal(found[0], -32004,
                f"{user.name}: those of a wrong request are gone with it")
        listing = client.call("run", argv=["ls", "/proc/self/fd"],
                              unveil=["/proc"])["stdout"]
        h.equal(listing.split(), ["0", "1", "2", "3"],
                f"{user.name}: the command has no others")


def test_control(user):
    with serving(user=user) as client:
        for fields in ({}, {"timeout": 500}, {"promises": PROC}):
            for name, status in (("TERM", 143), ("KILL", 137), ("USR1", 138)):
                ident = client.send("run", argv=["sleep", new_mark()],
                                    wait=False, **fields)
                h.equal(client.answer(ident), {"run": ident},
                        f"{user.name}: wait: false answers at once")
                mark = f"{user.name}: {name} {sorted(fields)}"
                h.until(lambda: "sleep" in str(commands().get(
                    child_of(client.server.pid))))
                client.call("signal", run=ident, signal=name)
                h.equal(client.call("wait", run=ident)["status"], status,
                        mark)
                h.equal(error_of(client, "wait", run=ident)[0], -32003,
                        f"{mark}: it is answered once")
        first = client.send("run", argv=["sleep", "600"])
        second = client.send("run", argv=["echo", "x"])
        h.equal(client.answer(second)["stdout"], "x\n",
                f"{user.name}: one does not wait for the other")
        h.equal(error_of(client, "wait", run=first)[0], -32600,
                f"{user.name}: what is waited for already")
        with connected(client.path, user) as other:
            h.equal(error_of(other, "signal", run=first, signal="TERM")[0],
                    -32003, f"{user.name}: another's run is not to be seen")
        client.call("signal", run=first, signal="SIGTERM")
        h.equal(client.answer(first)["status"], 143,
                f"{user.name}: a signal to what is waited for")


def child_of(pid):
    """The newest process of a server's tree."""
    newest = 0
    while True:
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/task/{pid}/children",
                      encoding="ascii") as file:
                children = file.read().split()
            if children:
                pid = newest = int(children[-1])
                continue
        return newest


# --- Who and what is left ---

# What is left running in a session of its own must go, too.
LEAVING = ["sh", "-c", 'setsid sleep "$0" & sleep "$0"']
# What does not want to die with its parent (PR_SET_PDEATHSIG).
LASTING = [h.PYTHON, "-c", "import ctypes, sys, time; "
           "ctypes.CDLL(None).prctl(1, 0); print(flush=True); time.sleep(600)"]


def test_vanishing(user):
    with h.scratch(user) as folder, \
            server(user=user, env=h.environment(TMPDIR=folder)) as (
                process, path):
        for how in ("client", "server"):
            marks = [new_mark() for _ in range(7)]
            plain, lasting, *leaving = marks
            shell, explained, traced, learned, private = leaving
            with connected(path, user) as client:
                client.send("run", argv=[*LASTING, lasting],
                            unveil=["/usr", "/etc"], stdout="stream")
                client.read()
                client.send("run", argv=["sleep", plain])
                client.send("run", argv=[*LEAVING, shell], promises=PROC,
                            unveil=SHELL)
                client.send("explain", argv=[*LEAVING, explained],
                            promises=PROC, unveil=SHELL)
                client.send("trace", argv=[*LEAVING, traced])
                client.send("learn", argv=[*LEAVING, learned])
                client.send("run", argv=[*LEAVING, private],
                            promises=PROC + " wpath cpath",
                            unveil=[*SHELL, "rwc:@TMP"])
                h.ok(running(lasting) and h.until(lambda: running(plain) and all(
                    len(running(mark)) >= 3 for mark in leaving)) and
                     len(os.listdir(folder)) == 2,
                     f"{user.name}: commands run, and what they left")
                if how == "server":
                    process.kill()
            gone = h.until(lambda: not any(map(running, marks)))
            h.ok(gone, f"{user.name}: the {how} vanishes: nothing is left",
                 [running(mark) for mark in marks])
            h.ok(h.until(lambda: not os.listdir(folder)),
                 f"{user.name}: the {how} vanishes: nor a private directory",
                 os.listdir(folder))


def test_leaving(user):
    mark = new_mark()
    with serving(user=user) as client:
        result = client.call("run", promises=PROC, unveil=SHELL,
                             argv=["sh", "-c", 'setsid sleep "$0" & echo x',
                                   mark])
        h.equal((result["stdout"], running(mark)), ("x\n", []),
                f"{user.name}: what a command leaves ends with it")
        # The process that stays beside a command is killed from outside.
        ident = client.send("run", promises=PROC, unveil=SHELL,
                            argv=[*LEAVING, mark])
        h.until(lambda: len(running(mark)) >= 3)
        with open(f"/proc/{client.server.pid}/task/{client.server.pid}/"
                  "children", encoding="ascii") as file:
            os.kill(int(file.read().split()[0]), signal.SIGKILL)
        with contextlib.suppress(serve_client.ServeError):
            client.answer(ident)
        h.ok(h.until(lambda: not running(mark)),
             f"{user.name}: nor does it outlive its keeper")


def test_stopping(user):
    with serving("--grace", "50", user=user) as client:
        ident = client.send("run", argv=["sleep", "600"])
        client.call("doctor")
        client.server.terminate()
        h.until(lambda: not os.path.exists(client.path))
        h.equal(error_of(client, "run", argv=["true"])[0], -32005,
                f"{user.name}: SIGTERM: no new work")
        client.call("signal", run=ident, signal="TERM")
        h.equal(client.answer(ident)["status"], 143,
                f"{user.name}: what runs is finished")
        h.equal(client.server.wait(h.TIMEOUT), 0, f"{user.name}: and then all ends")
    mark = new_mark()
    with serving("--grace", "0.2", user=user) as client:
        ident = client.send("run", argv=[*LEAVING, mark], promises=PROC,
                            unveil=SHELL)
        h.until(lambda: len(running(mark)) >= 3)
        client.server.send_signal(signal.SIGHUP)
        client.call("doctor")
        client.server.terminate()
        h.equal(client.answer(ident)["status"], 137,
                f"{user.name}: what does not end in time is killed")
        h.equal((client.server.wait(h.TIMEOUT), running(mark)), (0, []),
                f"{user.name}: nothing is left")


# Leaves a process, and stops itself, or all of its process group.
HELD = 'setsid sleep "$0" & kill -STOP {}; sleep "$0"'
METHODS = ("run", "explain", "trace", "learn")


def held(client, method, mark, group=False, **fields):
    if method in ("run", "explain"):
        fields |= {"promises": PROC, "unveil": SHELL}
    line = HELD.format("0" if group else "$$")
    ident = client.send(method, argv=["sh", "-c", line, mark], **fields)
    # The shell, which is stopped, and what it has left.
    h.until(lambda: len(running(mark)) >= 2)
    return ident


def test_held(user):
    """What stops itself is ended all the same."""
    for method in ("run", "explain", "learn"):
        for group in (False, True):
            mark = new_mark()
            with serving(user=user) as client:
                result = client.answer(held(client, method, mark, group,
                                            timeout=2))
                h.equal((result["status"], result["timed_out"],
                         h.until(lambda: not running(mark))),
                        (124, True, True), f"{user.name}: {method}: stopped"
                        f"{' with its group' * group}, it ends at its timeout")
    for method in METHODS:
        for group in (False, True):
            mark = new_mark()
            with serving(user=user) as client:
                ident = held(client, method, mark, group)
                client.call("signal", run=ident, signal="KILL")
                h.equal((client.answer(ident)["status"],
                         h.until(lambda: not running(mark))), (137, True),
                        f"{user.name}: {method}: stopped"
                        f"{' with its group' * group}, it ends by KILL")
        mark = new_mark()
        with server(user=user) as (_, path):
            with connected(path, user) as client:
                held(client, method, mark, True)
            h.ok(h.until(lambda: not running(mark)),
                 f"{user.name}: {method}: stopped, it ends with the "
                 "connection", running(mark))
        mark = new_mark()
        with serving("--grace", "0.2", user=user) as client:
            held(client, method, mark)
            client.server.terminate()
            h.equal((client.server.wait(h.TIMEOUT),
                     h.until(lambda: not running(mark))), (0, True),
                    f"{user.name}: {method}: stopped, it ends with the server")


# --- What one client does is no other's business ---

def test_bad_clients(user):
    with server("--patience", "1", user=user) as (process, path), \
            connected(path, user) as good:
        for text in (b"{" + b" " * (10 << 20), b'{"x": "' +
                     b"y" * (2 << 20) + b'"}\n'):
            with connected(path, user) as bad:
                with contextlib.suppress(OSError):
                    bad.socket.sendall(text)
                answer = bad.read()
                h.ok(answer["error"]["code"] == -32004 and
                     "1 MiB" in answer["error"]["message"] and
                     is_closed(bad),
                     f"{user.name}: {len(text)} bytes: refused, and closed")
        mark = new_mark()
        with connected(path, user) as bad:
            bad.send("run", argv=["yes", mark], stdout="stream")
            select.select([bad.socket], [], [], h.TIMEOUT)
            h.equal(good.call("run", argv=["echo", "x"])["stdout"], "x\n",
                    f"{user.name}: one that does not read disturbs nobody")
            h.ok(h.until(lambda: not running(mark)),
                 f"{user.name}: it loses its connection, and its command")
            h.ok(select.select([process.stderr], [], [], h.TIMEOUT)[0] and
                 b"does not read" in process.stderr.readline(),
                 f"{user.name}: which the server tells")
        # Those who tell of it wait for the client, too; and yet they end.
        for method in ("trace", "explain", "learn"):
            mark = new_mark()
            fields = {} if method != "explain" else {
                "promises": PROC, "unveil": SHELL}
            with connected(path, user) as bad:
                bad.send(method, **fields,
                         argv=["sh", "-c", "while :; do i=$((i+1)); "
                               "true </etc/$i; done", mark])
                h.until(lambda: running(mark) or select.select(
                    [bad.socket], [], [], 0)[0])
            h.ok(h.until(lambda: not running(mark)),
                 f"{user.name}: {method}: unread, and vanished: nothing left",
                 running(mark))
        with connected(path, user) as bad:
            for _ in range(100):
                bad.send("promises")
            h.equal(good.call("run", argv=["echo", "y"])["stdout"], "y\n",
                    f"{user.name}: nor do many requests, unread")
        with connected(path, user) as half:
            ident = half.send("run", argv=["echo", "z"])
            half.socket.shutdown(socket.SHUT_WR)
            h.equal(half.answer(ident)["stdout"], "z\n",
                    f"{user.name}: who sends nothing more is answered")


def test_lingering(user):
    """A connection that waits, at its end, for a peer that does not read."""
    with contextlib.ExitStack() as stack, server(user=user) as (_, path):
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        ours = socket.create_connection(listener.getsockname())
        stack.enter_context(listener.accept()[0])
        ours.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                ours.send(b"x" * 65536)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 600))
        with connected(path, user) as bad:
            bad.send("doctor", fds=(ours.fileno(),))
            bad.read()
            ours.close()
        with connected(path, user) as good:
            h.equal(good.call("run", argv=["echo", "x"])["stdout"], "x\n",
                    f"{user.name}: closing what a client sent waits for nobody")


def usual_files():
    """What many systems allow at the most."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))


def test_many(user, limit=None):
    with serving(user=user, preexec_fn=limit) as client, \
            contextlib.ExitStack() as stack:
        others = [stack.enter_context(connected(client.path, user))
                  for _ in range(200)]
        idents = [other.send("run", argv=["echo", str(i)])
                  for i, other in enumerate(others)]
        found = [other.answer(ident)["stdout"]
                 for other, ident in zip(others, idents)]
        h.equal(found, [f"{i}\n" for i in range(200)],
                f"{user.name}: 200 clients at once"
                f"{', of 1024 descriptors' if limit else ''}")


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))


def test_exhausted(user):
    with serving(user=user, preexec_fn=few_files) as client:
        sleeping = client.send("run", argv=["sleep", "600"], wait=False)
        client.answer(sleeping)
        talking, sending = (socket.socket(socket.AF_UNIX) for _ in range(2))
        for sock in (talking, sending):
            sock.settimeout(h.TIMEOUT)
            with as_user(user):
                sock.connect(client.path)
        client.call("methods")
        with contextlib.ExitStack() as stack:
            others = [stack.enter_context(connected(client.path, user))
                      for _ in range(60)]
            answer = others[-1].read()
            h.ok(answer["error"]["code"] == -32004 and
                 "no descriptors left" in answer["error"]["message"],
                 f"{user.name}: no descriptors: said to who comes", answer)
            code = error_of(client, "run", argv=["true"])
            h.ok(code[0] == -32004 and "Too many open files" in code[1],
                 f"{user.name}: and to who asks for a run", code)
            talking.sendall(b"ls\n")
            with contextlib.closing(talking):
                answer = json.loads(talking.recv(65536))["error"]
                h.ok(answer["code"] == -32004 and
                     "Too many open files" in answer["message"] and
                     talking.recv(1) == b"",
                     f"{user.name}: and to who wants a conversation", answer)
            with contextlib.closing(sending), open("/dev/null", "rb") as null:
                # The place that the conversation left is for one of them.
                socket.send_fds(sending, [b'{"jsonrpc": "2.0"'],
                                [null.fileno()] * 8)
                answer = json.loads(sending.recv(65536))["error"]
                h.ok(answer["code"] == -32004 and "cannot take so many" in
                     answer["message"] and is_closed_socket(sending),
                     f"{user.name}: and to who sends descriptors", answer)
            h.ok("machine" in client.call("doctor"),
                 f"{user.name}: who is there already goes on")
            client.call("signal", run=sleeping, signal="TERM")
            h.equal(client.call("wait", run=sleeping)["status"], 143,
                    f"{user.name}: and so does what runs")
        h.until(lambda: error_of(client, "doctor") and len(os.listdir(
            f"/proc/{client.server.pid}/fd")) < 20)
        h.equal(client.call("run", argv=["sh", "-c", "ulimit -n"])["status"],
                0, f"{user.name}: afterwards all is as before")


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return sum(map(int, file.read().rpartition(")")[2].split()[11:13]))


def test_none_left(user):
    """Not one can be had, whatever is given up: it waits, and recovers."""
    def allow(number):
        words = ["prlimit", f"--pid={process.pid}", f"--nofile={number}:"]
        return h.run(words, user).status

    with server(user=user) as (process, path):
        with connected(path, user) as client:
            client.call("methods")
            h.equal(allow(3), 0, f"{user.name}: no descriptor is allowed")
            with connected(path, user) as other:
                before = cpu_ticks(process.pid)
                ident = other.send("methods")
                time.sleep(0.5)
                h.ok("machine" in client.call("doctor") and
                     cpu_ticks(process.pid) - before < 20,
                     f"{user.name}: who comes then is not asked for in a loop",
                     cpu_ticks(process.pid) - before)
                allow(100)
                h.ok("methods" in other.answer(ident),
                     f"{user.name}: and is heard as soon as it can be")


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


def zombies(pid):
    """Those whose parent is PID."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/stat", encoding="utf-8",
                      errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == pid:
                found.append(name)
    return found


def test_memory(user, sequential=100, parallel=16):
    with serving(user=user) as client, contextlib.ExitStack() as stack:
        others = [stack.enter_context(connected(client.path, user))
                  for _ in range(parallel)]

        def round_of():
            idents = [other.send("run", argv=["true"]) for other in others]
            return [other.answer(ident)["status"]
                    for other, ident in zip(others, idents)]

        statuses = round_of() + [client.call("run", argv=["true"])["status"]
                                 for _ in range(20)]
        before = memory(client.server.pid)
        statuses += [client.call("run", argv=["true"])["status"]
                     for _ in range(sequential)] + round_of()
        grown = memory(client.server.pid) - before
        h.ok(not any(statuses) and grown < 1024,
             f"{user.name}: {sequential} runs in a row and {parallel} at once "
             "leave less than 1 MiB", f"{grown} KiB, {statuses}")
        h.equal(zombies(client.server.pid), [], f"{user.name}: no zombie")


# --- Who is let in ---

def test_foreign():
    """Root's server, and nobody."""
    nobody = h.USERS[-1]
    with server() as (_, path):
        os.chmod(os.path.dirname(path), 0o755)
        os.chmod(path, 0o666)
        with connected(path, nobody) as client:
            answer = client.read()
            h.ok(answer["error"]["code"] == -32002 and
                 is_closed(client), "a foreign user is turned away",
                 answer)
    with server("--group", "nogroup") as (_, path), \
            h.scratch(h.ROOT_USER) as folder:
        os.chmod(os.path.dirname(path), 0o755)
        h.equal(os.stat(path).st_mode & 0o777, 0o660, "a group's socket")
        secret = h.write(os.path.join(folder, "secret.policy"),
                         "promises stdio\n", 0o600)
        os.chmod(folder, 0o700)
        words = {"profile": secret}, {"cwd": folder}, {"unveil": [secret]}
        with connected(path) as client:
            for fields in words:
                h.equal(error_of(client, "run", argv=["true"],
                                 **fields)["status"], 0,
                        f"root may: {sorted(fields)}")
        found, said = group_client(path, words)
        h.ok("uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)"
             in found["stdout"] and not re.search(r"\b0\(root\)",
                                                  found["stdout"]),
             "the group's client is worked for as itself", found)
        h.equal(said["watched"], {"explain": 0, "learn": 0, "trace": -32002},
                "it may explain and learn; traces are root's")
        h.ok("HOME=/nonexistent" in said["env"] and
             "SECRET" not in said["env"], "with an environment of its own",
             said["env"])
        for fields, answer in zip(words, said["answers"]):
            h.ok("error" in answer and "Permission denied" in
                 answer["error"]["message"],
                 f"it may not: {sorted(fields)}", answer)


# What a process has of its user's, besides its IDs; its session keyring.
BELONGINGS = """
import ctypes, json, os, resource
libc = ctypes.CDLL(None, use_errno=True)
keyctl, add_key, ioprio_get, mempolicy = json.loads(os.environ["CALLS"])
with open("/proc/self/oom_score_adj", encoding="ascii") as file:
    memory = int(file.read())
with open("/proc/self/timerslack_ns", encoding="ascii") as file:
    slack = int(file.read())
with open("/proc/self/status", encoding="ascii") as file:
    caps = {line[:6]: int(line.split()[1], 16) for line in file
            if line.startswith(("CapInh", "CapPrm", "CapEff", "CapAmb"))}
secret = ctypes.create_string_buffer(64)
found = libc.syscall(keyctl, 10, -3, b"user", b"pledge-test", 0)
length = libc.syscall(keyctl, 11, found, secret, 64) if found > 0 else 0
mode = ctypes.c_int(-1)
libc.syscall(mempolicy, ctypes.byref(mode), None, 0, None, 0)
print(json.dumps({
    "key": secret.raw[:max(length, 0)].decode(),
    "nice": os.nice(0), "policy": os.sched_getscheduler(0),
    "disk": libc.syscall(ioprio_get, 1, 0) >> 13, "memory": memory,
    "slack": slack, "processors": len(os.sched_getaffinity(0)),
    "placement": mode.value, "personality": libc.personality(0xffffffff),
    "caps": caps, "limits": [resource.getrlimit(13)[1],
                             resource.getrlimit(14)[1]]}))
"""

CALL_NUMBERS = {"x86_64": [250, 248, 252, 239, 251, 238]}.get(
    os.uname().machine, [219, 217, 31, 236, 30, 237])
USUAL = {"key": "", "nice": 0, "policy": os.SCHED_OTHER, "memory": 0,
         "disk": 0, "slack": 50000, "placement": 0, "personality": 0,
         "processors": len(os.sched_getaffinity(0)), "limits": [0, 0],
         "caps": {"CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapAmb": 0}}


def give_all():
    """In the child that becomes the server: what a client is not to get, as
    far as this machine lets it be given."""
    libc = ctypes.CDLL(None, use_errno=True)
    keyctl, add_key, _, _, ioprio_set, set_mempolicy = CALL_NUMBERS
    libc.syscall(keyctl, 1, None)
    libc.syscall(add_key, b"user", b"pledge-test", b"secret", 6, -3)
    libc.syscall(ioprio_set, 1, 0, 2 << 13)  # best effort, the highest
    libc.syscall(set_mempolicy, 4, None, 0)  # MPOL_LOCAL
    libc.prctl(29, 1, 0, 0, 0)  # timer slack
    libc.personality(0x0040000)  # ADDR_NO_RANDOMIZE
    for act, *words in (
            (resource.setrlimit, 13, (40, 40)),
            (resource.setrlimit, 14, (50, 50)),
            (os.sched_setaffinity, 0, {min(os.sched_getaffinity(0))}),
            (os.setpriority, os.PRIO_PROCESS, 0, -5),
            (os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(1)),
            (h.write, "/proc/self/oom_score_adj", "-500\n")):
        with contextlib.suppress(OSError, ValueError):
            act(*words)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    caps = (ctypes.c_uint32 * 6)()
    libc.capget(header, caps)
    caps[2], caps[5] = caps[1], caps[4]  # inheritable: what is permitted
    libc.capset(header, caps)
    libc.prctl(28, 1 << 2, 0, 0, 0)  # SECBIT_NO_SETUID_FIXUP


BELONGS_CLIENT = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import serve_client
client = serve_client.Client(sys.argv[2])
answer = client.call("learn", argv=json.loads(sys.argv[3]),
                     env=json.loads(sys.argv[4]))
print(answer["stdout"])
"""


def test_belongings():
    """A run of another user has nothing of the server's user."""
    module = os.path.dirname(h.stage(CLIENT, "serve_client.py"))
    argv = [h.PYTHON, "-c", BELONGINGS]
    env = {"CALLS": json.dumps(CALL_NUMBERS[:4])}
    with server("--group", "nogroup", preexec_fn=give_all) as (_, path):
        os.chmod(os.path.dirname(path), 0o755)
        found = {}
        for who, user in (("root", h.ME), ("nobody", h.USERS[-1])):
            result = h.run([h.PYTHON, "-c", BELONGS_CLIENT, module, path,
                            json.dumps(argv), json.dumps(env)], user)
            h.ok(result.status == 0, f"{who} asks what a run has", result)
            found[who] = json.loads(result.out)
    for name, usual in USUAL.items():
        told = f"another user's run has not the server's: {name}"
        if found["root"][name] == usual:
            h.skip(told, "this machine lets the server itself have no more")
        else:
            h.equal(found["nobody"][name], usual, told)


def test_last_line():
    """The last request needs no newline, where nothing more can come."""
    with server() as (_, path):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b'{"jsonrpc": "2.0", "id": 1, "method": "run", '
                           b'"params": {"argv": ["echo", "hello"]}}')
            client.shutdown(socket.SHUT_WR)
            with client.makefile("rb") as lines:
                answers = [json.loads(line) for line in lines]
        h.ok(any(a.get("id") == 1 and a.get("result", {}).get("stdout") ==
                 "hello\n" for a in answers),
             "a last line without a newline is answered",
             answers)


def test_no_server():
    """A client without a server is told how one is started."""
    with h.scratch() as folder:
        path = os.path.join(folder, "no.sock")
        result = h.run([h.PYTHON, CLIENT, "--socket", path, "run", "true"])
        h.ok(result.status == 125 and result.err.startswith(
            f"serve_client: {path}: No such file") and
            f"seccomp-pledge serve --socket {path}" in result.err,
            "no server: the socket is named, and how one is started", result)


def test_unwatched():
    """A conversation with another user: why nothing is watched is said at the
    first question, and it goes on without."""
    reason = "the kernel lets no process watch that has changed its user"
    with server("--group", "nogroup") as (_, path):
        os.chmod(os.path.dirname(path), 0o755)
        os.setegid(h.USERS[-1].uid)  # nogroup's number
        try:
            talk = Talk(path, h.USERS[-1])
        finally:
            os.setegid(0)
        said = talk.say("id -u", "watch it (y/n)> ")
        h.ok(reason in " ".join(said.split()), "it is said why", said)
        said = talk.say("y", "watch it (y/n)> ")
        h.ok(reason in " ".join(said.split()) and "n goes on" in said,
             "and again if it is asked for", said)
        said = talk.say("n", "> ")
        h.ok(said.endswith("promises> "), "n goes on", said)
        talk.socket.close()
        talk = Talk(path, h.ME)
        said = talk.say("id -u", "watch it (y/n)> ")
        h.ok(reason not in " ".join(said.split()),
             "the server's own user may have it watched", said)
        talk.socket.close()


# Puts a link in the place of whatever appears at PATH.
REPLACER = """
import contextlib, os, sys, time
path, victim = sys.argv[1:]
print("ready", flush=True)
while True:
    with contextlib.suppress(OSError):
        os.symlink(victim, path + ".link")
    while not os.path.lexists(path):
        pass
    with contextlib.suppress(OSError):
        os.rename(path + ".link", path)
    time.sleep(0.002)
    with contextlib.suppress(OSError):
        os.unlink(path)
"""


def test_replaced():
    """In a directory of others: what is given to the group is the socket."""
    nobody = h.USERS[-1]
    with h.scratch(h.ROOT_USER) as folder, h.scratch(nobody) as theirs:
        victim = h.write(os.path.join(folder, "victim"), "secret\n", 0o600)
        path = os.path.join(theirs, "sock")
        with h.background([h.PYTHON, "-c", REPLACER, path, victim], nobody,
                          stdout=subprocess.PIPE) as replacer:
            replacer.stdout.readline()
            for _ in range(100):
                with h.background([h.TOOL, "serve", "--socket", path,
                                   "--group", "nogroup"],
                                  stderr=subprocess.PIPE) as process:
                    process.stderr.readline()
        found = os.stat(victim)
        h.equal((found.st_mode & 0o777, found.st_gid), (0o600, 0),
                "a link in the socket's place is not followed")


# A client that is nobody for good, and speaks for itself.
GROUP_CLIENT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import serve_client
client = serve_client.Client(sys.argv[2])
found = client.call("run", argv=["id"], unveil=["/etc"])
env = client.call("run", argv=["env"])["stdout"]
answers = []
watched = {}
for method in ("explain", "learn", "trace"):
    try:
        watched[method] = client.call(method, argv=["true"])["status"]
    except serve_client.ServeError as error:
        watched[method] = error.code
for fields in json.loads(sys.argv[3]):
    ident = client.send("run", argv=["true"], **fields)
    answers.append(client.read())
print(json.dumps([found, {"env": env, "answers": answers,
                          "watched": watched}]))
"""


def group_client(path, words):
    module = os.path.dirname(h.stage(CLIENT, "serve_client.py"))
    result = h.run([h.PYTHON, "-c", GROUP_CLIENT, module, path,
                    json.dumps(words)], h.USERS[-1])
    h.ok(result.status == 0, "a client of the group is served", result)
    return json.loads(result.out)


# --- The ceiling ---

CEILING = """promises stdio rpath wpath cpath proc exec inet
unveil rwc {work}
unveil r /etc/ssl
unveil rx /usr/bin
connect 443 8000
limit files 64
violation errno EACCES
allow set_mempolicy arg0 == 0
deny getpriority
"""

# fields -> what exceeds the ceiling, or the result
WITHIN = [
    ({"argv": ["true"]}, None),
    ({"argv": ["ls"], "unveil": ["r:/etc/ssl"], "cwd": "/etc/ssl"}, None),
    ({"argv": ["true"], "unveil": ["/etc/hostname"]},
     "unveil r /etc/hostname"),
    ({"argv": ["true"], "unveil": ["/"]}, "unveil r /"),
    ({"argv": ["true"], "unveil": ["rw:/etc/ssl"]},
     "unveil rw /etc/ssl; there it allows r"),
    ({"argv": ["true"], "unveil": ["{work}/../../../../etc/hostname"]},
     "unveil r /etc/hostname"),
    ({"argv": ["true"], "unveil": ["{work}/link"]}, "unveil r /etc/hostname"),
    ({"argv": ["true"], "unveil": ["rw:{work}x"]}, "unveil rw {work}x"),
    ({"argv": ["true"], "policy": "unveil off\n"}, "unrestricted paths"),
    ({"argv": ["true"], "promises": "stdio unix"}, "the promise unix"),
    ({"argv": ["true"], "promises": "stdio inet"}, "every TCP port"),
    ({"argv": ["true"], "promises": "stdio inet", "policy": "connect 443\n"},
     None),
    ({"argv": ["true"], "promises": "stdio inet", "policy": "connect 444\n"},
     "connect 444"),
    ({"argv": ["true"], "promises": "stdio inet", "policy": "bind 443\n"},
     "bind 443"),
    ({"argv": ["true"], "policy": "caps dac_override\n"},
     "caps dac_override"),
    ({"argv": ["true"], "policy": "allow set_mempolicy\n"},
     "the call set_mempolicy"),
    ({"argv": ["true"], "policy": "allow set_mempolicy arg0 == 1\n"},
     "the call set_mempolicy"),
    ({"argv": ["true"], "policy": "allow set_mempolicy arg0 == 0\n"}, None),
    ({"argv": ["true"], "policy": "allow set_mempolicy arg0 == 0 arg1 == 0\n"},
     None),
    ({"argv": ["true"], "policy": "allow lookup_dcookie\n"},
     "the call lookup_dcookie"),
    ({"argv": ["true"], "policy": "deny getpgid\n"}, None),
    ({"argv": ["true"], "limits": {"files": 65}}, "the limit files above 64"),
    ({"argv": ["true"], "limits": {"files": 64}}, None),
    ({"argv": ["{work}/program"]}, "what this command needs: {work}/program"),
]


def test_ceiling(user):
    with h.scratch(user) as folder:
        work = os.path.join(folder, "work")
        for path in (work, work + "x"):
            os.mkdir(path)
            os.chown(path, user.uid or -1, user.uid or -1)
        os.symlink("/etc/hostname", os.path.join(work, "link"))
        h.stage("/bin/true", os.path.join(work, "program"))
        policy = h.write(os.path.join(folder, "ceiling.policy"),
                         CEILING.format(work=work))
        with serving(user=user) as client:
            for fields, words in WITHIN:
                fields = json.loads(json.dumps(fields).replace(
                    "{work}", work))
                h.ok(words is None or words == "every TCP port" or
                     client.call("run", **fields)["status"] == 0,
                     f"{user.name}: without a ceiling: {words}")
            check_led_ceiling(client.path, user, work, False)
        with serving("--within", policy, user=user) as client:
            check_ceiling(client, user, work)
        h.write(policy, "promises stdio\nunveil r @TMP\n")
        result = h.run([h.TOOL, "serve", "--socket", folder + "/s",
                        "--within", policy], user)
        h.ok(result.status == 125 and "@TMP" in result.err,
             f"{user.name}: a ceiling that moves is refused", result)


# What the ceiling refuses to a command that is watched: a shell's words, and
# the Landlock ABI that it takes.
ACTS = [
    ("cat /etc/hostname", 0),
    ("cat {work}/link", 0),
    ("echo x >{outside}/new", 0),
    ("{work}/program", 0),
    ("cd {outside} && cat secret", 0),
    ("cd {outside} && ls", 0),
    ("chmod 700 {work}/own", 0),
    ("test $(ulimit -n) -gt 64", 0),
    ("kill -0 $PPID", 6),
    ("exec 3<>/dev/tcp/127.0.0.1/{port}", 4),
]
# What it allows, and only what it does: no descriptor is the server's.
FREE = ["cat /etc/ssl/openssl.cnf", "echo x >{work}/own", "ls {work}",
        "! for i in 3 4 5 6 7 8 9 10 11 12; do eval \"echo >&$i\" && exit; "
        "done"]
NUMBERS = [f"/dev/fd/{number}" for number in range(3, 13)]


def watched(client, method, act, **fields):
    """The status, what was told of, and the whole result."""
    events = []
    client.notified = lambda _, params: events.append(params["event"])
    result = client.call(method, argv=["bash", "-c", act, *NUMBERS], **fields)
    return result["status"], events, result


def check_watched_ceiling(client, user, names, within):
    for method in ("trace", "learn"):
        for act, abi in ACTS:
            if abi > h.landlock_abi():
                h.skip(f"{method}: {act}", f"Landlock ABI {abi}")
                continue
            h.write(names["work"] + "/own", "", 0o666, user)
            h.write(names["work"] + "/program", "#!/bin/sh\n", 0o777, user)
            found = watched(client, method, act.format(**names),
                            cwd=names["outside"])
            # Who learns is not signalled either.
            refused = within or (method == "learn" and "kill" in act)
            h.ok((found[0] != 0) == refused,
                 f"{user.name}: {method} {'within' if within else 'without'}: "
                 f"{act}", found[2])
        h.equal(os.path.exists(names["outside"] + "/new"), not within,
                f"{user.name}: {method}: a file outside the ceiling")
        with contextlib.suppress(OSError):
            os.unlink(names["outside"] + "/new")
        for act in FREE:
            found = watched(client, method, act.format(**names))
            h.equal(found[0], 0, f"{user.name}: {method}: {act}")
    for only in ({}, {"only": "rpath"}):
        found = watched(client, "trace", "cat /etc/hostname", **only)
        seen = [event.get("errno") for event in found[1]
                if event.get("path") == "/etc/hostname"]
        h.equal(seen, ["EACCES"] if within else seen[:1] and [None],
                f"{user.name}: trace shows what came of it {only}")
    policy = watched(client, "learn", "cat /etc/hostname /etc/ssl/*.cnf",
                     stdout="null")[2]["policy"]
    paths = re.findall(r"^unveil +\w+ +-?(\S+)", policy, re.M)
    h.equal(("/etc/ssl" in paths, "/etc/hostname" in paths,
             "refused by the ceiling" in policy), (True, not within, within),
            f"{user.name}: learn: what is refused is not learned")
    for method in ("trace", "learn"):
        h.equal(error_of(client, method, argv=["nosuch"])[0], -32001,
                f"{user.name}: {method}: not found")
        found = error_of(client, method, argv=[names["work"] + "/program"])
        h.equal(found[0] if within else found["status"],
                -32002 if within else 0,
                f"{user.name}: {method}: a program outside the ceiling")
        mark = new_mark()
        with connected(client.path, user) as other:
            other.send(method, argv=[*LEAVING, mark])
            h.ok(h.until(lambda: len(running(mark)) >= 3),
                 f"{user.name}: {method}: it runs, and what it left")
        h.ok(h.until(lambda: not running(mark)),
             f"{user.name}: {method}: and vanishes with its client")


def test_watched_ceiling(user):
    """trace and learn are confined by it, where nothing else does."""
    if not h.can("ptrace", f"{user.name}: trace, within a ceiling", user):
        return
    with h.scratch(user) as folder, h.listener() as port:
        names = {"port": port, "work": os.path.join(folder, "work"),
                 "outside": os.path.join(folder, "outside")}
        for path in (names["work"], names["outside"]):
            os.mkdir(path)
            os.chown(path, user.uid or -1, user.uid or -1)
        h.write(names["outside"] + "/secret", "secret\n", user=user)
        os.symlink("/etc/hostname", names["work"] + "/link")
        # @CWD is the server's, never the request's.
        policy = h.write(os.path.join(folder, "ceiling.policy"),
                         CEILING.format(work=names["work"]) +
                         "unveil r @CWD\nunveil r -/nowhere\n")
        with serving(user=user) as client:
            check_watched_ceiling(client, user, names, False)
        with serving("--within", policy, user=user,
                     cwd="/usr/share") as client:
            check_watched_ceiling(client, user, names, True)


def check_ceiling(client, user, work):
    for fields, words in WITHIN:
        fields = json.loads(json.dumps(fields).replace("{work}", work))
        found = error_of(client, "run", **fields)
        if words is None:
            h.ok(isinstance(found, dict) and found["status"] == 0,
                 f"{user.name}: within: {fields}", found)
        else:
            h.equal(found, (-32002, "the server's ceiling does not allow " +
                            words.replace("{work}", work) +
                            ("; name those that are needed: connect, bind"
                             if words == "every TCP port" else "")),
                    f"{user.name}: exceeds: {words}")
    shell = {"promises": PROC + " wpath cpath", "cwd": work,
             "unveil": ["rwc:.", "rx:/usr/bin"]}
    result = client.call("run", argv=["sh", "-c", "ulimit -n; echo x >y; "
                                      "cat y; ls /etc/ssl"],
                         **shell)
    h.ok(result["stdout"] == "64\nx\n" and result["status"] != 0,
         f"{user.name}: its limit holds, and the request's own policy",
         result)
    result = client.call("run", argv=["nice"], **shell)
    h.ok(result["status"] != 0 and "not permitted" in result["stderr"],
         f"{user.name}: a call that the ceiling denies is denied", result)
    found = error_of(client, "run", argv=["true"], profile="/etc/hostname")
    h.ok(found[0] == -32000 and "Permission denied" in found[1],
         f"{user.name}: nothing is opened outside, before it is compared",
         found)
    found = client.call("check", promises="unix")
    h.ok(not found["valid"] and "promise unix" in str(found["errors"]),
         f"{user.name}: check knows of it")
    found = error_of(client, "resolve", argv=["true"],
                     unveil=["/etc/hostname"])
    h.equal(found[0], -32002, f"{user.name}: and resolve")
    check_led_ceiling(client.path, user, work, True)


# --- The guided conversation ---

# The command, the answers behind "watch it", and what is then said, within the
# ceiling and without.
LED = [
    ("cat /etc/hostname", ["y", ""], "cat: /etc/hostname: Permission denied",
     "{host} It ended with status 0"),
    ("cat /etc/hostname", ["n", "stdio rpath", "r:/etc/hostname", "", "", "",
                           "y"],
     "ceiling does not allow unveil r /etc/hostname", "status 0"),
    ("echo hello", ["n", "stdio rpath unix", "none", "", "", "", "y"],
     "ceiling does not allow the promise unix", "status 0"),
    ("echo hello", ["n", "stdio rpath", "none", "", "", "", "y"], "hello",
     "hello"),
    ("ls", ["n", "stdio", "none", "", "", "/etc/led.policy"],
     "not be saved: /etc/led.policy: Permission denied", None),
    ("ls", ["n", "stdio", "none", "", "", "{work}/led.policy"],
     "Saved: {work}/led.policy", "Saved: {work}/led.policy"),
]


def check_led_ceiling(path, user, work, within):
    for command, answers, *said in LED:
        wanted = said[0 if within else 1]
        if wanted is None:  # as root, it would be written there
            continue
        with open("/etc/hostname", encoding="utf-8") as host:
            wanted = wanted.format(work=work, host=host.read().strip())
        talk = Talk(path, user)
        text = talk.say(command, "watch it (y/n)> ")
        for answer in answers:
            text += talk.say(answer.format(work=work), "> ")
        talk.socket.close()
        h.ok(wanted in " ".join(text.split()),
             f"{user.name}: led, {'with' if within else 'no'} ceiling: "
             f"{command}: {wanted}", text)
        with contextlib.suppress(OSError):
            os.unlink(work + "/led.policy")


class Talk:
    """With the server, in text."""

    def __init__(self, path, user):
        with as_user(user):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(h.TIMEOUT)
            self.socket.connect(path)
        self.text = ""

    def say(self, line, prompt):
        """Answers, and reads up to the next prompt, or to the end."""
        self.socket.sendall(line.encode() + b"\n")
        self.text = ""
        while not self.text.endswith(prompt or "\0"):
            more = self.socket.recv(65536).decode()
            if not more:
                break
            self.text += more
        return self.text


def endless(path, user):
    """A conversation whose command writes without end; its mark."""
    mark = new_mark()
    talk = Talk(path, user)
    talk.say(f"yes {mark}", "watch it (y/n)> ")
    for line in ("n", "", "", "", "", ""):
        talk.say(line, "> ")
    talk.socket.sendall(b"y\n")
    said = b""
    while mark.encode() not in said and (more := talk.socket.recv(65536)):
        said += more
    h.ok(mark.encode() in said, f"{user.name}: yes(1) runs", said)
    return talk, mark


def read_on(talk, until_what):
    """Reads what comes, until that is true or nothing comes any more."""
    with contextlib.suppress(OSError):
        while not until_what() and talk.socket.recv(1 << 20):
            pass


def check_endless(path, user):
    """It is read, and the client goes; or it never is."""
    talk, mark = endless(path, user)
    for _ in range(50):
        talk.socket.recv(1 << 20)
    with connected(path, user) as client:
        h.equal(client.call("run", argv=["echo", "x"])["stdout"], "x\n",
                f"{user.name}: output without end disturbs nobody")
    talk.socket.close()
    h.ok(h.until(lambda: not running(mark)),
         f"{user.name}: and ends with its client")
    with server("--patience", "0.5", user=user) as (_, other):
        talk, mark = endless(other, user)
        h.ok(h.until(lambda: not running(mark)),
             f"{user.name}: unread, it is ended, and so is its command")
        talk.socket.close()
    for name in ("read", "unread"):
        with server("--grace", "0.2", user=user) as (process, other):
            talk, mark = endless(other, user)
            process.terminate()
            if name == "read":
                read_on(talk, lambda: process.poll() is not None)
            h.equal((process.wait(h.TIMEOUT), h.until(lambda: not running(mark))),
                    (0, True), f"{user.name}: SIGTERM ends what is {name}")
            talk.socket.close()


def test_conversation(user):
    with server(user=user) as (_, path):
        mark = new_mark()
        talk = Talk(path, user)
        with connected(path, user) as client:
            talk.say("echo hello", "watch it (y/n)> ")
            h.equal(client.call("run", argv=["echo", "x"])["stdout"], "x\n",
                    f"{user.name}: a conversation, and requests beside it")
        talk.say("y", "> ")
        for _ in range(3):
            if "calls> " not in talk.text[-10:]:
                talk.say("", "> ")
        while "run it, confined" not in talk.text and talk.text:
            talk.say("", "> ")
        text = talk.say("y", "> ")
        h.ok("hello\n" in text and "status 0" in text,
             f"{user.name}: it runs the command, whose words come here", text)
        check_endless(path, user)
        talk = Talk(path, user)
        talk.say(f"sleep {mark}", "watch it (y/n)> ")
        talk.socket.sendall(b"y\n\n")
        h.ok(h.until(lambda: running(mark)), f"{user.name}: one runs a command")
        talk.socket.close()
        h.ok(h.until(lambda: not running(mark)),
             f"{user.name}: and vanishes: nothing is left")
        mark = new_mark()
    with server("--grace", "0.2", user=user) as (process, path):
        talk = Talk(path, user)
        talk.say(f"sleep {mark}", "watch it (y/n)> ")
        talk.socket.sendall(b"y\n\n")
        h.until(lambda: running(mark))
        process.kill()
        h.ok(h.until(lambda: not running(mark)),
             f"{user.name}: the server vanishes: nothing is left")


# --- Where it listens ---

def test_socket(user):
    with server(user=user) as (process, path):
        h.equal(os.stat(path).st_mode & 0o777, 0o600,
                f"{user.name}: the socket's mode")
        again = h.run([h.TOOL, "serve", "--socket", path], user)
        h.ok(again.status == 125 and "somebody listens" in again.err,
             f"{user.name}: a second server is refused", again)
        process.kill()
        process.wait()
        h.ok(os.path.exists(path), f"{user.name}: a killed one leaves it")
        with server(user=user, path=path) as (other, _):
            with connected(path, user) as client:
                h.equal(client.call("run", argv=["true"])["status"], 0,
                        f"{user.name}: which the next one takes over")
            other.terminate()
            h.equal((other.wait(h.TIMEOUT), os.path.exists(path)), (0, False),
                    f"{user.name}: at its end the path is free")
    with h.scratch(user) as folder:
        path = h.write(os.path.join(folder, "x"), "mine\n", user=user)
        result = h.run([h.TOOL, "serve", "--socket", path], user)
        h.ok(result.status == 125 and os.path.getsize(path) == 5,
             f"{user.name}: a file is left alone", result)
        env = h.environment(XDG_RUNTIME_DIR=folder)
        place = os.path.join(folder, "seccomp-pledge")
        with h.background([h.TOOL, "serve"], user, env=env,
                          stderr=subprocess.PIPE) as process:
            h.ok(f"{place}/serve.sock" in h.text(process.stderr.readline()),
                 f"{user.name}: the usual place")
            h.equal([os.stat(p).st_mode & 0o777
                     for p in (place, place + "/serve.sock")],
                    [0o700, 0o600], f"{user.name}: which is the user's alone")


def test_options(user):
    for options, words in (
            (["--sokcet", "x"], 'did you mean "socket"?'),
            (["--grace", "x"], "no number of seconds"),
            (["--grace"], "needs an argument"),
            (["--group", "nosuchgroup"],
             "only root's" if os.geteuid() or user.uid else "no group"),
            (["word"], 'unexpected "word"')):
        result = h.run([h.TOOL, "serve", *options], user)
        h.ok(result.status == 125 and words in result.err,
             f"{user.name}: serve {' '.join(options)}: {words}", result)


def test_manager(user):
    """As systemd starts it: a socket handed over, and told how it goes."""
    with h.scratch(user) as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, \
            socket.socket(socket.AF_UNIX) as listening:
        for sock, name in ((manager, "notify"), (listening, "activated")):
            sock.bind(os.path.join(folder, name))
            os.chmod(os.path.join(folder, name), 0o666)
        listening.listen(5)
        manager.settimeout(h.TIMEOUT)
        env = h.environment(LISTEN_FDS="1",
                            NOTIFY_SOCKET=os.path.join(folder, "notify"))
        # LISTEN_PID is the server's own.
        argv = ["/bin/sh", "-c", 'exec 3<&"$1"; LISTEN_PID=$$; '
                'export LISTEN_PID; exec "$0" serve -q', h.TOOL,
                str(listening.fileno())]
        with h.background(argv, user, env=env,
                          pass_fds=[listening.fileno()]) as process:
            h.equal(manager.recv(100), b"READY=1", f"{user.name}: ready")
            path = os.path.join(folder, "activated")
            with connected(path, user) as client:
                env = client.call("run", argv=["env"])["stdout"]
                h.ok("LISTEN_" not in env, f"{user.name}: activated", env)
            process.terminate()
            h.equal(manager.recv(100), b"STOPPING=1",
                    f"{user.name}: stopping")
            h.equal((process.wait(h.TIMEOUT), os.path.exists(path)), (0, True),
                    f"{user.name}: the manager's socket stays")


def test_example(user):
    with server(user=user) as (_, path):
        def client(*argv, **how):
            script = h.stage(CLIENT, "serve_client.py")
            return h.run([h.PYTHON, script, "--socket", path, *argv], user,
                         **how)

        result = client("run", "--", "cat", words=b"through\n")
        h.equal((result.status, result.out), (0, "through\n"),
                f"{user.name}: the example runs a command")
        result = client("run", "-p", "stdio rpath", "--explain", "cat",
                        "/etc/hostname")
        h.ok(result.status == 1 and "hidden path" in result.err,
             f"{user.name}: and explains it", result)
        result = client("run", "nosuch")
        h.equal(result.status, 127, f"{user.name}: and has its status")
        result = client("call", "check", 'promises="stdio"')
        h.ok(json.loads(result.out)["valid"],
             f"{user.name}: and calls methods", result)


def main():
    test_page()
    test_manual()
    for user in h.USERS:
        test_runs(user)
        test_errors(user)
        test_policies(user)
        test_streams(user)
        test_watched(user)
        test_descriptors(user)
        test_control(user)
        test_vanishing(user)
        test_leaving(user)
        test_stopping(user)
        test_held(user)
        test_socket(user)
        test_options(user)
        test_manager(user)
        test_example(user)
        test_ceiling(user)
        test_watched_ceiling(user)
    test_no_server()
    test_last_line()
    test_conversation(h.LEAST)
    test_bad_clients(h.LEAST)
    test_lingering(h.LEAST)
    test_many(h.LEAST)
    test_many(h.LEAST, usual_files)
    test_exhausted(h.LEAST)
    test_none_left(h.LEAST)
    test_memory(h.LEAST)
    if h.ROOT_USER:
        test_foreign()
        test_belongings()
        test_unwatched()
        test_replaced()
    else:
        h.skip("a foreign user", "only root can be another user")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
