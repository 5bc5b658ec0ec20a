#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What is mistyped by who is new here: what was meant is said, the exit status
is the launcher's own, and where a line is suggested, it works."""
import os
import sys

import harness as h

# the program, its words, its exit status, what is said
MISTAKES = [
    (h.PLEDGE, ["-p", "STDIO", "--", "true"], 125, 'did you mean "stdio"?'),
    (h.PLEDGE, ["--time", "5", "--", "true"], 125,
     'did you mean "timeout"?'),
    (h.PLEDGE, ["-i", "./marked.policy", "--", "true"], 125,
     "./marked.policy:1:1: a byte order mark"),
    (h.PLEDGE, ["-p", "stdio proc", "-t", "1", "--", "sleep", "30"], 124,
     "ran longer than 1 second and was ended"),
    # The forgotten quotes.
    (h.PLEDGE, ["-p", "stdio", "id", "--", "ls"], 125,
     '"id" is a promise, and stands where the command does'),
    (h.PLEDGE, ["-p", "stdio", "rpath", "wpath", "--", "cat", "words"], 125,
     "all promises are one word: -p 'stdio rpath' -- COMMAND"),
    (h.PLEDGE, ["stdio", "rpath", "--", "cat", "words"], 125,
     "all promises are one word"),
    (h.PLEDGE, ["-p", "stdio", "rpath", "cat", "words"], 125,
     "all promises are one word"),
    (h.TOOL, ["run", "-p", "stdio", "rpath", "--", "cat"], 125,
     "all promises are one word"),
    (h.PLEDGE, ["-v", "R:words", "--", "cat", "words"], 125,
     "letters are small, like r:words"),
    (h.PLEDGE, ["-v", "words:r", "--", "cat", "words"], 125,
     "letters come first: r:words"),
    (h.PLEDGE, ["-v", "words:rw", "--", "cat", "words"], 125,
     "letters come first: rw:words"),
    (h.PLEDGE, ["-v", "words,deep", "--", "ls"], 125,
     "each path has a -v of its own"),
    (h.PLEDGE, ["-v", "r:~/words", "--", "cat", "words"], 125,
     "write @HOME/words"),
    (h.PLEDGE, ["-v", "r:*.x", "--", "ls"], 125,
     "patterns are for policy files"),
    (h.PLEDGE, ["-v", "nothing", "--", "ls"], 125, "to skip a missing path"),
    (h.PLEDGE, ["-v", "--", "ls"], 125, "-v needs an argument: [PERM:]PATH"),
    (h.PLEDGE, ["--promises", "--", "ls"], 125,
     "--promises needs an argument: PROMISES"),
    (h.PLEDGE, ["-i", "mine", "--", "true"], 125,
     "the file here is ./mine.policy"),
    (h.PLEDGE, ["-i", "words", "--", "true"], 125,
     "the file here is ./words"),
    (h.PLEDGE, ["-i", "lesz", "--", "true"], 125, 'did you mean "less"?'),
    (h.TOOL, ["check", "cat", "words"], 2,
     "check POLICY -- cat ..."),
    (h.TOOL, ["export", "--to", "k8s", "-p", "stdio"], 2,
     "there are oci, "),
    (h.TOOL, ["export", "--to", "OCI", "-p", "stdio"], 2,
     'did you mean "oci"?'),
    (h.TOOL, ["filter", "convert", "--to", "k8s", "words"], 2,
     "there are oci, "),
    (h.TOOL, ["help", "nothing"], 125, "help: nothing: no such verb"),
    (h.TOOL, ["help", "learn", "x"], 125, "help: x: no such verb"),
    (h.TOOL, ["version", "x"], 125, "it takes no more words"),
]
# What is meant as it is written.
RIGHT = [
    (h.TOOL, ["help"], "usage: seccomp-pledge [options]"),
    (h.TOOL, ["help", "learn"], "usage: seccomp-pledge learn"),
    (h.TOOL, ["help", "filter"], "usage: seccomp-pledge filter"),
    (h.TOOL, ["version"], "seccomp-pledge 0."),
    (h.PLEDGE, ["-p", "stdio rpath", "-v", "r:words", "--", "cat", "words"],
     "hello"),
    (h.PLEDGE, ["-p", "stdio rpath", "-v", "r:a,b", "--", "cat", "a,b"],
     "comma"),
    # A command that has a promise's name.
    (h.PLEDGE, ["-p", "stdio rpath getpw", "id", "-u"], ""),
    (h.PLEDGE, ["-p", "stdio rpath getpw", "--", "id", "-u"], ""),
    (h.PLEDGE, ["-i", "./mine.policy", "-v", "r:c:r", "--", "cat", "c:r"],
     "colon"),
    (h.PLEDGE, ["-p", "stdio rpath", "-v", "r:@HOME/words", "--", "cat",
                "words"], "hello"),
]


def prepare(folder):
    for name, text in (("words", "hello\n"), ("a,b", "comma\n"),
                       ("c:r", "colon\n"),
                       ("mine.policy", "promises stdio rpath\n"),
                       ("marked.policy", "\ufeffpromises stdio\n")):
        h.write(os.path.join(folder, name), text)
    os.mkdir(os.path.join(folder, "deep"))
    profiles = os.path.join(folder, "config", "seccomp-pledge", "profiles")
    os.makedirs(profiles)
    h.write(os.path.join(profiles, "less.policy"), "promises stdio\n")
    os.chmod(folder, 0o755)
    return h.environment(HOME=folder, XDG_CONFIG_HOME=os.path.join(
        folder, "config"))


def test_mistakes(user):
    with h.scratch(user) as folder:
        env = prepare(folder)
        for program, words, status, said in MISTAKES:
            result = h.run([program, *words], user, env=env, cwd=folder)
            h.ok(result.status == status and said in result.err,
                 f"{user.name}: {' '.join(words)}: {said}", result)
        for program, words, said in RIGHT:
            result = h.run([program, *words], user, env=env, cwd=folder)
            h.ok(result.status == 0 and said in result.out,
                 f"{user.name}: {' '.join(words)}: as meant", result)
        result = h.run([h.PLEDGE, "-c", "/", "--", "true"], user, env=env)
        h.ok(result.status == 0 if user is h.ROOT_USER else
             result.status == 125 and "it takes CAP_SYS_CHROOT" in result.err,
             f"{user.name}: another root directory", result)


def test_bare():
    """A newcomer's first line, on a terminal; a script's says nothing."""
    hint = "no policy was given, so ls may read no file but its own"
    with h.scratch() as folder, h.terminal() as (ours, theirs):
        silent = h.run([h.PLEDGE, "ls"], cwd=folder)
        h.ok(hint not in silent.err, "no terminal: no hint", silent)
        process = h.start([h.PLEDGE, "ls"], cwd=folder, stdin=theirs,
                          stdout=theirs, stderr=theirs)
        process.wait()
        said = h.text(os.read(ours, 65536))
        h.ok(hint in said and "-v r:. -- ..." in said,
             "a terminal: what that was, and what would let it read", said)


def main():
    for user in h.USERS:
        test_mistakes(user)
    test_bare()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
