"""V8's inspector, which the door joins as the only client."""

import asyncio
import json
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .messages import Json


def load_client() -> ModuleType:
    """The WebSocket's library, which is slow to load; Deno needs as long to start."""
    import websocket

    return websocket


class Inspector:
    """Calls over a WebSocket, each of which may wait; events go to `on_event` while it is set."""

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop) -> None:
        websocket = load_client()
        self._loop = loop
        self._failures = (OSError, TimeoutError, websocket.WebSocketException)
        self._socket = websocket.create_connection(url, timeout=60, suppress_origin=True)
        self._socket.settimeout(None)
        self.port: int = self._socket.sock.getsockname()[1]
        self.on_event: Callable[[str, Json], None] | None = None
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._count = 0
        threading.Thread(target=self._listen, name="inspector", daemon=True).start()

    def send(self, method: str, **params: Any) -> asyncio.Future[Json]:
        """Sends a call at once, and gives its answer; an empty one where the kernel has gone."""
        self._count += 1
        answer: asyncio.Future[Json] = self._loop.create_future()
        self._waiting[self._count] = answer
        try:
            self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        except self._failures:
            answer.set_result({})
        return answer

    async def call(self, method: str, timeout: float = 5.0, **params: Any) -> Json | None:
        """The result; None where none came in time, or the call was refused."""
        try:
            return (await asyncio.wait_for(self.send(method, **params), timeout)).get("result")
        except TimeoutError:
            return None

    async def evaluate(self, expression: str, timeout: float = 5.0, awaits: bool = False) -> Any:
        """An expression's value, as JSON; None where there is none."""
        result = await self.call(
            "Runtime.evaluate",
            timeout,
            expression=expression,
            returnByValue=True,
            awaitPromise=awaits,
        )
        return result["result"].get("value") if result else None

    def _listen(self) -> None:
        while True:
            try:
                text = self._socket.recv()
            except UnicodeDecodeError:
                continue  # half a character of a cell's; who waits for this goes on after a while
            except Exception:  # whatever the library throws when the kernel has gone
                text = ""
            try:
                self._loop.call_soon_threadsafe(self._hear if text else self._end, text)
            except RuntimeError:  # the door has ended
                return
            if not text:
                return

    def _end(self, _: str) -> None:
        """Nobody waits for what the kernel does not say any more."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result({})
        self._waiting.clear()

    def _hear(self, text: str) -> None:
        message = json.loads(text)
        if "id" in message:
            answer = self._waiting.pop(message["id"], None)
            if answer and not answer.done():
                answer.set_result(message)
        elif self.on_event:
            self.on_event(message["method"], message.get("params", {}))
