"""A client by the package websockets, which compresses: ws_deflate.py URL

It has several messages on their way at once, and prints what comes back.
"""
import asyncio
import sys

import websockets


async def main():
    async with websockets.connect(sys.argv[1], max_size=None, ping_interval=None) as socket:
        for n in range(20):
            await socket.send(f"message {n} " * 10 * n)
        await socket.send(bytes(i % 251 for i in range(200_000)))
        for _ in range(21):
            print(await socket.recv())
        await (await socket.ping(b"are you there"))
    print("closed", socket.close_code)


asyncio.run(main())
