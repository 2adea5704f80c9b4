"""Stop: ends whatever a cell does, by the gentlest means that works, and keeps the kernel's state.

1. A call that says that it ends by itself (a training, after its step) is asked to, and waited for.
2. What the cell awaits is given up: it gets an error like any other, its `finally` blocks run.
3. Where JavaScript runs and the event loop does not turn, V8 is told to end what runs. The cell's promise is
   lost with it; once that is collected as garbage, Deno's kernel replies. Then states are repaired which
   `finally` blocks would have put right.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from .inspector import Inspector
from .cell import Cell

ACKNOWLEDGE_S = 0.15  # an event loop that turns answers within this
BEGIN_S = 2.0  # for a cell's first synchronous part, in which Deno's inspector loses what it is told
UNWIND_S = 1.0  # for the cell's own catch and finally blocks
COOPERATIVE_S = 10.0  # for a training's running step
LOAD_S = 30.0  # for a module that is being run for the first time
TROUBLE_S = 60.0  # then the cell is in native code, or cannot be stopped
EXPLAIN_S = 2.0  # what takes longer says why
OFFER_S = 10.0


@dataclass
class Running:
    """The cell that runs now, and what Stop has done to it."""

    cell: Cell
    presses: int = 0
    was_cut: bool = False  # V8 ended what ran
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    pressed_again: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Task[None] | None = None


class Stopper:
    """`watches` and `loads` are how many calls end by themselves, and how many modules are being loaded."""

    def __init__(self, say: Callable[[Cell, str], None]) -> None:
        self._say = say
        self.inspector: Inspector | None = None
        self.running: Running | None = None
        self.watches = self.loads = 0
        self._idle: asyncio.Task[None] | None = None

    def press(self) -> None:
        running = self.running
        if running is None:
            self._idle = asyncio.create_task(self._stop_left_behind())
            return
        running.presses += 1
        if running.stop is None or running.stop.done():
            running.stop = asyncio.create_task(self._stop(running))
        else:
            running.pressed_again.set()

    def warn(self) -> None:
        """A batch system's warning that the end is near: a training saves, and goes on."""
        if self.inspector and self.watches:
            self._warning = asyncio.create_task(self.inspector.evaluate("__tessera.warnWatchers()"))

    def begun(self) -> None:
        """The running cell can be stopped from now on."""
        if self.running:
            self.running.begun.set()

    async def finish(self, running: Running) -> None:
        """The cell has ended; waits until a Stop that ended it has cleared up."""
        running.begun.set()
        running.ended.set()
        if running.stop:
            await running.stop
        self.running = None

    async def _stop_left_behind(self) -> None:
        """Ends what earlier cells go on with: timers, trainings, and a loop in which one of these is."""
        inspector = self.inspector
        if inspector is None:
            return
        await inspector.evaluate("__tessera.askWatchers(); __tessera.stopLeftBehind();")
        turn = inspector.evaluate("__tessera.turn()", ACKNOWLEDGE_S, awaits=True)
        # A cell that has come meanwhile waits behind such a loop, as long as it has not begun.
        if not await turn and not (self.running and self.running.begun.is_set()) and await self._cut_off(inspector):
            await inspector.evaluate("__tessera.stopLeftBehind(); __tessera.repair();")

    async def _cut_off(self, inspector: Inspector) -> bool:
        """Has V8 end the code that runs, after a native call where it is in one; says whether any ran."""
        if not await inspector.evaluate("__tessera.interrupts()", TROUBLE_S):
            return False
        await inspector.call("Runtime.terminateExecution", TROUBLE_S)
        return True

    async def _stop(self, running: Running) -> None:
        explaining = asyncio.create_task(self._explain(running))
        try:
            await self._end(running)
        finally:
            if running.ended.is_set():
                explaining.cancel()

    async def _end(self, running: Running) -> None:
        inspector = self.inspector
        if inspector is None:
            return
        try:
            await asyncio.wait_for(running.begun.wait(), BEGIN_S)
        except TimeoutError:
            pass
        if self.watches:
            await inspector.evaluate("__tessera.askWatchers()", ACKNOWLEDGE_S)
            if await self._wait(running, COOPERATIVE_S, or_press=True):
                return
        await inspector.evaluate("__tessera.stopCell()", ACKNOWLEDGE_S)
        turns = await self._turns(running)
        if self.loads and await self._wait(running, LOAD_S, or_press=True):
            return
        if turns and await self._wait(running, UNWIND_S):
            return
        await self._cut(running, inspector)

    async def _cut(self, running: Running, inspector: Inspector) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + TROUBLE_S
        while loop.time() < end and not running.ended.is_set():
            if not await self._turns(running) and not running.ended.is_set():
                if await self._cut_off(inspector):
                    running.was_cut = True
            await inspector.evaluate("__tessera.stopCell()", ACKNOWLEDGE_S)
            for _ in range(10):
                await inspector.call("HeapProfiler.collectGarbage", 10)
                if await self._wait(running, 0.05):
                    break
        await inspector.evaluate("__tessera.repair()")

    async def _turns(self, running: Running) -> bool:
        """Whether the event loop turns; at once, where the cell ends meanwhile."""
        assert self.inspector is not None
        ended = asyncio.create_task(running.ended.wait())
        turned = asyncio.create_task(
            self.inspector.evaluate("__tessera.turn()", ACKNOWLEDGE_S, awaits=True)
        )
        await asyncio.wait({ended, turned}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        return running.ended.is_set() or bool(turned.done() and turned.result())

    async def _wait(self, running: Running, seconds: float, or_press: bool = False) -> bool:
        """Whether the cell has ended; stops waiting at another press of Stop where that counts."""
        ended = asyncio.create_task(running.ended.wait())
        pressed = asyncio.create_task(running.pressed_again.wait())
        waiting = {ended, pressed} if or_press else {ended}
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        pressed.cancel()
        return running.ended.is_set()

    async def _explain(self, running: Running) -> None:
        if await self._wait(running, EXPLAIN_S):
            return
        if self.watches:
            why = "the training ends after its running step; press Stop again to cut it off"
        elif self.loads:
            why = (
                "a module is being loaded, which runs through; press Stop again to cut it off, "
                "but then it can be loaded only after a restart of the kernel"
            )
        else:
            why = "a call into native code is running, which ends by itself"
        self._say(running.cell, f"Stop: {why}.\n")
        if await self._wait(running, OFFER_S - EXPLAIN_S):
            return
        self._say(
            running.cell,
            "Stop: this goes on. Wait, or choose Kernel → Restart Kernel and Run up to Selected Cell…, "
            "which runs the cells above again.\n",
        )
