#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Unveiled paths: what each of r, w, x and c gives, what stays hidden, and
what becomes of redirections."""
import os
import shutil
import subprocess
import sys

import harness as h

PROMISES = "stdio rpath wpath cpath fattr proc exec"

# What is unveiled, attempt, what becomes of it. All promises that the attempt
# needs are there, so it is the path that decides.
PATHS = [
    ("r:{file}", "open-read {file}", "ok"),
    ("r:{file}", "open-read {other}", "EACCES"),
    ("r:{file}", "open-write {file}", "EACCES"),
    ("r:{file}", "open-rdwr {file}", "EACCES"),
    ("r:{file}", "open-rdonly-trunc {file}", "EACCES"),
    ("r:{file}", "truncate {file}", "EACCES"),
    ("r:{file}", "unlink {file}", "EACCES"),
    ("r:{file}", "rename {file} {new}", "EACCES"),
    ("r:{file}", "list {dir}", "EACCES"),
    ("r:{dir}", "list {dir}", "ok"),
    ("r:{dir}", "open-read {inner}", "ok"),
    ("r:{dir}", "open-read {link}", "ok"),
    ("r:{dir}", "open-write {file}", "EACCES"),
    ("r:{dir}", "create {new}", "EACCES"),
    ("r:{dir}", "mkdir {new}", "EACCES"),
    ("r:{dir}", "rmdir {sub}", "EACCES"),
    ("r:{dir}", "symlink {new}", "EACCES"),
    ("r:{dir}", "exec {program}", "EACCES"),
    ("r:{full}", "open-read {inner}", "ok"),
    ("r:{full}", "open-read {file}", "EACCES"),
    ("r:{full}", "open-read {full}/../file", "EACCES"),
    ("r:{full}", "open-read {link}", "EACCES"),
    ("r:{full}", "list {sub}", "EACCES"),
    # A symbolic link's target is what is unveiled.
    ("r:{link}", "open-read {file}", "ok"),
    ("w:{file}", "open-write {file}", "ok"),
    ("w:{file}", "open-write-trunc {file}", "ok"),
    ("w:{file}", "truncate {file}", "ok"),
    ("w:{file}", "open-read {file}", "EACCES"),
    ("w:{file}", "open-rdwr {file}", "EACCES"),
    ("w:{file}", "open-write {other}", "EACCES"),
    ("w:{dir}", "create {new}", "EACCES"),
    ("w:{dir}", "unlink {file}", "EACCES"),
    ("rw:{file}", "open-rdwr {file}", "ok"),
    ("rw:{file}", "open-rdonly-trunc {file}", "ok"),
    ("rw:{dir}", "exec {program}", "EACCES"),
    # The kernel asks for reading, too, before it runs a file.
    ("x:{dir}", "exec {program}", "EACCES"),
    ("rx:{dir}", "exec {program}", "ok"),
    ("rx:{program}", "exec {program}", "ok"),
    ("rx:{program}", "fork-exec {program}", "ok"),
    ("rx:{dir}", "open-write {file}", "EACCES"),
    ("c:{dir}", "mkdir {new}", "ok"),
    ("c:{dir}", "symlink {new}", "ok"),
    ("c:{dir}", "unlink {file}", "ok"),
    ("c:{dir}", "rmdir {sub}", "ok"),
    ("c:{dir}", "rename {file} {new}", "ok"),
    ("c:{dir}", "rename {file} {sub}/file", "ok"),
    ("c:{dir}", "create {new}", "EACCES"),
    ("c:{dir}", "open-read {file}", "EACCES"),
    ("c:{dir}", "open-write {file}", "EACCES"),
    ("wc:{dir}", "create {new}", "ok"),
    ("rwc:{dir}", "create-rdwr {new}", "ok"),
    ("rwc:{dir}", "tmpfile {dir}", "ok"),
    ("rwc:{dir}", "exec {program}", "EACCES"),
    ("rwc:{full}", "rename {inner} {new}", "EACCES EXDEV"),
    ("rwc:{full}", "link {file} {full}/new", "EACCES EXDEV"),
    ("rwc:{full}", "unlink {file}", "EACCES"),
    ("rwxc:{dir}", "exec {program}", "ok"),
    # Several add up.
    ("r:{file} w:{file}", "open-rdwr {file}", "ok"),
    ("r:{file} r:{other}", "open-read {other}", "ok"),
    ("rw:{full} r:{dir}", "open-write {inner}", "ok"),
    ("rw:{full} r:{dir}", "open-write {file}", "EACCES"),
    # Nothing but what the program itself needs.
    ("", "open-read {file}", "EACCES"),
    ("", "list {dir}", "EACCES"),
    ("", "open-read /etc/passwd", "EACCES"),
    ("", "list /", "EACCES"),
    ("", "list .", "EACCES"),
    ("", "exec {program}", "EACCES"),
    # What Landlock cannot hide, said in the manual.
    ("", "stat {file}", "ok"),
    ("", "chdir {dir}", "ok"),
    ("", "open-path {file}", "ok"),
]


def check_paths(user, flavour):
    source = os.path.join(h.STAGE, "attempt-static")
    for unveiled, words, wanted in PATHS:
        found = []
        for confined in (False, True):
            with h.fixture(user) as names:
                names["program"] = os.path.join(names["dir"], "program")
                shutil.copy(source, names["program"])
                options = ["-p", PROMISES]
                for one in unveiled.format(**names).split():
                    options += ["-v", one]
                found.append(h.attempt(
                    flavour, words.format(**names), user,
                    options if confined else None, cwd=names["dir"]))
        h.ok(found[0] == "ok" and found[1] in wanted.split(),
             f"{user.name}, {flavour}: -v {unveiled or '(none)'} | {words}: "
             f"{wanted}", f"unconfined {found[0]}, confined {found[1]}")


def check_no_unveil(user):
    for words, promises, wanted in (
            ("open-read {file}", "stdio rpath", "ok"),
            ("open-read /etc/passwd", "stdio rpath", "ok"),
            ("open-write {file}", "stdio rpath", "EPERM"),
            ("open-write {file}", "stdio rpath wpath", "ok"),
            ("inotify {dir}", "stdio rpath", "ok"),
            ("exec {program}", "stdio exec", "ok"),
            ("exec {program}", "stdio", "EPERM")):
        with h.fixture(user) as names:
            names["program"] = os.path.join(h.STAGE, "attempt-static")
            found = h.attempt("static", words.format(**names), user,
                              ["-p", promises, "-V"])
        h.equal(found, wanted,
                f"{user.name}: -V -p '{promises}' | {words}: {wanted}")
    # The grace of a dynamic program stays with its loader's files.
    with h.fixture(user) as names:
        found = h.attempt("dynamic", f"open-read {names['file']}", user,
                          ["-p", "stdio", "-V"])
    h.equal(found, "EACCES",
            f"{user.name}: -V without rpath opens no files for reading")


# shell redirection, attempt, confined with "stdio rpath wpath" and no unveil.
# The same unconfined is ok, always.
REDIRECTIONS = [
    ("< {file}", "read-fd 0", "ok"),
    ("< {file}", "open-read /dev/stdin", "ok"),
    ("< {file}", "open-read {file}", "ok"),
    ("< {file}", "open-write /dev/stdin", "EACCES"),
    ("< {file}", "open-write {file}", "EACCES"),
    ("< {file}", "truncate {file}", "EACCES"),
    ("< {file}", "open-read {other}", "EACCES"),
    ("< {dir}", "open-read {file}", "EACCES"),
    ("< {dir}", "list {dir}", "EACCES"),
    ("< {dir}", "list /dev/stdin", "EACCES"),
    ("3> {new} < /dev/null", "open-write {new}", "EACCES"),
    ("2>> {file}", "write-fd 2", "ok"),
    ("2>> {file}", "open-write /dev/stderr", "ok"),
    ("2>> {file}", "open-read /dev/stderr", "EACCES"),
    ("2>> {file}", "open-read {file}", "EACCES"),
    ("2> {dir}/log", "open-write {dir}/other", "EACCES"),
]


def check_redirections(user):
    for redirection, words, wanted in REDIRECTIONS:
        found = []
        for pledge in ("", f"{h.PLEDGE} -q -p 'stdio rpath wpath' -- "):
            with h.fixture(user) as names:
                line = (f"exec {pledge}{h.STAGE}/attempt-dynamic {words} "
                        f"{redirection}").format(**names)
                result = h.run(["/bin/sh", "-c", line], user,
                               stdin=subprocess.DEVNULL)
            found.append(result.out.strip() or str(result))
        h.equal(found, ["ok", wanted],
                f"{user.name}: {redirection} | {words}: {wanted}")


def check_reports(user):
    """What cannot be unveiled is an error that names it, or is said."""
    with h.fixture(user) as names:
        missing = os.path.join(names["dir"], "missing")
        result = h.pledge(["-v", missing], "/bin/true", user=user)
        h.ok(result.status == 125 and missing in result.err,
             f"{user.name}: a missing path is an error that names it", result)
        result = h.pledge(["-v", "-" + missing], "/bin/true", user=user)
        h.ok(result.status == 0, f"{user.name}: -PATH may be missing", result)
        result = h.pledge(["-v", "r:-" + missing], "/bin/true", user=user)
        h.ok(result.status == 0, f"{user.name}: r:-PATH may be missing",
             result)
        # PERM is one only if all its letters are: a file called "q:file".
        h.write(os.path.join(names["dir"], "q:file"), "odd\n")
        result = h.pledge(["-v", "q:file"], "/bin/cat", "q:file", user=user,
                          cwd=names["dir"])
        h.equal((result.status, result.out), (0, "odd\n"),
                f"{user.name}: a path with a colon; relative to the directory")
        # Less below what is granted is what Landlock cannot say.
        result = h.pledge(["-p", "stdio rpath wpath", "-v",
                           "rw:" + names["dir"], "-v", "r:" + names["full"]],
                          os.path.join(h.STAGE, "attempt-static"),
                          "open-write", names["inner"], user=user)
        refused = result.status == 125 and names["full"] in result.err
        enforced = result.status == 0 and result.out == "EACCES\n"
        h.ok(refused or enforced,
             f"{user.name}: less below a granted parent is refused or "
             "enforced, never ignored", result)
        result = h.pledge(["-p", "stdio exec", "-v", "x:" + names["full"]],
                          "/bin/true", user=user)
        h.ok("x" in result.err and names["full"] in result.err,
             f"{user.name}: x without r warns", result)
        result = h.pledge(["-p", "stdio rpath wpath", "-v",
                           "rw:" + names["full"]], "/bin/true", user=user)
        h.ok(result.status == 0 and names["full"] in result.err,
             f"{user.name}: writable and readable warns", result)


def check_many(user):
    """More than the launcher has static room for."""
    with h.scratch(user) as path:
        os.chmod(path, 0o755)
        names = [os.path.join(path, f"{'long' * 20}-{number}")
                 for number in range(300)]
        for name in names:
            h.write(name, "text\n")
        options = [word for name in names[1:] for word in ("-v", name)]
        for more in ([], ["-e"]):
            result = h.pledge(["-p", "stdio rpath", *more, *options],
                              os.path.join(h.STAGE, "attempt-static"),
                              "open-read", names[299], "--", "open-read",
                              names[0], user=user)
            h.ok(result.out == "ok\nEACCES\n",
                 f"{user.name}: {' '.join(more)} 299 files and no other",
                 result)


def main():
    h.note(f"Landlock ABI {h.landlock_abi()}")
    for user in h.USERS:
        check_paths(user, "static")
        check_no_unveil(user)
        check_redirections(user)
        check_reports(user)
        check_many(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
