#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""How much a policy leaves in reach, and what of it has no effect: score, and
check --static."""
import json
import os
import sys

import harness as h

BASE = "promises stdio rpath\nunveil r /etc/hostname\n"
ALL = ("stdio rpath wpath cpath dpath inet unix dns netlink route wroute fattr "
       "chown recvfd tty proc exec prot_exec id settime ps vminfo audio video "
       "drm")
# What is said besides BASE, and the one row that it adds to, "" for none.
MORE = [
    ("promises stdio\n", ""),
    ("unveil w /srv\n", ""),  # without wpath
    ("promises wpath\nunveil w /srv\n", "write-files"),
    ("promises cpath wpath\nunveil wc /etc\n", "write-system"),
    ("promises wpath\nunveil w /proc/sys\n", "write-kernel"),
    ("unveil r /usr\n", "read-files"),
    ("unveil r @HOME/.ssh\n", "read-secrets"),
    ("promises inet\n", "connect"),
    ("promises inet\nconnect 443\n", "connect"),
    ("promises inet\nbind 80\n", "listen"),
    ("promises inet dns\n", "datagrams"),
    ("promises unix\n", "local-services"),
    ("promises wroute\n", "network-settings"),
    ("promises route\n", "netlink"),
    ("promises exec\n", "run-programs"),
    ("promises exec wpath\nunveil rwx /srv/x\n", "run-written"),
    ("promises prot_exec\n", "make-code"),
    ("promises proc\n", "processes"),
    ("promises ps\n", "see-processes"),
    ("promises fattr\n", "owners"),
    ("promises id\n", "users"),
    ("promises settime\n", "clock"),
    ("promises audio\n", "devices"),
    ("promises tty\n", "terminal"),
    ("promises recvfd\n", "descriptors"),
    ("caps dac_override\n", "caps"),
    ("allow set_mempolicy\n", "allow"),
]
# Each of the first is narrower than the second.
PAIRS = [
    ("promises stdio\n", "promises stdio rpath\nunveil r /etc\n"),
    (BASE, BASE + "unveil r /\n"),
    (BASE + "promises inet\nconnect 443\n", BASE + "promises inet\n"),
    (BASE + "promises inet\ndeny socket\n", BASE + "promises inet\n"),
    (BASE + "promises inet unix\ndeny socket arg0 == AF_UNIX\n",
     BASE + "promises inet unix\n"),
    (BASE + "promises exec\ndeny execve\n", BASE + "promises exec\n"),
    (BASE + "limit files 9\n", BASE),
    (BASE + "limit files 9\nlimit memory 9M\n", BASE + "limit files 9\n"),
    (BASE, BASE + "unveil off\n"),
    (BASE, BASE + "allow mbind\n"),
    (BASE, BASE + "caps dac_override\n"),
    (BASE + "promises wpath\nunveil w /srv/x\n",
     BASE + "promises wpath\nunveil w /srv\n"),
    (BASE + "promises wpath\nunveil w /srv/x\n",
     BASE + "promises wpath\nunveil w /usr/x\n"),
    (BASE + "promises wpath exec\nunveil rw /srv/x\n",
     BASE + "promises wpath exec\nunveil rwx /srv/x\n"),
    (BASE + "promises proc\ndeny clone\n", BASE + "promises proc\n"),
    (BASE + "promises fattr\ndeny fchmodat\ndeny fchownat\n",
     BASE + "promises fattr\n"),
    (BASE + "promises prot_exec\ndeny mmap arg2 & PROT_EXEC == PROT_EXEC\n",
     BASE + "promises prot_exec\n"),
    (BASE + "unveil r @HOME/public\n", BASE + "unveil r @HOME/.ssh/id\n"),
    (BASE, BASE + "promises settime id\n"),
    (BASE + "promises stdio\n", f"promises {ALL}\nunveil off\n"),
]
# A line behind BASE; its kind; what is said.
LINTS = [
    ("promises rpath", "no effect", "rpath: line 1 promises it"),
    ("promises tape", "no effect", "nothing on Linux"),
    ("unveil w /etc/hostname2", "no effect", "as wpath would"),
    ("unveil x /usr", "no effect", "as exec would"),
    ("deny ptrace", "no effect", "no promise grants ptrace"),
    ("let A /x", "no effect", "nothing names @A"),
    ("unveil off", "wide", "not restricted"),
    ("unveil r @HOME", "wide", "keys are read"),
    ("promises inet", "wide", "every TCP port"),
    ("allow mbind", "wide", "no promise has it"),
    ("caps dac_override", "wide", "owners and modes"),
    ("unveil r /no/such/file", "missing", "/no/such/file"),
]
# Several lines; what is said, and of which line.
LINTS_OF_MORE = [
    ("limit files 3\nlimit files 4", 4, "line 3 has none"),
    ("violation kill\nviolation errno EPERM", 4, "line 3 has none"),
    ("unveil r /etc\nunveil r /etc/passwd", 4, "/etc is unveiled"),
    ("allow mbind\ndeny mbind", 3, "mbind is denied"),
    ("promises inet\nconnect 80 80", 4, "80 was named"),
    ("promises wpath\nunveil w /etc", 4, "all below /etc can be changed"),
    ("promises wpath exec\nunveil wx /etc/hosts", 4, "run what it wrote"),
]
FINE = ["", "unveil r -/no/such/file", "deny getppid", "limit files 3",
        "let A /etc/passwd\nunveil r @A", "promises inet\nconnect 443",
        "promises -rpath\npromises rpath", "unveil r /etc/host*"]


def score(*words):
    result = h.run([h.TOOL, "score", "--json", *words])
    h.ok(result.status in (0, 1), f"score {' '.join(words[:2])}", result)
    return json.loads(result.out)


def shares(found):
    return {row["name"]: row["percent"] for row in found["rows"]}


def check_rows(here):
    path = h.write(os.path.join(here, "base.policy"), BASE)
    base = shares(score(path))
    reached = set()
    for text, name in MORE:
        h.write(path, BASE + text)
        found = shares(score(path))
        more = {row for row in found if found[row] > base[row]}
        h.ok(name in more if name else not more, f"{text.strip()}: {name}",
             more)
        reached |= more
    h.equal(sorted(set(base) - reached - {"limits"}), [],
            "every row can be reached")
    h.equal(score("-p", "stdio", "-V")["exposure"], 0.2 if base["limits"] < 100
            else 0.1, "stdio alone leaves nothing but unlimited time")


def check_pairs(here):
    names = [os.path.join(here, name) for name in ("one.policy", "two.policy")]
    for narrow, wide in PAIRS:
        for name, text in zip(names, (narrow, wide)):
            h.write(name, text)
        one, two = (score(name) for name in names)
        rows = [shares(found) for found in (one, two)]
        h.ok(one["exposure"] <= two["exposure"] and
             all(rows[0][row] <= rows[1][row] for row in rows[0]) and
             rows[0] != rows[1], f"{narrow!r} is below {wide!r}", rows)
        result = h.run([h.TOOL, "diff", *names])
        h.ok(result.status == 1 and (
            result.out.startswith("the second is wider") or
            result.out.startswith("each grants")), "diff agrees", result)


def check_answers(here):
    for name in sorted(os.listdir(os.path.join(h.ROOT, "profiles"))):
        path = os.path.join(h.ROOT, "profiles", name)
        found = score(path)
        h.ok(0 <= found["exposure"] < 4 and found["level"] in
             ("tight", "narrow"), f"{name}: {found['exposure']}", found)
        result = h.run([h.TOOL, "check", "--static", "--json", path])
        kinds = {f["kind"] for f in json.loads(result.out)["findings"]}
        h.ok("no effect" not in kinds and result.status == bool(kinds),
             f"{name}: no line in vain", result)
    path = h.write(os.path.join(here, "max.policy"), BASE + "promises inet\n")
    most = score(path)["exposure"]
    for limit, status in ((most, 0), (round(most - 0.1, 1), 1), (10, 0),
                          (0, 1)):
        result = h.run([h.TOOL, "score", "--max", str(limit), path])
        h.ok(result.status == status and
             result.out.startswith(f"exposure {most} of 10: "),
             f"--max {limit}: {status}", result)
    made = ["-p", "stdio rpath inet", "-v", "/etc/hostname"]
    h.equal(score(*made), score(path), "the same of options")
    h.ok(score("-p", ALL, "-V")["exposure"] > 8, "nearly everything is open")
    for words in (["--max", "x", path], ["--max", "11", path], [],
                  [path, path], [path + ".none"], ["-p", "nonsense"]):
        result = h.run([h.TOOL, "score", *words])
        h.ok(result.status == 2 and result.err and not result.out,
             f"refused: {words[:2]}", result)


def check_lint(here):
    path = os.path.join(here, "lint.policy")
    cases = [(line, 3, said) for line, _, said in LINTS] + LINTS_OF_MORE
    kinds = {line: kind for line, kind, _ in LINTS}
    for text, line, said in cases:
        h.write(path, f"{BASE}{text}\n")
        result = h.run([h.TOOL, "check", "--static", path])
        h.ok(result.status == 1 and any(
            at.startswith(f"{path}:{line}: {kinds.get(text, '')}") and
            said in at for at in result.out.splitlines()),
            f"{text!r}: {said}", result)
        as_json = h.run([h.TOOL, "check", "--static", "--json", path])
        found = json.loads(as_json.out)
        h.equal([f"{path}:{f['line']}: {f['kind']}: {f['text']}"
                 for f in found["findings"]], result.out.splitlines(),
                "the same in JSON")
    for text in FINE:
        h.write(path, f"{BASE}{text}\n")
        result = h.run([h.TOOL, "check", "--static", path])
        h.ok(result.status == 0 and not result.out, f"fine: {text!r}", result)
    h.write(path, "promises stdio\n" + "".join(
        f"unveil r /usr/{i}\n" for i in range(50000)))
    for words in (["check", "--static"], ["score"], ["run", "--dry-run",
                                                     "-i"]):
        result = h.run([h.TOOL, *words, path])
        h.ok(result.status in (2, 125) and
             ":4098:10: more than 4096 paths" in result.err,
             f"{words[0]}: more paths than anybody means", result)
    h.write(path, "unveil q /\n")
    for words in ([path], [], [path, path], [path + ".none"], ["/bin/true"],
                  ["no-such-profile"]):
        result = h.run([h.TOOL, "check", "--static", *words])
        h.ok(result.status == 2 and result.err.count("\n") == 1,
             f"refused: {len(words)} {words[-1:]}", result)


def main():
    with h.scratch() as here:
        check_rows(here)
        check_pairs(here)
        check_answers(here)
        check_lint(here)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
