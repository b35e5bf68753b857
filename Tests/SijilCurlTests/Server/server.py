"""A small HTTP(S) server on loopback that behaves, and misbehaves, on request.

    server.py http
    server.py https CERTIFICATE KEY
    server.py silent            accepts connections, never says a word

Its first line on standard output is its port; later lines tell what it saw. It ends when its standard input
does, so that it never outlives the test that started it.
"""

import gzip
import http.server
import itertools
import os
import socket
import ssl
import sys
import threading

connections = itertools.count(1)


def say(line):
    print(line, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.number = next(connections)

    def log_message(self, *arguments):
        pass

    def answer(self, status=200, body=b"", headers=()):
        self.send_response(status)
        self.send_header("X-Connection", str(self.number))
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def handle_request(self):
        name = self.path.split("/")[1]
        getattr(self, "say_" + name.replace("-", "_"), self.say_not_found)()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request

    def say_not_found(self):
        self.answer(404)

    def say_echo(self):
        body = self.read_body()
        seen = [("X-Seen-" + name, value) for name, value in self.headers.items()]
        twice = [("X-Twice", "one"), ("X-Twice", "two")]
        self.answer(200, body, [("X-Method", self.command)] + seen + twice)

    def say_status(self):
        self.answer(int(self.path.split("/")[2]), b"as asked")

    def say_redirect(self):
        self.answer(302, b"", [("Location", "/echo")])

    def say_gzip(self):
        body = gzip.compress(b"sijil " * 10000)
        headers = [("Content-Encoding", "gzip"), ("X-Wire-Bytes", str(len(body)))]
        self.answer(200, body, headers)

    def say_chunked_gzip(self):
        body = gzip.compress(b"sijil " * 10000)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("X-Wire-Bytes", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), 50):
            piece = body[start:start + 50]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\nX-Trailer: late\r\n\r\n")

    def say_bad_gzip(self):
        self.answer(200, b"this is not gzip", [("Content-Encoding", "gzip")])

    def say_bytes(self):
        self.answer(200, bytes(int(self.path.split("/")[2])))

    def say_bomb(self):
        self.answer(200, gzip.compress(bytes(1 << 20)), [("Content-Encoding", "gzip")])

    def say_many_headers(self):
        self.answer(200, b"", [("X-%d" % i, "x" * 1000) for i in range(90)])

    def say_interim(self):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n")
        self.answer(200, b"final")

    def say_cut(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(bytes(100))
        self.close_connection = True

    def say_cut_upload(self):
        self.rfile.read(1000)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close_connection = True
        os.close(self.connection.detach())

    def say_hang_up(self):
        self.close_connection = True

    def say_never(self):
        say("asked")
        self.connection.recv(1)
        say("gone")
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    tls = None

    def finish_request(self, request, address):
        # The handshake belongs to the connection's own thread, so that one that fails blocks nobody.
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, address)

    def handle_error(self, request, address):
        pass


def main(mode, *arguments):
    if mode == "silent":
        listener = socket.create_server(("127.0.0.1", 0))
        say(listener.getsockname()[1])
    else:
        server = Server(("127.0.0.1", 0), Handler)
        if mode == "https":
            server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.tls.load_cert_chain(*arguments)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        say(server.server_address[1])
    sys.stdin.read()
    os._exit(0)


main(*sys.argv[1:])
