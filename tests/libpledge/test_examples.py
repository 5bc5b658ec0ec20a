#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The examples at work, and libpledge as other languages and builds use it."""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lint"))

import tap  # noqa: E402

BUILD = os.environ["BUILD_DIR"]
LIBRARY = os.path.join(BUILD, "libpledge.so.0")

PORTABLE = """
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	if (pledge("stdio rpath exec", "stdio rpath") == -1)
		err(1, "pledge");
	if (argc > 1) {
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	return puts("confined") < 0;
}
"""

CXX = """
#include <pledge.h>
#include <cstdio>
int main()
{
	pledge_kernel support = {};
	if (pledge_support(&support, sizeof support) < 0)
		return 2;
	return pledge("stdio", nullptr) == -1 || std::puts("confined") < 0;
}
"""


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          check=False, **options)


def expect(done, status, text, what):
    said = done.stdout + done.stderr
    if not tap.ok(done.returncode == status and re.search(text, said), what):
        tap.note(f"status {done.returncode}, expected {status}\n{said}")


def example(name):
    return os.path.join(BUILD, "examples", name)


def test_line_filter():
    done = run(example("line-filter"), input="a\nb\n")
    expect(done, 0, "^     1  a\n     2  b\n$", "line-filter numbers lines")


@contextlib.contextmanager
def serving(answer):
    """A server for one connection, which gets ANSWER(line)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            client, _ = listener.accept()
            with client, client.makefile("rw") as stream:
                stream.write(answer(stream.readline()))
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield str(listener.getsockname()[1])
        thread.join()


def test_net_client():
    for host in ("127.0.0.1", "localhost"):
        with serving(lambda line: line.upper()) as port:
            expect(run(example("net-client"), host, port, "hello"), 0,
                   "^HELLO\n$", f"net-client talks to {host}")


def ask(port, name):
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(name.encode() + b"\n")
        return b"".join(iter(lambda: client.recv(4096), b"")).decode()


def test_privsep_server(folder):
    served = os.path.join(folder, "served")
    os.mkdir(served)
    for path, text in ((os.path.join(served, "page"), "a page\n"),
                       (os.path.join(folder, "secret"), "a secret\n")):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
    with subprocess.Popen([example("privsep-server"), served],
                          stdout=subprocess.PIPE, text=True,
                          start_new_session=True) as server:
        try:
            port = int(server.stdout.readline())
            tap.ok(ask(port, "page") == "a page\n", "privsep-server serves")
            for name in ("../secret", os.path.join(folder, "secret"),
                         "/etc/passwd", "missing"):
                tap.ok(ask(port, name) == "no such file\n",
                       f"privsep-server: no {os.path.basename(name)}")
            tap.ok(ask(port, "page") == "a page\n", "and serves again")
        finally:
            os.killpg(server.pid, signal.SIGKILL)


def test_python(folder):
    inside = os.path.join(folder, "python")
    os.mkdir(inside)
    with open(os.path.join(inside, "text"), "w", encoding="utf-8") as out:
        out.write("a text\n")
    script = os.path.join(ROOT, "examples", "confine.py")
    environment = dict(os.environ, LIBPLEDGE=LIBRARY)
    python = os.path.realpath(sys.executable)
    expect(run(python, script, inside, os.path.join(inside, "text"),
               env=environment), 0, "^a text\n$", "ctypes: a file in sight")
    expect(run(python, script, inside, "/etc/passwd", env=environment), 1,
           "PermissionError", "ctypes: one that is not")
    code = ("import ctypes, socket; "
            f"ctypes.CDLL('{LIBRARY}').pledge(b'stdio', None); "
            "socket.socket()")
    expect(run(python, "-c", code), -signal.SIGSYS, "", "ctypes: killed")


def install(folder):
    """A prefix as `meson install` lays it out; pkg-config's options for it."""
    prefix = os.path.join(folder, "prefix")
    os.makedirs(os.path.join(prefix, "lib"))
    shutil.copytree(os.path.join(ROOT, "include"),
                    os.path.join(prefix, "include"))
    shutil.copy(LIBRARY, os.path.join(prefix, "lib"))
    os.symlink("libpledge.so.0", os.path.join(prefix, "lib", "libpledge.so"))
    return prefix


def package_flags(prefix, package):
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(
        BUILD, "src", "libpledge"))
    done = run("pkg-config", f"--define-variable=prefix={prefix}",
               f"--define-variable=libdir={prefix}/lib", "--cflags", "--libs",
               package, env=environment)
    tap.ok(done.returncode == 0, f"pkg-config finds {package}")
    return done.stdout.split()


def compile_source(compiler, source, name, flags):
    with open(name, "w", encoding="utf-8") as out:
        out.write(source)
    program = name + ".out"
    done = run(compiler, "-Wall", "-Werror", "-o", program, name, *flags)
    tap.ok(done.returncode == 0, f"{os.path.basename(name)} compiles")
    tap.note(done.stderr)
    return program if done.returncode == 0 else "/bin/false"


def test_portable(folder, prefix):
    flags = package_flags(prefix, "libpledge-overlay")
    program = compile_source("cc", PORTABLE, os.path.join(folder, "portable.c"),
                             flags)
    environment = dict(os.environ, LD_LIBRARY_PATH=os.path.join(prefix, "lib"))
    expect(run(program, env=environment), 0, "confined",
           "a program that expects pledge() in unistd.h")
    expect(run(program, "cat", "/etc/hostname", env=environment), 0, "",
           "its execvp applies the execpromises: cat reads")
    expect(run(program, "sh", "-c", ": > /dev/null", env=environment),
           -signal.SIGSYS, "", "its execvp applies them: sh cannot write")


def test_cxx(folder, prefix):
    if not shutil.which("g++"):
        tap.skip("the header in C++", "g++ is not installed")
        return
    program = compile_source("g++", CXX, os.path.join(folder, "header.cc"),
                             package_flags(prefix, "libpledge"))
    environment = dict(os.environ, LD_LIBRARY_PATH=os.path.join(prefix, "lib"))
    expect(run(program, env=environment), 0, "confined",
           "the header in C++")


def test_go(folder, prefix):
    if not shutil.which("go"):
        tap.skip("Go, by cgo", "go is not installed")
        return
    inside = os.path.join(folder, "go")
    os.mkdir(inside)
    with open(os.path.join(inside, "text"), "w", encoding="utf-8") as out:
        out.write("a text\n")
    environment = dict(
        os.environ, CGO_ENABLED="1", GO111MODULE="off", GOENV="off",
        GOFLAGS="", GOPROXY="off", GOTOOLCHAIN="local",
        GOCACHE=os.path.join(BUILD, "tests", "libpledge", "go-cache"),
        CGO_CFLAGS=f"-I{prefix}/include", CGO_LDFLAGS=f"-L{prefix}/lib",
        LD_LIBRARY_PATH=os.path.join(prefix, "lib"), DIRECTORY=inside)
    program = os.path.join(folder, "confine-go")
    done = run("go", "build", "-o", program,
               os.path.join(ROOT, "examples", "confine.go"), env=environment)
    if not tap.ok(done.returncode == 0, "Go: builds"):
        tap.note(done.stderr)
        return
    path = os.path.join(inside, "text")
    expect(run(program, path, path, path, env=environment), 0,
           "^(<nil>\n){3}$", "Go: files in sight, from any thread")
    expect(run(program, *["/etc/passwd"] * 20, env=environment), 0,
           "^(open /etc/passwd: permission denied\n){20}$",
           "Go: and no others")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test_line_filter()
        test_net_client()
        test_privsep_server(folder)
        test_python(folder)
        prefix = install(folder)
        test_portable(folder, prefix)
        test_cxx(folder, prefix)
        test_go(folder, prefix)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
