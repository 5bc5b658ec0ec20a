#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A suggested command line, read by a shell: whatever the command chose as its
words, each shell hands on the same bytes, and runs nothing of its own."""
import os
import re
import shutil
import sys

import harness as h

SHELLS = (["bash", "--norc"], ["dash"], ["busybox", "sh"], ["zsh", "-f"])
# Those that users have at a prompt: between double quotes, '!' recalls there.
PROMPTS = (["bash", "--norc", "-i"], ["zsh", "-f", "-i"])
HANDED = b"handed on:"

WORDS = [b"a\n';id>x;#", b"a\n$(touch x)`touch x`\n", b"\n", b"\n\n", b"n\n.",
         b"\n" * 3 + b"x\n", b"", b" ", b"-n", b"-\n", b"--\n", b"%s%d%%",
         b"%s\n", b"\\n", b"\\n\n", b"\\\n\\", b"'", b"'\n'", b'"\n"', b"=ls",
         b"=ls\n", b"~", b"~root\n", b"*", b"a[b]?\n", b"{a,b}", b"!!",
         b"!!\n", b"!$\t", b"$HOME", b"$HOME\n", b"`id`\n", b"#x", b"#x\n",
         b"a;b|c&d\n", b"\x1b]0;title\x07", b"\xe2\x80\xae", b"\xc3\xa9",
         b"\xff\xfe\n", b"\r\n", b"a b\tc", b"a\\\n", b"x\n.", b"(x)\n",
         b"<x>\n", b"\\101", b"\\101\n", b"\\c\n", b"^a^b\n"] + \
        [bytes(range(1, 256)), bytes(range(255, 0, -1))] + \
        [bytes(range(c, c + 15)) + b"\n" for c in range(1, 256, 15)]


def raw(text):
    return text.encode("utf-8", "surrogateescape")


def suggestion(user, directory):
    """The line for a command that is denied something, with these words."""
    result = h.pledge("-e -p stdio", "sh", "-c", ": <{}/file; exit 0".format(
        directory), "sh", *WORDS, user=user)
    found = re.search(": to allow everything that was denied: (.*)",
                      result.err)
    h.ok(found is not None, f"{user.name}: a command line is suggested",
         result)
    return raw(found.group(1)) if found else b""


def check_line(user, directory, line):
    """One line, of printable characters, that each shell reads alike."""
    h.ok(line != b"" and all(32 <= c < 127 for c in line),
         f"{user.name}: it is one line of printable ASCII")
    script = h.write(os.path.join(directory, "line"), line + b"\n", user=user)
    fake = os.path.join(directory, "bin")
    os.mkdir(fake, 0o755)
    h.write(os.path.join(fake, "pledge"),
            "#!/usr/bin/python3 -S\nimport os, sys\n"
            "words = [os.fsencode(word) for word in sys.argv]\n"
            "at = words.index(b'--')\n"
            "os.write(1, b'handed on:' + b''.join(w + b'\\0' "
            "for w in words[at + 5:]))\n", 0o755)
    wanted = HANDED + b"".join(word + b"\0" for word in WORDS)
    env = h.environment(PATH=fake + ":/usr/bin:/bin", HOME=directory,
                        HISTFILE="/dev/null")
    for shell in (*SHELLS, *PROMPTS):
        name = " ".join(shell)
        if shutil.which(shell[0]) is None:
            h.skip(f"{user.name}: {name} reads it", f"no {shell[0]}")
            continue
        if "-i" in shell:
            # As typed: read from the standard input, with its history.
            result = h.run(shell, user, env=env, cwd=directory,
                           words=b"set -o history\n" * (shell[0] == "bash") +
                           line + b"\nexit\n")
        else:
            result = h.run([*shell, script], user, env=env, cwd=directory)
        out = raw(result.out)
        h.ok(wanted in out, f"{user.name}: {name} reads it",
             f"{result.status} {result.err[-300:]!r}\n{differing(out)}")
    h.equal(sorted(os.listdir(directory)), ["bin", "file", "line"],
            f"{user.name}: and nothing of it was run")


def differing(out):
    """The first word that was handed on otherwise."""
    found = out.partition(HANDED)[2].split(b"\0")
    for i, word in enumerate(WORDS):
        if i >= len(found) or found[i] != word:
            return f"word {i}: {word!r} became {found[i:i + 1]!r}"
    return "the words are the same"


def main():
    for user in h.USERS:
        with h.scratch(user) as directory:
            h.write(os.path.join(directory, "file"), "x\n", user=user)
            check_line(user, directory, suggestion(user, directory))
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
