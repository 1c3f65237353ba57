"""A client of an engine: observe.py SOCKET CONTAINER

It follows a container's logs and waits for its end, at once, in a loop over both
connections, and prints what it hears in the order in which it hears it.
"""
import json
import select
import socket
import struct
import sys


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
        "wait": f"POST /v1.41/containers/{container}/wait",
        "logs": f"GET /v1.41/containers/{container}/logs?follow=1&stdout=1&stderr=1",
    }


def receive(s):
    try:
        return s.recv(65536, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


def observe(path, container):
    connections = {}
    for name, request in requests(container).items():
        s = connect(path)
        s.sendall(f"{request} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n".encode())
        connections[s] = name, Body(), bytearray()
    while connections:
        select.select(list(connections), [], [])
        # What the logs said before the wait was answered is there by the time
        # the answer is: read them last, and take them first.
        came = [(s, receive(s)) for s in connections]
        for s, data in reversed(came):
            name, body, stream = connections[s]
            for piece in body.feed(data):
                if piece is None:
                    del connections[s]
                elif name == "wait":
                    print(name, json.loads(piece)["StatusCode"])
                else:
                    stream += piece
                    for kind, text in lines(stream):
                        print(name, kind, text, end="")


observe(sys.argv[1], sys.argv[2])
