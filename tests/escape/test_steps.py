#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The system calls of a launch made to fail, one after another, by a tracer:
if the command ran, it was confined as ever; if not, the status is the
launcher's own and a message says why. The steps that confine name themselves,
and are never gone on from."""
import collections
import contextlib
import errno
import json
import os
import re
import struct
import sys

import battery as b
from battery import h

FAILING = os.path.join(h.STAGE, "failing")
ERRORS = (errno.EPERM, errno.ENOSYS, errno.ENOMEM, errno.EINVAL)
INHERITED = 7

# What the command attempts, and gets, under "stdio rpath".
SENTINEL = [("open-read {hidden}/file", "EACCES"), ("socket-inet", "EPERM"),
            ("fork", "EPERM"), ("execve", "EPERM"),
            ("mmap-exec-anon", "EPERM"), ("call-with kill-of {victim}",
                                          "EPERM"),
            (f"fd-open {INHERITED}", "EBADF"), ("capset-gain", "EPERM")]

# Numbers are x86_64's: all that the tracer knows.
GETRANDOM, EXECVE, WRITE = 318, 59, 1
CREATE_RULESET, SECCOMP, PRCTL, FCNTL = 444, 317, 157, 72
PRLIMIT, SETRLIMIT, CAPGET = 302, 160, 125
# Step, and what calls it consists of: number, and a test of the arguments.
STEPS = [
    ("draw a secret", GETRANDOM, lambda a: True),
    ("close inherited descriptors", FCNTL,
     lambda a: a[1:3] == [2, 0]),
    ("lower the priority", 141, lambda a: True),  # setpriority
    ("lower the priority", 144, lambda a: True),  # sched_setscheduler
    ("lower the priority", 251, lambda a: True),  # ioprio_set
    ("give up other groups", 116, lambda a: True),  # setgroups
    ("change user and group", 117, lambda a: True),  # setresuid
    ("change user and group", 119, lambda a: True),  # setresgid
    ("change the root directory", 161, lambda a: True),  # chroot
    ("die with the launcher", PRCTL, lambda a: a[:2] == [1, 9]),
    ("refuse new privileges", PRCTL, lambda a: a[0] == 38),
    ("drop capabilities", CAPGET, lambda a: True),
    ("drop capabilities", 126, lambda a: True),  # capset
    ("clear the personality", 135, lambda a: True),
    ("refuse executable memory", PRCTL, lambda a: a[0] == 65),
    ("restrict paths", CREATE_RULESET, lambda a: a[0] != 0),
    ("restrict paths", 445, lambda a: True),  # landlock_add_rule
    ("restrict paths", 446, lambda a: True),  # landlock_restrict_self
    ("limit resources", PRLIMIT, lambda a: a[2] != 0),
    ("restrict system calls|add the user's filters|"
     "add the user's compiled programs", SECCOMP,
     lambda a: a[0] == 1 and a[2] != 0),
    ("cannot run", EXECVE, lambda a: True),
]

# What no call refuses.
SILENT = {"stay below the root directory"}
NAMES = {part for name, _, _ in STEPS for part in name.split("|")}

# User, kind of program, options: so that every step has something to do.
# Several errors are tried on the first of them, one on the others.
LAUNCHES = [
    (h.ME, "static", ["-n", "-O", "64", "-C", "60", "--keep-fd", "8"]),
    (h.ME, "dynamic", ["-t", "60"]),
    (h.LEAST, "static", ["-e"]),
    (h.LEAST, "dynamic", ["-f", "{in}/filter:a", "-f", "{in}/filter:b",
                           "-f", "{in}/filter:c", "-f", "{in}/filter:d",
                           "-f", "{in}/all.bpf"]),
]
if h.ROOT_USER:
    LAUNCHES.append((h.ROOT_USER, "static",
                     ["-u", str(h.NOBODY), "-g", str(h.NOBODY), "-c", "/"]))


# Too large for one program together with the promises.
LARGE_FILTERS = json.dumps({name: {
    "mismatch_action": "allow", "match_action": {"errno": 1}, "filter": [
        {"syscall": call, "args": [
            {"index": 1, "type": "qword", "op": "eq",
             "val": 3000000007 * i + 7}]} for i in range(450)]}
    for name, call in (("a", "ioctl"), ("b", "fcntl"), ("c", "prctl"),
                       ("d", "lseek"))})


class Launch:
    """A launch of which one call fails."""

    def __init__(self, fixture, names, flavour, options):
        self.user = fixture.user
        self.names = names
        itself = b.program(flavour)
        words = " -- ".join(words for words, _ in SENTINEL).format(**names)
        self.command = [h.PLEDGE, "-p", "stdio rpath", "-v",
                        "r:" + names["ro"],
                        *(o.format(**names) for o in options), "--", itself,
                        *words.split()]

    def run(self, number, error):
        """Result, the calls made, whether the command ran."""
        report = os.path.join(self.names["in"], f"report-{number}-{error}")
        command = [FAILING, report, str(number), str(error), *self.command]
        if self.user == h.ROOT_USER:  # has groups to give up
            command = ["/usr/bin/setpriv", "--groups", "1", *command]
        script = (f'exec "$@" {INHERITED}<{self.names["hidden"]}/file '
                  f'8<{self.names["ro"]}/file')
        result = h.run(["/bin/bash", "-c", script, "bash", *command],
                       self.user)
        with open(report, encoding="ascii") as lines:
            lines = lines.read().splitlines()
        os.unlink(report)
        calls = [[int(word) for word in line.split()] for line in lines
                 if line != "ran"]
        return result, calls, "ran" in lines


def is_confined(result):
    return result.out.split() == [answer for _, answer in SENTINEL]


def judge(result, ran, step):
    """What is wrong with this outcome, or None."""
    if ran and step:
        return f"went on without: {step}"
    if ran:
        well = is_confined(result) and result.status == 0
        return None if well else "ran unconfined"
    if result.out:
        return "did not run, but said something"
    if result.status not in (125, 126, 127):
        return f"status {result.status}"
    if "pledge: " not in result.err:
        return "no message"
    if step and not any(part in result.err for part in step.split("|")):
        return f"does not name: {step}"
    return None


def step_of(call):
    return next((name for name, number, applies in STEPS
                 if call[0] == number and applies(call[1:])), None)


def began(calls):
    """Before this many calls the C library of the launcher was starting."""
    return next(i for i, call in enumerate(calls) if call[0] in (PRCTL,
                SECCOMP, CREATE_RULESET))


# What no kernel refuses, and is not made to fail: rt_sigprocmask, getpid,
# getppid. The launcher would wait for ever for signals that it missed.
NEVER_FAIL = {14, 39, 110}
MEMORY = {9, 11, 28}  # mmap, munmap, madvise
MANY = 40
SAYING = {WRITE, 20}  # writev: the message itself failed


def is_no_step(call, earlier, later):
    """PDEATHSIG is set once more as a step; a C library may turn from prlimit
    to the older setrlimit; once the filter stands, it is who explains that asks
    for capabilities."""
    if call[0] == CAPGET:
        return any(c[:2] == [SECCOMP, 1] for c in earlier)
    if call[:2] == [PRCTL, 1]:
        return call in later
    return call[0] == PRLIMIT and any(c[:2] == [SETRLIMIT, call[2]]
                                      for c in later)


def check_call(name, launch, number, calls, error):
    result, made, ran = launch.run(number, error)
    call = made[number - 1] if number <= len(made) else [None]
    if call[0] in NEVER_FAIL | {None}:  # two processes, in another order
        return True, f"{name}: call {number} was not made", "", set()
    step = step_of(call)
    if ran and step and is_no_step(call, made[:number - 1], made[number:]):
        step = None
    wrong = judge(result, ran, step)
    if call[0] in SAYING and wrong == "no message":
        wrong = None
    starting = number <= began(calls)
    if starting and not ran and not result.out:
        wrong = None  # its C library may give up in its own ways
    words = "ran, confined" if ran else f"status {result.status}"
    named = {part for part in NAMES if not ran and part in result.err}
    return (wrong is None, f"{name}: call {number} ({call[0]}"
            f"{', ' + step if step else ''}) fails with "
            f"{errno.errorcode[error]}: {words}", f"{wrong}\n{result}", named)


def chosen(calls):
    """The numbers of those to fail: all, and, of each kind of call for memory,
    of which a large filter takes hundreds, MANY from the first to the last."""
    numbers = collections.defaultdict(list)
    for number, call in enumerate(calls, 1):
        numbers[call[0]].append(number)
    for call in NEVER_FAIL & set(numbers):
        del numbers[call]
    for call in MEMORY & set(numbers):
        found = numbers[call]
        step = max(1, (len(found) - 1) / (MANY - 1))
        numbers[call] = sorted({found[round(i * step)] for i in range(MANY)
                                if round(i * step) < len(found)})
    return sorted(sum(numbers.values(), []))


def check_launch(user, flavour, options, errors):
    name = f"{user.name}, {flavour} {' '.join(options)}".strip()
    seen = set()
    if not h.can("ptrace", name, user):
        return seen
    with contextlib.ExitStack() as stack:
        fixture = b.Fixture(user, stack)
        names = stack.enter_context(fixture.fresh())
        h.write(names["in"] + "/filter", LARGE_FILTERS)
        with open(names["in"] + "/all.bpf", "wb") as program:
            program.write(struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))
        launch = Launch(fixture, names, flavour, options)
        result, calls, ran = launch.run(0, 0)
        if result.status == 77:
            h.skip(name, result.err.strip())
            return seen
        h.ok(ran and judge(result, ran, None) is None,
             f"{name}: {len(calls)} calls, none fails: confined", result)
        jobs = [(number, error) for number in chosen(calls)
                for error in errors]
        for outcome in b.each(lambda job: check_call(
                name, launch, job[0], calls, job[1]), jobs):
            h.ok(*outcome[:3])
            seen |= outcome[3]
    return seen


def check_unconfined(user):
    """What the sentinel attempts can be done."""
    with contextlib.ExitStack() as stack:
        fixture = b.Fixture(user, stack)
        names = stack.enter_context(fixture.fresh())
        for words, _ in SENTINEL:
            if words == "capset-gain" and user != h.ROOT_USER:
                continue
            script = f'exec "$@" {INHERITED}<{names["hidden"]}/file'
            result = h.run(["/bin/bash", "-c", script, "bash",
                            b.program("static"),
                            *words.format(**names).split()], user)
            h.equal(result.out, "ok\n", f"{user.name}: unconfined: {words}")


def main():
    b.stage_attempts()
    h.stage(os.path.join(h.BUILD, "tests", "escape", "failing"))
    seen = set()
    for user in h.USERS:
        check_unconfined(user)
    for index, launch in enumerate(LAUNCHES):
        seen |= check_launch(*launch, ERRORS if index == 0 else ERRORS[:1])
    if h.ROOT_USER and seen:
        h.equal(sorted(NAMES - seen), [], "every step failed, and was named")
    with open(os.path.join(h.ROOT, "src", "launch", "steps.c"),
              encoding="utf-8") as source:
        listed = re.findall(r'^\t\{ "([^"]+)", step_', source.read(), re.M)
    h.equal(sorted(set(listed) - NAMES - SILENT), [],
            "every step of src/launch/steps.c is among them")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
