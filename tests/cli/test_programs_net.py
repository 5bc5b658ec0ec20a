#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Programs that talk to servers, and servers, under the promises they need:
see programs. All servers are on the loopback interface, on ports that were
free."""
import contextlib
import http.server
import os
import shutil
import socket
import ssl
import struct
import sys
import threading

import harness as h
from programs import PREPARE, Row, main

# A server that the line starts, and what is asked of it once it answers.
AWAIT = ("while kill -0 $! 2> gone && "
         "! (: < /dev/tcp/127.0.0.1/@FREE) 2> gone; do sleep .02; done; ")
NGINX = ("printf 'daemon off; master_process off; pid out/pid; "
         "error_log stderr crit; events {} http { access_log off; "
         "client_body_temp_path out/b; proxy_temp_path out/p; "
         "fastcgi_temp_path out/f; uwsgi_temp_path out/u; "
         "scgi_temp_path out/s; server { listen 127.0.0.1:@FREE; "
         "root %s; } }' $PWD/tree > nginx.conf; ")

ROWS = [
    Row("curl", "curl", "stdio inet", "",
        "@P curl -sS http://127.0.0.1:@PORT/words; "
        "@P curl -s http://127.0.0.1:1/; "
        "@P curl -sS http://127.0.0.1:@PORT/none -f",
        "@P curl -sS file://$PWD/secret", "path", "rpath", profile="curl"),
    Row("curl -o", "curl", "stdio wpath cpath inet", "rwc:out",
        "@P curl -sS -o out/words http://127.0.0.1:@PORT/words; "
        "cat out/words",
        "@P curl -sS -o work/words http://127.0.0.1:@PORT/words", "path",
        "rpath", profile="curl"),
    Row("curl name", "curl", "stdio inet dns", "",
        "@P curl -sS @NAME:@PORT/words", free="rpath", profile="curl"),
    Row("curl https", "curl openssl", "stdio rpath inet",
        "@CERT r:/etc/ssl/certs r:/usr/share/ca-certificates",
        "@P curl -sS --cacert @CERT https://127.0.0.1:@TLS/words; "
        "@P curl -sS https://127.0.0.1:@TLS/words", profile="curl"),
    Row("wget", "wget", "stdio rpath wpath cpath fattr inet dns",
        "rwc:out r:/etc/wgetrc",
        "@P wget -t 1 -q -O out/words http://localhost:@PORT/words; "
        "cat out/words; @P wget -t 1 -q -P out http://localhost:@PORT/x.json; "
        "ls -l --time-style=full-iso out/x.json",
        "@P wget -t 1 -q -O work/words http://localhost:@PORT/words", "path",
        profile="wget"),
    Row("static Go http", "hello-go", "stdio inet", "",
        "@P hello-go get=127.0.0.1:@PORT/words"),
    Row("ssh", "ssh", "stdio rpath wpath inet getpw", "r:/etc/ssh",
        "@P ssh -o BatchMode=yes -p 1 127.0.0.1 true 2>&1", free="dns tty",
        profile="ssh"),
    Row("nc", "nc", "stdio inet", "",
        "@P nc -z 127.0.0.1 @PORT; @P nc -z 127.0.0.1 1; "
        "printf 'GET /words HTTP/1.0\\r\\n\\r\\n' | "
        "@P nc 127.0.0.1 @PORT | tail -3", free="dns", profile="nc"),
    # It tries a Unix socket first of all, and complains when that is refused.
    Row("dig", "dig", "stdio dns", "",
        "exec 2> noise; "
        "@P dig @127.0.0.1 -p @DNS +short +tries=1 +time=2 a.example; "
        "@P dig @127.0.0.1 -p 1 +short +tries=1 +time=1 a.example",
        free="rpath inet unix", profile="dig"),
    # Debian's redis-tools has the server by another name, and starts none.
    Row("redis", "redis-check-rdb redis-cli", "stdio rpath wpath cpath inet",
        "rwc:out r:/sys/kernel/mm",
        "ln -s $(command -v redis-check-rdb) redis-server; "
        "@P ./redis-server --port @FREE --bind 127.0.0.1 --dir out "
        "--save '' > log & " + AWAIT +
        "redis-cli -p @FREE set a 1; redis-cli -p @FREE incr a; "
        "redis-cli -p @FREE save; kill $!; wait $!; echo $?; ls out",
        profile="redis-server"),
    Row("nginx", "nginx curl", "stdio rpath wpath cpath inet getpw chown",
        "rwc:out nginx.conf tree",
        NGINX + "@P nginx -p $PWD -c nginx.conf -e stderr & " + AWAIT +
        "curl -sS http://127.0.0.1:@FREE/b; "
        "curl -s http://127.0.0.1:@FREE/none | head -3; "
        "kill $!; wait $!; echo $?", free="nobody:getpw nobody:chown"),
    Row("psql", "psql", "stdio rpath inet exec getpw",
        "rx:/usr/bin r:/usr/share rx:/usr/lib/postgresql "
        "r:/etc/postgresql-common",
        "@P psql -h 127.0.0.1 -p 1 -c 'select 1' 2>&1", free="dns",
        profile="psql"),
]


def answer_dns(server):
    """192.0.2.1 to every question."""
    while True:
        try:
            query, client = server.recvfrom(512)
        except OSError:
            return
        end = query.index(b"\0", 12) + 5  # the first question's end
        head = query[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0)
        answer = struct.pack("!HHHIH4B", 0xc00c, 1, 1, 60, 4, 192, 0, 2, 1)
        server.sendto(head + query[12:end] + answer, client)


@contextlib.contextmanager
def dns_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        threading.Thread(target=answer_dns, args=(server,),
                         daemon=True).start()
        yield {"@DNS": str(server.getsockname()[1])}


@contextlib.contextmanager
def web_server(names, word, folder, context=None):
    """Python's own, of the files that every row has; NAMES with its port."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        if context:
            server.socket = context.wrap_socket(server.socket,
                                                server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {**names, word: str(server.server_port)}
        finally:
            server.shutdown()


def make_certificate(folder):
    """For 127.0.0.1, signed by itself: (certificate, with its key)."""
    cert, both = (os.path.join(folder, name) for name in ("cert.pem", "both"))
    h.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
           "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test",
           "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
           "-keyout", both, "-out", cert], cwd=folder)
    with open(both, "ab") as out, open(cert, "rb") as pem:
        out.write(pem.read())
    return cert, both


def tls_server(folder):
    if not shutil.which("openssl"):
        return contextlib.nullcontext({"@TLS": None})
    cert, both = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return web_server({"@CERT": cert}, "@TLS", folder, context)


def loopback_name():
    """A name of 127.0.0.1 in /etc/hosts, other than localhost, which some
    programs know by themselves."""
    with open("/etc/hosts", encoding="utf-8") as lines:
        for line in lines:
            words = line.partition("#")[0].split()
            for name in words[1:]:
                if words[0] == "127.0.0.1" and name != "localhost":
                    return name
    return None


@contextlib.contextmanager
def servers():
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(h.scratch())
        h.run(["/bin/bash", "-c", PREPARE], cwd=folder)
        yield {"@NAME": loopback_name(),
               **stack.enter_context(web_server({}, "@PORT", folder)),
               **stack.enter_context(tls_server(folder)),
               **stack.enter_context(dns_server())}


if __name__ == "__main__":
    sys.exit(main(ROWS, servers))
