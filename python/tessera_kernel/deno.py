"""Deno's kernel as a child process: its start, its requests, and the inspector that it lends the door."""

import asyncio
import json
import os
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import zmq.asyncio

from .connection import Back
from .frames import Frame
from .inspector import Inspector, load_client
from .launch import Launched
from .lines import LineMap
from .messages import Json, Message
from .resting import empty_benchmarks
from .sparing import spared
from .cell import Cell
from .cells import rewrite

_INSIDE = Path(__file__).resolve().parent / "inside" / "mod.ts"
# Deno ends with this where others had joined its inspector (`inside/mod.ts`).
OVERHEARD = 97
# A busy machine needs long to list hundreds of modules; an error without its line comes after this.
LINES_S = 8.0
# How long a message may take that Deno publishes with a reply.
HEARD_S = 0.1
# What Deno says of its inspector and its unusual end of cells, which is nobody's business.
_CHATTER = re.compile(
    rb"Debugger listening on|Visit chrome://inspect|Debugger session|CDP response has null|Unexpected result while parsing exception|"
    rb'.*"deno jupyter" is unstable'
)


@dataclass
class _Pending:
    reply: asyncio.Future[Message]
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    error: Json | None = None


class StartError(Exception):
    """Deno's kernel did not start."""


class Deno:
    """`on_output` takes the messages that Deno still sends by itself."""

    def __init__(
        self, launched: Launched, on_output: Callable[[Message], None]
    ) -> None:
        self._launched, self._on_output = launched, on_output
        self.process = launched.process
        self._context = zmq.asyncio.Context()
        self._back = Back(self._context, launched.connection)
        self._pending: dict[str, _Pending] = {}
        # How the lines of the scripts that Deno made of cells are those of the cells, as far as they were asked for.
        self.lines: dict[int, LineMap] = {}
        self._reading = asyncio.Lock()
        self._heard = asyncio.Event()
        self.inspector: Inspector | None = None
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, inspect_at: int | None) -> Json:
        """Puts the door's side into Deno; returns what Deno tells of itself."""
        loop = asyncio.get_running_loop()
        self._tasks += [
            loop.create_task(self._read_shell()),
            loop.create_task(self._read_iopub()),
            loop.create_task(asyncio.to_thread(self._pass_errors_on)),
            loop.create_task(self._wait_for_end()),
            loop.create_task(self._load_client()),
        ]
        info = await self._until_heard()
        options = dict(self._launched.descriptors)
        if inspect_at is not None:
            options["inspectAt"] = inspect_at
        prepare = f"await (await import({json.dumps(_INSIDE.as_uri())})).start({json.dumps(options)})"
        reply, error = await self.execute(prepare, silent=True)
        if reply["status"] == "ok":
            # Without an await before: in a cell's first synchronous part Deno's inspector serves nobody else.
            reply, error = await self.execute("__tesseraOpenInspector()", silent=True)
        if reply["status"] != "ok" or not self.inspector:
            raise StartError("\n".join((error or {}).get("traceback", [])) or str(reply))
        self._launched.forget_connection()
        await empty_benchmarks(self.inspector)
        return info

    async def _until_heard(self) -> Json:
        """Asks Deno of itself until what it publishes arrives: that is lost before it has our subscription."""
        while True:
            info = (await self.request("kernel_info_request", {})).content
            try:
                await asyncio.wait_for(self._heard.wait(), HEARD_S)
            except TimeoutError:
                continue
            return info

    async def join_inspector(self, url: str) -> None:
        loop = asyncio.get_running_loop()
        self.inspector = await asyncio.to_thread(Inspector, url, loop)
        answer = {"inspector": self.inspector.port, "kernel": list(self._back.joined().items())}
        self.answer(json.dumps(answer))

    def answer(self, text: str) -> None:
        """Tells the door's side in Deno what it waits for, with nothing else running there."""
        data = text.encode("utf-8", "replace")
        frame = memoryview(struct.pack("<I", len(data)) + data)
        while frame:
            frame = frame[os.write(self._launched.answers, frame) :]

    async def execute(self, code: str, silent: bool) -> tuple[Json, Json | None]:
        """The reply to a cell, and the error that it published, if it did."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self._back.wire.make("execute_request", content)
        self.executing = message.id
        pending = await self._send(message)
        reply = await pending.reply
        await pending.idle.wait()
        return reply.content, pending.error

    async def request(self, type: str, content: Json | bytes) -> Message:
        """The reply to any request but a cell's."""
        pending = await self._send(self._back.wire.make(type, content))
        return await pending.reply

    async def tell(self, type: str, content: Json, buffers: list[bytes]) -> None:
        """Passes on what has no reply, and waits until Deno has dealt with it."""
        message = self._back.wire.make(type, content)
        message.buffers = buffers
        await (await self._send(message)).idle.wait()

    async def learn_lines(self, cells: dict[int, Cell], numbers: set[int]) -> None:
        """Reads how the lines of the scripts that Deno made of some cells are those of the cells."""
        async with self._reading:
            missing = {number for number in numbers if number in cells and number not in self.lines}
            if missing and self.inspector:
                await self._read_lines(self.inspector, cells, missing)

    def line_of(self, frame: Frame) -> int | None:
        """A frame's line in its cell; None where that is in none, or was not learnt."""
        known = self.lines.get(frame.number or 0)
        return known.line(frame.line, frame.column) if known else None

    async def promises_among(self, names: list[str]) -> list[str]:
        """Which of the cells' own names hold promises."""
        if not names or self.inspector is None:
            return []
        # An indirect eval sees what cells declare; words that are no names throw, one by one.
        holds = "{ try { return (0, eval)(name) instanceof Promise } catch { return false } }"
        return await self.inspector.evaluate(f"{json.dumps(names)}.filter((name) => {holds})", LINES_S) or []

    async def async_among(self, names: list[str]) -> list[str]:
        """Which names are of functions that are async."""
        if not names or self.inspector is None:
            return []
        is_async = "{ try { return (0, eval)(name).constructor.name === 'AsyncFunction' } catch { return false } }"
        return await self.inspector.evaluate(f"{json.dumps(names)}.filter((name) => {is_async})", LINES_S) or []

    def word_at(self, frame: Frame) -> str:
        """The cell's word at which a frame is; empty where that is not known."""
        known = self.lines.get(frame.number or 0)
        return known.word(frame.line, frame.column) if known else ""

    async def _read_lines(self, inspector: Inspector, cells: dict[int, Cell], missing: set[int]) -> None:
        scripts: dict[int, str] = {}

        def take(method: str, params: Json) -> None:
            found = re.fullmatch(r"cell:(\d+)", params.get("url", ""))
            if method == "Debugger.scriptParsed" and found:
                scripts[int(found[1])] = params["scriptId"]

        inspector.on_event = take
        await inspector.call("Debugger.enable", timeout=LINES_S)
        for number in missing & scripts.keys():
            source = await inspector.call(
                "Debugger.getScriptSource", timeout=LINES_S, scriptId=scripts[number]
            )
            if source:
                self.lines[number] = LineMap(cells[number].code, source["scriptSource"])
        await inspector.call("Debugger.disable", timeout=LINES_S)
        inspector.on_event = None

    async def line_of_syntax(self, cell: Cell) -> int | None:
        """The cell's line that V8 refuses, although it parses as TypeScript; V8's error does not say it.

        The script is made anew, and given to V8 once more to be told the place: each time behind a `throw`,
        so that nothing of it would run.
        """
        inspector = self.inspector
        if inspector is None:
            return None
        refused: list[str] = []

        def take(method: str, params: Json) -> None:
            if method == "Debugger.scriptFailedToParse" and params.get("url") == f"cell:{cell.number}":
                refused.append(params["scriptId"])

        async with self._reading:
            inspector.on_event = take
            await inspector.call("Debugger.enable", timeout=LINES_S)
            await self.execute(f"throw 0;{rewrite(cell.code, cell.number)}", silent=True)
            # The reply comes another way than the events; what was sent before this answer has come with it.
            await inspector.evaluate("0", timeout=LINES_S)
            line = await self._refused_line(inspector, cell, refused[-1]) if refused else None
            await inspector.call("Debugger.disable", timeout=LINES_S)
            inspector.on_event = None
        return line

    async def _refused_line(self, inspector: Inspector, cell: Cell, script: str) -> int | None:
        source = await inspector.call("Debugger.getScriptSource", timeout=LINES_S, scriptId=script)
        if not source:
            return None
        code = source["scriptSource"]
        told = await inspector.call(
            "Runtime.evaluate", timeout=LINES_S, expression=code, replMode=True, silent=True
        )
        place = (told or {}).get("exceptionDetails")
        if not place:
            return None
        return LineMap(cell.code, code).line(place["lineNumber"] + 1, place["columnNumber"] + 1)

    def close(self) -> None:
        self._launched.end()
        for task in self._tasks:
            task.cancel()
        self._context.destroy(linger=0)

    async def _send(self, message: Message) -> _Pending:
        pending = _Pending(asyncio.get_running_loop().create_future())
        self._pending[message.id] = pending
        await self._back.shell.send_multipart(self._back.wire.pack(message))
        return pending

    async def _read_shell(self) -> None:
        while True:
            frames = await self._back.shell.recv_multipart()
            with spared("a reply of Deno's"):
                message = self._back.wire.unpack(frames)
                pending = self._pending.get(message.parent.get("msg_id", ""))
                if pending and not pending.reply.done():
                    pending.reply.set_result(message)

    async def _read_iopub(self) -> None:
        while True:
            frames = await self._back.iopub.recv_multipart()
            with spared("a message of Deno's"):
                self._take_published(self._back.wire.unpack(frames))

    def _take_published(self, message: Message) -> None:
        self._heard.set()
        parent = str(message.parent.get("msg_id", ""))
        pending = self._pending.get(parent)
        if message.type == "status":
            if pending and message.content["execution_state"] == "idle":
                pending.idle.set()
                del self._pending[parent]
                self._keep_for_reply(parent, pending)
        elif message.type == "error" and pending:
            pending.error = message.content
        elif message.type not in ("execute_input", "error"):
            self._on_output(message)

    def _keep_for_reply(self, parent: str, pending: _Pending) -> None:
        """`idle` comes on another socket, and may overtake the reply."""
        if not pending.reply.done():
            self._pending[parent] = pending
            pending.reply.add_done_callback(lambda _: self._pending.pop(parent, None))

    async def _load_client(self) -> None:
        await asyncio.to_thread(load_client)

    def _pass_errors_on(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if not _CHATTER.match(line):
                sys.stderr.buffer.write(line)
                sys.stderr.flush()

    async def _wait_for_end(self) -> None:
        self.ended.set_result(await asyncio.to_thread(self.process.wait))
