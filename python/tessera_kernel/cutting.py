"""Has V8 end code that never lets the event loop turn, and no other."""

import asyncio
import json
from collections.abc import Callable

from .inspector import Inspector
from .messages import Json

TROUBLE_S = 60.0  # for a native call, before the code that has called it can be ended
ENDED_S = 0.15
# Deno's own code is soon over, unless a loop of the learner's is between its turns.
LOOKS = 5


class Cutter:
    """The code is held in place (`inside/cutting.ts`) until the order that ends it is on its way."""

    def __init__(self, inspector: Inspector, answer: Callable[[str], None]) -> None:
        self._inspector, self._answer = inspector, answer
        self._holding = 0
        self._is_asking = False
        self._order: asyncio.Future[Json] | None = None
        self._one = asyncio.Lock()

    async def cut(self, last: int, patience: float = TROUBLE_S) -> bool:
        """Ends the running code of cells up to a number, after a native call where it is in one.

        Says whether any was ended; then nothing that it had begun in the library is open any more.
        """
        async with self._one:
            for look in range(1, LOOKS + 1):
                self._holding += 1
                self._is_asking, self._order = True, None
                asked = f"__tessera.hold({self._holding}, {last}, {json.dumps(look == LOOKS)})"
                found = await self._inspector.evaluate(asked, patience)
                self._is_asking = False
                if found != "kernel":
                    break
            if self._order is None:
                return False
            await asyncio.wait({self._order}, timeout=ENDED_S)
            if not self._order.done():
                # Where the code has ended by itself, this takes the order in place of what runs next.
                await self._inspector.evaluate("0", ENDED_S)
                await asyncio.wait({self._order}, timeout=TROUBLE_S)
            await self._inspector.evaluate("__tessera.closeCut()")
            return True

    def held(self, token: int) -> None:
        """Sends the order, unless nobody waits for it any more; then the code goes on."""
        if self._is_asking and token == self._holding:
            self._order = self._inspector.send("Runtime.terminateExecution")
            self._answer("sent")
        else:
            self._answer("")
