#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The manual pages name what the built programs have, and nothing that they
have not; their examples, and README.md's, are taken by the programs.

    check_pages.py [BUILD]

What there is comes from the programs' own help and lists, or, where no
program lists it, from the tables in the sources."""
import atexit
import collections
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import tap

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
PLEDGE = os.path.join(BUILD, "pledge")
TOOL = os.path.join(BUILD, "seccomp-pledge")
LATER = "not in this version"

# What a page must have: KIND and NAME for the reader, and what its list must
# hold: a tag, and words in the text behind it.
Fact = collections.namedtuple("Fact", "kind name tag words")


# Where the profiles that are not installed yet are found by name.
CONFIG = tempfile.mkdtemp()
atexit.register(shutil.rmtree, CONFIG)
os.mkdir(os.path.join(CONFIG, "seccomp-pledge"))
os.symlink(os.path.join(tap.ROOT, "profiles"),
           os.path.join(CONFIG, "seccomp-pledge", "profiles"))


def ask(*argv, cwd=None):
    # @HOME in an example must stand for something, whoever runs this.
    return subprocess.run(argv, cwd=cwd, check=False, text=True,
                          env={**os.environ, "HOME": "/nonexistent",
                               "XDG_CONFIG_HOME": CONFIG},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


# --- What there is ---

def option_facts(text):
    """Of "  -p, --promises PROMISES   words..." and its further lines."""
    rows = re.findall(r"^  (?:-(\w), |    )--([\w-]+)(?: (\S+))?\n?"
                      r"((?:\s{2,}.*\n)(?:\s{28}.*\n)*)", text, re.M)
    return [Fact("option", f"--{name}",
                 " ".join(([f"Fl {letter} ,"] if letter else []) +
                          [f"Fl -{name}"] +
                          ([f"Ar {argument}"] if argument else [])),
                 [LATER] if LATER in " ".join(rest.split()) else [])
            for letter, name, argument, rest in rows]


def verb_facts(text):
    verbs = re.search(r"^verbs .*\n((?:  \w.*\n)+)", text, re.M).group(1)
    return [Fact("verb", line.split()[0], f"Cm {line.split()[0]}", [])
            for line in verbs.splitlines()]


def later_verbs(text):
    return re.findall(r"^  (\w+) .*" + LATER, text, re.M)


def promise_facts(text):
    """With the files that are unveiled for each."""
    return [Fact("promise", row["name"], f"Cm {row['name']}",
                 [word.partition(":")[2] for word in row["files"].split()])
            for row in json.loads(text)]


def table_names(path, pattern):
    return re.findall(pattern, tap.read(path))


def policy_facts():
    statements = table_names("src/policy/file.c", r"\n\t\{ \"(\w+)\", \d+, ")
    limits = table_names("src/policy/policy.c",
                         r"\[LIMIT_\w+\] = \{ \"(\w+)\"")
    row = re.search(r"symbol_names\[\] = \{(.*?)\}",
                    tap.read("src/policy/symbols.c"), re.S).group(1)
    symbols = re.findall(r"\"(@\w+)\"", row) + ["@HERE"]
    named = {"statement": statements, "limit": limits, "symbol": symbols}
    return [Fact(kind, name, f"Cm {name}", [])
            for kind, names in named.items() for name in names]


# --- What a page says ---

def entries(page):
    """tag -> the text behind it.  Tags in a row share the text."""
    found, tags, open_ = {}, [], False
    for line in page.splitlines():
        if line.startswith(".It "):
            tags = tags + [line[4:]] if open_ else [line[4:]]
            found.setdefault(line[4:], "")
            open_ = True
        elif re.match(r"\.(S[hs]|El|Bl -tag)\b", line):
            if not line.startswith(".Bl"):
                tags, open_ = [], False
        else:
            open_ = False
            for tag in tags:
                found[tag] += line + "\n"
    return found


def has_tag(wanted, tag):
    """"Cm limit" begins "Cm limit Ar name number"; "Fl -env" is not
    "Fl -environment"."""
    return tag == wanted or tag.startswith(wanted + " ")


def has_word(word, text):
    return re.search(r"(?<![\w/.-])" + re.escape(word) + r"(?![\w/-])", text,
                     re.I)


def check_page(page, facts):
    """What is missing from the page, one sentence each."""
    said, wrong = entries(page), []
    for kind, name, wanted, words in facts:
        texts = [text for tag, text in said.items() if has_tag(wanted, tag)]
        if not texts:
            wrong.append(f'{kind} {name}: no ".It {wanted}"')
            continue
        for word in words:
            if not any(has_word(word, text) for text in texts):
                wrong.append(f"{kind} {name}: nothing about {word}")
    return wrong


def check_stale(page, facts):
    """Options that the page has and the program has not."""
    known = {fact.tag for fact in facts}
    return [f'".It {tag}": the program has no such option'
            for tag in entries(page)
            if tag.startswith("Fl ") and tag not in known]


def check_later(page, verbs, later):
    """Verbs of this version, and of later ones, in the section for each."""
    wrong = []
    for title, names in (("VERBS", set(verbs) - set(later)),
                         ("VERBS OF LATER VERSIONS", set(later))):
        match = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh )", page,
                          re.M | re.S)
        found = {tag.split()[1] for tag in entries(match.group(1))
                 if tag.startswith("Cm ")} if match else set()
        if found != names:
            wrong.append(f"{title}: {sorted(found)}, where the program has "
                         f"{sorted(names)}")
    return wrong


def verb_options(text):
    """-o and --output of "  -o, --output FILE   ...", and what usage lines
    write: "[--json]"."""
    rows = re.findall(r"^  (?:-(\w), |    |-(\w) )?(?:--([\w-]+))?(?= )", text,
                      re.M)
    usage = " ".join(re.findall(r"^(?:usage:|      ) \S*pledge .*$", text,
                                re.M))
    words = {word for row in rows for word in row if word}
    words |= set(re.findall(r"(?<![\w-])--?([a-z][a-z-]*)", usage))
    return sorted(words - {"help", "h"})


def lacks_option(word, pages):
    """No page has it as an option: "Fl -output", "Fl o"."""
    name = f"-{word}" if len(word) > 1 else word
    return not any(re.search(rf"Fl {re.escape(name)}(?![\w-])", page)
                   for page in pages)


def check_verb_options(verbs, pages):
    """Options of running a command are pledge(1)'s."""
    found = 0
    for verb in verbs:
        words = verb_options(ask(TOOL, verb, "--help").stdout)
        found += len(words)
        report([word for word in words if lacks_option(word, pages)],
               f"{verb}: its {len(words)} options are in a page")
    tap.ok(found > 60, f"{found} options of verbs were found")


# --- Examples ---

def examples(text):
    """Command lines of pages ("$ pledge ...") and of README.md's blocks."""
    lead = r"^(?:\.Dl |    )?(?:\$ )"
    for line in re.findall(rf"{lead}((?:seccomp-)?pledge .*)$", text, re.M):
        yield line
    for line in re.findall(r"^    (pledge .*)$", text, re.M):
        yield line


def policies(page):
    """The policy files that a page shows, marked by a comment."""
    return re.findall(r'^\.\\" check: policy (\S+)\n\.Bd [^\n]*\n(.*?)^\.Ed',
                      page, re.M | re.S)


def simple_command(line):
    """Its words, up to a pipe, a redirection or a comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>;&")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if word[0] in "|<>;&":
            break
        words.append(word)
    return words


def try_example(line, folder):
    """Why the program does not take it, or None.  Runs no command."""
    words = simple_command(line)
    program = os.path.join(BUILD, words[0])
    verb = program == TOOL and words[1] in ("promises", "profiles", "doctor")
    if not verb:
        at = 2 if words[1] == "run" else 1
        words[at:at] = ["--dry-run"]
    done = ask(program, *words[1:], cwd=folder)
    # The examples' programs need not be installed.
    fine = (0, 1) if words[1] == "doctor" else (0, 127)
    said = done.stderr.strip()
    if done.returncode not in fine:
        return f"exit status {done.returncode}: {said}"
    # "unix" warns on most kernels; a letter without its promise is a mistake.
    return said if "does nothing without" in said else None


# What a ".Dl" line may have before man(1) breaks it on 80 columns.
LINE_MAX = 65


def check_examples(pages):
    for name, page in pages.items():
        broken = re.findall(rf"^\.Dl (.{{{LINE_MAX + 1},}})$", page, re.M)
        tap.ok(not broken, f"{name}: no example is broken where it is pasted")
        tap.note("\n".join(broken))
    with tempfile.TemporaryDirectory() as folder:
        for name, page in pages.items():
            for file, text in policies(page):
                text = text.replace(r"\e", "\\")
                with open(os.path.join(folder, file), "w",
                          encoding="utf-8") as out:
                    out.write(text)
                done = ask(PLEDGE, "-i", f"./{file}", "--dry-run", cwd=folder)
                if not tap.ok(done.returncode == 0, f"{name}: {file} is read"):
                    tap.note(done.stderr)
        # What an earlier example of a page writes.
        ask(PLEDGE, "--save", "ls.policy", cwd=folder)
        for name, page in pages.items():
            for line in examples(page):
                why = try_example(line.replace(r"\e", "\\"), folder)
                tap.ok(not why, f"{name}: {line.replace('#', ' ')}")
                tap.note(why or "")


# --- The check itself ---

PAGE = """.Sh OPTIONS
.Bl -tag -width Ds
.It Fl p , Fl -promises Ar PROMISES
Words.
.It Fl e , Fl -explain
Not in this version.
.It Cm getpw
Reads
.Pa /etc/passwd , /etc/group .
.It Cm sendfd
.It Cm recvfd
Both.
.El
"""
HELP = """  -p, --promises PROMISES   words
                            add up
  -e, --explain             name each denial (not in this
                            version)
      --env K[=V]           a variable
"""
NAMED = [Fact("promise", "getpw", "Cm getpw", ["/etc/passwd", "/etc/group"]),
         Fact("promise", "sendfd", "Cm sendfd", ["Both"])]

# text of the page that is replaced, by what, and what must be said of it
PLANTED = [
    ("", "", None),
    (".It Fl p , Fl -promises Ar PROMISES\n", "", "option --promises: no"),
    ("Ar PROMISES", "Ar WORDS", "option --promises: no"),
    ("Fl -promises", "Fl -promise", "option --promises: no"),
    ("Not in this version.", "Names.", "option --explain: nothing about"),
    (".It Cm getpw\n", "", "promise getpw: no"),
    ("/etc/group", "/etc/groups", "promise getpw: nothing about /etc/group"),
    (".It Cm recvfd", ".It Fl z", '".It Fl z": the program has no'),
    ("Both.\n", "", "promise sendfd: nothing about Both"),
]

EXAMPLES = [
    ("pledge -p 'stdio rpath' -v r:. -- ls | wc", True),
    ("pledge -p stdio -- cat <in >out", True),
    ("seccomp-pledge promises wpath", True),
    ("seccomp-pledge run -p stdio -- true", True),
    ("pledge --wrong -- ls", False),
    ("pledge -p 'stdio rpaht' -- ls", False),
    ("pledge -p stdio -v w:. -- ls", False),
    ("pledge -i ./nowhere.policy -- ls", False),
    ("pledge -p stdio --connect 80 -- true", False),
    ("seccomp-pledge promises rpaht", False),
]


def check_planted():
    options = option_facts(HELP)
    tap.ok([fact.tag for fact in options] ==
           ["Fl p , Fl -promises Ar PROMISES", "Fl e , Fl -explain",
            "Fl -env Ar K[=V]"], "help text is read")
    facts = options[:2] + NAMED
    for old, new, said in PLANTED:
        page = PAGE.replace(old, new)
        wrong = check_page(page, facts) + check_stale(page, facts)
        found = said in "\n".join(wrong) if said else not wrong
        if not tap.ok(found, f"planted: {said or 'nothing'}"):
            tap.note("\n".join(wrong) or "nothing was said")
    tap.ok(verb_options("usage: pledge y [--json] [-o FILE]\n  -q, --quiet  hush\n"
                        "      --runs N  often\n  -h, --help  this\n") ==
           ["json", "o", "q", "quiet", "runs"], "a verb's help is read")
    tap.ok(not lacks_option("runs", [".Fl -runs Ar n"]) and
           lacks_option("run", [".Fl -runs Ar n"]) and
           lacks_option("o", [".Fl -output"]), "a missing option is missed")
    later = ".Sh VERBS\n.It Cm run\n.Sh VERBS OF LATER VERSIONS\n" \
        ".It Cm learn\n.Sh END\n"
    tap.ok(not check_later(later, ["run", "learn"], ["learn"]) and
           check_later(later, ["run", "learn"], []) and
           check_later(later, ["run", "learn"], ["run", "learn"]),
           "a verb in the wrong section is found")
    with tempfile.TemporaryDirectory() as folder:
        for line, fine in EXAMPLES:
            tap.ok(bool(try_example(line, folder)) != fine,
                   f"{'taken' if fine else 'refused'}: {line}")


def report(wrong, text):
    tap.ok(not wrong, text)
    tap.note("\n".join(wrong))


def check_facts(name, page, facts, least):
    """LEAST: fewer facts mean that their source was not understood."""
    tap.ok(len(facts) >= least, f"{name}: {len(facts)} facts to find")
    report(check_page(page, facts), f"{name} has them all")
    # One that would not be missed is not looked for.
    unseen = [fact.name for fact in facts
              if not check_page(drop(page, fact), [fact])]
    report(unseen, f"{name}: each would be missed")


def drop(page, fact):
    return "\n".join(line for line in page.splitlines()
                     if not has_tag(".It " + fact.tag, line))


def main():
    check_planted()
    pages = {name: tap.read(f"man/{name}")
             for name in ("pledge.1", "seccomp-pledge.1",
                          "pledge-promises.7", "pledge-policy.5")}
    options = option_facts(ask(PLEDGE, "--help").stdout)
    tool = ask(TOOL, "--help").stdout
    verbs = verb_facts(tool)
    rows = len(re.findall(r"^  .{4}--\w", ask(PLEDGE, "--help").stdout, re.M))
    tap.ok(len(options) == rows, f"all {rows} rows of the help are read")
    check_facts("pledge.1", pages["pledge.1"], options, 30)
    report(check_stale(pages["pledge.1"], options), "pledge.1 has no others")
    tap.ok(option_facts(tool) == options, "both programs have these options")
    check_facts("seccomp-pledge.1", pages["seccomp-pledge.1"], verbs, 12)
    report(check_later(pages["seccomp-pledge.1"],
                       [fact.name for fact in verbs], later_verbs(tool)),
           "seccomp-pledge.1 says which verbs are of later versions")
    check_verb_options([fact.name for fact in verbs], [
        pages["pledge.1"], pages["seccomp-pledge.1"],
        tap.read("man/seccomp-pledge-serve.8")])
    promises = promise_facts(ask(TOOL, "promises", "--json").stdout)
    check_facts("pledge-promises.7", pages["pledge-promises.7"], promises, 38)
    check_facts("pledge-policy.5", pages["pledge-policy.5"], policy_facts(),
                17)
    pages["README.md"] = tap.read("README.md")
    check_examples(pages)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
