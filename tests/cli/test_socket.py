#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Where --api and serve listen, and what may be in the way: what is not their
own is left alone, and they say what it is."""
import contextlib
import os
import re
import select
import socket
import stat
import subprocess
import sys

import harness as h

WAYS = {"--api": (["--api"], ["cat"]), "serve": (["serve"], [])}
NAMES = {"--api": "api.sock", "serve": "serve.sock"}
LONGEST = 107  # bytes of a socket's path, unix(7)
EXAMPLES = os.path.dirname(h.stage(os.path.join(
    h.ROOT, "examples", "serve_client.py")))
FIND = ("import sys; sys.path.insert(0, sys.argv[1]); import serve_client; "
        "print(serve_client.default_path())")
HOME_PLACE = ".local/state/seccomp-pledge"


@contextlib.contextmanager
def started(way, user, options=(), **how):
    """Its process, and the first line that it says."""
    before, behind = WAYS[way]
    with h.background([h.TOOL, *before, *options, *behind], user,
                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                      stderr=subprocess.PIPE, **how) as process:
        select.select([process.stderr], [], [], h.TIMEOUT)
        yield process, h.text(process.stderr.readline())


def where(said):
    """The path at which it listens, or None."""
    found = re.search(r"(?:listening at|nc -U) (.*)$", said)
    return found and found.group(1).strip()


def listening(path, user, kind=socket.SOCK_STREAM):
    sock = socket.socket(socket.AF_UNIX, kind)
    sock.bind(path)
    if user.uid is not None:
        os.chown(path, user.uid, user.uid)
    if kind == socket.SOCK_STREAM:
        sock.listen()
    return sock


def stale(path, user):
    listening(path, user).close()


def foreign(path, user):
    stale(path, user)
    os.chown(path, 1, 1)


# What is in the way, made at a path; and what is said of it, None: it listens.
# What is kept open stays so while the server starts.
IN_THE_WAY = [
    ("nothing", lambda path, user: None, None),
    ("a socket left behind", stale, None),
    ("a socket that is listened at", listening, "somebody listens there"),
    ("a datagram socket", lambda path, user: listening(
        path, user, socket.SOCK_DGRAM), "somebody listens there"),
    ("a file", lambda path, user: h.write(path, "precious", user=user),
     "something else than a socket"),
    ("a directory", lambda path, user: os.mkdir(path),
     "something else than a socket"),
    ("a FIFO", lambda path, user: os.mkfifo(path),
     "something else than a socket"),
    ("a link to nowhere", lambda path, user: os.symlink("nowhere", path),
     "something else than a socket"),
    ("a link to a socket left behind", lambda path, user: (
        stale(path + "-", user), os.symlink(path + "-", path)) and None,
     "something else than a socket"),
    ("another user's socket", foreign, "a socket of another user"),
]


def seen(path):
    """What is there, as far as it is not to change."""
    with contextlib.suppress(FileNotFoundError):
        status = os.lstat(path)
        return status.st_ino, status.st_mode, status.st_uid, status.st_size
    return None


def check_in_the_way(user, way):
    for name, make, words in IN_THE_WAY:
        text = f"{user.name}: {way}: {name}"
        if make is foreign and os.geteuid() != 0:
            h.skip(text, "only root can give a file away")
            continue
        with h.scratch(user) as folder, contextlib.ExitStack() as stack:
            path = os.path.join(folder, "s")
            made = make(path, user)
            if isinstance(made, socket.socket):
                stack.enter_context(contextlib.closing(made))
            before = seen(path)
            process, said = stack.enter_context(
                started(way, user, ["--socket", path]))
            if words is None:
                mode = os.stat(path).st_mode
                h.equal((where(said), stat.S_ISSOCK(mode), mode & 0o777),
                        (path, True, 0o600), f"{text}: it listens there")
                continue
            h.ok(process.wait(h.TIMEOUT) == 125 and words in said and
                 path in said and "--socket" in said and
                 seen(path) == before, f"{text}: it is left alone", said)


def check_second(user, way):
    """The second says so and goes; the first does not notice."""
    with h.scratch(user) as folder:
        options = ["--socket", os.path.join(folder, "s")]
        with started(way, user, options) as (first, said), \
                started(way, user, options) as (second, complaint):
            h.ok(second.wait(h.TIMEOUT) == 125 and
                 "somebody listens there already" in complaint,
                 f"{user.name}: {way}: a second one", complaint)
            answer = h.run(["nc", "-N", "-U", where(said)], user,
                           words=b"\n" if way == "--api" else
                           b'{"jsonrpc":"2.0","id":1,"method":"methods"}\n')
            h.ok("watch it" in answer.out or '"result"' in answer.out,
                 f"{user.name}: {way}: the first goes on", answer)
            first.terminate()
            first.wait(h.TIMEOUT)
        h.equal(os.listdir(folder), [],
                f"{user.name}: {way}: and takes its socket away")


def check_paths(user, way):
    """By name: how long, and in which directory."""
    with h.scratch(user) as folder:
        file = h.write(f"{folder}/file", "", user=user)
        shut = os.path.join(folder, "shut")
        os.mkdir(shut, 0o555)
        fits = f"{folder}/".ljust(LONGEST, "x")
        rows = [(fits, None), (fits + "x", "at most 107 bytes"), ("", "empty"),
                ("s", None), (f"{folder}/no/s", "No such file"),
                (f"{file}/s", "Not a directory"),
                (f"{shut}/s", "Permission denied")]
        for path, words in rows:
            text = f"{user.name}: {way}: --socket {path[len(folder):][:20]}"
            if path.startswith(shut) and user == h.ROOT_USER:
                h.skip(text, "nothing is closed to root")
                continue
            with started(way, user, ["--socket", path], cwd=folder) as (
                    process, said):
                if words is None:
                    h.equal(where(said), path, text)
                    process.terminate()
                process.wait(h.TIMEOUT)
                h.ok(words is None or (process.returncode == 125 and
                                       words in said), text, said)
        h.equal(sorted(os.listdir(folder)), ["file", "shut"],
                f"{user.name}: {way}: nothing is left")


def give(path, uid, mode=0o700):
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    if os.geteuid() == 0:
        os.chown(path, uid, uid)
    return path


# XDG_RUNTIME_DIR, prepared in a directory for a user ID, and where the socket's
# directory is then: "run", there; "home"; or what is said.
RUNTIME = [
    ("the user's", lambda d, uid: give(f"{d}/run", uid), "run"),
    ("readable for others", lambda d, uid: give(f"{d}/run", uid, 0o755),
     "run"),
    ("writable for the group", lambda d, uid: give(f"{d}/run", uid, 0o770),
     "home"),
    ("writable for all", lambda d, uid: give(f"{d}/run", uid, 0o1777),
     "home"),
    ("another user's", lambda d, uid: give(f"{d}/run", 1, 0o777), "home"),
    ("a file", lambda d, uid: h.write(f"{d}/run", ""), "home"),
    ("not there", lambda d, uid: f"{d}/none", "home"),
    ("relative", lambda d, uid: "run", "home"),
    ("empty", lambda d, uid: "", "home"),
    ("not set", lambda d, uid: None, "home"),
    ("with a directory of ours that is open", lambda d, uid: os.path.dirname(
        give(f"{give(f'{d}/run', uid)}/seccomp-pledge", uid, 0o777)), "run"),
    ("with another user's directory", lambda d, uid: os.path.dirname(
        give(f"{give(f'{d}/run', uid)}/seccomp-pledge", 1)),
     "not a directory of the user's own"),
    ("with a link", lambda d, uid: (os.symlink(
        d, f"{give(f'{d}/run', uid)}/seccomp-pledge"), f"{d}/run")[1],
     "not a directory of the user's own"),
    ("too long", lambda d, uid: give(f"{d}/run".ljust(LONGEST, "x"), uid),
     "too long a path"),
]


def check_runtime(way):
    """Of an ordinary user: root's place is the system's own."""
    user = h.LEAST
    uid = user.uid if user.uid is not None else os.getuid()
    for name, make, wanted in RUNTIME:
        text = f"{way}: XDG_RUNTIME_DIR {name}"
        if "another user" in name and os.geteuid() != 0:
            h.skip(text, "only root can give a directory away")
            continue
        with h.scratch(user) as folder:
            home = give(f"{folder}/home", uid)
            runtime = make(folder, uid)
            env = h.environment(XDG_RUNTIME_DIR=runtime, HOME=home)
            with started(way, user, env=env, cwd=folder) as (process, said):
                place = {"run": f"{runtime}/seccomp-pledge",
                         "home": f"{home}/{HOME_PLACE}"}.get(wanted)
                if place is None:
                    h.ok(process.wait(h.TIMEOUT) == 125 and wanted in said,
                         text, said)
                    continue
                path = os.path.join(place, NAMES[way])
                modes = [os.stat(p).st_mode & 0o777 if os.path.exists(p)
                         else None for p in (place, path)]
                h.equal((where(said), modes), (path, [0o700, 0o600]), text)
                if way == "serve":
                    result = h.run([h.PYTHON, "-c", FIND, EXAMPLES], user,
                                   env=env, cwd=folder)
                    h.equal(result.out, path + "\n",
                            f"{text}: the example's client finds it")
    with h.scratch(user) as folder:
        shut = give(f"{folder}/home", uid, 0o500)
        for home, words in ((None, "neither XDG_RUNTIME_DIR nor HOME"),
                            ("here", "neither XDG_RUNTIME_DIR nor HOME"),
                            (shut, "Permission denied")):
            text = f"{way}: HOME={home and os.path.basename(home)}"
            if home == shut and uid == 0:
                h.skip(text, "nothing is closed to root")
                continue
            with started(way, user, env=h.environment(HOME=home)) as (
                    process, said):
                h.ok(process.wait(h.TIMEOUT) == 125 and words in said, text,
                     said)


def main():
    for way in WAYS:
        for user in h.USERS:
            check_in_the_way(user, way)
            check_second(user, way)
            check_paths(user, way)
        check_runtime(way)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
