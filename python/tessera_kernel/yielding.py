"""A kernel whose cell takes long, as a training does, lets other kernels of the machine go first.

Linux gives each session an equal part of its processors ("autogroup", sched(7)), and each kernel is a session: that one of its
threads stands back counts within it alone. But a session can stand back as a whole, and come forward again, without any rights.
"""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

# What has taken so long is not waited for as an answer is.
LONG_S = 1.0
# A third of the usual weight: ten, a tenth, let others answer no sooner, and hold a training up beside any work.
STEPS = 5
# Linux takes ten such changes a second, of all users together, and says that one is to come again.
AGAIN_S = 0.15


class Place:
    """Where the kernel's session stands among others; where it cannot be told, nothing happens."""

    def __init__(self) -> None:
        self._file = f"/proc/{os.getpid()}/autogroup"
        self._usual = self._now = self._read()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """A cell is about to run."""
        if self._usual is not None:
            self._do(self._answer_then_yield(self._usual))

    def end(self, still_trains: bool) -> None:
        """No cell runs any more; a training may go on that none waits for."""
        if self._usual is not None and not still_trains:
            self._do(self._move(self._usual))

    def _do(self, moves: Coroutine[Any, Any, None]) -> None:
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(moves)

    async def _answer_then_yield(self, usual: int) -> None:
        await self._move(usual)
        await asyncio.sleep(LONG_S)
        await self._move(min(19, usual + STEPS))

    async def _move(self, place: int) -> None:
        while self._now != place:
            try:
                with open(self._file, "w") as file:
                    file.write(str(place))
                self._now = place
            except BlockingIOError:
                await asyncio.sleep(AGAIN_S)
            except OSError:
                return

    def _read(self) -> int | None:
        """None where the session is another's too, such as a terminal's, and on other systems."""
        try:
            with open(self._file) as file:
                place = int(file.read().split()[-1])
        except (OSError, ValueError, IndexError):
            return None
        return place if os.getsid(0) == os.getpid() else None
