# SPDX-License-Identifier: ISC
"""What the end-to-end tests share: TAP, users, running commands, fixtures.

BUILD_DIR in the environment names the build directory. A test started as root
runs everything twice, as root and as nobody; otherwise once. As nobody may be
unable to enter the build directory (a checkout below a private home), the
programs are copied to a directory below /tmp, which is removed at the end.

With INSTALLED=/usr in the environment, the programs and all that belongs to
them are those installed below /usr; of the build directory only the tests' own
programs are used.
"""
import atexit
import collections
import contextlib
import ctypes
import functools
import glob
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time

sys.dont_write_bytecode = True

# A shell starts what it puts in the background with these ignored, nohup(1) with
# the last, and what is ignored stays so in every command here.
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD_DIR",
                                       os.path.join(ROOT, "build")))
INSTALLED = os.environ.get("INSTALLED")
# Seconds: what takes longer hangs. No test waits for a time to pass: another
# process's work may slow this one down as it likes.
TIMEOUT = 3000
NOBODY = 65534
# What the tests run under the policy; the system's, not the user's, and none
# of the user's settings.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTHON = "/usr/bin/python3"

# --- TAP ---

count = failures = 0


def one_line(text):
    """A name that cannot be read as a TAP directive or as another line."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}"
                   for c in str(text))
    return text.replace("#", "(hash)")


def ok(passed, text, why=""):
    """WHY, if it failed: what was seen instead."""
    global count, failures
    count += 1
    if not passed:
        failures += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {one_line(text)}",
          flush=True)
    if not passed and why:
        note(str(why))
    return bool(passed)


def equal(found, wanted, text):
    return ok(found == wanted, text, f"wanted {wanted!r}\nfound  {found!r}")


def skip(text, reason):
    global count
    count += 1
    print(f"ok {count} - {one_line(text)} # SKIP {reason}", flush=True)


def note(text):
    for line in text.splitlines():
        print(f"# {line}", flush=True)


def done():
    print(f"1..{count}")
    return 1 if failures else 0


# --- Users ---

User = collections.namedtuple("User", "name uid")

if os.geteuid() == 0:
    ROOT_USER = User("root", None)
    USERS = [ROOT_USER, User("nobody", NOBODY)]
else:
    ROOT_USER = None
    USERS = [User("user", None)]
ME = USERS[0]
LEAST = USERS[-1]  # the one with the fewest privileges


# --- The programs under test, where everybody can run them ---

STAGE = tempfile.mkdtemp(prefix="pledge-test-", dir="/tmp")
atexit.register(shutil.rmtree, STAGE, ignore_errors=True)
# A test that is ended from outside cleans up as well.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
os.chmod(STAGE, 0o755)


def stage(path, name=None, mode=0o755):
    """Copies a file to the staging directory; its new path."""
    new = os.path.join(STAGE, name or os.path.basename(path))
    shutil.copyfile(path, new)
    os.chmod(new, mode)
    return new


def stage_program(name):
    """The launcher or the tool: its path."""
    path = os.path.join(*((INSTALLED, "bin") if INSTALLED else (BUILD,)), name)
    if not os.path.exists(path):
        print(f"Bail out! {path} is not there")
        sys.exit(1)
    return path if INSTALLED else stage(path)


PLEDGE = stage_program("pledge")
TOOL = stage_program("seccomp-pledge")
for _entry in os.scandir(os.path.join(BUILD, "tests", "targets")):
    if _entry.is_file():
        stage(_entry.path)


AS_USER = os.path.join(STAGE, "as-user")


def profile_file(name):
    """The file of a profile that comes with the programs."""
    folder = os.path.join(INSTALLED, "share", "seccomp-pledge", "profiles") \
        if INSTALLED else os.path.join(ROOT, "profiles")
    return os.path.join(folder, name + ".policy")


def profile(name):
    """What -i takes for it: its name, or a file that everybody can read."""
    if INSTALLED:
        return name
    path = os.path.join(STAGE, name + ".policy")
    return path if os.path.exists(path) else stage(profile_file(name),
                                                   mode=0o644)


def completion(name):
    """The file that completes command lines in a shell."""
    if not INSTALLED:
        return os.path.join(BUILD, "completions", name)
    found = {path for folder in ("*/*completions*", "zsh/*") for path in
             glob.glob(os.path.join(INSTALLED, "share", folder, name))}
    assert len(found) == 1, found
    return found.pop()


def target(name):
    """A program of tests/targets, or None when its compiler is missing."""
    path = os.path.join(STAGE, name)
    return path if os.path.exists(path) else None


def write(path, text, mode=0o644, user=None):
    with open(path, "wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)
    if user and user.uid is not None:
        os.chown(path, user.uid, user.uid)
    return path


@contextlib.contextmanager
def scratch(user=ME):
    """A directory of the user's own, removed afterwards."""
    path = tempfile.mkdtemp(prefix="scratch-", dir=STAGE)
    os.chmod(path, 0o755)
    if user.uid is not None:
        os.chown(path, user.uid, user.uid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


# --- Running ---

class Result(collections.namedtuple("Result", "status out err")):
    """STATUS is negative for a signal, None after TIMEOUT seconds."""

    def __str__(self):
        return f"status {self.status}\nout {self.out!r}\nerr {self.err!r}"


def environment(**changes):
    env = {"PATH": PATH, "HOME": STAGE, "LC_ALL": "C.UTF-8", "TERM": "xterm",
           "USER": "somebody"}
    env.update(changes)
    return {name: value for name, value in env.items() if value is not None}


def start(argv, user=ME, env=None, cwd=None, **how):
    """With preexec_fn=... in HOW, Python forks, which costs many times as
    much."""
    who = {}
    if user.uid is not None and "preexec_fn" in how:
        who = {"user": user.uid, "group": user.uid, "extra_groups": []}
    elif user.uid is not None:
        argv = [AS_USER, str(user.uid), *argv]
    return subprocess.Popen(argv, env=environment() if env is None else env,
                            cwd=cwd or STAGE, start_new_session=True,
                            **who, **how)


def kill_session(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def text(raw):
    return raw.decode("utf-8", "surrogateescape")


def run(argv, user=ME, *, words=b"", timeout=TIMEOUT, **how):
    """Runs to the end. WORDS: the standard input; or stdin=... in HOW."""
    if "stdin" not in how:
        how["stdin"] = subprocess.PIPE
    how.setdefault("stdout", subprocess.PIPE)
    how.setdefault("stderr", subprocess.PIPE)
    process = start(argv, user, **how)
    piped = how["stdin"] == subprocess.PIPE
    try:
        out, err = process.communicate(words if piped else None, timeout)
        status = process.returncode
    except subprocess.TimeoutExpired:
        kill_session(process)
        out, err = process.communicate()
        status = None
    return Result(status, text(out or b""), text(err or b""))


def pledge(options, *command, user=ME, **how):
    """OPTIONS: a string of words without blanks, or a list."""
    if isinstance(options, str):
        options = options.split()
    return run([PLEDGE, *options, "--", *command], user, **how)


@contextlib.contextmanager
def background(argv, user=ME, **how):
    how.setdefault("stdin", subprocess.DEVNULL)
    process = start(argv, user, **how)
    try:
        yield process
    finally:
        kill_session(process)
        process.wait()


@contextlib.contextmanager
def terminal():
    """A pseudo-terminal's two ends: (the user's, the program's)."""
    ours, theirs = pty.openpty()
    try:
        settings = termios.tcgetattr(theirs)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(theirs, termios.TCSANOW, settings)
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


def landlock_abi():
    """What the running kernel knows; 0: nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, libc.syscall(444, None, 0, 1))


@contextlib.contextmanager
def listener(family=socket.AF_INET, address=("127.0.0.1", 0)):
    """A server that hangs up on everybody; its port, or path."""
    server = socket.socket(family, socket.SOCK_STREAM)
    server.bind(address)
    server.listen(128)

    def serve():
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        name = server.getsockname()
        yield name[1] if family == socket.AF_INET else name
    finally:
        server.close()


def until(condition):
    """What CONDITION comes to, once it is true. For what nobody tells of,
    such as a process's state in /proc; what a descriptor tells is read."""
    end = time.monotonic() + TIMEOUT
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError("it does not come true")
        time.sleep(0.01)
    return found


def state(pid):
    """proc(5)'s letter for a process; "" if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def name_of(pid):
    """What it runs, in short; "" if there is none."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/comm", encoding="utf-8",
                  errors="replace") as file:
            return file.read().strip()
    return ""


def is_alive(pid):
    return state(pid) not in ("", "Z", "X")


# --- What can be done here ---

# What is to be taken for impossible.
TOLD = set(os.environ.get("TEST_WITHOUT", "").split())


@functools.cache
def facts(user):
    """{what not every machine can do: why this one cannot, or ""}."""
    result = run([os.path.join(STAGE, "here")], user,
                 env=environment(TEST_WITHOUT=" ".join(TOLD)))
    if result.status != 0:
        print(f"Bail out! {one_line(result.err.strip())}")
        sys.exit(1)
    rows = (line.partition(" ") for line in result.out.splitlines())
    return {name: why for name, _, why in rows}


def lacks(what, user=ME):
    """Why the user cannot do it on this machine (tests/targets/here.h), or
    None."""
    return facts(user)[what] or None


def can(what, text, user=ME):
    """Whether it can be done here; if not, TEXT is skipped, and counted."""
    why = lacks(what, user)
    if why:
        skip(text, why)
    return not why


def printable(text):
    """Nothing in it can do anything to a terminal."""
    return all(line.isprintable() for line in text.split("\n"))


# --- Attempts ---

FLAVOURS = [name for name in ("dynamic", "static", "musl")
            if target("attempt-" + name)]


@contextlib.contextmanager
def fixture(user):
    """What attempts act upon, fresh: names for the {words} of a row."""
    with scratch(user) as path:
        names = {"dir": path}
        for name, content in (("file", "text\n"), ("other", "other\n")):
            names[name] = write(os.path.join(path, name), content, 0o644, user)
        for name in ("sub", "full"):
            names[name] = os.path.join(path, name)
            os.mkdir(names[name])
        names["inner"] = write(os.path.join(names["full"], "inner"), "text\n",
                               0o644, user)
        names["link"] = os.path.join(path, "link")
        os.symlink("file", names["link"])
        names["new"] = os.path.join(path, "new")
        if user.uid is not None:
            for name in ("sub", "full"):
                os.chown(names[name], user.uid, user.uid)
        yield names


def attempt(flavour, words, user=ME, options=None, **how):
    """What becomes of one attempt: "ok", an errno's name, or how it died."""
    command = [os.path.join(STAGE, "attempt-" + flavour), *words.split()]
    if options is not None:
        command = [PLEDGE, "-q", *options, "--", *command]
    result = run(command, user, **how)
    if result.status != 0:
        return f"status {result.status} {result.err.strip()}"
    return result.out.strip()


def expected(expect, flavour):
    """A row's "EACCES/EPERM": of a dynamic program / of a static one."""
    first, _, second = expect.partition("/")
    return second if second and flavour != "dynamic" else first
