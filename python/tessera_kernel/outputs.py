"""What cells print and show: read from the pipe, joined, kept to a limit, and published in order."""

import asyncio
import fcntl
import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from .messages import Json, encode

# Kinds of frames; `inside/pipe.ts` has the same numbers.
STDOUT, STDERR, MESSAGE, NOTE = 1, 2, 3, 4
HEADER = struct.Struct("<BII")

# What a cell may print and show.
LINES = 20_000
TEXT_BYTES = 5_000_000
DISPLAY_BYTES = 50_000_000
PIECE_BYTES = 1 << 17
# The shortest time between two messages of text, which are joined meanwhile.
FLUSH_S = 0.04


@dataclass(eq=False)
class Cell:
    """One execution of a cell, and where what belongs to it goes."""

    number: int  # the door's, in stack frames
    count: int  # Jupyter's, on the screen
    code: str
    parent: Json  # the request's header
    failures: list[Json] = field(default_factory=list)
    lines: int = 0
    text_bytes: int = 0
    display_bytes: int = 0
    cut_lines: int = 0
    cut_text_bytes: int = 0
    cut_displays: int = 0


class Outputs:
    """Reads the pipe. `cell_of` says whose output that of a cell's number is; `on_note` takes notes."""

    def __init__(
        self,
        pipe: int,
        publish: Callable[[str, bytes, Json, bytes], None],
        cell_of: Callable[[int], Cell | None],
        on_note: Callable[[int, Json], None],
    ) -> None:
        self._publish, self._cell_of, self._on_note = publish, cell_of, on_note
        self._pipe = pipe
        os.set_blocking(pipe, False)
        self._capacity = _enlarge(pipe)
        self._bytes = bytearray()
        self._needed = 0  # bytes, before the next frame is whole
        self._text: list[bytes] = []
        self._text_of: tuple[Cell, bytes] | None = None
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
        if self._text and self._timer is None:
            if loop.time() >= self._next_flush:
                self._flush()
            else:
                self._timer = loop.call_at(self._next_flush, self._flush)
        return len(piece)

    def settle(self, cell: Cell) -> None:
        """Publishes the rest of a cell's outputs, and what was cut of them."""
        self.drain()
        self._flush()
        if cell.cut_lines or cell.cut_text_bytes or cell.cut_displays:
            self.print(cell, f"{_cut(cell)}\n")
            cell.cut_lines = cell.cut_text_bytes = cell.cut_displays = 0

    def print(self, cell: Cell, text: str, stream: str = "stderr") -> None:
        """The door's own words, under a cell."""
        self._flush()
        self._publish("stream", encode({"name": stream, "text": text}), cell.parent, b"{}")

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
                self._add_text(*last, b"".join(texts))
                texts.clear()
            last = (kind, number)
            if kind == STDOUT or kind == STDERR:
                texts.append(data[begin:at])
            else:
                self._take(kind, number, data[begin:at])
        if texts:
            self._add_text(*last, b"".join(texts))
        del self._bytes[:at]

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == NOTE:
            self._on_note(number, json.loads(body))
        elif cell := self._cell_of(number):
            self._flush()
            self._show(cell, body)

    def _add_text(self, kind: int, number: int, text: bytes) -> None:
        cell = self._cell_of(number)
        if cell is None:
            return
        kept = b"" if cell.cut_text_bytes else _beginning(text, cell)
        if len(kept) < len(text):
            cell.cut_lines += text.count(b"\n", len(kept))
            cell.cut_text_bytes += len(text) - len(kept)
        if not kept:
            return
        cell.lines += kept.count(b"\n")
        cell.text_bytes += len(kept)
        stream = b"stdout" if kind == STDOUT else b"stderr"
        if self._text_of != (cell, stream):
            self._flush()
            self._text_of = (cell, stream)
        self._text.append(kept)

    def _show(self, cell: Cell, body: bytes) -> None:
        kind, metadata, content = body.split(b"\n", 2)
        if kind == b"execute_result":
            content = b'{"execution_count":%d,' % cell.count + content[1:]
        if kind != b"clear_output":
            if cell.display_bytes + len(content) > DISPLAY_BYTES:
                cell.cut_displays += 1
                return
            cell.display_bytes += len(content)
        self._publish(kind.decode(), content, cell.parent, metadata)

    def _flush(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._text and self._text_of:
            cell, stream = self._text_of
            content = b'{"name":"' + stream + b'","text":' + _quoted(b"".join(self._text)) + b"}"
            self._publish("stream", content, cell.parent, b"{}")
            self._text.clear()
            self._next_flush = asyncio.get_running_loop().time() + FLUSH_S
        self._text_of = None


def _quoted(text: bytes) -> bytes:
    return encode(text.decode("utf-8", "replace"))


def _beginning(text: bytes, cell: Cell) -> bytes:
    """As much of a text as the cell may still print, in whole lines."""
    room, lines = TEXT_BYTES - cell.text_bytes, LINES - cell.lines
    if len(text) <= room and text.count(b"\n") <= lines:
        return text
    end = 0
    for line in text.splitlines(keepends=True)[:lines]:
        if end + len(line) > room:
            break
        end += len(line)
    return text[:end]


def _cut(cell: Cell) -> str:
    parts = []
    if cell.cut_text_bytes:
        parts.append(f"{cell.cut_lines:,} more lines ({cell.cut_text_bytes / 1e6:.1f} MB) of text")
    if cell.cut_displays:
        parts.append(f"{cell.cut_displays:,} more displays")
    return (
        f"… {' and '.join(parts)} were cut: a cell shows up to {LINES:,} lines or "
        f"{TEXT_BYTES / 1e6:.0f} MB of text, and {DISPLAY_BYTES / 1e6:.0f} MB of displays."
    )


def _enlarge(pipe: int) -> int:
    """Gives a pipe more room, where Linux does, so that bursts do not wait; returns how much it has."""
    try:
        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
    except (AttributeError, OSError):
        return 1 << 16
