#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Compiled programs as filters (-f x.bpf): what they refuse is refused, those
that the kernel would not take are not taken, and what cannot be asked of them
is said."""
import ctypes
import json
import os
import random
import struct
import sys

import harness as h

OPTIONS = ["-p", "stdio rpath exec", "-V"]
LAUNCHERS = ([h.PLEDGE], [h.TOOL, "run"])
ALLOW = 0x7FFF0000
RETURN, LOAD, JUMP, EQUAL, STORE, MEMORY = 0x06, 0x20, 0x05, 0x15, 0x02, 0x60


def code(*instructions):
    return b"".join(struct.pack("<HBBI", *i) for i in instructions)


def put(path, data):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, 0o644)
    return path


def rules(*calls, answer='{"errno":13}'):
    entries = ", ".join(f'{{"syscall": "{call}"}}' for call in calls)
    return (f'{{"main": {{"mismatch_action": "allow", "match_action": {answer},'
            f' "filter": [{entries}]}}}}')


def compiled(here, name, *calls, answer='{"errno":13}'):
    source = h.write(os.path.join(here, name + ".json"),
                     rules(*calls, answer=answer))
    path = os.path.join(here, name + ".bpf")
    result = h.run([h.TOOL, "filter", "compile", "-o", path, source])
    h.ok(result.status == 0, f"{name} is compiled", result)
    os.chmod(path, 0o644)
    return path


def check_refusal(here):
    """nice(1) asks for its priority, id(1) for its users."""
    nice = compiled(here, "nice", "getpriority")
    users = compiled(here, "users", "geteuid")
    narrow = h.write(os.path.join(here, "narrow.json"), rules("seccomp"))
    policy = h.write(os.path.join(here, "with.policy"),
                     "promises stdio rpath exec\nunveil off\n"
                     "filter nice.bpf\n")
    for user in h.USERS:
        for launcher in LAUNCHERS:
            name = f"{user.name}, {os.path.basename(launcher[0])}"
            for words, status in (([], 0), (["-f", nice], 125),
                                  (["-f", users], 0),
                                  (["-f", users, "-f", nice], 125),
                                  (["-f", narrow, "-f", nice], 125)):
                result = h.run([*launcher, *OPTIONS, *words, "--", "nice"],
                               user)
                h.ok(result.status == status and
                     (status == 0 or "Permission denied" in result.err),
                     f"{name}: {len(words) // 2} filters: {status}", result)
            result = h.run([*launcher, "-i", policy, "--", "nice"], user)
            h.ok(result.status == 125, f"{name}: in a policy", result)
    result = h.run([h.TOOL, "run", "-i", policy, "--dry-run"])
    h.ok(f"filter   {nice}\n" in result.out, "--dry-run names it", result)
    result = h.run([h.TOOL, "run", "-e", "-i", policy, "--", "true"])
    h.ok(result.status == 0 and "is not explained" in result.err and
         "what was denied cannot be told" in result.err,
         "-e says that it hears nothing of it", result)
    result = h.run([h.TOOL, "check", policy, "--", "true"])
    h.equal(result.status, 2, "check cannot tell, and says so")
    for words in (["why", policy, "getpriority"], ["diff", policy, policy]):
        result = h.run([h.TOOL, *words])
        h.ok(result.status == 2 and "without rules" in result.err,
             f"{words[0]} says that there are no rules", result)
    never = compiled(here, "never", "fchmodat", "fchownat")
    words = ["-p", "stdio fattr", "-V"]
    h.equal([shares(words + more)["owners"] for more in ([], ["-f", never])],
            [100, 0], "score asks it")


def shares(words):
    result = h.run([h.TOOL, "score", "--json", *words])
    return {row["name"]: row["percent"]
            for row in json.loads(result.out)["rows"]}


def refused(path, *said):
    for launcher in LAUNCHERS:
        result = h.run([*launcher, *OPTIONS, "-f", path, "--", "echo", "ran"])
        h.ok(result.status == 125 and "ran" not in result.out and
             all(word in result.err for word in said) and
             result.err.count("\n") == 1, f"125: {said}", result)


def check_wrong(here):
    path = os.path.join(here, "wrong.bpf")
    allow = (RETURN, 0, 0, ALLOW)
    for data, said in (
            (code(allow)[:7], "wrong.bpf"),
            (code(allow) + b"\0", "wrong.bpf"),
            (code((LOAD, 0, 0, 0)), "wrong.bpf"),
            (code((LOAD, 0, 0, 2), allow), "wrong.bpf"),
            (code((LOAD, 0, 0, 64), allow), "wrong.bpf"),
            (code((JUMP, 0, 0, 9), allow), "wrong.bpf"),
            (code((EQUAL, 5, 0, 0), allow), "wrong.bpf"),
            (code((MEMORY, 0, 0, 3), allow), "wrong.bpf"),
            (code((STORE, 0, 0, 16), allow), "wrong.bpf"),
            (code((0x30, 0, 0, 0), allow), "wrong.bpf"),
            (code((0x34, 0, 0, 0), allow), "wrong.bpf"),
            (code(*[allow] * 4097), "4096"),
            (b"\0" * 800, "wrong.bpf"),
            (b"\0" * (5 << 20), "wrong.bpf")):
        refused(put(path, data), said)
    refused(compiled(here, "shut", "execve"), "it refuses execve")
    refused(compiled(here, "good", "getpriority") + ":main", "no names")
    result = h.run([h.PLEDGE, *OPTIONS, "-f", compiled(
        here, "asks", "getpriority", answer='{"trace": 1}'), "--", "true"])
    h.ok(result.status == 0 and "ENOSYS" in result.err,
         "one that asks a tracer is warned of", result)


def kernel_takes(data):
    """Whether the kernel takes it, tried in a child, which is then under it."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(data, len(data))
    handed = struct.pack("<HxxxxxxQ", len(data) // 8, ctypes.addressof(buffer))
    program = ctypes.create_string_buffer(handed, len(handed))
    inside, outside = os.pipe()
    child = os.fork()
    if child == 0:
        libc.prctl(38, 1, 0, 0, 0)
        r = libc.prctl(22, 2, program, 0, 0)
        os.write(outside, b"y" if r == 0 else b"n")
        os._exit(0)
    os.close(outside)
    answer = os.read(inside, 1)
    os.close(inside)
    os.waitpid(child, 0)
    # Killed by what it allows no more: it was taken.
    return answer != b"n"


def mutants(count):
    dice = random.Random(20)
    print("# seed 20")
    good = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, 0xC000003E), (RETURN, 0, 0, ALLOW),
            (LOAD, 0, 0, 0), (STORE, 0, 0, 1), (MEMORY, 0, 0, 1),
            (EQUAL, 0, 1, 9999), (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ALLOW)]
    for _ in range(count):
        program = [list(i) for i in good]
        for _ in range(dice.randint(1, 2)):
            row = dice.choice(program)
            part = dice.randrange(4)
            row[part] = dice.choice(
                [dice.randrange(256) if part else dice.choice(
                    [0x00, 0x01, 0x04, 0x07, 0x0C, 0x14, 0x16, 0x1D, 0x20, 0x24,
                     0x28, 0x30, 0x34, 0x3C, 0x40, 0x44, 0x48, 0x54, 0x5C, 0x61,
                     0x64, 0x6C, 0x74, 0x80, 0x81, 0x84, 0x87, 0x94, 0xA4, 0xB1]),
                 dice.randrange(8), row[part]])
        yield code(*program)


def check_as_kernel(here):
    """What is taken is what the kernel takes, for programs that are nearly
    right."""
    path = os.path.join(here, "mutant.bpf")
    taken, wrong = 0, []
    for data in mutants(150):
        put(path, data)
        ours = h.run([h.TOOL, "filter", "show", "--bpf", path]).status == 0
        theirs = kernel_takes(data)
        taken += theirs
        if ours != theirs:
            wrong.append((data.hex(), ours, theirs))
    h.ok(not wrong, "as the kernel decides", wrong[:3])
    h.ok(15 < taken < 135, f"of 150, {taken} were taken")


def main():
    with h.scratch() as here:
        os.chmod(here, 0o755)
        check_refusal(here)
        check_wrong(here)
        check_as_kernel(here)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
