#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Filters as others write them: each construct is read as its own tools do, or
refused in one sentence that names it."""
import json
import os
import sys

import harness as h

TOOL = h.TOOL
READ = {"names": ["read"], "action": "SCMP_ACT_ALLOW"}


def profile(*rules, **more):
    return {"defaultAction": "SCMP_ACT_ERRNO", **more, "syscalls": rules}


def tried(path, call, *words):
    """The answer to a call, and all that was said."""
    result = h.run([TOOL, "filter", "try", path, *call.split()], *words)
    return result.out.split("\n", 1)[0], result


def answers(name, path, rows):
    for call, expected in rows:
        answer, result = tried(path, call)
        h.ok(answer.startswith(expected), f"{name}: {call}: {expected}",
             result)


def refused(name, path, *texts):
    result = h.run([TOOL, "filter", "show", path])
    lines = result.err.strip().split("\n")
    h.ok(result.status == 2 and len(lines) == 1 and
         all(text in lines[0] for text in texts), f"refused: {name}", result)


# What the runtimes read, and a strict reader would not.
OCI_READ = [
    ("other keys", {"_comment": "x", "name": "mine", "description": "y",
                    **profile({**READ, "_comment": "z", "id": 3})},
     [("read", "allow"), ("write", "errno 1")],
     ['ignored, as the runtimes do', "_comment", "description", "id"]),
    ("other letters", {"DefaultAction": "SCMP_ACT_ERRNO", "Syscalls": [
        {"Names": ["read"], "Action": "SCMP_ACT_ALLOW"}]},
     [("read", "allow"), ("write", "errno 1")], []),
    ("a default errno that is not taken", profile(
        {"names": ["read"], "action": "SCMP_ACT_ERRNO"},
        defaultAction="SCMP_ACT_ALLOW", defaultErrnoRet=1),
     [("read", "errno 1"), ("write", "allow")],
     ["SCMP_ACT_ALLOW takes no errno", "ignored"]),
    ("an errno that is not taken", profile({**READ, "errnoRet": 1}),
     [("read", "allow")], ["SCMP_ACT_ALLOW takes no errno"]),
    ("the largest errno", profile(
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4094}),
     [("read", "errno 4094")], []),
    ("without arguments, behind", profile(
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9,
         "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}, READ),
     [("read 1", "allow"), ("read 2", "allow")], ["without arguments"]),
    ("without arguments, before", profile(
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9},
        {**READ, "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}),
     [("read 1", "errno 9"), ("read 2", "errno 9")], ["without arguments"]),
    ("twice without arguments", profile(
        READ, {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9}),
     [("read", "allow")], ["the first one counts"]),
    ("both with arguments", profile(
        {**READ, "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9,
         "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}]}),
     [("read 1 0", "allow"), ("read 1 1", "errno 9")],
     ["the stricter one counts"]),
    ("a container's whole file", {"ociVersion": "1", "linux": {
        "seccomp": profile(READ)}}, [("read", "allow")], []),
    ("a Kubernetes object", {"apiVersion": "x/v1", "kind": "SeccompProfile",
                             "spec": profile(READ)}, [("read", "allow")], []),
]

OCI_REFUSED = [
    ("a default that is a number", {**profile(READ), "defaultAction": 1},
     ["expected an action", "not 1"]),
    ("no default", {"syscalls": [READ]}, ['"defaultAction" is missing']),
    ("no default and no rules", {"syscalls": []},
     ['"defaultAction" is missing']),
    ("an errno too large", profile(
        {"names": ["read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4095}),
     ["4094", "4095"]),
    ("a default errno too large", profile(defaultErrnoRet=12345),
     ["4094", "12345"]),
    ("a key misspelt that matters", profile(
        {**READ, "arg": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]}),
     ['unknown field "arg"', 'did you mean "args"']),
    ("a condition misspelt", profile({**READ, "include": {"caps": ["X"]}}),
     ['did you mean "includes"']),
    ("a key twice, in other letters", {**profile(READ), "Syscalls": []},
     ["stands twice"]),
    ("an addition to another profile", {"spec": profile(
        READ, baseProfileName="base")}, ["addition to another one"]),
]


def containers(here):
    path = os.path.join(here, "profile.json")
    for name, content, rows, said in OCI_READ:
        h.write(path, json.dumps(content))
        answers(name, path, rows)
        result = h.run([TOOL, "filter", "show", path])
        h.ok(all(text in result.err for text in said) and
             (said or not result.err), f"{name}: what is said", result)
    for name, content, said in OCI_REFUSED:
        h.write(path, json.dumps(content))
        refused(name, path, path, *said)


# Each as minijail's compilers read it.
MINIJAIL_READ = [
    ("several lines for a call", "ioctl: arg1 == 5\nread: 1\nioctl: arg1 == 6",
     [("ioctl 0 5", "allow"), ("ioctl 0 6", "allow"),
      ("ioctl 0 7", "kill_process"), ("read", "allow")]),
    ("the last of them for the rest", "ioctl: arg1 == 5\nioctl: return 7",
     [("ioctl 0 5", "allow"), ("ioctl 0 6", "errno 7")]),
    ("an errno for the rest", "ioctl: arg1 == 5; return EPERM",
     [("ioctl 0 5", "allow"), ("ioctl 0 6", "errno 1")]),
    ("an action for what matches", "ioctl: arg1 == 5; kill-thread\n"
     "ioctl: 1", [("ioctl 0 5", "kill_thread"), ("ioctl 0 6", "allow")]),
    ("filters in braces", "ioctl: { arg1 == 5, arg1 == 6; return 7, allow }",
     [("ioctl 0 5", "allow"), ("ioctl 0 6", "errno 7"),
      ("ioctl 0 8", "allow")]),
    ("lines that go on", "ioctl: arg1 == 5 || \\\r\n\targ1 == 6\nread: 1",
     [("ioctl 0 6", "allow"), ("read", "allow"), ("close", "kill")]),
    ("a comment that goes on", "read: 1\n# not \\\nwrite: 1\nclose: 1",
     [("read", "allow"), ("write", "kill"), ("close", "allow")]),
    ("other architectures", "{ read, write[arch=mips] }: 1\n"
     "close[arch=x86_64,arm64,riscv64]: 1",
     [("read", "allow"), ("write", "kill"), ("close", "allow")]),
    ("a number below zero", "openat: arg0 == -100",
     [("openat -100", "allow"), ("openat 3", "kill")]),
    ("what is frequent", "@frequency ./none.txt\nread: 1",
     [("read", "allow")]),
]

MINIJAIL_REFUSED = [
    ("no more behind all", "read: 1\nread: arg0 == 1", [":2:", "all of it"]),
    ("a group of calls", "io@libc: 1", ["group of calls"]),
    ("negated comparisons", "read: !(arg0 == 1)", ['"!"']),
    ("a file that is not there", "@include ./none.policy",
     [":1:", "no such file"]),
    ("the file itself", "@include ./jail.policy", ["includes itself"]),
    ("a fault of what is included", "@include ./wrong.policy",
     ["wrong.policy:2:", "expected"]),
]


def minijail(here):
    path = os.path.join(here, "jail.policy")
    for name, text, rows in MINIJAIL_READ:
        h.write(path, text + "\n")
        answers(name, path, rows)
    h.write(os.path.join(here, "wrong.policy"), "read: 1\nwrite: argh == 1\n")
    for name, text, said in MINIJAIL_REFUSED:
        h.write(path, text + "\n")
        refused(name, path, *said)
    part = h.write(os.path.join(here, "part.policy"), "read: 1\nopn: 1\n")
    for word in ("./part.policy", part, "/no/such/part.policy"):
        h.write(path, f"write: 1\n@include {word}\nclose: 1\n")
        result = h.run([TOOL, "filter", "check", path])
        h.ok(result.status == 1 and 'part.policy:2:1: ' in result.out and
             '"opn"' in result.out, f"@include {word}", result)
    h.write(part, "read: 1\n")
    answers("@include", path,
            [("read", "allow"), ("write", "allow"), ("close", "allow")])
    h.write(path, "@include ./part.policy\n")
    h.write(part, "@include ./jail.policy\n")
    refused("a cycle", path, "part.policy:1:", "includes itself")


REFUSED = [
    ("YAML", "apiVersion: v1\nkind: SeccompProfile\n", ["YAML", "JSON"]),
    ("YAML of a profile", "# mine\ndefaultAction: SCMP_ACT_ALLOW\n",
     ["YAML", "JSON"]),
    ("YAML, marked", "---\nspec: {}\n", ["YAML"]),
    ("kafel", "POLICY a {\n ALLOW { read }\n}\nUSE a DEFAULT KILL\n",
     ["kafel"]),
    ("kafel's rules alone", "// mine\nERRNO(1) {\n  read\n}\nDEFAULT ALLOW\n",
     ["kafel"]),
    ("kafel with constants", "#define X 1\nALLOW { read }\n", ["kafel"]),
]


def colons(here):
    """A name with a colon in it is tried whole first."""
    text = json.dumps({"m": {"mismatch_action": "allow",
                             "match_action": {"errno": 1},
                             "filter": [{"syscall": "swapon"}]}})
    path = h.write(os.path.join(here, "c:m.json"), text)
    h.write(os.path.join(here, "d.json"), text)
    both = os.path.join(here, "d.json:m")
    for name in (path, path + ":m", path + ":", both):
        answer, result = tried(name, "swapon")
        h.ok(answer == "errno 1 (EPERM)", f"filter try {name[len(here):]}",
             result)
        result = h.run([TOOL, "run", "-p", "stdio exec rpath", "-V", "-q",
                        "-f", name, "--", "true"])
        h.ok(result.status == 0, f"-f {name[len(here):]}", result)
    policy = h.write(os.path.join(here, "colon.policy"),
                     "promises stdio exec rpath\nunveil off\n"
                     "filter c:m.json\n")
    result = h.run([TOOL, "run", "-i", policy, "--dry-run", "--", "true"])
    h.ok(result.status == 0 and f"{path}:\n" in result.out,
         "a policy's filter, beside it", result)
    h.write(both, "{}")
    _, result = tried(both, "swapon")
    h.ok(result.status == 2 and "there is no filter" in result.err,
         "the whole name before the one in a file", result)


MANY = ("stdio rpath wpath cpath dpath inet mcast unix dns netlink route "
        "wroute fattr chown sendfd recvfd tty proc exec id audio video drm")


def exported(here):
    """What minijail's compiler in C takes: no action but a return behind
    comparisons, and no call that its build host's headers may lack."""
    path = os.path.join(here, "exported.policy")
    for promises in ("stdio", "stdio rpath", "stdio rpath inet exec proc"):
        result = h.run([TOOL, "export", "--lossy", "--to", "minijail", "-p",
                        promises, "-o", path])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        behind = [line for line in text.split("\n") if ";" in line and
                  not line.split(";")[1].startswith(" return ")]
        names = [line.split(":")[0] for line in text.split("\n")]
        h.ok(result.status == 0 and not behind and "read" in names and
             not {"mseal", "fchmodat2", "cachestat"} & set(names),
             f"export of {promises}", (result, behind))
    for promises, warned in (("stdio rpath", False), (MANY, True)):
        result = h.run([TOOL, "export", "--lossy", "--to", "minijail", "-p",
                        promises])
        h.ok(result.status == 0 and
             ("as the kernel takes 4096" in result.err) == warned,
             "what minijail0 makes too many instructions of is told", result)
    parser = os.environ.get("TEST_MINIJAIL_PARSER")
    if not parser:
        h.skip("minijail's own parser reads it",
               "TEST_MINIJAIL_PARSER names no parse_seccomp_policy")
        return
    result = h.run([parser, path])
    h.ok(result.status == 0, "minijail's own parser reads it", result)


def main():
    with h.scratch() as here:
        containers(here)
        minijail(here)
        for name, text, said in REFUSED:
            path = h.write(os.path.join(here, "refused"), text)
            refused(name, path, *said)
        colons(here)
        exported(here)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
