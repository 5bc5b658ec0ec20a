#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Programs that use a terminal, start others or make code, under the promises
they need: see programs."""
import contextlib
import os
import sys

import harness as h
from programs import TOOLS, Row, main

ROWS = [
    Row("less", "less", "stdio rpath tty", "words",
        "@TTY gamma q -- @P less -X words; @P less words | cat",
        "@P less secret | grep -x secret", "path", profile="less"),
    Row("vim", "vim.tiny", "stdio rpath wpath cpath tty", "rwc:out",
        "cp words out; @TTY beta A INSERT ' new\\x1b:wq\\r\\r:q!\\r' -- "
        "@P vim.tiny -Nu NONE out/words > shown; ls out; cat out/words",
        free="fattr getpw", profile="vim"),
    Row("man", "man groff",
        "stdio rpath wpath cpath proc exec", f"nap.1 r:/usr/share/groff "
        f"r:/etc/manpath.config r:/etc/groff {TOOLS}",
        "@P man -P cat -l nap.1", profile="man"),
    Row("git", "git", "stdio rpath wpath cpath fattr proc exec",
        f"rwc:out r:/usr/share/git-core {TOOLS}",
        "cd out; @P git init -q . && cp ../words . && @P git add words && "
        "@P git -c user.name=a -c user.email=a@b commit -qm first && "
        "@P git log --format='%an %s' && @P git status --short && "
        "@P git fsck && cd ..",
        "cd out; git init -q .; @P git hash-object -w ../secret", "path",
        profile="git"),
    Row("git clone", "git", "stdio rpath wpath cpath fattr proc exec",
        f"work rwc:out r:/usr/share/git-core {TOOLS}",
        "git init -q work && cp words work && git -C work add words && "
        "git -C work -c user.name=a -c user.email=a@b commit -qm first && "
        "@P git clone -q work out/new && cat out/new/words && "
        "@P git -C out/new log --format=%s", free="getpw"),
    Row("python3", h.PYTHON, "stdio rpath", "/usr/bin words",
        f"@P {h.PYTHON} -c 'import ssl, json, sqlite3, threading; "
        "t = threading.Thread(target=print, args=(1,)); t.start(); t.join(); "
        "print(open(\"words\").read()); raise SystemExit(4)'",
        f"@P {h.PYTHON} -c 'import socket; socket.socket()'", "socket",
        profile="python3"),
    Row("python run", h.PYTHON, "stdio rpath proc exec", f"words {TOOLS}",
        f"@P {h.PYTHON} -c 'import subprocess; "
        "print(subprocess.run([\"cat\", \"words\"], capture_output=True))'"),
    # Debian's own has parts of it there, others have none.
    Row("node", "node", "stdio rpath prot_exec", "words r:-/usr/share/nodejs",
        "@P node -e 'const fs = require(\"fs\"); "
        "fs.readFile(\"words\", (e, d) => { console.log(String(d)); "
        "process.exit(5) })'",
        "@P node -e 'require(\"fs\").readFileSync(\"secret\")'", "path",
        profile="node"),
    Row("perl", "perl", "stdio rpath", "/usr words",
        "@P perl -MPOSIX -ne 'print ucfirst; END { print floor(1.5), "
        "\"\\n\"; $? = 6 }' words",
        "@P perl -e 'system(\"true\") == 0 or exit 1'", "exec",
        profile="perl"),
    Row("gcc", "gcc", "stdio rpath wpath cpath fattr proc exec",
        f"rwc:. r:/usr/include {TOOLS}",
        "TMPDIR=$PWD/work; export TMPDIR; @P gcc -o out/x hello.c; out/x",
        "TMPDIR=$PWD/work; export TMPDIR; @P gcc -o /tmp/@ID.x hello.c && "
        "rm /tmp/@ID.x", "path", profile="gcc"),
    Row("make", "make", "stdio rpath wpath cpath proc exec",
        "rwc:. rx:/bin/sh rx:/usr/bin",
        "@P make; @P make; @P make none",
        "@P make --eval 'x: ; @cat /etc/hostname' x", "path", profile="make"),
    Row("convert", "/usr/bin/convert file", "stdio rpath wpath cpath",
        "rwc:out r:/etc/ImageMagick-6",
        "@P /usr/bin/convert -size 20x10 gradient: out/a.png; "
        "@P /usr/bin/convert out/a.png -rotate 90 -quality 80 out/b.jpg; "
        "ls out; file -b out/b.jpg | grep -o 10x20; "
        "@P /usr/bin/convert out/b.jpg -format '%wx%h\\n' info:",
        profile="convert"),
    Row("ffmpeg", "ffmpeg", "stdio wpath cpath", "rwc:out",
        "@P ffmpeg -v error -f lavfi -i testsrc=duration=1:size=64x48:rate=5 "
        "-threads 2 -c:v mpeg4 -bitexact out/x.mp4; md5sum out/x.mp4",
        free="rpath", profile="ffmpeg"),
    Row("rsync", "rsync", "stdio rpath wpath cpath fattr proc",
        "tree rwc:out",
        "@P rsync -a tree out/; ls -lR --time-style=full-iso out; "
        "@P rsync -ai tree out/",
        "@P rsync -a words out/", "path", "getpw", profile="rsync"),
]


@contextlib.contextmanager
def terminal():
    helper = os.path.join(h.ROOT, "tests", "cli", "on_terminal.py")
    yield {"@TTY": h.stage(helper)}


if __name__ == "__main__":
    sys.exit(main(ROWS, terminal))
