# SPDX-License-Identifier: ISC
"""A machine made fresh: Debian 12 in a directory, by debootstrap, from where
this machine's own apt gets it.

What runs in it has mount and process namespaces of its own: its mounts are
never seen outside, and both end with it, however it ends.  So the directory
can be removed by whoever made it, without a look at what is mounted where."""
import contextlib
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lint"))
import tap  # noqa: E402

RELEASE = "bookworm"
# Whoever ends us from outside leaves nothing behind, either.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

# What a machine has besides its files; run with its directory as $1.
MOUNTS = r"""
set -e
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
	IFS=: read -r name major minor <<END
$node
END
	mknod -m 666 "dev/$name" c "$major" "$minor"
done
ln -s pts/ptmx dev/ptmx
for number in 0:stdin 1:stdout 2:stderr; do
	ln -s "/proc/self/fd/${number%%:*}" "dev/${number#*:}"
done
ln -s /proc/self/fd dev/fd
shift
exec chroot . "$@"
"""
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                       "/sbin:/bin",
               "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb",
               "DEBIAN_FRONTEND": "noninteractive"}


def stanzas(path):
    """(URI, suites, components) of a file of apt's, old style or new."""
    with open(path, encoding="utf-8") as text:
        text = text.read()
    if path.endswith(".list"):
        for line in re.findall(r"^deb\s+(?:\[.*?\]\s*)?(.*)$", text, re.M):
            uri, suite, *components = line.split()
            yield uri, [suite], components
        return
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^(\w+):[ \t]*(.*)$", stanza, re.M))
        if "deb" in fields.get("Types", "").split():
            for uri in fields["URIs"].split():
                yield (uri, fields["Suites"].split(),
                       fields.get("Components", "").split())


def sources():
    """The release's, of this machine's: (URI, suite, components)."""
    paths = ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*")]
    found = [(uri, suite, components)
             for path in paths if os.path.exists(path) and
             path.endswith((".list", ".sources"))
             for uri, suites, components in stanzas(path)
             for suite in suites
             if re.fullmatch(RELEASE + r"(-(updates|security))?", suite)]
    # The release itself first.
    return sorted(found, key=lambda row: row[1] != RELEASE)


class Machine:
    """A directory that becomes one; what it says goes to LOG."""

    def __init__(self, log):
        self.top = tempfile.mkdtemp(prefix="fresh-", dir="/var/tmp")
        # It becomes the machine's "/", which everybody may enter.
        os.chmod(self.top, 0o755)
        self.log = log

    def path(self, inside):
        return os.path.join(self.top, inside.lstrip("/"))

    def contained(self, argv, **how):
        """Runs ARGV in namespaces that end with it, and with us; its
        result."""
        return subprocess.run(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child",
             "--propagation", "private", *argv], check=False,
            stdin=subprocess.DEVNULL, text=True, errors="replace", **how)

    def make(self):
        """0, or what debootstrap ended with."""
        uri, suite, _ = sources()[0]
        done = self.contained(
            ["debootstrap", "--variant=minbase",
             "--include=ca-certificates", suite, self.top, uri],
            stdout=self.log, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            return done.returncode
        with open(self.path("/etc/apt/sources.list"), "w",
                  encoding="utf-8") as out:
            for uri, suite, components in sources():
                print("deb", uri, suite, *components, file=out)
        for path in glob.glob("/etc/apt/apt.conf.d/*"):
            with open(path, encoding="utf-8") as text:
                if re.search(r"^\s*Acquire::", text.read(), re.M):
                    shutil.copy(path, self.path("/etc/apt/apt.conf.d"))
        for name in ("resolv.conf", "hosts"):
            shutil.copy(os.path.join("/etc", name), self.path("/etc"))
        return 0

    def run(self, script, cwd="/", **variables):
        """A shell's script in it: (status, what it said)."""
        env = {**ENVIRONMENT, **variables}
        for name in ("http_proxy", "https_proxy", "no_proxy"):
            if name in os.environ:
                env[name] = os.environ[name]
        print(f"\n$ {script}", file=self.log, flush=True)
        done = self.contained(
            ["sh", "-c", MOUNTS, "sh", self.top, "/bin/sh", "-c",
             f"cd {cwd} && {script}"], env=env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        print(done.stdout, file=self.log, flush=True)
        return done.returncode, done.stdout

    def must(self, script, what, cwd="/", **variables):
        """A test: it ends well.  What it said."""
        status, said = self.run(script, cwd, **variables)
        if not tap.ok(status == 0, what):
            tap.note("\n".join([f"exit status {status}",
                                *said.splitlines()[-15:]]))
        return said

    def install(self, *words):
        return self.must("apt-get update -q && apt-get install -y -q "
                         "--no-install-recommends " + " ".join(words),
                         "apt-get installs " + " ".join(
                             os.path.basename(w) for w in words))

    def files(self):
        """Every path, but those that any use of the machine changes."""
        found = set()
        for folder, folders, names in os.walk(self.top):
            here = "/" + os.path.relpath(folder, self.top).removeprefix(".")
            here = here.replace("//", "/")
            folders[:] = [f for f in folders if not re.fullmatch(
                r"/(proc|sys|dev|tmp|run|root|home|usr/src)|"
                r"/var/(cache|tmp|log|lib/apt)", os.path.join(here, f))]
            found |= {os.path.join(here, n) for n in folders + names}
        return found

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)


@contextlib.contextmanager
def machine(log):
    """None if it cannot be made, and why is a failed test."""
    made = Machine(log)
    try:
        status = made.make()
        if not tap.ok(status == 0, f"debootstrap makes a {RELEASE} machine"):
            tap.note(f"exit status {status}, see {log.name}")
        yield made if status == 0 else None
    finally:
        made.remove()


def packages(folder):
    """The packages of a build, those of symbols for debuggers left out."""
    return sorted(path for path in glob.glob(os.path.join(folder, "*.deb"))
                  if "-dbgsym_" not in path)


def check_installed(fresh, folder):
    """The packages below FOLDER of FRESH are installed, work, and go."""
    names = packages(fresh.path(folder))
    before = fresh.files()
    fresh.install(*("/" + os.path.relpath(p, fresh.top) for p in names))
    for command, word in (
            ("pledge --version", "pledge"),
            ("seccomp-pledge --version", "seccomp-pledge"),
            ("pledge -p 'stdio rpath' -v r:/etc -- cat /etc/debian_version",
             "12"),
            ("! pledge -p stdio -- cat /etc/debian_version", "denied"),
            ("seccomp-pledge promises", "rpath"),
            ("seccomp-pledge profiles", "sha256sum"),
            ("cd /etc && pledge -i cat -- cat debian_version", "12"),
            ("cd /etc && ! pledge -i cat -- cat /var/lib/dpkg/status",
             "denied")):
        said = fresh.must(command, f"installed: {command}")
        tap.ok(word in said, f"and says: {word}")
    yield
    # With what came for them alone: libedit.
    fresh.must("apt-get purge -y -q --autoremove seccomp-pledge libpledge0 "
               "libpledge-dev", "apt-get purges them")
    left = sorted(fresh.files() - before)
    if not tap.ok(not left, "nothing is left behind"):
        tap.note("\n".join(left))
    gone = sorted(before - fresh.files())
    if not tap.ok(not gone, "and nothing else is gone"):
        tap.note("\n".join(gone))
