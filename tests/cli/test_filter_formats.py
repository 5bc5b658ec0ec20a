#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Filters compared, proved, converted and exported, as users do it."""
import errno
import json
import os
import random
import resource
import struct
import subprocess
import sys

import harness as h

TOOL = h.TOOL
RULE = {"index": 0, "type": "dword", "op": "eq", "val": 3}
FILTER = {"main": {"mismatch_action": {"errno": 1}, "match_action": "allow",
                   "filter": [{"syscall": "read"},
                              {"syscall": "write", "args": [RULE]}]}}
FILTER_TEXT = json.dumps(FILTER)
PROFILE = {"defaultAction": "SCMP_ACT_ERRNO", "listenerPath": "/run/x",
           "syscalls": [
               {"names": ["read", "no_such_call"],
                "action": "SCMP_ACT_ALLOW"},
               {"names": ["clone3"], "action": "SCMP_ACT_ERRNO",
                "errnoRet": 38}]}
# What a call gets that a program lets through.
FORMATS = ("oci", "seccompiler", "bpf")


def tool(*words):
    return h.run([TOOL, *words])


def check(words, status, *texts):
    """The command's status, and what it says somewhere."""
    result = tool(*words)
    said = result.out + result.err
    missing = [text for text in texts if text not in said]
    h.ok(result.status == status and not missing,
         f"{' '.join(words[:3])}: {status}",
         f"{result.status}, missing {missing}: {said[:300]}")
    return result


def compare(here):
    plain = os.path.join(here, "plain.json")
    other = os.path.join(here, "other.json")
    program = os.path.join(here, "plain.bpf")
    h.write(plain, json.dumps(FILTER))
    changed = json.loads(json.dumps(FILTER))
    changed["main"]["filter"][1]["args"][0]["val"] = 4
    h.write(other, json.dumps(changed))
    check(["filter", "compile", "-o", program, plain], 0)
    check(["filter", "diff", plain, plain], 0)
    check(["filter", "diff", plain, other], 1,
          "write(3): allow -> errno 1 (EPERM)",
          "write(4): errno 1 (EPERM) -> allow")
    check(["filter", "diff", other, program], 1, "write(3)")
    check(["filter", "verify", plain, program], 0, "the same", "cases")
    check(["filter", "verify", other, program], 1, "write(")
    check(["filter", "verify", plain], 2, "usage")
    check(["filter", "diff", plain, plain, plain], 2, "two files")
    check(["filter", "diff", plain, os.path.join(here, "none")], 2, "none")
    check(["filter", "check", program], 0)
    with open(program, "wb") as code:
        code.write(struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))
    check(["filter", "check", program], 1, "newer than this program",
          "of another architecture")
    open_x32 = [(0x20, 0, 0, 4), (0x15, 1, 0, 0xc000003e), (6, 0, 0, 0),
                (0x20, 0, 0, 0), (0x15, 0, 1, 0), (6, 0, 0, 0),
                (6, 0, 0, 0x7fff0000)]
    with open(program, "wb") as code:
        code.write(b"".join(struct.pack("=HBBI", *one) for one in open_x32))
    check(["filter", "check", "--arch", "x86_64", program], 1,
          "1 calls that are refused are allowed by their x32")
    with open(program, "wb") as code:
        code.write(b"\0" * 800)
    check(["filter", "verify", plain, program], 2)


def convert(here):
    profile = os.path.join(here, "profile.json")
    back = os.path.join(here, "back")
    h.write(profile, json.dumps(PROFILE))
    check(["filter", "convert", "--to", "oci", "-o", back, profile], 0)
    with open(back, encoding="utf-8") as written:
        h.equal(json.load(written).get("listenerPath"), "/run/x",
                "the listener is kept")
    check(["filter", "diff", profile, back], 0)
    os.unlink(back)
    check(["filter", "convert", "--to", "seccompiler", "-o", back, profile],
          2, "two actions")
    h.ok(not os.path.exists(back), "nothing is written then")
    check(["filter", "convert", "--lossy", "--to", "seccompiler", "-o", back,
           profile], 0, "changed: clone3(): errno 38 (ENOSYS) -> errno 1")
    check(["filter", "diff", profile, back], 1, "clone3()")
    check(["filter", "convert", "--to", "systemd", profile], 2,
          "cannot say")
    check(["filter", "convert", profile], 2, "--to")
    check(["filter", "convert", "--to", "oic", profile], 2,
          'did you mean "oci"')


def export(here):
    for name in FORMATS:
        path = os.path.join(here, "exported." + name)
        check(["export", "--to", name, "-p", "stdio rpath inet", "-o", path],
              0, "execve stays allowed")
        for call, status in (
                (["read", "0"], 0), (["openat", "0", "/x", "O_RDONLY"], 0),
                (["openat", "0", "/x", "O_WRONLY"], 1), (["ptrace"], 1),
                (["socket", "AF_INET", "SOCK_STREAM"], 0),
                (["socket", "AF_UNIX", "SOCK_STREAM"], 1), (["execve"], 0)):
            check(["filter", "try", path, *call], status)
    oci, bpf = (os.path.join(here, "exported." + f) for f in ("oci", "bpf"))
    result = check(["filter", "diff", bpf, oci], 1)
    h.ok(not any("allow" in line for line in result.out.splitlines()),
         "none of the differences is about what is allowed")
    check(["export", "--to", "systemd", "-p", "stdio"], 2, "--lossy")
    check(["export", "--to", "systemd", "--lossy", "-p", "stdio"], 0,
          "SystemCallFilter=", "allows more")
    check(["export", "-p", "stdio"], 2, "--to")
    check(["export", "--to", "oci", "-p", "rpaht"], 2, "rpath")


def architectures(here):
    two = "--arch=x86_64,i386"
    path = h.write(os.path.join(here, "two.json"), json.dumps(
        {"main": {"mismatch_action": "allow", "match_action": {"errno": 1},
                  "filter": [{"syscall": call}
                             for call in ("socketcall", "read", "mmap2")]}}))
    both = os.path.join(here, "both.bpf")
    one = os.path.join(here, "one.bpf")
    wrong = path + "x"
    h.write(wrong, FILTER_TEXT.replace('"read"', '"raad"'))
    check(["filter", "compile", "--arch", "native", path], 2, "socketcall")
    check(["filter", "compile", two, "-o", both, path], 0)
    check(["filter", "verify", two, path, both], 0, "the same")
    # A denylist of two calls: i386's are allowed, as is meant.
    result = check(["filter", "check", two, both], 1, "newer than")
    h.ok("another architecture" not in result.out, "i386 is meant", result)
    check(["filter", "check", "--arch", "x86_64", both], 1,
          "of another architecture")
    check(["filter", "compile", two, "--as", "c", path], 0, "x86_64,i386: ")
    check(["filter", "show", both], 0, "; x86_64", "; i386", "; socketcall",
          "; mmap2")
    for given in (path, both):
        check(["filter", "try", two, given, "socketcall", "1"], 1,
              "i386: errno 1")
        check(["filter", "try", two, given, "read"], 1, "i386: errno 1",
              "x86_64: errno 1")
        check(["filter", "try", two, given, "close"], 0, "i386: allow")
    check(["filter", "try", two, path, "raad"], 2, 'did you mean "read"')
    check(["filter", "compile", "--arch", "i386", "-o", one, path], 0)
    check(["filter", "diff", two, path, one], 1, "read(): errno 1")
    check(["filter", "verify", two, path, one], 1)
    check(["filter", "convert", two, "--to", "oci", "-o", one, path], 0)
    check(["filter", "diff", two, path, one], 0)
    profile = h.write(os.path.join(here, "arch.json"), json.dumps(PROFILE))
    check(["filter", "convert", two, "--to", "oci", "-o", one, profile], 0)
    with open(one, encoding="utf-8") as written:
        h.equal(json.load(written)["architectures"],
                ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "both are named")
    check(["filter", "check", two, path], 1,
          "socketcall is refused, but these do the same and are not: socket")
    check(["filter", "check", two, wrong], 1, 'did you mean "read"')
    check(["filter", "show", "--bpf", "--arch", "x86", path], 2,
          'unknown architecture "x86"')
    check(["export", "--to", "oci", "--arch", "i386", "-p", "stdio"], 2,
          "memory")
    check(["export", "--to", "oci", "--arch", "x86_64,aarch64", "-p",
           "stdio"], 2, "one architecture")


# Installs the programs that it is given, in turn, and waits.
INSTALLER = ("import ctypes, struct, sys\n"
             "c = ctypes.CDLL(None)\n"
             "c.prctl(38, 1, 0, 0, 0)\n"
             "for name in sys.argv[1:]:\n"
             "    code = open(name, 'rb').read()\n"
             "    memory = ctypes.create_string_buffer(code)\n"
             "    program = struct.pack('HxxxxxxP', len(code) // 8,\n"
             "                          ctypes.addressof(memory))\n"
             "    assert c.prctl(22, 2, program, 0, 0) == 0\n"
             "print('ready', flush=True)\n"
             "sys.stdin.read()\n")


def administers():
    with open("/proc/self/status", encoding="ascii") as status:
        words = dict(line.split(":", 1) for line in status)
    return (int(words["CapEff"], 16) >> 21 & 1 and
            words["Seccomp"].strip() == "0")


def processes(here):
    names = []
    for call, number in (("swapon", 33), ("swapoff", 34)):
        path = h.write(os.path.join(here, call + ".json"), json.dumps(
            {"m": {"mismatch_action": "allow",
                   "match_action": {"errno": number},
                   "filter": [{"syscall": call}]}}))
        names.append(path + ".bpf")
        check(["filter", "compile", "-o", names[-1], path], 0)
    with subprocess.Popen([h.PYTHON, "-Sc", INSTALLER, *names],
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        pid = f"pid:{process.pid}"
        process.stdout.readline()
        if administers():
            result = check(["filter", "show", pid], 0, pid + ":1", pid + ":2")
            h.ok(result.out.index("errno 33") < result.out.index("errno 34"),
                 "the filters of a process, in order", result)
            for number, name in enumerate(names, 1):
                check(["filter", "verify", f"{pid}:{number}", name], 0)
                check(["filter", "show", f"{pid}:{number}"], 0,
                      name[len(here) + 1:-len(".json.bpf")])
            check(["filter", "try", pid + ":1", "swapon"], 1, "errno 33")
            check(["filter", "diff", pid + ":1", names[1]], 1, "swapoff()")
            check(["filter", "try", pid, "swapon"], 2, "choose one")
            check(["filter", "show", pid + ":3"], 2, "choose one")
            check(["filter", "show", f"pid:{os.getpid()}"], 0, "no filter")
        else:
            h.skip("the filters of a process", "no CAP_SYS_ADMIN here")
        for user in h.USERS:
            if user.uid is None:
                continue
            result = h.run([TOOL, "filter", "show", pid], user)
            h.ok(result.status == 2 and "not to be looked into" in result.err,
                 f"{user.name}: another user's process", result)
            with h.background(["sleep", "60"], user) as own:
                result = h.run([TOOL, "filter", "show", f"pid:{own.pid}"],
                               user)
                # The latter where Yama restricts ptrace.
                h.ok(result.status == 2 and
                     ("CAP_SYS_ADMIN" in result.err or
                      "not to be looked into" in result.err),
                     f"{user.name}: one's own process", result)
        process.stdin.close()
        h.ok(process.wait(h.TIMEOUT) == 0, "it went on, and ended by itself")
    check(["filter", "show", f"pid:{process.pid}"], 2, "no process")
    for name in ("pid:0", "pid:x", "pid:", "pid:1:", "pid:1:0", "pid:1:x",
                 "pid:99999999999999999999"):
        check(["filter", "show", name], 2, "write pid:PROCESS")


def outputs(here):
    """What cannot be written whole leaves what was there, and nothing else."""
    path = h.write(os.path.join(here, "plain.json"), FILTER_TEXT)
    folder = os.path.join(here, "full")
    os.mkdir(folder)
    kept = h.write(os.path.join(folder, "kept"), "as it was")

    def fill():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
    for words, status in (
            (["filter", "compile", "-o", kept, path], 2),
            (["filter", "show", "-o", kept, path], 2),
            (["filter", "convert", "--to", "oci", "-o", kept, path], 2),
            (["export", "--to", "oci", "-p", "stdio", "-o", kept], 2),
            (["run", "-p", "stdio", "--save", kept], 125)):
        # Python ignores SIGXFSZ, and so do its children then: EFBIG.
        done = subprocess.run([TOOL, *words], check=False, timeout=h.TIMEOUT,
                              stderr=subprocess.PIPE, preexec_fn=fill,
                              restore_signals=False)
        with open(kept, encoding="ascii") as file:
            h.ok(done.returncode == status and b"too large" in done.stderr and
                 file.read() == "as it was" and os.listdir(folder) == ["kept"],
                 f"{' '.join(words[:2])}: no room", done)
        words[words.index(kept)] = "-"
        for how in (">&-", ">/dev/full"):
            result = h.run(["/bin/sh", "-c", f'exec "$@" {how}', "sh", TOOL,
                            *words])
            h.ok(result.status == status and "standard output" in result.err,
                 f"{' '.join(words[:2])} {how}", result)


def damaged(here):
    """Every format, cut short everywhere and broken at random: an answer or an
    error, and no more."""
    seed = int(os.environ.get("TEST_SEED", "0")) or random.randrange(1 << 32)
    h.note(f"TEST_SEED={seed}")
    pick = random.Random(seed)
    wrong = []
    texts = [FILTER_TEXT, json.dumps(PROFILE),
             "SystemCallFilter=@system-service ~@mount:EPERM\n"
             "SystemCallErrorNumber=EACCES\n",
             "read: arg0 == 3 && arg1 & ~0xff || arg2 in 7; return EPERM\n"]
    path = os.path.join(here, "damaged")
    for text in texts:
        for _ in range(6):
            raw = bytearray(text.encode())
            if pick.randrange(2):
                del raw[pick.randrange(len(raw)):]
            for _ in range(pick.randrange(3)):
                if raw:
                    raw[pick.randrange(len(raw))] = pick.randrange(256)
            with open(path, "wb") as file:
                file.write(raw)
            for words in (["show"], ["check"], ["compile", "--as", "hex"],
                          ["diff", path], ["convert", "--to", "oci"]):
                result = h.run([TOOL, "filter", *words, path])
                fine = result.status in (0, 1, 2) and h.printable(result.err)
                if not fine or (result.status == 2) != (
                        "seccomp-pledge: " in result.err.replace(
                            "seccomp-pledge: warning: ", "")):
                    wrong.append((words, bytes(raw), result))
    h.ok(not wrong, "damaged filters are answered or refused", wrong[:3])


def deny(call, **test):
    """A profile that refuses one call by one test and allows all else."""
    return {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": [call], "action": "SCMP_ACT_ERRNO", "args": [test]}]}


def allow(call, **test):
    profile = deny(call, **test)
    profile["defaultAction"] = "SCMP_ACT_ERRNO"
    profile["syscalls"][0]["action"] = "SCMP_ACT_ALLOW"
    return profile


def rules(match, fallback, *several):
    return {"main": {"match_action": match, "mismatch_action": fallback,
                     "filter": list(several)}}


def rule(call, index, width, op, value):
    return {"syscall": call, "args": [
        {"index": index, "type": width, "op": op, "val": value}]}


OPENS, SIGN = "passes by this rule", "reads it with a sign"
ERROR = {"errno": 1}
# A filter, what check says of its test, and what it does not say.
MEANINGS = [
    # A bit that the kernel does not read.
    (rules(ERROR, "allow", rule("kill", 1, "qword", "eq", 0)),
     ["argument 1 of kill (sig, int)", "32 bits", OPENS, "dword"], []),
    (rules(ERROR, "allow", rule("kill", 1, "dword", "eq", 0)), [], [OPENS]),
    (rules(ERROR, "allow", rule("ioctl", 1, "qword", "eq", 0x5412)),
     ["(cmd, unsigned int)", OPENS], []),
    (rules(ERROR, "allow", rule("chmod", 1, "dword", "eq", 0o4755)),
     ["(mode, unsigned short)", "16 bits", OPENS, "arg1 & 0xffff"], []),
    (rules("allow", ERROR, rule("kill", 1, "qword", "eq", 0)), [], [OPENS]),
    (rules(ERROR, "allow", rule("fcntl", 2, "qword", "eq", 1)), [], [OPENS]),
    (deny("openat", index=0, value=3, op="SCMP_CMP_EQ"),
     ["(dfd, int)", OPENS, "SCMP_CMP_MASKED_EQ"], []),
    (allow("socket", index=0, value=40, op="SCMP_CMP_GT"),
     ["(family, int)", OPENS, SIGN], []),
    (allow("socket", index=0, value=16, op="SCMP_CMP_NE"), [OPENS], [SIGN]),
    (deny("clone", index=0, value=0x10000000, valueTwo=0x10000000,
          op="SCMP_CMP_MASKED_EQ"), [], [OPENS]),
    ("kill: arg0 != 1\n", ["(pid, int)", OPENS], []),
    # And one that it reads.
    (rules("allow", ERROR, rule("read", 2, "dword", "le", 100)),
     ["(count, size_t)", "64 bits", "looks at 32", OPENS], []),
    (rules("allow", ERROR, rule("read", 2, "qword", "le", 100)), [], [OPENS]),
    *((rules(ERROR, "allow", rule(call, arg, "dword", "gt", 4096)),
       [f"({name}, {kind})", "64 bits", "looks at 32", OPENS], [])
      for call, arg, name, kind in (
          ("mmap", 1, "len", "unsigned long"),
          ("mmap", 5, "off", "unsigned long"),
          ("mremap", 1, "old_len", "unsigned long"),
          ("mremap", 2, "new_len", "unsigned long"),
          ("mremap", 4, "new_addr", "pointer"),
          ("remap_file_pages", 1, "size", "unsigned long"),
          ("remap_file_pages", 3, "pgoff", "unsigned long"),
          ("mbind", 1, "len", "unsigned long"),
          ("vmsplice", 2, "nr_segs", "unsigned long"),
          ("lseek", 1, "offset", "long"))),
    (rules("allow", ERROR, rule("mmap", 1, "dword", "eq", 4096)), [OPENS], []),
    # What it refuses, and what depends on the command.
    *((rules("allow", ERROR, rule(call, arg, "dword", "eq", 1)), [], [OPENS])
      for call, arg in (("mprotect", 2), ("mremap", 3), ("unshare", 0),
                        ("kexec_load", 3), ("prctl", 2), ("keyctl", 1),
                        ("remap_file_pages", 4), ("ptrace", 3))),
    # Signs.
    (rules("allow", ERROR, rule("kill", 0, "dword", "gt", 0)),
     ["(pid, int)", SIGN, "4294967295"], ["looks at"]),
    (rules("allow", ERROR, rule("kill", 0, "qword", "gt", 0)),
     [SIGN, "looks at more"], []),
    (rules("allow", ERROR, rule("close", 0, "dword", "gt", 2)), [], [SIGN]),
    # Masks, and what no number is.
    (allow("clone", index=0, value=0, valueTwo=0x7e020000,
           op="SCMP_CMP_MASKED_EQ"),
     ["always true", "(arg0 & 0x7e020000) == 0"], []),
    (rules("allow", ERROR, rule("clone", 0, "qword", {"masked_eq": 0}, 0)),
     ["always true", "arg0 == 0"], []),
    (rules("allow", ERROR, rule("kill", 1, "dword", {"masked_eq": 1}, 2)),
     ["hides bits of the value 0x2", "(arg1 & 0x3) == 0x2"], []),
    (rules("allow", ERROR, rule("read", 2, "qword", "ge", 0)),
     ["always true"], []),
    (rules("allow", ERROR, rule("read", 2, "qword", "lt", 0)),
     ["never true"], []),
    ("openat: arg1 & 0\n", ["never true"], []),
    # An argument that there is not.
    (rules("allow", ERROR, rule("kill", 2, "dword", "eq", 0)),
     ["kill has no argument 2"], []),
    # Names that nobody has, and those of other machines.
    ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["ptrcae", "getppid", "s390_pci_mmio_read"],
         "action": "SCMP_ACT_ERRNO"}]},
     ['no architecture has a system call "ptrcae"; did you mean "ptrace"?'],
     ["s390", '"getppid"']),
    ("SystemCallFilter=~ptrcae getppid s390_pci_mmio_read\n",
     ['unknown system call "ptrcae"; did you mean "ptrace"?'], ['"s390']),
    ("ptrcae: 1\n", ['no system call "ptrcae"'], []),
]


def meanings(here):
    """What rules say without meaning it: of each format, by `check`."""
    path = os.path.join(here, "meant")
    for text, said, unsaid in MEANINGS:
        text = text if isinstance(text, str) else json.dumps(text)
        h.write(path, text)
        result = tool("filter", "check", path)
        out = " ".join((result.out + result.err).split())
        missing = [word for word in said if word not in out]
        h.ok(not missing and not [w for w in unsaid if w in out] and
             (result.status == 1 or not said),
             f"check: {said[0] if said else 'nothing of ' + text[:90]}",
             [missing, result])
    # The name of a call is told at every run, and no conversion drops it.
    bad = h.write(os.path.join(here, "bad.json"), json.dumps({
        "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["ptrcae"], "action": "SCMP_ACT_ERRNO"}]}))
    result = h.pledge(["-V", "-p", "stdio rpath exec", "-f", bad], "true")
    h.ok(result.status == 0 and '"ptrcae"' in result.err,
         "a run tells of a name that nobody has", result)
    check(["filter", "convert", "--to", "oci", bad], 0, '"ptrcae"',
          "did you mean")
    for name in "seccompiler", "minijail", "systemd":
        check(["filter", "convert", "--to", name, bad], 2,
              "no architecture has")


# Each format's way to answer with an error by its name.
ERRNO_NAMES = [
    ("minijail", "kill: return %s\n"),
    ("systemd", "SystemCallFilter=~kill:%s\n"),
    ("systemd", "SystemCallFilter=~kill\nSystemCallErrorNumber=%s\n"),
    ("oci", json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errno": "%s"}]})),
]


def errno_names(here):
    path = os.path.join(here, "errno")
    for name in ("EUCLEAN", "ESRCH", "ENOTDIR", "ESTALE", "ECHRNG",
                 "EWOULDBLOCK"):
        for form, text in ERRNO_NAMES:
            h.write(path, text % name)
            result = tool("filter", "try", "--from", form, path, "kill", "1",
                          "9")
            number = getattr(errno, name)
            h.ok(result.status == 1 and f"errno {number} (" in result.out,
                 f"{form}: {name}", result)
    policy = h.write(os.path.join(here, "a.policy"),
                     "promises stdio\nviolation errno ESTALE\n")
    result = h.pledge(["-i", policy, "--dry-run"], "true")
    h.ok("ESTALE" in result.out + result.err, "a policy's ESTALE", result)


# Names that real policies use, by the call that takes them.
SYMBOLS = [
    ("madvise", 2, "MADV_MERGEABLE", 12),
    ("madvise", 2, "MADV_GUARD_INSTALL", 102),
    ("madvise", 2, "MADV_COLLAPSE", 25),
    ("ioctl", 1, "TCGETS2", 0x802c542a),
    ("ioctl", 1, "FS_IOC_GETFLAGS", 0x80086601),
    ("ioctl", 1, "FS_IOC_SETFLAGS", 0x40086602),
    ("ioctl", 1, "FS_IOC_FSGETXATTR", 0x801c581f),
    ("ioctl", 1, "FS_IOC_FSSETXATTR", 0x401c5820),
    ("ioctl", 1, "FS_IOC_GET_ENCRYPTION_POLICY_EX", 0xc0096616),
    ("ioctl", 1, "FS_IOC_MEASURE_VERITY", 0xc0046686),
    ("prctl", 0, "PR_GET_AUXV", 0x41555856),
    ("sched_setscheduler", 1, "SCHED_IDLE", 5),
    ("sched_setscheduler", 1, "SCHED_BATCH", 3),
    ("openat", 0, "AT_FDCWD", -100),
    ("open", 1, "O_WRONLY|O_CREAT", 0o101),
]


def symbols(here):
    path = os.path.join(here, "symbols")
    for call, index, name, number in SYMBOLS:
        h.write(path, f"{call}: arg{index} == {name}\n")
        words = ["0"] * index
        said = [tool("filter", "try", path, call, *words, str(value)).status
                for value in (number, name, number + 1)]
        h.equal(said, [0, 0, 1], f"{name} is {number}")


def main():
    with h.scratch() as here:
        symbols(here)
        errno_names(here)
        outputs(here)
        meanings(here)
        damaged(here)
        processes(here)
        architectures(here)
        compare(here)
        convert(here)
        export(here)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
