#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Seccomp filters from files: merged into a run, and the verb "filter"."""
import json
import os
import re
import resource
import signal
import struct
import subprocess
import sys

import harness as h

ATTEMPT = os.path.join(h.STAGE, "attempt-dynamic")


def condition(index, op, val, kind="dword", **more):
    return {"index": index, "type": kind, "op": op, "val": val, **more}


def rule(call, *args, **more):
    return {"syscall": call, **({"args": list(args)} if args else {}), **more}


def deny(*rules, action=None):
    return {"mismatch_action": "allow", "match_action": action or {"errno": 13},
            "filter": list(rules)}


# What a dynamic program needs to start, print and end, and no more.
STARTING = ["mmap", "openat", "read", "newfstatat", "fstat", "pread64",
            "close", "arch_prctl", "mprotect", "exit_group", "brk",
            "set_tid_address", "access", "faccessat", "munmap", "prlimit64",
            "rseq", "set_robust_list", "write", "getrandom", "rt_sigaction",
            "rt_sigprocmask", "ioctl", "futex"]

FILTERS = {
    "nothing": deny(rule("swapon")),
    "cwd": deny(rule("getcwd", comment="no looking around")),
    "write": deny(rule("openat", condition(2, {"masked_eq": "O_ACCMODE"},
                                           "O_RDWR", comment="read-write"))),
    "trap": deny(rule("getcwd"), action="trap"),
    "kill": deny(rule("getcwd"), action="kill_process"),
    "errno1": deny(rule("getcwd"), action={"errno": 1}),
    "errno2": deny(rule("getcwd"), action={"errno": 2}),
    "trace": deny(rule("getcwd"), action={"trace": 1}),
    "notify": deny(rule("getcwd"), action="user_notif"),
    "log": deny(rule("getcwd"), action="log"),
    "socket": deny(rule("socket")),
    "noexec": deny(rule("execve"), rule("execveat"), action="kill_process"),
    "nowrite": deny(rule("write")),
    "nommap": deny(rule("mmap", condition(2, {"masked_eq": 4}, 4),
                        comment="no code")),
    "allowlist": {"mismatch_action": "kill_process", "match_action": "allow",
                  "filter": [rule("getcwd")]},
    "starting": {"mismatch_action": {"errno": 38}, "match_action": "allow",
                 "filter": [rule(call) for call in STARTING]},
    "inert": deny(rule("getcwd"),
                  rule("getcwd", condition(0, "eq", 1, "qword"))),
}
# All calls that have a name, and so no other.
with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
          encoding="ascii") as header:
    FILTERS["known"] = {
        "mismatch_action": "kill_process", "match_action": "allow",
        "filter": [rule(line.split()[1][5:]) for line in header
                   if line.startswith("#define __NR_")]}

# Prints "ok", or the number of the errno.
GETCWD = ("import os\n"
          "try: os.getcwd(); print('ok')\n"
          "except OSError as e: print(e.errno)\n")

# filters, what becomes of getcwd: an output or a status; words of messages
RUNS = [
    (["nothing"], "ok", ""),
    (["cwd"], "13", ""),
    (["trap"], -signal.SIGSYS, ""),
    (["kill"], -signal.SIGSYS, ""),
    (["trace"], "38", "nobody listens or traces"),
    (["notify"], "38", "the kernel answers ENOSYS"),
    (["log"], "ok", ""),
    (["nothing", "cwd"], "13", ""),
    (["cwd", "kill"], -signal.SIGSYS, ""),
    (["kill", "cwd", "log"], -signal.SIGSYS, ""),
    # Between equal actions, the first one's errno.
    (["errno1", "errno2"], "1", ""),
    (["errno2", "errno1"], "2", ""),
    (["noexec"], "ok", ""),
    (["nommap"], 125, "loader calls mmap, which this rule answers with "
     "errno 13 (EACCES) (no code)"),
    (["allowlist"], 125, 'no rule of "allowlist" matches'),
    (["inert"], "ok", "adds nothing beside the other rules for getcwd"),
]


def named(path, names):
    return [word for name in names for word in ("-f", f"{path}:{name}")]


def check_runs(user, path):
    for names, wanted, words in RUNS:
        result = h.run([h.PLEDGE, "-V", *named(path, names), "--", h.PYTHON,
                        "-ISc", GETCWD], user)
        found = result.out.strip() if result.status == 0 else result.status
        h.ok(found == wanted and words in result.err,
             f"{user.name}: getcwd under {' '.join(names)}", result)


# filter, program, what comes of it, the denial that -e tells of
HANDLER = ("import os, signal\n"
           "signal.signal(signal.SIGSYS, lambda *_: print('handled'))\n"
           "try: os.getcwd()\n"
           "except OSError as e: print(e.errno)\n")
# An unknown call is answered ENOSYS by the promises, unless a filter is stricter.
UNKNOWN = ("import ctypes\n"
           "c = ctypes.CDLL(None, use_errno=True)\n"
           "print(c.syscall(1000), ctypes.get_errno())\n")
EXPLAINED = [
    ("cwd", GETCWD, "13", 'getcwd(): refused by {place} "cwd", '
     "errno 13 (EACCES): no looking around"),
    ("errno2", GETCWD, "2", 'refused by {place} "errno2", errno 2 (ENOENT)'),
    ("trap", GETCWD, 128 + signal.SIGSYS, 'refused by {place} "trap", trap'),
    ("kill", GETCWD, 128 + signal.SIGSYS, '"kill", kill_process'),
    ("trace", GETCWD, "38", '"trace", trace 1'),
    ("notify", GETCWD, "38", '"notify", user_notif'),
    ("log", GETCWD, "ok", "nothing was denied"),
    ("trap", HANDLER, "handled\n38", '"trap", trap'),
    ("socket", "import socket\nsocket.socket()", 1,
     '"socket", errno 13 (EACCES); needs promise inet'),
    ("starting", "import os; os.uname()", 1, "errno 38 (ENOSYS): no rule "
     "matches"),
    ("nothing", UNKNOWN, "-1 38", "nothing was denied"),
    ("known", UNKNOWN, 128 + signal.SIGSYS, '"known", kill_process: no rule '
     "matches"),
]


def check_explained(user, path):
    """-e names the rule, and changes nothing."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for name, code, wanted, words in EXPLAINED:
        number = 1 + next(i for i, line in enumerate(lines)
                          if line.startswith(f'"{name}"'))
        promises = "stdio rpath prot_exec" if code == UNKNOWN else "stdio rpath"
        result = h.run([h.PLEDGE, "-e", "-V", "-p", promises, "-f",
                        f"{path}:{name}", "--", h.PYTHON, "-ISc", code], user)
        found = result.out.strip() if result.status == 0 else result.status
        said = result.err.replace(f"{path}:{number}:", "{place}:")
        said = re.sub(r"(?<={place}):\d+", "", said)
        h.ok(found == wanted and words in said,
             f"{user.name}: -e under {name}", result)
    result = h.run([h.TOOL, "run", "-e", "--json", "-V", "-f", f"{path}:cwd",
                    "--", h.PYTHON, "-ISc", GETCWD], user)
    denied = [event["filter"] for event in map(
        json.loads, (line for line in result.err.splitlines()
                     if line.startswith("{")))
              if event["event"] == "denied" and "filter" in event]
    h.ok([(one["path"], one["name"], one["comment"]) for one in denied] ==
         [(path, "cwd", "no looking around")],
         f"{user.name}: --json names the rule", result)
    h.ok(f"-f {path}:cwd" in h.run(
        [h.PLEDGE, "-e", "-V", "-f", f"{path}:cwd", "--", h.PYTHON, "-ISc",
         GETCWD + "import socket\ntry: socket.socket()\nexcept OSError: pass"],
        user).err, f"{user.name}: what -e suggests keeps the filter")


def check_watched(user, path):
    """Who learns answers as the filter would: a handler hears of a trap."""
    for name, code, wanted in (("trap", HANDLER, "handled\n38"),
                               ("trap", GETCWD, 128 + signal.SIGSYS),
                               ("cwd", GETCWD, "13"),
                               ("trace", GETCWD, "38")):
        with h.scratch(user) as folder:
            policy = h.write(os.path.join(folder, "policy"),
                             "promises stdio rpath\nunveil r /usr\n"
                             f"filter {path}:{name}\n", user=user)
            result = h.run([h.TOOL, "learn", "-q", "-o",
                            os.path.join(folder, "learned"), "--within",
                            policy, "--", h.PYTHON, "-ISc", code], user)
        found = result.out.strip() if result.status == 0 else result.status
        h.equal(found, wanted,
                f"{user.name}: learn --within a filter: {name}")


def check_meaning(user, path):
    """Filters take away, and never add; promises hold beside them."""
    with h.fixture(user) as names:
        for options, words, wanted in (
                ("-p stdio,rpath,wpath", "open-write", "ok"),
                ("-p stdio,rpath,wpath", "open-rdwr", "ok"),
                (f"-p stdio,rpath,wpath -f {path}:write", "open-write", "ok"),
                (f"-p stdio,rpath,wpath -f {path}:write", "open-rdwr",
                 "EACCES"),
                (f"-p stdio,rpath -f {path}:log", "open-write", "EPERM")):
            found = h.run([h.PLEDGE, "-q", "-v", f"rw:{names['dir']}",
                           *options.split(), "--", h.PYTHON, "-Sc",
                           "import os,sys,errno\n"
                           "f = {'open-rdwr': os.O_RDWR}.get(sys.argv[1], "
                           "os.O_WRONLY)\n"
                           "try: os.open(sys.argv[2], f); print('ok')\n"
                           "except OSError as e: "
                           "print(errno.errorcode[e.errno])",
                           words, names["file"]], user)
            h.equal(found.out.strip(), wanted,
                    f"{user.name}: {words} under {options.split()[-1]}")


def check_start(user, path):
    """The exec is the launcher's own, and so are its last words."""
    with h.scratch(user) as folder:
        script = h.write(os.path.join(folder, "broken"), "#!/bin/sh\n", 0o755)
        result = h.run([h.PLEDGE, "-f", f"{path}:nowrite", "-V", "--",
                        "/bin/echo", "x"], user)
        h.ok(result.status == 1 and result.out == "",
             f"{user.name}: echo cannot write", result)
        os.chmod(script, 0o644)
        result = h.run([h.PLEDGE, "-f", f"{path}:nowrite", "--", script], user)
        h.ok(result.status == 126 and result.err,
             f"{user.name}: what cannot be run is reported", result)
    result = h.run([h.PLEDGE, "-V", "-f", f"{path}:starting", "--",
                    "/bin/echo", "started"], user)
    h.equal(result.out, "started\n",
            f"{user.name}: an allowlist of what a loader does suffices")
    for filters, wanted in (([], "first\nran\n"),
                            (["-f", f"{path}:noexec"], "first\n")):
        result = h.run([h.PLEDGE, "-V", "-p", "stdio,rpath,proc,exec",
                        *filters, "--", "/bin/sh", "-c",
                        "echo first; /bin/echo ran"], user)
        h.equal(result.out, wanted,
                f"{user.name}: only the first exec is exempt {filters}")


def check_policy(user, path):
    with h.scratch(user) as folder:
        h.write(os.path.join(folder, "beside.json"),
                json.dumps({"only": FILTERS["cwd"]}))
        policy = h.write(os.path.join(folder, "p.policy"),
                         "promises stdio rpath\nfilter beside.json\n"
                         f"filter {path}:log\nunveil off\n")
        result = h.run([h.PLEDGE, "-i", policy, "--", h.PYTHON, "-ISc",
                        GETCWD], user)
        h.equal(result.out, "13\n", f"{user.name}: a filter beside its policy")
        result = h.run([h.PLEDGE, "-i", policy, "--save", "-"], user)
        h.ok(f"filter   {folder}/beside.json\n" in result.out and
             f"filter   {path}:log\n" in result.out,
             f"{user.name}: --save writes filters", result)
        again = h.write(os.path.join(folder, "again.policy"), result.out)
        h.equal(h.run([h.PLEDGE, "-i", again, "--save", "-"], user).out,
                result.out, f"{user.name}: and they read back")
        h.write(os.path.join(folder, "beside.json"), '{"only": 1}')
        result = h.run([h.PLEDGE, "-i", policy, "--save", "-"], user)
        h.ok(result.status == 125 and result.out == "" and
             "beside.json:1:10: expected a filter" in result.err,
             f"{user.name}: --save reads them first", result)


# the option's argument, what is said
WRONG = [
    ("{path}", "filters; write one of their names behind a colon"),
    ("{path}:cwdd", 'no filter is called "cwdd"; did you mean "cwd"?'),
    ("{path}x", "No such file"),
    (":cwd", "no file; write FILE or FILE:NAME"),
    ("/dev/zero", "not a regular file"),
    ("/", "a directory"),
    ("{fifo}", "not a regular file"),
    ("{empty}", "no filter in any format"),
    ("{none}", "there is no filter in it"),
]


def check_wrong(user, path):
    with h.scratch(user) as folder:
        places = {"path": path,
                  "fifo": os.path.join(folder, "fifo"),
                  "empty": h.write(os.path.join(folder, "empty"), ""),
                  "none": h.write(os.path.join(folder, "none"), "{}"),
                  "code": h.write(os.path.join(folder, "code"),
                                  struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))}
        os.mkfifo(places["fifo"], 0o644)
        for words, said in WRONG:
            name = words.format(**places)
            result = h.run([h.PLEDGE, "-f", name, "--", "/bin/true"], user)
            h.ok(result.status == 125 and said in result.err,
                 f"{user.name}: -f {words}", result)


def many_rules(calls, count, errno):
    """Of about 7.5 instructions each, which nothing can be shared of."""
    return deny(*[rule(calls[i % len(calls)],
                       condition(0, "eq", (i + 1 << 32) + 7 * i, "qword"),
                       condition(1, "eq", (i + 3 << 32) + 5 * i, "qword"))
                  for i in range(count)], action={"errno": errno})


def check_two_explained(user):
    """The filters hardly fit into one program: -e hears of the promises alone,
    and the answers stay."""
    sets = (("getppid getuid geteuid getgid getegid gettid sync umask", 370),
            ("getpid times uname getpgrp getpgid getsid getcwd", 300),
            ("chdir fchdir pause alarm getrusage sched_yield", 318))
    script = ("import ctypes, socket\n"
              "call = ctypes.CDLL(None, use_errno=True).syscall\n"
              "wide = ctypes.c_ulong\n"
              "for low in (0, 1):\n"
              "  r = call(110, wide((1 << 32) + low), wide(3 << 32))\n"
              "  print(ctypes.get_errno() if r == -1 else 'ok')\n"
              "try: socket.socket()\n"
              "except OSError as e: print(e.errno)\n")
    with h.scratch(user) as folder:
        options = []
        for number, (calls, count) in enumerate(sets):
            path = h.write(os.path.join(folder, f"{number}.json"), json.dumps(
                {"m": many_rules(calls.split(), count, 90)}))
            options += ["-f", path]
        result = h.run([h.PLEDGE, "-e", "-V", "-p", "stdio,rpath,prot_exec",
                        *options, "--", h.PYTHON, "-ISc", script], user)
        h.ok("is not explained" in result.err and
             "getppid" not in result.err.split("summary")[0] and
             "needs promise inet" in result.err and
             result.out.split() == ["90", "ok", "1"],
             f"{user.name}: two programs under -e", result)


def check_two_programs(user):
    """The filters fit into one program, and with the promises do not."""
    first = "getppid getuid geteuid getgid getegid gettid sync umask".split()
    second = "getpid times uname getpgrp getpgid getsid getcwd".split()
    script = ("import ctypes\n"
              "call = ctypes.CDLL(None, use_errno=True).syscall\n"
              "wide = ctypes.c_ulong\n"
              "for nr in (110, 39):\n"
              "  for low in (0, 1):\n"
              "    r = call(nr, wide((1 << 32) + low), wide(3 << 32))\n"
              "    print(ctypes.get_errno() if r == -1 else 'ok')\n")
    with h.scratch(user) as folder:
        options = []
        for number, (calls, count) in enumerate(((first, 300), (second, 230))):
            path = h.write(os.path.join(folder, f"{number}.json"), json.dumps(
                {"m": many_rules(calls, count, 90 + number)}))
            options += ["-f", path]
        result = h.run([h.PLEDGE, "-V", "-p", "stdio,rpath,prot_exec",
                        *options, "--", h.PYTHON, "-ISc", script], user)
        h.ok("two programs" in result.err and
             result.out.split() == ["90", "ok", "91", "ok"],
             f"{user.name}: two programs, and said so", result)
        path = h.write(os.path.join(folder, "2.json"), json.dumps(
            {"m": many_rules(["chdir", "fchdir", "sethostname"], 300, 92)}))
        result = h.run([h.PLEDGE, "-V", *options, "-f", path, "--",
                        "/bin/true"], user)
        h.ok(result.status == 125 and "4096" in result.err,
             f"{user.name}: three would be too many", result)


# --- The verb ---

def tool(*words, **how):
    return h.run([h.TOOL, "filter", *words], **how)


def check_check(path):
    result = tool("check", f"{path}:starting")
    h.equal((result.status, result.out), (0, ""),
            "check: nothing to say of an allowlist")
    with h.scratch() as folder:
        bad = h.write(os.path.join(folder, "bad.json"), json.dumps({
            "a": deny(rule("opn"), rule("open"),
                      rule("read", condition(0, "eq", 1 << 32)),
                      rule("read", condition(0, "eq", 0),
                           condition(0, "eq", 1)),
                      rule("read", condition(0, "le", 9)),
                      rule("read", condition(0, "eq", 5))),
            "b": deny(rule("clone"))}))
        result = tool("check", bad)
        for words in ('has no system call "opn"; did you mean "open"?',
                      "a denylist", "x32", "openat", "clone3",
                      "compares the low 32 bits alone"):
            h.ok(result.status == 1 and words in result.out,
                 f"check says: {words}", result)
        good = h.write(os.path.join(folder, "b.json"), json.dumps({
            "a": {**FILTERS["starting"], "filter": [
                rule("read", condition(0, "eq", 0), condition(0, "eq", 1)),
                rule("read", condition(0, "le", 9)),
                rule("read", condition(0, "eq", 5)),
                rule("read", condition(0, "eq", 10))]}}))
        result = tool("check", good)
        h.ok(result.status == 1 and result.out.count("never decides") == 2 and
             len(result.out.splitlines()) == 2,
             "check finds rules that never decide", result)
        h.equal(tool("check", "--arch", "aarch64", f"{path}:starting").status,
                1, "check: aarch64 lacks calls of x86_64")


TRIES = [
    ("cwd", "getcwd", 1, ["errno 13 (EACCES)", "no looking around"]),
    ("cwd", "getpid", 0, ["allow", "no rule matches"]),
    ("write", "openat AT_FDCWD /x O_RDWR|O_CREAT", 1, ["O_ACCMODE"]),
    ("write", "openat AT_FDCWD /x O_RDONLY", 0, ["allow"]),
    ("write", "openat -100 /x 2", 1, ["errno 13"]),
    ("kill", "79", 1, ["kill_process"]),
    ("kill", "0x40000000", 0, ["x32"]),
    ("kill", "4095", 0, ["unknown number"]),
    ("log", "getcwd", 0, ["log"]),
    ("cwd", "getcwdd", 2, ['did you mean "getcwd"?']),
    ("cwd", "getcwd AF_INTE", 2, ['did you mean "AF_INET"?']),
    ("cwd", "getcwd 1 2 3 4 5 6 7", 2, ["six arguments"]),
]


def check_try(path):
    for name, words, status, said in TRIES:
        result = tool("try", f"{path}:{name}", *words.split())
        h.ok(result.status == status and
             all(word in result.out + result.err for word in said),
             f"try {name}: {words}", result)


def check_compile(path):
    with h.scratch() as folder:
        out = os.path.join(folder, "out.bpf")
        result = tool("compile", "-o", out, f"{path}:cwd")
        size = os.path.getsize(out)
        h.ok(result.status == 0 and size > 0 and size % 8 == 0,
             "compile writes a program", result)
        with open(out, "rb") as code:
            raw = code.read()
        result = tool("compile", "--as", "hex", f"{path}:cwd")
        h.equal(bytes.fromhex(result.out.replace("\n", "")), raw,
                "hex: the same program")
        result = tool("compile", "--as", "c", f"{path}:cwd")
        rows = [row.strip(" {},\t").split(",") for row in
                result.out.splitlines() if row.startswith("\t{")]
        h.equal(b"".join(struct.pack("=HBBI", *(int(n, 0) for n in row))
                         for row in rows), raw, "C rows: the same program")
        result = tool("show", out)
        h.ok(result.status == 0 and "; getcwd" in result.out and
             "errno 13 (EACCES)" in result.out, "show lists it", result)
        h.equal(tool("show", "--bpf", f"{path}:cwd").out, result.out,
                "show --bpf lists the same")
        h.equal(tool("try", out, "getcwd").status, 1, "try runs it")
        for arch, number in (("aarch64", 0xc00000b7), ("riscv64", 0xc00000f3)):
            result = tool("compile", "--arch", arch, "--as", "c",
                          f"{path}:cwd")
            h.ok(f"0x{number:08x}" in result.out, f"--arch {arch}", result)
        before = raw
        result = tool("compile", "-o", out, f"{path}:nowhere")
        with open(out, "rb") as code:
            h.ok(result.status == 2 and code.read() == before and
                 os.listdir(folder) == ["out.bpf"],
                 "what fails leaves the old file alone", result)


def check_kernel(path):
    """The kernel takes the program that was written: bubblewrap's way."""
    with h.scratch() as folder:
        out = os.path.join(folder, "out.bpf")
        tool("compile", "-o", out, f"{path}:cwd")
        script = (
            "import ctypes, os, struct, sys\n"
            "code = open(sys.argv[1], 'rb').read()\n"
            "libc = ctypes.CDLL(None, use_errno=True)\n"
            "buf = ctypes.create_string_buffer(code)\n"
            "class F(ctypes.Structure):\n"
            " _fields_ = [('n', ctypes.c_ushort), ('p', ctypes.c_void_p)]\n"
            "f = F(len(code) // 8, ctypes.addressof(buf))\n"
            "assert libc.prctl(38, 1, 0, 0, 0) == 0\n"
            "assert libc.prctl(22, 2, ctypes.byref(f)) == 0\n"
            "try: os.getcwd(); print('ok')\n"
            "except OSError as e: print(e.errno)\n")
        result = h.run([h.PYTHON, "-c", script, out])
        h.equal(result.out, "13\n", "the kernel takes it")


def limited(words):
    """Status, and seconds of a processor, with 64 MB of memory."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([h.TOOL, "filter", *words], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=limit,
                          timeout=h.TIMEOUT)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, (end.ru_utime + end.ru_stime -
                  start.ru_utime - start.ru_stime)


def make_bad(folder):
    """Files that are no filters: name -> path."""
    start = '{"m":{"mismatch_action":"allow","match_action":"log","filter":'
    texts = {
        "truncated": start + '[{"syscall":"re',
        "nested": "[" * 10000,
        "nested objects": '{"a":' * 10000,
        "nested in a filter": start + "[" * 10000,
        "duplicate keys": start + '[],"filter":[]}}',
        "NaN": start + '[NaN]}}',
        "2^64": start + '[{"syscall":"read","args":[{"index":0,'
        '"type":"qword","op":"eq","val":18446744073709551616}]}]}}',
        "invalid UTF-8": (start + '[]}}').encode() + b'"\xff"',
        "broken name": b'{"\xff":1}',
        "unknown call": start + '[{"syscall":"nowhere"}]}}',
        "index 6": start + '[{"syscall":"read","args":[{"index":6,'
        '"type":"qword","op":"eq","val":1}]}]}}',
        "byte order mark": "\ufeff{}",
        "trailing": start + '[]}} x',
        "empty": "",
        "blank": " \n",
        "a word": "read",
        "many rules": start + "[" + ",".join(
            ['{"syscall":"read","args":[{"index":0,"type":"dword",'
             '"op":"eq","val":1}]}'] * 20000) + "]}}",
        "many values": "[" + "0," * 1000000 + "0]",
        "long string": '{"' + "x" * 4000000 + '":1}',
        "all zeros": bytes(80),
        "jump out of range": struct.pack("=HBBIHBBI", 0x15, 9, 0, 0,
                                         6, 0, 0, 0),
        "load out of bounds": struct.pack("=HBBIHBBI", 0x20, 0, 0, 64,
                                          6, 0, 0, 0),
        "no return": struct.pack("=HBBI", 0x20, 0, 0, 0),
        "odd size": bytes(81),
        "too long": struct.pack("=HBBI", 6, 0, 0, 0) * 4097,
    }
    places = {name: h.write(os.path.join(folder, name.replace(" ", "-")),
                            text) for name, text in texts.items()}
    places["100 MB"] = os.path.join(folder, "large")
    with open(places["100 MB"], "wb") as out:
        out.write(b'{"')
        out.truncate(100 << 20)
    places["a FIFO"] = os.path.join(folder, "fifo")
    os.mkfifo(places["a FIFO"])
    places.update({"a directory": folder, "/dev/zero": "/dev/zero",
                   "/dev/null": "/dev/null",
                   "nowhere": os.path.join(folder, "nowhere")})
    return places


def check_bad():
    with h.scratch() as folder:
        for name, path in make_bad(folder).items():
            for words in (["show", "--bpf"], ["compile", "--as", "hex"],
                          ["check"]):
                done, seconds = limited([*words, path])
                said = done.stderr.decode()
                fine = done.returncode == 2 and said.startswith(
                    "seccomp-pledge: ") and done.stdout == b""
                if words == ["check"] and name == "unknown call":
                    fine = done.returncode == 1 and b"nowhere" in done.stdout
                h.ok(fine and seconds < 1 and h.printable(said),
                     f"{words[0]} of {name}", f"{done} in {seconds} s")
        result = tool("compile", "-o", "/nowhere/x", "--as", "hex",
                      h.write(os.path.join(folder, "g.json"),
                              json.dumps({"m": FILTERS["cwd"]})))
        h.equal(result.status, 2, "an output that cannot be written")


def check_usage():
    for words, status in ((["--help"], 0), (["check", "--help"], 0),
                          (["chek", "x"], 2), (["check"], 2),
                          (["check", "a", "b"], 2), (["try", "a"], 2),
                          (["show", "--form", "x", "a"], 2),
                          (["show", "--from", "xml", "a"], 2),
                          (["show", "--arch", "vax", "a"], 2),
                          (["compile", "--as", "elf", "a"], 2),
                          (["compile", "--bpf", "a"], 2),
                          (["show", "--lossy", "a"], 2),
                          (["show", "--arch", "i386,", "a"], 2),
                          (["convert", "--help"], 0), (["try", "--help"], 0),
                          (["compile", "-o"], 2)):
        result = tool(*words)
        h.ok(result.status == status and
             bool(result.out if status == 0 else result.err),
             f"filter {' '.join(words)}", result)
    h.ok("--lossy" not in tool("show", "--help").out and
         "--bpf" in tool("show", "--help").out,
         "a verb's help has its own options")
    h.equal(tool().status, 2, "filter without a verb: help, and no answer")


def main():
    with h.scratch() as folder:
        path = h.write(
            os.path.join(folder, "f.json"),
            "{\n" + ",\n".join(json.dumps(name) + ": " + json.dumps(one)
                               for name, one in FILTERS.items()) + "\n}\n")
        for user in h.USERS:
            check_runs(user, path)
            check_explained(user, path)
            check_watched(user, path)
            check_meaning(user, path)
            check_start(user, path)
            check_policy(user, path)
            check_wrong(user, path)
            check_two_programs(user)
            check_two_explained(user)
        check_check(path)
        check_try(path)
        check_compile(path)
        check_kernel(path)
        check_bad()
        check_usage()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
