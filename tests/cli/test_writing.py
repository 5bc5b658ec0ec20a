#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What the programs write, where everybody may write: another user's link,
file or FIFO at the name is not followed, replaced or filled, whatever
fs.protected_symlinks, _regular and _fifos say."""
import contextlib
import os
import sys

import harness as h

OWN = "what was there\n"
# Every way to write a file that the user names.
WRITERS = [
    ("--save", [h.PLEDGE, "-p", "stdio", "--save", "{}", "--", "/bin/true"]),
    ("run --save", [h.TOOL, "run", "-p", "stdio", "--save", "{}", "--",
                    "/bin/true"]),
    ("learn -o", [h.TOOL, "learn", "-o", "{}", "--", "/bin/true"]),
    ("learn --html", [h.TOOL, "learn", "-q", "--html", "{}", "--",
                      "/bin/true"]),
    ("trace -o", [h.TOOL, "trace", "-o", "{}", "--", "/bin/true"]),
    ("trace --html", [h.TOOL, "trace", "--html", "{}", "--", "/bin/true"]),
    ("export -o", [h.TOOL, "export", "--to", "bpf", "-p", "stdio", "-o",
                   "{}"]),
    ("filter compile -o", [h.TOOL, "filter", "compile", "-o", "{}",
                           "{filter}"]),
]
FILTER = ('{"main": {"default_action": "allow", "filter_action": {"errno": 1},'
          ' "filter": [{"syscall": "getppid"}]}}')


@contextlib.contextmanager
def shared(user):
    """A directory as /tmp, root's; one of the user's, with a file in it."""
    with h.scratch() as tmp, h.scratch(user) as own:
        os.chmod(tmp, 0o1777)
        h.write(os.path.join(own, "file"), OWN, 0o644, user)
        h.write(os.path.join(own, "filter.json"), FILTER, 0o644)
        yield tmp, own


def chown(path, uid):
    os.lchown(path, uid, uid)


def link(tmp, own, owner):
    path = os.path.join(tmp, "name")
    os.symlink(os.path.join(own, "file"), path)
    chown(path, owner)
    return path


def link_on_the_way(tmp, own, owner):
    path = os.path.join(tmp, "way")
    os.symlink(own, path)
    chown(path, owner)
    return os.path.join(path, "file")


def link_below(tmp, own, owner):
    """In a directory that the other has made there."""
    below = os.path.join(tmp, "below")
    os.mkdir(below)
    os.symlink(os.path.join(own, "file"), os.path.join(below, "name"))
    chown(os.path.join(below, "name"), owner)
    chown(below, owner)
    return os.path.join(below, "name")


def link_to_link(tmp, own, owner):
    """A link of the user's own, outside, leads to the other's."""
    link(tmp, own, owner)
    os.symlink(os.path.join(tmp, "name"), os.path.join(own, "link"))
    chown(os.path.join(own, "link"), os.stat(own).st_uid)
    return os.path.join(own, "link")


def regular(tmp, _own, owner):
    path = h.write(os.path.join(tmp, "name"), OWN, 0o666)
    chown(path, owner)
    return path


def fifo(tmp, _own, owner):
    path = os.path.join(tmp, "name")
    os.mkfifo(path)
    os.chmod(path, 0o666)
    chown(path, owner)
    return path


TRAPS = [link, link_on_the_way, link_below, link_to_link, regular, fifo]


def write_with(command, path, own, user):
    words = [word.format(path, filter=os.path.join(own, "filter.json"))
             for word in command]
    return h.run(words, user, cwd=own)


def check_traps(user, other):
    """OTHER: another user's number, neither the user's nor root's."""
    for name, command in WRITERS:
        for trap in TRAPS:
            with shared(user) as (tmp, own):
                path = trap(tmp, own, other)
                before = os.lstat(path) if trap != link_on_the_way else None
                result = write_with(command, path, own, user)
                with open(os.path.join(own, "file"), encoding="utf-8") as file:
                    kept = file.read() == OWN
                same = before is None or before[:6] == os.lstat(path)[:6]
                h.ok(result.status in (1, 2, 125) and kept and same and
                     "another user's" in result.err,
                     f"{user.name}: {name}, {trap.__name__} of another's: "
                     "refused, and says so", f"{result}\nkept {kept} {same}")


def check_own(user):
    """The user's own are written to and followed; root's directory is no
    reason against root's files."""
    uid = os.geteuid() if user.uid is None else user.uid
    for name, command in WRITERS:
        for trap in (link, link_on_the_way, link_to_link, regular):
            with shared(user) as (tmp, own):
                path = trap(tmp, own, uid)
                result = write_with(command, path, own, user)
                with open(path, "rb") as file:
                    written = file.read() != OWN.encode()
                h.ok(result.status == 0 and written,
                     f"{user.name}: {name}, {trap.__name__} of one's own: "
                     "written", result)
    # Where nobody else may write, another user's link is as good as any.
    with h.scratch(user) as folder:
        os.symlink("file", os.path.join(folder, "link"))
        path = os.path.join(folder, "link")
        result = write_with(WRITERS[0][1], path, folder, user)
        h.ok(result.status == 0 and os.path.islink(path) and
             os.path.exists(os.path.join(folder, "file")),
             f"{user.name}: --save through root's link, in a directory of "
             "one's own", result)


def check_streams(user):
    """/dev/stdout and its like are what is open, whatever is behind."""
    for path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/null"):
        with h.scratch(user) as folder:
            name = h.write(os.path.join(folder, "out"), OWN, 0o644, user)
            with open(name, "ab") as out:
                result = h.run([h.PLEDGE, "-p", "stdio", "--save", path, "--",
                                "/bin/true"], user, stdout=out)
            with open(name, encoding="utf-8") as text:
                written = text.read()
        wanted = OWN + ("" if path == "/dev/null" else "promises stdio\n")
        h.equal((result.status, written), (0, wanted),
                f"{user.name}: --save {path}: appended to what is open")
    for path, said in (("/tmp/", "Is a directory"),
                       ("/nonexistent/x", "No such file"),
                       ("/tmp/.", "Is a directory"), ("", "No such file")):
        result = h.run([h.PLEDGE, "-p", "stdio", "--save=" + path, "--",
                        "/bin/true"], user)
        h.ok(result.status == 125 and (said in result.err or not path),
             f"{user.name}: --save '{path}': {said}", result)


def main():
    for user in h.USERS:
        check_streams(user)
        if h.ROOT_USER is None:
            continue
        check_own(user)
        check_traps(user, 1 if user == h.ROOT_USER else 2)
    if h.ROOT_USER is None:
        h.skip("another user's files", "takes root to make them")
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
