"""The door: takes Jupyter's requests, has Deno's kernel run the cells, and answers in full."""

import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Coroutine
from typing import Any

import zmq.asyncio

from . import returning
from .cell import Cell
from .cells import rewrite_module
from .completeness import completeness
from .connection import Front
from .deno import OVERHEARD, Deno, StartError
from .execution import Execution, is_watched
from .history import History
from .language import inspected
from .launch import Launched
from .messages import Json, Message
from .outputs import RESERVED, Outputs
from .parent import starter, watch_parent
from .passing import pass_on
from .printed import Printed
from .records import RECORD, Records
from .replies import Replies
from .requests import Arrived, Failed, Press
from .resting import Rest
from .screen import Screen
from .sparing import spared
from .yielding import Place

# How long a training may take to end before the kernel does.
LAST_STEP_S = 3.5
STARTS = 10


class Kernel:
    """`launched` is Deno's process, `command` what starts another."""

    def __init__(self, command: list[str], connection_file: str, launched: Launched) -> None:
        self._command, self._connection_file = command, connection_file
        self._launched = launched
        self._parent = starter()
        self._cells_taken = 0
        self._count = 0
        self._failed: Failed | None = None
        self._history = History()
        self._inspect_at = _inspector_port()
        self._last_at: float | None = None
        self._early_stop: Press | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Until Deno ends, Jupyter wants it, or Jupyter has gone; returns the exit code."""
        loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        context = zmq.asyncio.Context()
        self._front = Front(context, self._connection_file)
        self._queue: asyncio.Queue[Arrived] = asyncio.Queue()
        self._screen = Screen(self._front.publish, keeps=is_watched())
        self._execution = Execution(self._screen, is_watched(), grades=self._launched.secret is not None)
        self._stopper = self._execution.stopper
        self._rest = Rest(lambda: self._stopper.watches > 0)
        self._place = Place()
        self._replies = Replies(self._front, lambda: self._execution.running)
        self._info: asyncio.Future[Json] = loop.create_future()
        # Noted at once: a message that was sent after it may be dealt with before the event loop hears of it.
        signal.signal(
            signal.SIGINT,
            lambda *_: loop.is_closed() or loop.call_soon_threadsafe(self._press, Press.now(loop)),
        )
        loop.add_signal_handler(signal.SIGUSR1, self._stopper.warn)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end.set)
        watch_parent(self._parent, self._end.set)
        tasks = [
            loop.create_task(each)
            for each in (self._beat(), self._take_control(), self._take_shell(), self._work())
        ]
        ended = loop.create_task(self._end.wait())
        await asyncio.wait({ended, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        await self._last_step()
        for task in tasks:
            if task.done() and task.exception():
                print(f"tessera: {task.exception()}", file=sys.stderr)
            task.cancel()
        code = self._deno.process.poll()
        self._deno.close()
        self._front.close()
        context.term()
        self._end_group()
        return 0 if code is None else code if code >= 0 else 128 - code

    async def _start_deno(self) -> None:
        """Starts again where somebody else had joined the inspector, whose requests are not served."""
        for remaining in reversed(range(STARTS)):
            launched = self._launched
            self._deno = Deno(launched, self._pass_output_on)
            self._outputs = Outputs(
                launched.outputs,
                self._screen,
                self._execution.cell_of,
                self._take_note,
                Printed(self._execution.cells, self._deno),
            )
            self._records = Records(launched.secret)
            start = asyncio.create_task(self._deno.start(self._inspect_at))
            either: set[asyncio.Future[Any]] = {start, self._deno.ended}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                info = start.result()
                self._execution.begin(self._deno, self._outputs)
                self._info.set_result({**info, "supported_features": [returning.FEATURE]})
                self._begin(self._end_with_deno())
                return
            start.cancel()
            code = self._deno.ended.result()
            self._deno.close()
            if code != OVERHEARD:
                raise StartError(f"Deno's kernel ended at its start, with exit code {code}.")
            if remaining:
                self._launched = Launched(self._command)
        raise StartError("Others on this machine join the kernel's inspector; it does not start.")

    async def _end_with_deno(self) -> None:
        code = await self._deno.ended
        if not self._end.is_set():
            print(f"tessera: Deno's kernel ended with exit code {code}.", file=sys.stderr)
            await asyncio.sleep(0.05)  # for its last messages
            await self._outputs.take_rest()
            self._end.set()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """What goes on beside the rest; its task is kept, since the event loop holds none."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Requests

    async def _beat(self) -> None:
        while True:
            await self._front.heartbeat.send_multipart(await self._front.heartbeat.recv_multipart())

    async def _take_control(self) -> None:
        control = self._front.control
        while True:
            message = await self._front.receive(control)
            if await self._replies.spared(control, message, self._answer_at_once(control, message)) is False:
                await self._replies.refuse(control, message)

    async def _take_shell(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            shell = self._front.shell
            message = await self._front.receive(shell)
            if await self._replies.spared(shell, message, self._answer_at_once(shell, message)) is False:
                at = loop.time()
                self._queue.put_nowait(Arrived(message, at, self._cell_for(message, at)))

    async def _answer_at_once(self, channel: zmq.asyncio.Socket, message: Message) -> bool:
        """Answers what need not wait for the running cell."""
        type = message.type
        if type == "interrupt_request":
            self._press(Press.now(asyncio.get_running_loop()))
            reply: Json = {"status": "ok"}
        elif type == "shutdown_request":
            reply = {"status": "ok", "restart": message.content.get("restart", False)}
        elif type == "history_request":
            reply = self._history.answer(message.content)
        elif type == "is_complete_request":
            reply = completeness(message.text("code"))
        elif type == returning.REQUEST:
            reply = returning.listed(self._execution.cells, self._screen)
        elif type == "inspect_request":
            self._begin(self._inspect(channel, message))
            return True
        elif type == "execute_request" and (cell := returning.followed(self._execution.cells, message)):
            await self._follow(cell, message)
            return True
        elif type == "kernel_info_request" and self._info.done():
            reply = self._info.result()
        elif type == "kernel_info_request" and channel is self._front.control:
            reply = await self._info
        else:
            return False
        self._replies.status("busy", message)
        if type == "shutdown_request":
            await self._last_step()
        await self._replies.give(channel, message, reply)
        self._replies.idle(message)
        if type == "shutdown_request":
            self._front.publish("shutdown_reply", reply, message.header)
            self._end.set()
        return True

    async def _inspect(self, channel: zmq.asyncio.Socket, message: Message) -> None:
        self._replies.status("busy", message)
        found = await inspected(message.text("code"), message.cursor)
        await self._front.reply(channel, message, "inspect_reply", found)
        self._replies.idle(message)

    def _press(self, press: Press) -> None:
        """Stop. Jupyter also presses it just before it asks for the end; that may be heard first."""
        if self._last_at is not None:
            return
        running = self._stopper.running
        if running and running.cell.arrived_at <= press.at:
            self._stopper.press(press.at)
            return
        self._early_stop = press
        self._stopper.press_between()

    async def _work(self) -> None:
        """Takes the requests one by one."""
        await self._start_deno()
        self._begin_rest(0)
        while True:
            arrived = await self._queue.get()
            if arrived.cell:
                self._rest.end()
                self._place.begin()
                await self._replies.spared(self._front.shell, arrived.message, self._execute(arrived, arrived.cell))
                self._place.end(still_trains=self._stopper.watches > 0)
                self._begin_rest(arrived.cell.number)
                continue
            self._replies.status("busy", arrived.message)
            await self._replies.spared(self._front.shell, arrived.message, self._answer(arrived.message))
            self._replies.status("idle", arrived.message)

    def _begin_rest(self, last: int) -> None:
        self._rest.begin(self._deno.inspector, self._deno.process.pid, last)

    async def _answer(self, message: Message) -> None:
        """Answers what waits for its turn."""
        if message.type == "kernel_info_request":
            await self._replies.give(self._front.shell, message, self._info.result())
        else:
            await pass_on(message, self._deno, self._front, self._replies)

    # Cells

    def _cell_for(self, message: Message, at: float) -> Cell | None:
        if message.type != "execute_request":
            return None
        self._cells_taken += 1
        cell = Cell(self._cells_taken, [message], message.text("code"), at)
        self._execution.add(cell)
        return cell

    async def _execute(self, arrived: Arrived, cell: Cell) -> None:
        asked = arrived.message.content
        for request in cell.requests:
            self._replies.status("busy", request)
        if self._failed and self._failed.takes(arrived):
            await self._end_cell(cell, {"status": "aborted"})
            return
        silent, stops = asked.get("silent", False), asked.get("stop_on_error", True)
        if not silent and asked.get("store_history", True):
            self._count += 1
            self._history.add(self._count, cell.code)
        cell.count = self._count
        self._screen.begin(cell)
        if not silent:
            self._screen.show(
                cell, "execute_input", {"code": cell.code, "execution_count": cell.count}
            )
        stop, self._early_stop = self._early_stop, None
        is_stopped = bool(stop and stop.takes(arrived))
        if stop and is_stopped:
            cell.stopped_at = stop.at
        error = await self._spared_cell(cell, self._execution.run(cell, silent, stops, is_stopped))
        reply: Json = {"status": "ok", "execution_count": cell.count, "user_expressions": {}, "payload": []}
        if error:
            reply.update(status="error", **error)
        # Those who ask to go on after an error have it so.
        self._failed = Failed.by(arrived, cell, error, asyncio.get_running_loop().time()) if stops else None
        await self._end_cell(cell, reply)

    async def _spared_cell(self, cell: Cell, run: Awaitable[Json | None]) -> Json | None:
        """A cell gets its reply, whatever goes wrong here."""
        try:
            return await run
        except Exception as error:
            traceback.print_exc()
            self._stopper.running = None
            told = f"The kernel's door could not tell how this cell ended: {type(error).__name__}: {error}"
            failure: Json = {"ename": "KernelError", "evalue": told, "traceback": [told]}
            self._screen.show(cell, "error", failure)
            return failure

    async def _end_cell(self, cell: Cell, reply: Json) -> None:
        cell.reply, cell.ended_at = reply, time.time()
        for request in cell.requests:
            await self._replies.give(self._front.shell, request, reply)
            self._replies.status("idle", request)

    async def _follow(self, cell: Cell, request: Message) -> None:
        """A window that has come back gets all that a cell has shown, and what it will show."""
        self._replies.status("busy", request)
        self._outputs.flush()
        self._screen.again(cell, request)
        if cell.reply is None:
            cell.requests.append(request)
            return
        await self._replies.give(self._front.shell, request, cell.reply)
        self._replies.idle(request)

    # What comes from inside

    def _take_note(self, number: int, note: Json) -> None:
        if "inspector" in note:
            if self._inspect_at:
                print(f"tessera: debuggers can attach to {note['inspector']}", file=sys.stderr)
            self._begin(self._deno.join_inspector(note["inspector"]))
        elif "module" in note:
            rewritten = note["module"]  # as it is, where it cannot be read
            with spared("a module"):
                rewritten = rewrite_module(rewritten)
            self._deno.answer(rewritten)
        elif "record" in note:
            self._take_record(note)
        else:
            self._execution.take_note(number, note)

    def _take_record(self, note: Json) -> None:
        """Tells the client that grades what a check found, in a message that no cell can send."""
        if running := self._execution.running:
            self._screen.show(running, RECORD, self._records.judge(note))

    def _pass_output_on(self, message: Message) -> None:
        running = self._execution.running
        if running and message.type not in RESERVED:
            self._outputs.drain()
            parent = running.requests[0].header
            self._front.publish(message.type, message.raw_content, parent, message.metadata)

    # The end

    async def _last_step(self) -> None:
        """Lets a training end after its step, and its cell save; all calls together have one time limit."""
        running = self._stopper.running
        if running is None:
            return
        # A second press would cut the training off; it may have ended meanwhile while its cell goes on.
        if running.presses == 0:
            if not self._stopper.watches:
                return
            self._stopper.press(asyncio.get_running_loop().time())
        now = asyncio.get_running_loop().time()
        self._last_at = self._last_at or now + LAST_STEP_S
        try:
            await asyncio.wait_for(running.ended.wait(), max(0, self._last_at - now))
        except TimeoutError:
            pass

    def _end_group(self) -> None:
        """What the cells have started, such as TensorBoard, ends with the kernel."""
        if os.getpgrp() == os.getpid():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)


def _inspector_port() -> int | None:
    """Where debuggers are to find the inspector, if they are; elsewhere it is the door's alone."""
    asked = os.environ.get("TESSERA_INSPECT", "")
    if asked in ("", "0"):
        return None
    if not asked.isdigit() or int(asked) > 65_535:
        sys.exit(f"tessera: TESSERA_INSPECT={asked} is neither 1 nor a port.")
    return 9229 if asked == "1" else int(asked)
