#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pledge() and unveil() from Python, by ctypes.

    confine.py DIRECTORY FILE

Reads FILE with nothing but DIRECTORY in sight. Import what is needed before:
an import opens files. Calls of C functions need no promise of their own; only
callbacks (CFUNCTYPE) make memory executable, which takes prot_exec."""
import ctypes
import os
import sys

LIBRARY = os.environ.get("LIBPLEDGE", "libpledge.so.0")


def load():
    library = ctypes.CDLL(LIBRARY, use_errno=True)
    for call in (library.pledge, library.unveil):
        call.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        call.restype = ctypes.c_int
    library.pledge_detail.restype = ctypes.c_char_p
    return library


def check(library, result):
    if result == -1:
        raise OSError(ctypes.get_errno(), library.pledge_detail().decode())


def main(directory, path):
    library = load()
    check(library, library.unveil(os.fsencode(directory), b"r"))
    check(library, library.pledge(b"stdio rpath", None))
    with open(path, encoding="utf-8") as text:
        sys.stdout.write(text.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
