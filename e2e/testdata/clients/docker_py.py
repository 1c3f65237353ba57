"""A client of an engine that uses docker-py: docker_py.py MODE CONTAINER

DOCKER_HOST says where the engine is.
"""
import os
import struct
import sys
import threading

import docker

SCRIPT = ["sh", "-c", "echo out; echo err >&2; sleep 0.1; echo late; exit 4"]


def frames(read):
    """Yields what a multiplexed stream carries."""
    while head := read(8):
        kind, size = struct.unpack(">BxxxI", head)
        yield kind, read(size)


def raw(container):
    _, s = container.exec_run(SCRIPT, socket=True)
    s = s._sock

    def read(n):
        data = b""
        while len(data) < n and (piece := s.recv(n - len(data))):
            data += piece
        return data

    print(list(frames(read)))


def events(client, container):
    stream = client.events(decode=True, filters={"container": container.name})
    actions = []

    def follow():
        for event in stream:
            actions.append(event["Action"])
            if event["Action"] == "exec_die":
                return

    reader = threading.Thread(target=follow)
    reader.start()
    print(container.exec_run(SCRIPT))
    reader.join()
    stream.close()
    print(actions[-1])


def threads(client, container):
    """Follows a container in four threads, and prints what came of it, step by step."""
    steps = {"one": 1, "two": 2, "end": 3}
    came, lock = [], threading.Lock()
    begun = threading.Semaphore(0)

    def note(source, text):
        with lock:
            came.append((steps.get(text.strip(), 3), source, text.strip()))

    def attach():
        s = container.attach(stream=True, logs=False)
        begun.release()
        for piece in s:
            for line in piece.decode().split():
                note("attach", line)

    def wait():
        begun.release()
        note("wait", str(container.wait(condition="next-exit")["StatusCode"]))

    def events():
        s = client.events(decode=True, filters={"container": container.name, "event": "die"})
        begun.release()
        for event in s:
            note("events", event["Action"])
            return

    def logs():
        for piece in container.logs(stream=True, follow=True):
            for line in piece.decode().split():
                note("logs", line)

    running = [threading.Thread(target=f) for f in (attach, events, wait)]
    for t in running:
        t.start()
        begun.acquire()
    container.start()
    running.append(threading.Thread(target=logs))
    running[-1].start()
    for t in running:
        t.join()
    order = [step for step, _, _ in came]
    print("in order" if order == sorted(order) else came)
    print(sorted(came))


def main(mode, name):
    client = docker.DockerClient(base_url=os.environ["DOCKER_HOST"], version="1.41")
    container = client.containers.get(name)
    if mode == "plain":
        print(container.exec_run(SCRIPT))
    elif mode == "demux":
        print(container.exec_run(SCRIPT, demux=True))
    elif mode == "tty":
        print(container.exec_run(SCRIPT, tty=True))
    elif mode == "socket":
        raw(container)
    elif mode == "events":
        events(client, container)
    elif mode == "threads":
        threads(client, container)


main(*sys.argv[1:])
