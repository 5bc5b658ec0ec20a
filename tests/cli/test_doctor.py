#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What doctor says of this machine, and of the same machine seen through
filters such as containers put around their programs; what --check does with
it; and that a build for another system stops with one sentence."""
import ctypes
import errno
import json
import os
import shutil
import struct
import sys

import harness as h

# prctl(2), and what a filter is made of: linux/filter.h, linux/seccomp.h
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000
LANDLOCK = 444  # landlock_create_ruleset, everywhere
SECCOMP = {"x86_64": 317, "aarch64": 277, "riscv64": 277}


def answer(call, err):
    """Makes the kernel answer ERR to CALL, from now on, in this process."""
    code = b"".join(struct.pack("HBBI", *step) for step in (
        (LOAD, 0, 0, 0), (EQUAL, 0, 1, call), (RETURN, 0, 0, ERRNO | err),
        (RETURN, 0, 0, ALLOW)))
    text = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", 4, ctypes.addressof(text))
    libc = ctypes.CDLL(None)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or \
            libc.prctl(PR_SET_SECCOMP, MODE_FILTER, program, 0, 0) != 0:
        os._exit(99)


def through(call, err):
    return {"preexec_fn": lambda: answer(call, err)}


def setting(path):
    try:
        with open(path, encoding="utf-8") as text:
            return int(text.read())
    except (OSError, ValueError):
        return None


def check_facts(user):
    result = h.run([h.TOOL, "doctor"], user)
    told = h.run([h.TOOL, "doctor", "--json"], user)
    facts = json.loads(told.out)
    status = 0 if h.landlock_abi() else 1
    h.equal([result.status, told.status, facts["complete"]],
            [status, status, not status], f"{user.name}: doctor: {status}")
    h.equal([facts["kernel"], facts["landlock_abi"]],
            [os.uname().release, h.landlock_abi()],
            f"{user.name}: kernel and Landlock")
    for name, path in (
            ("bpf_jit", "/proc/sys/net/core/bpf_jit_enable"),
            ("user_namespaces", "/proc/sys/user/max_user_namespaces")):
        h.equal(facts.get(name), setting(path), f"{user.name}: {name}")
    h.ok(os.uname().release in result.out and h.printable(result.out),
         f"{user.name}: the text names the kernel", result)
    said = " ".join(result.out.split())
    h.ok(all(f"{gap['weight']}: {gap['subject']}: {gap['found']}"
             in said and gap["remedy"] in said
             for gap in facts["gaps"]) and
         result.out.count("Remedy:") == len(facts["gaps"]),
         f"{user.name}: the text has the gaps of --json", result)
    for words in (["doctor"], ["promises"], ["promises", "dns"]):
        out = h.run([h.TOOL, *words], user).out
        h.equal([line for line in out.splitlines() if len(line) > 80], [],
                f"{user.name}: {' '.join(words)} fits 80 columns")


# what is refused around doctor; with what; what it says, and its weight
SEEN = [
    (LANDLOCK, errno.EPERM, "landlock", "a filter around this process"),
    (LANDLOCK, errno.EOPNOTSUPP, "landlock", "off since it started"),
    (LANDLOCK, errno.ENOSYS, "landlock", "hidden by the filter"),
    (SECCOMP.get(os.uname().machine), errno.ENOSYS, "seccomp",
     "no filters on system calls"),
]


def check_seen(user):
    for call, err, subject, said in SEEN:
        name = f"{user.name}: {subject} answers {errno.errorcode[err]}"
        result = h.run([h.TOOL, "doctor"], user, **through(call, err))
        h.ok(result.status == 1 and f"stops: {subject}: " in result.out and
             said in result.out, f"{name}: {said}", result)
        result = h.run([h.TOOL, "doctor", "--json"], user,
                       **through(call, err))
        facts = json.loads(result.out)
        h.ok(result.status == 1 and not facts["complete"] and
             facts["filtered"] and
             facts.get("landlock_errno") == (
                 err if subject == "landlock" else None),
             f"{name}: --json", result)


def check_first(user, program):
    """--check, where a command could be run, and where not."""
    name = f"{user.name}: {os.path.basename(program[0])} --check"
    echo = ["-p", "stdio rpath", "--", "/bin/echo", "hello"]
    result = h.run([*program, "--check", *echo], user)
    if h.landlock_abi():
        h.ok(result.status == 0 and result.out == "hello\n" and
             os.uname().release in result.err, f"{name}: told, then run",
             result)
    refused = through(LANDLOCK, errno.EPERM)
    result = h.run([*program, "--check", *echo], user, **refused)
    h.ok(result.status == 125 and result.out == "" and
         "stops: landlock" in result.err and "--best-effort" in result.err,
         f"{name}: told, not run", result)
    result = h.run([*program, "--check", "--best-effort", *echo], user,
                   **refused)
    h.ok(result.status == 0 and result.out == "hello\n" and
         "stops: landlock" in result.err,
         f"{name} --best-effort: told, and run", result)
    result = h.run([*program, *echo], user, **refused)
    h.ok(result.status == 125 and result.out == "" and
         "stops:" not in result.err, f"{name}: not unless asked", result)


CROSS = """[binaries]
c = 'cc'
[host_machine]
system = 'freebsd'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
"""


def check_other_system():
    if not shutil.which("meson"):
        h.skip("a build for another system", "no meson here")
        return
    with h.scratch() as path:
        cross = h.write(os.path.join(path, "cross"), CROSS)
        result = h.run(["meson", "setup", "--cross-file", cross,
                        os.path.join(path, "build"), h.ROOT],
                       env=h.environment(PATH=os.environ["PATH"]))
        said = [line for line in (result.out + result.err).splitlines()
                if "ERROR" in line]
        h.ok(result.status == 1 and len(said) == 1 and
             "needs Linux" in said[0],
             "a build for another system stops with one sentence", result)


def main():
    for user in h.USERS:
        check_facts(user)
        check_seen(user)
        check_first(user, [h.PLEDGE])
        check_first(user, [h.TOOL, "run"])
    check_other_system()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
