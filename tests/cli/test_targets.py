#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The first exec, and none after it: every kind of program starts under
"-p stdio", and what it starts as cannot widen what it may do."""
import os
import shutil
import stat
import sys

import harness as h

FLAVOURS = ["static", "static-pie", "dynamic", "musl", "go"]


def hello(flavour):
    path = h.target("hello-" + flavour)
    if path is None:
        h.skip(f"hello-{flavour}", f"no compiler for {flavour} programs")
    return path


def check_hello(user):
    """Case 3a-41 for the forms of program that there are here; its curl is a
    row of test_programs_net.py."""
    for flavour in FLAVOURS:
        path = hello(flavour)
        if path is None:
            continue
        for options in ("-p stdio", "-p stdio,rpath", "", "-V -p stdio",
                        "-k -p stdio"):
            bare = h.run([path, "a", "exit=7"], user)
            result = h.pledge(options, path, "a", "exit=7", user=user)
            h.ok(bare[:2] == (7, "hello a exit=7\n") and result == bare,
                 f"{user.name}: pledge {options} hello-{flavour}", result)
    for options in ("-p stdio", "-k -p stdio"):
        result = h.pledge(options, "/bin/true", user=user)
        h.equal(result, (0, "", ""), f"{user.name}: pledge {options} true")
    result = h.run([h.TOOL, "-p", "stdio", "--", "/bin/true"], user)
    h.equal(result, (0, "", ""), f"{user.name}: seccomp-pledge -p stdio true")


def check_no_exec(user):
    """By every way that leads to another program."""
    for flavour in ("static", "static-pie", "dynamic", "musl"):
        if h.target("attempt-" + flavour) is None:
            h.skip(f"attempt-{flavour}", "its compiler is missing")
            continue
        itself = os.path.join(h.STAGE, "attempt-" + flavour)
        other = os.path.join(h.STAGE, "attempt-static")
        for promises, words, wanted in (
                ("stdio", f"exec {other}", "EPERM"),
                ("stdio", f"exec {itself}", "EPERM"),
                ("stdio rpath", "execve", "EPERM"),
                ("stdio rpath", "execveat", "ENOSYS"),
                ("stdio proc", f"fork-exec {itself}", "EPERM"),
                ("stdio rpath exec", f"exec {itself}", "ok"),
                ("stdio rpath proc exec", f"fork-exec {itself}", "ok"),
                ("stdio", "mmap-exec-anon", "EPERM"),
                ("stdio", "mprotect-exec", "EPERM"),
                ("stdio", "memfd", "ENOSYS"),
                ("stdio prot_exec", "mmap-exec-anon", "ok"),
                ("stdio prot_exec", "mprotect-exec", "ok"),
                ("stdio prot_exec", "memfd", "ok")):
            found = [h.attempt(flavour, words, user),
                     h.attempt(flavour, words, user, ["-p", promises])]
            h.equal(found, ["ok", wanted], f"{user.name}, {flavour}: "
                    f"{promises} | {words.split()[0]}: {wanted}")


def check_early(user):
    """No stage before main() has more than main()."""
    for name in ("early-dynamic", "early-static"):
        path = os.path.join(h.STAGE, name)
        bare = h.run([path], user)
        free = [line.split()[-3::2] for line in bare.out.splitlines()]
        result = h.pledge(["-p", "stdio rpath"], path, user=user)
        held = [line.split()[-3::2] for line in result.out.splitlines()]
        tried = bare.out.count("tried 1")
        h.ok(tried == 4 and free == [["0", "0"]] * 4 and
             held == [["1", "1"]] * 4,
             f"{user.name}: {name}: exec and executable memory are refused "
             "from the first instruction on", f"{bare}\n{result}")


def check_origin(user):
    """A library beside the program, by $ORIGIN, is unveiled for it."""
    path = os.path.join(h.STAGE, "early-dynamic")
    for promises in ("stdio rpath", "stdio"):
        result = h.pledge(["-p", promises], path, user=user)
        h.ok(result.status == 0 and result.out.startswith("preinit"),
             f"{user.name}: -p '{promises}': a library found by $ORIGIN",
             result)


def check_refused(user):
    """A target that the policy cannot hold is refused: 126, and why."""
    execstack = h.target("hello-execstack")
    bare = h.run([execstack], user)
    result = h.pledge("-p stdio", execstack, user=user)
    h.ok(bare.status == 0 and result.status == 126 and
         "stack" in result.err and "prot_exec" in result.err,
         f"{user.name}: an executable stack is refused, and prot_exec named",
         result)
    result = h.pledge("-p stdio,prot_exec", execstack, user=user)
    h.equal(result[:2], (0, "hello\n"),
            f"{user.name}: an executable stack runs with prot_exec")
    path = hello("i386")
    if path and h.can("i386", f"{user.name}: a 32-bit program", user):
        result = h.pledge("-p stdio", path, user=user)
        h.ok(result.status == 126 and "32" in result.err and
             result.out == "", f"{user.name}: a 32-bit program is refused",
             result)
    name = f"{user.name}: a 32-bit call of a 64-bit program kills it"
    if h.can("i386", name, user):
        found = [h.attempt("static", "int80", user),
                 h.attempt("static", "int80", user, ["-p", "stdio"])]
        h.equal(found, ["ok", "status -31 "], name)


def check_broken(user):
    """Not programs, for different reasons."""
    with h.scratch() as path:
        whole = h.target("hello-static")
        with open(whole, "rb") as source:
            beginning = source.read(100)
        cases = [
            ("text", h.write(os.path.join(path, "text"), "no program\n",
                             0o755), 126),
            ("empty", h.write(os.path.join(path, "empty"), "", 0o755), 126),
            ("truncated", h.write(os.path.join(path, "truncated"), beginning,
                                  0o755), 126),
            ("directory", path, 126),
            ("not executable", h.write(os.path.join(path, "plain"),
                                       "#!/bin/sh\n", 0o644), 126),
            ("no interpreter", h.write(os.path.join(path, "lost"),
                                       "#!/nowhere/sh\n", 0o755), 126),
            ("dangling", os.path.join(path, "dangling"), 127),
            ("missing", os.path.join(path, "missing"), 127),
            ("below a file", os.path.join(path, "text", "x"), 126),
        ]
        os.symlink("nowhere", os.path.join(path, "dangling"))
        for name, target, wanted in cases:
            result = h.pledge("-p stdio", target, user=user)
            h.ok(result.status == wanted and target in result.err and
                 result.out == "", f"{user.name}: {name}: {wanted}, named",
                 result)
        # A shared object without a loader crashes by itself, or is refused.
        library = os.path.join(h.STAGE, "libearly.so")
        bare = h.run([library], user)
        result = h.pledge("-p stdio", library, user=user)
        h.ok(result.status in (bare.status, 126),
             f"{user.name}: a shared object ends as unconfined, or is refused",
             f"{bare}\n{result}")


def check_scripts(user):
    with h.scratch(user) as path:
        def script(name, text):
            return h.write(os.path.join(path, name), text, 0o755, user)

        plain = script("plain", "#!/bin/sh\necho hello \"$@\"\nexit 5\n")
        strict = script("strict", "#! /bin/sh -u\necho hello $-\n"
                        "echo $none\n")
        inner = script("inner", "#!/bin/sh\necho inner \"$@\"\nshift\n"
                       "echo \"$@\"\n")
        outer = script("outer", f"#!{inner}\n")
        for name, argv in (("plain", [plain, "a b"]), ("argument", [strict]),
                           ("of a script", [outer, "x"])):
            bare = h.run(argv, user, cwd=path)
            result = h.pledge("-p stdio", *argv, user=user, cwd=path)
            h.ok(bare.out and result.status == bare.status and
                 result.out == bare.out,
                 f"{user.name}: #! script: {name}", f"{bare}\n{result}")
        # The shell that the kernel started may start nothing.
        starts = script("starts", "#!/bin/sh\nexec /bin/echo started\n")
        bare = h.run([starts], user)
        result = h.pledge("-p stdio,rpath", starts, user=user)
        h.ok(bare.out == "started\n" and result.out == "" and
             result.status == 126, f"{user.name}: a script starts nothing",
             result)
        result = h.pledge(["-p", "stdio rpath exec", "-v", "rx:/bin/echo"],
                          starts, user=user)
        h.equal(result[:2], (0, "started\n"),
                f"{user.name}: a script starts what exec and rx allow")
        # From PATH, by the shell's rules: found, and run as a script.
        env = h.environment(PATH=path + ":" + h.PATH)
        result = h.pledge("-p stdio", "plain", user=user, env=env)
        h.equal(result.out, "hello\n", f"{user.name}: a script from PATH")


def check_unreadable():
    """To be run, not to be read: only the kernel can look into it."""
    with h.scratch() as path:
        target = os.path.join(path, "secret")
        shutil.copy(h.target("hello-dynamic"), target)
        os.chmod(target, 0o711)
        bare = h.run([target, "a"], h.LEAST)
        h.ok(bare.out == "hello a\n" and
             h.run(["/bin/cat", target], h.LEAST).status != 0,
             "unreadable: nobody runs it and cannot read it", bare)
        result = h.pledge("-p stdio", target, "a", user=h.LEAST)
        h.equal(result[:2], (0, "hello a\n"), "unreadable: runs confined")
        attempt = os.path.join(path, "attempt")
        for flavour in ("dynamic", "static"):
            shutil.copy(h.target("attempt-" + flavour), attempt)
            os.chmod(attempt, 0o711)
            for words in ("execve", "mmap-exec-anon", "mprotect-exec"):
                result = h.pledge("-p stdio", attempt, words, user=h.LEAST)
                h.equal(result.out, "EPERM\n",
                        f"unreadable, {flavour}: {words} is refused")


def check_setuid():
    """Set-user-ID root gives nothing under a policy."""
    with h.scratch() as path:
        target = os.path.join(path, "id")
        shutil.copy("/usr/bin/id", target)
        os.chmod(target, 0o4755)
        bare = h.run([target, "-u"], h.LEAST)
        result = h.pledge("-p stdio,rpath", target, "-u", user=h.LEAST)
        if bare.out != "0\n":
            h.skip("setuid", "file system without set-user-ID")
            return
        h.equal(result[:2], (0, f"{h.NOBODY}\n"),
                "setuid: the program runs as its caller")
        # A set-user-ID launcher would be a way in (case 3a-42: there, it
        # runs as its caller).
        launcher = os.path.join(path, "pledge")
        shutil.copy(h.PLEDGE, launcher)
        os.chmod(launcher, 0o4755)
        assert os.stat(launcher).st_mode & stat.S_ISUID
        result = h.run([launcher, "-p", "stdio", "--", "/bin/true"], h.LEAST)
        h.ok(result.status == 125 and "set-user-ID" in result.err,
             "setuid: a set-user-ID pledge refuses", result)


def check_nested(user):
    """pledge inside pledge narrows, and cannot widen."""
    inside = ["-v", "rx:" + h.PLEDGE, "-v", f"rx:{h.STAGE}/attempt-static"]
    command = [f"{h.STAGE}/attempt-static", "socket-inet", "--", "open-read",
               "/etc/passwd", "--", "fork"]
    for outer, inner, wanted in (
            ("stdio rpath exec inet proc", "stdio rpath inet proc",
             ["ok", "ok", "ok"]),
            ("stdio rpath exec inet proc", "stdio rpath",
             ["EPERM", "ok", "EPERM"]),
            ("stdio rpath exec", "stdio rpath inet proc",
             ["EPERM", "ok", "EPERM"])):
        result = h.pledge(
            ["-q", "-p", outer, "-v", "/etc/passwd", *inside],
            h.PLEDGE, "-q", "-p", inner, "-v", "/etc/passwd", "--", *command,
            user=user)
        h.equal(result.out.split(), wanted,
                f"{user.name}: [{outer}] around [{inner}]")
    # The inner unveil cannot reach what the outer hides.
    result = h.pledge(["-q", "-p", "stdio rpath exec", *inside], h.PLEDGE,
                      "-q", "-p", "stdio rpath", "-v", "/etc/passwd", "--",
                      *command[:1], "open-read", "/etc/passwd", user=user)
    h.ok(result.out == "EACCES\n" or result.status == 125,
         f"{user.name}: the inner pledge unveils nothing anew", result)
    depth = ["-q", "-p", "stdio rpath exec", *inside]
    argv = []
    for _ in range(3):
        argv += [h.PLEDGE, *depth, "--"]
    result = h.run([*argv, h.PLEDGE, "-p", "stdio", "--", "/bin/true"], user)
    # /bin/true is not among what the outer ones let run.
    h.ok(result.status != 0, f"{user.name}: four deep, /bin/true is hidden",
         result)
    result = h.run([*argv, *command[:1], "fork"], user)
    h.equal(result.out, "EPERM\n", f"{user.name}: three deep")


def check_once(user):
    """The command runs once, with the launcher's own process ID."""
    with h.scratch(user) as path:
        log = os.path.join(path, "log")
        process = h.start([h.PLEDGE, "-p", "stdio rpath wpath cpath", "-v",
                           "rwc:" + path, "-q", "--", "/bin/sh", "-c",
                           f"echo $$ >> {log}"], user)
        process.wait(h.TIMEOUT)
        with open(log, encoding="ascii") as lines:
            h.equal(lines.read(), f"{process.pid}\n",
                    f"{user.name}: in place, and once")
        filters = h.pledge(["-p", "stdio rpath", "-v", "/proc"], "/bin/cat",
                           "/proc/self/status", user=user)
        found = dict(line.split(":\t") for line in filters.out.splitlines()
                     if ":\t" in line)
        h.equal((found.get("Seccomp_filters"), found.get("NoNewPrivs")),
                ("1", "1"), f"{user.name}: one filter, no new privileges")


def main():
    for user in h.USERS:
        check_hello(user)
        check_no_exec(user)
        check_early(user)
        check_origin(user)
        check_refused(user)
        check_broken(user)
        check_scripts(user)
        check_nested(user)
        check_once(user)
    if h.ROOT_USER:
        check_unreadable()
        check_setuid()
    else:
        h.skip("setuid, unreadable", "made by root")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
