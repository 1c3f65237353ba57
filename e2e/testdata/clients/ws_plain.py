"""A client by the package websocket-client: ws_plain.py URL

It sends text, bytes in frames of all three sizes of length, a message in
fragments and a ping, and prints what comes back.
"""
import sys

import websocket
from websocket import ABNF

socket = websocket.create_connection(sys.argv[1], timeout=30)
for text in "hello", "", "gr\u00fc\u00df dich", "x" * 125, "y" * 126:
    socket.send(text)
    print(socket.recv())
for size in 1, 300, 70_000:
    socket.send_binary(bytes(i % 251 for i in range(size)))
    print(socket.recv().hex())
socket.send_frame(ABNF.create_frame("in ", ABNF.OPCODE_TEXT, fin=0))
socket.send_frame(ABNF.create_frame("three ", ABNF.OPCODE_CONT, fin=0))
socket.send_frame(ABNF.create_frame("parts", ABNF.OPCODE_CONT, fin=1))
print(socket.recv())
socket.ping("are you there")
print(socket.recv_data(control_frame=True))
socket.close(status=1001, reason=b"bye")
print("closed")
