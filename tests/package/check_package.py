#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What users get: the tarball, the Debian packages made of it, and the static
tool.  As root, some minutes.

    check_package.py BUILD"""
import contextlib
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

import fresh

tap = fresh.tap
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
BUSYBOX = "/bin/busybox"  # Debian's busybox-static


def said(done):
    return "\n".join(done.stdout.splitlines()[-15:])


def run(*argv, cwd=None, **how):
    done = subprocess.run(argv, cwd=cwd, check=False, text=True,
                          errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **how)
    return done


def must(what, *argv, cwd=None, **how):
    done = run(*argv, cwd=cwd, **how)
    if not tap.ok(done.returncode == 0, what):
        tap.note(f"exit status {done.returncode}\n{said(done)}")
    return done.stdout


def digest(path):
    with open(path, "rb") as data:
        return hashlib.sha256(data.read()).hexdigest()


# --- The tarball ---

def check_dist(folder):
    """Its path.  Two clones make the same bytes, in other directories and at
    other times."""
    digests = set()
    for name in ("one", "two"):
        clone = os.path.join(folder, "clone-" + name, name)
        must(f"git clone {name}", "git", "clone", "-q", fresh.ROOT, clone)
        must(f"make dist {name}", "make", "dist", cwd=clone)
        path, = glob.glob(os.path.join(clone, "build", "*.tar.gz"))
        digests.add(digest(path))
    tap.ok(len(digests) == 1, "both are the same bytes")
    listed = must("it can be listed", "tar", "-tf", path)
    inside = {name.partition("/")[2] for name in listed.splitlines()}
    tap.ok({"meson.build", "README.md", "LICENSE", "src/LAYERS"} <= inside,
           "the sources are in it")
    tap.ok(not any(re.match(r"\.git|debian/", name) for name in inside),
           "neither git's files nor the packaging are")
    return path, clone


def check_sources(tarball, folder):
    """Built and tried as whoever unpacks it would: no git, and not ours."""
    must("unpacked", "tar", "-xf", tarball, "-C", folder)
    top, = glob.glob(os.path.join(folder, "seccomp-pledge-*"))
    env = {**os.environ, "GIT_DIR": "/nonexistent"}
    must("make, without git", "make", cwd=top, env=env)
    must("tools/demo", "tools/demo", "build/pledge", cwd=top, env=env)
    return top


# --- The static tool ---

def check_static(top):
    """In an empty root: nothing but itself; then beside one busybox."""
    must("make static", "make", "static", cwd=top)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:
        tool = shutil.copy(os.path.join(
            top, "build", "seccomp-pledge-static"),
            os.path.join(root, "seccomp-pledge"))
        tap.ok("statically linked" in run("ldd", tool).stdout or
               "not a dynamic" in run("ldd", tool).stdout, "it is static")

        def inside(*argv):
            return run("chroot", root, *argv)

        tap.ok("rpath" in inside("/seccomp-pledge", "promises").stdout,
               "in an empty root: lists promises")
        tap.ok("landlock" in inside("/seccomp-pledge",
                                    "doctor").stdout.lower(),
               "... knows the kernel")
        shutil.copy(BUSYBOX, root)
        with open(os.path.join(root, "secret"), "w", encoding="utf-8") as out:
            out.write("secret\n")
        confined = ["/seccomp-pledge", "-p", "stdio rpath", "-v", "r:/busybox",
                    "--", "/busybox", "cat"]
        done = inside(*confined, "/secret")
        tap.ok(done.returncode == 1 and "denied" in done.stdout,
               "... confines busybox")
        confined[4] = "r:/secret"
        tap.ok(inside(*confined, "/secret").stdout == "secret\n",
               "... and lets it read what is unveiled")


# --- The packages ---

def build_packages(tarball, clone, folder):
    """dpkg-buildpackage of the tarball and the clone's debian/: where they
    are."""
    os.makedirs(folder)
    version = re.search(r"-([\d.]+)\.tar", tarball).group(1)
    shutil.copy(tarball, os.path.join(
        folder, f"seccomp-pledge_{version}.orig.tar.gz"))
    subprocess.run(["tar", "-xf", tarball, "-C", folder], check=True)
    top, = glob.glob(os.path.join(folder, "seccomp-pledge-*/"))
    shutil.copytree(os.path.join(clone, "debian"),
                    os.path.join(top, "debian"))
    must("dpkg-buildpackage", "dpkg-buildpackage", "-us", "-uc", cwd=top)
    return folder


def check_lintian(folder):
    changes, = glob.glob(os.path.join(folder, "*.changes"))
    must("lintian has no error, warning or information", "lintian",
         "--allow-root", "-EI", "--pedantic", "--fail-on",
         "error,warning,info", changes)
    overrides = glob.glob(os.path.join(
        fresh.ROOT, "debian", "**", "*lintian-overrides"), recursive=True)
    for path in overrides:
        with open(path, encoding="utf-8") as text:
            tap.ok(re.match(r"# \w", text.read()),
                   f"{os.path.relpath(path, fresh.ROOT)} gives its reasons")


def check_same(one, two):
    names = [os.path.basename(p) for p in
             sorted(glob.glob(os.path.join(one, "*.deb")))]
    tap.ok(len(names) >= 3, f"{len(names)} packages")
    differ = [name for name in names if digest(os.path.join(one, name)) !=
              digest(os.path.join(two, name))]
    tap.ok(not differ, "built elsewhere, each is the same bytes "
           + " ".join(differ))


def check_as_installed(machine):
    """debian/tests on that machine, which gets what they depend on."""
    if os.environ.get("QUICK"):
        tap.skip("autopkgtest", "QUICK=1")
        return
    machine.install("autopkgtest", "ca-certificates")
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", fresh.ROOT,
                    machine.path("/usr/src/seccomp-pledge")], check=True)
    # Its machine can be thrown away, which is all that they ask for.
    said_there = machine.must(
        "autopkgtest --ignore-restrictions=isolation-container "
        "--apt-upgrade --timeout-test=3600 --no-built-binaries "
        "/usr/src/packages/*.deb /usr/src/seccomp-pledge/ -- null",
        "autopkgtest")
    for suite in ("cli", "escape"):
        tap.ok(re.search(rf"^{suite} +PASS", said_there, re.M),
               f"autopkgtest: {suite}")
    for line in re.findall(r"^\d+ passed, .*$", said_there, re.M):
        tap.note(line)


def check_machine(folder, log):
    with fresh.machine(log) as machine:
        if machine is None:
            return
        os.mkdir(machine.path("/usr/src/packages"))
        for path in fresh.packages(folder):
            shutil.copy(path, machine.path("/usr/src/packages"))
        for _ in fresh.check_installed(machine, "/usr/src/packages"):
            pass
        check_as_installed(machine)


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root: a chroot")
        return 0
    log_path = os.path.join(BUILD, "check-package.log")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="package-", dir="/var/tmp"))
        log = stack.enter_context(open(log_path, "w", encoding="utf-8"))
        tarball, clone = check_dist(folder)
        check_static(check_sources(tarball, folder))
        one = build_packages(tarball, clone, os.path.join(folder, "one"))
        check_lintian(one)
        check_machine(one, log)
        two = build_packages(tarball, clone,
                             os.path.join(folder, "another", "place"))
        check_same(one, two)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
