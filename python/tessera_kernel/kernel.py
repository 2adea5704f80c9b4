"""The door: takes Jupyter's requests, has Deno's kernel run the cells, and answers in full."""

import asyncio
import math
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime

import zmq.asyncio

from . import errors
from .cells import rewrite
from .connection import Front
from .deno import OVERHEARD, Deno, StartError
from .errors import Frame
from .history import History
from .launch import Launched
from .messages import Json, Message
from .outputs import Cell, Outputs
from .parent import starter, watch_parent
from .stopping import Running, Stopper

# How long a training may take to end before the kernel does.
LAST_STEP_S = 3.5
STARTS = 3
# How many cells keep their lines and their outputs' place.
CELLS_KEPT = 2000


@dataclass
class _Arrived:
    message: Message
    at: float

    @property
    def sent_at(self) -> float:
        """By the client's clock; never, where it says none."""
        try:
            return datetime.fromisoformat(self.message.header["date"]).timestamp()
        except (KeyError, ValueError):
            return math.inf


@dataclass
class _Failed:
    """The last cell that failed: what was sent before its error was known ends with it."""

    request: _Arrived
    at: float

    def takes(self, later: _Arrived) -> bool:
        if later.at <= self.at:
            return True
        # On its way when the cell failed: both times are by the clock of one client.
        if later.message.header.get("session") != self.request.message.header.get("session"):
            return False
        return later.sent_at - self.request.sent_at < self.at - self.request.at


class Kernel:
    """`launched` is Deno's process, `program` what starts another."""

    def __init__(self, program: str, connection_file: str, launched: Launched) -> None:
        self._program, self._connection_file = program, connection_file
        self._launched = launched
        self._parent = starter()
        self._cells: dict[int, Cell] = {}
        self._count = 0
        self._is_watched = _is_watched()
        self._failed: _Failed | None = None
        self._history = History()
        self._late_failures: list[Json] = []
        self._failing: set[asyncio.Task[None]] = set()
        self._last_at: float | None = None

    async def run(self) -> int:
        """Until Deno ends, Jupyter wants it, or Jupyter has gone; returns the exit code."""
        loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        context = zmq.asyncio.Context()
        self._front = Front(context, self._connection_file)
        self._queue: asyncio.Queue[_Arrived] = asyncio.Queue()
        self._stopper = Stopper(lambda cell, text: self._outputs.print(cell, text))
        self._info: asyncio.Future[Json] = loop.create_future()
        loop.add_signal_handler(signal.SIGINT, self._stopper.press)
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
        inspect = os.environ.get("TESSERA_INSPECT", "0")
        inspect_at = None if inspect in ("", "0") else 9229 if inspect == "1" else int(inspect)
        for remaining in reversed(range(STARTS)):
            launched = self._launched
            self._outputs = Outputs(
                launched.outputs, self._front.publish, self._cell_of, self._take_note
            )
            self._deno = Deno(launched, self._pass_output_on)
            start = asyncio.create_task(self._deno.start(inspect_at))
            await asyncio.wait({start, self._deno.ended}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                info = start.result()
                self._stopper.inspector = self._deno.inspector
                self._info.set_result(info)
                asyncio.create_task(self._end_with_deno())
                return
            start.cancel()
            code = self._deno.ended.result()
            self._deno.close()
            if code != OVERHEARD:
                raise StartError(f"Deno's kernel ended at its start, with exit code {code}.")
            if remaining:
                self._launched = Launched(self._program)
        raise StartError("Others on this machine join the kernel's inspector; it does not start.")

    async def _end_with_deno(self) -> None:
        code = await self._deno.ended
        if not self._end.is_set():
            print(f"tessera: Deno's kernel ended with exit code {code}.", file=sys.stderr)
            await asyncio.sleep(0.05)  # for its last messages
            self._outputs.drain()
            self._end.set()

    # Requests

    async def _beat(self) -> None:
        while True:
            await self._front.heartbeat.send_multipart(await self._front.heartbeat.recv_multipart())

    async def _take_control(self) -> None:
        control = self._front.control
        while True:
            message = await self._front.receive(control)
            if not await self._answer_at_once(control, message):
                refusal = {"status": "error", "ename": "NotSupported", "evalue": message.type, "traceback": []}
                reply = message.type.replace("_request", "_reply")
                await self._front.reply(control, message, reply, refusal)

    async def _take_shell(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = await self._front.receive(self._front.shell)
            if not await self._answer_at_once(self._front.shell, message):
                self._queue.put_nowait(_Arrived(message, loop.time()))

    async def _answer_at_once(self, channel: zmq.asyncio.Socket, message: Message) -> bool:
        """Answers what need not wait for the running cell."""
        type = message.type
        if type == "interrupt_request":
            self._stopper.press()
            reply: Json = {"status": "ok"}
        elif type == "shutdown_request":
            reply = {"status": "ok", "restart": message.content.get("restart", False)}
        elif type == "history_request":
            reply = self._history.answer(message.content)
        elif type == "kernel_info_request" and self._info.done():
            reply = self._info.result()
        elif type == "kernel_info_request" and channel is self._front.control:
            reply = await self._info
        else:
            return False
        self._status("busy", message)
        if type == "shutdown_request":
            await self._last_step()
        await self._front.reply(channel, message, type.replace("_request", "_reply"), reply)
        self._status("idle", message)
        if type == "shutdown_request":
            self._front.publish("shutdown_reply", reply, message.header)
            self._end.set()
        return True

    async def _work(self) -> None:
        """Takes the requests one by one."""
        await self._start_deno()
        while True:
            arrived = await self._queue.get()
            message = arrived.message
            self._status("busy", message)
            if message.type == "execute_request":
                if self._failed and self._failed.takes(arrived):
                    await self._front.reply(
                        self._front.shell, message, "execute_reply", {"status": "aborted"}
                    )
                else:
                    await self._execute(arrived)
            else:
                await self._pass_on(message)
            self._status("idle", message)

    async def _pass_on(self, message: Message) -> None:
        if message.type == "kernel_info_request":
            await self._front.reply(
                self._front.shell, message, "kernel_info_reply", self._info.result()
            )
        elif message.type.endswith("_request"):
            reply = await self._deno.request(message.type, message.raw_content)
            content = reply.content
            if message.type == "complete_request":
                content["matches"] = [name for name in content["matches"] if name != "__tessera"]
            await self._front.reply(self._front.shell, message, reply.type, content)
        else:
            await self._deno.tell(message.type, message.raw_content, message.buffers)

    # Cells

    async def _execute(self, arrived: _Arrived) -> None:
        request = arrived.message
        asked = request.content
        code, silent = asked["code"], asked.get("silent", False)
        if not silent and asked.get("store_history", True):
            self._count += 1
            self._history.add(self._count, code)
        cell = self._new_cell(code, request)
        if not silent:
            self._publish("execute_input", {"code": code, "execution_count": self._count}, cell)
        stops = asked.get("stop_on_error", True)
        error = self._take_late_failure(cell, stops)
        if error is None:
            error = await self._run(cell, silent)
        reply: Json = {"status": "ok", "execution_count": cell.count, "user_expressions": {}, "payload": []}
        if error:
            reply.update(status="error", **error)
        # Those who ask to go on after an error have it so.
        self._failed = _Failed(arrived, asyncio.get_running_loop().time()) if error and stops else None
        await self._front.reply(self._front.shell, request, "execute_reply", reply)

    def _new_cell(self, code: str, request: Message) -> Cell:
        number = max(self._cells, default=0) + 1
        cell = self._cells[number] = Cell(number, self._count, code, request.header)
        if len(self._cells) > CELLS_KEPT:
            del self._cells[min(self._cells)]
        return cell

    async def _run(self, cell: Cell, silent: bool) -> Json | None:
        """Runs a cell, publishes its outputs and returns its error, if it has one."""
        running = self._stopper.running = Running(cell)
        reply, told = await self._deno.execute(rewrite(cell.code, cell.number), silent)
        if reply["status"] == "error" and not reply.get("ename") and not self._was_lost(told):
            # It does not parse; Deno says why in the words of what it gets.
            reply, told = await self._deno.execute(cell.code, silent)
        await self._stopper.finish(running)
        self._outputs.settle(cell)
        if self._failing:
            await asyncio.wait(self._failing)
        if reply["status"] == "ok" and not running.was_cut:
            return cell.failures[0] if cell.failures else None
        if running.was_cut:
            error = errors.STOPPED
        elif self._was_lost(told):
            error = errors.NEVER_SETTLES
        elif not reply.get("ename"):
            error = errors.syntax_error((told or {}).get("evalue", ""), cell)
        else:
            stack = "\n".join(reply["traceback"]).removeprefix("Stack trace:\n")
            error = await self._complete(reply["ename"], reply["evalue"], stack)
            error["traceback"] = error["traceback"] + errors.redeclaration(reply["evalue"], cell)
        self._publish("error", error, cell)
        return error

    def _was_lost(self, told: Json | None) -> bool:
        return bool(told and errors.COLLECTED.search(told.get("ename", "")))

    async def _complete(self, name: str, message: str, stack: str, explanation: str = "") -> Json:
        _, frames = errors.frames_of(stack)
        numbers = {frame.number for frame in frames if frame.number is not None}
        maps = await self._deno.line_maps(self._cells, numbers)

        def line_of(frame: Frame) -> int | None:
            known = maps.get(frame.number or 0)
            return known.line(frame.line, frame.column) if known else None

        if message == errors.STOPPED["evalue"]:
            return errors.STOPPED
        if name == "Unknown error":
            name, stack = "", ""
        return errors.complete(name, message, stack, self._cells, line_of, explanation)

    # What comes from inside

    def _take_note(self, number: int, note: Json) -> None:
        if "inspector" in note:
            asyncio.create_task(self._deno.join_inspector(note["inspector"]))
        elif "failure" in note:
            running = self._stopper.running
            is_running = bool(running and running.cell.number == number)
            task = asyncio.create_task(self._fail(self._cell_of(number), is_running, note["failure"]))
            self._failing.add(task)
            task.add_done_callback(self._failing.discard)
        elif "watches" in note:
            self._stopper.watches, self._stopper.loads = note["watches"], note["loads"]

    async def _fail(self, cell: Cell | None, is_running: bool, told: Json) -> None:
        """An error that no cell threw: fails its cell, or a later one where nobody looks at that one."""
        error = await self._complete(told["name"], told["message"], told["stack"], told["explanation"])
        if cell is None:
            self._late_failures.append(error)
            return
        if is_running or not self._is_watched:
            cell.failures.append(error)
        self._publish("error", error, cell)

    def _take_late_failure(self, cell: Cell, stops: bool) -> Json | None:
        """Where nobody looks, an error between two cells is the next one's, which then does not run."""
        if not self._late_failures:
            return None
        for error in self._late_failures:
            self._publish("error", error, cell)
        first = self._late_failures[0]
        self._late_failures.clear()
        return first if stops else None

    def _cell_of(self, number: int) -> Cell | None:
        """The cell whose outputs those of a cell's number are."""
        running = self._stopper.running
        cell = self._cells.get(number)
        if cell and (self._is_watched or (running and running.cell is cell)):
            return cell
        # Headless clients take nothing in of a cell that has ended.
        return running.cell if running else None

    def _pass_output_on(self, message: Message, _parent: str | None) -> None:
        running = self._stopper.running
        if running:
            self._outputs.drain()
            self._front.publish(message.type, message.raw_content, running.cell.parent, message.metadata)

    # Publishing

    def _status(self, state: str, message: Message) -> None:
        self._front.publish("status", {"execution_state": state}, message.header)

    def _publish(self, type: str, content: Json, cell: Cell) -> None:
        self._front.publish(type, content, cell.parent)

    # The end

    async def _last_step(self) -> None:
        """Lets a training end after its step, and its cell save; all calls together have one time limit."""
        running = self._stopper.running
        if running is None:
            return
        # Jupyter presses Stop before it asks for the end. A second press would cut the training off, and
        # it may have ended meanwhile while its cell goes on.
        if running.presses == 0:
            if not self._stopper.watches:
                return
            self._stopper.press()
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


def _is_watched() -> bool:
    """Whether a person looks at the notebook, as `lib/platform/environment.ts` guesses it."""
    decided = os.environ.get("TESSERA_HEADLESS")
    if decided:
        return decided == "0"
    return bool(os.environ.get("JPY_SESSION_NAME") or os.environ.get("VSCODE_PID"))
