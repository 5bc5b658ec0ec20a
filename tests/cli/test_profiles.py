#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The profiles that come with the programs: listed, included by name, each
tried with its program by a row of test_programs*.  And policy files that older
versions wrote: each is read as it was meant then."""
import json
import os
import re
import shutil
import sys

import harness as h

# Each holds every statement of its version; beside it what --save makes of it.
POLICIES = os.path.join(h.ROOT, "tests", "cli", "policies")
ROWS = os.path.join(h.ROOT, "tests", "cli")


def shipped():
    """Their names."""
    folder = os.path.dirname(h.profile_file("cat"))
    return sorted(name.removesuffix(".policy") for name in os.listdir(folder))


def environment(folder):
    """Where profiles are found by name."""
    if h.INSTALLED:
        return h.environment()
    place = os.path.join(folder, "seccomp-pledge", "profiles")
    if not os.path.exists(place):
        shutil.copytree(os.path.dirname(h.profile_file("cat")), place)
    return h.environment(XDG_CONFIG_HOME=folder)


def check_list(env):
    names = shipped()
    h.ok(len(names) >= 30, f"{len(names)} profiles")
    rows = json.loads(h.run([h.TOOL, "profiles", "--json"], env=env).out)
    h.equal(sorted(row["name"] for row in rows), names, "all are listed")
    lines = h.run([h.TOOL, "profiles"], env=env).out.splitlines()
    h.equal([line.split("  ")[0].strip() for line in lines],
            [row["name"] for row in rows], "in lines as in JSON")
    for row in rows:
        with open(h.profile_file(row["name"]), encoding="utf-8") as text:
            h.equal(text.readline(), f"# {row['text']}\n",
                    f"{row['name']}: begins with a sentence")


def said(text):
    """A policy without its comments, which --save keeps."""
    return "".join(line for line in text.splitlines(keepends=True)
                   if not line.startswith("#"))


def check_each(env):
    """Each is read, by name, and printed so that it reads back."""
    for name in shipped():
        dry = h.pledge(["-i", name, "--dry-run"], env=env)
        shown = h.run([h.TOOL, "profiles", name], env=env)
        saved = h.pledge(["-i", name, "--save", "-"], env=env)
        h.ok(dry.status == shown.status == 0 and not dry.err and
             shown.out == said(saved.out), f"-i {name}", f"{dry}\n{shown}\n{saved}")


def check_tried():
    tried = set()
    for name in sorted(os.listdir(ROWS)):
        if name.startswith("test_programs"):
            with open(os.path.join(ROWS, name), encoding="utf-8") as text:
                tried |= set(re.findall(r'profile="([\w-]+)"', text.read()))
    h.equal(sorted(tried), shipped(), "each is tried with its program")


def check_own():
    """What the user puts in front of them, whatever is written there."""
    with h.scratch() as folder:
        env = environment(folder)
        own = os.path.join(folder, "own")
        place = os.path.join(own, "seccomp-pledge", "profiles")
        os.makedirs(place)
        env = {**env, "XDG_CONFIG_HOME": own}
        for name, text in (("cat.policy", "# mine\x1b[31m\npromises stdio\n"),
                           ("bare", "promises stdio\n"),
                           (".hidden.policy", "promises stdio\n"),
                           ("old.policy~", "promises stdio\n")):
            h.write(os.path.join(place, name), text)
        result = h.run([h.TOOL, "profiles"], env=env)
        h.equal(result.out.splitlines()[:2],
                ["bare          ", "cat           mine\\033[31m"],
                "the user's own come first, and do nothing to a terminal")
        h.ok(not re.search("hidden|old", result.out) and
             len(re.findall(r"^cat ", result.out, re.M)) == 1,
             "neither hidden files nor a name twice", result)
        result = h.pledge(["-i", "cat", "--save", "-"], env=env)
        h.equal(result.out, "# mine?[31m\npromises stdio\n",
                "and are the ones included, with what they say of themselves")
        result = h.pledge("-i baer", "/bin/true", env=env)
        h.ok(result.status == 125 and 'did you mean "bare"?' in result.err,
             "a name that nearly is one", result)


def check_none():
    """Where there are none, it is said where they would be."""
    with h.scratch() as folder:
        result = h.run([h.TOOL, "profiles"],
                       env={**os.environ, "HOME": folder,
                            "XDG_CONFIG_HOME": f"{folder}/own"})
        if result.out:
            h.skip("no profiles", "they are installed here")
            return
        h.ok(result.status == 0 and f"{folder}/own/seccomp" in result.err and
             "make install" in result.err, "no profiles: where they would be",
             result)


def check_old():
    """A file of each version: nothing that it says is lost or refused."""
    words = set()
    for name in sorted(os.listdir(POLICIES)):
        if not name.endswith(".policy"):
            continue
        path = os.path.join(POLICIES, name)
        result = h.pledge(["-i", path, "--save", "-"])
        with open(path.removesuffix("policy") + "saved",
                  encoding="utf-8") as text:
            h.equal((result.status,
                     said(result.out).replace(POLICIES, "@HERE")),
                    (0, text.read()), f"{name} means what it meant")
        with open(path, encoding="utf-8") as lines:
            words |= {line.split()[0] for line in lines
                     if line.strip() and not line.startswith("#")}
    source = os.path.join(h.ROOT, "src", "policy", "file.c")
    with open(source, encoding="utf-8") as text:
        known = set(re.findall(r'^\t\{ "(\w+)", \d, ', text.read(), re.M))
    known.discard("program")  # always refused, to say what does it instead
    h.ok(known and known <= words, "every statement is in one of them",
         f"{known - words}: add a file of the version that knows it")


def main():
    with h.scratch() as folder:
        env = environment(folder)
        check_list(env)
        check_each(env)
    check_tried()
    check_own()
    check_none()
    check_old()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
