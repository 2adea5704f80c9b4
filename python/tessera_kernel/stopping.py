"""Stop: ends whatever a cell does, by the gentlest means that works, and keeps the kernel's state.

1. A call that says that it ends by itself (a training, after its step) is asked to, and waited for.
2. What the cell awaits is given up: it gets an error like any other, its `catch` and `finally` blocks run, and may
   await in turn for a while.
3. Where JavaScript runs and the event loop does not turn, V8 is told to end what runs (`cutting.py`), and where that
   waits for a program in one call, this is ended first (`children.py`). The cell's promise is lost with it; once that
   is collected as garbage, Deno's kernel replies. Then states are repaired which `finally` blocks would have put
   right.

Deno may hear what is said here late, when another cell runs already. So all that is said names the cell it is meant
for, or the last of those it is meant for, and does nothing to others.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from .cell import Cell
from .cutting import Cutter
from .inspector import Inspector

ACKNOWLEDGE_S = 0.15  # an event loop that turns answers within this
BEGIN_S = 2.0  # for a cell's first synchronous part, in which Deno's inspector loses what it is told
UNWIND_S = 1.1  # for the cell's own catch and finally blocks, a little more than `inside/stopping.ts` gives them
COOPERATIVE_S = 10.0  # for a training's running step
LOAD_S = 30.0  # for a module that is being run for the first time
NATIVE_S = 0.3  # what is in native code for longer may wait for a program, which is ended then
TROUBLE_S = 60.0  # then the cell is in native code, or cannot be stopped
EXPLAIN_S = 2.0  # what takes longer says why
OFFER_S = 10.0

TRAINS = "the training ends after its running step; press Stop again to cut it off"
LOADS = (
    "a module is being loaded, which runs through; press Stop again to cut it off, "
    "but then it can be loaded only after a restart of the kernel"
)
BEGINS = "the cell is being read, or code that an earlier cell has left behind holds it up"
NATIVE = "a call into native code is running, which ends by itself"
LOST = "the cell awaits what nothing ends; it is given up as soon as no code holds on to it"


@dataclass
class Running:
    """The cell that runs now, and what Stop has done to it."""

    cell: Cell
    begun_at: float = field(default_factory=time.time)  # seconds since 1970
    presses: int = 0
    pressed_at: float = 0.0  # the last time, by the loop's clock
    was_cut: bool = False  # V8 ended what ran
    why: str = BEGINS  # it takes long to end
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    pressed_again: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Task[None] | None = None


class Stopper:
    """`watches` is how many calls end by themselves, `own_watches` how many of those the latest cell has begun.

    `loads` is how many modules are being loaded for it.
    """

    def __init__(self, say: Callable[[Cell, str], None]) -> None:
        self._say = say
        self._inspector: Inspector | None = None
        self._cutter: Cutter | None = None
        self._process = 0  # Deno's number
        self.running: Running | None = None
        self._last = 0  # the number of the cell that was run last
        self.watches = self.own_watches = self.loads = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, inspector: Inspector | None, answer: Callable[[str], None], process: int) -> None:
        """What runs the cells can be reached from now on."""
        self._inspector, self._process = inspector, process
        self._cutter = Cutter(inspector, answer) if inspector else None

    def start(self, cell: Cell) -> Running:
        self.running, self._last = Running(cell), cell.number
        return self.running

    def press(self, at: float) -> None:
        """Stop, for the cell that runs."""
        running = self.running
        if running is None:
            return
        running.presses += 1
        running.pressed_at = at
        if running.stop is None or running.stop.done():
            running.stop = asyncio.create_task(self._stop(running))
        else:
            running.pressed_again.set()

    def press_between(self) -> None:
        """Stop, for what cells have left behind."""
        last = self._last - 1 if self.running else self._last
        self._keep(self._stop_left_behind(last))

    def warn(self) -> None:
        """A batch system's warning that the end is near: a training saves, and goes on."""
        if self._inspector and self.watches:
            self._keep(self._inspector.evaluate("__tessera.warnWatchers()"))

    def begun(self) -> None:
        """The running cell can be stopped from now on."""
        if self.running:
            self.running.begun.set()

    def held(self, token: int) -> None:
        """Code in Deno waits for the order that ends it."""
        if self._cutter:
            self._cutter.held(token)

    async def finish(self, running: Running) -> None:
        """The cell has ended; waits until a Stop that ended it has cleared up."""
        running.begun.set()
        running.ended.set()
        while running.stop and not running.stop.done():
            await running.stop
        self.running = None

    def _keep(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop_left_behind(self, last: int) -> None:
        """Ends what cells up to a number go on with: timers, trainings, and a loop in which one of these is."""
        inspector, cutter = self._inspector, self._cutter
        if inspector is None or cutter is None:
            return
        await inspector.evaluate(f"__tessera.askWatchers({last}); __tessera.stopLeftBehind({last});")
        # A cell that has come meanwhile may wait behind such a loop.
        if await inspector.evaluate("__tessera.turn()", ACKNOWLEDGE_S, awaits=True):
            return
        if await cutter.cut(last):
            await inspector.evaluate(f"__tessera.stopLeftBehind({last}); __tessera.repair(-1);")

    async def _stop(self, running: Running) -> None:
        explaining = asyncio.create_task(self._explain(running))
        try:
            await self._end(running)
        finally:
            if running.ended.is_set():
                explaining.cancel()

    async def _end(self, running: Running) -> None:
        inspector, cutter, number = self._inspector, self._cutter, running.cell.number
        if inspector is None or cutter is None or running.ended.is_set():
            return
        if await self._has_ended_before(running, inspector, cutter):
            return
        if self.watches:
            running.why = TRAINS
            await inspector.evaluate(f"__tessera.askWatchers({number})", ACKNOWLEDGE_S)
            # Those of earlier cells are no reason to wait, unless the cell waits for one of them.
            if self.own_watches:
                patience = COOPERATIVE_S
            else:
                patience = UNWIND_S if await self._turns(running) else 0
            if await self._wait(running, patience, or_press=True):
                return
        await self._stop_cell(running, inspector)
        turns = await self._turns(running)
        if self.loads:
            running.why = LOADS
            if await self._wait(running, LOAD_S, or_press=True):
                return
        if turns and await self._wait(running, UNWIND_S):
            return
        await self._cut(running, inspector, cutter)

    async def _has_ended_before(self, running: Running, inspector: Inspector, cutter: Cutter) -> bool:
        """Waits until the cell has begun, and says whether it has ended by then.

        Code of earlier cells that it has to wait for is cut off, and then it does not begin.
        """
        number, loop = running.cell.number, asyncio.get_running_loop()
        end = loop.time() + BEGIN_S
        while loop.time() < end:
            try:
                await asyncio.wait_for(running.begun.wait(), ACKNOWLEDGE_S)
                break
            except TimeoutError:
                pass
            await self._stop_cell(running, inspector)
            if await cutter.cut(number, ACKNOWLEDGE_S):
                await inspector.evaluate(f"__tessera.stopLeftBehind({number - 1}); __tessera.repair(-1);")
        return running.ended.is_set()

    async def _cut(self, running: Running, inspector: Inspector, cutter: Cutter) -> None:
        loop, number = asyncio.get_running_loop(), running.cell.number
        end = loop.time() + TROUBLE_S
        while loop.time() < end and not running.ended.is_set():
            running.why = LOST
            if not await self._turns(running) and not running.ended.is_set():
                running.why = NATIVE
                ending = asyncio.create_task(self._end_awaited(running))
                running.was_cut |= await cutter.cut(number)
                ending.cancel()
                running.why = LOST
            await self._stop_cell(running, inspector)
            for _ in range(10):
                await inspector.call("HeapProfiler.collectGarbage", 10)
                if await self._wait(running, 0.05):
                    break
        # What was not cut off goes on, and its own `finally` blocks are still to run.
        if running.was_cut:
            await inspector.evaluate(f"__tessera.repair({number})")

    async def _end_awaited(self, running: Running) -> None:
        """Ends the program that a cell waits for in native code, if that is what it does there."""
        await asyncio.sleep(NATIVE_S)
        from .children import end_awaited  # slow to load, and mostly not needed

        await asyncio.to_thread(end_awaited, self._process, running.begun_at)

    async def _stop_cell(self, running: Running, inspector: Inspector) -> None:
        running.cell.stopped_at = running.pressed_at
        await inspector.evaluate(f"__tessera.stopCell({running.cell.number})", ACKNOWLEDGE_S)

    async def _turns(self, running: Running) -> bool:
        """Whether the event loop turns; at once, where the cell ends meanwhile."""
        assert self._inspector is not None
        turned = asyncio.create_task(
            self._inspector.evaluate("__tessera.turn()", ACKNOWLEDGE_S, awaits=True)
        )
        await _first(running.ended.wait(), turned)
        return running.ended.is_set() or bool(turned.done() and not turned.cancelled() and turned.result())

    async def _wait(self, running: Running, seconds: float, or_press: bool = False) -> bool:
        """Whether the cell has ended; stops waiting at another press of Stop where that counts."""
        ends = [running.ended, running.pressed_again] if or_press else [running.ended]
        await _first(*(each.wait() for each in ends), timeout=seconds)
        return running.ended.is_set()

    async def _explain(self, running: Running) -> None:
        if await self._wait(running, EXPLAIN_S):
            return
        self._say(running.cell, f"Stop: {running.why}.\n")
        if await self._wait(running, OFFER_S - EXPLAIN_S):
            return
        self._say(
            running.cell,
            "Stop: this goes on. Wait, or choose Kernel → Restart Kernel and Run up to Selected Cell…, "
            "which runs the cells above again.\n",
        )


async def _first(*waits: Awaitable[Any], timeout: float | None = None) -> None:
    """Waits until one of several things is there, and no longer for the others."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
