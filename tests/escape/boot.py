#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Boot Debian's own kernel under an emulator, with Landlock on and off, and
run the battery of escapes there, as root and as nobody.

    tests/escape/boot.py BUILD [KERNEL...]

KERNEL: on and off (default: both). The kernel is the package that
linux-image-cloud-amd64 depends on; it is downloaded, not installed, and kept
in BUILD/kernels with what the machine starts from: this Python, a few
programs, and the tests. No processor's virtualisation is needed."""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
META = "linux-image-cloud-amd64"
LIMIT = 3600  # seconds; a machine that takes longer hangs
# Security modules besides capabilities; with no name, Landlock is not asked.
MODULES = {"on": "landlock", "off": "safesetid"}
# Socket families and protocols that are modules there.
FAMILIES = "vsock af_alg algif_hash sctp tipc smc"
PYTHON = "/usr/bin/python3"
PROGRAMS = [PYTHON, "/bin/bash", "/bin/sh", "/bin/sleep", "/bin/true",
            "/usr/bin/readelf"]
# Of Python's library, what no test here imports.
UNUSED = shutil.ignore_patterns(
    "test", "tests", "idlelib", "lib2to3", "ensurepip", "config-*",
    "pydoc_data", "tkinter", "turtledemo", "dist-packages", "distutils",
    "unittest", "xml", "sqlite3", "asyncio")

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin/box
export PATH=/usr/bin:/bin:/bin/box
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/mqueue /tmp
mount -t devpts pts /dev/pts
mount -t tmpfs -o mode=1777 tmp /tmp
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
ifconfig lo 127.0.0.1 up
echo 1 >/proc/sys/kernel/unprivileged_userns_clone
for module in {modules}; do insmod /modules/$module.ko; done
echo "kernel $(uname -r), security modules $(cat \
/sys/kernel/security/lsm 2>/dev/null)"
cd /project
BUILD_DIR=/project/build {python} {test}
echo "status $?"
poweroff -f
"""


def output(*command, **how):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, **how).stdout


def find_kernel(store):
    """The unpacked package's directory."""
    names = re.findall(r"Depends: (linux-image-\S+)",
                       output("apt-cache", "depends", META))
    if not names:
        sys.exit(f"boot.py: no package {META}; apt-get update?")
    unpacked = os.path.join(store, names[0])
    if not os.path.isdir(unpacked):
        subprocess.run(["apt-get", "download", "-q", names[0]], check=True,
                       cwd=store)
        package, = glob.glob(os.path.join(store, names[0] + "_*.deb"))
        subprocess.run(["dpkg-deb", "-x", package, unpacked + ".new"],
                       check=True)
        os.rename(unpacked + ".new", unpacked)
    return unpacked


def add_modules(root, kernel):
    """Copies the families' modules; their names, each after what it needs."""
    paths = {os.path.basename(path)[:-3].replace("-", "_"): path for path in
             glob.glob(kernel + "/lib/modules/**/*.ko", recursive=True)}
    order = []

    def add(name):
        if name in order or name not in paths:
            return
        with open(paths[name], "rb") as module:
            needs = re.search(rb"\0depends=([^\0]*)\0", module.read())
        for need in needs.group(1).decode().split(",") if needs else []:
            add(need.replace("-", "_"))
        order.append(name)
        shutil.copy(paths[name], os.path.join(root, "modules", name + ".ko"))

    for name in FAMILIES.split():
        add(name)
    return " ".join(order)


def copy_program(root, path):
    """With the libraries that it is linked to."""
    needed = [path]
    linked = subprocess.run(["ldd", path], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=False)
    needed += re.findall(r"(/\S+) \(0x", linked.stdout)
    # A loader is looked for by its real name as well.
    for source in {*needed, *map(os.path.realpath, needed)}:
        place = root + source
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if not os.path.exists(place):
            shutil.copy(os.path.realpath(source), place)


def copy_python(root):
    library = output(PYTHON, "-c", "import os; print(os.__file__)").strip()
    folder = os.path.dirname(library)
    shutil.copytree(folder, root + folder, ignore=UNUSED, symlinks=False,
                    ignore_dangling_symlinks=True)
    for path in glob.glob(folder + "/lib-dynload/*.so"):
        copy_program(root, path)


def copy_project(root, build):
    """The sources of the tests, and what the build has made of them."""
    project = os.path.join(root, "project")
    for name in ("tests/cli", "tests/escape", "docs"):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(project, name),
                        ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pledge", "seccomp-pledge"):
        os.makedirs(os.path.join(project, "build"), exist_ok=True)
        shutil.copy(os.path.join(build, name), os.path.join(project, "build"))
        copy_program(root, os.path.join(build, name))
    for name in ("tests/targets", "tests/escape"):
        place = os.path.join(project, "build", name)
        os.makedirs(place)
        for entry in os.scandir(os.path.join(build, name)):
            if entry.is_file():
                shutil.copy(entry.path, place)
                copy_program(root, entry.path)


def make_root(root, kernel, build, test):
    shutil.rmtree(root, ignore_errors=True)
    for name in ("proc", "sys", "dev", "tmp", "etc", "bin/box", "modules"):
        os.makedirs(os.path.join(root, name))
    # As Debian has it: one place by two names.
    for name in ("lib", "lib64"):
        os.makedirs(os.path.join(root, "usr", name))
        os.symlink("usr/" + name, os.path.join(root, name))
    for program in PROGRAMS:
        copy_program(root, program)
    shutil.copy("/etc/ld.so.cache", os.path.join(root, "etc"))
    shutil.copy("/bin/busybox", os.path.join(root, "bin"))
    copy_python(root)
    copy_project(root, build)
    modules = add_modules(root, kernel)
    for name, text in (
            ("etc/passwd", "root:x:0:0::/:/bin/sh\n"
                           "nobody:x:65534:65534::/:/bin/sh\n"),
            ("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
            ("init", INIT.format(modules=modules, python=PYTHON,
                                 test=test))):
        with open(os.path.join(root, name), "w", encoding="utf-8") as out:
            out.write(text)
    os.chmod(os.path.join(root, "init"), 0o755)


def pack(root, image):
    """An archive as the kernel unpacks it; everything is root's."""
    names = subprocess.run(["find", ".", "-print0"], cwd=root, check=True,
                           stdout=subprocess.PIPE).stdout
    with open(image, "wb") as out:
        subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet",
                        "-R", "0:0"], cwd=root, input=names, stdout=out,
                       check=True)


def boot(kernel, image, modules):
    """What the machine says on its console until it is off."""
    command = ["qemu-system-x86_64", "-accel", "tcg", "-m", "3072",
               "-cpu", "max", "-nodefaults", "-nographic", "-serial",
               "stdio", "-no-reboot", "-kernel",
               glob.glob(kernel + "/boot/vmlinuz-*")[0], "-initrd", image,
               "-append", f"console=ttyS0 quiet loglevel=1 panic=-1 "
               f"lsm={modules} rdinit=/init"]
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, timeout=LIMIT,
                                stderr=subprocess.STDOUT, check=False)
        return result.stdout.decode("utf-8", "replace").replace("\r", "")
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode("utf-8", "replace") + "\ntoo long\n"


def report(name, said):
    """Counts a machine's lines; True if there is nothing wrong."""
    for line in said.splitlines():
        if line.startswith(("not ok", "#", "kernel ", "Bail", "Traceback",
                            "  File", "AssertionError", "too long")):
            print(line)
    passed = len(re.findall(r"^ok (?!.*# SKIP)", said, re.M))
    skipped = len(re.findall(r"^ok .*# SKIP", said, re.M))
    failed = len(re.findall(r"^not ok", said, re.M))
    plan = re.search(r"^1\.\.(\d+)$", said, re.M)
    whole = plan and int(plan.group(1)) == passed + skipped + failed
    ended = "status 0" in said.splitlines()
    if not (whole and ended):
        print(f"Landlock {name}: the tests did not end well:")
        print("\n".join(said.splitlines()[-8:]))
    print(f"Landlock {name}: {passed} passed, {failed} failed, "
          f"{skipped} skipped", flush=True)
    return bool(whole and ended and not failed)


def main(build, *names):
    build = os.path.abspath(build)
    store = os.path.join(build, "kernels")
    os.makedirs(store, exist_ok=True)
    kernel = find_kernel(store)
    root, image = os.path.join(store, "root"), os.path.join(store, "image")
    make_root(root, kernel, build, "tests/escape/test_escapes.py")
    pack(root, image)
    shutil.rmtree(root)
    names = names or tuple(MODULES)
    well = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        machines = pool.map(lambda name: boot(kernel, image, MODULES[name]),
                            names)
        for name, said in zip(names, machines):
            with open(os.path.join(store, f"console-{name}"), "w",
                      encoding="utf-8") as out:
                out.write(said)
            well = report(name, said) and well
    return 0 if well else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
