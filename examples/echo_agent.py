#!/usr/bin/env python3
"""The echo agent with nothing but Python's standard library: echo_agent.py stores/alice [channel]

The folder is that of a running peer with --sc-bridge 1. It answers "!echo <text>" with the text.
"""

import base64
import json
import os
import socket
import struct
import sys


class Bridge:
    """A WebSocket client, as much of one as the bridge needs: text, ping, close."""

    def __init__(self, host, port, token):
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.settimeout(None)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        status = self.file.readline().decode().strip()
        if " 101 " not in status:
            raise ConnectionError(status)
        while self.file.readline().strip():
            pass
        self.hello = self.next()
        self.send({"type": "auth", "token": token})
        answer = self.next()
        if answer["type"] != "auth_ok":
            raise PermissionError(answer["error"])

    def send(self, message):
        self.write(1, json.dumps(message).encode())

    def next(self):
        while True:
            opcode, payload = self.read()
            if opcode == 1:
                return json.loads(payload)
            if opcode == 9:
                self.write(10, payload)
            if opcode == 8:
                raise EOFError("the bridge closed the connection")

    def write(self, opcode, payload):
        length = len(payload)
        if length < 126:
            header = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            header = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            header = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(header + mask + masked)

    def read(self):
        first, length = self.exactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.exactly(8))
        return first & 15, self.exactly(length)

    def exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise EOFError("the bridge is gone")
        return data


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "stores/peer"
    channel = sys.argv[2] if len(sys.argv) > 2 else "0000intercom"
    with open(f"{folder}/run.json", encoding="utf-8") as file:
        run = json.load(file)
    with open(run["tokenFile"], encoding="utf-8") as file:
        token = file.read().strip()
    bridge = Bridge(run["bridge"]["host"], run["bridge"]["port"], token)
    bridge.send({"type": "subscribe", "channel": channel})
    print(f"echo agent of {bridge.hello['peer']} in {channel}", flush=True)
    while True:
        event = bridge.next()
        text = event.get("message")
        # What others write is data: this agent knows one word of it, and answers nothing else.
        if event["type"] != "sidechannel_message" or not isinstance(text, str):
            continue
        if text.startswith("!echo "):
            answer = "echo: " + text[len("!echo "):]
            bridge.send({"type": "send", "channel": channel, "message": answer})


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
