# SPDX-License-Identifier: ISC
"""What a document of docs/ asks its reader to do, and doing it.

A fenced block is
    ```diff        a change to the sources, applied from their top
    ```c PATH      a new file, likewise ```python, ```sh, ```text
    ```sh          commands after "$ "; what they print stands below each

In what is printed, "..." stands for anything: alone on a line for any lines,
within one for any characters.  A command without output below it must succeed
and may print what it likes.  The shell of a document is one from its first
command to its last.
"""
import collections
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "lint"))
# pylint: disable=wrong-import-position
import tap  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FENCE = re.compile(r"^```(\w+)?(?: (\S+))?\n(.*?)^```$", re.M | re.S)
MARK = "--- end of a command "
TIMEOUT = 900

# KIND: "diff", "file", "run", or "show", which asks for nothing.
Block = collections.namedtuple("Block", "kind path text line")
Command = collections.namedtuple("Command", "text wanted line")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as text:
        return text.read()


def blocks(text):
    for match in FENCE.finditer(text):
        language, path, body = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        if language == "diff":
            yield Block("diff", None, body, line)
        elif path:
            yield Block("file", path, body, line)
        elif language == "sh" and re.search(r"^\$ ", body, re.M):
            yield Block("run", None, body, line)
        else:
            yield Block("show", None, body, line)


def commands(block):
    """A command goes on in the next line after a backslash."""
    found, text, wanted, start = [], None, [], 0
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if text is not None and text.endswith("\\"):
            text += "\n" + line
        elif line.startswith("$ "):
            if text is not None:
                found.append(Command(text, wanted, start))
            text, wanted, start = line[2:], [], number
        else:
            wanted.append(line)
    found.append(Command(text, wanted, start))
    return found


def matches(wanted, printed):
    pattern = ""
    for line in wanted:
        if line == "...":
            pattern += "(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part)
                                 for part in line.split("...")) + "\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed))


class Shell:
    """One shell, given one command at a time."""

    def __init__(self, folder, path, **environment):
        self.bash = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, text=True, errors="replace",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": path + ":/usr/local/bin:/usr/bin:/bin",
                 "HOME": folder, "LC_ALL": "C.UTF-8", **environment})
        self.count = 0

    def run(self, command):
        """Its lines, and its exit status; None: the shell is gone."""
        self.count += 1
        self.bash.stdin.write(
            f"(exit ${{last:-0}}); {{ {command}\n}} </dev/null; last=$?; "
            f'printf "\\n{MARK}{self.count} %d\\n" "$last"\n')
        self.bash.stdin.flush()
        lines = []
        for line in self.bash.stdout:
            if line.startswith(f"{MARK}{self.count} "):
                # The blank line before the mark is ours.
                if lines and lines[-1] == "":
                    lines.pop()
                return lines, int(line.split()[-1])
            lines.append(line.rstrip("\n"))
        return lines, None

    def close(self):
        self.bash.stdin.close()
        self.bash.stdout.close()
        self.bash.wait()


def apply_hunk(lines, hunk, near):
    """Replaces what stands nearest to line NEAR; why it cannot, or None."""
    old = [line[1:] for line in hunk if line[:1] in " -"]
    new = [line[1:] for line in hunk if line[:1] in " +"]
    found = [at for at in range(len(lines) - len(old) + 1)
             if lines[at:at + len(old)] == old]
    if not found or not old:
        return "nothing there reads\n" + "\n".join(old)
    at = min(found, key=lambda at: abs(at - near))
    lines[at:at + len(old)] = new
    return None


def apply_diff(block, folder):
    """Why it does not fit the sources of FOLDER, or None.  Line numbers are
    hints: sources grow."""
    head, *hunks = re.split(r"^@@ -(\d+).*@@.*\n", block.text, flags=re.M)
    path = re.search(r"^\+\+\+ b/(\S+)", head, re.M).group(1)
    with open(os.path.join(folder, path), encoding="utf-8") as text:
        lines = text.read().split("\n")
    for near, hunk in zip(hunks[::2], hunks[1::2]):
        if wrong := apply_hunk(lines, hunk.rstrip("\n").split("\n"),
                               int(near)):
            return f"{path}: {wrong}"
    with open(os.path.join(folder, path), "w", encoding="utf-8") as out:
        out.write("\n".join(lines))
    return None


def make_file(block, folder):
    path = os.path.join(folder, block.path)
    if os.path.exists(path):
        return f"{block.path} is there already"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(block.text)
    return None


def run_block(block, shell):
    """Why a command of it did not do as it is said, or None."""
    for command in commands(block):
        printed, status = shell.run(command.text)
        fine = (matches(command.wanted, printed) if command.wanted
                else status == 0)
        if status is None or not fine:
            return (f"line {command.line}: {command.text}\nexit status "
                    f"{status}, printed:\n" + "\n".join(printed[-40:]))
    return None


def copy_sources(folder):
    """What belongs to the project, and nothing that was built."""
    for path in tap.files():
        new = os.path.join(folder, path)
        os.makedirs(os.path.dirname(new), exist_ok=True)
        shutil.copy2(os.path.join(TOP, path), new)
