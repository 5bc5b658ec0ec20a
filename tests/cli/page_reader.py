# SPDX-License-Identifier: ISC
"""What is on a page of `trace --html` or `learn --html`, as a reader finds it,
and what a trace in JSON lines holds that must be on it."""
import collections
import html.parser
import json
import os

# All that a page is made of; anything else came from somebody's words.
ELEMENTS = set("""html head meta title style body main header h1 h2 code bdi dl
div dt dd section b i u s span p em ul li details summary small table thead
tbody tr th td svg path""".split())
ATTRIBUTES = set("""lang charset http-equiv content name class title data-lane
data-calls data-call open viewbox preserveaspectratio role aria-hidden
d""".split())

LETTERS = dict(zip("\a\b\f\n\r\t\v", ("\\" + letter for letter in
                                        "abfnrtv")))


class Page(html.parser.HTMLParser):
    """lanes: {promise: calls}; paths: {path: letters}, of each leaf and
    directory; lines: [(state, text)]; totals: {call: times}; tiles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.lanes, self.paths, self.totals = {}, {}, {}
        self.lines, self.tiles = [], {}
        self.foreign, self.text = [], []
        self.letters = []  # ("em", "yes"), in the tree
        self.stack = []
        self.lane = self.path = self.call = self.tile = None
        self.cells = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag not in ELEMENTS or set(said) - ATTRIBUTES:
            self.foreign.append((tag, attrs))
        if tag == "em" and "ul" in [name for name, _ in self.stack]:
            self.letters.append((tag, said.get("class", "")))
        self.stack.append((tag, said.get("class", "")))
        if "data-lane" in said:
            self.lane = said["data-lane"]
        if "data-calls" in said:
            self.lanes[self.lane] = int(said["data-calls"])
        if tag in ("li", "summary") and "title" in said:
            self.path = said["title"]
            self.paths.setdefault(self.path, "")
        elif tag == "li":
            self.path = None
            if said.get("class") in ("plain", "used", "unused", "missing"):
                self.lines.append([said["class"], ""])
        if "data-call" in said:
            self.call, self.cells = said["data-call"], 0
        if tag == "td":
            self.cells += 1

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self.text.append(data)
        tags = [tag for tag, _ in self.stack]
        if not tags:
            return
        if tags[-1] == "em" and self.path is not None and "ul" in tags:
            self.paths[self.path] += data
        if tags[-1] == "bdi" and self.lines and "small" not in tags:
            if self.stack[-2][1] in ("plain", "used", "unused", "missing"):
                self.lines[-1][1] += data
        if tags[-1] == "td" and self.call and self.cells == 2:
            self.totals[self.call] = int(data.replace(",", ""))
        if tags[-1] == "dt":
            self.tile = data
        if tags[-1] == "dd":
            self.tiles[self.tile] = data


def states(page):
    return {text: state for state, text in page.lines}


def read_trace(path):
    """The calls of a trace in JSON lines."""
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        events = [json.loads(line) for line in lines]
    return [event for event in events if event["event"] == "call"]


def said(path):
    """As a page shows it: with C escapes for what a terminal could take for a
    command.  Of names that are UTF-8 only."""
    sly = set(range(0x202a, 0x202f)) | set(range(0x2066, 0x206a))
    return "".join(LETTERS.get(sign) or "".join(
        f"\\{byte:03o}" for byte in sign.encode())
                   if not sign.isprintable() or ord(sign) in sly else sign
                   for sign in path)


def opened(calls):
    """The paths, as the kernel names them, that were opened."""
    return {event["result"]["path"] for event in calls
            if event["syscall"] in ("open", "openat", "openat2", "creat")
            and isinstance(event["result"], dict)
            and "path_hex" not in event["result"]
            and event["result"]["path"].startswith("/")}


def compare(page, calls):
    """What the trace holds and the page does not, one sentence each."""
    wrong = []
    counted = collections.Counter(event["syscall"] for event in calls)
    for name, count in counted.items():
        if page.totals.get(name) != count:
            wrong.append(f"{name}: {count} calls, of which the page shows "
                         f"{page.totals.get(name)}")
    if sum(page.lanes.values()) != len(calls):
        wrong.append(f"{len(calls)} calls; in the lanes: {page.lanes}")
    for path in opened(calls):
        if said(path) not in page.paths:
            wrong.append(f"not there: {os.fsencode(path)!r}")
    for tag, attributes in page.foreign:
        wrong.append(f"a foreign element: {tag} {attributes}")
    return wrong
