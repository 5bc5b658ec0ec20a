#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""why: what a policy says to a call, a path, a port, with the line that says
so; and it is what the kernel does under that policy."""
import json
import os
import sys

import harness as h

POLICY = """promises stdio rpath
# a comment
promises inet
unveil r /etc
unveil rwc {dir}/sub
connect 443
filter {dir}/f.json
"""
FILTER = """{"main": {"mismatch_action": "allow",
 "match_action": {"errno": 1}, "filter": [
 {"syscall": "getppid", "comment": "no parents"}]}}
"""
# What is asked; the exit status; what stands in the answer.
ROWS = [
    ("/etc/hostname", 0, "promise rpath (./policy:1); unveil r /etc (./policy:4)"),
    ("/etc/hostname rw", 1, "needs promise wpath"),
    ("sub/new c", 1, "needs promise cpath"),
    ("sub/missing", 1, "not the policy: openat"),
    ("/srv", 1, "hidden path; needs -v r:/srv"),
    ("443", 0, "connect 443 (./policy:6)"),
    ("host.example:443", 0, "promise inet (./policy:3)"),
    ("host.example:80", 1, "needs --connect 80"),
    ("bind 3 8080", 1, "needs --bind 8080"),
    ("bind 3 0", 1, "needs --bind 0"),
    ("openat /etc/hostname O_RDONLY", 0, "unveil r /etc (./policy:4)"),
    ("openat AT_FDCWD sub/x O_WRONLY|O_CREAT|O_EXCL 0600", 1,
     "needs promise"),
    ("getpid", 0, "promise stdio (./policy:1)"),
    ("getppid", 1, 'f.json:3:14 "main", errno 1 (EPERM): no parents'),
    ("exit_group 3", 0, "by every policy"),
    ("unshare CLONE_NEWUSER", 1, "enters or makes namespaces"),
    ("inotify_init1 0", 1, "cannot be limited to unveiled paths"),
    ("/usr/bin/env x", 1, "needs promise exec"),
    ("nonsense", 2, "is no system call here"),
    ("/etc q", 2, "letters of rwxc"),
    ("openat / O_NONSENSE", 2, "O_NONSENSE"),
    ("getpid 1 2 3 4 5 6 7", 2, "one argument too many"),
    ("", 2, "of what?"),
]


def why(user, path, words, *options):
    return h.run([h.TOOL, "why", *options, "./policy", *words.split()], user,
                 cwd=path)


def check_rows(user, path):
    for words, status, part in ROWS:
        result = why(user, path, words)
        h.ok(result.status == status and part in result.out + result.err,
             f"{user.name}: why {words}", result)
    result = why(user, path, "/etc/hostname r", "--json")
    event = json.loads(result.out)
    h.equal([event["event"], [by.get("line") for by in event["by"]]],
            ["allowed", [1, 4]], f"{user.name}: --json: allowed")
    event = json.loads(why(user, path, "/srv", "--json").out)
    h.equal([event["event"], event["unveil"]],
            ["denied", [{"permissions": "r", "path": "/srv"}]],
            f"{user.name}: --json: denied")
    result = h.run([h.TOOL, "why", "./policy", "@ARG1"], user, cwd=path)
    h.equal(result.status, 2, f"{user.name}: no command, no argument")


def check_truth(user, path):
    """As it is said, so it is done."""
    rows = [("/etc/hostname", ["cat", "/etc/hostname"]),
            ("/srv", ["ls", "/srv"]),
            ("sub/inner", ["cat", "sub/inner"]),
            ("closed/inner", ["cat", "closed/inner"]),
            ("./words", ["cat", "words"])]
    for asked, argv in rows:
        said = why(user, path, asked)
        done = h.run([h.PLEDGE, "-q", "-i", "./policy", "--", *argv], user,
                     cwd=path)
        h.equal(said.status, int(done.status != 0),
                f"{user.name}: {asked}: as it is done")
    for options, wanted in (([], 1), (["--", "cat", "words"], 0)):
        h.write(os.path.join(path, "other"), "promises stdio rpath\n"
                "unveil r -@ARG1\n")
        result = h.run([h.TOOL, "why", "./other", "./words", *options], user,
                       cwd=path)
        h.equal(result.status, wanted,
                f"{user.name}: for a command: {' '.join(options)}")


def main():
    for user in h.USERS:
        with h.scratch(user) as path:
            for name in ("sub", "closed"):
                os.mkdir(os.path.join(path, name))
                h.write(os.path.join(path, name, "inner"), "x\n", 0o644)
            os.chmod(os.path.join(path, "closed"), 0)
            h.write(os.path.join(path, "words"), "x\n", user=user)
            h.write(os.path.join(path, "policy"), POLICY.format(dir=path))
            h.write(os.path.join(path, "f.json"), FILTER)
            check_rows(user, path)
            check_truth(user, path)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
