#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A client of `seccomp-pledge serve`, in one file, with nothing but Python.

As a module:

    from serve_client import Client

    with Client() as client:
        result = client.run(["ls", "-l"], unveil=["r:."], cwd="/etc/ssl")
        print(result["status"], result["stdout"])

As a command; its exit status is the command's:

    serve_client.py [--socket PATH] run [-p PROMISES] [-v PERM:PATH]...
                    [-i POLICY] [-t SECONDS] [--explain] [--] COMMAND [ARG...]
    serve_client.py [--socket PATH] call METHOD [FIELD=JSON]...
"""
import argparse
import array
import base64
import json
import os
import signal
import socket
import sys

NAME = "serve.sock"


def default_path():
    """Where the server listens unless it is told otherwise."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and runtime.startswith("/") and os.path.isdir(runtime) and \
            os.stat(runtime).st_uid == os.geteuid() and \
            not os.stat(runtime).st_mode & 0o022:
        base = runtime
    elif os.geteuid() == 0:
        base = "/run"
    else:
        base = os.path.expanduser("~/.local/state")
    return os.path.join(base, "seccomp-pledge", NAME)


class ServeError(Exception):
    """What the server answered instead of a result."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error.get("data", {})


class Client:
    """One connection. Answers that nobody has asked for yet are kept."""

    def __init__(self, path=None):
        path = path or default_path()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.connect(path)
        except OSError as error:
            self.socket.close()
            # Python's own words do not name a socket.
            raise type(error)(
                error.errno, f"{error.strerror}; a server is started by "
                f"\"seccomp-pledge serve --socket {path}\"", path) from None
        self.lines = self.socket.makefile("rb")
        self.answers = {}
        self.next_id = 0
        # Called with the method and the params of each notification.
        self.notified = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.lines.close()
        self.socket.close()

    def send(self, method, fds=(), **params):
        """Sends a request; its id. Fields that are None are left out."""
        self.next_id += 1
        params = {name: value for name, value in params.items()
                  if value is not None}
        line = json.dumps({"jsonrpc": "2.0", "id": self.next_id,
                           "method": method, "params": params})
        data = line.encode() + b"\n"
        if fds:
            # They come with the first bytes; the rest may take longer.
            rights = array.array("i", fds)
            sent = self.socket.sendmsg(
                [data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            data = data[sent:]
        self.socket.sendall(data)
        return self.next_id

    def read(self):
        """The next message, or EOFError."""
        line = self.lines.readline()
        if not line.endswith(b"\n"):
            raise EOFError("the server closed the connection")
        return json.loads(line)

    def answer(self, ident):
        """Waits for the answer to a request: its result."""
        while ident not in self.answers:
            message = self.read()
            if "method" in message:
                if self.notified:
                    self.notified(message["method"], message["params"])
            elif message["id"] is None:
                raise ServeError(message["error"])
            else:
                self.answers[message["id"]] = message
        message = self.answers.pop(ident)
        if "error" in message:
            raise ServeError(message["error"])
        return message["result"]

    def call(self, method, fds=(), **params):
        return self.answer(self.send(method, fds, **params))

    def run(self, argv, fds=(), **params):
        """Runs a command to its end; output as bytes, whatever it is."""
        return with_bytes(self.call("run", fds, argv=argv, **params))


def with_bytes(result):
    """A run's result, with stdout and stderr decoded to bytes."""
    for name in ("stdout", "stderr"):
        if name in result:
            result[name] = result[name].encode()
        elif name + "_base64" in result:
            result[name] = base64.b64decode(result.pop(name + "_base64"))
    return result


# --- The command line ---

def tell(method, params):
    """A denial, as it happens."""
    event = params.get("event", {})
    if method == "event" and event.get("event") == "denied":
        print(event["text"], file=sys.stderr)
    elif method == "event" and "suggestion" in event:
        print("to allow everything that was denied:", event["suggestion"],
              file=sys.stderr)


def run_command(client, options):
    client.notified = tell
    method = "explain" if options.explain else "run"
    # The command reads and writes our own descriptors: nothing is copied.
    ident = client.send(
        method, (0, 1, 2), argv=options.command, cwd=os.getcwd(),
        promises=options.promises, unveil=options.unveil,
        profile=options.policy, timeout=options.timeout,
        stdin={"fd": 0}, stdout={"fd": 1}, stderr={"fd": 2})
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: client.send(
            "signal", run=ident, signal=signal.Signals(number).name))
    try:
        result = client.answer(ident)
    except ServeError as error:
        print(f"serve_client: {error}", file=sys.stderr)
        return error.data.get("status", 125)
    for warning in result["warnings"]:
        print(f"serve_client: warning: {warning}", file=sys.stderr)
    return result["status"]


def call_method(client, options):
    fields = dict(word.split("=", 1) for word in options.fields)
    try:
        result = client.call(options.method, **{
            name: json.loads(text) for name, text in fields.items()})
    except ServeError as error:
        print(f"serve_client: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2))
    return 0


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--socket", default=None)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run")
    run.add_argument("-p", "--promises")
    run.add_argument("-v", "--unveil", action="append")
    run.add_argument("-i", "--policy")
    run.add_argument("-t", "--timeout", type=float)
    run.add_argument("--explain", action="store_true")
    run.add_argument("command", nargs="+")
    call = verbs.add_parser("call")
    call.add_argument("method")
    call.add_argument("fields", nargs="*", metavar="FIELD=JSON")
    return parser.parse_args(argv)


def main(argv):
    options = parse(argv)
    try:
        with Client(options.socket) as client:
            if options.verb == "run":
                return run_command(client, options)
            return call_method(client, options)
    except (OSError, EOFError) as error:
        named = getattr(error, "filename", None)
        said = f"{named}: {error.strerror}" if named else error
        print(f"serve_client: {said}", file=sys.stderr)
        return 125


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
