"""Errors as a learner reads them: the cell's own lines, and nothing of the inside of the library."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from . import habits
from .cells import declarations
from .messages import Json
from .cell import Cell

STOPPED_LINE = "Stopped. Variables and models keep what they held."
STOPPED: Json = {
    "ename": "Stopped",
    "evalue": "The cell was stopped.",
    "traceback": [STOPPED_LINE],
}
NEVER_SETTLES: Json = {
    "ename": "NeverSettles",
    "evalue": "The cell awaits a promise that nothing can settle any more.",
    "traceback": ["NeverSettles: The cell awaits a promise that nothing can settle any more."],
}
# How Deno's kernel reports a promise that was collected while its cell waited.
COLLECTED = re.compile(r"expected struct EvaluateResponse|Promise was collected")

_INSTALLATION = Path(__file__).resolve().parents[2]
_HIDDEN = (str(_INSTALLATION / "lib"), str(_INSTALLATION / "python"))
_FRAME = re.compile(r"^ +at (?:async )?(?:(.+?) \()?([^()\s]+):(\d+):(\d+)\)?$")
_CELL = re.compile(r"^cell:(\d+)$")
# SWC's report of code that does not parse.
_PARSE_ERROR = re.compile(r"^(?:SyntaxError: )?(.*)\n(?:.*\n)*? +at file:///repl\.tsx?:(\d+):(\d+)")
_UNCLOSED_TEMPLATE = re.compile(r"^Unexpected token `<lexing error.*UnterminatedTpl")
_END = re.compile(r"'<eof>'$|token `<eof>`|\beof$")

_NO_NEW = re.compile(r"^Class constructor (\w+) cannot be invoked without 'new'")
_UNDEFINED = re.compile(r"^(\S+) is not defined$")
_DECLARED = re.compile(r"^Identifier '(.+)' has already been declared")

# How many places of a deep recursion are shown at each end.
_ENDS = 4


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


def complete(
    name: str,
    message: str,
    stack: str,
    cells: dict[int, Cell],
    line_of: Callable[[Frame], int | None],
    explanation: str = "",
) -> Json:
    """An error's name, value and traceback; `line_of` gives a frame's line in its cell."""
    # Deno names some errors of modules twice.
    message, stack = message.removeprefix(f"{name}: "), stack.replace(f"{name}: {name}: ", f"{name}: ", 1)
    head, frames = frames_of(stack)
    if not name:
        name, head = "Uncaught", [f"Uncaught: {message}"]
    if not head or not any(head):
        head = [f"{name}: {message}"]
    traceback = [*head]
    shown = frames if os.environ.get("TESSERA_TRACE") == "full" else _without_inside(frames)
    for index, frame in enumerate(shown):
        if len(shown) > 2 * _ENDS and _ENDS <= index < len(shown) - _ENDS:
            if index == _ENDS:
                traceback.append(f"… {len(shown) - 2 * _ENDS} more places …")
            continue
        traceback += _place(frame, cells, line_of)
    if advice := explanation or _advice(name, message):
        traceback.append(advice)
    return {"ename": name, "evalue": message or "(no message)", "traceback": traceback}


def line_at(frames: list[Frame], cells: dict[int, Cell], line_of: Callable[[Frame], int | None]) -> str:
    """The learner's own line at which an error was thrown; empty where it was thrown elsewhere."""
    frame = next((frame for frame in frames if not frame.is_hidden), None)
    cell = cells.get(frame.number or 0) if frame else None
    line = line_of(frame) if frame and cell else None
    return cell.code.split("\n")[line - 1] if cell and line else ""


def _advice(name: str, message: str) -> str:
    """What to do about an error of those who have just restarted the kernel, or who are new to classes."""
    if name == "TypeError" and (found := _NO_NEW.match(message)):
        return f"{found[1]} is a class: new {found[1]}(…) makes one."
    found = _UNDEFINED.match(message) if name == "ReferenceError" else None
    if not found:
        return ""
    return f"If another cell makes {found[1]}, run that one first; after a restart of the kernel, all of them."


def syntax_error(report: str, cell: Cell) -> Json:
    """The error of a cell that does not parse, from Deno's report of the cell as it was typed."""
    found = _PARSE_ERROR.match(report)
    if not found:
        message = report.removeprefix("SyntaxError: ")
        return {"ename": "SyntaxError", "evalue": message, "traceback": [f"SyntaxError: {message}"]}
    message, line, column = found[1].strip(), int(found[2]), int(found[3])
    if _UNCLOSED_TEMPLATE.match(message):
        message, column = "Unterminated template: its closing ` is missing", column - 1
    elif _END.search(message):
        # SWC names the place of the last word but one.
        rest = cell.code.rstrip()
        line, column = rest.count("\n") + 1, len(rest.split("\n")[-1]) + 1
        end = "the end of the cell" if "got" in message else "end of the cell"
        message = _END.sub(end, message)
    error = at_line(message, cell, line, column)
    if hint := habits.of_syntax(cell.code, line):
        error["traceback"] = [*error["traceback"], hint]
    return error


def at_line(message: str, cell: Cell, line: int, column: int | None = None) -> Json:
    """An error of syntax with its line in the cell."""
    return {
        "ename": "SyntaxError",
        "evalue": f"{message} (line {line})",
        "traceback": [f"SyntaxError: {message}", *_excerpt(cell, line, "", column)],
    }


def redeclared_line(message: str, cell: Cell) -> int | None:
    """Where a cell declares a name again; the second time, if it does both."""
    found = _DECLARED.search(message)
    lines = declarations(cell.code, found[1]) if found else []
    return lines[min(1, len(lines) - 1)] if lines else None


def _without_inside(frames: list[Frame]) -> list[Frame]:
    theirs = [frame for frame in frames if not frame.is_hidden]
    # One that never passes a cell is the library's own; its engineers want to see where.
    return theirs or frames[:3]


def _place(frame: Frame, cells: dict[int, Cell], line_of: Callable[[Frame], int | None]) -> list[str]:
    inside = f", in {frame.function}" if frame.function else ""
    if frame.number is None:
        path = unquote(urlparse(frame.file).path) if frame.file.startswith("file://") else frame.file
        for base in (Path.cwd(), _INSTALLATION):
            if path.startswith(f"{base}/"):
                path = path[len(str(base)) + 1 :]
        return [f"{path}, line {frame.line}{inside}"]
    cell = cells.get(frame.number)
    if cell is None:
        return [f"an earlier cell{inside}"]
    line = line_of(frame)
    return [f"cell [{cell.count}]{inside}"] if line is None else _excerpt(cell, line, inside)


def _excerpt(cell: Cell, line: int, inside: str, column: int | None = None) -> list[str]:
    """The line in its cell, with the ones round it."""
    lines = cell.code.split("\n")
    width = len(str(min(line + 1, len(lines))))
    told = [f"cell [{cell.count}], line {line}{inside}"]
    for number in range(max(1, line - 1), min(line + 1, len(lines)) + 1):
        mark = "→" if number == line else " "
        told.append(f"  {mark} {number:>{width}} | {lines[number - 1]}".rstrip())
        if number == line and column is not None:
            told.append(f"    {' ' * width} | {' ' * (column - 1)}^")
    return told
