"""Stack traces that cells print and show themselves: in the cells' own lines, as errors are told."""

import asyncio
import json
import re

from .cell import Cell
from .deno import Deno
from .frames import Frame, place_of, without_inside
from .messages import Json, encode

# How long outputs wait for a cell's lines, once a cell; a trace shows the cell alone where they do not come,
# as from a loop that lets nobody ask. A busy machine needs some seconds.
WAIT_S = 4.0
_CELL = re.compile(rb"\bcell:(\d+):\d+:\d+")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Behind the last place Deno goes on with what else an error holds: ` {`.
_FRAME = re.compile(r"^(\s*)at (async )?(?:(.+?) \()?([^()\s]+):(\d+):(\d+)\)?((?:[ ,\]})]|\{$)*)$")


class Printed:
    """`cells` are all that there were, by the numbers that traces have of them."""

    def __init__(self, cells: dict[int, Cell], deno: Deno) -> None:
        self._cells, self._deno = cells, deno
        self._asked: set[int] = set()

    def unknown(self, body: bytes) -> set[int]:
        """The cells in traces of a body whose lines are not known, and were never asked for."""
        if b"cell:" not in body:
            return set()
        numbers = {int(number) for number in _CELL.findall(body)}
        return (numbers & self._cells.keys()) - self._deno.lines.keys() - self._asked

    async def learn(self, numbers: set[int]) -> None:
        """Asks for the lines of cells, and waits for a while."""
        self._asked |= numbers
        reading = asyncio.create_task(self._deno.learn_lines(self._cells, numbers))
        await asyncio.wait({reading}, timeout=WAIT_S)

    def text(self, text: bytes) -> bytes:
        """A text with its traces in the cells' own lines."""
        if not _CELL.search(text):
            return text
        return self._told(text.decode("utf-8", "replace")).encode("utf-8", "replace")

    def content(self, content: bytes) -> bytes:
        """The same for the content of a message: for what it shows as plain text."""
        if not _CELL.search(content):
            return content
        shown: Json = json.loads(content)
        data = shown.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("text/plain"), str):
            return content
        data["text/plain"] = self._told(data["text/plain"])
        return encode(shown)

    def _told(self, text: str) -> str:
        lines: list[str] = []
        trace: list[tuple[Frame, re.Match[str]]] = []
        for line in [*text.split("\n"), None]:
            found = _FRAME.match(_COLOUR.sub("", line)) if line is not None else None
            if found:
                trace.append((Frame(found[3] or "", found[4], int(found[5]), int(found[6])), found))
                continue
            lines += self._trace(trace)
            trace.clear()
            if line is not None:
                lines.append(line)
        return "\n".join(lines)

    def _trace(self, trace: list[tuple[Frame, re.Match[str]]]) -> list[str]:
        """The lines of one trace; one that passes no cell stays as it is."""
        frames = [frame for frame, _ in trace]
        if all(frame.number is None for frame in frames):
            return [found[0] for _, found in trace]
        kept = {id(frame) for frame in without_inside(frames)}
        lines: list[str] = []
        for frame, found in trace:
            if id(frame) not in kept:
                continue
            place = found[0].strip().removeprefix("at ") if frame.number is None else self._place(frame, found)
            lines.append(f"{found[1]}at {place}".removesuffix(found[7]))
        return [*lines[:-1], lines[-1] + trace[-1][1][7]]

    def _place(self, frame: Frame, found: re.Match[str]) -> str:
        place = place_of(frame, self._cells, self._deno.line_of)
        return f"{found[2] or ''}{f'{frame.function} ({place})' if frame.function else place}"
