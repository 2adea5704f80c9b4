"""A kernel that has nothing to do keeps no memory that it does not need."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from .inspector import Inspector

# After so long without a cell.
IDLE_S = 60.0
# What uses more of a processor has something to do, though no cell runs.
BUSY = 0.05
# A heap of gigabytes takes long to look through, on a busy machine longer.
COLLECT_S = 60.0


class Rest:
    """`is_training` says whether a training goes on that no cell waits for."""

    def __init__(self, is_training: Callable[[], bool]) -> None:
        self._is_training = is_training
        self._idle_s = _idle_s()
        self._task: asyncio.Task[None] | None = None

    def begin(self, inspector: Inspector | None, process: int, last: int) -> None:
        """No cell runs any more in Deno's process; `last` is the number of the one that ran last."""
        self.end()
        if inspector:
            self._task = asyncio.create_task(self._rest(inspector, process, last))

    def end(self) -> None:
        """A cell is about to run."""
        if self._task:
            self._task.cancel()

    async def _rest(self, inspector: Inspector, process: int, last: int) -> None:
        is_idle = False
        while not is_idle:
            used = _processor_s(process)
            await asyncio.sleep(self._idle_s)
            is_idle = not self._is_training() and _processor_s(process) - used <= BUSY * self._idle_s
        await inspector.call("HeapProfiler.collectGarbage", COLLECT_S)
        # A cell that has begun meanwhile makes it do nothing.
        await inspector.evaluate(f"__tessera.giveBack({last})", COLLECT_S)


def _idle_s() -> float:
    """After how many seconds memory is given back, if the environment says it."""
    asked = os.environ.get("TESSERA_IDLE_SECONDS", "")
    try:
        return float(asked or IDLE_S)
    except ValueError:
        sys.exit(f"tessera: TESSERA_IDLE_SECONDS={asked} is no number of seconds.")


def _processor_s(process: int) -> float:
    """The processor time that a process has used; 0 where that is not told."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def empty_benchmarks(inspector: Inspector) -> None:
    """Frees 80 MB that Deno's kernel, and no other program of Deno's, sets aside for the times of `Deno.bench`.

    Nothing leads to that list but the scope of the function.
    """
    bench = (await inspector.call("Runtime.evaluate", expression="Deno.bench") or {}).get("result", {})
    for scopes in await _properties(inspector, bench, "internalProperties", "[[Scopes]]"):
        for scope in await _properties(inspector, scopes, "result"):
            for times in await _properties(inspector, scope, "result", "all"):
                if times.get("subtype") == "array":
                    empty = "function () { this.length = 0; }"
                    await inspector.call(
                        "Runtime.callFunctionOn", objectId=times["objectId"], functionDeclaration=empty
                    )


async def _properties(inspector: Inspector, of: dict, kind: str, name: str | None = None) -> list[dict]:
    """What an object of V8's inspector holds: those of its properties that are objects, by this name or any."""
    if "objectId" not in of:
        return []
    told = await inspector.call("Runtime.getProperties", objectId=of["objectId"], ownProperties=True) or {}
    return [
        each["value"]
        for each in told.get(kind, [])
        if name in (None, each["name"]) and "objectId" in each.get("value", {})
    ]
