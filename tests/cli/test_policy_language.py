#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What policy files say beyond one statement: includes, variables, patterns,
calls that are allowed or denied by themselves; and what each refuses."""
import os
import sys

import harness as h

TOOL = h.TOOL
BASE = "promises stdio rpath exec\nunveil rx /usr\nunveil r -/etc\n"
# What promises grant in part, and no policy more of.  Calls that no promise has
# and that undo a wall are rows of tests/escape/rows.
PROMISED = "clone ioctl prctl mmap mprotect personality fcntl kill socket"


def make(path):
    os.makedirs(path)
    return path


def run(path, *command, program=TOOL):
    words = [program, "run"] if program == TOOL else [program]
    return h.run([*words, "-i", path, "--", *command])


def dry(path, *words):
    return h.run([TOOL, "run", "-i", path, "--dry-run", *words])


def refused(name, path, text, *said):
    h.write(path, text)
    result = dry(path)
    h.ok(result.status == 125 and all(part in result.err for part in said),
         f"refused: {name}", result)


def python(code):
    return [h.PYTHON, "-Sc", code]


def includes(here):
    path = h.write(os.path.join(here, "top.policy"),
                   "include base.policy\ninclude ./sub/more.policy\n")
    os.mkdir(os.path.join(here, "sub"))
    h.write(os.path.join(here, "base.policy"), BASE)
    more = h.write(os.path.join(here, "sub", "more.policy"),
                   "include ../base.policy\nunveil r @HERE/own\n")
    own = h.write(os.path.join(here, "sub", "own"), "own\n")
    result = run(path, "cat", own)
    h.ok(result.status == 0 and result.out == "own\n",
         "included, twice and beside the file", result)
    h.ok(run(os.path.join(here, "base.policy"), "cat", own).status != 0,
         "which was not granted without", own)
    h.write(more, "include ../top.policy\n")
    result = dry(path)
    h.ok(result.status == 125 and "more.policy:1:9: " in result.err and
         "includes itself, through others" in result.err, "a cycle", result)
    refused("itself", path, "include top.policy\n", "includes itself\n")
    refused("what is not there", path, "include none.policy\n",
            "top.policy:1:9: ", "none.policy")
    refused("a profile that is none", path, "include no-such-profile\n",
            "top.policy:1:9: ", "no profile is called")
    refused("a fault inside", path, "include sub/more.policy\n",
            "includes itself")
    h.write(more, "unveil q /\n")
    refused("a fault of what is included", path,
            "include sub/more.policy\n", "sub/more.policy:1:8: ")


def variables(here):
    path = os.path.join(here, "let.policy")
    data = os.path.join(here, "data dir")
    os.mkdir(data)
    file = h.write(os.path.join(data, "file"), "data\n")
    h.write(path, BASE + f'let DATA "{data}"\nlet FILES @DATA\n'
            "unveil r @FILES/file\n")
    result = run(path, "cat", file)
    h.ok(result.status == 0 and result.out == "data\n", "let", result)
    h.ok(f'"{data}/file"' in dry(path).out, "and --dry-run says what it is")
    refused("another value", path, "let A /x\nlet A /y\n", ":2:5: ",
            "A is /x already")
    refused("a name of ours", path, "let HOME /x\n", "has a meaning")
    refused("a name in small letters", path, "let data /x\n", "capital")
    refused("a value that is no path", path, "let A x\n", "absolute")
    refused("what nobody set", path, "unveil r @NONE/x\n", "@NONE/x", "let")
    h.write(path, BASE + "unveil r @XDG_CONFIG_HOME/x\n"
            "unveil r @XDG_CACHE_HOME/x\nunveil r -@XDG_RUNTIME_DIR/x\n")
    home = os.path.join(here, "home")
    for folder in (".config", ".cache"):
        h.write(os.path.join(make(os.path.join(home, folder)), "x"), "x\n")
    words = [TOOL, "run", "-i", path, "--", "cat",
             home + "/.config/x", home + "/.cache/x"]
    clean = ["env", "-u", "XDG_CONFIG_HOME", "-u", "XDG_CACHE_HOME", "-u",
             "XDG_RUNTIME_DIR", "HOME=" + home]
    result = h.run([*clean, *words])
    h.ok(result.out == "x\nx\n", "@XDG_... below the home", result)
    result = h.run([*clean, "XDG_CONFIG_HOME=" + data, *words])
    h.ok(result.status != 0 and "x\n" not in result.out,
         "or where the variable says", result)


def patterns(here):
    path = os.path.join(here, "glob.policy")
    folder = make(os.path.join(here, "globs", "a*"))
    for name in ("1.conf", "2.conf", "3.txt", ".4.conf"):
        h.write(os.path.join(folder, name), name + "\n")
    h.write(path, BASE + f"unveil r {here}/globs/?*/*.conf\n")
    for name, status in (("1.conf", 0), ("2.conf", 0), ("3.txt", 1),
                         (".4.conf", 1)):
        for program in (TOOL, h.PLEDGE):
            result = run(path, "cat", os.path.join(folder, name),
                         program=program)
            h.ok(result.status == status,
                 f"{os.path.basename(program)}: *.conf and {name}", result)
    result = dry(path)
    h.ok("matches 2 paths now" in result.out and
         f"unveil   r    {here}/globs/?*/*.conf\n" in result.out,
         "--dry-run says how many", result)
    again = h.write(path + ".again", result.out)
    h.ok(dry(again).out == result.out, "and reads back equal")
    h.write(path, BASE + f'unveil r "{folder}"\n')
    h.ok(run(path, "cat", folder + "/3.txt").status == 0 and
         f'"{folder}"' in dry(path).out, "in quotes it is a name")
    h.write(path, BASE + f"unveil r {here}/globs/none*\n")
    result = run(path, "true")
    h.ok(result.status == 0 and "nothing matches now" in result.err,
         "nothing matches", result)
    mine = os.path.join(here, "globs", str(os.getuid()))
    h.write(mine, "mine\n")
    h.write(path, BASE + f"unveil r {here}/globs/@UID\n")
    h.ok(run(path, "cat", mine).out == "mine\n", "@UID")


MACHINE = ("import ctypes, os\nc = ctypes.CDLL(None, use_errno=True)\n"
           "x86 = 'x86' in os.uname().machine\n")
# set_mempolicy(2), which no promise grants, back to what is usual.
MEMPOLICY = (MACHINE + "c.syscall(ctypes.c_long(238 if x86 else 237), 0, 0, "
             "0)\nprint(ctypes.get_errno())")
PRIORITY = (MACHINE + "for i in 0, 1, 1 << 32:\n"
            "  ctypes.set_errno(0)\n"
            "  c.syscall(ctypes.c_long(140 if x86 else 141), "
            "ctypes.c_long(i), 0)\n"
            "  print(ctypes.get_errno())")


def calls(here):
    path = os.path.join(here, "calls.policy")
    base = "promises stdio rpath exec prot_exec\nunveil off\n"

    def says(lines, code, expected, what):
        h.write(path, base + lines)
        result = run(path, *python(code))
        h.ok(result.out.split() == expected.split(), what, result)
        return result
    free = h.run(python(MEMPOLICY)).out.strip()
    says("", MEMPOLICY, "1", "set_mempolicy is not granted")
    result = says("allow set_mempolicy\n", MEMPOLICY, free, "allow set_mempolicy")
    h.ok("calls.policy:3: set_mempolicy is allowed whatever" in result.err,
         "and it is said", result)
    says("allow set_mempolicy arg0 == 0\n", MEMPOLICY, free, "with an argument")
    says("allow set_mempolicy arg0 == 3\n", MEMPOLICY, "1", "with another")
    says("", PRIORITY, "0 0 0", "getpriority is granted")
    says("deny getpriority\n", PRIORITY, "1 1 1", "deny getpriority")
    says("deny getpriority arg0 == 0\n", PRIORITY, "1 0 1",
         "of an argument as the kernel reads it: 32 bits")
    says("deny getpriority arg0 & 1 == 1\n", PRIORITY, "0 1 0",
         "under a mask")
    says("allow set_mempolicy\ndeny set_mempolicy\n", MEMPOLICY, "1", "deny outweighs allow")
    says("deny getpriority\nviolation errno ENOSYS\n", PRIORITY,
         "38 38 38", "as the policy refuses")
    result = dry(path, "--", "true")
    h.ok("deny     getpriority\n" in result.out, "it is written", result)
    h.write(path, base + "deny getpriority arg0 == 0\n")
    result = h.run([TOOL, "run", "-e", "-i", path, "--", *python(PRIORITY)])
    h.ok("getpriority" in result.err and "calls.policy:3" in result.err,
         "-e names the line", result)
    for call in PROMISED.split():
        refused(f"allow {call}", path, base + f"allow {call}\n", ":3:7: ",
                "cannot be allowed by itself")
    refused("a call that is none", path, "deny opn\n", 'did you mean "open"')
    refused("an argument that is none", path, "deny read arg6 == 1\n",
            ":1:11: ", "arg0 to arg5")
    refused("an operator that is none", path, "deny read arg0 = 1\n", "==")
    refused("a value that is none", path, "deny read arg0 == NO_SUCH\n",
            "NO_SUCH")
    refused("value bits outside the mask", path,
            "deny read arg0 & 1 == 2\n", "bits that the mask has not")
    refused("a program of its own", path, "program /bin/ls {\n",
            "pledge -i FILE -- /bin/ls")


def rewritten(here):
    path = os.path.join(here, "learned.policy")
    for line in ("include x.policy", "let A /x"):
        h.write(os.path.join(here, "x.policy"), BASE)
        text = f"{line}\npromises stdio\n"
        h.write(path, text)
        result = h.run([TOOL, "learn", "--merge", path, "-o", path])
        with open(path, encoding="ascii") as file:
            h.ok(result.status == 125 and "include that one" in result.err and
                 file.read() == text, f"learn does not lose: {line}", result)


def ceilings(here):
    """What --within denies stays denied in what is learned under it; what is
    merged allows no more than the ceiling."""
    top = os.path.join(here, "ceiling.policy")
    path = os.path.join(here, "under.policy")
    base = "promises stdio rpath exec\nunveil rx /usr\nunveil r /etc\n"
    learn = [TOOL, "learn", "--within", top, "-o", path]
    for line, status in (("", 0), ("deny getpriority\n", 125)):
        h.write(top, base + line)
        h.run([*learn, "--", "nice"])
        with open(path, encoding="utf-8") as file:
            learned = file.read()
        h.ok(("deny     getpriority\n" in learned) == bool(status),
             f"learned within: {line.strip()}", learned)
        result = run(path, "nice")
        h.ok(result.status == status, "and the policy alone says the same",
             result)
    before = os.path.join(here, "before.policy")
    for allowed, wanted, fits in (
            ("", "allow set_mempolicy", False),
            ("allow set_mempolicy arg0 == 0\n", "allow set_mempolicy", False),
            ("allow set_mempolicy\n", "allow set_mempolicy arg0 == 0", True)):
        h.write(top, base + allowed)
        h.write(before, f"promises stdio\n{wanted}\n")
        result = h.run([*learn, "--merge", before, "--", "true"])
        h.ok((result.status == 0) == fits, f"merged within {allowed.strip()!r}",
             result)
        h.ok(fits or (result.status == 125 and "before.policy:2: the ceiling "
                      "does not allow the call set_mempolicy" in result.err),
             "and what exceeds is named", result)


COMMENTED = """# Who wrote it, and for what.
# A second line.

# What every program needs.
promises stdio   # next to it
# The first of two words, learned together.
promises rpath exec
unveil rx /usr
# Below the home.
unveil r -/etc   # all of it
# By hand.
limit files 64
deny getpgid  # nobody asks
violation errno EPERM
# The end.
"""
COMMENTS = ("Who wrote it", "A second line", "What every program", "next to it",
            "The first of two", "Below the home", "all of it", "By hand",
            "nobody asks", "The end")


def comments(here):
    """Whatever writes a policy again keeps its comments, each once, and
    where they were."""
    path = os.path.join(here, "commented.policy")
    ways = {
        "learn --merge": [TOOL, "learn", "--merge", path, "-o", path],
        "learn --merge, and a command": [TOOL, "learn", "--merge", path, "-o",
                                         path, "--", "true"],
        "learn --tighten": [TOOL, "learn", "--tighten", path, "-o", path, "--",
                            "true"],
        "run --save": [TOOL, "run", "-i", path, "--save", path],
        "pledge --save": [h.PLEDGE, "-i", path, "--save", path],
    }
    for name, command in ways.items():
        h.write(path, COMMENTED)
        texts = []
        for _ in range(2):
            result = h.run(command)
            with open(path, encoding="utf-8") as file:
                texts.append(file.read())
        h.ok(result.status == 0 and all(text.count(c) == 1 for text in texts
                                        for c in COMMENTS),
             f"{name}: every comment once, however often", texts[-1])
        if "--tighten" in command:  # of which less is left
            continue
        lines = texts[1].splitlines()
        h.ok("\n".join(lines).find("Who wrote") < texts[1].find("promises") and
             lines[-1] == "# The end." and
             lines[lines.index("# By hand.") + 1].startswith("limit") and
             any(line.startswith("deny") and line.endswith("# nobody asks")
                 for line in lines), f"{name}: where they were", texts[1])
        h.equal(texts[0].count("\n"), texts[1].count("\n"),
                f"{name}: and nothing else comes with them")


def main():
    with h.scratch() as here:
        includes(here)
        variables(here)
        patterns(here)
        calls(here)
        rewritten(here)
        ceilings(here)
        comments(here)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
