# SPDX-License-Identifier: ISC
"""Rows of real programs, and what is shown of each: the same output and status
as unconfined under the promises of its row; another output or status when any
one of these is taken away; something real refused that is allowed unconfined.
The same again under the profile of that name, if there is one, which holds no
promise that no row needs.

A row's line is run by bash in a directory prepared by PREPARE. @P stands for
the launcher with its options, so that a line confines the one program and not
the shell around it; @PORT and other words for what the row's servers say."""
import collections
import contextlib
import functools
import os
import re
import shutil
import socket
import subprocess
import tempfile

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
printf '.TH NAP 1\n.SH NAME\nnap \\- sleep\n' > nap.1
touch -d 2020-01-02 words x.json tree/deep/a tree/b tree tree/deep
tar -cf some.tar words tree
gzip -9 -c words > words.gz
"""

# What the programs of several rows cannot work without.
TOOLS = "rx:/usr/bin rx:/bin rx:/usr/lib/gcc rx:/usr/lib/git-core"

# name; commands it takes; promises, each of them needed; unveiled paths
# besides the defaults; the line; what is refused, and which layer refuses it.
# FREE: words that it can do without, although it tries what they stand for or
# is often given them; "who:word" where one user needs the word and WHO does
# not ("nobody": whoever is not root).  PROFILE: the one for such commands.
Row = collections.namedtuple(
    "Row", "name needs promises unveil line refused why free profile",
    defaults=("", "", "", ""))

# What every profile refuses: it unveils no more than the working directory.
OUTSIDE = "@P cat ../outside"

TOOL_RUN = [h.TOOL, "run"]
PROFILED = [*TOOL_RUN, "-i"]  # and the row's profile
# A status that is not the last one's counts as well: it is printed.
TRAP = "trap 'echo status $?' ERR\n"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fill(line, names):
    for name, value in names.items():
        line = line.replace(name, value or "")
    return line


def run_line(row, line, user, servers, launcher, promises=None):
    """In a fresh directory; confined by LAUNCHER, or unconfined."""
    def words_of(path):
        if launcher == PROFILED:
            return [*TOOL_RUN, *profile_of(row)]
        return launcher and [*launcher, *options_of(row, path, promises)]

    return run_words(line, user, servers, words_of)


@functools.cache
def prepared(user):
    """A directory to be copied, which takes a fraction of making it."""
    path = tempfile.mkdtemp(prefix="prepared-", dir=h.STAGE)
    os.chmod(path, 0o755)
    if user.uid is not None:
        os.chown(path, user.uid, user.uid)
    result = h.run(["/bin/bash", "-c", PREPARE], user, cwd=path)
    assert result.status == 0, result
    return path


def run_words(line, user, servers, words_of):
    """With the words that WORDS_OF gives for the directory in place of @P."""
    outside = os.path.join(h.STAGE, "outside")
    if not os.path.exists(outside):
        h.write(outside, "beyond the working directory\n")
    with h.scratch(user) as path:
        result = h.run(["/bin/cp", "-a", prepared(user) + "/.", path], user)
        assert result.status == 0, result
        words = " ".join(words_of(path))
        line = line.replace("@P ", words + " " if words else "")
        line = fill(line, {"@FREE": str(free_port()),
                           "@ID": os.path.basename(path), **servers})
        env = h.environment(PATH=h.STAGE + ":" + h.PATH, HOME=path, TZ="UTC",
                            GIT_CONFIG_NOSYSTEM="1",
                            GIT_AUTHOR_DATE="2020-01-02T00:00:00Z",
                            GIT_COMMITTER_DATE="2020-01-02T00:00:00Z")
        result = h.run(["/bin/bash", "-c", TRAP + line], user, cwd=path,
                       env=env, stdin=subprocess.DEVNULL)
        # What curl says of how long it took is another each time.
        return h.Result(result.status, result.out.replace(path, "."),
                        re.sub(r"after \d+ ms", "after a while",
                               result.err.replace(path, ".")))


def options_of(row, path, promises):
    """Unveiled paths stay the same where the line changes the directory."""
    words = ["-q", "-p", f"'{row.promises if promises is None else promises}'"]
    for unveiled in row.unveil.split():
        perm, colon, name = unveiled.rpartition(":")
        if not name.startswith(("@", "-/")):
            name = os.path.join(path, name)
        words += ["-v", perm + colon + name]
    return [*words, "--"]


def profile_of(row):
    """And what the row's servers made for it."""
    made = [word for name in row.unveil.split() if name.startswith("@")
            for word in ("-v", name)]
    return ["-q", "-i", h.profile(row.profile), *made, "--"]


def missing_of(row, servers):
    """Commands, and words for what servers say, that this system lacks."""
    return [name for name in row.needs.split()
            if not shutil.which(name, path=h.STAGE + ":" + h.PATH)
            ] + [name for name, value in servers.items()
                 if value is None and name in row.line]


def is_free(row, word, user):
    who = "root" if user == h.ROOT_USER else "nobody"
    return f"{who}:{word}" in row.free.split()


Outcome = collections.namedtuple("Outcome", "row user tool same bites refused")


def check_same(row, user, servers, launcher, name):
    bare = run_line(row, row.line, user, servers, [])
    confined = run_line(row, row.line, user, servers, launcher)
    same = h.ok(bare.status is not None and bare == confined,
                f"{name}: output and status as unconfined",
                f"unconfined {bare}\nconfined {confined}")
    return same, bare


def check_bites(row, user, servers, bare, name):
    """The words without which the row does not work, of those it has."""
    bites = []
    for word in row.promises.split():
        if is_free(row, word, user):
            continue
        rest = " ".join(w for w in row.promises.split() if w != word)
        without = run_line(row, row.line, user, servers, [h.PLEDGE], rest)
        if h.ok(without != bare, f"{name}: needs {word}",
                f"without it {without}"):
            bites.append(word)
    return bites


def check_refused(row, user, servers, launcher, name):
    line, why = row.refused, row.why
    if launcher == PROFILED and (not line or why == "path"):
        line, why = OUTSIDE, "path"
    if not line:
        return None
    bare = run_line(row, line, user, servers, [])
    held = run_line(row, line, user, servers, launcher)
    return h.ok(bare.status == 0 and held.status not in (0, None),
                f"{name}: refused ({why}): {line}",
                f"unconfined {bare}\nconfined {held}")


def check_row(row, user, servers):
    name = f"{user.name}: {row.name}"
    same, bare = check_same(row, user, servers, [h.PLEDGE], name)
    return Outcome(row, user, "pledge", same,
                   check_bites(row, user, servers, bare, name),
                   check_refused(row, user, servers, [h.PLEDGE], name))


def check_tool(row, servers):
    """The same under seccomp-pledge run, which stays as the parent; with the
    profile, where there is one."""
    name = f"{h.LEAST.name}: {row.name}, seccomp-pledge run"
    launcher = TOOL_RUN
    if row.profile:
        name += f" -i {row.profile}"
        launcher = PROFILED
    same, _ = check_same(row, h.LEAST, servers, launcher, name)
    return Outcome(row, h.LEAST, "seccomp-pledge", same, [],
                   check_refused(row, h.LEAST, servers, launcher, name))


def check_profiles(rows):
    """A profile's promises are those of its rows, and what these leave free:
    of a row's promises each is needed."""
    for profile in sorted({row.profile for row in rows if row.profile}):
        words, free = set(), set()
        for row in rows:
            if row.profile == profile:
                words |= set(row.promises.split())
                free |= set(row.free.split())
        with open(h.profile_file(profile), encoding="utf-8") as lines:
            held = {word for line in lines if line.startswith("promises ")
                    for word in line.split()[1:]}
        h.ok(words <= held <= words | free, f"profile {profile}: no promise "
             "is too many", f"{held} for {words}")


def print_table(outcomes):
    h.note(f"{'program':14} {'as':7} {'by':15} {'same':5} {'refused':8} "
           "fails without each of")
    for row, user, tool, same, bites, refused in outcomes:
        why = "-" if refused is None else row.why if refused else "NO"
        h.note(f"{row.name:14} {user.name:7} {tool:15} "
               f"{'yes' if same else 'NO':5} {why:8} {' '.join(bites)}")


def main(rows, start_servers=lambda: contextlib.nullcontext({})):
    """START_SERVERS: a context that gives {"@PORT": "8000"}; None: no such
    thing here."""
    outcomes = []
    with start_servers() as servers:
        for row in rows:
            missing = missing_of(row, servers)
            if missing:
                h.skip(row.name, f"no {' '.join(missing)} here")
                continue
            for user in h.USERS:
                outcomes.append(check_row(row, user, servers))
            outcomes.append(check_tool(row, servers))
    check_profiles(rows)
    print_table(outcomes)
    return h.done()
