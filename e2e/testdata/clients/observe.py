"""A client of an engine: observe.py loop|threads SOCKET CONTAINER

It follows a container's logs and waits for its end, at once, and prints what it
hears in the order in which it hears it: in one loop over both connections, or
with a thread for each.
"""
import http.client
import json
import select
import socket
import struct
import sys
import threading


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s


class Body:
    """Takes a response apart as it comes: pieces of its body, then None."""

    def __init__(self):
        self.buffer, self.head, self.left, self.over = b"", None, None, False

    def feed(self, data):
        self.buffer += data
        if self.head is None:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self.head, self.buffer = head.lower(), rest
            if b"content-length: " in self.head:
                self.left = int(self.head.split(b"content-length: ")[1].split(b"\r\n")[0])
        if self.left is not None:
            yield from self.fixed()
        elif b"transfer-encoding: chunked" in self.head:
            yield from self.chunks()
        else:
            piece, self.buffer = self.buffer, b""
            if piece:
                yield piece

    def fixed(self):
        piece, self.buffer = self.buffer, b""
        self.left -= len(piece)
        if piece:
            yield piece
        if self.left <= 0:
            yield None

    def chunks(self):
        while True:
            size, found, rest = self.buffer.partition(b"\r\n")
            if not found or len(rest) < int(size, 16) + 2:
                return
            n = int(size, 16)
            self.buffer = rest[n + 2:]
            yield rest[:n] or None
            if n == 0:
                return


def lines(stream):
    """Yields what of a multiplexed stream is whole, and returns what is left."""
    while len(stream) >= 8:
        kind, size = struct.unpack(">BxxxI", stream[:8])
        if len(stream) < 8 + size:
            break
        yield kind, stream[8:8 + size].decode()
        del stream[:8 + size]


def requests(container):
    return {
        "logs": f"GET /v1.41/containers/{container}/logs?follow=1&stdout=1&stderr=1",
        "wait": f"POST /v1.41/containers/{container}/wait",
    }


def loop(path, container):
    open_ = {}
    for name, request in requests(container).items():
        s = connect(path)
        s.sendall(f"{request} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n".encode())
        open_[s] = name, Body(), bytearray()
    while open_:
        for s in select.select(list(open_), [], [])[0]:
            name, body, stream = open_[s]
            for piece in body.feed(s.recv(65536)):
                if piece is None:
                    del open_[s]
                elif name == "wait":
                    print(name, json.loads(piece)["StatusCode"])
                else:
                    stream += piece
                    for kind, text in lines(stream):
                        print(name, kind, text, end="")


def threads(path, container):
    def ask(name):
        c = http.client.HTTPConnection("docker")
        c.sock = connect(path)
        c.request(*requests(container)[name].split(" "))
        return c, c.getresponse()

    begun = threading.Event()

    def follow():
        c, response = ask("logs")
        stream = bytearray()
        while piece := response.read1(65536):
            stream += piece
            for kind, text in lines(stream):
                print("logs", kind, text, end="", flush=True)
                begun.set()

    follower = threading.Thread(target=follow)
    follower.start()
    begun.wait()
    c, response = ask("wait")
    print("wait", json.loads(response.read())["StatusCode"], flush=True)
    follower.join()


{"loop": loop, "threads": threads}[sys.argv[1]](sys.argv[2], sys.argv[3])
