#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""learn --bpf: what is recorded in the kernel makes the policy that the
listener's watcher makes; nobody else is recorded; what is lost is said; and
who may not, is told what it takes."""
import json
import os
import re
import signal
import subprocess
import sys

import harness as h
import test_learn as learn

# How paths reach an open: from here, from elsewhere, from a descriptor, through
# links, from a page that nobody has touched yet, from a thread, an own root.
WAYS = """
import ctypes, mmap, os, tempfile, threading
libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("out/deep")
os.chdir("out/deep")
open("../../words").read()
open("made", "w").write("x")
os.symlink("/usr/share/common-licenses", "there")
os.listdir("there")
open("there/BSD").read()
fd = os.open("/usr/share", os.O_PATH)
os.open("common-licenses/GPL-3", os.O_RDONLY, dir_fd=fd)
os.fchdir(fd)
os.dup2(os.open("/etc", os.O_PATH), fd)
os.open("passwd", os.O_RDONLY, dir_fd=fd)
os.open("doc", os.O_RDONLY)
threading.Thread(target=lambda: open("/etc/services").read()).start()
if os.fork() == 0:
    os.chdir("/etc")
    open("group").read()
    os.execv("/bin/cat", ["cat", "hosts"])
os.wait()
with tempfile.TemporaryDirectory() as gone:
    os.chdir(gone)
    open("x", "w").write("y")
    os.rename("x", "z")
    open("z").read()
os.chdir("/")
for name in ("/none/x", "etc/none", "/etc/passwd/x", "/dev/tty"):
    try:
        os.open(name, os.O_RDONLY)
    except OSError:
        pass
page = os.open({page!r}, os.O_RDONLY)
place = mmap.mmap(page, 4096, mmap.MAP_PRIVATE)
address = ctypes.addressof(ctypes.c_char.from_buffer(place))
assert libc.open(ctypes.c_void_p(address), 0) >= 0, ctypes.get_errno()
assert libc.open(ctypes.c_void_p(address + 4096 - 5), 0) == -1
assert libc.access(ctypes.c_void_p(8), 0) == -1
"""

# A command, for a shell in a directory of the user's own.
SAME = [
    "true",
    "sh -c 'cat link; cd tree && cat leaf ../words; (cd /usr; ls share/doc/libc6; "
    "cd lib; ls ..); echo x > ../out/new; rm ../out/new; mkdir ../out/d'",
    "git init -q out/repository",
    "git -C tree log",
    f"{h.PYTHON} -c 'import json, socket, ssl, sqlite3'",
    f"{h.PYTHON} -ISB ways.py",
    "busybox sh -c 'cat words; mv words tree; cat tree/words'",
    "hello-musl read=words",
    "cat /proc/self/status",
    "sort -o out/sorted words",
    "cc -o out/program out/../tree/program.c",
    "tar cf out/all.tar words tree",
    "cat missing",
    "hello-i386",
]
# Started through what every policy refuses.
FOREIGN = ["hello-i386"]


def lines(text):
    """What is granted, and what was looked for; not how often."""
    return sorted(" ".join(line.partition(" # ")[0].split()) for line in
                  text.splitlines()
                  if line[:1] != "#" or line.startswith("# absent"))


def prepare(path):
    page = os.path.join(path, "page")
    h.write(page, b"/etc/protocols\0".ljust(4091, b"x") + b"/non\0")
    h.write(os.path.join(path, "ways.py"), WAYS.replace("{page!r}", repr(page)))
    h.write(os.path.join(path, "tree", "program.c"), "int main(void){}\n")


def learned(line, options):
    """The status, and the policy, with the directory's name taken out."""
    with learn.directory(h.ROOT_USER) as path:
        prepare(path)
        result = learn.shell(f"seccomp-pledge learn -q {options} -o policy -- "
                             + line, h.ROOT_USER, path)
        policy = os.path.join(path, "policy")
        text = learn.read(policy) if os.path.exists(policy) else str(result)
        return result, re.sub(r"tmp/pledge\.\w+", "tmp/own",
                              text.replace(path, "@HERE"))


def check_same():
    for line in SAME:
        program = line.split()[0]
        if program.startswith("hello-") and not h.target(program):
            h.skip(line, "it could not be built here")
            continue
        if program == "hello-i386" and not h.can("i386", line):
            continue
        listened, wanted = learned(line, "")
        recorded, found = learned(line, "--bpf")
        h.equal((recorded.status, lines(found)),
                (listened.status, lines(wanted)),
                f"{line}: the same policy as the listener's")
        h.ok("events were lost" not in recorded.err and
             ("could not be looked at" in found) ==
             ("could not be looked at" in wanted),
             f"{line}: nothing is lost", recorded.err)
        if line in FOREIGN:
            continue
        with learn.directory(h.ROOT_USER) as path:
            prepare(path)
            h.write(os.path.join(path, "x.policy"), found)
            again = learn.shell("pledge -q -i ./x.policy -- " + line,
                                h.ROOT_USER, path)
            h.equal((again.status, again.out.replace(path, "")),
                    (recorded.status, again.out.replace(path, "")),
                    f"{line}: runs under it")


def check_storm():
    """Counted one by one, though told once."""
    with learn.directory(h.ROOT_USER) as path:
        h.write(os.path.join(path, "storm.py"), learn.STORM)
        result = learn.shell("seccomp-pledge learn --bpf -q -o p -- "
                             f"{h.PYTHON} -IS storm.py", h.ROOT_USER, path)
        text = learn.read(os.path.join(path, "p")) \
            if result.status == 0 else ""
        h.ok(re.search(r"^promises proc +# 1/1 run, 300 times", text, re.M) and
             re.search(r"@CWD/words +# 1/1 run, 100 times", text) and
             "promises exec" in text,
             "forks, threads, a bad pointer, an exec in a thread",
             f"{result}\n{text}")


def check_others():
    """What others do meanwhile is theirs."""
    with learn.directory(h.ROOT_USER) as path:
        other = os.path.join(path, "tree", "leaf")
        loop = f"while :; do read line < {other}; done"
        with h.background(["sh", "-c", loop]):
            result = learn.shell(
                "seccomp-pledge learn --bpf -q -- sh -c "
                "'sleep 0.3; cat words'", h.ROOT_USER, path)
    h.ok(result.status == 0 and "@CWD/words" in result.out and
         "leaf" not in result.out and "tree" not in result.out,
         "no other process is recorded", result)


# More kinds of calls are made than the ring holds.
FLOOD = """
import os
print("ready", flush=True)
os.read(0, 1)
for i in range(60000):
    try:
        os.open(f"/none/{i:0120}", os.O_RDONLY)
    except FileNotFoundError:
        pass
print("done", flush=True)
os.read(0, 1)
"""


def flood(path):
    """The reader is stopped meanwhile."""
    with h.background([h.TOOL, "learn", "--bpf", "-o", "p", "--", h.PYTHON,
                       "-ISB", "flood.py"], h.ROOT_USER, cwd=path,
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      stderr=subprocess.PIPE) as reader:
        reader.stdout.readline()
        reader.send_signal(signal.SIGSTOP)
        h.until(lambda: h.state(reader.pid) == "T")
        reader.stdin.write(b"x")
        reader.stdin.flush()
        reader.stdout.readline()
        reader.send_signal(signal.SIGCONT)
        out, err = reader.communicate(b"x")
        return h.Result(reader.returncode, h.text(out), h.text(err))


def check_losses():
    with learn.directory(h.ROOT_USER) as path:
        h.write(os.path.join(path, "flood.py"), FLOOD)
        result = flood(path)
        text = learn.read(os.path.join(path, "p"))
    lost = re.search(r"(\d+) events were lost, .* the policy may lack",
                     result.err)
    unseen = re.search(r"^# (\d+) calls could not be looked at", text, re.M)
    h.ok(result.status == 0 and lost and 0 < int(lost[1]) < 60000,
         "more than can be kept: it is said how much", result)
    h.equal(unseen and unseen[1], lost and lost[1],
            "and the policy says so, too")


def check_ceiling():
    with learn.directory(h.ROOT_USER) as path:
        h.write(os.path.join(path, "c.policy"),
                "promises stdio rpath\nunveil r @CWD/words\n")
        command = "cat words out/../c.policy"
        bare = learn.shell(command, h.ROOT_USER, path)
        h.ok(bare.status == 0 and "promises" in bare.out,
             "unconfined, both are read", bare)
        result = learn.shell("seccomp-pledge learn --bpf --within ./c.policy "
                             "-- " + command, h.ROOT_USER, path)
        h.ok("c.policy: Permission denied" in result.err and
             result.out.startswith("b\na\n") and
             "1 call was refused by the ceiling" in result.out and
             "c.policy" not in "".join(learn.statements(result.out)),
             "--within: Landlock refuses, and it is not learned", result)
        result = learn.shell("seccomp-pledge learn --bpf --within ./c.policy "
                             f"-- {h.PYTHON} -ISc 'import socket; "
                             "socket.socket()'", h.ROOT_USER, path)
        h.ok(result.status != 0 and "PermissionError" in result.err,
             "--within: so does the filter", result)


def check_names():
    """The longest path; one that would be another statement."""
    with learn.directory(h.ROOT_USER) as path:
        script = ("import os\nfor i in range(18):\n os.mkdir('d' * 200); "
                  "os.chdir('d' * 200)\nopen('end', 'w')\n"
                  "open('a\\nunveil rwxc /#\\033', 'w')\n"
                  "try:\n open('./' * 2040 + 'end')\nexcept OSError: pass\n")
        h.write(os.path.join(path, "deep.py"), script)
        found = {}
        for options in ("", "--bpf"):
            subprocess.run(["rm", "-rf", os.path.join(path, "d" * 200)],
                           check=True)
            result = learn.shell(f"seccomp-pledge learn -q {options} -- "
                                 f"{h.PYTHON} -ISB deep.py", h.ROOT_USER, path)
            found[options] = (result.status, lines(result.out))
        h.equal(found["--bpf"], found[""], "names as long as they can be")
        h.ok(h.printable(result.out) and not any(
            line.startswith("unveil rwxc /#") for line in found["--bpf"][1]),
             "a name is no statement", result.out)


def check_refusals(user):
    with learn.directory(user) as path:
        result = learn.shell("seccomp-pledge learn --bpf -o p -- "
                             "sh -c 'echo x > out/ran'", user, path)
        h.ok(result.status == 125 and "CAP_BPF and CAP_PERFMON" in result.err
             and not os.path.exists(os.path.join(path, "out", "ran")) and
             not os.path.exists(os.path.join(path, "p")),
             f"{user.name}: without privilege: nothing runs", result)


def check_doctor(user, works):
    text = h.run([h.TOOL, "doctor"], user).out
    told = json.loads(h.run([h.TOOL, "doctor", "--json"], user).out)
    said = re.search(r"^learn --bpf +(yes|no) ", text, re.M)
    h.equal((told["learn_bpf"], said and said[1]),
            (works, "yes" if works else "no"),
            f"{user.name}: doctor says whether it works")


def check_plain():
    """The same tool, built without libbpf."""
    plain = os.path.join(h.BUILD, "tests", "cli", "seccomp-pledge-plain")
    if not os.path.exists(plain):
        h.skip("a build without libbpf", "it is not there")
        return
    result = h.run([h.stage(plain), "learn", "--bpf", "--", "true"], h.LEAST)
    h.ok(result.status == 125 and "has no recorder" in result.err,
         "a build without libbpf: it says so", result)


def reason():
    """Why nothing can be recorded here, or None."""
    result = h.run([h.TOOL, "learn", "--bpf", "-q", "--", "true"])
    if result.status == 0:
        return None
    return (result.err.strip().splitlines() or ["it failed"])[-1]


def main():
    check_plain()
    result = h.run([h.TOOL, "learn", "--bpf", "--html", "x", "--", "true"])
    why = reason()
    if "this build has no recorder" in result.err:
        h.skip("learn --bpf", "this build has no recorder")
        return h.done()
    h.ok(result.status == 125 and "--html shows when" in result.err,
         "--html needs the listener", result)
    check_doctor(h.ME, why is None)
    if h.LEAST.uid is not None or h.ROOT_USER is None:
        check_refusals(h.LEAST)
        check_doctor(h.LEAST, False)
    if why:
        h.skip("learn --bpf", why)
        return h.done()
    check_same()
    check_storm()
    check_others()
    check_losses()
    check_ceiling()
    learn.check_append(h.ROOT_USER, "--bpf")
    check_names()
    learn.check_ends(h.ROOT_USER, "--bpf")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
