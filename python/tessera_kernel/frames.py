"""Stack traces: their frames, and the places of these in words."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from .cell import Cell

_INSTALLATION = Path(__file__).resolve().parents[2]
_HIDDEN = (str(_INSTALLATION / "lib"), str(_INSTALLATION / "python"))
_FRAME = re.compile(r"^ +at (?:async )?(?:(.+?) \()?([^()\s]+):(\d+):(\d+)\)?$")
_CELL = re.compile(r"^cell:(\d+)$")


@dataclass(frozen=True)
class Frame:
    """A place in a stack trace: in a cell (`number`) or in a file."""

    function: str
    file: str
    line: int
    column: int

    @property
    def number(self) -> int | None:
        found = _CELL.match(self.file)
        return int(found[1]) if found else None

    @property
    def is_hidden(self) -> bool:
        if self.number is not None:
            return False
        if not self.file.startswith("file://"):
            return True
        path = unquote(urlparse(self.file).path)
        return path.startswith(_HIDDEN) or "/node_modules/" in path or "/npm/" in path


# A frame's line in its cell; None where that is not known.
LineOf = Callable[[Frame], int | None]


def frames_of(stack: str) -> tuple[list[str], list[Frame]]:
    """The lines before a stack trace's frames, and the frames."""
    head: list[str] = []
    frames: list[Frame] = []
    for line in stack.split("\n"):
        if found := _FRAME.match(line):
            function = re.sub(r"^(?:new |Object\.)", "", found[1] or "")
            frames.append(Frame(function, found[2], int(found[3]), int(found[4])))
        elif not frames and not re.match(r"^ +at ", line):
            head.append(line)
    return head, frames


def without_inside(frames: list[Frame]) -> list[Frame]:
    """Without the inside of the library, of packages and of Deno, unless that is asked for."""
    if os.environ.get("TESSERA_TRACE") == "full":
        return frames
    theirs = [frame for frame in frames if not frame.is_hidden]
    # One that never passes a cell is the library's own; its engineers want to see where.
    return theirs or frames[:3]


def place_of(frame: Frame, cells: dict[int, Cell], line_of: LineOf) -> str:
    """A frame's place in words: `cell [3], line 4`."""
    if frame.number is None:
        path = unquote(urlparse(frame.file).path) if frame.file.startswith("file://") else frame.file
        return f"{short(path)}, line {frame.line}"
    cell = cells.get(frame.number)
    if cell is None:
        return "an earlier cell"
    line = line_of(frame)
    return f"cell [{cell.count}]" if line is None else f"cell [{cell.count}], line {line}"


def short(path: str) -> str:
    """A path from the notebook's folder, or the installation's, where it lies in there."""
    for base in (Path.cwd(), _INSTALLATION):
        if path.startswith(f"{base}/"):
            path = path[len(str(base)) + 1 :]
    return path
