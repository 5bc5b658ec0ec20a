#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every #include under src/ is one that src/LAYERS allows, no two files define
functions of one name (the linker takes either, without a word, where each comes
from an archive), and the check itself finds what is planted in a copy of the
tree."""
import os
import re
import sys
import tempfile

import tap

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
# The style has the name at the margin, and what it returns on the line above.
FUNCTION = re.compile(r"([a-z_]\w*)\(")
RETURNS = re.compile(r"[a-z_][\w *]*")
# With -Isrc these would hide the system's headers of the same name.
SYSTEM_FOLDERS = {"linux", "sys", "asm", "net", "bits", "arpa", "netinet"}


def read_layers(src):
    """name -> the set it may include; and what is wrong with the page."""
    layers, wrong = {}, []
    with open(os.path.join(src, "LAYERS"), encoding="utf-8") as page:
        for number, line in enumerate(page, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            name, _, names = line.partition(":")
            for used in names.split():
                if used not in layers:
                    wrong.append(f"LAYERS:{number}: {name} names {used}, "
                                 "which does not stand above it")
            layers[name] = set(names.split())
    return layers, wrong


def check_include(layers, layer, target):
    """Why a file of this layer may not include the target, or None."""
    folder, slash, _ = target.partition("/")
    if not slash:
        return f'"{target}": write the folder, too'
    if folder not in layers:
        return f'"{target}": {folder} is no layer'
    if folder != layer and folder not in layers[layer]:
        return f"{layer} may not include {folder} (\"{target}\")"
    return None


def check_file(layers, src, path):
    layer = path.split("/")[0]
    if layer not in layers:
        return [f"{path}: {layer} is not in LAYERS"]
    wrong = []
    with open(os.path.join(src, path), encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            match = INCLUDE.match(line)
            why = match and check_include(layers, layer, match.group(1))
            if why:
                wrong.append(f"{path}:{number}: {why}")
    return wrong


def unused(src):
    """What LAYERS allows and nothing needs: the page says what is so."""
    layers, _ = read_layers(src)
    used = {name: set() for name in layers}
    for path in sources(src):
        layer = path.split("/")[0]
        with open(os.path.join(src, path), encoding="utf-8") as source:
            for line in source:
                if (match := INCLUDE.match(line)) and layer in used:
                    used[layer].add(match.group(1).split("/")[0])
    return [f"{name} names {other}, which it does not use"
            for name, others in layers.items()
            for other in sorted(others - used[name])]


def sources(src):
    for folder, _, names in os.walk(src):
        for name in sorted(names):
            if name.endswith((".c", ".h", ".inc", ".in")):
                yield os.path.relpath(os.path.join(folder, name), src)


def functions(src, path):
    """The names of those that other files see."""
    before = ""
    with open(os.path.join(src, path), encoding="utf-8") as source:
        for line in source:
            match = FUNCTION.match(line)
            if match and RETURNS.fullmatch(before.rstrip()) and \
                    "static" not in before:
                yield match.group(1)
            before = line


def check_names(src):
    seen, wrong = {"main": None}, []
    for path in sources(src):
        # What stands in for a library that is not there.
        if not path.endswith(".c") or path.endswith("_none.c"):
            continue
        for name in functions(src, path):
            if name in seen and seen[name]:
                wrong.append(f"{name} is defined in {seen[name]} and {path}")
            seen.setdefault(name, path)
    return wrong


def check_tree(src):
    layers, wrong = read_layers(src)
    for folder in sorted(os.listdir(src)):
        if folder in SYSTEM_FOLDERS:
            wrong.append(f"{folder}/ hides the system's headers")
    count = 0
    for path in sources(src):
        count += 1
        wrong += check_file(layers, src, path)
    if not count:
        wrong.append("no source files found")
    return wrong + check_names(src)


# a file, its text, what must be said of it (None: nothing)
PLANTED = [
    ("filter/x.c", '#include "policy/condition.h"\n', None),
    ("filter/x.c", "#include <errno.h>\n", None),
    ("policy/x.c", '#include "filter/filter.h"\n',
     "policy may not include filter"),
    ("base/x.h", '\n# include "call/arch.h"\n', "base/x.h:2: base may not"),
    ("kernel/x.c", '#include "call/arch.h"\n', "kernel may not include call"),
    ("launch/x.c", '#include "cli/main.h"\n', "launch may not include cli"),
    ("guide/x.c", '#include "cli/say.h"\n', "guide may not include cli"),
    ("libpledge/x.c", '#include "json/json.h"\n',
     "libpledge may not include json"),
    ("base/x.c", '#include "diag.h"\n', "write the folder"),
    ("base/x.c", '#include "nowhere/x.h"\n', "nowhere is no layer"),
    ("nowhere/x.c", "", "nowhere is not in LAYERS"),
    ("base/x.c", "int\nwrite_it(void)\n{\n}\nint\nwrite_it(int)\n{\n}\n",
     "write_it is defined in base/x.c and base/x.c"),
    ("base/x.c", "static int\nx(void)\n{\n}\n\nstatic int\nx(int)\n{\n}\n",
     None),
    ("linux/x.h", "", "hides the system's headers"),
    ("LAYERS", "base: call\ncall:\n", "does not stand above it"),
    ("LAYERS", "base:\n", "no source files found"),
]


def check_planted(text, path, content, said):
    with tempfile.TemporaryDirectory() as src:
        for name, body in (("LAYERS", text), (path, content)):
            os.makedirs(os.path.dirname(os.path.join(src, name)),
                        exist_ok=True)
            with open(os.path.join(src, name), "w", encoding="utf-8") as out:
                out.write(body)
        wrong = check_tree(src)
    found = said in "\n".join(wrong) if said else not wrong
    tap.ok(found, f"planted in {path}: {said or 'nothing wrong'}")
    if not found:
        tap.note("\n".join(wrong) or "nothing was said")


def main():
    src = os.path.join(tap.ROOT, "src")
    wrong = check_tree(src)
    tap.ok(not wrong, "src/ keeps to src/LAYERS")
    tap.note("\n".join(wrong))
    idle = unused(src)
    tap.ok(not idle, "and src/LAYERS names what is used and no more")
    tap.note("\n".join(idle))
    with tempfile.TemporaryDirectory() as planted:
        os.mkdir(os.path.join(planted, "base"))
        for name, body in (("LAYERS", "json:\nbase: json\n"),
                           ("base/x.c", "#include <errno.h>\n")):
            with open(os.path.join(planted, name), "w",
                      encoding="utf-8") as out:
                out.write(body)
        tap.ok(unused(planted) == ["base names json, which it does not use"],
               "planted: a name that nothing uses")
    text = tap.read("src/LAYERS")
    for path, content, said in PLANTED:
        check_planted(text, path, content, said)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
