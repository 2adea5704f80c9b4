"""What cells print and show: read from the pipe, joined, kept to a limit, and shown in order."""

import asyncio
import fcntl
import json
import os
import struct
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from .cell import Cell
from .messages import Json
from .printed import Printed
from .records import RECORD
from .screen import Screen
from .sparing import spared

# Kinds of frames; `inside/pipe.ts` has the same numbers.
STDOUT, STDERR, MESSAGE, NOTE = 1, 2, 3, 4
HEADER = struct.Struct("<BII")

PIECE_BYTES = 1 << 17
# The shortest time between two messages of text, which are joined meanwhile.
FLUSH_S = 0.04
# What displays may send anew each second.
UPDATE_BYTES_A_SECOND = 20_000_000
# What is kept for the next cell where none runs.
EARLY_BYTES = 5_000_000
# Messages that are the door's alone, and not a cell's to send.
RESERVED = frozenset({"status", "execute_input", RECORD})


class _Update(NamedTuple):
    cell: Cell
    content: bytes
    metadata: bytes


class Outputs:
    """Reads the pipe. `cell_of` says whose output that of a cell's number is; `on_note` takes notes.

    What holds a trace of a cell waits until `printed` knows that cell's lines, and what follows waits behind it.
    What comes while there is no cell for it waits for the next one.
    """

    def __init__(
        self,
        pipe: int,
        screen: Screen,
        cell_of: Callable[[int], Cell | None],
        on_note: Callable[[int, Json], None],
        printed: Printed,
    ) -> None:
        self._screen, self._cell_of, self._on_note, self._printed = screen, cell_of, on_note, printed
        self._held: deque[tuple[int, Cell, bytes]] = deque()
        self._early: list[tuple[int, bytes]] = []
        self._early_size = 0
        self._settling: Cell | None = None
        self._learning: asyncio.Task[None] | None = None
        self._pipe = pipe
        os.set_blocking(pipe, False)
        self._capacity = _enlarge(pipe)
        self._bytes = bytearray()
        self._needed = 0  # bytes, before the next frame is whole
        self._text: list[bytes] = []
        self._text_of: tuple[Cell, str] | None = None
        self._updates: dict[str, _Update] = {}
        self._next_flush = 0.0
        self._timer: asyncio.TimerHandle | None = None
        asyncio.get_running_loop().add_reader(pipe, self._read)

    def drain(self) -> None:
        """Takes all that is in the pipe now, though not what an endless writer adds meanwhile."""
        taken = 0
        while taken < self._capacity and (read := self._read()):
            taken += read

    def _read(self) -> int:
        """Takes a piece that does not keep the event loop for long; returns its size."""
        loop = asyncio.get_running_loop()
        try:
            piece = os.read(self._pipe, max(PIECE_BYTES, self._needed - len(self._bytes)))
        except BlockingIOError:
            return 0
        if not piece:
            loop.remove_reader(self._pipe)
            return 0
        self._bytes += piece
        if len(self._bytes) >= self._needed:
            self._take_frames()
        self._flush_in_time()
        return len(piece)

    def _flush_in_time(self) -> None:
        loop = asyncio.get_running_loop()
        if (self._text or self._updates) and self._timer is None:
            if loop.time() >= self._next_flush:
                self.flush()
            else:
                self._timer = loop.call_at(self._next_flush, self.flush)

    async def take_rest(self) -> None:
        """Shows all that was printed and shown by now."""
        self.drain()
        if self._learning:
            await self._learning
        self.flush()

    async def settle(self, cell: Cell) -> None:
        """Shows the rest of the outputs of a cell that has ended, and what was cut of them."""
        self._settling = cell
        await self.take_rest()
        self._settling = None
        if cut := cell.take_cut():
            self.print(cell, f"{cut}\n")

    def begin(self, cell: Cell) -> None:
        """Shows under a cell that begins what has come since the last one ended."""
        self.drain()
        early, self._early, self._early_size = self._early, [], 0
        for kind, body in early:
            self._take_of(cell, kind, body)

    def print(self, cell: Cell, text: str, stream: str = "stderr") -> None:
        """The door's own words, under a cell."""
        self._flush_text()
        self._screen.write(cell, stream, text.encode())

    def _take_frames(self) -> None:
        """Takes the whole frames; texts that follow each other in one stream are one text."""
        data, at, end = bytes(self._bytes), 0, len(self._bytes)
        texts: list[bytes] = []
        last = (0, 0)
        self._needed = 0
        while end - at >= HEADER.size:
            kind, number, length = HEADER.unpack_from(data, at)
            begin = at + HEADER.size
            if end - begin < length:
                self._needed = HEADER.size + length
                break
            at = begin + length
            if texts and (kind, number) != last:
                self._take(*last, b"".join(texts))
                texts.clear()
            last = (kind, number)
            if kind == STDOUT or kind == STDERR:
                texts.append(data[begin:at])
            else:
                self._take(kind, number, data[begin:at])
        if texts:
            self._take(*last, b"".join(texts))
        del self._bytes[:at]

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == NOTE:
            with spared("a note of the door's side in Deno"):
                self._on_note(number, json.loads(body))
        # Whose it is counts now: what waits for its lines is shown when another cell may run.
        elif cell := self._cell_of(number) or self._settling:
            self._take_of(cell, kind, body)
        elif self._early_size + len(body) <= EARLY_BYTES:
            self._early.append((kind, body))
            self._early_size += len(body)

    def _take_of(self, cell: Cell, kind: int, body: bytes) -> None:
        if self._held or self._printed.unknown(body):
            self._held.append((kind, cell, body))
            self._learning = self._learning or asyncio.create_task(self._learn())
        else:
            self._give(kind, cell, body)

    async def _learn(self) -> None:
        try:
            while self._held:
                if numbers := self._printed.unknown(self._held[0][2]):
                    await self._printed.learn(numbers)
                self._give(*self._held.popleft())
        finally:
            self._learning = None
            while self._held:  # where the kernel ends meanwhile
                self._give(*self._held.popleft())
        self._flush_in_time()

    def _give(self, kind: int, cell: Cell, body: bytes) -> None:
        with spared("what a cell shows"):
            if kind == MESSAGE:
                self._show(cell, body)
            else:
                self._add_text(kind, cell, self._printed.text(body))

    def _add_text(self, kind: int, cell: Cell, text: bytes) -> None:
        kept = cell.takes_text(text)
        if not kept:
            return
        stream = "stdout" if kind == STDOUT else "stderr"
        if self._text_of != (cell, stream):
            self._flush_text()
            self._text_of = (cell, stream)
        self._text.append(kept)

    def _show(self, cell: Cell, body: bytes) -> None:
        raw_type, metadata, raw_display, content = body.split(b"\n", 3)
        type, display, content = raw_type.decode(), json.loads(raw_display), self._printed.content(content)
        if type in RESERVED:
            return
        is_update = type == "update_display_data"
        if type == "execute_result":
            content = b'{"execution_count":%d,' % cell.count + content[1:]
        if type != "clear_output" and not cell.takes_display(len(content), display, is_update):
            return
        if is_update and display:
            # The last one counts, however often it changes.
            self._updates[display] = _Update(cell, content, metadata)
            return
        if display:
            self._updates.pop(display, None)
        self._flush_text()
        self._screen.show(cell, type, content, metadata, display)

    def flush(self) -> None:
        """Shows what waits."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._flush_text()
        size = 0
        for display, (cell, content, metadata) in self._updates.items():
            size += len(content)
            self._screen.show(cell, "update_display_data", content, metadata, display)
        self._updates.clear()
        wait = max(FLUSH_S, size / UPDATE_BYTES_A_SECOND)
        self._next_flush = asyncio.get_running_loop().time() + wait

    def _flush_text(self) -> None:
        if self._text and self._text_of:
            self._screen.write(*self._text_of, b"".join(self._text))
            self._text.clear()
        self._text_of = None


def _enlarge(pipe: int) -> int:
    """Gives a pipe more room, where Linux does, so that bursts do not wait; returns how much it has."""
    try:
        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
    except (AttributeError, OSError):
        return 1 << 16
