#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every exit status, and that its message names the cause."""
import os
import re
import signal
import sys
import time

import harness as h

ATTEMPT = os.path.join(h.STAGE, "attempt-static")


def check_own_status(user):
    for status in (0, 1, 2, 77, 123, 124, 125, 126, 127, 128, 255):
        for options in ("-p stdio", "-p stdio -t 60"):
            result = h.pledge(options, h.target("hello-static"),
                              f"exit={status}", user=user)
            h.equal((result.status, result.err), (status, ""),
                    f"{user.name}: pledge {options}: the command's own "
                    f"status {status}")
    result = h.run([h.TOOL, "run", "-p", "stdio", "--",
                    h.target("hello-static"), "exit=9"], user)
    h.equal(result.status, 9, f"{user.name}: seccomp-pledge run: its own 9")


def check_signal(user):
    """In place it is the signal itself, as parent 128+n."""
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV,
                   signal.SIGABRT, signal.SIGPIPE, signal.SIGUSR1):
        command = ["/bin/sh", "-c", f"kill -{number.value} $$; exit 0"]
        bare = h.run(command, user).status
        found = [bare] + [
            h.run([*launcher, "-p", "stdio rpath", *more, "--", *command],
                  user).status
            for launcher, more in (([h.PLEDGE], []),
                                   ([h.PLEDGE], ["-t", "60"]),
                                   ([h.TOOL, "run"], []))]
        wanted = [-number, -number, 128 + number, 128 + number]
        h.equal(found, wanted, f"{user.name}: {number.name}: unconfined, in "
                "place, as parent, seccomp-pledge run")


def check_violation_kills(user):
    """-k turns EPERM into a kill; ENOSYS and ENOTTY stay answers."""
    for words, status, out in (("socket-inet", -signal.SIGSYS, ""),
                               ("fork", -signal.SIGSYS, ""),
                               ("execve", -signal.SIGSYS, ""),
                               ("socket-unix", -signal.SIGSYS, ""),
                               ("clone3", 0, "ENOSYS\n"),
                               ("openat2", 0, "ENOSYS\n"),
                               ("ioctl-tcsets", 0, "ENOTTY\n")):
        result = h.pledge("-k -p stdio", ATTEMPT, words, user=user)
        h.equal(result[:2], (status, out), f"{user.name}: -k: {words}")
    result = h.pledge("-k -t 60 -p stdio", ATTEMPT, "socket-inet", user=user)
    h.ok(result.status == 128 + signal.SIGSYS and "SIGSYS" in result.err,
         f"{user.name}: -k as parent: 159, and the signal is named", result)
    result = h.pledge("-k -p stdio", h.target("hello-dynamic"), user=user)
    h.equal(result[:2], (0, "hello\n"), f"{user.name}: -k: hello runs")
    for words, command in (("stdio rpath getpw", ["id", "-un"]),
                           ("stdio rpath ps vminfo getpw", ["ps", "-e"])):
        result = h.pledge(["-k", "-p", words], *command, user=user)
        h.equal((result.status, result.out != ""), (0, True), f"{user.name}: "
                f"-k: {command[0]}: libraries ask for what they do without")


def check_timeout(user):
    for launcher in ([h.PLEDGE], [h.TOOL, "run"]):
        name = f"{user.name}: {os.path.basename(launcher[0])}"
        before = time.monotonic()
        result = h.run([*launcher, "-t", "0.3", "-p", "stdio", "--",
                        "/bin/sleep", "60"], user)
        took = time.monotonic() - before
        h.ok(result.status == 124 and took >= 0.3 and "0.3" in result.err, f"{name}: 124 after the time limit", result)
        # SIGTERM comes first, and may be caught.
        for seconds in (0.5, 4, 32, 256):
            result = h.run([*launcher, "-t", str(seconds), "-p",
                            "stdio rpath", "--", "/bin/bash", "-c",
                            "trap 'echo term; exit 0' TERM; echo ready; "
                            "while :; do :; done"], user)
            if result.out:  # else it had not begun
                break
        h.equal((result.status, result.out), (124, "ready\nterm\n"),
                f"{name}: SIGTERM first")
    # What ignores SIGTERM is killed; only after a grace, so once is enough.
    if user == h.LEAST:
        result = h.pledge(["-t", "0.2", "-p", "stdio rpath"], "/bin/bash",
                          "-c", "trap '' TERM; while :; do :; done",
                          user=user)
        h.equal(result.status, 124, f"{user.name}: then SIGKILL")


# options (a list), command, status, what the message must name
OUR_FAILURES = [
    (["-p", "stdio rpaht"], ["true"], 125, r'rpaht.*did you mean "rpath"'),
    (["-p", "stdio,inet,dsn"], ["true"], 125, r'dsn.*did you mean "dns"'),
    (["-p", "stdio qqqqqq"], ["true"], 125, r"qqqqqq"),
    (["--no-such-option"], ["true"], 125, r"--no-such-option"),
    (["--unviel", "r:/"], ["true"], 125, r'did you mean "?(--)?unveil'),
    (["-Z"], ["true"], 125, r"-Z"),
    (["--quiet=yes"], ["true"], 125, r"--quiet.*no argument"),
    (["-v", "r:/no/such/path"], ["true"], 125, r"/no/such/path"),
    (["-v", ""], ["true"], 125, r"."),
    (["-i", "./no.such.policy"], ["true"], 125, r"no\.such\.policy"),
    (["-i", "nosuchprofile"], ["true"], 125, r"nosuchprofile"),
    (["-t", "soon"], ["true"], 125, r"soon"),
    (["-t", "-1"], ["true"], 125, r"-1"),
    (["-O", "many"], ["true"], 125, r"many"),
    (["--keep-fd", "x"], ["true"], 125, r"\bx\b"),
    (["--connect", "http"], ["true"], 125, r"http"),
    (["--connect", "65536"], ["true"], 125, r"65536"),
    (["--env", "=x"], ["true"], 125, r"=x"),
    (["-u", "nosuchuser"], ["true"], 125, r"nosuchuser"),
    (["-g", "nosuchgroup"], ["true"], 125, r"nosuchgroup"),
    (["-f", "x.json"], ["true"], 125, r"-f|x\.json"),
    (["--api"], ["true"], 125, r"api"),
    ([], [], 125, r"no command|usage"),
    (["-p", "stdio"], [], 125, r"no command|usage"),
    (["-p", "stdio"], ["/etc/passwd"], 126, r"/etc/passwd.*(P|p)ermission"),
    (["-p", "stdio"], ["/"], 126, r"/.*directory"),
    (["-p", "stdio"], ["no-such-command"], 127, r"no-such-command.*found"),
    (["-p", "stdio"], ["/no/such"], 127, r"/no/such.*No such"),
    (["-p", "stdio"], [""], 127, r"empty"),
]

# The last word of the options lacks what must follow it.
MISSING_OPERANDS = ["-p", "-v", "-i", "-t", "-O", "-u", "--promises",
                    "--connect", "--save", "--env"]


def check_failures(user):
    launchers = ([h.PLEDGE], [h.TOOL, "run"])
    for options, command, status, named in OUR_FAILURES:
        for launcher in launchers:
            result = h.run([*launcher, *options, "--", *command], user)
            name = os.path.basename(launcher[0])
            h.ok(result.status == status and result.out == "" and
                 re.search(named, result.err) and
                 result.err.startswith(name + ": "),
                 f"{user.name}: {name} {' '.join(options)} -- "
                 f"{' '.join(command)}: {status}", result)
    for option in MISSING_OPERANDS:
        result = h.run([h.PLEDGE, option], user)
        h.ok(result.status == 125 and option in result.err,
             f"{user.name}: {option} without its operand", result)
    # The command's own options are not ours; its lack of -- is no matter.
    result = h.run([h.PLEDGE, "-p", "stdio", "/bin/echo", "-n", "-Z", "--",
                    "--help"], user)
    h.equal((result.status, result.out), (0, "-Z -- --help"),
            f"{user.name}: options behind the command are the command's")


def check_help(user):
    for launcher in ([h.PLEDGE], [h.TOOL], [h.TOOL, "run"]):
        name = " ".join([os.path.basename(launcher[0]), *launcher[1:]])
        for option in ("--help", "-h"):
            result = h.run([*launcher, option], user)
            h.ok(result.status == 0 and result.err == "" and
                 "usage:" in result.out.lower() and "-p" in result.out,
                 f"{user.name}: {name} {option} to standard output", result)
            wide = [line for line in result.out.splitlines()
                    if len(line) > 80]
            h.equal(wide, [], f"{user.name}: {name} {option} fits 80 columns")
    for launcher in (h.PLEDGE, h.TOOL):
        result = h.run([launcher, "--version"], user)
        h.ok(result.status == 0 and re.search(r"\d+\.\d+", result.out),
             f"{user.name}: {os.path.basename(launcher)} --version", result)
        full = os.open("/dev/full", os.O_WRONLY)
        result = h.run([launcher, "--help"], user, stdout=full)
        os.close(full)
        h.ok(result.status != 0, f"{user.name}: --help to a full disk fails",
             result)


def check_quiet(user):
    options = ["-p", "stdio tape"]
    for more, wanted in ((["-q"], False), ([], True), (["--quiet"], False)):
        result = h.pledge([*more, *options], "/bin/true", user=user)
        h.ok(result.status == 0 and bool(result.err) == wanted,
             f"{user.name}: {' '.join(more) or '(no option)'}: a warning is "
             f"{'printed' if wanted else 'kept'}", result)
    result = h.pledge("-q -p stdio", "/no/such", user=user)
    h.equal(result.status, 127, f"{user.name}: -q changes no status")
    # Colour is for terminals.
    result = h.pledge("-p stdi", "/bin/true", user=user)
    h.ok("\033" not in result.err, f"{user.name}: no colour in a pipe",
         result)


def check_foreign_words(user):
    """A name that holds escapes does nothing to the terminal it is shown on."""
    for word in ("/no/\033[2Jsuch", "/no/\nsuch", "/no/\x7fsuch"):
        result = h.pledge("-p stdio", word, user=user)
        h.ok(result.status == 127 and h.printable(result.err) and
             result.err.count("\n") == 1,
             f"{user.name}: {word!r} is shown escaped", result)
    result = h.pledge(["-p", "stdio \033[31mx"], "/bin/true", user=user)
    h.ok(result.status == 125 and "\033" not in result.err,
         f"{user.name}: an unknown promise is shown escaped", result)


def check_support(user):
    result = h.run([h.PLEDGE, "-T", "pledge"], user)
    h.equal(result.status, 0, f"{user.name}: -T pledge")
    result = h.run([h.PLEDGE, "-T", "unveil"], user)
    h.equal(result.status, 0 if h.landlock_abi() else 1,
            f"{user.name}: -T unveil: as this kernel has Landlock")
    result = h.run([h.PLEDGE, "-T", "neither"], user)
    h.ok(result.status not in (0, 1) and "neither" in result.err,
         f"{user.name}: -T with another word is an error", result)


def check_tool(user):
    """Options that name no policy, and verbs that are taken for commands."""
    result = h.run([h.TOOL, "/bin/true"], user)
    h.ok(result.status == 125 and result.err,
         f"{user.name}: seccomp-pledge without a policy or a terminal runs "
         "nothing", result)
    result = h.run([h.TOOL, "run", "--", "/bin/true"], user)
    h.equal(result.status, 0, f"{user.name}: run takes the default policy")
    result = h.run([h.TOOL, "promises", "rpath"], user)
    h.ok(result.status == 0 and "openat" in result.out,
         f"{user.name}: promises rpath", result)
    result = h.run([h.TOOL, "promises", "rpaht"], user)
    h.ok(result.status == 2 and '"rpath"' in result.err,
         f"{user.name}: promises rpaht: 2, with a suggestion", result)
    result = h.run([h.TOOL, "doctor"], user)
    h.ok(result.status == (0 if h.landlock_abi() else 1) and result.out,
         f"{user.name}: doctor", result)
    for word, hint in (("exprt", '"export"'), ("zzzhelpzzz", "--help")):
        result = h.run([h.TOOL, word, "x"], user)
        h.ok(result.status == 127 and f"{word}: no such verb" in result.err and
             hint in result.err, f"{user.name}: {word}: no verb, no command",
             result)
    with open("/dev/full", "wb") as full:
        for program in (h.PLEDGE, h.TOOL):
            result = h.run([program, "--help"], user, stdout=full)
            h.ok(result.status == 125 and "No space" in result.err,
                 f"{user.name}: --help to a full disk says so", result)
    for verb in ("trace", "learn", "check"):
        result = h.run([h.TOOL, verb], user)
        h.ok(result.status not in (0, 1) and verb in result.err,
             f"{user.name}: {verb} without a command says so", result)


# Of every verb that has options: words, status, and a part of what is said.
WRITTEN = [
    ("run -qh", 0, "usage: "),
    ("learn -qh", 0, "usage: "),
    ("trace -qh", 0, "usage: "),
    ("serve -qh", 0, "usage: "),
    ("export -kh", 0, "usage: "),
    ("filter check -h", 0, "usage: "),
    ("promises -h", 0, "usage: "),
    ("learn -qZ", 125, "learn: unknown option -Z"),
    ("learn -qt", 125, "learn: -t needs an argument: SEC"),
    ("learn --tmeout=3 true", 125, 'unknown option --tmeout; did you mean '
     '"timeout"?'),
    ("trace --json=3 true", 125, "trace: --json takes no argument"),
    ("run --kill=3 true", 125, "--kill takes no argument"),
    ("doctor --json=x", 2, "doctor: --json takes no argument"),
    ("filter check --arch", 2, "--arch needs an argument: ARCH"),
    ("filter check --lossy FILE", 2,
     "--lossy is an option of filter convert, not of filter check"),
    # What excludes and what needs what; help is given all the same.
    ("trace -i FILE true", 125, "trace: --policy says what --html FILE"),
    ("trace -i FILE --help", 0, "usage: "),
    ("trace --pid 1 --within FILE", 125, "cannot be put under a ceiling"),
    # Behind other words, where no command follows.
    ("promises stdio --json", 0, '"name": "stdio"'),
    ("promises --json stdio", 0, '"name": "stdio"'),
    ("filter compile FILTER --as hex", 0, ""),
    ("filter compile FILTER -o-", 0, ""),
    ("filter show FILTER --bpf --arch x86_64", 0, "arch"),
    ("filter convert FILTER --to oci", 0, "SCMP_ACT"),
    ("filter try FILTER ptrace -1", 1, "trap"),
    ("filter show -- FILTER", 0, "ptrace"),
    ("serve word --quiet", 125, 'serve: unexpected "word"'),
    ("doctor --json word", 2, 'doctor: unexpected "word"'),
]
FILTER = ('{"main": {"mismatch_action": "allow", "match_action": "trap", '
          '"filter": [{"syscall": "ptrace"}]}}')


def check_written():
    """Options are written alike for every verb."""
    with h.scratch() as folder:
        files = {"FILE": h.write(os.path.join(folder, "policy"),
                                 "promises stdio\n"),
                 "FILTER": h.write(os.path.join(folder, "filter"), FILTER)}
        for words, status, said in WRITTEN:
            argv = [files.get(word, word) for word in words.split()]
            result = h.run([h.TOOL, *argv], cwd=folder)
            h.ok(result.status == status and said in result.out + result.err,
                 f"seccomp-pledge {words}: {status} {said}", result)
        result = h.run([h.TOOL, "filter", "compile", files["FILTER"], "-o",
                        "OUT"], cwd=folder)
        h.ok(result == (0, "", "") and
             os.path.getsize(os.path.join(folder, "OUT")) % 8 == 0,
             "filter compile FILE -o OUT", result)


def main():
    check_written()
    for user in h.USERS:
        check_own_status(user)
        check_signal(user)
        check_violation_kills(user)
        check_timeout(user)
        check_failures(user)
        check_help(user)
        check_quiet(user)
        check_foreign_words(user)
        check_support(user)
        check_tool(user)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
