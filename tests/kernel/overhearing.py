"""Tries to hear what a kernel of a hub's user publishes, as another program on the machine may: overhearing.py

Runs cells in a kernel whose sockets are files. Meanwhile another program, which root makes another user's, subscribes at
each port of 127.0.0.1 that may be Deno's as soon as it listens. Says as JSON at how many ports it did, and what cells say that it heard.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

import zmq

OTHER = 65_534  # nobody
MARK = b"between us"
# Where the door looks for ports (`launch.py`); at others are servers that want to be left alone, of other tests too.
DOORS_PORTS = range(10_000, 32_000)
CELLS = [f"console.log('{MARK.decode()}')", f"throw new Error('{MARK.decode()}')"]


def listening():
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    ports = {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}
    return {port for port in ports if port in DOORS_PORTS}


def listen():
    if os.getuid() == 0:
        with contextlib.suppress(OSError):  # a container may have no other user
            os.setgroups([])
            os.setgid(OTHER)
            os.setuid(OTHER)
    context, sockets, before, heard = zmq.Context(), {}, listening(), []
    print("listens", flush=True)
    sys.stdin = os.fdopen(0, "rb")
    poller = zmq.Poller()
    poller.register(0, zmq.POLLIN)
    while True:
        for port in listening() - before - sockets.keys():
            sockets[port] = context.socket(zmq.SUB)
            sockets[port].subscribe(b"")
            sockets[port].connect(f"tcp://127.0.0.1:{port}")
            poller.register(sockets[port], zmq.POLLIN)
        ready = dict(poller.poll(2))
        for port, subscribed in sockets.items():
            if subscribed in ready:
                text = b" ".join(subscribed.recv_multipart())
                if MARK in text:
                    heard.append(text.decode(errors="replace"))
        if 0 in ready:
            break
    print(json.dumps({"ports": len(sockets), "heard": heard}))
    context.destroy(linger=0)


def main():
    from jupyter_client.manager import KernelManager

    with tempfile.TemporaryDirectory(prefix="tessera-overhearing-") as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        spy = subprocess.Popen(
            [sys.executable, __file__, "--listen"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        spy.stdout.readline()
        manager = KernelManager(kernel_name="deno", transport="ipc")
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        shown = []
        for cell in CELLS:
            client.execute_interactive(cell, timeout=60, output_hook=shown.append)
            time.sleep(0.5)  # for who listens
        client.stop_channels()
        manager.shutdown_kernel()
        found, _ = spy.communicate("\n", timeout=60)
        outputs = [each["content"] for each in shown if each["msg_type"] in ("stream", "error")]
        told = [each for each in outputs if MARK.decode() in json.dumps(each)]
        print(json.dumps({**json.loads(found), "shown": len(told)}))


if __name__ == "__main__":
    if sys.argv[1:] == ["--listen"]:
        listen()
    else:
        main()
