#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Completions in real shells: bash and zsh on a terminal, where a tab is
pressed and the line read back; fish by its own "complete -C"."""
import contextlib
import os
import re
import select
import shutil
import subprocess
import sys

import harness as h

sys.path.insert(0, os.path.join(h.ROOT, "tests", "lint"))
import tap  # noqa: E402


# A line, and what it is after a tab; None: unchanged.
LINES = [
    ("pledge -p std", "pledge -p stdio"),
    ("pledge -p stdio,rpa", "pledge -p stdio,rpath"),
    ("pledge -p stdio,-rpa", "pledge -p stdio,-rpath"),
    ("pledge -p 'stdio wpa", "pledge -p 'stdio wpath"),
    # What the list has already, what allows nothing, what is taken away.
    ("pledge -p stdio,stdi", None),
    ("pledge -p diskla", None),
    ("pledge -p stdio,-stdi", "pledge -p stdio,-stdio"),
    ("pledge --promises=flo", "pledge --promises=flock"),
    ("pledge --no-unv", "pledge --no-unveil"),
    ("pledge -kp std", "pledge -kp stdio"),
    ("pledge -v r:wor", "pledge -v r:words"),
    ("pledge -v wor", "pledge -v words"),
    ("pledge -v r:words --unveil dee", "pledge -v r:words --unveil deep/"),
    ("pledge -T unv", "pledge -T unveil"),
    ("pledge -i ./a.pol", "pledge -i ./a.policy"),
    ("pledge -i prof", "pledge -i profiled"),
    ("pledge -p rpaht --no-unv", "pledge -p rpaht --no-unveil"),
    # The command, and then what is its own.
    ("pledge zeb", "pledge zebra"),
    ("pledge -p stdio -- zeb", "pledge -p stdio -- zebra"),
    ("pledge zebra ow", "pledge zebra own-word"),
    ("pledge -p stdio -v r:words -- zebra ow",
     "pledge -p stdio -v r:words -- zebra own-word"),
    ("pledge -p stdio zebra --no-unv", None),
    ("pledge -- zebra std", None),
    ("seccomp-pledge -p stdio zebra ow",
     "seccomp-pledge -p stdio zebra own-word"),
    ("seccomp-pledge run -p stdio -- zebra ow",
     "seccomp-pledge run -p stdio -- zebra own-word"),
    # Verbs, each with its own.
    ("seccomp-pledge trac", "seccomp-pledge trace"),
    ("seccomp-pledge trace --summ", "seccomp-pledge trace --summary"),
    ("seccomp-pledge trace --no-unv", None),
    ("seccomp-pledge trace --only rpa", "seccomp-pledge trace --only rpath"),
    ("seccomp-pledge trace zebra ow", "seccomp-pledge trace zebra own-word"),
    ("seccomp-pledge run doct", None),
    ("seccomp-pledge learn --merge ./a.pol",
     "seccomp-pledge learn --merge ./a.policy"),
    ("seccomp-pledge learn -o out zebra ow",
     "seccomp-pledge learn -o out zebra own-word"),
    ("seccomp-pledge guide -p std", "seccomp-pledge guide -p stdio"),
    ("seccomp-pledge guide zebra ow", "seccomp-pledge guide zebra own-word"),
    ("seccomp-pledge serve --sock", "seccomp-pledge serve --socket"),
    ("seccomp-pledge filter zeb", None),
    ("seccomp-pledge filter conv", "seccomp-pledge filter convert"),
    ("seccomp-pledge filter convert --to mini",
     "seccomp-pledge filter convert --to minijail"),
    ("seccomp-pledge filter show --bpf wor",
     "seccomp-pledge filter show --bpf words"),
    ("seccomp-pledge promises wpa", "seccomp-pledge promises wpath"),
    ("seccomp-pledge profiles prof", "seccomp-pledge profiles profiled"),
    ("seccomp-pledge export --arch ris",
     "seccomp-pledge export --arch riscv64"),
    ("seccomp-pledge check ./a.pol", "seccomp-pledge check ./a.policy"),
    ("seccomp-pledge check ./a.policy zebra ow",
     "seccomp-pledge check ./a.policy zebra own-word"),
    ("seccomp-pledge check ./a.policy -- zebra ow",
     "seccomp-pledge check ./a.policy -- zebra own-word"),
]

BASH = """
set +o history; PS1='> '; bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
for lib in /usr/share/bash-completion/bash_completion; do
	[[ -r $lib ]] && . $lib
done
. {file}
complete -W own-word zebra
show() {{ printf '\\n<<%s>>\\n' "$READLINE_LINE"; }}
bind -x '"\\C-xs": show'
echo rea""dy
"""
ZSH = """
PS1='> '; unsetopt beep list_beep; setopt no_auto_list no_auto_menu
fpath=({folder} $fpath)
autoload -U compinit && compinit -D -u
_zebra() {{ compadd own-word }}
compdef _zebra zebra
show() {{ print -r $'\\n'"<<$BUFFER>>" }}
zle -N show; bindkey '^Xs' show; bindkey '^U' kill-whole-line
print rea""dy
"""


class Shell:
    """One that runs on a terminal, and what it writes there."""

    def __init__(self, argv, env, folder, setup, stack):
        ours, theirs = stack.enter_context(h.terminal())
        self.terminal = ours
        path = h.write(os.path.join(folder, "setup"), setup)
        process = subprocess.Popen(argv, stdin=theirs, stdout=theirs,
                                   stderr=theirs, env=env, cwd=folder,
                                   start_new_session=True)
        stack.callback(process.wait)
        stack.callback(process.kill)
        self.said = ""
        self.write(f". {path}\n")
        self.expect(r"ready\s")

    def write(self, text):
        os.write(self.terminal, text.encode())

    def expect(self, pattern):
        while not (match := re.search(pattern, self.said, re.S)):
            if not select.select([self.terminal], [], [], h.TIMEOUT)[0]:
                raise TimeoutError(self.said)
            self.said += h.text(os.read(self.terminal, 65536))
        self.said = self.said[match.end():]
        return match

    def complete(self, line):
        """The line after a tab, without what ends its last word."""
        self.write(line + "\t\x18s")
        found = self.expect(r"<<(.*?)>>").group(1)
        self.write("\x15")
        return found.rstrip("=' ")


def fish_complete(env, folder, lines):
    """What fish puts for the last word of each line: sets of words."""
    script = (f"source {h.completion('pledge.fish')}; "
              f"source {h.completion('seccomp-pledge.fish')}; "
              "complete -c zebra -f -a own-word; "
              "while read -l line; echo \"<<$line\"; complete -C $line; end")
    result = h.run(["fish", "--no-config", "-c", script], env=env, cwd=folder,
                   words="\n".join(lines).encode())
    found, line = {}, None
    for text in result.out.splitlines():
        if text.startswith("<<"):
            line = text[2:]
            found[line] = set()
        elif line is not None:
            found[line].add(text.split("\t")[0])
    return found, result


def prepare(stack):
    """A directory with files, a command and a profile of that name."""
    folder = stack.enter_context(h.scratch())
    os.mkdir(os.path.join(folder, "deep"))
    for name in ("words", "a.policy"):
        h.write(os.path.join(folder, name), "")
    programs = os.path.join(folder, "bin")
    profiles = os.path.join(folder, "config", "seccomp-pledge", "profiles")
    os.makedirs(programs)
    os.makedirs(profiles)
    h.write(os.path.join(programs, "zebra"), "#!/bin/sh\n", 0o755)
    h.write(os.path.join(profiles, "profiled.policy"), "promises stdio\n")
    env = h.environment(
        PATH=f"{programs}:{os.path.dirname(h.TOOL)}:{h.PATH}", HOME=folder,
        XDG_CONFIG_HOME=os.path.join(folder, "config"), TERM="dumb")
    return folder, env


def check_terminal(name, argv, setup, file):
    if not shutil.which(name):
        h.skip(f"{name}: completes", f"no {name} here")
        return
    file = h.completion(file)
    with contextlib.ExitStack() as stack:
        folder, env = prepare(stack)
        shell = Shell(argv, env, folder, setup.format(
            file=file, folder=os.path.dirname(file)), stack)
        for line, wanted in LINES:
            h.equal(shell.complete(line), wanted or line,
                    f"{name}: {line}")


def check_fish():
    if not shutil.which("fish"):
        h.skip("fish: completes", "no fish here")
        return
    with contextlib.ExitStack() as stack:
        folder, env = prepare(stack)
        # An open quote cannot be said to complete -C.
        rows = [row for row in LINES if "'" not in row[0]]
        found, result = fish_complete(env, folder, [row[0] for row in rows])
        for line, wanted in rows:
            # It completes a word of its own guess where nothing begins so.
            last = wanted.split(" ")[-1] if wanted else None
            words = found.get(line, set())
            h.ok(last in words if wanted else
                 not any(w.startswith(line.split(" ")[-1]) for w in words),
                 f"fish: {line}", f"{words} {result.err}")


def table_options():
    """Every option that a table of the sources holds: (file, option)."""
    for path in tap.files("src/cli", suffixes=(".c",)):
        text = tap.read(path)
        rows = re.findall(r"^\t\{ (?:'(\w)'|0), \"([\w-]+)\", (?:\"|NULL)",
                          text, re.M)
        for letter, name in rows:
            yield from ((path, word) for word in (
                f"-{letter}" if letter else None, f"--{name}") if word)
        for word in re.findall(r"^\t\{ \"(--?\w[\w-]*)\", ", text, re.M):
            yield path, word


def offered(path):
    """Every option that a file of completions mentions."""
    with open(h.completion(path), encoding="utf-8") as text:
        text = text.read()
    if path.endswith(".fish"):
        return {("-" if kind == "s" else "--") + word for kind, word in
                re.findall(r" -([sl]) ([\w-]+)", text)}
    if path == "_pledge":
        return set(re.findall(r"^\t+'\*(--?[\w-]+?)[+=]?(?:\[|:|')", text,
                              re.M))
    return {word for row in re.findall(r"options='(.*)'", text)
            for word in row.split()}


def check_tables():
    options = set(table_options())
    h.ok(len(options) > 60, f"{len(options)} options are in tables")
    for path in ("pledge", "_pledge", "seccomp-pledge.fish"):
        there = offered(path)
        missing = [f"{file}: {word}" for file, word in sorted(options)
                   if word not in there]
        h.ok(not missing, f"{path} has each of them", " ".join(missing))


def main():
    if os.path.isdir(os.path.join(h.ROOT, "src")):
        check_tables()
    check_terminal("bash", ["bash", "--norc", "--noprofile", "-i"], BASH,
                   "pledge")
    check_terminal("zsh", ["zsh", "-f", "-i"], ZSH, "_pledge")
    check_fish()
    return h.done()


if __name__ == "__main__":
    sys.exit(main())
