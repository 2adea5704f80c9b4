"""Errors as a learner reads them: the cell's own lines, and nothing of the inside of the library."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from . import habits
from .cell import Cell
from .frames import Frame, LineOf, frames_of, place_of, without_inside
from .messages import Json
from .syntax import awaiting_lines, declarations, declared_with, made_for_all, without_last_comment

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
NO_WORDS: Json = {
    "name": "",
    "message": "the cell has run, but Deno loses its value, or what it threw: half a character (a lone surrogate) is in it",
}
# What V8 says of code that it cannot read in its stack, as of a function that calls itself without an end.
TOO_DEEP = "Maximum call stack size exceeded"
TOO_DEEP_HINT = "The cell could not be read, and nothing of it ran: something in it is too long, or nested too deeply."
# How Deno's kernel reports a promise that was collected while its cell waited.
COLLECTED = re.compile(r"expected struct EvaluateResponse|Promise was collected")

# SWC's report of code that does not parse.
_PARSE_ERROR = re.compile(r"^(?:SyntaxError: )?(.*)\n(?:.*\n)*? +at file:///repl\.tsx?:(\d+):(\d+)")
_UNCLOSED_TEMPLATE = re.compile(r"^Unexpected token `<lexing error.*UnterminatedTpl")
_WAITS = re.compile(r"""^(?:[\w$.]+|"[^"\n]*"|'[^'\n]*'|\S)\s*(?:[-+*/%=<>&|^!~?:,(\[]+)$""")
_END = re.compile(r"'<eof>'$|token `<eof>`|\beof$")

_NO_NEW = re.compile(r"^Class constructor (\w+) cannot be invoked without 'new'")
_UNDEFINED = re.compile(r"^(\S+) is not defined$|^Cannot access '(\S+)' before initialization$")
DECLARED = re.compile(r"^Identifier '(.+)' has already been declared")

_JSX = (
    "A tag like <div> is JSX, a language of web pages, which needs React; Deno.jupyter.html`<div>…</div>` shows HTML. "
    "A type before a value, <number>x, is written x as number."
)

# How many places of a deep recursion are shown at each end.
_ENDS = 4
# How much of a line is shown.
_SHOWN = 300


def complete(
    told: Json, cells: dict[int, Cell], line_of: LineOf, explanation: str = "", awaiting: Cell | None = None
) -> Json:
    """An error's name, value and traceback, from what `inside/thrown.ts` tells of it.

    `awaiting` is the cell that has thrown it: one of Deno's own that comes later knows nothing of what awaits it.
    """
    name, message, stack = told["name"], told["message"], told["stack"]
    # Deno names some errors of modules twice.
    message, stack = message.removeprefix(f"{name}: "), stack.replace(f"{name}: {name}: ", f"{name}: ", 1)
    head, frames = frames_of(stack)
    if not name:
        name, head = "Uncaught", f"Uncaught: {message}".split("\n")
    if not any(head) or head == message.split("\n"):  # where an error has no name of its own
        head = f"{name}: {message}".removesuffix(": ").split("\n")
    traceback = [*head]
    is_denos = bool(frames) and all(frame.file.startswith(("ext:", "node:")) for frame in frames)
    traceback += (_at_awaits(awaiting) if is_denos and awaiting else []) or places(frames, cells, line_of)
    traceback += behind(told, cells, line_of)
    if explanation:
        traceback.append(explanation)
    return {"ename": name, "evalue": message or "(no message)", "traceback": traceback}


def _at_awaits(cell: Cell) -> list[str]:
    lines = awaiting_lines(cell.code)
    if len(lines) == 1:
        return _excerpt(of_cell(cell), lines[0], "")
    shown = [*lines[:_ENDS], *(["…"] if len(lines) > _ENDS else [])]
    return [f"cell [{cell.count}], at an await in line {', '.join(map(str, shown))}"] if lines else []


def places(frames: list[Frame], cells: dict[int, Cell], line_of: LineOf) -> list[str]:
    """The places of a trace that are the learner's, with their lines."""
    traceback: list[str] = []
    shown = without_inside(frames)
    for index, frame in enumerate(shown):
        if len(shown) > 2 * _ENDS and _ENDS <= index < len(shown) - _ENDS:
            if index == _ENDS:
                traceback.append(f"… {len(shown) - 2 * _ENDS} more places …")
            continue
        traceback += _place(frame, cells, line_of)
    return traceback


def is_made_by_learner(frames: list[Frame], word_at: Callable[[Frame], str]) -> bool:
    """Whether a learner's own code has made an error: what that says is not V8's, nor the library's."""
    frame = next((frame for frame in frames if not frame.is_hidden), None)
    if not frame or frame is not frames[0]:
        return False
    if frame.number is not None:
        word = word_at(frame)
        return word in ("new", "super", "throw") or word.endswith(("Error", "Exception"))
    try:
        lines = Path(unquote(urlparse(frame.file).path)).read_text(encoding="utf-8").split("\n")
        return bool(re.search(r"\bnew \w*(?:Error|Exception)\b|\bthrow\b", lines[frame.line - 1]))
    except (OSError, ValueError, IndexError):
        return False


def made_later(message: str, cells: list[Cell]) -> str:
    """What to say of a name that one of these cells, the running one first, makes; empty where none does."""
    if not (found := _UNDEFINED.match(message)):
        return ""
    name = found[1] or found[2]
    for cell in cells:
        if not (lines := made_for_all(cell.code, name) if found[1] else declarations(cell.code, name)):
            continue
        if cell.reply is None:
            return f"This cell makes {name} only in line {lines[0]}: it has no value before that."
        if cell.reply.get("status") != "ok":
            return f"Cell [{cell.count}] makes {name}, but ended with an error before that: mend it and run it again."
    return ""


def line_at(frames: list[Frame], cells: dict[int, Cell], line_of: LineOf) -> str:
    """The learner's own line at which an error was thrown; empty where it was thrown elsewhere."""
    frame = next((frame for frame in frames if not frame.is_hidden), None)
    cell = cells.get(frame.number or 0) if frame else None
    line = line_of(frame) if frame and cell else None
    return cell.code.split("\n")[line - 1] if cell and line else ""


def advice(name: str, message: str) -> str:
    """What to do about an error of those who have just restarted the kernel, or who are new to classes."""
    if name == "TypeError" and (found := _NO_NEW.match(message)):
        return f"{found[1]} is a class: new {found[1]}(…) makes one."
    if name == "TypeError" and message == "Assignment to constant variable.":
        return "A name that const has made keeps its value; make it with let where it is to change."
    found = _UNDEFINED.match(message) if name == "ReferenceError" else None
    if not found or not found[1]:
        return ""
    if found[1] == "React":
        return _JSX
    return f"If another cell makes {found[1]}, run that one first; after a restart of the kernel, all of them."


@dataclass(frozen=True)
class Source:
    """What could not be read, a cell or a module: its name on the screen, and its code."""

    name: str
    code: str


def of_cell(cell: Cell) -> Source:
    return Source(f"cell [{cell.count}]", cell.code)


def parse_error(report: str, source: Source, places: list[str] | None = None) -> Json:
    """The error of code that does not parse, from Deno's report of it as it was typed."""
    found = _PARSE_ERROR.match(report)
    if not found:
        message = report.removeprefix("SyntaxError: ")
        return {"ename": "SyntaxError", "evalue": message, "traceback": [f"SyntaxError: {message}"]}
    message, line, column = found[1].strip(), int(found[2]), int(found[3])
    is_cell = source.name.startswith("cell ")
    if _UNCLOSED_TEMPLATE.match(message):
        message, column = "Unterminated template: its closing ` is missing", column - 1
    elif _END.search(message) or message == "Expression expected" and _is_at_end(source.code, line, column):
        # SWC names the place of the last word but one.
        rest = without_last_comment(source.code)
        line, column = rest.count("\n") + 1, len(rest.split("\n")[-1]) + 1
        if message == "Expression expected":
            message += ", got '<eof>'"
        whole = "cell" if is_cell else "file"
        end = f"the end of the {whole}" if "got" in message else f"end of the {whole}"
        message = _END.sub(end, message)
    return syntax_error(message, source, line, column, places)


def syntax_error(
    message: str, source: Source, line: int, column: int | None = None, places: list[str] | None = None
) -> Json:
    """An error of syntax at a line; `places` are those that asked for what it is in."""
    traceback = [f"SyntaxError: {message}", *_excerpt(source, line, "", column), *(places or [])]
    if hint := (_JSX if "jsx" in message.lower() else "") or habits.of_syntax(source.code, line):
        traceback.append(hint)
    where = f"line {line}" if source.name.startswith("cell ") else f"{source.name}, line {line}"
    return {"ename": "SyntaxError", "evalue": f"{message} ({where})", "traceback": traceback}


def _is_at_end(code: str, line: int, column: int) -> bool:
    """Whether nothing but a sign that waits for a value stands behind the word at a place."""
    lines = without_last_comment(code).split("\n")[line - 1 :]
    lines[:1] = [each[column - 1 :] for each in lines[:1]]
    return bool(_WAITS.match("\n".join(lines)))


def is_parse_report(report: str) -> bool:
    """Whether Deno says of code that it does not parse."""
    return bool(_PARSE_ERROR.match(report))


def at_line(message: str, cell: Cell, line: int) -> Json:
    """An error of syntax that V8 or the door has found, with its line in the cell."""
    return {
        "ename": "SyntaxError",
        "evalue": f"{message} (line {line})",
        "traceback": [f"SyntaxError: {message}", *_excerpt(of_cell(cell), line, "")],
    }


def redeclared(message: str, cell: Cell, cells: dict[int, Cell]) -> str:
    """What to do where an earlier cell has made a name in another way; empty where that is not the matter."""
    found = DECLARED.search(message)
    if not found or len(declarations(cell.code, found[1])) > 1:
        return ""
    name = found[1]
    made = ((each, declared_with(each.code, name)) for each in reversed(cells.values()) if _ran(each) and each is not cell)
    earlier, word = next(((each, word) for each, word in made if word), (None, None))
    if not earlier or not word:
        return ""
    change = f" write {name} = … to change it," if word in ("let", "var") else ""
    return (
        f"Cell [{earlier.count}] has made {name} with {word}, and a cell can make it again only in the same way:"
        f"{change} use {word} here, or choose another name."
    )


def _ran(cell: Cell) -> bool:
    return cell.reply is not None and cell.reply.get("ename") != "SyntaxError"


def redeclared_line(message: str, cell: Cell) -> int | None:
    """Where a cell declares a name again; the second time, if it does both."""
    found = DECLARED.search(message)
    lines = declarations(cell.code, found[1]) if found else []
    return lines[min(1, len(lines) - 1)] if lines else None


def behind(told: Json, cells: dict[int, Cell], line_of: LineOf, depth: int = 0) -> list[str]:
    """What caused an error, and which errors it holds, each with the innermost of its places."""
    lines: list[str] = []
    others = [("Caused by ", told["cause"])] if "cause" in told else []
    for word, other in [*others, *(("", each) for each in told.get("errors", []))]:
        headline, *more = other["message"].split("\n")
        name = f"{word}{other['name']}: " if other["name"] else word.replace(" by ", " by: ")
        _, frames = frames_of(other["stack"])
        shown = next((frame for frame in frames if not frame.is_hidden), None)
        place = f" ({place_of(shown, cells, line_of)})" if shown else ""
        indent = "  " * (depth + (not word))
        lines.append(f"{indent}{name}{headline}{' …' * bool(more)}{place}")
        lines += behind(other, cells, line_of, depth + 1)
    if more_errors := told.get("moreErrors"):
        lines.append(f"{'  ' * (depth + 1)}… and {more_errors} more")
    return lines


def frames_behind(told: Json) -> list[Frame]:
    """The frames of an error, of what caused it and of what it holds."""
    others = [told["cause"]] if "cause" in told else []
    frames = frames_of(told["stack"])[1]
    return frames + [frame for each in [*others, *told.get("errors", [])] for frame in frames_behind(each)]


def _place(frame: Frame, cells: dict[int, Cell], line_of: LineOf) -> list[str]:
    inside = f", in {frame.function}" if frame.function else ""
    cell = cells.get(frame.number or 0)
    line = line_of(frame) if cell else None
    if cell and line is not None:
        return _excerpt(of_cell(cell), line, inside)
    return [f"{place_of(frame, cells, line_of)}{inside}"]


def _cut(text: str, column: int | None) -> tuple[str, int | None]:
    """The part of a long line that can be shown, round its column (from 1), and where that is then."""
    start = max(0, (column or 1) - _SHOWN // 2) if len(text) > _SHOWN else 0
    before, after = "… " if start else "", " …" if len(text) > start + _SHOWN else ""
    shown = f"{before}{text[start : start + _SHOWN]}{after}"
    return shown, None if column is None else column - start + len(before)


def _excerpt(source: Source, line: int, inside: str, column: int | None = None) -> list[str]:
    """The line in its cell or module, with the ones round it."""
    lines = source.code.split("\n")
    width = len(str(min(line + 1, len(lines))))
    told = [f"{source.name}, line {line}{inside}"]
    for number in range(max(1, line - 1), min(line + 1, len(lines)) + 1):
        mark = "→" if number == line else " "
        text, at = _cut(lines[number - 1], column if number == line else None)
        told.append(f"  {mark} {number:>{width}} | {text}".rstrip())
        if at is not None:
            told.append(f"    {' ' * width} | {' ' * (at - 1)}^")
    return told
