#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Keep tools/calls.tsv, and what is made from it.

  gen-arch.py rows              print src/call/rows.h's table, as C
  gen-arch.py looks             print src/call/looks.h's table, as C
  gen-arch.py write             write src/call/ARCH.c from the table
  gen-arch.py write --check     fail if one of them would change
  gen-arch.py tree DIR          add what a kernel source tree's .tbl files name
  gen-arch.py headers ARCH CC   add what a compiler's <asm/unistd.h> names
  gen-arch.py known CC          print, as C, what this host's headers name, for
                                tests/unit/test_arch.c

A call is never taken out of the table: binaries and policies outlive it.
"""

import argparse
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = os.path.join(TOP, "tools", "calls.tsv")

CALLS_MAX = 512  # ARCH_CALLS_MAX in src/call/arch.h

# The tbl's ABI words are those that the architecture's own Makefile.syscalls
# selects; a compiler is asked for the header, so that its paths apply.
ARCHS = {
    "x86_64": {
        "audit": "AUDIT_ARCH_X86_64",
        "quirks": "ARCH_X32",
        "elf": "EM_X86_64",
        "tbl": "arch/x86/entry/syscalls/syscall_64.tbl",
        "abis": {"common", "64"},
        "header": "asm/unistd_64.h",
    },
    "i386": {
        "audit": "AUDIT_ARCH_I386",
        "quirks": "ARCH_32BIT | ARCH_FOREIGN",
        "elf": "EM_386",
        "tbl": "arch/x86/entry/syscalls/syscall_32.tbl",
        "abis": {"common", "i386"},
        "header": "asm/unistd_32.h",
        "compiler": "x86_64",
    },
    "aarch64": {
        "audit": "AUDIT_ARCH_AARCH64",
        "quirks": "0",
        "elf": "EM_AARCH64",
        "tbl": "scripts/syscall.tbl",
        "abis": {"common", "64", "renameat", "rlimit", "memfd_secret"},
        "header": "asm/unistd.h",
    },
    "riscv64": {
        "audit": "AUDIT_ARCH_RISCV64",
        "quirks": "0",
        "elf": "EM_RISCV",
        "tbl": "scripts/syscall.tbl",
        "abis": {"common", "64", "riscv", "rlimit", "memfd_secret"},
        "header": "asm/unistd.h",
    },
}

# Macros that look like calls: a base for private numbers, and a count.
NOT_CALLS = {"arch_specific_syscall", "syscalls"}

COLUMNS = ["name", *ARCHS, "since", "look", "result", "arguments", "narrow"]
HEADING = """\
# SPDX-License-Identifier: ISC
# One row a system call, "-" where there is nothing to say. tools/gen-arch.py
# keeps this file; src/call/, call/rows.h and call/looks.h are made of it.
#
# ARCH       its number there; nowhere: a call of other architectures, which
#            filters for several name, too
# since      the kernel release that brought the name ("1.0": that or earlier)
# look       what there is to see besides the numbers, enum call_look; with the
#            right of Landlock's that it takes
# result     what it returns, enum result_kind
# arguments  NAME:TYPE[:KIND] for each, as the kernel's own sources name and
#            declare them: TYPE says how much of the register the kernel reads
#            (enum arg_type), KIND what it means where the type alone does not
#            say (enum arg_kind, or {SET} of symbols). Where the declaration is
#            wider, what is read: 32 bits of descriptors (fdget() takes an
#            unsigned int), of clone's flags (lower_32_bits()), ptrace's process,
#            mbind's mode; of the flags of mmap, remap_file_pages and mount and
#            of mmap's prot, as nothing looks at the others (which mprotect and
#            unshare refuse, as others do of what is {SET} or "bits").
#            "?": obsolete, no kernel of today answers or no program asks.
# narrow     the same for 32-bit callers, where it differs
"""

# What an argument of a type is, unless the table says more.
ARG_TYPES = {"int": "int", "uint": "uint", "u16": "mode", "long": "long",
             "ulong": "hex", "size": "size", "ptr": "pointer", "u64": "offset"}
CALL_ARGS = 6


class Failure(Exception):
    """A sentence for the user."""


def arguments_of(text):
    """[(name, type, kind or "{set}")]."""
    words = [] if text in "-?" else text.split(" ")
    triples = [(word.split(":") + [None])[:3] for word in words]
    return [(name, kind, what or ARG_TYPES.get(kind))
            for name, kind, what in triples]


def check_arguments(place, text):
    if text in "-?":
        return
    for word in text.split(" "):
        if not re.fullmatch(r"[a-z]\w*:(\w+)(:\w+|:\{\w+\})?", word) or \
                word.split(":")[1] not in ARG_TYPES:
            raise Failure(f"{place}: not an argument: {word!r}")
    if len(text.split(" ")) > CALL_ARGS:
        raise Failure(f"{place}: more than {CALL_ARGS} arguments")


def load_table():
    """name -> {column: text}, checked."""
    table = {}
    with open(TABLE, encoding="ascii") as file:
        lines = [(i, line.rstrip("\n")) for i, line in enumerate(file, 1)
                 if not line.startswith("#")]
    if not lines or lines[0][1].split("\t") != COLUMNS:
        raise Failure(f"{TABLE}: the first row must name {COLUMNS}")
    for number, line in lines[1:]:
        fields = line.split("\t")
        if len(fields) != len(COLUMNS):
            raise Failure(f"{TABLE}:{number}: not {len(COLUMNS)} columns")
        row = dict(zip(COLUMNS, fields))
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", row["name"]):
            raise Failure(f"{TABLE}:{number}: not a name: {row['name']!r}")
        if row["name"] in table:
            raise Failure(f"{TABLE}:{number}: {row['name']} again")
        if not re.fullmatch(r"-|\d+(\.\d+)+", row["since"]):
            raise Failure(f"{TABLE}:{number}: not a release: {row['since']}")
        for column in "arguments", "narrow":
            check_arguments(f"{TABLE}:{number}", row[column])
        table[row["name"]] = row
    if list(table) != sorted(table):
        raise Failure(f"{TABLE}: the rows are not sorted by name")
    for arch in ARCHS:
        calls_of(table, arch)
    return table


def store_table(table):
    with open(TABLE, "w", encoding="ascii") as file:
        file.write(HEADING + "\t".join(COLUMNS) + "\n")
        for name in sorted(table):
            file.write("\t".join(table[name][c] for c in COLUMNS) + "\n")


def calls_of(table, arch):
    """number -> name."""
    calls = {}
    for name, row in table.items():
        if row[arch] == "-":
            continue
        if not re.fullmatch(r"0|[1-9]\d*", row[arch]):
            raise Failure(f"{TABLE}: {name}: not a number: {row[arch]!r}")
        number = int(row[arch])
        if number >= CALLS_MAX:
            raise Failure(f"{TABLE}: {arch} {name}: {number} needs a higher "
                          "ARCH_CALLS_MAX")
        if number in calls:
            raise Failure(f"{TABLE}: {arch} {number} is both {name} and "
                          f"{calls[number]}")
        calls[number] = name
    return calls


def merge(table, arch, calls, since):
    """Add CALLS, name -> number; returns how many are new."""
    added = 0
    for name, number in sorted(calls.items()):
        row = table.setdefault(
            name, dict.fromkeys(COLUMNS, "-") |
            {"name": name, "since": since, "arguments": "?"})
        if row[arch] == "-":
            row[arch] = str(number)
            added += 1
        elif row[arch] != str(number):
            raise Failure(f"{arch} {name}: the table says {row[arch]}, "
                          f"the source {number}")
    calls_of(table, arch)
    return added


def read_tbl(path, abis):
    calls = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.split("#")[0].split()
            if len(fields) >= 3 and fields[1] in abis:
                calls[fields[2]] = int(fields[0])
    return calls


def preprocess(compiler, text, *options):
    """TEXT, preprocessed, or None where its headers are missing."""
    run = subprocess.run([*compiler, "-E", "-x", "c", *options, "-"],
                         input=text, capture_output=True, text=True,
                         check=False)
    return run.stdout if run.returncode == 0 else None


def read_headers(arch, compiler):
    """name -> number, or None where the headers are missing.

    The preprocessor works the numbers out: some are sums of other macros.
    """
    include = f"#include <{ARCHS[arch]['header']}>\n"
    macros = preprocess(compiler, include, "-dM")
    if macros is None:
        return None
    names = set(re.findall(r"^#define __NR_(\w+)\s+\S", macros, re.M))
    names = sorted(names - NOT_CALLS)
    values = preprocess(compiler, include + "".join(
        f'"call {name}" = __NR_{name};\n' for name in names), "-P")
    calls = {}
    for name, value in re.findall(r'"call (\w+)" = ([^;]*);', values):
        if not re.fullmatch(r"[\d\s()+]+", value):
            raise Failure(f"{arch}: __NR_{name} is not a number: {value}")
        calls[name] = sum(int(part) for part in re.findall(r"\d+", value))
    if len(calls) != len(names):
        raise Failure(f"{arch}: the preprocessor lost a call")
    return calls


def rows_of(words, indent="\t", width=80):
    """Words in lines that fill the width, tabs being eight columns."""
    lines, line, used = [], indent, 8
    for word in words:
        if used > 8 and used + 1 + len(word) > width:
            lines.append(line)
            line, used = indent, 8
        if used > 8:
            line, used = line + " ", used + 1
        line, used = line + word, used + len(word)
    return "\n".join(lines + [line]) + "\n"


def source_of(table, arch):
    """The text of src/call/ARCH.c."""
    calls = calls_of(table, arch)
    facts = ARCHS[arch]
    names = "".join(f'\t[{number}] = "{calls[number]}",\n'
                    for number in sorted(calls))
    by_name = rows_of(f"{number}," for number in
                      sorted(calls, key=lambda number: calls[number]))
    return f"""\
/* SPDX-License-Identifier: ISC */
/* Written by tools/gen-arch.py from tools/calls.tsv: make changes there. */
#include "call/tables.h"

#include <linux/audit.h>

/* clang-format off */
static const char *const names[] = {{
{names}}};

static const uint16_t by_name[] = {{
{by_name}}};
/* clang-format on */

const struct arch arch_{arch} = {{
	.name = "{arch}",
	.audit = {facts['audit']},
	.quirks = {facts['quirks']},
	.elf_machine = {facts['elf']},
	.max = {max(calls)},
	.names = names,
	.by_name = by_name,
	.count = {len(calls)},
}};
"""


def row_of(name, result, arguments):
    """One struct call_row."""
    rows = []
    for _, kind, what in arguments_of(arguments):
        named = what.startswith("{")
        rows.append("{ TYPE_%s, %s }" % (
            kind.upper(), f"ARG_SET, &set_{what[1:-1]}" if named
            else f"ARG_{what.upper()}"))
    result = "number" if result == "-" else result
    return '\t{ "%s", {%s}, RESULT_%s },\n' % (
        name, ", ".join(rows) or "{ 0 }", result.upper())


def do_rows(args):
    del args
    table = load_table()
    print("/* Written by tools/gen-arch.py from tools/calls.tsv. */")
    print('#include "call/rows.h"\n\n#include "base/table.h"\n'
          '#include "call/symbols.h"\n')
    for array, column in ("call_rows", "arguments"), \
            ("call_rows_32bit", "narrow"):
        skipped = "?" if column == "arguments" else "-"
        print(f"const struct call_row {array}[] = {{")
        print("".join(row_of(row["name"], row["result"], row[column])
                      for row in table.values() if row[column] != skipped),
              end="")
        print("};")
        print(f"const size_t {array.replace('rows', 'row_count')} = "
              f"ARRAY_SIZE({array});\n")
    # Apart, as programs that ask for none are not to carry them.
    print("const char *const call_arg_names[][CALL_ARGS] = {")
    for row in table.values():
        if row["arguments"] != "?":
            names = [f'"{name}"' for name, *_ in
                     arguments_of(row["arguments"])]
            print("\t{ %s }," % (", ".join(names) or "NULL"))
    print("};")
    others = [name for name, row in table.items()
              if all(row[arch] == "-" for arch in ARCHS)]
    print("\nconst char *const call_names_elsewhere[] = {")
    print("".join(f'\t"{name}",\n' for name in others) + "};")
    print("const size_t call_name_elsewhere_count = "
          "ARRAY_SIZE(call_names_elsewhere);")
    return 0


def look_of(row):
    """One struct look_row: the first path or address, the directory that it
    begins in, and what stands behind it."""
    look, _, right = row["look"].partition(":")
    kinds = [what for _, _, what in arguments_of(row["arguments"])]
    path = next((i for i, what in enumerate(kinds)
                 if what in ("path", "sockaddr")), -1)
    directory = path - 1 if path > 0 and kinds[path - 1] == "dirfd" else -1
    return '\t{ "%s", LOOK_%s, %d, %d, %d, %s },\n' % (
        row["name"], look.upper(), directory, path, path + 1,
        f"LL_{right.upper()}" if right else "0")


def do_looks(args):
    del args
    print("/* Written by tools/gen-arch.py from tools/calls.tsv. */")
    print('#include "call/looks.h"\n\n#include "base/table.h"\n'
          '#include "kernel/landlock.h"\n')
    print("const struct look_row look_rows[] = {")
    print("".join(look_of(row) for row in load_table().values()
                  if row["look"] != "-"), end="")
    print("};\nconst size_t look_row_count = ARRAY_SIZE(look_rows);")
    return 0


def do_write(args):
    table = load_table()
    stale = 0
    for arch in ARCHS:
        path = os.path.join(TOP, "src", "call", f"{arch}.c")
        text = source_of(table, arch)
        if args.check:
            with open(path, encoding="ascii") as file:
                if file.read() != text:
                    print(f"{path}: not what calls.tsv gives; run "
                          "tools/gen-arch.py write", file=sys.stderr)
                    stale = 1
        else:
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
    return stale


def do_tree(args):
    table = load_table()
    for arch, facts in ARCHS.items():
        calls = read_tbl(os.path.join(args.dir, facts["tbl"]), facts["abis"])
        print(f"{arch}: {len(calls)} read, "
              f"{merge(table, arch, calls, args.since)} added")
    store_table(table)
    return 0


def do_headers(args):
    table = load_table()
    calls = read_headers(args.arch, shlex.split(args.cc))
    if calls is None:
        raise Failure(f"{args.cc} finds no <{ARCHS[args.arch]['header']}>")
    print(f"{args.arch}: {len(calls)} read, "
          f"{merge(table, args.arch, calls, args.since)} added")
    store_table(table)
    return 0


def compiler_for(arch, native, command):
    """The command that finds ARCH's headers, or None."""
    wanted = ARCHS[arch].get("compiler", arch)
    if wanted == native:
        return command
    cross = shutil.which(f"{wanted}-linux-gnu-gcc")
    return [cross] if cross else None


def known_of(arch, native, command):
    """The C rows of one architecture, and why there are none."""
    compiler = compiler_for(arch, native, command)
    if compiler is None:
        return "", f"no compiler for {arch} is installed"
    calls = read_headers(arch, compiler)
    if calls is None:
        return "", f"no <{ARCHS[arch]['header']}> for {arch} is installed"
    return "".join(f'\t{{ "{arch}", "{name}", {number} }},\n'
                   for name, number in sorted(calls.items())), None


def do_known(args):
    print("/* Written by tools/gen-arch.py from this host's headers. */")
    skipped = ""
    print("static const struct known_call known_calls[] = {")
    for arch in ARCHS:
        rows, reason = known_of(arch, args.native, args.cc)
        print(rows, end="")
        if reason:
            skipped += f'\t{{ "{arch}", "{reason}" }},\n'
    print("\t{ NULL, NULL, 0 }\n};\n")
    print("static const struct known_gap known_gaps[] = {")
    print(f"{skipped}\t{{ NULL, NULL }}\n}};")
    return 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("rows").set_defaults(run=do_rows)
    verbs.add_parser("looks").set_defaults(run=do_looks)
    verb = verbs.add_parser("write")
    verb.add_argument("--check", action="store_true")
    verb.set_defaults(run=do_write)
    verb = verbs.add_parser("tree")
    verb.add_argument("dir")
    verb.add_argument("--since", default="-", help="release, for new names")
    verb.set_defaults(run=do_tree)
    verb = verbs.add_parser("headers")
    verb.add_argument("arch", choices=ARCHS)
    verb.add_argument("cc")
    verb.add_argument("--since", default="-", help="release, for new names")
    verb.set_defaults(run=do_headers)
    verb = verbs.add_parser("known")
    verb.add_argument("--native", default=platform.machine())
    verb.add_argument("cc", nargs="+", help="native compiler, options")
    verb.set_defaults(run=do_known)
    args = parser.parse_args()
    try:
        return args.run(args)
    except (Failure, OSError) as failure:
        print(f"gen-arch.py: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
