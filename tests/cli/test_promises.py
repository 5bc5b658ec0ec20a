#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every promise holds and bites: what a word allows is refused without it,
allowed with it, and allowed unconfined, to dynamic and static programs."""
import os
import subprocess
import sys

import harness as h

# word, the other promises, attempt, what it gets without the word: "A/B" is A
# for a dynamic program and B for a static one. A dynamic program's start-up
# grace lets read-only opens through to Landlock, which says EACCES.
# {file} and the like are harness.fixture()'s.
WORDS = [
    ("rpath", "stdio", "open-read {file}", "EACCES/EPERM"),
    ("rpath", "stdio", "read {link}", "EACCES/EPERM"),
    ("rpath", "stdio", "list {dir}", "EACCES/EPERM"),
    ("rpath", "stdio", "stat {file}", "EPERM"),
    ("rpath", "stdio", "access {file}", "EPERM"),
    ("rpath", "stdio", "readlink {link}", "EPERM"),
    ("rpath", "stdio", "chdir {dir}", "EPERM"),
    ("rpath", "stdio", "statfs {dir}", "EPERM"),
    ("rpath", "stdio", "getxattr {file}", "EPERM"),
    ("rpath", "stdio wpath", "open-rdwr {file}", "EPERM"),
    ("rpath", "stdio wpath cpath", "create-rdwr {new}", "EPERM"),
    ("wpath", "stdio", "open-write {file}", "EPERM"),
    ("wpath", "stdio", "open-append {file}", "EPERM"),
    ("wpath", "stdio", "open-write-trunc {file}", "EPERM"),
    ("wpath", "stdio", "truncate {file}", "EPERM"),
    ("wpath", "stdio rpath", "open-rdwr {file}", "EPERM"),
    ("wpath", "stdio rpath", "open-rdonly-trunc {file}", "EPERM"),
    ("wpath", "stdio cpath", "create {new}", "EPERM"),
    ("wpath", "stdio cpath", "create-over {file}", "EPERM"),
    ("wpath", "stdio cpath", "creat {new}", "EPERM"),
    ("wpath", "stdio rpath cpath", "tmpfile {dir}", "EPERM"),
    ("cpath", "stdio wpath", "create {new}", "EPERM"),
    ("cpath", "stdio wpath", "creat {new}", "EPERM"),
    ("cpath", "stdio rpath", "create-rdonly {new}", "EPERM"),
    ("cpath", "stdio rpath wpath", "create-rdwr {new}", "EPERM"),
    ("cpath", "stdio rpath wpath", "tmpfile {dir}", "EPERM"),
    ("cpath", "stdio", "unlink {file}", "EPERM"),
    ("cpath", "stdio", "mkdir {new}", "EPERM"),
    ("cpath", "stdio", "rmdir {sub}", "EPERM"),
    ("cpath", "stdio", "symlink {new}", "EPERM"),
    ("cpath", "stdio", "link {file} {new}", "EPERM"),
    ("cpath", "stdio", "rename {file} {new}", "EPERM"),
    ("cpath", "stdio", "rename {file} {sub}/file", "EPERM"),
    ("dpath", "stdio", "mkfifo {new}", "EPERM"),
    ("tmppath", "stdio", "mkstemp", "EPERM"),
    ("inet", "stdio", "socket-inet", "EPERM"),
    ("inet", "stdio", "socket-inet6", "EPERM"),
    ("inet", "stdio", "socket-inet-dgram", "EPERM"),
    ("inet", "stdio", "connect {port}", "EPERM"),
    ("inet", "stdio", "bind 0", "EPERM"),
    ("inet", "stdio", "listen 0", "EPERM"),
    ("inet", "stdio", "listen-anywhere", "EPERM"),
    ("inet", "stdio", "send-udp {port}", "EPERM"),
    ("inet", "stdio", "setsockopt-nodelay", "EPERM"),
    ("inet", "stdio anet", "connect {port}", "EPERM"),
    ("inet", "stdio anet", "socket-inet-dgram", "EPERM"),
    ("anet", "stdio", "socket-inet", "EPERM"),
    ("anet", "stdio", "bind 0", "EPERM"),
    ("anet", "stdio", "listen 0", "EPERM"),
    ("mcast", "stdio inet", "setsockopt-multicast", "EPERM"),
    ("unix", "stdio", "socket-unix", "EPERM"),
    ("unix", "stdio", "socket-unix-dgram", "EPERM"),
    ("unix", "stdio", "socketpair-dgram", "EPERM"),
    ("unix", "stdio", "bind-unix {new}", "EPERM"),
    ("unix", "stdio", "connect-unix {socket}", "EPERM"),
    ("dns", "stdio", "socket-inet-dgram", "EPERM"),
    ("dns", "stdio", "connect-udp {port}", "EPERM"),
    ("dns", "stdio", "send-udp {port}", "EPERM"),
    ("dns", "stdio", "open-read /etc/resolv.conf", "EACCES/EPERM"),
    ("dns", "stdio", "open-read /etc/hosts", "EACCES/EPERM"),
    ("netlink", "stdio", "socket-netlink", "EPERM"),
    ("route", "stdio", "socket-netlink", "EPERM"),
    ("route", "stdio", "ioctl-siocgifconf", "EPERM"),
    ("wroute", "stdio", "ioctl-siocsifflags", "EPERM"),
    ("getpw", "stdio", "open-read /etc/passwd", "EACCES/EPERM"),
    ("getpw", "stdio", "open-read /etc/group", "EACCES/EPERM"),
    ("fattr", "stdio", "chmod {file}", "EPERM"),
    ("fattr", "stdio", "utimes {file}", "EPERM"),
    ("fattr", "stdio", "setxattr {file}", "EPERM"),
    ("chown", "stdio", "chown {file}", "EPERM"),
    ("flock", "stdio", "flock", "EPERM"),
    ("flock", "stdio", "fcntl-lock", "EPERM"),
    ("tty", "stdio", "ioctl-tcsets", "ENOTTY"),
    ("tty", "stdio", "ioctl-tiocswinsz", "ENOTTY"),
    ("proc", "stdio tty", "ioctl-tiocspgrp", "ENOTTY"),
    ("proc", "stdio", "fork", "EPERM"),
    ("proc", "stdio", "fork-raw", "EPERM"),
    ("proc", "stdio", "kill-child", "EPERM"),
    ("proc", "stdio", "setpgid", "EPERM"),
    ("proc", "stdio", "setrlimit", "EPERM"),
    ("proc", "stdio", "setpriority", "EPERM"),
    ("proc", "stdio", "fcntl-owner", "EPERM"),
    ("exec", "stdio", "execve", "EPERM"),
    ("exec", "stdio", "exec {self}", "EPERM"),
    ("exec", "stdio proc", "fork-exec {self}", "EPERM"),
    ("exec", "stdio", "execveat", "ENOSYS"),
    ("prot_exec", "stdio", "mmap-exec-anon", "EPERM"),
    ("prot_exec", "stdio", "mmap-wx-anon", "EPERM"),
    ("prot_exec", "stdio", "mmap-exec-high", "EPERM"),
    ("prot_exec", "stdio", "mprotect-exec", "EPERM"),
    ("prot_exec", "stdio", "pkey-mprotect-exec", "EPERM"),
    ("prot_exec", "stdio", "memfd", "ENOSYS"),
    ("prot_exec", "stdio rpath", "mmap-exec-file-shared {file}", "EPERM"),
    ("prot_exec", "stdio rpath", "mmap-exec-file-writable {file}", "EPERM"),
    ("id", "stdio", "setuid", "EPERM"),
    ("id", "stdio", "setgid", "EPERM"),
    ("settime", "stdio", "clock-settime", "EPERM"),
    ("settime", "stdio", "adjtimex", "EPERM"),
    ("ps", "stdio", "open-read /proc/1/stat", "EACCES/EPERM"),
    ("ps", "stdio", "list /proc", "EACCES/EPERM"),
    ("vminfo", "stdio", "open-read /proc/meminfo", "EACCES/EPERM"),
    ("audio", "stdio", "ioctl-audio", "EPERM"),
    ("video", "stdio", "ioctl-video", "EPERM"),
    ("drm", "stdio", "ioctl-drm", "EPERM"),
]

# What becomes of it with these promises: promises, attempt, expectation.
REFUSED = [
    # A dynamic program finds these as its loader's files are found; a static
    # one opens nothing at all.
    ("stdio", "open-read /dev/null", "ok/EPERM"),
    ("stdio", "read /dev/zero", "ok/EPERM"),
    ("stdio", "read /dev/urandom", "ok/EPERM"),
    ("stdio rpath", "read /dev/urandom", "ok"),
    ("stdio rpath wpath", "open-write /dev/null", "ok"),
    ("stdio rpath wpath", "open-write {file}", "ok"),
    ("stdio rpath wpath cpath", "create-setuid {new}", "EPERM"),
    ("stdio fattr", "chmod-setuid {file}", "EPERM"),
    ("stdio anet", "send-udp {port}", "EPERM"),
    ("stdio netlink", "socket-netlink-audit", "EPERM"),
    ("stdio unix", "socket-inet", "EPERM"),
    ("stdio inet", "socket-unix", "EPERM"),
    ("stdio tty", "ioctl-tiocspgrp", "ENOTTY"),
    ("stdio getpw", "open-read {file}", "EACCES/EACCES"),
    ("stdio dns", "open-read {file}", "EACCES/EACCES"),
    ("stdio dns", "connect {port}", "EACCES"),
    ("stdio proc", "execve", "EPERM"),
    ("stdio exec", "fork", "EPERM"),
    ("stdio error", "socket-inet", "ENOSYS"),
    ("stdio error", "fork", "ENOSYS"),
    # A static program without exec maps nothing executable at all.
    ("stdio rpath", "mmap-exec-file {file}", "ok/EPERM"),
    ("ALL", "execve-guess", "ok"),
    ("stdio", "execve-guess", "EPERM"),
    ("stdio", "own-clocks", "ok"),
    ("stdio", "thread-clock", "ok"),
    # Nothing grants these.
    ("ALL", "clock-of {pid}", "EPERM"),
    ("ALL", "timer-of {pid}", "EPERM"),
    ("ALL", "clone3", "ENOSYS"),
    ("ALL", "openat2", "ENOSYS"),
    ("ALL", "io_uring", "ENOSYS"),
    ("ALL", "clone-newuser", "EPERM"),
    ("ALL", "unshare-user", "EPERM"),
    ("ALL", "setns", "EPERM"),
    ("ALL", "mount", "EPERM"),
    ("ALL", "umount", "EPERM"),
    ("ALL", "open-tree", "EPERM"),
    ("ALL", "listmount", "EPERM"),
    ("ALL", "chroot", "EPERM"),
    ("ALL", "ptrace", "EPERM"),
    ("ALL", "process-vm-readv", "EPERM"),
    ("ALL", "pidfd-getfd", "EPERM"),
    ("ALL", "kcmp", "EPERM"),
    ("ALL", "kill {pid}", "EPERM"),
    ("ALL", "tkill {pid}", "EPERM"),
    ("ALL", "pidfd-signal {pid}", "EPERM"),
    ("ALL", "prlimit {pid}", "EPERM"),
    ("ALL", "setpriority-of {pid}", "EPERM"),
    ("ALL", "setaffinity-of {pid}", "EPERM"),
    ("ALL", "migrate-pages {pid}", "EPERM"),
    ("ALL", "set-mempolicy", "EPERM"),
    ("ALL", "bpf", "EPERM"),
    ("ALL", "perf", "EPERM"),
    ("ALL", "userfaultfd", "EPERM"),
    ("ALL", "keyctl", "EPERM"),
    ("ALL", "add-key", "EPERM"),
    ("stdio sysvipc", "shmget", "ok"),
    ("stdio", "shmget", "EPERM"),
    ("ALL", "mq-open", "EPERM"),
    ("ALL", "io-setup", "EPERM"),
    ("ALL", "name-to-handle", "EPERM"),
    ("ALL", "reboot", "EPERM"),
    ("ALL", "socket-raw", "EPERM"),
    ("ALL", "socket-packet", "EPERM"),
    ("ALL", "setsockopt-attach-filter", "EPERM"),
    ("ALL", "seccomp-listener", "EPERM"),
    ("ALL", "prctl-set-ptracer", "EPERM"),
    ("ALL", "read-implies-exec", "EPERM"),
    ("ALL", "ioctl-setflags", "EPERM"),
    ("ALL", "ioctl-tiocsti", "ENOTTY EPERM"),
    ("ALL", "ioctl-tiocsti-high", "ENOTTY EPERM"),
    ("ALL", "ioctl-tioclinux", "ENOTTY EPERM"),
    ("ALL", "ioctl-tiocsetd", "ENOTTY EPERM"),
    ("stdio rpath proc", "ioctl-tiocsctty", "ENOTTY EPERM"),
    ("ALL", "ioctl-tiocsctty", "ok"),
    ("ALL", "mknod-device {new}", "EPERM EACCES"),
]

# What "stdio" alone allows.  (capset only gives up: what no promise stands for
# is no longer permitted.)
STDIO = ["nothing", "pipe", "socketpair", "events", "sleep", "raise", "thread",
         "getrandom", "kill-self", "tgkill-self", "getaffinity",
         "setaffinity", "seccomp-filter", "landlock", "no-new-privs",
         "sendmsg-fd", "ioctl-fionread", "ioctl-tiocgwinsz", "capset"]

# Words that stand for nothing on Linux: accepted, with a warning.
MEANINGLESS = ["bpf", "disklabel", "pf", "vmm", "tape"]

ALL = ("stdio rpath wpath cpath dpath tmppath inet anet mcast unix dns "
       "netlink route wroute getpw fattr chown flock sendfd recvfd tty proc "
       "exec prot_exec id settime ps vminfo unveil audio video drm")
KNOWN = set(ALL.split()) | set(MEANINGLESS) | {"error"}


class Rows:
    """Attempts of one user, on fresh fixtures each."""

    def __init__(self, user, port, path, pid):
        self.user = user
        self.names = {"port": port, "socket": path, "pid": pid}

    def attempt(self, flavour, words, promises=None):
        """Unconfined without promises. {dir} is unveiled for everything."""
        itself = os.path.join(h.STAGE, "attempt-" + flavour)
        with h.fixture(self.user) as names:
            words = words.format(self=itself, **names, **self.names)
            options = None
            if promises is not None:
                promises = ALL if promises == "ALL" else promises
                options = ["-p", promises, "-v", "rwxc:" + names["dir"]]
                if "{socket}" in words:
                    options += ["-v", "rw:" + self.names["socket"]]
            return h.attempt(flavour, words, self.user, options,
                             stdin=subprocess.DEVNULL)

    def word(self, flavour, word, others, words, refused):
        name = f"{self.user.name}, {flavour}: {others} [{word}] | {words}"
        refused = h.expected(refused, flavour)
        found = [self.attempt(flavour, words),
                 self.attempt(flavour, words, others),
                 self.attempt(flavour, words, f"{others} {word}")]
        if unusable(name, words, self.user, found[0]):
            return
        h.equal(found, ["ok", refused, "ok"], f"{name}: {refused}")

    def refused(self, flavour, promises, words, refused):
        name = f"{self.user.name}, {flavour}: {promises} | {words}"
        refused = h.expected(refused, flavour)
        bare = self.attempt(flavour, words)
        if unusable(name, words, self.user, bare):
            return
        found = self.attempt(flavour, words, promises)
        h.ok(bare == "ok" and found in refused.split(), f"{name}: {refused}",
             f"unconfined {bare}, confined {found}")


# Unconfined, only root may do it: the row says nothing of nobody.
PRIVILEGED = {"socket-raw", "socket-packet", "userfaultfd", "reboot",
              "mknod-device {new}"}


# What not every machine can do.
TAKES = {"socket-inet6": "ipv6"}


def unusable(name, words, user, bare):
    """A kernel without the call cannot show that it is refused."""
    what = TAKES.get(words)
    if what and not h.can(what, name, user):
        return True
    if bare == "ENOSYS":
        h.skip(name, "this kernel does not have it")
    return bare == "ENOSYS"


def check_rows(rows):
    for flavour in h.FLAVOURS:
        for row in WORDS:
            rows.word(flavour, *row)
        for promises, words, refused in REFUSED:
            if words in PRIVILEGED and rows.user != h.ROOT_USER:
                continue
            if words.startswith("connect ") and h.landlock_abi() < 4:
                h.skip(f"{promises} | {words}", "needs Landlock's port rules")
                continue
            rows.refused(flavour, promises, words, refused)
        for words in STDIO:
            h.equal([rows.attempt(flavour, words),
                     rows.attempt(flavour, words, "stdio")], ["ok", "ok"],
                    f"{rows.user.name}, {flavour}: stdio | {words}: ok")


def check_capabilities(rows):
    """Root's powers over others' files go, unless promises and caps name the
    words they belong to."""
    for promises, caps, words, found in (
            ("stdio rpath", "", "open-read {theirs}", "EACCES"),
            ("stdio rpath", "dac_read_search", "open-read {theirs}", "ok"),
            ("stdio rpath", "fowner", "open-read {theirs}", "EACCES"),
            ("stdio wpath", "", "open-write {theirs}", "EACCES"),
            ("stdio wpath", "dac_override", "open-write {theirs}", "ok"),
            ("stdio wpath", "dac_read_search", "open-write {theirs}",
             "EACCES"),
            ("stdio fattr", "", "chmod {theirs}", "EPERM"),
            ("stdio fattr", "fowner", "chmod {theirs}", "ok"),
            ("stdio fattr", "dac_override", "chmod {theirs}", "EPERM"),
            ("stdio chown fattr", "", "chown {theirs}", "ok"),
            ("stdio id", "", "setgroups", "ok"),
            ("stdio proc", "", "setgroups", "EPERM")):
        with h.fixture(h.USERS[1]) as names:
            theirs = h.write(names["file"], "x", 0o600, h.USERS[1])
            for options in (None, ["-p", promises, "-v", "rw:" + theirs,
                                   *(["--caps", caps] if caps else [])]):
                wanted = "ok" if options is None else found
                h.equal(h.attempt("static", words.format(theirs=theirs),
                                  rows.user, options), wanted,
                        f"root{f': {promises} {caps}' if options else ''} "
                        f"| {words} of another's file: {wanted}")


def check_words():
    for user in h.USERS:
        for word in MEANINGLESS:
            result = h.pledge(["-p", f"stdio {word}"], "/bin/true", user=user)
            h.ok(result.status == 0 and word in result.err,
                 f"{user.name}: {word} is accepted with a warning", result)
        # Without stdio not even a C library starts.
        h.equal([h.pledge("-p stdio", "/bin/true", user=user).status == 0,
                 h.pledge("-p rpath", "/bin/true", user=user).status == 0],
                [True, False], f"{user.name}: true needs stdio")
    told = {row[0] for row in WORDS} | {"stdio", "error"}
    h.equal(sorted(KNOWN - told - set(MEANINGLESS) -
                   {"sendfd", "recvfd", "unveil"}), [],
            "every word has a row that it allows")
    for word in ("sendfd", "recvfd", "unveil"):
        h.equal(h.attempt("static", "sendmsg-fd -- landlock", h.LEAST,
                          ["-p", f"stdio {word}"]), "ok\nok",
                f"{word}: accepted; stdio suffices on Linux")


def check_lookup(user):
    """getpwuid() reads three files: what getpw is for."""
    found = [h.attempt("dynamic", "getpwuid", user),
             h.attempt("dynamic", "getpwuid", user, ["-p", "stdio getpw"])]
    h.equal(found, ["ok", "ok"], f"{user.name}: getpw | getpwuid: ok")
    refused = h.attempt("dynamic", "getpwuid", user, ["-p", "stdio"])
    h.ok(refused != "ok", f"{user.name}: stdio | getpwuid: refused", refused)


def main():
    h.note(f"flavours: {' '.join(h.FLAVOURS)}; Landlock ABI "
           f"{h.landlock_abi()}")
    check_words()
    with h.listener() as port:
        for user in h.USERS:
            check_lookup(user)
            with h.scratch(user) as path, \
                    h.background(["/bin/sleep", "600"], user) as outsider:
                name = os.path.join(path, "server")
                with h.listener(h.socket.AF_UNIX, name):
                    os.chmod(name, 0o777)
                    rows = Rows(user, port, name, outsider.pid)
                    check_rows(rows)
                    if user == h.ROOT_USER:
                        check_capabilities(rows)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
