#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The unit tests and the tools, built for another architecture and run by
qemu-user.

    test_cross.py ARCH BUILD

What is built of which sources comes from the build directory. qemu-user has
neither seccomp nor Landlock: what asks the kernel for them says so and is
skipped, and the tools must refuse, not pretend."""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "lint"))
import tap  # noqa: E402

FLAGS = ("-std=gnu11 -O1 -D_GNU_SOURCE -DVERSION=\"0\" -Wall -Wextra "
         "-Wconversion -Wno-sign-conversion -Wno-missing-field-initializers "
         "-Wwrite-strings -Wshadow -Werror").split()
WRAPS = [f"-Wl,--wrap={name}"
         for name in ("malloc", "calloc", "realloc", "free")]
PATIENCE = 3000  # seconds; what takes longer hangs
RESULT = re.compile(r"(not )?ok \d+ - (.*?)(?: # SKIP (.*))?")

# Not run here, and why.
LEFT_OUT = {
    "verify": "takes minutes under qemu-user",
    "event": "qemu-user cannot read another process's memory",
}
# Not libraries for others: one is called like the launcher.
KINDS = ("static library", "executable", "custom")

# options; status, one of; what stdout or stderr says.
LAUNCHES = [
    ("--version", (0,), "pledge"),
    ("--dry-run", (0,), "promises stdio rpath"),
    ("-p nonsense --dry-run", (125,), "unknown promise"),
    ("-p stdio -- @TRUE", (125,), "seccomp"),
    ("-p stdio,rpath -v r:/ -- @TRUE", (125,), "seccomp"),
    ("--best-effort -p stdio --dry-run -- @TRUE", (0,), "program: "),
    # 126 unless the machine hands such programs to qemu by itself.
    ("--best-effort -p stdio -V -- @TRUE", (0, 126), "not enforced"),
    ("-T pledge", (1,), ""),
    ("-T unveil", (1,), ""),
]
QUESTIONS = [
    ("promises", (0,), "rpath"),
    ("promises rpath", (0,), "openat"),
    ("promises stdio --json", (0,), '"name": "stdio"'),
    ("doctor", (1,), "seccomp"),
    ("doctor --json", (1,), '"complete": false'),
]


def run(*argv, **how):
    """A program that takes too long has failed, as status 124 says."""
    argv = ["timeout", str(PATIENCE), *argv]
    return subprocess.run(argv, check=False, stdin=subprocess.DEVNULL,
                          text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **how)


class Cross:
    """A compiler, an emulator, and objects made once each."""

    def __init__(self, arch, build, folder):
        self.compiler = f"{arch}-linux-gnu-gcc"
        self.emulator = f"qemu-{arch}"
        self.arch, self.build, self.folder = arch, build, folder
        self.objects = {}
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        targets = json.loads(self.introspect("--targets"))
        self.sources = {t["name"]: [self.source(s)
                                    for g in t["target_sources"] for s in
                                    g["sources"] + g["generated_sources"]
                                    if s.endswith(".c")]
                        for t in targets if t["type"] in KINDS}

    def introspect(self, what):
        done = run("meson", "introspect", what, self.build)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout

    def source(self, path):
        """What is written for one architecture is written for this one."""
        generated = os.path.basename(path) == "resolved.c"
        return os.path.join(self.folder, "resolved.c") if generated else path

    def missing(self):
        return [tool for tool in (self.compiler, self.emulator)
                if not shutil.which(tool)]

    def write_headers(self):
        """What this architecture's own headers say, for the test of arch;
        and its calls' numbers, as meson would have them written."""
        numbers = run(os.path.join(self.build, "src", "filter",
                                   "gen-resolved"), self.arch)
        with open(os.path.join(self.folder, "resolved.c"), "w",
                  encoding="utf-8") as out:
            out.write(numbers.stdout)
        known = run(os.path.join(tap.ROOT, "tools", "gen-arch.py"), "known",
                    "--native", self.arch, "--", self.compiler)
        with open(os.path.join(self.folder, "arch_known.h"), "w",
                  encoding="utf-8") as out:
            out.write(known.stdout)

    def compile(self, source):
        name = f"{len(self.objects)}.o"
        path = os.path.join(self.folder, name)
        includes = ["-I" + os.path.join(tap.ROOT, "src"),
                    "-I" + os.path.join(tap.ROOT, "include"),
                    "-I" + os.path.join(tap.ROOT, "tests"),
                    "-I" + self.folder]
        self.objects[source] = (path, self.pool.submit(
            run, self.compiler, *FLAGS, *includes, "-c", "-o", path, source))

    def core(self):
        """What every program of the tools has."""
        return self.sources["library"] + self.sources["core"] + \
            self.sources["front"]

    def link(self, name, sources):
        """A static program's path, or None after saying what failed."""
        for source in sources:
            if source not in self.objects:
                self.compile(source)
        program = os.path.join(self.folder, name)
        steps = [self.objects[s][1].result() for s in sources]
        # As tools/build-static links the launcher.
        wraps = WRAPS if any(s.endswith("/heap.c") for s in sources) else ()
        if not any(step.returncode for step in steps):
            steps.append(run(self.compiler, "-static", *wraps, "-o", program,
                             *(self.objects[s][0] for s in sources),
                             "-lpthread"))
        fine = not any(step.returncode for step in steps)
        if not tap.ok(fine, f"{self.arch}: {name} is built"):
            tap.note("".join(step.stderr for step in steps)[:2000])
        return program if fine else None

    def emulate(self, program, *argv):
        return run(self.emulator, program, *argv, cwd=tap.ROOT)


def repeat(name, done):
    """A unit test's results among ours."""
    seen, failed = 0, False
    for line in done.stdout.splitlines():
        match = RESULT.fullmatch(line)
        if match:
            seen += 1
            failed, text, reason = match.groups()
            if reason:
                tap.skip(f"{name}: {text}", reason)
            else:
                tap.ok(not failed, f"{name}: {text}")
        elif line.startswith("# ") and failed:
            tap.note(line[2:])
    if not tap.ok(done.returncode in (0, 1) and seen > 0 and
                  f"1..{seen}" in done.stdout,
                  f"{name}: ended, after as many results as planned"):
        tap.note(f"status {done.returncode}\n{done.stderr[-2000:]}")


def check_units(cross):
    for test in json.loads(cross.introspect("--tests")):
        name = os.path.basename(test["cmd"][0])
        if "unit" not in str(test["suite"]) or name not in cross.sources:
            continue
        if test["name"] in LEFT_OUT:
            tap.skip(f"{cross.arch}: {test['name']}", LEFT_OUT[test["name"]])
            continue
        program = cross.link(name, cross.core() + cross.sources[name])
        if program:
            repeat(f"{cross.arch}: {test['name']}",
                   cross.emulate(program, *test["cmd"][1:]))


def check_rows(cross, tool, rows, words):
    for options, status, said in rows:
        for word, value in words.items():
            options = options.replace(word, value)
        done = cross.emulate(tool, *options.split())
        if not tap.ok(done.returncode in status and
                      said in done.stdout + done.stderr,
                      f"{cross.arch}: {os.path.basename(tool)} "
                      f"{options.replace(cross.folder, '')}: {status[-1]}"):
            tap.note(f"status {done.returncode}\n{done.stdout[-1000:]}\n"
                     f"{done.stderr[-1000:]}")


def check_tools(cross):
    """A static program of this architecture is what they are to run."""
    source = os.path.join(cross.folder, "true.c")
    with open(source, "w", encoding="utf-8") as out:
        out.write("int main(void) { return 0; }\n")
    words = {"@TRUE": cross.link("true", [source])}
    launcher = cross.link("pledge", cross.sources["pledge"])
    # There is no libedit of this architecture here.
    tool = cross.link("seccomp-pledge", cross.core() +
                      cross.sources["seccomp-pledge-plain"])
    if launcher and tool and words["@TRUE"]:
        check_rows(cross, launcher, LAUNCHES, words)
        check_rows(cross, tool, QUESTIONS, words)


def main(arch, build):
    with tempfile.TemporaryDirectory() as folder:
        cross = Cross(arch, os.path.abspath(build), folder)
        for tool in cross.missing():
            tap.skip(f"{arch}: unit tests and tools", f"no {tool} here")
        if not cross.missing():
            cross.write_headers()
            check_units(cross)
            check_tools(cross)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
