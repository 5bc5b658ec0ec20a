#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Types what docs/TUTORIAL.md says, in an empty directory, and compares."""
import os
import sys
import tempfile

import document
from document import tap

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")


def check_comparing():
    """The comparison itself."""
    for wanted, printed, fine in (
            (["a", "...", "b"], ["a", "x", "y", "b"], True),
            (["a", "...", "b"], ["a", "b"], True),
            (["a ... c"], ["a b c"], True), (["a ... c"], ["a b d"], False),
            (["a"], ["a", "b"], False), (["a", "b"], ["a"], False),
            (["a.c"], ["abc"], False)):
        tap.ok(bool(document.matches(wanted, printed)) == fine,
               f"{wanted} {'is' if fine else 'is not'} {printed}")


def main():
    check_comparing()
    blocks = [block for block in
              document.blocks(document.read("docs/TUTORIAL.md"))
              if block.kind == "run"]
    tap.ok(len(blocks) >= 10, f"{len(blocks)} blocks to type")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shell = document.Shell(folder, BUILD, TMPDIR=folder)
        for block in blocks:
            for command in document.commands(block):
                printed, status = shell.run(command.text)
                fine = (document.matches(command.wanted, printed)
                        if command.wanted else status == 0 or
                        command.text.startswith("pledge -q -"))
                text = command.text.replace("#", " ").replace("\n", " ")
                if not tap.ok(fine, f"line {command.line}: {text}"):
                    tap.note(f"exit status {status}, printed:\n" +
                             "\n".join(printed))
        shell.close()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
