#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""`make install` with DESTDIR: all that there is arrives, nothing else, and a
C program finds the library through pkg-config."""
import contextlib
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))
import harness as h  # noqa: E402

# Folder of the sources, pattern, where it goes below share: "{1}" is the
# pattern's group.
READ = [
    ("man", r"[\w-]+\.([1-8])", "man/man{1}"),
    ("profiles", r".+\.policy", "seccomp-pledge/profiles"),
    (".", r".+\.md", "doc/seccomp-pledge"),
    ("docs", r".+\.(?:md|svg|html)", "doc/seccomp-pledge"),
    ("examples", r".+\.(?:c|py|go)", "doc/seccomp-pledge/examples"),
]
COMPLETIONS = ["bash-completion/completions/pledge",
               "bash-completion/completions/seccomp-pledge",
               "zsh/site-functions/_pledge"]
# Where fish looks, which need not be below the prefix.
FISH = ["fish/vendor_completions.d/pledge.fish",
        "fish/vendor_completions.d/seccomp-pledge.fish"]
PROGRAM = """
#include <stdio.h>
#include <unistd.h>
#include <pledge.h>
int main(void)
{
	if (unveil("/etc", "r") != 0 || pledge("stdio rpath", NULL) != 0)
		return 2;
	return fopen("/etc/passwd", "r") && !fopen("/proc/version", "r") ? 3 : 4;
}
"""
OVERLAY = PROGRAM.replace("#include <pledge.h>\n", "")


def tree(top):
    return sorted(os.path.relpath(os.path.join(folder, name), top)
                  for folder, _, names in os.walk(top) for name in names)


def check_read(top, share):
    for folder, pattern, place in READ:
        source = os.path.join(ROOT, folder)
        wanted = []
        for name in sorted(os.listdir(source) if os.path.isdir(source)
                           else []):
            if match := re.fullmatch(pattern, name):
                number = match.group(1) if match.groups() else ""
                wanted.append(os.path.join(place.replace("{1}", number),
                                           name))
        missing = [path for path in wanted
                   if not os.path.isfile(os.path.join(share, path))]
        h.ok(not missing, f"{folder}: all {len(wanted)} files",
             " ".join(missing))
    fish = [os.path.join(top, found) for end in FISH
            for found in tree(top) if found.endswith(end)]
    h.equal(len(fish), len(FISH), "fish: a file for each program")
    for path in [os.path.join(share, end) for end in COMPLETIONS] + fish:
        with open(path, encoding="utf-8") as text:
            h.ok("rpath" in text.read(),
                 f"{os.path.relpath(path, top)} knows the promises")


def check_units(prefix):
    """systemd's own opinion; it says nothing of a unit that is fine."""
    for manager in ("system", "user"):
        folder = os.path.join(prefix, "lib", "systemd", manager)
        names = sorted(os.listdir(folder))
        h.equal(names, ["seccomp-pledge-serve.service",
                        "seccomp-pledge-serve.socket"], f"{manager}: units")
        service = os.path.join(folder, names[0])
        with open(service, encoding="utf-8") as text:
            command = re.search(r"^ExecStart=(\S+) serve ", text.read(), re.M)
        program = os.path.join(prefix, "bin", "seccomp-pledge")
        h.ok(command and program.endswith(command.group(1)),
             f"{manager}: starts what is installed")
        if not shutil.which("systemd-analyze"):
            h.skip(f"{manager}: systemd reads them", "no systemd-analyze here")
            continue
        with open(service, encoding="utf-8") as text:
            here = text.read().replace(command.group(1), program)
        h.write(service, here)
        result = h.run(
            ["systemd-analyze", "verify", "--man=no", f"--{manager}",
             *(os.path.join(folder, name) for name in names)],
            env=h.environment(SYSTEMD_UNIT_PATH=folder + ":",
                              XDG_RUNTIME_DIR=folder))
        h.ok(result.status == 0 and not result.err,
             f"{manager}: systemd reads them", result)


def check_programs(prefix):
    for name in ("pledge", "seccomp-pledge"):
        path = os.path.join(prefix, "bin", name)
        result = h.run([path, "--version"])
        h.ok(result.status == 0 and os.access(path, os.X_OK),
             f"{name} runs: {result.out.strip()}", result)
    result = h.run([os.path.join(prefix, "bin", "pledge"), "-p", "stdio", "--",
                    "/bin/cat", "/etc/passwd"])
    h.ok(result.status == 1, "and refuses", result)


def build(folder, name, text, package, top, *more):
    """A program of TEXT that PACKAGE's flags compile; None if they do not."""
    source = h.write(os.path.join(folder, name + ".c"), text)
    library = next(f for f in tree(top) if f.endswith("/libpledge.so"))
    library = os.path.join(top, os.path.dirname(library))
    env = h.environment(PKG_CONFIG_SYSROOT_DIR=top,
                        PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"))
    flags = h.run(["pkg-config", "--cflags", "--libs", package], env=env)
    done = h.run(["cc", "-o", os.path.join(folder, name), source, *more,
                  *flags.out.split()], env=env)
    h.ok(done.status == 0, f"{name}: compiled with {flags.out.strip()}",
         f"{flags}\n{done}")
    return [os.path.join(folder, name)], h.environment(
        LD_LIBRARY_PATH=library)


def check_library(top, folder):
    if not shutil.which("pkg-config"):
        h.skip("pkg-config", "not here")
        return
    for name, text, package, more in (
            ("shared", PROGRAM, "libpledge", ()),
            ("static", PROGRAM, "libpledge", ("-static",)),
            ("overlay", OVERLAY, "libpledge-overlay", ())):
        argv, env = build(folder, name, text, package, top, *more)
        result = h.run(argv, env={} if more else env)
        h.equal(result.status, 3, f"{name}: pledges and unveils itself")


@contextlib.contextmanager
def install_log():
    """What `make uninstall` reads stays that of the user's own install."""
    path = os.path.join(h.BUILD, "meson-logs", "install-log.txt")
    old = None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as text:
            old = text.read()
    try:
        yield
    finally:
        if old is not None:
            h.write(path, old)
        elif os.path.exists(path):
            os.unlink(path)


def check_uninstall(top):
    done = subprocess.run(["meson", "--internal", "uninstall"], cwd=h.BUILD,
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    h.ok(done.returncode == 0 and not tree(top),
         "what was installed is uninstalled",
         "\n".join(tree(top)) or h.text(done.stdout))


def main():
    with h.scratch() as folder, install_log():
        top = os.path.join(folder, "root")
        done = subprocess.run(
            ["meson", "install", "-C", h.BUILD, "--no-rebuild", "--quiet",
             "--destdir", top], check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        h.ok(done.returncode == 0, "meson install", h.text(done.stdout))
        include = next(f for f in tree(top) if f.endswith("/pledge.h"))
        prefix = os.path.join(top, os.path.dirname(os.path.dirname(include)))
        h.ok(all(os.path.join(top, f).startswith(prefix + "/")
                 for f in tree(top) if not f.endswith(tuple(FISH))),
             "all of it is below the prefix")
        check_programs(prefix)
        check_units(prefix)
        check_read(top, os.path.join(prefix, "share"))
        check_library(top, folder)
        check_uninstall(top)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
