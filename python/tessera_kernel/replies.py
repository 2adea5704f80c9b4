"""Replies to front ends, the kernel's state around them, and what becomes of requests that cannot be dealt with."""

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import zmq.asyncio

from .cell import Cell
from .connection import Front
from .messages import Json, Message

T = TypeVar("T")


class Replies:
    """`running` gives the cell that runs, if one does."""

    def __init__(self, front: Front, running: Callable[[], Cell | None]) -> None:
        self._front, self._running = front, running

    async def give(self, channel: zmq.asyncio.Socket, message: Message, content: Json) -> None:
        await self._front.reply(channel, message, message.type.replace("_request", "_reply"), content)

    async def refuse(self, channel: zmq.asyncio.Socket, message: Message, why: str = "") -> None:
        name = "KernelError" if why else "NotSupported"
        refusal = {"status": "error", "ename": name, "evalue": why or message.type, "traceback": []}
        await self.give(channel, message, refusal)

    async def spared(self, channel: zmq.asyncio.Socket, message: Message, dealt: Awaitable[T]) -> T | None:
        """A request that cannot be dealt with is refused, and nothing else suffers from it."""
        try:
            return await dealt
        except Exception as error:
            print(f"tessera: {message.type}: {type(error).__name__}: {error}", file=sys.stderr)
            if message.type.endswith("_request"):
                await self.refuse(channel, message, f"{type(error).__name__}: {error}")
                self.idle(message)
            return None

    def status(self, state: str, message: Message) -> None:
        self._front.publish("status", {"execution_state": state}, message.header)

    def idle(self, message: Message) -> None:
        """The end of what was answered at once; front ends take the last status for the kernel's."""
        self.status("idle", message)
        if running := self._running():
            self.status("busy", running.requests[0])
