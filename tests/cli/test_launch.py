#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a command starts with: descriptors, environment, limits, priority,
root directory, capabilities, privileges."""
import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys

import harness as h

ATTEMPT = os.path.join(h.STAGE, "attempt-static")


@contextlib.contextmanager
def opened(number):
    """A file on that descriptor, to be inherited."""
    fd = os.open("/etc/passwd", os.O_RDONLY)
    if fd != number:
        os.dup2(fd, number)
        os.close(fd)
    try:
        yield number
    finally:
        os.close(number)


def check_descriptors(user):
    for number in (3, 9, 64, 300, 1000):
        with opened(number):
            command = [ATTEMPT, "fd-open", str(number)]
            found = [h.run(command, user, pass_fds=[number]).out.strip()]
            for options in ([], ["-t", "60"], ["--keep-fd", str(number)],
                            ["-N"]):
                found.append(h.pledge(["-p", "stdio", *options], *command,
                                      user=user,
                                      pass_fds=[number]).out.strip())
        h.equal(found, ["ok", "EBADF", "EBADF", "ok", "ok"],
                f"{user.name}: descriptor {number}: unconfined, in place, as "
                "parent, --keep-fd, -N")
    with opened(7), opened(8):
        result = h.pledge("-p stdio --keep-fd 7", ATTEMPT, "fd-open", "7",
                          "--", "fd-open", "8", user=user, pass_fds=[7, 8])
        h.equal(result.out, "ok\nEBADF\n",
                f"{user.name}: --keep-fd keeps that one alone")
        result = h.pledge("-p stdio --keep-fd 7 --keep-fd 8", ATTEMPT,
                          "fd-open", "7", "--", "fd-open", "8", user=user,
                          pass_fds=[7, 8])
        h.equal(result.out, "ok\nok\n", f"{user.name}: --keep-fd twice")
        # Named by an argument.
        result = h.pledge("-p stdio", ATTEMPT, "fd-open", "7", "--",
                          "fd-open", "8", "--", "open-path", "/dev/fd/7",
                          user=user, pass_fds=[7, 8])
        h.equal(result.out.split()[:2], ["ok", "EBADF"],
                f"{user.name}: the descriptor of an argument /dev/fd/7 stays")
    result = h.pledge("-p stdio --keep-fd 77", ATTEMPT, "fd-open", "77",
                      user=user)
    h.ok(result.status == 125 or result.out == "EBADF\n",
         f"{user.name}: --keep-fd of one that is not open", result)
    # None of the launcher's own are left open (descriptors 3 to 19).
    words = " -- ".join(f"fd-open {fd}" for fd in range(3, 20)).split()
    named = " ".join(f"-- open-path /dev/fd/{fd}" for fd in range(3, 20))
    for options in ("-p stdio", "-p stdio -t 60", "-p stdio,rpath -v /etc",
                    "-q -e -p stdio"):
        for more in ("", named):
            result = h.pledge(options, ATTEMPT, *words, *more.split(),
                              user=user)
            h.equal(result.out.split()[:17], ["EBADF"] * 17,
                    f"{user.name}: pledge {options} leaves no descriptor open"
                    + (", named or not" if more else ""))
    for fd in range(3, 8):
        result = h.pledge(f"-q -e -p stdio --keep-fd {fd}", ATTEMPT, "fd-open",
                          str(fd), user=user)
        h.equal((result.status, result.out), (125, ""),
                f"{user.name}: -e --keep-fd {fd}: the launcher's own is none")


@contextlib.contextmanager
def nameless(kind, folder):
    """A standard input that has no name, and holds "words"."""
    other = None
    if kind == "memfd":
        fd = os.memfd_create("words")
    elif kind == "temporary":
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666)
    elif kind == "deleted":
        path = os.path.join(folder, "deleted")
        fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        os.unlink(path)
    elif kind == "pipe":
        fd, other = os.pipe()
    else:
        first, second = socket.socketpair()
        fd, other = first.detach(), second.detach()
    try:
        os.write(other if other is not None else fd, b"words\n")
        if other is not None:
            os.close(other)
        else:
            os.lseek(fd, 0, os.SEEK_SET)
        yield fd
    finally:
        os.close(fd)


def check_nameless(user):
    """Standard input may be what no path leads to."""
    for kind in ("memfd", "temporary", "deleted", "pipe", "socket"):
        for options in ([], ["-q", "-e"], ["-t", "60"],
                        ["-v", "r:/dev/stdin"]):
            with h.scratch(user) as folder, nameless(kind, folder) as fd:
                result = h.pledge(["-p", "stdio rpath", *options], "/bin/cat",
                                  user=user, stdin=fd)
                h.equal((result.status, result.out), (0, "words\n"),
                        f"{user.name}: {' '.join(options)} stdin: {kind}")
    # And opened again by its name.
    for kind in ("memfd", "temporary", "deleted"):
        with h.scratch(user) as folder, nameless(kind, folder) as fd:
            os.fchmod(fd, 0o666)
            result = h.pledge(["-p", "stdio rpath"], "/bin/cat", "/dev/stdin",
                              user=user, stdin=fd)
            h.equal((result.status, result.out), (0, "words\n"),
                    f"{user.name}: /dev/stdin: {kind}")


def check_substitution(user):
    """bash: diff <(a) <(b)."""
    for first, second, status in (("echo a", "echo a", 0),
                                  ("echo a", "echo b", 1)):
        line = "diff <({}) <({})".format(first, second)
        found = []
        for launcher in ("", f"{h.PLEDGE} -p 'stdio rpath' -- "):
            result = h.run(["/bin/bash", "-c", launcher + line], user)
            found.append((result.status, result.out))
        h.equal(found[1], found[0], f"{user.name}: {line}")
        h.equal(found[0][0], status, f"{user.name}: {line}: {status}")


def check_socket_activation(user):
    """LISTEN_FDS, if LISTEN_PID says that they are ours."""
    script = ("exec 3</etc/passwd 4</etc/passwd 5</etc/passwd; "
              "export LISTEN_FDS=2 LISTEN_PID={}; exec \"$@\"")
    command = [ATTEMPT, "fd-open", "3", "--", "fd-open", "4", "--", "fd-open",
               "5"]
    for pid, options, wanted in (
            ("$$", ["-p", "stdio"], ["ok", "ok", "EBADF"]),
            ("$$", ["-p", "stdio", "-t", "60"], ["ok", "ok", "EBADF"]),
            ("1", ["-p", "stdio"], ["EBADF"] * 3)):
        bare = h.run(["/bin/sh", "-c", script.format(pid), "sh", *command],
                     user)
        result = h.run(["/bin/sh", "-c", script.format(pid), "sh", h.PLEDGE,
                        *options, "--", *command], user)
        h.equal([bare.out.split(), result.out.split()], [["ok"] * 3, wanted],
                f"{user.name}: LISTEN_PID={pid} {' '.join(options)}")
    # The command must find its own process ID in LISTEN_PID.
    for options in ([], ["-t", "60"]):
        result = h.run(["/bin/sh", "-c", script.format("$$"), "sh", h.PLEDGE,
                        "-p", "stdio rpath", *options, "--", "/bin/sh", "-c",
                        "test $LISTEN_PID = $$ && echo same"], user)
        h.equal(result.out, "same\n", f"{user.name}: LISTEN_PID is the "
                f"command's own {' '.join(options)}")


def check_written_code(user):
    """Where what is written can be mapped as code, that is said."""
    for flavour, options, place in (
            ("dynamic", ["-p", "stdio rpath wpath", "-v", "rw:{dir}"],
             "unveil {dir}"),
            ("dynamic", ["-p", "stdio rpath wpath", "-v", "w:{dir}"], None),
            ("dynamic", ["-p", "stdio wpath", "-v", "rw:{dir}"], None),
            ("dynamic", ["-p", "stdio rpath", "-v", "rw:{dir}"], None),
            ("dynamic", ["-p", "stdio rpath wpath"], None),
            ("dynamic", ["-p", "stdio rpath tty"], None),
            ("dynamic", ["-p", "stdio rpath wpath", "-v", "w:/usr/lib"],
             "unveil /usr/lib"),
            ("dynamic", ["-p", "stdio tmppath"], "the private directory "),
            ("dynamic", ["-p", "stdio tmppath prot_exec"], None),
            ("static", ["-p", "stdio tmppath"], None)):
        with h.fixture(user) as names:
            result = h.pledge([o.format(**names) for o in options],
                              os.path.join(h.STAGE, "attempt-" + flavour),
                              "fd-open", "0", user=user)
            said = "mapped as code" in result.err
            h.ok(result.status == 0 and said == (place is not None) and
                 (place or "").format(**names) in result.err,
                 f"{user.name}: {flavour} {' '.join(options)}: what is "
                 f"written there can be code: {place}", result)


def check_environment(user):
    env = h.environment(KEPT="1", OTHER="2")
    base = ["-p", "stdio rpath"]
    bare = sorted(h.run(["/usr/bin/env"], user, env=env).out.splitlines())
    for options, wanted in (
            ([], bare),
            (["--env", "NEW=x y"], sorted([*bare, "NEW=x y"])),
            (["--env", "KEPT=3"],
             sorted([line for line in bare if line != "KEPT=1"] +
                    ["KEPT=3"])),
            (["--clear-env"], []),
            (["--clear-env", "--env", "KEPT"], ["KEPT=1"]),
            (["--env", "KEPT", "--clear-env"], ["KEPT=1"]),
            (["--clear-env", "--env", "NONE"], []),
            (["--clear-env", "--env", "A=1", "--env", "A=2"], ["A=2"]),
            (["--clear-env", "--env", "A="], ["A="])):
        result = h.pledge([*base, *options], "/usr/bin/env", user=user,
                          env=env)
        h.equal((result.status, sorted(result.out.splitlines())),
                (0, wanted), f"{user.name}: {' '.join(options) or 'no option'}"
                ": the environment")


def check_limits(user):
    """-C -M -O -P -F, as getrlimit(2) shows them; none unless asked."""
    table = {"-C": ("Max cpu time", "7", "7"),
             "-M": ("Max address space", "512M", str(512 << 20)),
             "-O": ("Max open files", "16", "16"),
             "-P": ("Max processes", "50", "50"),
             "-F": ("Max file size", "3K", "3072")}
    show = ["/bin/cat", "/proc/self/limits"]
    options = ["-p", "stdio rpath", "-v", "/proc"]

    def shown(text):
        return {line[:26].strip(): line[26:47].strip()
                for line in text.splitlines()[1:]}

    bare = shown(h.run(show, user).out)
    found = shown(h.pledge(options, *show, user=user).out)
    h.equal(found, bare, f"{user.name}: no limit is set unless asked")
    for option, (name, given, wanted) in table.items():
        found = shown(h.pledge([*options, option, given], *show,
                               user=user).out)
        changed = {key for key in bare if bare[key] != found.get(key)}
        h.ok(found.get(name) == wanted and changed <= {name},
             f"{user.name}: {option} {given}: {name} alone", str(found))
    # And they bite.
    result = h.pledge("-p stdio,rpath -C 1", "/bin/bash", "-c",
                      "while :; do :; done", user=user)
    h.ok(result.status in (-24, -9), f"{user.name}: -C 1 ends a busy loop",
         result)
    with h.fixture(user) as names:
        result = h.pledge(["-p", "stdio rpath wpath", "-q", "-F", "1K", "-v",
                           "rw:" + names["file"]], "/bin/dd", "if=/dev/zero",
                          "of=" + names["file"], "bs=4k", "count=1",
                          user=user)
        h.ok(os.path.getsize(names["file"]) <= 1024 and result.status != 0,
             f"{user.name}: -F 1K: a file grows no further", result)
    if user == h.ROOT_USER:
        return  # not held to a number of processes
    result = h.pledge(["-p", "stdio rpath proc", "-P", "1"], ATTEMPT, "fork",
                      user=user)
    h.equal(result.out, "EAGAIN\n", f"{user.name}: -P 1: no fork")


def check_priority(user):
    show = [h.PYTHON, "-c", "import os; print(os.getpriority(0, 0), "
            "os.sched_getscheduler(0))"]
    options = ["-p", "stdio rpath", "-v", "/usr"]
    bare = h.pledge(options, *show, user=user)
    nice = h.pledge([*options, "-n"], *show, user=user)
    h.ok(bare.out == "0 0\n" and nice.out.startswith("19 "),
         f"{user.name}: -n: the lowest priority", f"{bare}\n{nice}")


def check_root():
    """-c: paths resolve inside, and root is what it takes."""
    with h.scratch() as path:
        shutil.copy(ATTEMPT, os.path.join(path, "attempt"))
        h.write(os.path.join(path, "inside"), "x")
        command = ["/attempt", "open-read", "/inside", "--", "open-read",
                   "/etc/passwd"]
        result = h.pledge(["-p", "stdio rpath", "-c", path, "-v", "/inside"],
                          *command)
        h.equal(result.out, "ok\nENOENT\n", "root: -c changes the root first")
        result = h.pledge(["-p", "stdio", "-c", path, "-v", "/etc/passwd"],
                          *command)
        h.ok(result.status == 125 and "/etc/passwd" in result.err,
             "root: -v means a path inside", result)
        result = h.pledge(["-p", "stdio rpath", "-c", path + "/none"],
                          *command)
        h.ok(result.status == 125 and "/none" in result.err,
             "root: -c of what does not exist", result)
        result = h.pledge(["-p", "stdio rpath", "-c", path], *command,
                          user=h.LEAST)
        h.ok(result.status == 125 and path in result.err,
             "nobody: -c takes privilege", result)


PASSWD = """root:x:0:0::/:
nobody:x:0:0::/:
zero:x:5:0::/:
minus:x:4294967295:5::/:
daemon:x:77:78::/:
inside:x:7:7::/:
"""
GROUPS = """root:x:0:
wheel:x:0:
adm:x:404:
inside:x:7:
"""
# Options, the exit status, words of what is said; "" for nothing.
NAMES = [
    ("-u nobody", 125, '"nobody" is user 0'),
    ("-u zero", 125, '"zero" is group 0'),
    ("-u zero -g 5", 0, ""),
    ("-u minus", 125, '"minus" has no user'),
    ("-u inside -g wheel", 125, '"wheel" is group 0'),
    ("-g wheel", 125, '"wheel" is group 0'),
    ("-u inside", 0, ""),
    ("-u inside -g inside", 0, ""),
    ("-u root", 0, ""),
    ("-u 0 -g 0", 0, ""),
    ("-u daemon", 0, '"daemon" is user 77 in the new root\'s /etc/passwd, and '
                     '1 outside'),
    ("-u inside -g adm", 0, '"adm" is group 404 in the new root\'s '
                            '/etc/group, and 4 outside'),
    ("-u none", 125, 'no user "none"'),
]


def check_names():
    """-c: what its /etc/passwd says of a name is not believed blindly."""
    with h.scratch() as path:
        shutil.copy(ATTEMPT, os.path.join(path, "attempt"))
        os.mkdir(os.path.join(path, "etc"))
        h.write(os.path.join(path, "etc", "passwd"), PASSWD)
        h.write(os.path.join(path, "etc", "group"), GROUPS)
        for options, status, said in NAMES:
            result = h.pledge(["-p", "stdio", "-V", "-c", path,
                               *options.split()], "/attempt", "fd-open", "0")
            h.ok(result.status == status and
                 (said in result.err if said else result.err == ""),
                 f"root: -c DIR {options}: {status} {said}", result)
        # Not waited for.
        os.unlink(os.path.join(path, "etc", "passwd"))
        os.mkfifo(os.path.join(path, "etc", "passwd"))
        result = h.pledge(["-p", "stdio", "-V", "-c", path, "-u", "inside"],
                          "/attempt", "fd-open", "0")
        h.ok(result.status == 125 and 'no user "inside"' in result.err,
             "root: -c DIR -u, and a FIFO for /etc/passwd", result)


def check_outside():
    """-c: no directory is handed in that leads out again."""
    with h.scratch() as path, h.scratch() as outside:
        shutil.copy(ATTEMPT, os.path.join(path, "attempt"))
        for number in (0, 1, 2, 7, 300):
            for flags in (os.O_RDONLY, os.O_PATH):
                fd = os.open(outside, flags | os.O_DIRECTORY)
                os.dup2(fd, number + 1000)
                os.close(fd)
                for options, open_ in (
                        ("-p stdio", number < 3),
                        ("-p stdio -N", True),
                        (f"-p stdio --keep-fd {number}", True)):
                    script = f'exec "$@" {number}<&{number + 1000} ' + \
                        f"{number + 1000}<&-"
                    command = ["/bin/bash", "-c", script, "bash"]
                    # Without -c, a directory is no more than any other.
                    bare = h.run([*command, h.PLEDGE, "-V", *options.split(),
                                  "--", ATTEMPT, "nothing"],
                                 pass_fds=[number + 1000])
                    found = h.run([*command, h.PLEDGE, "-V", *options.split(),
                                   "-c", path, "--", "/attempt", "nothing"],
                                  pass_fds=[number + 1000])
                    h.equal([bare.status, found.status],
                            [0, 125 if open_ else 0],
                            f"root: {options} -c DIR, and descriptor {number} "
                            "is a directory")
                    if open_ and number != 2:
                        h.ok(f"descriptor {number} is a directory"
                             in found.err, "  which is said", found)
                os.close(number + 1000)


def check_groups():
    """The caller's groups go, with -u or -g; or nothing runs."""
    setpriv = shutil.which("setpriv")
    if not setpriv:
        h.skip("extra groups", "there is no setpriv")
        return
    show = ["/bin/grep", "^Groups", "/proc/self/status"]
    for caps in ("+setuid,+setgid", "+setuid", "-all"):
        caller = [setpriv, "--reuid=65534", "--regid=65534",
                  "--groups=24,25", "--inh-caps", caps, "--ambient-caps", caps]
        bare = h.run([*caller, *show]).out.split()
        for options, changes in (("", False), ("-u nobody", False),
                                 ("-u 1", True), ("-u daemon", True),
                                 ("-u 65534 -g 65533", True)):
            result = h.run([*caller, h.PLEDGE, "-p", "stdio rpath", "-v",
                            "/proc", *options.split(), "--", *show])
            wanted = (0, ["Groups:", "24", "25"])
            if options and "setgid" in caps:
                wanted = (0, ["Groups:"])
            elif changes:
                wanted = (125, [])
            h.equal([bare, (result.status, result.out.split())],
                    [["Groups:", "24", "25"], wanted],
                    f"{caps} {options or 'no option'}: the caller's groups")
            if wanted[0] == 125:
                h.ok("give up other groups" in result.err,
                     "  the step is named", result)


def status_of(options, *command):
    """Lines of /proc/self/status, by their names."""
    result = h.pledge(["-p", "stdio rpath", "-v", "/proc", *options],
                      *command, "/bin/cat", "/proc/self/status")
    return status_lines(result.out)


def status_lines(text):
    return dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", text, re.M))


def check_identity():
    """-u and -g; capabilities without and with -D (case 3a-42)."""
    found = status_of(["-u", "65534"])
    h.equal((found.get("Uid"), found.get("CapEff"), found.get("Groups")),
            ("\t".join(["65534"] * 4), "0" * 16, ""),
            "root: -u nobody: the user, no capability, no groups")
    found = status_of(["-g", "65534"])
    h.equal(found.get("Gid"), "\t".join(["65534"] * 4), "root: -g")
    found = status_of(["-u", "nobody"])
    h.equal((found.get("Uid"), found.get("Gid")),
            ("\t".join(["65534"] * 4), "\t".join(["65534"] * 4)),
            "root: -u by name sets the user's group, too")
    bare = status_lines(h.run(["/bin/cat", "/proc/self/status"]).out)
    found = status_of(["-D"])
    h.equal((found.get("CapEff"), found.get("NoNewPrivs")),
            (bare.get("CapEff"), "1"), "root: -D keeps the capabilities")
    # Root's next exec would have them all back, but for no_new_privs.
    for options, command in (
            ([], []),
            (["-p", "exec", "-v", "rx:/bin", "-v", "rx:/usr/bin"],
             ["/usr/bin/env"])):
        found = status_of(options, *command)
        h.equal((found.get("CapPrm"), found.get("CapEff")),
                ("0" * 16, "0" * 16), "root: stdio rpath: no capability "
                f"{' '.join(command)}")
        found = status_of([*options, "--caps", "dac_read_search"], *command)
        h.equal((found.get("CapPrm"), found.get("CapEff")),
                ("0" * 15 + "4", "0" * 15 + "4"), "root: stdio rpath with "
                f"caps: DAC_READ_SEARCH alone {' '.join(command)}")
    result = h.pledge("-p stdio -u 0", "/bin/true", user=h.LEAST)
    h.equal(result.status, 125, "nobody: -u takes privilege")


# promises, what root does where owner and mode refuse it, the word that keeps
# the capability
PASSED = [
    ("stdio rpath", "cat {}/shut/file", "dac_read_search"),
    ("stdio rpath", "cat {}/file", "dac_read_search"),
    ("stdio rpath wpath cpath", "dd of={}/file conv=notrunc status=none",
     "dac_override"),
    ("stdio rpath cpath", "mkdir {}/shut/new", "dac_override"),
    ("stdio rpath fattr", "chmod 0600 {}/file", "fowner"),
    ("stdio rpath fattr", h.PYTHON + " -ISc import&os;os.utime('{}/file',"
     "(1,1))", "fowner"),
    ("stdio rpath wpath fattr", h.PYTHON + " -ISc import&os;os.utime("
     "'{}/file')", "dac_override"),
    # The program itself.
    ("stdio rpath wpath", "{}/run", "dac_override"),
    ("stdio rpath", "{}/shut/run", "dac_read_search"),
]


def check_caps():
    """What passes over owner and mode is kept where the policy says so."""
    for promises, text, word in PASSED:
        with h.scratch(h.User("nobody", h.NOBODY)) as path:
            os.mkdir(path + "/shut")
            for name in (path + "/shut/file", path + "/file"):
                os.chmod(h.write(name, "text"), 0o600)
                os.chown(name, h.NOBODY, h.NOBODY)
            os.chmod(path + "/shut", 0o700)
            os.chown(path + "/shut", h.NOBODY, h.NOBODY)
            for name in (path + "/shut/run", path + "/run"):
                shutil.copy("/bin/true", name)
                os.chmod(name, 0o700)
            os.chown(path + "/run", h.NOBODY, h.NOBODY)
            command = [word.replace("&", " ")
                       for word in text.format(path).split()]
            options = ["-p", promises, "-v", "rwc:" + path, "-v",
                       "rx:/usr"]
            name = f"root: {text}"
            if command[0] != "mkdir":
                h.equal(h.run(command).status, 0, f"{name}: unconfined")
            result = h.pledge(options, *command)
            h.ok(result.status not in (0, 125), f"{name}: refused", result)
            h.ok("/run" not in text or f"\"caps {word}\"" in result.err,
                 f"{name}: the launcher names the word, if it is the program",
                 result)
            result = h.pledge([*options, "-e"], *command)
            h.ok(f"--caps {word} would pass over that" in result.err,
                 f"{name}: -e names the word", result)
            result = h.pledge([*options, "--caps", word], *command)
            h.equal(result.status, 0, f"{name}: with --caps {word}")
    result = h.pledge("-p stdio --caps dac_read_search", "/bin/true")
    h.ok(result.status == 0 and "keeps nothing without the promise rpath" in
         result.err, "root: caps without its promise: a warning", result)
    result = h.pledge("-p stdio --caps dac_reed_search", "/bin/true")
    h.ok(result.status == 125 and "dac_read_search" in result.err,
         "caps: an unknown word", result)


def check_directory(user):
    """The working directory is the caller's; its files are hidden."""
    with h.fixture(user) as names:
        result = h.pledge("-p stdio,rpath", "/bin/pwd", user=user,
                          cwd=names["dir"])
        h.equal(result.out, names["dir"] + "\n",
                f"{user.name}: the working directory stays")
        result = h.pledge("-p stdio,rpath", "./" + os.path.basename(
            shutil.copy(ATTEMPT, names["dir"])), "open-read", "file",
            user=user, cwd=names["dir"])
        h.equal(result.out, "EACCES\n",
                f"{user.name}: the working directory is hidden without -v")


def check_compatibility(user):
    """Flags of the existing Linux pledge that change nothing here."""
    for options in ("--no-check", "--local", "--remote", "--no-api"):
        result = h.pledge(["-p", "stdio", options], "/bin/true", user=user)
        h.equal(result.status, 0, f"{user.name}: {options}")
    result = h.pledge("--check -p stdio", "/bin/echo", "x", user=user)
    h.ok(result.status == 0 and result.out == "x\n" and result.err,
         f"{user.name}: --check says first what can be enforced", result)
    result = h.pledge("--best-effort -p stdio", "/bin/true", user=user)
    h.equal(result.status, 0, f"{user.name}: --best-effort")
    h.equal(h.run([h.PLEDGE, "-pstdio", "-vr:/etc/passwd", "-qk",
                   "/bin/true"], user).status, 0,
            f"{user.name}: arguments and letters run together")
    h.equal(h.run([h.PLEDGE, "--promises=stdio", "--unveil=/etc/passwd",
                   "/bin/true"], user).status, 0,
            f"{user.name}: long options with =")


def check_signals(user):
    """Ignored and blocked signals are inherited as without a launcher."""
    show = ["/bin/grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"]
    for launcher in ([], [h.PLEDGE], [h.PLEDGE, "-t", "60"],
                     [h.TOOL, "run"]):
        options = launcher and ["-p", "stdio rpath", "-v", "/proc", "--"]
        result = h.run(["/bin/sh", "-c", "trap '' HUP USR1; exec \"$@\"",
                        "sh", *launcher, *options, *show], user)
        if not launcher:
            bare = result
        else:
            h.equal((result.status, result.out), (0, bare.out),
                    f"{user.name}: {os.path.basename(launcher[0])} "
                    f"{' '.join(launcher[1:])}: signals as unconfined")


CATCHES = """trap 'echo caught; exit 3' {}
echo ready $$
while :; do :; done"""


def check_parent(user):
    """Signals to a launcher that stays reach the command; with it gone, the
    command goes."""
    for launcher in ([h.PLEDGE, "-t", "60"], [h.TOOL, "run"]):
        name = f"{user.name}: {os.path.basename(launcher[0])}"
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT,
                       signal.SIGUSR1, signal.SIGKILL):
            script = CATCHES.format(
                "USR2" if number == signal.SIGKILL else number.value)
            process = h.start([*launcher, "-p", "stdio rpath", "--",
                               "/bin/bash", "-c", script], user,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, bufsize=0)
            child = int(process.stdout.readline().split()[1])
            os.kill(process.pid, number)
            # The end of the output is the command's own end.
            try:
                said = process.communicate(timeout=h.TIMEOUT)[0]
                status = process.returncode
            except subprocess.TimeoutExpired:
                said, status = b"the command goes on", None
            wanted = (3, b"caught\n")
            if number == signal.SIGKILL:
                wanted = (-number, b"")
            h.ok((status, said) == wanted and child != process.pid,
                 f"{name}: {number.name} to the launcher alone",
                 (status, said))
            h.kill_session(process)


def check_hard_limit(user):
    """A command that asks for more than it may is told, and not run."""
    result = h.pledge(["-p", "stdio", "-O",
                       str(resource.getrlimit(resource.RLIMIT_NOFILE)[1] *
                           2)], "/bin/true", user=user)
    h.ok(result.status in (0, 125) and
         (result.status == 0 or "files" in result.err or "-O" in result.err),
         f"{user.name}: -O above the hard limit", result)


# Reads a key of the session's, as user 65534 and with nothing else changed.
KEYS = """
import ctypes, os, sys
keyctl, add_key = (250, 248) if os.uname().machine == "x86_64" else (219, 217)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(keyctl, 1, None)
libc.syscall(add_key, b"user", b"pledge-test-key", b"secret", 6, -3)
if not sys.argv[2:]:
    os.setgroups([])
    os.setresuid(65534, 65534, 65534)
os.execvp(sys.argv[1], [*sys.argv[1:], *["/proc/keys"] * (not sys.argv[2:])])
"""


def check_keys():
    """The session's keys are the user's who started it."""
    name = "-u: the command does not have the session's keys of who started it"
    bare = h.run([h.PYTHON, "-c", KEYS, "cat"])
    if "pledge-test-key" not in bare.out:
        h.skip(name, "no keys are handed on here")
        return
    words = ["-p", "stdio rpath", "-v", "r:/proc", "--", "cat", "/proc/keys"]
    kept = h.run([h.PYTHON, "-c", KEYS, h.PLEDGE, *words])
    h.ok(kept.status == 0 and "pledge-test-key" in kept.out,
         "without -u it does", kept)
    for user in ("nobody", "65534"):
        found = h.run([h.PYTHON, "-c", KEYS, h.PLEDGE, "-u", user, *words])
        h.ok(found.status == 0 and "keyring" in found.out and
             "pledge-test-key" not in found.out, name, found)


def main():
    for user in h.USERS:
        check_descriptors(user)
        check_nameless(user)
        check_substitution(user)
        check_socket_activation(user)
        check_written_code(user)
        check_environment(user)
        check_limits(user)
        check_priority(user)
        check_directory(user)
        check_compatibility(user)
        check_signals(user)
        check_parent(user)
        check_hard_limit(user)
    if h.ROOT_USER:
        check_root()
        check_names()
        check_outside()
        check_identity()
        check_caps()
        check_groups()
        check_keys()
    else:
        h.skip("-c, -u, -g, -D", "take root")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
