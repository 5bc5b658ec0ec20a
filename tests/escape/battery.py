# SPDX-License-Identifier: ISC
"""The battery: reads tests/escape/rows, sets up what the attempts act upon,
runs a row confined or not, and knows what is expected of it."""
import collections
import concurrent.futures
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))
import harness as h  # noqa: E402

ALL = ("stdio rpath wpath cpath dpath tmppath inet anet mcast unix dns "
       "netlink route wroute getpw fattr chown flock sendfd recvfd tty proc "
       "exec prot_exec id settime ps vminfo unveil audio video drm "
       "sysvipc")
FLAVOURS = ("dynamic", "static")
# Besides these, what not every machine can do: tests/targets/here.h.
MARKS = {"root", "user", "kernel", "dynamic", "static", *h.facts(h.ME)}
FOLDERS = ("in", "ro", "hidden")
# A socket for datagrams as standard input.
SOCKETS = {"<unix": socket.AF_UNIX, "<udp": socket.AF_INET}
LEAKS = "leaks"
REFUSED = "unsupported"  # the launcher says so and runs nothing
LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1",
           "/lib/ld-linux-riscv64-lp64d.so.1")
# Areas that unveiling has no part in: what of them is contained without
# Landlock, -V and rpath show.
PATHLESS = {"abi", "ring", "tty", "change", "fork", "new", "unshare", "setns",
            "mount", "memory", "socket", "ipc", "kernel"}
# What an unconfined attempt gets where the kernel has no such thing.
MISSING = {"ENOSYS", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT",
           "EOPNOTSUPP", "ENOTTY", "EINVAL", "ENODEV", "ENOSPC", "EACCES",
           "EPERM", "ENOENT", "errno-108", "signal 11", "killed"}


class Row(collections.namedtuple("Row", "name options attempt expect marks "
                                 "undoes")):
    def __str__(self):
        return f"{self.name}: {' '.join(self.options)} | {self.attempt}"

    def hides(self):
        return "-V" not in self.options

    def expected(self, flavour, abi):
        """The answer for one flavour of program, on one kernel."""
        words = self.expect.split()
        limits = sorted((int(limit), word) for limit, word in
                        (w[1:].split(":") for w in words[1:]))
        if abi == 0 and self.hides():
            return REFUSED
        word = next((w for limit, w in limits if abi < limit), words[0])
        return h.expected(word, flavour)

    def without_paths(self):
        """The row under -V, or None: some speak of paths all the same."""
        if self.name.split("/")[0] not in PATHLESS or not self.hides() or \
                re.search(r"-v|EACCES|unsupported|ring-open", self.expect +
                          self.attempt + " ".join(self.options)):
            return None
        return self._replace(name=self.name + " -V",
                             options=[*self.options, "-p", "rpath", "-V"])

    def may_leak(self):
        return LEAKS in re.split(r"[ /:,]", self.expect)


def split_options(text):
    """Promises, then options; ALL stands for every promise."""
    words = text.split()
    first = next((i for i, w in enumerate(words) if w.startswith("-")),
                 len(words))
    promises = " ".join(words[:first])
    return ["-p", ALL if promises == "ALL" else promises, *words[first:]]


def read_rows():
    rows = []
    with open(os.path.join(HERE, "rows"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            name, options, attempt, expect, notes = (
                field.strip() for field in line.split("|"))
            marks = set(re.findall(r"\[([\w-]+)\]", notes))
            assert marks <= MARKS, line
            undoes = re.findall(r"undoes:(\w+)", notes)
            rows.append(Row(name, split_options(options), attempt, expect,
                            marks, undoes))
    assert len({row.name for row in rows}) == len(rows), "a name twice"
    return rows


def stage_attempts():
    """The programs that attempt, where everybody can run them."""
    for name in ("escape-dynamic", "escape-static", "escape-runpath",
                 "pledge-masked", "libpreloaded.so"):
        h.stage(os.path.join(h.BUILD, "tests", "escape", name))


def program(flavour):
    return os.path.join(h.STAGE, "escape-" + flavour)


class Fixture:
    """What one user's attempts act upon; {words} of a row by their names."""

    def __init__(self, user, stack):
        self.user = user
        self.stack = stack
        keep = stack.enter_context(h.scratch(user))
        for folder in ("hidden", "ro"):
            path = os.path.join(keep, folder)
            os.mkdir(path)
            for name, source in (("program", program("static")),
                                 ("dynamic", program("dynamic")),
                                 ("true", "/bin/true")):
                shutil.copy(source, os.path.join(path, name))
        h.write(os.path.join(keep, "script"), f"#!{keep}/hidden/true\n", 0o755)
        os.chmod(os.path.join(keep, "hidden"), 0o777)
        address = os.path.join(keep, "hidden", "server")
        datagrams = os.path.join(keep, "hidden", "datagrams")
        abstract = "escape-" + keep.replace("/", "-")
        self.names = {
            "keep": keep, "socket": address, "datagrams": datagrams,
            "abstract": abstract,
            "port": stack.enter_context(h.listener()),
            "victim": self.victim().pid,
            "i386": h.target("hello-i386") or "/nonexistent",
            "terminal": self.terminal(),
            "loader": next(filter(os.path.exists, LOADERS), "/nonexistent"),
        }
        for name in (address, "\0" + abstract):
            stack.enter_context(h.listener(socket.AF_UNIX, name))
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        stack.callback(receiver.close)
        receiver.bind(datagrams)
        receiver.setblocking(False)
        self.receiver = receiver
        for path in (address, datagrams):
            os.chmod(path, 0o777)
        self.shared = self.make_folders(stack.enter_context(h.scratch(user)))

    def victim(self):
        """A process of the same user, outside of every sandbox; until it sleeps
        it may still be who changes the user, whom the user cannot signal."""
        victim = self.stack.enter_context(
            h.background(["/bin/sleep", "infinity"], self.user))
        h.until(lambda: h.name_of(victim.pid) == "sleep")
        return victim

    def terminal(self):
        """The name of a terminal of the same user's."""
        if h.lacks("tty", self.user):
            return "/nonexistent"
        theirs = self.stack.enter_context(h.terminal())[1]
        if self.user.uid is not None:
            os.fchown(theirs, self.user.uid, self.user.uid)
        return os.ttyname(theirs)

    @contextlib.contextmanager
    def fresh(self, text=None):
        """Three directories, {in}, {ro} and {hidden}, and something in them.
        Rows whose TEXT speaks of none of them share three."""
        if text and not any(f"{{{name}}}" in text for name in FOLDERS):
            yield self.shared
            return
        with h.scratch(self.user) as path:
            yield self.make_folders(path)

    def make_folders(self, path):
        names = dict(self.names)
        for name in FOLDERS:
            names[name] = folder = os.path.join(path, name)
            os.mkdir(folder)
            for child in ("file", "other"):
                h.write(os.path.join(folder, child), "text\n" * 1000,
                        0o644, self.user)
            # Another user's, which nobody else may touch.
            h.write(os.path.join(folder, "theirs"), "text\n", 0o600,
                    h.User("other", h.NOBODY) if self.user == h.ROOT_USER
                    else None)
            os.mkdir(os.path.join(folder, "sub"))
            os.symlink("file", os.path.join(folder, "link"))
            if self.user.uid is not None:
                for entry in (".", "sub", "link"):
                    os.lchown(os.path.join(folder, entry), self.user.uid,
                              self.user.uid)
        return names

    def drain(self):
        with contextlib.suppress(OSError):
            while True:
                self.receiver.recv(1)


# Pipes of the user's own, whose other ends are elsewhere.
PIPES = {"<pipe": "< <(:)", "2>pipe": "2> >(exec cat >/dev/null)"}


def with_redirections(words, command):
    """Shell words like 7<FILE before an attempt; bash opens them."""
    first = next(i for i, w in enumerate(words) if not re.match(r"\d*[<>]", w))
    redirections = [PIPES.get(w, w) for w in words[:first]
                    if w not in SOCKETS]
    command = [*command, *words[first:]]
    if redirections:
        command = ["/bin/bash", "-c", 'exec "$@" ' + " ".join(redirections),
                   "bash", *command]
    return command, next((w for w in words[:first] if w in SOCKETS), None)


def outcome(result):
    """One word for what became of the attempt."""
    lines = result.out.split()
    last = lines[-1] if lines else ""
    if result.status in (-31, 128 + 31) or last == "errno-250":
        return "killed"
    if result.status == 125:
        return REFUSED
    if result.status and result.status < 0:
        return f"signal {-result.status}"
    if result.status != 0:
        return f"status {result.status} {result.err.strip()}"
    return last


def options_of(row, names):
    options = ["-q", *(o.format(**names) for o in row.options)]
    if row.hides():
        options += ["-v", "rwxc:" + names["in"], "-v", "r:" + names["ro"],
                    "-v", f"r:{names['keep']}/ro"]
    return options


def run_together(fixture, rows, flavour, launcher, env):
    """What becomes of rows with the same options, none of which acts upon
    {in}, {ro} or {hidden}, one after the other in one process; None if it did
    not come to all of them."""
    names = fixture.shared
    words = " -- ".join(row.attempt for row in rows)
    fixture.drain()
    result = h.run([launcher, *options_of(rows[0], names), "--",
                    program(flavour), *words.format(
                        self=program(flavour), **names).split()],
                   fixture.user, stdin=subprocess.DEVNULL, env=env)
    if result.status == 125:  # whatever the attempt
        return [REFUSED] * len(rows)
    found = result.out.split()
    return found if result.status == 0 and len(found) == len(rows) else None


def run(fixture, row, flavour, launcher=None, env=None, more=()):
    """Unconfined without LAUNCHER. MORE: further options."""
    itself = program(flavour)
    text = " ".join((row.attempt, *row.options))
    with fixture.fresh(text) as names, contextlib.ExitStack() as stack:
        victim = None
        if "sigio" in row.attempt:
            victim = fixture.victim()
            names = {**names, "victim": victim.pid}
        words = row.attempt.format(self=itself, **names).split()
        command = [itself]
        if launcher:
            command = [launcher, *options_of(row, names), *more, "--", itself]
        elif "kill-parent" in row.attempt:
            # A parent of the same user, as the launcher would be.
            command = ["/bin/sh", "-c", '"$@"; exit $?', "sh", itself]
        command, wanted = with_redirections(words, command)
        stdin = subprocess.DEVNULL
        if wanted:
            stdin = stack.enter_context(
                socket.socket(SOCKETS[wanted], socket.SOCK_DGRAM))
        fixture.drain()
        found = outcome(h.run(command, fixture.user, stdin=stdin, env=env))
        if victim and found == "ok":
            found = after_signal(victim)
        return found


def after_signal(victim):
    """Whether SIGIO ended it. A signal is pending or done when the attempt has
    returned, so that SIGTERM, which comes after it, ends only what it left."""
    victim.terminate()
    return "ok" if victim.wait() == -signal.SIGIO else "silent"


def why_skipped(row, user, flavour):
    """Why a row says nothing of this user and program, or None."""
    if flavour in FLAVOURS and row.marks & set(FLAVOURS) - {flavour}:
        return f"of {'static' if flavour == 'dynamic' else 'dynamic'} alone"
    if "root" in row.marks and user != h.ROOT_USER:
        return "takes root"
    if "user" in row.marks and user == h.ROOT_USER:
        return "is not root's"
    return None


def unusable(row, user, bare):
    """Why this machine has nothing to refuse, or None: by the attempt that
    was made unconfined."""
    if bare == "ok" and not row.marks & h.TOLD:
        return None
    for what in sorted(row.marks & set(h.facts(user))):
        if why := h.lacks(what, user):
            return why
    if "kernel" in row.marks and bare in MISSING:
        return f"not of this kernel: unconfined, {bare}"
    if "root" in row.marks and bare in MISSING:
        return h.lacks("admin", user)
    return None


def judge(row, user, wanted, bare, found):
    """What becomes of a row: "skipped", "leaks", "contained" or "wrong"; and
    why."""
    seen = f"unconfined {bare}, confined {found}"
    if found == "ok" and bare != "ok":
        return "wrong", f"confined, it can do more: {seen}"
    if why := unusable(row, user, bare):
        return "skipped", why
    if bare != "ok":
        return "wrong", f"it says nothing: {seen}"
    if wanted == LEAKS:
        return ("leaks", seen) if found == "ok" else (
            "wrong", f"it can be contained now? {seen}")
    return ("contained" if found in wanted.split(",") else "wrong"), seen


def tell(name, wanted, verdict):
    """A row's line of the report."""
    became, why = verdict
    if became == "skipped":
        h.skip(name, why)
    else:
        h.ok(became != "wrong", f"{name}: {wanted}", why)


def each(function, items):
    """As many at a time as there are processors, in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(function, items)


def show_command(row, names):
    """For a report that somebody wants to repeat."""
    return shlex.join(o.format(**names) for o in row.options)
