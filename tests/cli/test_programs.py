#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Real programs under the policy they need: the same output and status as
unconfined, and something real refused that is allowed unconfined.

A row is a shell line that is run in a directory prepared by PREPARE, with the
program's policy; then its second line, which must succeed unconfined and be
refused under the same policy. @P stands for the launcher with its options, so
that a line confines the one program and not the shell around it."""
import collections
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time

import harness as h

# The files that every row finds in its directory.
PREPARE = r"""
set -e
mkdir work tree tree/deep out
printf 'gamma\nalpha\nbeta\n' > words
printf '{"a": [1, {"b": "c"}]}\n' > x.json
printf 'needle in hay\n' > tree/deep/a
printf 'nothing\n' > tree/b
printf 'secret\n' > secret
cat > hello.c <<'END'
#include <stdio.h>
int main(void) { puts("hello"); return 3; }
END
printf 'all: made\nmade: words\n\tsort words > made\n\tcat made\n' > Makefile
touch -d 2020-01-02 words x.json tree/deep/a tree/b tree tree/deep
tar -cf some.tar words tree
gzip -9 -c words > words.gz
"""

# Where the programs of several rows keep what they cannot work without.
NAMES = "r:/etc/passwd r:/etc/group r:/etc/nsswitch.conf"
TOOLS = "rx:/usr/bin rx:/bin rx:/usr/lib/gcc rx:/usr/lib/git-core"

Row = collections.namedtuple(
    "Row", "name needs promises unveil line refused why")

# name; commands it takes; promises; unveiled paths besides the defaults; the
# line; what is refused, and which layer refuses it.
ROWS = [
    Row("cat", "cat", "stdio rpath", "words",
        "@P cat words; @P cat words missing",
        "@P cat secret", "path"),
    Row("ls", "ls", "stdio rpath", f"tree {NAMES}",
        "@P ls -l tree; @P ls -lR tree; @P ls -la tree/deep/a",
        "@P ls -l work", "path"),
    Row("cp", "cp", "stdio rpath wpath cpath", "words rwc:out",
        "@P cp words out/copy; cat out/copy; @P cp words out",
        "@P cp words work/copy", "path"),
    Row("cp -p", "cp", "stdio rpath wpath cpath fattr chown", "tree rwc:out",
        "@P cp -pr tree out; ls -lR --time-style=full-iso out",
        "@P cp -p words out", "path"),
    Row("mv", "mv", "stdio rpath cpath", "rwc:out rwc:work",
        "cp words out/a; @P mv out/a work/b; ls out work",
        "@P mv words work/c", "path"),
    Row("rm", "rm", "stdio rpath cpath", "rwc:out",
        "cp -r tree out; @P rm -r out/tree; ls out",
        "@P rm words", "path"),
    Row("grep -r", "grep", "stdio rpath", "tree",
        "@P grep -r needle tree; @P grep -rc . tree; @P grep -r none tree",
        "@P grep secret secret", "path"),
    Row("find", "find", "stdio rpath", "tree",
        "@P find tree -type f -newermt 2019-01-01 | sort; "
        "@P find tree -name a -printf '%s %p\\n'",
        "@P find tree -name a -exec cat {} +", "exec"),
    Row("sort", "sort", "stdio rpath", "words",
        "@P sort words; @P sort -r < words | @P sort -c",
        "@P sort -o out/x words", "write"),
    Row("sha256sum", "sha256sum", "stdio rpath", "words x.json",
        "@P sha256sum words x.json > sums; cat sums; "
        "@P sha256sum -c < sums",
        "@P sha256sum secret", "path"),
    Row("tar c", "tar", "stdio rpath wpath cpath", f"tree rwc:out {NAMES}",
        "@P tar -cf out/x.tar tree; tar -tvf out/x.tar",
        "@P tar -cf out/y.tar words", "path"),
    Row("tar cz", "tar gzip", "stdio rpath wpath cpath proc exec",
        f"tree rwc:out rx:/bin/sh rx:/usr/bin/gzip {NAMES}",
        "@P tar -czf out/x.tgz tree; tar -tzf out/x.tgz",
        "@P tar -cf out/y.tar --use-compress-program=/bin/cat tree", "exec"),
    Row("tar x", "tar", "stdio rpath wpath cpath fattr chown",
        f"some.tar rwc:out {NAMES}",
        "@P tar -xf some.tar -C out; ls -lR --time-style=full-iso out",
        "@P tar -xf some.tar -C work", "path"),
    Row("tar xz", "tar gzip", "stdio rpath wpath cpath fattr chown proc exec",
        f"rwc:out rx:/bin/sh rx:/usr/bin/gzip {NAMES}",
        "tar -czf out/x.tgz tree; @P tar -xzf out/x.tgz -C out; "
        "ls -lR --time-style=full-iso out/tree",
        "tar -czf out/x.tgz tree; @P tar -xzf out/x.tgz -C work", "path"),
    Row("gzip", "gzip", "stdio rpath wpath cpath fattr chown", "rwc:out",
        "cp -p words out; @P gzip -k out/words; zcat out/words.gz; "
        "ls -l --time-style=full-iso out; @P gzip -dc < words.gz",
        "@P gzip -k secret", "path"),
    Row("sqlite3", "sqlite3", "stdio rpath wpath cpath flock", "rwc:out",
        "@P sqlite3 out/t.db 'create table t(a, b); "
        "insert into t values(1, \"x\"), (2, \"y\"); "
        "select sum(a), group_concat(b) from t'; "
        "@P sqlite3 out/t.db 'select * from t; select * from none'",
        "@P sqlite3 out/t.db '.shell echo x > out/x' && cat out/x", "exec"),
    Row("git", "git", "stdio rpath wpath cpath fattr proc exec",
        f"rwc:out r:/usr/share/git-core {TOOLS} {NAMES}",
        "cd out; @P git init -q . && cp ../words . && @P git add words && "
        "@P git -c user.name=a -c user.email=a@b commit -qm first && "
        "@P git log --format='%an %s' && @P git status --short && "
        "@P git fsck && cd ..",
        "cd out; git init -q .; @P git hash-object -w ../secret", "path"),
    Row("python3", h.PYTHON, "stdio rpath", "/usr/bin words",
        f"@P {h.PYTHON} -c 'import ssl, json, sqlite3, threading; "
        "t = threading.Thread(target=print, args=(1,)); t.start(); t.join(); "
        "print(open(\"words\").read()); raise SystemExit(4)'",
        f"@P {h.PYTHON} -c 'import socket; socket.socket()'", "socket"),
    Row("perl", "perl", "stdio rpath", "/usr words",
        "@P perl -MPOSIX -ne 'print ucfirst; END { print floor(1.5), "
        "\"\\n\"; $? = 6 }' words",
        "@P perl -e 'system(\"true\") == 0 or exit 1'", "exec"),
    Row("jq", "jq", "stdio rpath", "x.json",
        "@P jq -c '.a[1]' x.json; @P jq .b < x.json; @P jq '.[' x.json",
        "@P jq -R . /etc/hostname", "path"),
    Row("curl", "curl", "stdio rpath inet", "",
        "@P curl -sS http://127.0.0.1:@PORT/words; "
        "@P curl -s http://127.0.0.1:1/; "
        "@P curl -sS http://127.0.0.1:@PORT/none -f",
        "@P curl -sS file://$PWD/secret", "path"),
    Row("curl -o", "curl", "stdio rpath wpath cpath inet", "rwc:out",
        "@P curl -sS -o out/words http://127.0.0.1:@PORT/words; "
        "cat out/words",
        "@P curl -sS -o work/words http://127.0.0.1:@PORT/words", "path"),
    Row("gcc", "gcc", "stdio rpath wpath cpath fattr proc exec",
        f"rwc:. r:/usr/include {TOOLS}",
        "TMPDIR=$PWD/work; export TMPDIR; @P gcc -o out/x hello.c; out/x",
        "TMPDIR=$PWD/work; export TMPDIR; @P gcc -o /tmp/@ID.x hello.c && "
        "rm /tmp/@ID.x", "path"),
    # "id", as glibc's posix_spawn() sets the child's user ID to its own when
    # make asks for POSIX_SPAWN_RESETIDS, and fails if that is refused.
    Row("make", "make", "stdio rpath wpath cpath proc exec id",
        f"rwc:. rx:/bin/sh rx:/usr/bin {NAMES}",
        "@P make; @P make; @P make none",
        "@P make --eval 'x: ; @cat /etc/hostname' x", "path"),
    Row("static Go", "hello-go", "stdio rpath", "words",
        "@P hello-go a exit=3; @P hello-go read=words",
        "@P hello-go read=secret", "path"),
    Row("static musl", "hello-musl", "stdio rpath", "words",
        "@P hello-musl a exit=3; @P hello-musl read=words",
        "@P hello-musl read=secret", "path"),
]

# A status that is not the last one's counts as well: it is printed.
TRAP = "trap 'echo status $?' ERR\n"


def run_line(row, line, user, port, launcher):
    """In a fresh directory; confined by LAUNCHER, or unconfined."""
    with h.scratch(user) as path:
        result = h.run(["/bin/bash", "-c", PREPARE], user, cwd=path)
        assert result.status == 0, result
        words = " ".join([*launcher, *options_of(row, path)])
        line = line.replace("@PORT", str(port))
        line = line.replace("@ID", os.path.basename(path))
        line = line.replace("@P ", words + " " if launcher else "")
        env = h.environment(PATH=h.STAGE + ":" + h.PATH, HOME=path, TZ="UTC",
                            GIT_CONFIG_NOSYSTEM="1",
                            GIT_AUTHOR_DATE="2020-01-02T00:00:00Z",
                            GIT_COMMITTER_DATE="2020-01-02T00:00:00Z")
        result = h.run(["/bin/bash", "-c", TRAP + line], user, cwd=path,
                       env=env, stdin=subprocess.DEVNULL)
        return h.Result(result.status, result.out.replace(path, "."),
                        result.err.replace(path, "."))


def options_of(row, path):
    """Unveiled paths stay the same where the line changes the directory."""
    words = ["-q", "-p", f"'{row.promises}'"]
    for unveiled in row.unveil.split():
        perm, colon, name = unveiled.rpartition(":")
        words += ["-v", perm + colon + os.path.join(path, name)]
    return [*words, "--"]


def missing_of(row):
    """Commands that this system lacks."""
    return [name for name in row.needs.split()
            if not shutil.which(name, path=h.STAGE + ":" + h.PATH)]


Outcome = collections.namedtuple("Outcome", "row user tool same quiet refused")


def check_row(row, user, port, launcher):
    tool = os.path.basename(launcher[0])
    name = f"{user.name}: {tool}: {row.name}"
    bare = run_line(row, row.line, user, port, [])
    confined = run_line(row, row.line, user, port, launcher)
    same = h.ok(bare.status is not None and bare[:2] == confined[:2],
                f"{name}: output and status as unconfined",
                f"unconfined {bare}\nconfined {confined}")
    bare_refused = run_line(row, row.refused, user, port, [])
    held = run_line(row, row.refused, user, port, launcher)
    refused = h.ok(bare_refused.status == 0 and held.status not in (0, None),
                   f"{name}: refused ({row.why}): {row.refused}",
                   f"unconfined {bare_refused}\nconfined {held}")
    return Outcome(row, user, tool, same, bare.err == confined.err, refused)


@contextlib.contextmanager
def web_server():
    """Python's own, of the files that every row has; its port."""
    with h.scratch(h.LEAST) as path:
        h.run(["/bin/bash", "-c", PREPARE], h.LEAST, cwd=path)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with h.background([h.PYTHON, "-m", "http.server", "--bind",
                           "127.0.0.1", str(port)], h.LEAST, cwd=path,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL):
            deadline = time.monotonic() + 20
            while True:
                with contextlib.suppress(OSError), \
                        socket.create_connection(("127.0.0.1", port)):
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError("the web server does not answer")
                time.sleep(0.05)
            yield port


def print_table(outcomes):
    h.note(f"{'program':12} {'as':7} {'by':15} {'same':5} {'stderr':7} "
           f"{'refused':8} promises")
    for row, user, tool, same, quiet, refused in outcomes:
        h.note(f"{row.name:12} {user.name:7} {tool:15} "
               f"{'yes' if same else 'NO':5} {'same' if quiet else 'other':7} "
               f"{(row.why if refused else 'NO'):8} {row.promises}")


def main():
    outcomes = []
    with web_server() as port:
        for row in ROWS:
            missing = missing_of(row)
            if missing:
                h.skip(row.name, f"no {' '.join(missing)} here")
                continue
            for user in h.USERS:
                outcomes.append(check_row(row, user, port, [h.PLEDGE]))
            outcomes.append(check_row(row, h.LEAST, port, [h.TOOL, "run"]))
    print_table(outcomes)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
