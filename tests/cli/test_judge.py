#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What is said of a call is so: what did no harm is told by what the program
did next; ordinary permissions are not the policy's; the fewest words for all
denials together; what stays refused is named; nothing that an attacker would
ask for is suggested."""
import json
import os
import re
import socket
import subprocess
import sys

import harness as h

SERVER = """
import resource, socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
which = getattr(resource, sys.argv[2])
soft, hard = resource.getrlimit(which)
try: resource.setrlimit(which, (0, hard))
except (OSError, ValueError): sys.exit(int(sys.argv[3]))
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def last(result, lead="pledge"):
    """The lines of the summary, without their lead."""
    lines = result.err.splitlines()
    at = [i for i, line in enumerate(lines) if
          line.startswith((f"{lead}: summary", f"{lead}: nothing was denied"))]
    return [line.removeprefix(f"{lead}: ") for line in lines[at[0]:]] \
        if at else []


def has(lines, *parts):
    """A line with all of these in it."""
    return any(all(part in line for part in parts) for line in lines)


def check_limits(user):
    """A server that dies of a limit that it could not set."""
    with h.scratch(user) as path:
        h.write(os.path.join(path, "serve.py"), SERVER)
        for which, status, wanted in (("RLIMIT_CORE", 1, 1),
                                      ("RLIMIT_MEMLOCK", 7, 1),
                                      ("RLIMIT_NOFILE", 1, 1),
                                      ("RLIMIT_NOFILE", 0, 0)):
            port = free_port()
            h.write(os.path.join(path, "policy"), "promises stdio rpath inet\n"
                    f"bind {port}\nunveil r {path}\nunveil r /usr\n")
            result = h.run([h.TOOL, "check", "./policy", "--", h.PYTHON,
                            "-IS", "serve.py", str(port), which, str(status)],
                           user, cwd=path)
            name = f"{user.name}: {which}, and exit status {status}"
            h.equal(result.status, wanted, f"{name}: check")
            if wanted:
                lines = last(result, "seccomp-pledge")
                h.ok(has(lines, "denied", which, "needs promise proc") and
                     has(lines, "to allow everything", "-i ./policy -p proc -- "),
                     f"{name}: named, with what helps", result)
                line = [x for x in lines if x.startswith("to allow")]
                command = line[0].split(": ", 1)[1].replace(
                    "seccomp-pledge", h.TOOL, 1) if line else "false"
                mended = h.run(["/bin/sh", "-c", command], user, cwd=path)
                h.equal(mended.status, 0, f"{name}: and it helps")


# What libraries ask for and do without, by programs that do not: the command,
# its exit status, what is named.
FAILING = [
    ("-p stdio,rpath -V", "/bin/sh -c 'ulimit -c 0 || exit 3'", 3,
     "RLIMIT_CORE"),
    ("-p stdio,rpath -V", "/bin/sh -c 'ulimit -n 4 || exit 3'", 3,
     "RLIMIT_NOFILE"),
    ("-p stdio,rpath -v r:/usr", f"{h.PYTHON} -ISc 'import os; "
     "os.open(\"/proc/sys/vm/overcommit_memory\", os.O_RDONLY)'", 1,
     "/proc/sys/vm/overcommit_memory"),
    ("-p stdio,rpath,wpath -v r:/usr", f"{h.PYTHON} -ISc 'import os; "
     "os.open(\"/proc/self/task/%d/comm\" % os.getpid(), os.O_WRONLY)'", 1,
     "/comm"),
    ("-p stdio,rpath,proc,exec -v rx:/usr -v rx:/bin",
     f"/bin/sh -c '{h.PYTHON} -ISc \"import os;"
     "os.open(\\\"/proc/filesystems\\\", os.O_RDONLY | os.O_CLOEXEC)\"'", 1,
     "/proc/filesystems"),
]


def check_failing(user):
    for options, command, status, what in FAILING:
        result = h.run(["/bin/sh", "-c", f"{h.PLEDGE} -e {options} -- "
                        f"{command}"], user)
        name = f"{user.name}: {command}"
        h.equal(result.status, status, f"{name}: fails")
        lines = last(result)
        h.ok(has(lines, "denied: ", what) and has(lines, "to allow") and
             not has(lines, "harmless", what),
             f"{name}: not harmless, as it failed", result)
    # The same question, of a program that goes on.
    result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath", "-v", "r:/usr", "--",
                    h.PYTHON, "-ISc", "import os\n"
                    "try: os.open('/proc/filesystems', os.O_CLOEXEC)\n"
                    "except OSError: pass"], user)
    h.ok(result.status == 0 and last(result) and
         has(last(result), "/proc/filesystems",
             "(harmless: its program went on and succeeded)"),
         f"{user.name}: harmless, as it succeeded", result)


def check_kill(user):
    """What killed it is named, whatever it was."""
    for promises, command, what in (
            ("stdio", "mkdir x", "statfs("),
            ("stdio", f"{h.PYTHON} -ISc 'import socket; socket.socket()'",
             "socket("),
            ("stdio rpath", "mkdir x", "mkdir(")):
        if what == "statfs(" and not has(
                h.run(["ldd", "/bin/mkdir"]).out.splitlines(), "libselinux"):
            what = "mkdir("
        if what == "socket(":
            promises += " rpath"
        result = h.run(["/bin/sh", "-c", f"{h.PLEDGE} -e -k -p '{promises}' "
                        f"-V -- {command}"], user)
        h.ok(result.status == 159 and
             has(last(result), "denied: " + what, "it was killed for this"),
             f"{user.name}: -k {command}: {what}", result)


def check_ordinary():
    """Owner and mode, of a file and of a directory above it: not the policy."""
    user = h.LEAST
    if user.uid is None:
        h.skip("files that are not the user's", "not root")
        return
    with h.scratch() as path:
        secret = h.write(os.path.join(path, "secret"), "x", 0o640)
        os.mkdir(os.path.join(path, "closed"), 0o700)
        below = h.write(os.path.join(path, "closed", "inner"), "x")
        os.mkdir(os.path.join(path, "kept"), 0o755)
        rows = [
            (["cat", "/etc/shadow"], "/etc/shadow is root:", "you are nobody"),
            (["cat", secret], f"{secret} is root:root 0640, you are nobody"),
            (["cat", below], f"{path}/closed is root:root 0700, "
                             "you are nobody"),
            (["cat", "closed/inner"], f"{path}/closed is root:root 0700"),
            (["mkdir", "kept/new"], f"{path}/kept is root:root 0755"),
            (["rm", "-f", secret], f"{path} is root:root 0755"),
        ]
        options = ["-p", "stdio rpath wpath cpath", "-v", "r:/etc", "-v",
                   f"rwc:{path}"]
        for argv, *parts in rows:
            result = h.run([h.PLEDGE, "-e", *options, "--", *argv], user,
                           cwd=path)
            bare = h.run(argv, user, cwd=path)
            h.ok(bare.status != 0 and result.status == bare.status and
                 has(last(result), "not the policy: ", *parts) and
                 not has(last(result), "to allow"),
                 f"not the policy: {' '.join(argv)}", result)
        result = h.run([h.PLEDGE, "-e", "-p", "stdio", "-V", "--", "tee", "-a",
                        secret], user, cwd=path)
        h.ok(has(last(result), "needs promise", "and not the policy alone: " +
                 secret), "the policy refuses, and owner and mode as well",
             result)
        result = h.run([h.PLEDGE, "-e", "--json", *options, "--", "cat",
                        secret], user, cwd=path)
        events = [json.loads(line) for line in result.err.splitlines()
                  if line.startswith("{")]
        h.ok(any(event["event"] == "ordinary" and secret in event["ordinary"]
                 for event in events), "--json: an event of its own", result)
        # It is nothing to a command that went on.
        result = h.run([h.PLEDGE, "-e", *options, "--", "find", ".", "-name",
                        "secret", "-quit"], user, cwd=path)
        h.ok(result.status == 0 and not has(last(result), "not the policy"),
             "nothing is said to a command that succeeds", result)


def check_inotify(user):
    """It cannot be limited to paths; without any, it is allowed."""
    code = ("import ctypes, sys; "
            "sys.exit(ctypes.CDLL(None).inotify_init1(0) < 0)")
    argv = ["--", h.PYTHON, "-ISc", code]
    result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath", "-v", "r:/usr",
                    *argv], user)
    h.ok(has(last(result), "inotify_init1", "cannot be limited to unveiled "
             "paths; allowed with -V"), f"{user.name}: inotify", result)
    h.equal(h.run([h.PLEDGE, "-e", "-p", "stdio rpath", "-V", *argv],
                  user).status, 0, f"{user.name}: inotify with -V")


SELF = """
import os, threading
def write(path):
    try:
        os.close(os.open(path, os.O_WRONLY)); return "written"
    except PermissionError: return "refused"
print("process", write("/proc/self/comm"))
print("by number", write("/proc/%d/comm" % os.getpid()))
def thread():
    print("thread", write("/proc/thread-self/comm"))
    print("thread's process", write("/proc/self/comm"))
t = threading.Thread(target=thread); t.start(); t.join()
if os.fork() == 0:
    print("child", write("/proc/self/comm"), flush=True); os._exit(0)
os.wait()
"""


def check_self(user):
    """/proc/self is the command's own process, with its threads, however it is
    run."""
    options = ["-p", "stdio rpath wpath proc", "-v", "rw:/proc/self", "-v",
               "r:/usr", "--", h.PYTHON, "-ISuc", SELF]
    wanted = ("process written\nby number written\nthread written\n"
              "thread's process written\nchild refused\n")
    for how in ([], ["-e"], ["-t", "20"]):
        result = h.run([h.PLEDGE, *how, *options], user)
        h.equal(result.out, wanted, f"{user.name}: /proc/self {how}")
        if how == ["-e"]:
            h.ok(has(last(result), 'openat("/proc/self/comm"',
                     "-v w:/proc would give away too much") and
                 not has(last(result), "thread-self"),
                 f"{user.name}: what is refused, and no more, is told",
                 result)
    with h.scratch(user) as path:
        h.write(os.path.join(path, "policy"), "promises stdio rpath wpath\n"
                "unveil rw /proc/self\nunveil r /usr\n")
        result = h.run([h.TOOL, "check", "./policy", "--", h.PYTHON, "-ISc",
                        "import os; os.open('/proc/self/comm', os.O_WRONLY)"],
                       user, cwd=path)
        h.equal(result.status, 0, f"{user.name}: check, as it runs")
    result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath wpath", "-v", "r:/usr",
                    "--", h.PYTHON, "-ISc",
                    "import os; os.open('/proc/self/comm', os.O_WRONLY)"],
                   user)
    h.ok(has(last(result), "to allow", " -v w:/proc/self/comm "),
         f"{user.name}: its own entry is what is suggested", result)


def check_sockets(user):
    """A socket's domain says which word is meant."""
    code = ("import socket, sys; a, b = socket.socketpair(); "
            "a.setsockopt(socket.SOL_SOCKET, socket.{}, 1)")
    argv = ["-p", "stdio rpath", "-v", "r:/usr", "--", h.PYTHON, "-ISc"]
    result = h.run([h.PLEDGE, "-e", *argv, code.format("SO_PASSCRED")], user)
    h.equal(result.status, 0, f"{user.name}: SO_PASSCRED under stdio")
    for option in ("SO_PRIORITY", "SO_KEEPALIVE"):
        result = h.run([h.PLEDGE, "-e", *argv, code.format(option)], user)
        h.ok(has(last(result), "setsockopt(", "needs promise unix"),
             f"{user.name}: {option} of a Unix socket", result)


def check_fewest(user):
    """The smallest set of words for all denials together."""
    with h.scratch(user) as path:
        h.write(os.path.join(path, "words"), "text\n", user=user)
        for command in ("mktemp -p .", "sed -i s/t/x/ words",
                        "sh -c 'mktemp -p . && rm -f words'"):
            options = "-p 'stdio rpath proc exec' -v r:. -v rx:/usr -v rx:/bin"
            result = h.run(["/bin/sh", "-c", f"{h.PLEDGE} -e {options} -- "
                            f"{command}"], user, cwd=path)
            h.ok(has(last(result), "to allow", "wpath cpath proc") and
                 not has(last(result), "tmppath"),
                 f"{user.name}: {command}: one set for all", result)


def check_arguments(user):
    """An @ARG that is not there widens nothing."""
    with h.scratch(user) as path:
        h.write(os.path.join(path, "policy"), "promises stdio rpath\n"
                "unveil rwxc -@ARG3\nunveil rwxc -@ARG4\n")
        for command in ("cat /etc/hostname", "head -n1 /etc/hostname"):
            result = h.run(["/bin/sh", "-c", f"{h.TOOL} explain -i ./policy "
                            f"-- {command}"], user, cwd=path)
            lines = last(result, "seccomp-pledge")
            h.ok(has(lines, "to allow", " -v r:/etc/hostname ") and
                 not has(lines, "rwxc:/"),
                 f"{user.name}: {command}: nothing is widened", result)


def check_staying(user):
    """What can never be allowed is not promised."""
    code = ("import ctypes, os\nlibc = ctypes.CDLL(None)\n"
            "try: os.listdir('/etc')\nexcept OSError: pass\n{}")
    for act, name in (("libc.unshare(0x10000000)", "unshare(CLONE_NEWUSER)"),
                      ("libc.chroot(b'/')", 'chroot("/")')):
        result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath", "-v", "r:/usr",
                        "--", h.PYTHON, "-ISc", code.format(act)], user)
        h.ok(has(last(result), "to allow everything that was denied but ",
                 name + ", which stays refused: "),
             f"{user.name}: {name} stays refused", result)


def check_replaced(user):
    """A policy holds what had the name at the start."""
    def lines_of(path, options, change, command):
        process = h.start(["/bin/sh", "-c", f"{h.PLEDGE} -e -p "
                           f"'stdio rpath proc exec' {options} -v rx:/usr "
                           f"-v rx:/bin -- sh -c 'echo; read x; {command}'"],
                          user, cwd=path, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        change()
        out, err = process.communicate(b"\n", h.TIMEOUT)
        return h.Result(process.returncode, h.text(out), h.text(err))

    with h.scratch(user) as path:
        os.mkdir(os.path.join(path, "d"))
        for name in ("cfg", "new", "d/f"):
            h.write(os.path.join(path, name), "x\n", user=user)

        def file():
            os.rename(os.path.join(path, "new"), os.path.join(path, "cfg"))

        def folder():
            os.rename(os.path.join(path, "d"), os.path.join(path, "old"))
            os.mkdir(os.path.join(path, "d"), 0o755)
            h.write(os.path.join(path, "d", "f"), "y\n")

        def made():
            h.write(os.path.join(path, "late"), "y\n")

        for name, options, change, command, what in (
                ("a file", "-v r:cfg", file, "cat cfg", "cfg was replaced"),
                ("a directory", "-v r:d", folder, "cat d/f",
                 "d was replaced"),
                ("a new file", "-v r:-late", made, "cat late",
                 "late was made")):
            result = lines_of(path, options, change, command)
            h.ok(has(last(result), f"hidden path, as {path}/{what} since the "
                     f"start; needs -v r:{path}"),
                 f"{user.name}: {name} that is new", result)


def check_wide(user):
    """Nothing is suggested that whoever breaks out would like to have."""
    with h.scratch(user) as path:
        env = h.environment(HOME=path)
        os.mkdir(os.path.join(path, ".ssh"))
        if user.uid is not None:
            os.chown(os.path.join(path, ".ssh"), user.uid, user.uid)
        for command in (f"touch {path}/new", f"touch {path}/.ssh/keys",
                        "touch /etc/new", "touch /new"):
            if user.uid is not None and " /" in command.replace(path, ""):
                continue # nor may the user
            result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath wpath cpath",
                            "--", *command.split()], user, env=env, cwd="/")
            h.ok(has(last(result), "would give away too much") and
                 not has(last(result), "needs -v") and
                 not has(last(result), "to allow", " -v "),
                 f"{user.name}: {command}", result)
            h.ok(not os.path.exists(command.split()[1]),
                 f"{user.name}: {command}: was refused")


def check_no_proc():
    """Without /proc, paths are not told, and that is said."""
    if h.ROOT_USER is None:
        h.skip("a root directory without /proc", "not root")
        return
    program = h.target("hello-static")
    with h.scratch() as path:
        for name in (program, h.PLEDGE, h.TOOL):
            h.shutil.copy(name, path)
        os.chmod(os.path.join(path, os.path.basename(program)), 0o755)
        h.write(os.path.join(path, "words"), "x")
        name = "/" + os.path.basename(program)
        said = "paths cannot be told without /proc"
        result = h.run([h.PLEDGE, "-e", "-c", path, "-p", "stdio", "--", name,
                        "read=/words"])
        h.ok(said in result.err, "-e -c without /proc", result)
        h.write(os.path.join(path, "policy"), "promises stdio rpath\n")
        hides = "mount -t tmpfs none /proc && exec"
        for command, status in ((f"{program} read={path}/words", 2),
                                (f"mkdir {path}/new", 1)):
            result = h.run(["unshare", "-m", "sh", "-c",
                            f"{hides} {h.TOOL} check {path}/policy -- "
                            f"{command}"])
            h.ok(result.status == status and
                 not has(last(result, "seccomp-pledge"), "nothing was") and
                 (status == 1 or "what was denied cannot" in result.err),
                 f"check without /proc: {os.path.basename(command)}", result)
        result = h.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs none "
                        f"/proc && exec {h.TOOL} learn -o - -- {program} "
                        f"read={path}/words"])
        h.ok(said in result.err, "learn without /proc", result)
        result = h.run(["unshare", "-m", "sh", "-c",
                        f"mount -t tmpfs none /proc && exec {h.TOOL} doctor"])
        h.ok(re.search(r"Paths cannot be told without\s+/proc", result.out),
             "doctor without /proc", result)


# Calls that no promise allows, and a name that is asked of nscd; then it ends
# with what it is told.
PROBES = """
import ctypes, os, sys, socket
libc = ctypes.CDLL(None)
libc.prctl(47, 1, 0, 0, 0)
libc.mq_unlink(b"/pledge-none")
if os.path.exists(sys.argv[2]): open(sys.argv[2]).close()
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC |
                  socket.SOCK_NONBLOCK) if sys.argv[3:] else None
sys.exit(int(sys.argv[1]))
"""


def check_known(user):
    """What a policy was learned with is known to who checks it: a program that
    fails by itself fails as it did, and what it does without, it does."""
    with h.scratch(user) as path:
        h.write(os.path.join(path, "probes.py"), PROBES)
        program = [h.PYTHON, "-IS", "probes.py"]
        for status in (0, 3):
            argv = [*program, str(status), "none"]
            learned = h.run([h.TOOL, "learn", "-o", "policy", "--", *argv],
                            user, cwd=path)
            h.equal(learned.status, status, f"{user.name}: {status}: learned")
            for other, wanted in ((status, 0), (4, 1)):
                argv = [*program, str(other), "none"]
                result = h.run([h.TOOL, "check", "./policy", "--", *argv],
                               user, cwd=path)
                h.equal(result.status, wanted,
                        f"{user.name}: learned with {status}, checked with "
                        f"{other}")
            # What is denied, and was not known, counts as ever.
            argv = [*program, str(status), "/etc/passwd"]
            result = h.run([h.TOOL, "check", "./policy", "--", *argv], user,
                           cwd=path)
            h.ok(result.status == 1 and "/etc/passwd" in result.err,
                 f"{user.name}: {status}: another file", result)
        port = free_port()
        argv = ["curl", "-s", f"http://127.0.0.1:{port}/"]
        for command in (["learn", "-o", "curl.policy"],
                        ["check", "./curl.policy"]):
            result = h.run([h.TOOL, *command, "--", *argv], user, cwd=path)
            h.equal(result.status, 7 if command[0] == "learn" else 0,
                    f"{user.name}: {command[0]}: curl, and nobody listens")


def check_removed(user):
    """A working directory that is removed has no name to be unveiled."""
    for words, status in (("", 1), ("unveil r {path}\n", 0)):
        with h.scratch(user) as path:
            policy = os.path.join(path, "policy")
            h.write(policy, "promises stdio rpath\nunveil r /usr\n" +
                    words.format(path=path))
            gone = os.path.join(path, "gone")
            # What is removed while it is in use is listed as empty.
            script = (f"mkdir {gone} && cd {gone} && rmdir {gone} && exec ")
            plain = h.run(["sh", "-c", script + "ls -a ."], user)
            h.equal(plain.status, 0, f"{user.name}: removed, and unconfined")
            result = h.run(["sh", "-c", f"{script} {h.TOOL} check {policy} -- "
                            "ls -a ."], user)
            h.ok(result.status == status and (status == 0 or "nothing allows "
                 "it: it was removed" in result.err),
                 f"{user.name}: a removed directory: {words!r}", result)


def check_trace(user):
    """A trace asks for no more than learn does, nor misses what falls back."""
    for code, words in (("import threading; threading.Thread(target=int)"
                         ".start()", {"id"}),
                        ("import os; os.setresuid(-1, os.getuid(), -1)",
                         {"id"})):
        result = h.run([h.TOOL, "trace", "--summary", "--", h.PYTHON, "-ISc",
                        code], user)
        found = re.search(r"the fewest promises that allow it: (.*)",
                          result.err)
        h.ok(found and not set(found.group(1).split()) & words and
             not re.search("no promise allows:.*clone3", result.err),
             f"{user.name}: trace of {code}", result.err[-600:])


def check_page(user):
    """What lies in the private directory is not missing in the policy."""
    with h.scratch(user) as path:
        result = h.run([h.TOOL, "learn", "--html", "page.html", "-o",
                        "policy", "--", "mktemp"], user, cwd=path)
        with open(os.path.join(path, "page.html"), encoding="utf-8") as file:
            rows = [line for line in file if
                    re.search(r'title="/tmp/pledge\.[^"/]*"', line)]
        h.ok(rows and "<em class" in rows[0] and
             not any('class="no"' in row for row in rows),
             f"{user.name}: learn --html of mktemp", (result, rows))


def main():
    for user in h.USERS:
        for check in (check_limits, check_failing, check_kill, check_inotify,
                      check_self, check_sockets, check_fewest,
                      check_arguments, check_staying, check_replaced,
                      check_wide, check_removed, check_known,
                      check_trace, check_page):
            check(user)
    check_ordinary()
    check_no_proc()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
