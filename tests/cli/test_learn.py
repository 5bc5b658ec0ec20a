#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""learn: the lines that it writes for a command; that the command runs under
them; runs, files and a ceiling; whatever happens, nothing is lost, and nothing
is left behind. (make check-learn has more programs.)"""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys

import harness as h

# A command, for a shell in a directory of the user's own; the statements of
# what is learned.
LINES = [
    ("true", []),
    ("cat words", ["promises rpath", "unveil r -@ARG1"]),
    ("cat link", ["promises rpath", "unveil r -@ARG1"]),
    ("sh -c 'cat link'", ["promises rpath", "promises proc",
                          "promises exec", "unveil rx /usr/bin/cat",
                          "unveil r @CWD/words"]),
    ("cat missing", []),
    ("ls tree", ["promises rpath", "unveil r -@ARG1"]),
    ("sh -c 'cat < words > out/new'",
     ["promises rpath", "promises wpath", "promises cpath", "promises proc",
      "promises exec", "unveil rx /usr/bin/cat", "unveil wc -@CWD/out",
      "unveil r -@CWD/words"]),
    ("mkdir out/new", ["promises cpath", "unveil c -@CWD/out"]),
    ("mktemp", ["promises rpath", "promises wpath", "promises cpath",
                "unveil rwc @TMP"]),
    ("rm -f words", ["promises rpath", "promises cpath", "unveil c @CWD"]),
    ("env true", ["promises exec", "unveil rx -/usr/bin/true"]),
    (f"{h.PYTHON} -ISc 'import os; os.fork() or os._exit(0); os.wait()'",
     ["promises proc"]),
    (f"{h.PYTHON} -ISc 'import socket; "
     "socket.create_connection((\"127.0.0.1\", {port})).close()'",
     ["promises inet", "connect {port}"]),
    ("hello-musl read=words", ["promises rpath", "unveil r -@CWD/words"]),
]
# Of Python's start, which is not what these rows are about.
PYTHON_STARTS = re.compile(r"promises rpath|unveil r -?/usr/|unveil r @CWD$")


@contextlib.contextmanager
def directory(user):
    with h.scratch(user) as path:
        h.write(os.path.join(path, "words"), "b\na\n", user=user)
        os.symlink("words", os.path.join(path, "link"))
        for name in ("tree", "out"):
            os.mkdir(os.path.join(path, name))
            if user.uid is not None:
                os.chown(os.path.join(path, name), user.uid, user.uid)
        h.write(os.path.join(path, "tree", "leaf"), "x\n", user=user)
        yield path


def shell(line, user, cwd, **how):
    env = h.environment(PATH=h.STAGE + ":" + h.PATH, HOME="/nonexistent")
    return h.run(["/bin/sh", "-c", line], user, cwd=cwd, env=env, **how)


def statements(text):
    """Without comments, and without what every program has."""
    lines = [" ".join(line.partition(" #")[0].split())
             for line in text.splitlines() if line and line[0] != "#"]
    return [line for line in lines if line != "promises stdio"]


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as text:
        return text.read()


def same(found, wanted):
    """A path's minus is for another machine, not for these tests."""
    return sorted(line.replace(" -", " ") for line in found) == \
        sorted(line.replace(" -", " ") for line in wanted)


def check_line(user, line, wanted):
    with directory(user) as path:
        bare = shell(line, user, path)
    with directory(user) as path:
        result = shell("seccomp-pledge learn -q -o out.policy -- " + line,
                       user, path)
        policy = os.path.join(path, "out.policy")
        text = read(policy) if os.path.exists(policy) else str(result)
        found = statements(text)
        if h.PYTHON in line:
            found = [word for word in found if not PYTHON_STARTS.match(word)]
        # An extra look at what is there is no matter here.
        if "promises rpath" not in wanted:
            found = [word for word in found if word != "promises rpath"]
        h.ok(same(found, wanted), f"{user.name}: {line}: what it learns",
             f"wanted {wanted}\nfound  {found}\n{result}")
        h.equal(result.status, bare.status, f"{user.name}: {line}: status")
    with directory(user) as path:
        h.write(os.path.join(path, "x.policy"), text)
        again = shell("pledge -q -i ./x.policy -- " + line, user, path)
        h.equal(again.status, bare.status,
                f"{user.name}: {line}: runs under it")


def check_lines(user):
    with h.listener() as port:
        for line, wanted in LINES:
            if line.startswith("hello-musl") and not h.target("hello-musl"):
                h.skip(f"{user.name}: {line}", "no musl here")
                continue
            check_line(user, line.replace("{port}", str(port)),
                       [text.replace("{port}", str(port)) for text in wanted])


def check_outputs(user, path, learn):
    """Names that lead elsewhere: they stay what they are."""
    shell("ln -s linked link; echo first >kept", user, path)
    shell(learn + "-o link -- true", user, path)
    h.ok(os.path.islink(os.path.join(path, "link")) and
         "promises stdio" in read(os.path.join(path, "link")),
         f"{user.name}: -o of a symbolic link")
    before = os.readlink("/dev/stdout")
    shell(learn + "-o /dev/stdout -- echo ran >>kept", user, path)
    h.ok(read(os.path.join(path, "kept")).startswith("first\nran\n# learned"),
         f"{user.name}: -o /dev/stdout, which is a file",
         read(os.path.join(path, "kept")))
    h.equal(os.readlink("/dev/stdout"), before,
            f"{user.name}: and /dev/stdout is what it was")
    result = shell(learn + "-o /dev/null --html - -- true", user, path)
    h.ok(result.out.startswith("<!DOCTYPE html>"),
         f"{user.name}: --html -: standard output", result)


def check_files(user):
    """-o, --runs, --merge: counters come back from the comments."""
    with directory(user) as path:
        learn = "seccomp-pledge learn -q "
        result = shell(learn + "--runs 3 -o a -- cat < words", user, path)
        h.equal(result.out, "b\na\n" * 3,
                f"{user.name}: --runs: the input for each run")
        shell(learn + "--runs 2 -o a -- cat words", user, path)
        shell(learn + "-o b -- cat tree/leaf words", user, path)
        merged = shell(learn + "--merge a --merge b", user, path).out
        h.ok("# learned from 3 runs on 1 host:" in merged,
             f"{user.name}: --merge: runs add up", merged)
        h.ok(re.search(r"^promises rpath +# 3/3 runs, \d+ times: ", merged,
                       re.M), f"{user.name}: --merge: so do counters", merged)
        h.ok("-@ARG2" in merged and
             re.search(r"-@ARG2 +# 1/3 runs, 1 time: openat\(", merged),
             f"{user.name}: --merge: what one run needed", merged)
        h.ok("The next run may need something else: about" in merged,
             f"{user.name}: --merge: an estimate", merged)
        h.write(os.path.join(path, "m"), merged, user=user)
        again = shell(learn + "--merge m", user, path).out
        h.equal(again, merged, f"{user.name}: what is read is written again")
        one = json.loads(shell(learn + "--json --merge m", user, path).out)
        h.equal((one["runs"], [row["word"] for row in one["promises"]]),
                (3, ["stdio", "rpath"]), f"{user.name}: --json")
        h.write(os.path.join(path, "m"), "promises stdio\nlimit files 20\n")
        kept = shell(learn + "--merge m -- true", user, path).out
        h.ok("limit    files 20" in kept,
             f"{user.name}: other statements are kept", kept)
        shell("touch c; echo old > c", user, path)
        result = shell(learn + "-o c -- no-such-command", user, path)
        h.equal((result.status, read(os.path.join(path, "c"))), (127, "old\n"),
                f"{user.name}: nothing ran: the file stays")
        result = shell(learn + "--merge none", user, path)
        h.equal((result.status, result.out), (125, ""),
                f"{user.name}: nothing merged: nothing written")
        for option in ("-o none/c", "-o .", "--html none/c"):
            result = shell(learn + f"{option} -- touch ran", user, path)
            h.ok(result.status == 125 and option.split()[1] in result.err and
                 not os.path.exists(os.path.join(path, "ran")), f"{user.name}: "
                 f"{option} cannot be made: nothing is run", result)
        check_outputs(user, path, learn)
        if os.path.exists("/dev/full"):
            result = shell(learn + "-- true > /dev/full", user, path)
            h.ok(result.status == 125 and "No space" in result.err,
                 f"{user.name}: a full disk", result)
            result = shell("seccomp-pledge learn -o /dev/full -- true", user,
                           path)
            h.ok(result.status == 125 and "is written" not in result.err,
                 f"{user.name}: what is not written is not said to be", result)
        result = shell(learn + "-- true >&-", user, path)
        h.ok(result.status == 125 and "standard output" in result.err,
             f"{user.name}: a closed output", result)


def check_ceiling(user):
    with directory(user) as path:
        h.write(os.path.join(path, "c.policy"),
                "promises stdio rpath flock\nunveil r @CWD/words\n"
                "unveil rw @CWD/tree\n")
        result = shell("seccomp-pledge learn --within ./c.policy -- "
                       "cat words tree/leaf out/../c.policy", user, path)
        h.ok("c.policy: Permission denied" in result.err and
             "b\na\nx\n" in result.out and
             "1 call was refused by the ceiling" in result.out and
             not re.search(r"@CWD/c.policy|@ARG3", result.out),
             f"{user.name}: what a ceiling refuses is not learned", result)
        result = shell("seccomp-pledge learn -q --tighten ./c.policy -- "
                       "cat words", user, path)
        h.equal(result.out.splitlines()[2:],
                ["not used: promises flock",
                 "not used: unveil rw @CWD/tree"],
                f"{user.name}: --tighten: what was not used")
        result = shell("seccomp-pledge learn -- true", user, path)
        h.ok("runs with all your rights" in result.err,
             f"{user.name}: without a ceiling, it says so", result)


# Takes back that the file may only be added to.
CLEAR = """
import fcntl, os
try: fcntl.fcntl(1, fcntl.F_SETFL, 0)
except OSError as error: os.write(2, os.strerror(error.errno).encode())
os.pwrite(1, b"FORGED", 0)
"""


def check_append(user, *options):
    """A log that is added to stays one under a ceiling, and not without."""
    for within in (True, False):
        with directory(user) as path:
            h.write(os.path.join(path, "c.policy"),
                    "promises stdio rpath\nunveil r /usr\n")
            log = h.write(os.path.join(path, "log"), "first\n", user=user)
            with open(log, "ab") as out:
                result = h.run(
                    [h.TOOL, "learn", *options, "-q", "-o", "p",
                     *(["--within", "./c.policy"] if within else []), "--",
                     h.PYTHON, "-ISc", CLEAR], user, cwd=path, stdout=out)
            text = read(log)
            policy = read(os.path.join(path, "p"))
        h.equal((text, "not permitted" in result.err,
                 "1 call was refused by the ceiling" in policy),
                ("first\nFORGED" if within else "FORGED", within, within),
                f"{user.name}: {options}: a log "
                f"{'under a ceiling' if within else 'without'}")


# What root does, and the capability without which owner and mode refuse it.
PASSED = [
    ("cat words", []),
    ("cat shut", ["caps dac_read_search"]),
    ("cat closed/leaf", ["caps dac_read_search"]),
    ("tee shut </dev/null", ["caps dac_override"]),
    ("rm closed/leaf", ["caps dac_override"]),
    ("chmod 0640 shut", ["caps fowner"]),
    ("chmod 0640 own", []),
    ("chmod 0640 closed/leaf", ["caps dac_read_search", "caps fowner"]),
    (h.PYTHON + " -ISc 'import os; os.utime(\"shut\", (1, 1))'",
     ["caps fowner"]),
    (h.PYTHON + " -ISc 'import os; f = os.open(\"shut\", 0); "
     "os.fchmod(f, 0o640)'", ["caps dac_read_search", "caps fowner"]),
    ("touch shut", ["caps dac_override"]),
]


def check_owners():
    """As root: what owner and mode refuse is kept, and the policy runs."""
    for line, wanted in PASSED:
        with directory(h.LEAST) as path:
            h.write(os.path.join(path, "shut"), "x\n", user=h.LEAST)
            os.chmod(os.path.join(path, "shut"), 0o600)
            h.write(os.path.join(path, "own"), "x\n")
            os.mkdir(os.path.join(path, "closed"), 0o700)
            h.write(os.path.join(path, "closed", "leaf"), "x\n",
                    user=h.LEAST)
            os.chown(os.path.join(path, "closed"), h.NOBODY, h.NOBODY)
            shell("cp -a closed again", h.ROOT_USER, path)
            result = shell("seccomp-pledge learn -q -o p -- " + line,
                           h.ROOT_USER, path)
            found = [s for s in statements(read(os.path.join(path, "p")))
                     if s.startswith("caps")]
            h.equal((result.status, found), (0, wanted),
                    f"root: learned of {line}: {wanted}")
            shell("rm -rf closed; mv again closed", h.ROOT_USER, path)
            result = shell("pledge -i ./p -- " + line, h.ROOT_USER, path)
            h.equal(result.status, 0, f"root: {line} under what was learned")
            result = shell("grep -v ^caps p >q; pledge -i ./q -- " + line,
                           h.ROOT_USER, path)
            h.equal(result.status != 0, wanted != [],
                    f"root: {line} under it without caps")


STORM = """
import os, threading
for i in range(300):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
made = []
for i in range(100):
    thread = threading.Thread(target=lambda: made.append(open("words").read()))
    thread.start()
    thread.join()
assert len(made) == 100
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.open(ctypes.c_void_p(8), 0) == -1
threading.Thread(target=lambda: os.execv("/bin/true", ["true"])).start()
threading.Event().wait()
"""


def check_storm(user):
    with directory(user) as path:
        h.write(os.path.join(path, "storm.py"), STORM)
        result = shell("seccomp-pledge learn -q -o p -- "
                       f"{h.PYTHON} -IS storm.py", user, path)
        text = read(os.path.join(path, "p")) if result.status == 0 else ""
        h.ok(re.search(r"^promises proc +# 1/1 run, 300 times", text, re.M) and
             re.search(r"@CWD/words +# 1/1 run, 100 times", text) and
             "promises exec" in text,
             f"{user.name}: forks, threads, a bad pointer, an exec in a "
             "thread", f"{result}\n{text}")


def check_names(user):
    """A name that a command chose is no statement."""
    with directory(user) as path:
        evil = "a\nunveil rwxc \033[2J\"#"
        h.write(os.path.join(path, evil), "x\n", user=user)
        result = h.run([h.TOOL, "learn", "-q", "-o", "p", "--", "sh", "-c",
                        'cat < "$0"', evil], user, cwd=path)
        text = read(os.path.join(path, "p"))
        h.ok(result.out == "x\n" and h.printable(text) and
             not any(line.startswith("unveil rwxc")
                     for line in text.splitlines()),
             f"{user.name}: a name with control bytes", text)


def sleepers(path):
    """What sleeps, as check_ends() has it, in that directory."""
    found = subprocess.run(["pgrep", "-f", "^sleep 1000$"], check=False,
                           stdout=subprocess.PIPE).stdout.split()
    return [pid for pid in found if os.path.realpath(
        f"/proc/{int(pid)}/cwd").startswith(path)]


def check_ends(user, *options):
    """Signals reach the command; what was learned is kept; the watcher's end
    is the command's."""
    script = "cat words > out/started; exec sleep 1000"
    name = " ".join((user.name, *options))
    for number, keeps in ((signal.SIGINT, True), (signal.SIGTERM, True),
                          (signal.SIGKILL, False)):
        with directory(user) as path:
            policy = os.path.join(path, "p")
            with h.background([h.TOOL, "learn", *options, "-o", policy, "--",
                               "sh", "-c", script], user, cwd=path,
                              stderr=subprocess.PIPE) as process:
                started = h.until(lambda path=path: sleepers(path))
                process.send_signal(number)
                status = process.wait(h.TIMEOUT)
                err = h.text(process.stderr.read())
            wanted = 128 + number if keeps else -number
            h.equal((len(started), status), (1, wanted),
                    f"{name}: {number.name}: status")
            h.equal(os.path.exists(policy), keeps,
                    f"{name}: {number.name}: is the policy written")
            if keeps:
                h.ok("was interrupted" in err and
                     "promises wpath" in read(policy),
                     f"{name}: {number.name}: it says so", err)
            h.equal(sleepers(path), [], f"{name}: {number.name}: nothing is left")


# What no promise allows; and ports with datagrams and netlink beside them.
REFUSED = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.mq_unlink(b"/pledge-none")
sys.exit(int(sys.argv[1]))
"""
SERVES = """
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.sendto(b"x", ("127.0.0.1", 9))
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
n.bind((0, 0))
s = socket.create_server(("127.0.0.1", 0))
"""


def check_verified(user):
    """What the policy refuses that was done is the last that is said, stands
    in it, and counts with --strict; what is written loads."""
    with h.scratch(user) as path:
        h.write(os.path.join(path, "refused.py"), REFUSED)
        h.write(os.path.join(path, "serves.py"), SERVES)
        for options, own, wanted in (("", 0, 0), ("--strict", 0, 1),
                                     ("--strict", 3, 3)):
            result = h.run([h.TOOL, "learn", *options.split(), "-o", "policy",
                            "--", h.PYTHON, "-IS", "refused.py", str(own)],
                           user, cwd=path)
            with open(os.path.join(path, "policy"), encoding="utf-8") as file:
                text = file.read()
            said = result.err.splitlines()[-2:]
            h.ok(result.status == wanted and "# refused: mq_unlink" in text and
                 "refuses what was done: mq_unlink(" in said[0] and
                 "--verify" in said[1],
                 f"{user.name}: {options} and {own}: a call of no promise",
                 result)
        result = h.run([h.TOOL, "learn", "--json", "--", h.PYTHON, "-IS",
                        "refused.py", "0"], user, cwd=path)
        h.equal([line["call"] for line in json.loads(result.out)["refused"]],
                ["mq_unlink"], f"{user.name}: --json: what is refused")
        for program, part in (("refused.py 0", "but what programs do without"),
                              ("serves.py", "nothing was denied")):
            result = h.run([h.TOOL, "learn", "--strict", "--verify", "-o",
                            "again", "--", h.PYTHON, "-IS", *program.split()],
                           user, cwd=path)
            h.ok(result.status == 0 and part in result.err,
                 f"{user.name}: --verify: {program}", result)
            result = h.run([h.TOOL, "run", "-i", "./again", "--", h.PYTHON,
                            "-IS", *program.split()], user, cwd=path)
            h.equal(result.status, 0, f"{user.name}: {program}: runs")
        result = h.run([h.TOOL, "learn", "--strict", "-o", "policy", "--",
                        "cp", "refused.py", "copy.py"], user, cwd=path)
        h.ok(result.status == 0 and "refuses" not in result.err,
             f"{user.name}: --strict: cp", result)


def check_usage():
    rows = [("", "name a command"), ("--runs 0 -- true", "no number of runs"),
            ("--rnus 2 -- true", 'did you mean "runs"'),
            ("--merge /nonexistent -- true", "/nonexistent"),
            ("--verify -- true", "a file with -o"),
            ("--within /nonexistent.policy -- true", "/nonexistent")]
    for words, wanted in rows:
        result = shell(f"seccomp-pledge learn {words}", h.LEAST, h.STAGE)
        h.ok(result.status == 125 and wanted in result.err,
             f"learn {words}: refused", result)
    result = shell("seccomp-pledge learn --help", h.LEAST, h.STAGE)
    h.ok(result.status == 0 and "--tighten FILE" in result.out, "learn --help")


def main():
    check_usage()
    check_lines(h.LEAST)
    for user in h.USERS:
        check_files(user)
        check_ceiling(user)
        check_append(user)
        check_ends(user)
        check_verified(user)
    if h.ROOT_USER is not None:
        check_owners()
    check_storm(h.LEAST)
    check_names(h.LEAST)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
