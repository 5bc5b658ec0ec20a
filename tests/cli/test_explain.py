#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""--explain and check: each denial is named, with what would allow it, in the
form that the manual promises; what it suggests, applied, makes the command
work; nothing more is allowed than without it; nothing is left behind when the
launcher or its watcher is killed."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys

import harness as h

# Options; the command, for a shell in a directory of the user's own; the lines
# that are told as they happen, in order. A word of h.STAGE is a test's target.
LINES = [
    ("-p stdio -v .", "cat words",
     ['openat("words", O_RDONLY): needs promise rpath']),
    ("-p stdio", "cat words",
     ['openat("words", O_RDONLY): needs promise rpath; '
      'hidden path; needs -v r:{dir}/words']),
    ("-p stdio,rpath", "cat words",
     ['openat("words", O_RDONLY): hidden path; needs -v r:{dir}/words']),
    ("-p stdio,rpath", "cat {dir}/../{base}/words",
     ['openat("{dir}/../{base}/words", O_RDONLY): '
      'hidden path; needs -v r:{dir}/words']),
    ("-p stdio,rpath", "cat link",
     ['openat("link", O_RDONLY): hidden path; needs -v r:{dir}/words']),
    ("-p stdio,rpath", "cat missing", []),
    ("-p stdio,rpath", "cat words words",
     ['openat("words", O_RDONLY): hidden path; needs -v r:{dir}/words']),
    ("-p stdio,rpath -v r:words", "cat words", []),
    ("-p stdio,rpath,wpath -v words", "tee words",
     ['openat("words", O_WRONLY|O_CREAT|O_TRUNC, 0666): needs promise cpath; '
      'hidden path; needs -v w:{dir}/words']),
    ("-p stdio,rpath,cpath -v .", "mkdir new",
     ['mkdir("new", 0777): hidden path; needs -v c:{dir}']),
    ("-p stdio,rpath -v .", "mkdir new",
     ['mkdir("new", 0777): needs promise cpath; '
      'hidden path; needs -v c:{dir}']),
    ("-p stdio,rpath,cpath -v . -v rc:sub", "rm -f words",
     ['unlinkat("words"): hidden path; needs -v c:{dir}']),
    ("-p stdio,rpath,cpath -v . -v rc:sub", "mv -f sub/inner link2",
     ['renameat2("sub/inner", "link2", RENAME_NOREPLACE): '
      'hidden path; needs -v c:{dir}']),
    ("-p stdio,rpath", "env /usr/bin/true",
     ['execve("/usr/bin/true"): needs promise exec; '
      'hidden path; needs -v rx:{true}']),
    ("-p stdio,rpath,exec", "env /usr/bin/true",
     ['execve("/usr/bin/true"): hidden path; needs -v rx:{true}']),
    ("-p stdio,rpath,exec -v rx:.", "env ./script",
     ['execve("./script"): hidden path; needs -v rx:{sh}']),
    ("-p stdio,rpath", "/usr/bin/python3 -Sc 'import socket; "
     'socket.socket(socket.AF_UNIX)\'',
     ['socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC): needs promise unix']),
    ("-p stdio,rpath,inet --connect 1", "/usr/bin/python3 -Sc 'import socket; "
     'socket.create_connection(("127.0.0.1", {port}))\'',
     ['connect(3, {{AF_INET, 127.0.0.1, port={port}}}): '
      'needs --connect {port}']),
]


@contextlib.contextmanager
def directory(user):
    with h.scratch(user) as path:
        h.write(os.path.join(path, "words"), "text\n", user=user)
        os.symlink("words", os.path.join(path, "link"))
        os.mkdir(os.path.join(path, "sub"))
        h.write(os.path.join(path, "sub", "inner"), "text\n", user=user)
        h.write(os.path.join(path, "script"), "#!/bin/sh\n:\n", 0o755, user)
        if user.uid is not None:
            os.chown(os.path.join(path, "sub"), user.uid, user.uid)
        yield path


def told(err, program="pledge"):
    """The lines up to the summary, without their lead."""
    lead = f"{program}: denied: "
    lines = []
    for line in err.splitlines():
        if line.startswith((f"{program}: summary",
                            f"{program}: nothing was denied")):
            break
        if line.startswith(lead):
            lines.append(line[len(lead):])
    return lines


def suggested(err):
    found = re.search(r": to allow everything that was denied: (.*)", err)
    return found.group(1) if found else None


def shell(line, user, cwd, **how):
    env = h.environment(PATH=h.STAGE + ":" + h.PATH)
    return h.run(["/bin/sh", "-c", line], user, cwd=cwd, env=env, **how)


def follow(result, user, path):
    """Applies what is suggested until nothing is; the last result."""
    for _ in range(5):
        command = suggested(result.err)
        if command is None:
            break
        result = shell(command.replace(" -p ", " -e -p ", 1), user, path)
    return result


def check_lines(user):
    for options, command, expect in LINES:
        with directory(user) as path, h.listener() as port:
            names = {"dir": path, "base": os.path.basename(path),
                     "true": os.path.realpath("/usr/bin/true"),
                     "sh": os.path.realpath("/bin/sh"), "port": port}
            words = f"pledge -e {options} -- {command.format(**names)}"
            result = shell(words, user, path)
            name = f"{user.name}: {options}: {command}"
            # Where python looks for modules first, and does without.
            lines = [line for line in told(result.err)
                     if not line.startswith(f'openat("{path}", ')]
            h.equal(lines, [line.format(**names) for line in expect], name)
            plain = shell(words.replace(" -e ", " ", 1), user, path)
            h.equal(result.status, plain.status, f"{name}: as without -e")
            if not expect:
                continue
            last = follow(result, user, path)
            h.ok(last.status == 0, f"{name}: the suggestion works",
                 f"{result}\n{last}")


# Each command works with these and not without any one of them.
FITTING = [
    ("stdio rpath", "r:{dir}/words", "cat words"),
    ("stdio rpath", "r:{dir}/words", "sort words"),
    ("stdio rpath", "r:{dir}/sub", "grep -r text sub"),
    ("stdio rpath", "r:{dir}/sub", "ls sub"),
    ("stdio rpath wpath cpath", "r:{dir}/words rwc:{dir}/sub",
     "cp words sub/copy"),
    ("stdio rpath cpath", "rc:{dir}/sub", "rm -r sub/inner"),
    ("stdio cpath", "c:{dir}", "mkdir made"),
    ("stdio cpath", "c:{dir}", "ln -s words made"),
    ("stdio dpath", "c:{dir}", "mkfifo made"),
    ("stdio wpath cpath", "wc:{dir}", "tee made"),
    ("stdio rpath fattr", "", "chmod 600 words"),
    ("stdio exec", "rx:/usr/bin", "env true"),
    ("stdio rpath proc exec", "rx:/usr/bin r:{dir}",
     "find words -exec cat {} ;"),
    ("stdio rpath wpath cpath", "rwc:{dir}", "dd if=words of=made"),
]


def options_of(promises, unveils, path):
    words = ["-p", " ".join(promises)]
    for unveil in unveils:
        words += ["-v", unveil.replace("{dir}", path)]
    return words


def named(err):
    """(promises, unveiled paths) that the told lines ask for."""
    words, paths = set(), set()
    for line in told(err):
        for found in re.findall(r"needs promises? ([a-z_ ]+)", line):
            words |= set(found.split())
        paths |= {p.split(":", 1)[1]
                  for p in re.findall(r" -v (\S+)", line)}
    return words, paths


def check_one_less(user):
    """What was left out, and nothing else, is asked for; applied, it works."""
    for promises, unveils, command in FITTING:
        promises, unveils = promises.split(), unveils.split()
        argv = command.split()
        cuts = [(word, None) for word in promises[1:]]
        cuts += [(None, unveil) for unveil in unveils]
        with directory(user) as path:
            whole = h.run([h.PLEDGE, "-e", *options_of(promises, unveils, path),
                           "--", *argv], user, cwd=path)
            h.ok(whole.status == 0 and not told(whole.err),
                 f"{user.name}: {command}: fits", whole)
        for word, unveil in cuts:
            check_cut(user, argv, ([w for w in promises if w != word],
                                   [u for u in unveils if u != unveil]),
                      (word, unveil))


def check_cut(user, argv, policy, cut):
    word, unveil = cut
    name = f"{user.name}: {' '.join(argv)} without {word or unveil}"
    with directory(user) as path:
        result = h.run([h.PLEDGE, "-e", *options_of(*policy, path), "--",
                        *argv], user, cwd=path)
        words, paths = named(result.err)
        if word:
            h.ok(words == {word}, f"{name}: named", result)
        else:
            missing = unveil.replace("{dir}", path).split(":")[1]
            h.ok(not words and paths and
                 all(p == missing or p.startswith(missing + "/")
                     for p in paths), f"{name}: named", result)
        last = follow(result, user, path)
        h.ok(last.status == 0, f"{name}: the suggestion works",
             f"{result}\n{last}")


def check_form(user):
    """Live lines, the summary with counts, JSON."""
    with directory(user) as path:
        result = shell("pledge -e -p 'stdio rpath' -- cat words words", user,
                       path)
        line = ('pledge: denied: openat("words", O_RDONLY): hidden path; '
                f'needs -v r:{path}/words')
        lines = [text for text in result.err.splitlines()
                 if "harmless" not in text and not text.startswith("cat")]
        h.equal(lines, [
            line, "pledge: summary: 2 denied", line + " (2 times)",
            "pledge: to allow everything that was denied: pledge -p "
            f"'stdio rpath' -v r:{path}/words -- cat words words"],
            f"{user.name}: the whole of it")
        result = shell("seccomp-pledge explain --json -p 'stdio rpath' -- "
                       "cat words words", user, path)
        events = [json.loads(text) for text in result.err.splitlines()
                  if text.startswith("{")]
        mine = [e for e in events if "probe" not in e]
        h.equal([e["event"] for e in events if e["event"] == "summary" or
                 "probe" not in e],
                ["denied", "denied", "counted", "summary"],
                f"{user.name}: --json: events")
        h.equal([mine[0]["promises"], mine[0]["unveil"]],
                [[], [{"permissions": "r", "path": f"{path}/words"}]],
                f"{user.name}: --json: what is needed")


def check_names(user):
    """A name that a command chose does nothing where it is told."""
    with directory(user) as path:
        evil = "a\n\033[2J'b\"\udcff"
        h.write(os.path.join(path, evil), "x\n", user=user)
        result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath", "--", "cat",
                        evil], user, cwd=path)
        lines = [text for text in result.err.splitlines()
                 if text.startswith("pledge:")]
        h.ok(len(told(result.err)) == 1 and all(map(h.printable, lines)),
             f"{user.name}: a name with control bytes", repr(result.err))
        command = suggested(result.err)
        last = h.run(["/bin/bash", "-c", command or "false"], user, cwd=path,
                     env=h.environment(PATH=h.STAGE + ":" + h.PATH))
        h.ok(last.status == 0, f"{user.name}: and works as suggested",
             f"{command!r} {last}")


def check_check(user):
    with directory(user) as path:
        h.write(os.path.join(path, "policy"),
                f"promises stdio rpath\nunveil r {path}/words\n")
        rows = [("check ./policy -- cat words", 0),
                ("check ./policy cat words", 0),
                ("check ./policy -- cat missing", 0),
                ("check ./policy -- cat sub/inner", 1),
                ("check ./policy -- env true", 1),
                ("check ./none -- true", 2), ("check ./policy", 2),
                ("check -p 'getpw tty ps vminfo' ./policy -- ps -e", 0),
                ("check", 2), ("check ./policy -- no-such-command", 2)]
        for words, status in rows:
            result = shell("seccomp-pledge " + words, user, path)
            h.equal(result.status, status, f"{user.name}: {words}")


def check_hint(user):
    with directory(user) as path:
        rows = [("run", "false", True), ("run -q", "false", False),
                ("run", "true", False), ("run -e", "false", False),
                ("run", "no-such-command", False), ("run", "./words", False),
                ("run", "cat sub", True), ("run -t 0.1", "sleep 9", False)]
        for words, command, wanted in rows:
            result = shell(f"seccomp-pledge {words} -- {command}", user, path)
            h.equal("--explain" in result.err, wanted,
                    f"{user.name}: {words} {command}: is --explain named")


def children(pid):
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], text=True,
                         stdout=subprocess.PIPE, check=False).stdout
    return [int(word) for word in out.split()]


def gone(marker):
    """No process that sleeps for MARKER seconds is left."""
    return h.until(lambda: subprocess.run(
        ["pgrep", "-f", f"sleep {marker}"], stdout=subprocess.PIPE,
        check=False).returncode == 1)


def check_death(user):
    """Whoever is killed, the command and what it started go, too."""
    for number, victim in enumerate(("watcher", "launcher", "command")):
        marker = f"10{number}{os.getpid()}"
        argv = [h.PLEDGE, "-e", "-p", "stdio rpath proc exec", "-v",
                "rx:/usr/bin", "-v", "rx:/bin", "--", "sh", "-c",
                f"(sleep {marker} & sleep {marker} & wait) & sleep {marker}"]
        with h.background(argv, user, stderr=subprocess.PIPE) as process:
            def family():
                watcher = children(process.pid)
                command = children(watcher[0]) if watcher else []
                ready = subprocess.run(
                    ["pgrep", "-c", "-f", f"^sleep {marker}"],
                    stdout=subprocess.PIPE, check=False).stdout.strip()
                return (watcher + command if command and ready == b"3"
                        else None)
            found = h.until(family)
            if not h.ok(found, f"{user.name}: a family of processes"):
                continue
            pid = {"watcher": found[0], "launcher": process.pid,
                   "command": found[1]}[victim]
            os.kill(pid, signal.SIGKILL)
            status = process.wait(h.TIMEOUT)
            expect = {"watcher": 125, "launcher": -9, "command": 137}[victim]
            h.equal(status, expect, f"{user.name}: {victim} killed: status")
            if victim == "command":
                subprocess.run(["pkill", "-f", f"sleep {marker}"], check=False)
            h.ok(gone(marker), f"{user.name}: {victim} killed: nothing left")


def check_unwatchable(user):
    """Without a listener there is no command, and no summary of it. So many
    descriptors are enough for the launcher, or for the watcher as well."""
    seen = set()
    for limit in range(3, 12):
        result = h.run(["/bin/sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh",
                        h.PLEDGE, "-e", "-p", "stdio rpath", "-v", "r:/etc",
                        "--", h.target("attempt-static"), "fork"], user)
        ran = result.out == "EPERM\n" and result.status == 0 and \
            "summary: 1 denied" in result.err
        refused = result.out == "" and result.status == 125 and \
            "denied" not in result.err
        seen |= {"ran"} if ran else {"refused"}
        seen |= {"listener"} if "the listener" in result.err else set()
        h.ok(ran or refused, f"{user.name}: {limit} descriptors: watched, or "
             "not run", result)
    h.equal(sorted(seen), ["listener", "ran", "refused"],
            f"{user.name}: each of them, the listener's step named")


def check_signals(user):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        argv = [h.PLEDGE, "-e", "-p", "stdio rpath", "--", "sleep", "30"]
        with h.background(argv, user, stderr=subprocess.DEVNULL) as process:
            def asleep():
                return "sleep" in map(h.name_of, (
                    pid for watcher in children(process.pid)
                    for pid in children(watcher)))
            h.until(asleep)
            process.send_signal(number)
            h.equal(process.wait(h.TIMEOUT), 128 + number,
                    f"{user.name}: {number.name} reaches the command")
    result = h.pledge("-e -t 0.3 -p stdio,rpath", "sleep", "30", user=user)
    h.equal(result.status, 124, f"{user.name}: a time limit")
    result = h.pledge("-e -k -p stdio,rpath", h.PYTHON, "-c",
                      "import socket; socket.socket()", user=user)
    h.equal(result.status, 128 + signal.SIGSYS, f"{user.name}: -k kills")
    h.ok("needs promise inet" in result.err, f"{user.name}: and is named",
         result)


MANY = """
import os, sys, threading
def look():
    try: open("/etc/hostname").close(); print("opened")
    except PermissionError: pass
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        look(); os._exit(7)
    if os.waitpid(pid, 0)[1] != 7 << 8: print("lost")
threads = [threading.Thread(target=look) for _ in range(int(sys.argv[2]))]
for t in threads: t.start()
for t in threads: t.join()
print("done")
"""


def check_many(user):
    argv = [h.PLEDGE, "-e", "-p", "stdio rpath proc", "-v", "r:/usr/lib", "--",
            h.PYTHON, "-c", MANY, "500", "200"]
    result = h.run(argv, user)
    h.equal(result.out, "done\n", f"{user.name}: 500 forks, 200 threads")
    counted = re.search(r'"/etc/hostname".* \((\d+) times\)', result.err)
    h.ok(counted and counted.group(1) == "700",
         f"{user.name}: no denial is lost", result.err)


BAD = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for address in (0, 1, 1 << 62, (1 << 64) - 1):
    libc.open(ctypes.c_void_p(address), 0)
    print(ctypes.get_errno(), end=" ")
libc.open(b"x" * 5000, 0)
print(ctypes.get_errno(), end=" ")
os.chdir("/")
print(libc.open(b"/./" * 1300 + b"etc/hostname", 0), ctypes.get_errno())
"""


def check_pointers(user):
    """Pointers that lead nowhere, a path as long as can be."""
    options = ["-p", "stdio rpath", "-v", "r:/usr/lib"]
    plain = h.run([h.PLEDGE, *options, "--", h.PYTHON, "-c", BAD], user)
    result = h.run([h.PLEDGE, "-e", *options, "--", h.PYTHON, "-c", BAD], user)
    h.equal(result[:2], plain[:2], f"{user.name}: bad pointers: as without -e")
    h.ok("needs -v r:/etc/hostname" in result.err or user != h.ME,
         f"{user.name}: a long path is resolved", result.err[-300:])


def check_remains(user):
    """What outlives the command is still answered."""
    with directory(user) as path:
        marker = os.path.join(path, "sub", "late")
        line = (f"pledge -e -p 'stdio rpath wpath cpath proc exec' -v rwc:. "
                "-v rx:/usr/bin -v rx:/bin -- sh -c '(while kill -0 $$; do :; done; "
                f"cat /etc/hostname; echo $? > {marker}) >/dev/null 2>&1 &'")
        result = shell(line, user, path)
        h.equal(result.status, 0, f"{user.name}: the command ends first")
        found = h.until(lambda: os.path.exists(marker) and
                         open(marker, encoding="ascii").read())
        h.equal(found, "1\n", f"{user.name}: what it left is still refused")


MOVE = """
import os
def look(path):
    try: os.close(os.open(path, os.O_RDONLY))
    except PermissionError: print("refused", path)
look("a/d/f")
os.rename("a/d", "b/d")
look("b/d/f")
"""


def check_moved(user):
    """What was known of a directory is forgotten when it moves."""
    with directory(user) as path:
        for name in ("a", "b", "a/d"):
            os.mkdir(os.path.join(path, name))
            if user.uid is not None:
                os.chown(os.path.join(path, name), user.uid, user.uid)
        h.write(os.path.join(path, "a/d/f"), "x", user=user)
        result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath cpath", "-v",
                        "rc:a", "-v", "c:b", "-v", "r:/usr", "--", h.PYTHON,
                        "-ISc", MOVE], user, cwd=path)
        h.equal([result.status, result.out, told(result.err)],
                [0, "refused b/d/f\n",
                 ['openat("b/d/f", O_RDONLY|O_CLOEXEC): hidden path; '
                  f'needs -v r:{path}/b']],
                f"{user.name}: a directory that moves")


def check_tmp(user):
    """Beside /tmp, the private directory is named, and serves."""
    name = f"/tmp/none-{os.getpid()}"
    result = h.pledge("-e -p stdio,cpath", "mkdir", name, user=user)
    h.equal(told(result.err), [f'mkdir("{name}", 0777): hidden path; '
                               "needs -v c:/tmp (or -v c:@TMP)"],
            f"{user.name}: /tmp")
    result = h.run([h.PLEDGE, "-e", "-p", "stdio rpath cpath wpath", "-v",
                    "rwc:@TMP", "--", "mktemp"], user)
    h.ok(result.status == 0 and not told(result.err), f"{user.name}: @TMP",
         result)


APPEND = """
import fcntl, os, sys
def flags(fd, value):
    try: fcntl.fcntl(fd, fcntl.F_SETFL, value)
    except OSError as error: return error.errno
    return int(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND != 0)
a, n = os.O_APPEND, os.O_NONBLOCK
pipe = os.pipe()[0]
print(flags(1, 0), flags(os.dup(1), n), flags(1, a | n), flags(1, a),
      flags(pipe, n), flags(pipe, 0), flags(99, 0), file=sys.stderr)
"""


def check_append(user):
    """A log that may only be added to stays so, and is not another's."""
    refused, allowed = "1 1 1 1 0 0 9", "0 0 1 1 0 0 9"
    rows = ([("-e", os.O_APPEND, refused), ("-e", 0, allowed)] +
            [("-q", os.O_APPEND, allowed)])
    for option, flag, wanted in rows:
        with directory(user) as path:
            log = os.open(os.path.join(path, "log"),
                          os.O_WRONLY | os.O_CREAT | flag, 0o644)
            result = h.pledge([option, "-p", "stdio rpath", "-v", "r:/usr"],
                              h.PYTHON, "-ISc", APPEND, user=user, stdout=log)
            os.close(log)
        h.equal([line for line in result.err.splitlines()
                 if line[:1].isdigit()], [wanted],
                f"{user.name}: {option}: flags of a file that is "
                f"{'added to' if flag else 'written'}")
        h.equal("stays so" in result.err, wanted == refused,
                f"{user.name}: {option}: and what was refused is said")


def check_targets(user):
    for name in ("hello-static", "hello-musl", "hello-go"):
        if not h.target(name):
            h.skip(name, "not built here")
            continue
        with directory(user) as path:
            result = h.run([h.PLEDGE, "-e", "-p", "stdio", "--",
                            h.target(name), "read=words"], user, cwd=path)
            lines = told(result.err)
            h.ok(len(lines) == 1 and lines[0].endswith(
                f"needs promise rpath; hidden path; needs -v r:{path}/words"),
                f"{user.name}: {name}", result)
            last = follow(result, user, path)
            h.ok(last.status == 0, f"{user.name}: {name}: the suggestion",
                 last)


def check_nested(user):
    result = h.pledge("-e -p stdio,rpath,exec,proc -v rx:/", h.PLEDGE, "-e",
                      "-p", "stdio", "--", "true", user=user)
    h.ok(result.status == 125 and "restrict system calls" in result.err,
         f"{user.name}: -e below -e is refused", result)


def main():
    for user in h.USERS:
        for check in (check_lines, check_one_less, check_form, check_names,
                      check_check, check_hint, check_death, check_unwatchable,
                      check_signals, check_many, check_pointers, check_remains,
                      check_moved, check_tmp, check_append,
                      check_targets, check_nested):
            check(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
