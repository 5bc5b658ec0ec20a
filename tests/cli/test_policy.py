#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Policy files: read, written, included, refused with the place, and safe to
hold any name that a file can have."""
import os
import re
import sys

import harness as h

ATTEMPT = os.path.join(h.STAGE, "attempt-static")


def save(options, user, cwd=None, env=None):
    """What --save writes."""
    with h.scratch(user) as path:
        target = os.path.join(path, "saved.policy")
        result = h.run([h.PLEDGE, *options, "--save", target, "--",
                        "/bin/true"], user, cwd=cwd, env=env)
        if result.status != 0:
            return str(result)
        with open(target, encoding="utf-8", errors="surrogateescape") as text:
            return text.read()


def statements(text):
    """Without comments, as sorted words."""
    return sorted(" ".join(line.split()) for line in text.splitlines()
                  if line.strip() and not line.lstrip().startswith("#"))


# options, the statements that --save writes for them
SAVED = [
    ([], ["promises stdio rpath"]),
    (["-p", "stdio"], ["promises stdio"]),
    (["-p", "stdio,inet", "-p", "dns"], ["promises stdio inet dns"]),
    (["-p", "stdio rpath inet -inet"], ["promises stdio rpath"]),
    (["-p", "stdio rpath", "-p", "-rpath wpath"], ["promises stdio wpath"]),
    (["-v", "/usr"], ["promises stdio rpath", "unveil r /usr"]),
    (["-v", "rx:/usr"], ["promises stdio rpath", "unveil rx /usr"]),
    (["-v", "r:/usr", "-v", "x:/usr"],
     ["promises stdio rpath", "unveil rx /usr"]),
    (["-v", "-/nowhere"], ["promises stdio rpath", "unveil r -/nowhere"]),
    (["-V"], ["promises stdio rpath", "unveil off"]),
    (["-k"], ["promises stdio rpath", "violation kill"]),
    (["-p", "stdio inet", "--connect", "443", "--bind", "80"],
     ["bind 80", "connect 443", "promises stdio inet"]),
    (["--caps", "fowner,dac_override"],
     ["caps dac_override fowner", "promises stdio rpath"]),
    (["-O", "64"], ["limit files 64", "promises stdio rpath"]),
]


def words_of(statement):
    """Promises in any order are the same policy."""
    first, *rest = statement.split()
    return (first, *(sorted(rest) if first == "promises" else rest))


def check_mode(user):
    """Nobody can read what is saved who could not read what was there."""
    mask = os.umask(0o022)
    os.umask(mask)
    for mode in (0o600, 0o640, None):
        with h.scratch(user) as path:
            target = os.path.join(path, "saved.policy")
            if mode is not None:
                os.chmod(h.write(target, "promises stdio\n"), mode)
            h.run([h.PLEDGE, "--save", target, "--", "/bin/true"], user)
            h.equal(os.stat(target).st_mode & 0o777, mode or 0o666 & ~mask,
                    f"{user.name}: --save over a file of mode {mode}")


def check_save(user):
    for options, wanted in SAVED:
        found = statements(save(options, user))
        h.equal([words_of(s) for s in found], [words_of(s) for s in wanted],
                f"{user.name}: --save of {' '.join(options) or 'nothing'}")
    with h.fixture(user) as names:
        text = save(["-v", "sub"], user, cwd=names["dir"])
        h.ok(f"unveil r {names['sub']}" in " ".join(text.split()) or
             "@CWD/sub" in text,
             f"{user.name}: --save writes a relative path so that a file may "
             "hold it", text)


def check_round_trip(user):
    """What was saved, read and saved once more is equal, and holds."""
    options = ["-p", "stdio rpath wpath", "-v", "r:/usr", "-v", "rw:/tmp",
               "-v", "-/nowhere", "--connect", "80", "-O", "64", "-k"]
    first = save(options, user)
    with h.scratch() as path:
        policy = h.write(os.path.join(path, "a.policy"), first)
        h.equal(save(["-i", policy], user), first,
                f"{user.name}: --save, -i, --save: the same")
        result = h.run([h.PLEDGE, "-i", policy, "--dry-run"], user)
        h.ok(result.status == 0 and
             set(statements(first)) <= set(statements(result.out)),
             f"{user.name}: --dry-run prints it", result)
        again = h.write(os.path.join(path, "b.policy"), result.out)
        h.equal(statements(save(["-i", again], user)), statements(first),
                f"{user.name}: what --dry-run prints reads back equal")
        marker = os.path.join(path, "marker")
        os.chmod(path, 0o777)
        result = h.run([h.PLEDGE, "-V", "-p", "stdio rpath wpath cpath",
                        "--dry-run", "--", "/bin/touch", marker], user)
        h.ok(result.status == 0 and not os.path.exists(marker),
             f"{user.name}: --dry-run runs nothing", result)
        result = h.run([h.PLEDGE, "-V", "-p", "stdio rpath wpath cpath",
                        "--save", "-", "--", "/bin/touch", marker], user)
        h.ok(result.status == 0 and not os.path.exists(marker) and
             "promises" in result.out,
             f"{user.name}: --save - writes to standard output", result)


def check_include(user):
    """By path and by name; what is given adds up."""
    with h.scratch(user) as path:
        config = os.path.join(path, "config")
        profiles = os.path.join(config, "seccomp-pledge", "profiles")
        os.makedirs(profiles)
        readable = h.write(os.path.join(path, "readable"), "yes\n")
        h.write(os.path.join(profiles, "mine"),
                f"# a profile\npromises stdio rpath # words\n\n"
                f"unveil r {readable}\n")
        h.write(os.path.join(profiles, "net"), "promises inet\n")
        for name in (config, os.path.dirname(profiles), profiles):
            os.chmod(name, 0o755)
        env = h.environment(XDG_CONFIG_HOME=config)
        for options, words, wanted in (
                ("-i mine", f"open-read {readable}", "ok"),
                ("-p stdio", f"open-read {readable}", "EPERM"),
                ("-p stdio,rpath", f"open-read {readable}", "EACCES"),
                ("-i mine", "socket-inet", "EPERM"),
                ("-i mine -i net", "socket-inet", "ok"),
                ("-i mine -i net", f"open-read {readable}", "ok"),
                ("-i mine -p inet", f"open-read {readable}", "ok"),
                ("-i mine -p inet", "socket-inet", "ok"),
                ("-i mine -p inet -p -rpath", f"open-read {readable}",
                 "EPERM"),
                ("-i mine", "open-read /etc/passwd", "EACCES"),
                ("-i mine -v /etc/passwd", "open-read /etc/passwd", "ok"),
                (f"--policy {profiles}/mine", f"open-read {readable}", "ok"),
                ("--policy=mine", f"open-read {readable}", "ok")):
            found = h.attempt("static", words, user, options.split(), env=env)
            h.equal([h.attempt("static", words, user), found],
                    ["ok", wanted], f"{user.name}: {options.replace(path, '')}"
                    f" | {words.replace(path, '')}: {wanted}")
        result = h.pledge("-i mien", "/bin/true", user=user, env=env)
        h.ok(result.status == 125 and "mien" in result.err,
             f"{user.name}: an unknown profile is named", result)
        # A name is no path: not even one that is there.
        h.write(os.path.join(path, "local"), "promises stdio\n")
        result = h.pledge("-i local", "/bin/true", user=user, env=env,
                          cwd=path)
        h.equal(result.status, 125, f"{user.name}: a bare word is a profile's "
                "name, not a file")
        result = h.run([h.TOOL, "profiles"], user, env=env)
        h.ok(result.status == 0 and "mine" in result.out,
             f"{user.name}: profiles lists it", result)
        result = h.run([h.TOOL, "profiles", "mine"], user, env=env)
        h.ok(result.status == 0 and f"unveil r {readable}" in
             " ".join(result.out.split()),
             f"{user.name}: profiles mine prints it", result)


# a policy file, where it is wrong (line:column), what the message must name
WRONG = [
    ("promises stdio rpaht\n", "1:16", r'"rpaht"; did you mean "rpath"'),
    ("promises stdio\n\n# x\npromise rpath\n", "4:1", r'"promises"'),
    ("promises stdio\nunveil q /usr\n", "2:8", r'"q"'),
    ("unveil r usr\n", "1:10", r"usr"),
    ("unveil r ./usr\n", "1:10", r"\./usr"),
    ("unveil r ../usr\n", "1:10", r"\.\./usr"),
    ("unveil r ~/x\n", "1:10", r"~/x"),
    ("unveil r @NOWHERE/x\n", "1:10", r"@NOWHERE"),
    ("unveil r @ARGx\n", "1:10", r"@ARGx"),
    ("unveil r\n", "1:", r"."),
    ("unveil r /usr /bin\n", "1:", r"."),
    ("\tconnect   http\n", "1:12", r"http"),
    ("connect 0x50\n", "1:9", r"0x50"),
    ("bind 65536\n", "1:6", r"65536"),
    ("violation errno EWHAT\n", "1:17", r"EWHAT"),
    ("violation maybe\n", "1:11", r"."),
    ("limit fires 64\n", "1:7", r'did you mean "files"'),
    ("limit files many\n", "1:13", r"many"),
    ("filter :main\n", "1:8", r"no file"),
    ("filter a.json b.json\n", "1:1", r"filter FILE"),
    ('unveil r "/usr\n', "1:10", r"quote"),
    ('unveil r "/us\\qr"\n', "1:10", r"escape"),
    ('unveil r "/usr"x\n', "1:10", r"blank|quote"),
    ('unveil r /us"r\n', "1:10", r'"'),
    ("unveil r /us\\r\n", "1:10", r"."),
    ('unveil r "/a\\0b"\n', "1:10", r"."),
    ("promises stdio\0rpath\n", "", r"."),
    ("promises stdio\033[2J\n", "1:10", r"."),
]


def check_errors(user):
    with h.scratch() as path:
        policy = os.path.join(path, "wrong.policy")
        for text, place, named in WRONG:
            h.write(policy, text)
            result = h.pledge(["-i", policy], "/bin/true", user=user)
            where = f"{policy}:{place}" if place else policy
            h.ok(result.status == 125 and where in result.err and
                 re.search(named, result.err.replace(policy, "")) and
                 h.printable(result.err),
                 f"{user.name}: {text!r} is wrong at {place}", result)
        for name, act in (("a directory", os.mkdir), ("a FIFO", os.mkfifo)):
            odd = os.path.join(path, name.replace(" ", "."))
            act(odd)
            result = h.pledge(["-i", odd], "/bin/true", user=user)
            h.ok(result.status == 125 and odd in result.err,
                 f"{user.name}: {name} is no policy", result)
        huge = h.write(os.path.join(path, "huge.policy"),
                       "# long\n" * 1000000)
        result = h.pledge(["-i", huge], "/bin/true", user=user)
        h.ok(result.status in (0, 125),
             f"{user.name}: a huge file is read or refused", result)


def check_file_meaning(user):
    """Statements do what they say."""
    with h.fixture(user) as names, h.listener() as port:
        home = names["full"]
        beside = os.path.join(names["dir"], "beside.policy")
        env = h.environment(HOME=home)
        for text, words, wanted in (
                ("unveil r @HERE/file", "open-read {file}", "ok"),
                ("unveil r @HERE/full", "open-read {file}", "EACCES"),
                ("unveil r @CWD/file", "open-read {file}", "ok"),
                ("unveil r @CWD/full", "open-read {file}", "EACCES"),
                ("unveil r @HOME", "open-read {inner}", "ok"),
                ("unveil r @HOME", "open-read {file}", "EACCES"),
                ("unveil r @ARG2", "open-read {file}", "ok"),
                ("unveil r @ARG2", "open-read file", "ok"),
                ("unveil r @ARG1", "open-read {file}", "refused"),
                ("unveil r @ARG9", "open-read {file}", "refused"),
                ("unveil r -@HERE/missing", "open-read {file}", "EACCES"),
                ("unveil r @HERE/missing", "open-read {file}", "refused"),
                ("unveil off", "open-read {file}", "ok"),
                ("unveil rw {file}", "open-write {file}", "EPERM"),
                ("promises wpath\nunveil rw {file}", "open-write {file}",
                 "ok"),
                ("violation errno EACCES", "socket-inet", "EACCES"),
                ("violation errno ENOSYS", "fork", "ENOSYS"),
                ("violation kill", "fork", "status -31 "),
                ("limit files 3", "open-read {file}", "EMFILE"),
                ("unveil r {file}\nlimit files 16", "open-read {file}", "ok"),
                ("promises inet\nconnect {port}", "connect {port}", "ok"),
                ("promises inet\nconnect 1", "connect {port}", "EACCES"),
                ("promises inet\nconnect {port}", "bind 0", "EACCES"),
                ("promises inet\nbind 0", "bind 0", "ok"),
                ("promises inet\nbind 0", "connect {port}", "EACCES"),
                ("promises inet\nconnect {port}", "fastopen {port}",
                 "EPERM"),
                ("promises inet\nconnect {port}", "listen-anywhere",
                 "EPERM"),
                ("promises inet\nconnect {port}", "socket-inet-dgram",
                 "EPERM"),
                ("promises inet\nconnect {port}", "socket-mptcp",
                 "EPROTONOSUPPORT")):
            if "connect" in text + words and h.landlock_abi() < 4:
                h.skip(f"{text} | {words}", "needs Landlock's port rules")
                continue
            where = dict(names, port=port)
            h.write(beside, "promises stdio rpath\n" + text.format(**where)
                    + "\n")
            act = words.format(**where)
            bare = h.attempt("static", act, user, env=env, cwd=names["dir"])
            found = h.attempt("static", act, user, ["-i", beside], env=env,
                              cwd=names["dir"])
            if found.startswith("status 125"):
                found = "refused"
            h.equal([bare, found], ["ok", wanted],
                    f"{user.name}: {text!r} | {words}: {wanted}")


NAMES = ["a\nunveil rwxc ", "a b", "a#b", 'a"b', "a'b", "a\\b", "a\033[2Jb",
         "</script>", "a\tb", "\udcff\udcfe", "caf\xe9", "-dash", "@CWD",
         "a$(id)b", "a`id`b", "%s%n", " lead", "trail ", "r:x", "\u202ea",
         "a\rb", "a;b", "a\x7fb"]


def check_foreign_names(user):
    """A name that somebody chose reads back equal and grants nothing."""
    with h.fixture(user) as names:
        for name in NAMES:
            odd = os.path.join(names["dir"], name)
            os.makedirs(odd)
            h.write(os.path.join(odd, "file"), "inside\n")
            saved = save(["-p", "stdio rpath", "-v", "r:" + odd], user)
            h.ok(h.printable(saved) and
                 [s.split()[0] for s in statements(saved)] ==
                 ["promises", "unveil"],
                 f"{user.name}: {name!r} is one unveil of one line", saved)
            policy = h.write(os.path.join(names["dir"], "odd.policy"),
                             saved.encode("utf-8", "surrogateescape"))
            found = []
            for target in (os.path.join(odd, "file"), names["file"]):
                result = h.pledge(["-i", policy], ATTEMPT, "open-read",
                                  target, user=user)
                found.append(result.out)
            h.equal(found, ["ok\n", "EACCES\n"],
                    f"{user.name}: {name!r} reads back equal, and is all")
            again = save(["-i", policy], user)
            h.equal(again, saved, f"{user.name}: {name!r}: saved twice")


def check_escapes(user):
    with h.fixture(user) as names:
        policy = os.path.join(names["dir"], "escapes.policy")
        for name, written in (("a b", "a b"), ("a\tb", "a\\tb"),
                              ("a\nb", "a\\nb"), ('a"b', 'a\\"b'),
                              ("a\\b", "a\\\\b"), ("aAb", "a\\x41b"),
                              ("aAb", "a\\101b"), ("a\xe9", "a\\303\\251"),
                              ("a#b", "a#b")):
            odd = h.write(os.path.join(names["dir"], name), "x")
            h.write(policy, "promises stdio rpath\n"
                    f'unveil r "{names["dir"]}/{written}"\n')
            result = h.pledge(["-i", policy], ATTEMPT, "open-read", odd,
                              user=user)
            h.equal(result.out, "ok\n", f'{user.name}: "{written}" is {name!r}')
        # Line ends, blanks and a missing last newline are no matter.
        h.write(policy, f"\n  promises\tstdio   rpath  # x\n\n"
                f"unveil r {names['file']}")
        result = h.pledge(["-i", policy], ATTEMPT, "open-read", names["file"],
                          user=user)
        h.equal(result.out, "ok\n", f"{user.name}: blanks and comments")


def check_tmp(user):
    """@TMP: private to the run, named by TMPDIR, removed after it."""
    shell = "echo $TMPDIR; ls -ld $TMPDIR; mkdir -p $TMPDIR/a/b; " \
            "echo x > $TMPDIR/a/b/c; ln -s / $TMPDIR/link; cat $TMPDIR/a/b/c"
    # cpath and exec are for the shell's own commands.
    words = "stdio rpath wpath cpath proc exec"
    with h.scratch(user) as path:
        env = h.environment(TMPDIR=path)
        policy = h.write(os.path.join(path, "tmp.policy"),
                         f"promises {words}\nunveil rwc @TMP\n"
                         "unveil rx /bin\nunveil rx /usr/bin\n"
                         "unveil rw /dev/null\n")
        result = h.pledge(["-q", "-i", policy], "/bin/sh", "-c", shell,
                          user=user, env=env)
        lines = result.out.splitlines() or [""]
        made = lines[0]
        h.ok(result.status == 0 and lines[-1] == "x" and
             os.path.dirname(made) == path and
             lines[1].startswith("drwx------"),
             f"{user.name}: @TMP is a private directory below TMPDIR", result)
        h.ok(made and not os.path.exists(made) and
             sorted(os.listdir(path)) == ["tmp.policy"],
             f"{user.name}: @TMP is removed, with all that is in it")
        h.ok(os.path.exists("/etc"), "what a link pointed to is still there")
        # By the promise alone.
        result = h.pledge("-p stdio,tmppath", ATTEMPT, "mkstemp", "--",
                          "open-read", "/etc/passwd", user=user, env=env)
        h.ok(result.out.split()[:1] == ["ok"] and
             result.out.split()[1:] in (["EACCES"], ["EPERM"]),
             f"{user.name}: tmppath makes files there, and reads none else",
             result)
        h.equal(sorted(os.listdir(path)), ["tmp.policy"],
                f"{user.name}: tmppath leaves nothing behind")
        result = h.pledge(["-q", "-p", words, "-v", "rwc:@TMP", "-v",
                           "rx:/usr/bin", "-v", "rx:/bin"], "/bin/sh", "-c",
                          "touch $TMPDIR/x; kill -TERM $$", user=user,
                          env=env)
        h.equal((result.status, sorted(os.listdir(path))),
                (128 + 15, ["tmp.policy"]),
                f"{user.name}: removed after a signal, too")


def main():
    for user in h.USERS:
        check_mode(user)
        check_save(user)
        check_round_trip(user)
        check_include(user)
        check_errors(user)
        check_file_meaning(user)
        check_foreign_names(user)
        check_escapes(user)
        check_tmp(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
