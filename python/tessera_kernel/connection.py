"""The two ends that the door holds: Jupyter's sockets in front, those of Deno's kernel behind."""

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import zmq
import zmq.asyncio

from .launch import CHANNELS, Connection
from .messages import Json, Message, Wire

# How long a port may be taken by somebody else.
BIND_S = 3.0
# How often to try whether Deno listens, in milliseconds.
CONNECT_MS = 5


class Front:
    """The sockets that a connection file names, bound as a kernel binds them."""

    def __init__(self, context: zmq.asyncio.Context, connection_file: str) -> None:
        info: Json = json.loads(Path(connection_file).read_text())
        self.wire = Wire(info["key"])
        # TCP has ports, ipc has files whose names end like ports.
        joint = "-" if info["transport"] == "ipc" else ":"
        address = f"{info['transport']}://{info['ip']}{joint}"

        # What is published goes out at once and in order, without turns of the event loop.
        publishing: zmq.Context[zmq.Socket[bytes]] = zmq.Context.shadow(context.underlying)

        def bind(context: Any, name: str, kind: int) -> Any:
            bound = context.socket(kind)
            if kind == zmq.ROUTER:
                bound.router_handover = 1  # a client that comes back takes over
            else:
                bound.sndhwm = 0  # loses nothing, however slow the reader
            _bind(bound, f"{address}{info[f'{name}_port']}")
            return bound

        self.shell: zmq.asyncio.Socket = bind(context, "shell", zmq.ROUTER)
        self.control: zmq.asyncio.Socket = bind(context, "control", zmq.ROUTER)
        self.stdin: zmq.asyncio.Socket = bind(context, "stdin", zmq.ROUTER)
        self.iopub: zmq.Socket[bytes] = bind(publishing, "iopub", zmq.PUB)
        self.heartbeat: zmq.asyncio.Socket = bind(context, "hb", zmq.ROUTER)

    def close(self) -> None:
        for each in (self.shell, self.control, self.stdin, self.iopub, self.heartbeat):
            each.close(linger=1000)  # for the last messages

    async def receive(self, channel: zmq.asyncio.Socket) -> Message:
        """The next message; what is none, or is not signed by our client, is passed over."""
        while True:
            try:
                message = self.wire.unpack(await channel.recv_multipart())
                _ = message.content, message.details  # read now, so that nobody meets what is no object
                return message
            except ValueError as error:
                print(f"tessera: refused {error}", file=sys.stderr)

    async def reply(
        self, channel: zmq.asyncio.Socket, request: Message, type: str, content: Json | bytes
    ) -> None:
        reply = self.wire.make(type, content, request.header, request.identities)
        await channel.send_multipart(self.wire.pack(reply))

    def publish(self, type: str, content: Json | bytes, parent: Json, metadata: bytes = b"{}") -> None:
        message = self.wire.make(type, content, parent, [type.encode()], metadata)
        self.iopub.send_multipart(self.wire.pack(message))


def _bind(socket: Any, address: str) -> None:
    """Jupyter tells the ports before anybody holds them; another program may try the same one just now."""
    end = time.monotonic() + BIND_S
    while True:
        try:
            socket.bind(address)
            return
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > end:
                raise
            time.sleep(0.02)


class Back:
    """The connection to Deno's kernel."""

    def __init__(self, context: zmq.asyncio.Context, connection: Connection) -> None:
        self.wire = Wire(str(connection["key"]))

        def connect(name: str, kind: int) -> zmq.asyncio.Socket:
            connected = context.socket(kind)
            connected.linger = 0
            connected.reconnect_ivl = CONNECT_MS
            if kind == zmq.SUB:
                connected.subscribe(b"")
                connected.rcvhwm = 0
            else:
                connected.identity = b"tessera"
            connected.connect(f"tcp://127.0.0.1:{connection[f'{name}_port']}")
            return connected

        self._ports = {name: int(connection[f"{name}_port"]) for name in CHANNELS}
        self.shell = connect("shell", zmq.DEALER)
        self.iopub = connect("iopub", zmq.SUB)

    def joined(self) -> dict[int, int]:
        """Deno's ports, each with the one from which this process has joined it; 0 where it has not.

        Empty where the system does not tell.
        """
        with contextlib.suppress(psutil.Error, OSError):
            connections = psutil.Process().net_connections("tcp4")
            own = {each.raddr.port: each.laddr.port for each in connections if each.raddr}
            if all(self._ports[name] in own for name in ("shell", "iopub")):
                return {port: own.get(port, 0) for port in self._ports.values()}
        return {}
