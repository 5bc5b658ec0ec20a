#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Programs that work on files, under the promises they need: see programs."""
import sys

import harness as h
from programs import Row, main

ROWS = [
    Row("cat", "cat", "stdio rpath", "words",
        "@P cat words; @P cat words missing",
        "@P cat secret", "path", profile="cat"),
    Row("ls", "ls", "stdio rpath getpw", "tree",
        "@P ls -l tree; @P ls -lR tree; @P ls -la tree/deep/a",
        "@P ls -l work", "path", profile="ls"),
    Row("busybox ls", "busybox", "stdio rpath getpw", "tree",
        "@P busybox ls -l tree; @P busybox cat tree/b | @P busybox wc",
        "@P busybox ls work", "path"),
    Row("cp", "cp", "stdio rpath wpath cpath", "words rwc:out",
        "@P cp words out/copy; cat out/copy; @P cp words out",
        "@P cp words work/copy", "path"),
    Row("cp -p", "cp", "stdio rpath wpath cpath fattr chown", "tree rwc:out",
        "@P cp -pr tree out; ls -lR --time-style=full-iso out",
        "@P cp -p words out", "path", "nobody:chown"),
    Row("mv", "mv", "stdio cpath", "rwc:out rwc:work",
        "cp words out/a; @P mv out/a work/b; ls out work",
        "@P mv words work/c", "path", "rpath"),
    Row("rm", "rm", "stdio rpath cpath", "rwc:out",
        "cp -r tree out; @P rm -r out/tree; ls out",
        "@P rm words", "path"),
    Row("grep -r", "grep", "stdio rpath", "tree",
        "@P grep -r needle tree; @P grep -rc . tree; @P grep -r none tree",
        "@P grep secret secret", "path", profile="grep"),
    Row("find", "find", "stdio rpath", "tree",
        "@P find tree -type f -newermt 2019-01-01 | sort; "
        "@P find tree -name a -printf '%s %p\\n'",
        "@P find tree -name a -exec cat {} +", "exec", profile="find"),
    Row("sort", "sort", "stdio rpath", "words",
        "@P sort words; @P sort -r < words | @P sort -c",
        "@P sort -o out/x words", "write", profile="sort"),
    Row("sha256sum", "sha256sum", "stdio rpath", "words x.json",
        "@P sha256sum words x.json > sums; cat sums; "
        "@P sha256sum -c < sums",
        "@P sha256sum secret", "path", profile="sha256sum"),
    Row("awk", "awk", "stdio rpath", "words",
        "@P awk '{ n += length($1) } END { print n; exit 3 }' words",
        "@P awk 'BEGIN { if (system(\"true\")) exit 1 }'", "exec",
        profile="awk"),
    Row("openssl", "openssl", "stdio rpath", "words",
        "@P openssl dgst -sha256 words; @P openssl dgst -md5 -c words",
        "@P openssl dgst secret", "path", profile="openssl"),
    Row("tar c", "tar", "stdio rpath wpath cpath getpw", "tree rwc:out",
        "@P tar -cf out/x.tar tree; tar -tvf out/x.tar",
        "@P tar -cf out/y.tar words", "path", profile="tar"),
    Row("tar cz", "tar gzip", "stdio rpath wpath cpath proc exec",
        "tree rwc:out rx:/bin/sh rx:/usr/bin/gzip",
        "@P tar -czf out/x.tgz tree; tar -tzf out/x.tgz",
        "@P tar -cf out/y.tar --use-compress-program=/bin/cat tree", "exec",
        profile="tar"),
    Row("tar x", "tar", "stdio rpath wpath cpath fattr chown",
        "some.tar rwc:out",
        "@P tar -xf some.tar -C out; ls -lR --time-style=full-iso out",
        "@P tar -xf some.tar -C work", "path", "nobody:chown", profile="tar"),
    Row("tar xz", "tar gzip", "stdio rpath wpath cpath fattr chown proc exec",
        "rwc:out rx:/bin/sh rx:/usr/bin/gzip",
        "tar -czf out/x.tgz tree; @P tar -xzf out/x.tgz -C out; "
        "ls -lR --time-style=full-iso out/tree",
        "tar -czf out/x.tgz tree; @P tar -xzf out/x.tgz -C work", "path",
        "nobody:chown", profile="tar"),
    Row("gzip", "gzip", "stdio rpath wpath cpath fattr", "rwc:out",
        "cp -p words out; @P gzip -k out/words; zcat out/words.gz; "
        "ls -l --time-style=full-iso out; @P gzip -dc < words.gz",
        "@P gzip -k secret", "path", "chown", profile="gzip"),
    Row("xz", "xz", "stdio rpath wpath cpath fattr chown", "rwc:out",
        "cp -p words out; @P xz -k out/words; @P xz -dc out/words.xz; "
        "ls -l --time-style=full-iso out",
        "@P xz -k secret", "path", "nobody:chown", profile="xz"),
    Row("sqlite3", "sqlite3", "stdio rpath wpath cpath flock", "rwc:out",
        "@P sqlite3 out/t.db 'create table t(a, b); "
        "insert into t values(1, \"x\"), (2, \"y\"); "
        "select sum(a), group_concat(b) from t'; "
        "@P sqlite3 out/t.db 'select * from t; select * from none'",
        "@P sqlite3 out/t.db '.shell echo x > out/x' && cat out/x", "exec",
        profile="sqlite3"),
    Row("jq", "jq", "stdio rpath", "x.json",
        "@P jq -c '.a[1]' x.json; @P jq .b < x.json; @P jq '.[' x.json",
        "@P jq -R . /etc/hostname", "path", profile="jq"),
    Row("ssh-keygen", "ssh-keygen", "stdio rpath wpath cpath getpw",
        "rwc:out",
        "@P ssh-keygen -q -t ed25519 -N '' -C me -f out/key; ls out; "
        "cut -d ' ' -f 1,3 out/key.pub; "
        "@P ssh-keygen -y -f out/key | diff - out/key.pub",
        "@P ssh-keygen -q -t ed25519 -N '' -f work/key", "path",
        profile="ssh-keygen"),
    Row("id", "id", "stdio getpw", "",
        "@P id; @P id -un; @P id nobody; @P id none", free="rpath",
        profile="id"),
    Row("date", "date", "stdio rpath", "words",
        "@P date -d @1; TZ=America/New_York @P date -d @1; "
        "@P date -r words; @P date -d nonsense",
        "echo 2020-01-02 > new; @P date -f new", "path", profile="date"),
    Row("ps", "ps", "stdio rpath ps", "",
        "@P ps -o comm= -p $$; @P ps -o pid= -p $$ | grep -cw $$; "
        "@P ps -o comm= -p 1", free="tty", profile="ps"),
    Row("static Go", "hello-go", "stdio rpath", "words",
        "@P hello-go a exit=3; @P hello-go read=words",
        "@P hello-go read=secret", "path"),
    Row("static musl", "hello-musl", "stdio rpath", "words",
        "@P hello-musl a exit=3; @P hello-musl read=words",
        "@P hello-musl read=secret", "path"),
]

if __name__ == "__main__":
    sys.exit(main(ROWS))
