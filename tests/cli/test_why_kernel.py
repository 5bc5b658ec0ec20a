#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""why says what the kernel does: of each call, under each policy, what why says
and the same call made for real under that policy agree, with the error."""
import json
import os
import shutil
import socket
import stat
import sys

import harness as h

RAW = h.target("raw")
HERE = "-100"
O = os

POLICIES = {
    "least": "promises stdio",
    "reads": "promises stdio rpath\nunveil r @CWD\nunveil r /etc",
    "writes": "promises stdio wpath\nunveil w @CWD",
    "makes": "promises stdio rpath wpath cpath\nunveil rc @CWD\n"
             "unveil rwc @CWD/dir",
    "files": "promises stdio rpath wpath cpath dpath fattr chown\n"
             "unveil rc @CWD\nunveil rwxc @CWD/rich\nunveil r /etc",
    "ports": "promises stdio inet unix rpath\nunveil rw @CWD\n"
             "connect {open}\nbind 0",
    "anything": "promises stdio rpath wpath cpath fattr chown inet unix id "
                "proc exec settime\nunveil off",
    "caps": "promises stdio rpath wpath cpath fattr\nunveil rwc @CWD\n"
            "caps dac_override fowner\nviolation errno EACCES",
    "rules": "promises stdio rpath exec\nunveil rx @CWD\nallow mq_unlink\n"
             "deny getppid\ndeny kill arg1 == 0\nfilter {filter}",
    "kills": "promises stdio rpath\nunveil r @CWD\nviolation kill",
}
FILTER = """{"main": {"mismatch_action": "allow",
 "match_action": {"errno": 95}, "filter": [
 {"syscall": "uname"},
 {"syscall": "openat", "args": [{"index": 2, "type": "dword",
  "op": {"masked_eq": 1}, "val": 1}]}]}}
"""


def opens(path, flags, symbols, mode=None):
    words = ["openat", path, symbols] + ([mode] if mode else [])
    return (" ".join(words),
            ["openat", HERE, f"s:{path}", flags,
             int(mode or "0", 8)], [])


def at(call, path, *rest, said=None, complaints=()):
    """CALL of a path; REST: what stands behind it."""
    words = [call, path, *map(str, said if said is not None else rest)]
    return " ".join(words), [call, HERE, f"s:{path}", *rest], list(complaints)


def plain(call, *args, said=None, complaints=()):
    words = [call, *map(str, said if said is not None else args)]
    return " ".join(words), [call, *args], list(complaints)


def files():
    r, w, rw, c = O.O_RDONLY, O.O_WRONLY, O.O_RDWR, O.O_CREAT
    yield opens("./file", r, "O_RDONLY")
    yield opens("./file", w, "O_WRONLY")
    yield opens("./file", rw, "O_RDWR")
    yield opens("./file", w | O.O_TRUNC, "O_WRONLY|O_TRUNC")
    yield opens("./file", w | c | O.O_EXCL, "O_WRONLY|O_CREAT|O_EXCL", "0600")
    yield opens("./file", r | O.O_DIRECTORY, "O_RDONLY|O_DIRECTORY")
    yield opens("./file/below", r, "O_RDONLY")
    yield opens("./locked", r, "O_RDONLY")
    yield opens("./locked", w, "O_WRONLY")
    yield opens("./missing", r, "O_RDONLY")
    yield opens("./missing", w, "O_WRONLY")
    yield opens("./missing", w | c, "O_WRONLY|O_CREAT", "0600")
    yield opens("./no/missing", w | c, "O_WRONLY|O_CREAT", "0600")
    yield opens("./dir", r, "O_RDONLY")
    yield opens("./dir", w, "O_WRONLY")
    yield opens("./dir/inner", r, "O_RDONLY")
    yield opens("./dir/inner", w, "O_WRONLY")
    yield opens("./closed/inner", r, "O_RDONLY")
    yield opens("./link", r, "O_RDONLY")
    yield opens("./link", r | O.O_NOFOLLOW, "O_RDONLY|O_NOFOLLOW")
    yield opens("./dangling", r, "O_RDONLY")
    yield opens("./dangling", w | c, "O_WRONLY|O_CREAT", "0600")
    yield opens("/etc/hostname", r, "O_RDONLY")
    yield opens("/etc/shadow", r, "O_RDONLY")
    yield opens("/proc/self/status", r, "O_RDONLY")
    yield at("mkdirat", "./new", 0o700, said=["0700"])
    yield at("mkdirat", "./dir", 0o700, said=["0700"])
    yield at("mkdirat", "./dir/new", 0o700, said=["0700"])
    yield at("mknodat", "./new", stat.S_IFIFO | 0o600, 0,
             said=["S_IFIFO|0600", "0"])
    yield at("unlinkat", "./file", 0)
    yield at("unlinkat", "./missing", 0)
    yield at("unlinkat", "./dir", 0)
    yield at("unlinkat", "./empty", 0x200, said=["AT_REMOVEDIR"])
    yield at("unlinkat", "./file", 0x200, said=["AT_REMOVEDIR"])
    yield ("symlinkat nowhere ./new",
           ["symlinkat", "s:nowhere", HERE, "s:./new"], [])
    for call, flags in (("linkat", "0"), ("renameat2", "0")):
        for old, new in (("./file", "./new"), ("./file", "./dir/new"),
                         ("./dir/inner", "./new"), ("./missing", "./new"),
                         ("./file", "./rich/new"), ("./rich/inner", "./new"),
                         ("./dir/inner", "./dir/other")):
            yield (f"{call} {old} {new} {flags}",
                   [call, HERE, f"s:{old}", HERE, f"s:{new}", 0], [])
    yield ("renameat2 ./empty ./rich/new 0",
           ["renameat2", HERE, "s:./empty", HERE, "s:./rich/new", 0], [])
    yield plain("truncate", "s:./file", 0, said=["./file", 0])
    yield plain("truncate", "s:./dir", 0, said=["./dir", 0])


def others(ports, other):
    for path in ("./file", "./missing", "./locked", "./closed/inner"):
        yield at("faccessat", path, 4, said=["R_OK"])
    yield at("newfstatat", "./file", "room", 0, said=["NULL", 0],
             complaints=[14])
    yield at("newfstatat", "./missing", "room", 0, said=["NULL", 0])
    yield at("readlinkat", "./link", "room", 256, said=["NULL", 256])
    yield at("readlinkat", "./file", "room", 256, said=["NULL", 256])
    for path in ("./dir", "./file", "./missing", "./closed"):
        yield plain("chdir", f"s:{path}", said=[path])
    for path in ("./file", "./locked", "./missing", "./closed/inner"):
        yield at("fchmodat", path, 0o644, said=["0644"])
    yield at("fchownat", "./file", 65534, 65534, 0)
    yield at("fchownat", "./locked", 65534, 65534, 0)
    yield plain("statfs", "s:./file", "room", said=["./file", "NULL"])
    for pid in (1, 0, other):
        yield plain("kill", pid, 0)
    yield plain("tkill", other, 0)
    yield plain("kill", 99999999, 0)
    yield plain("tgkill", other, other, 0)
    for call in ("getpid", "getppid", "sched_yield", "sync"):
        yield plain(call)
    yield plain("uname", "room", said=["NULL"])
    yield plain("umask", 0o22, said=["022"])
    yield plain("setpgid", 0, 0, complaints=[1])
    yield plain("setpriority", 0, 0, 5)
    yield plain("setpriority", 0, 1, 5, complaints=[1, 13])
    yield plain("inotify_init1", 0)
    yield plain("memfd_create", "s:x", 0, said=["x", 0])
    yield plain("mq_unlink", "s:pledge-none", said=["pledge-none"],
                complaints=[2])
    yield plain("ptrace", 0, 0, 0, 0)
    yield plain("unshare", 0x10000000, said=["CLONE_NEWUSER"])
    yield plain("settimeofday", 0, 0, said=["NULL", "NULL"])
    for user in (0, 65534, 12345):
        yield plain("setuid", user)
        yield plain("setgid", user)
    yield plain("setgroups", 0, 0, said=[0, "NULL"])
    yield plain("chroot", "s:./dir", said=["./dir"])
    for path in ("./missing", "./dir", "./file"):
        yield plain("execve", f"s:{path}", 0, 0, said=[path, "NULL", "NULL"])
    for family, words in ((2, "AF_INET"), (10, "AF_INET6"), (1, "AF_UNIX"),
                          (16, "AF_NETLINK")):
        yield plain("socket", family, 1 if family != 16 else 3, 0,
                    said=[words, "SOCK_STREAM" if family != 16 else "SOCK_RAW",
                          0])
    for port in (ports.open, ports.closed, 0):
        yield (f"connect 3 127.0.0.1:{port}",
               ["connect", "tcp", f"4:127.0.0.1:{port}", "length"],
               [111] if port == 0 else [])
    yield (f"bind 3 127.0.0.1:0", ["bind", "tcp", "4:127.0.0.1:0", "length"],
           [])
    yield (f"bind 3 127.0.0.1:{ports.free}",
           ["bind", "tcp", f"4:127.0.0.1:{ports.free}", "length"], [])
    for path in ("./socket", "./file"):
        yield (f"bind 3 {path}", ["bind", "unix", f"u:{path}", "length"], [])
    yield ("connect 3 ./missing", ["connect", "unix", "u:./missing", "length"],
           [])
    yield (f"sendto 3 hi 2 0 127.0.0.1:{ports.open} 16",
           ["sendto", "udp", "s:hi", 2, 0, f"4:127.0.0.1:{ports.open}",
            "length"], [])


class Ports:
    """Two that listen, and one that nobody has."""

    def __init__(self):
        self.listeners = [socket.create_server(("127.0.0.1", 0))
                          for _ in range(2)]
        self.open, self.closed = (one.getsockname()[1]
                                  for one in self.listeners)
        with socket.create_server(("127.0.0.1", 0)) as one:
            self.free = one.getsockname()[1]


def furnish(user, path):
    """The same in PATH each time: the user's, but for what is `locked`."""
    for name in os.listdir(path):
        whole = os.path.join(path, name)
        if os.path.isdir(whole) and not os.path.islink(whole):
            shutil.rmtree(whole)
        else:
            os.unlink(whole)
    own = user.uid if user.uid is not None else os.geteuid()
    for name in ("dir", "rich", "empty", "closed"):
        os.mkdir(os.path.join(path, name))
    for name in ("file", "dir/inner", "rich/inner", "closed/inner", "locked"):
        h.write(os.path.join(path, name), "x\n", 0o644)
    os.symlink("file", os.path.join(path, "link"))
    os.symlink("nowhere", os.path.join(path, "dangling"))
    for name in ("dir", "rich", "empty", "closed", "file", "dir/inner",
                 "rich/inner", "closed/inner"):
        if os.geteuid() == 0:
            os.chown(os.path.join(path, name), own, own)
    if os.geteuid() == 0 and user.uid is None:  # not its owner, but root
        os.chown(os.path.join(path, "locked"), 1, 1)
    os.chmod(os.path.join(path, "locked"), 0o600)
    os.chmod(os.path.join(path, "closed"), 0)


def sockets():
    made = {"tcp": socket.socket(), "unix": socket.socket(socket.AF_UNIX),
            "udp": socket.socket(type=socket.SOCK_DGRAM)}
    for one in made.values():
        os.set_inheritable(one.fileno(), True)
    return made


def do(user, path, policy, args):
    """The errno of the call made for real; 0: it succeeded, or was killed."""
    made = sockets()
    words = [str(made[word].fileno()) if word in made else str(word)
             for word in args]
    keep = [f"--keep-fd={one.fileno()}" for one in made.values()]
    result = h.run([h.PLEDGE, "-q", *keep, "-i", policy, "--", RAW, *words],
                   user, cwd=path,
                   pass_fds=[one.fileno() for one in made.values()])
    for one in made.values():
        one.close()
    return result


def said(user, path, policy, words):
    result = h.run([h.TOOL, "why", "--json", policy, *words.split(), "--",
                    RAW], user, cwd=path)
    return result, json.loads(result.out.splitlines()[-1]) if result.out else {}


def agree(event, done, complaints):
    if event.get("event") == "allowed":
        return done.status == 0 or done.status in complaints
    if event.get("errno") == 0:
        return done.status in (-31, 128 + 31)
    return done.status == event.get("errno")


def check(user, name, path, policy, rows):
    allowed = refused = 0
    for words, args, complaints in rows:
        furnish(user, path)
        answer, event = said(user, path, policy, words)
        done = do(user, path, policy, args)
        if answer.status not in (0, 1) or not agree(event, done, complaints):
            h.ok(False, f"{user.name}: {name}: {words}: as the kernel does",
                 f"{answer}\ndone: {done.status} {done.err}")
            continue
        allowed += answer.status == 0
        refused += answer.status
    h.ok(allowed + refused == len(rows),
         f"{user.name}: {name}: {len(rows)} calls: as the kernel does")
    return allowed, refused


def main():
    ports = Ports()
    for user in h.USERS:
        totals = [0, 0]
        with h.scratch(user) as above, h.background(
                ["sleep", "infinity"], user) as other:
            path = os.path.join(above, "work")
            os.mkdir(path)
            if user.uid is not None:
                os.chown(path, user.uid, user.uid)
            filters = os.path.join(above, "f.json")
            h.write(filters, FILTER)
            rows = [*files(), *others(ports, other.pid)]
            for name, text in POLICIES.items():
                policy = os.path.join(above, name)
                h.write(policy, text.format(open=ports.open, filter=filters)
                        + "\n")
                for at_end, count in enumerate(
                        check(user, name, path, policy, rows)):
                    totals[at_end] += count
        h.ok(min(totals) > 200, f"{user.name}: both are said often",
             f"allowed {totals[0]}, refused {totals[1]}")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
