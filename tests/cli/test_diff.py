#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Two policies compared: which is wider, and by what."""
import json
import os
import sys

import harness as h

BASE = "promises stdio rpath\nunveil r /etc\n"
# What the second says besides, which is wider, and what is said of it.
PAIRS = [
    ("", 0, "equal", []),
    ("unveil r /etc/ssl\n", 0, "equal", []),
    ("unveil rw /etc/ssl\n", 1, "second", ["unveil   /etc/ssl: r -> rw"]),
    ("unveil r /usr\n", 1, "second", ["unveil   /usr: nothing -> r"]),
    ("unveil off\n", 1, "second", ["as unveiled -> unrestricted"]),
    ("promises -rpath\n", 1, "first", ["call     ", "allow -> errno 1"]),
    ("deny getppid\n", 1, "first",
     ["call     getppid(): allow -> errno 1 (EPERM)"]),
    ("allow set_mempolicy\n", 1, "second", ["set_mempolicy(): errno 1"]),
    ("caps dac_override\n", 1, "second",
     ["caps     dac_override: dropped -> kept"]),
    ("promises vminfo\n", 1, "second",
     ["promise  vminfo: not these -> its files"]),
    ("limit files 64\n", 1, "first", ["limit    files: no limit -> 64"]),
    ("promises inet\nconnect 443\n", 1, "second",
     ["connect  443: refused -> allowed"]),
    ("unveil r /usr\ndeny getppid\n", 1, "both", ["/usr", "getppid()"]),
]


def main():
    with h.scratch() as here:
        first = h.write(os.path.join(here, "first.policy"), BASE)
        second = os.path.join(here, "second.policy")
        for more, status, wider, said in PAIRS:
            h.write(second, BASE + more)
            result = h.run([h.TOOL, "diff", first, second])
            h.ok(result.status == status and
                 all(text in result.out for text in said),
                 f"{more.strip() or 'nothing more'}: {wider}", result)
            result = h.run([h.TOOL, "diff", "--json", first, second])
            found = json.loads(result.out)
            h.ok(found["wider"] == wider and
                 bool(found["differences"]) == bool(status),
                 "and in JSON", result)
        for words in ([first], [first, second, first],
                      [first, second + ".none"]):
            result = h.run([h.TOOL, "diff", *words])
            h.ok(result.status == 2 and result.err, f"{len(words)} files: 2",
                 result)
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
