"""Errors of syntax in modules of the learner's own, of which Deno's kernel tells the file, or the file and the place."""

import re
from pathlib import Path
from urllib.parse import unquote, urlparse

from .deno import Deno
from .errors import DECLARED, Source, is_parse_report, parse_error, syntax_error
from .frames import short
from .messages import Json
from .nesting import too_deep
from .syntax import declarations

_UNREAD = re.compile(r"^Loading unprepared module: (file:\S+?)(?:, imported from: \S+)?$")
_PLACED = re.compile(r"^(.*) at (file:\S+?):(\d+):(\d+)$", re.DOTALL)


async def error_of_module(told: Json, deno: Deno, places: list[str]) -> Json | None:
    """The error of a module that cannot be read; None for others. `places` are those that asked for it."""
    message = told["message"].removeprefix(f"{told['name']}: ")
    found = _UNREAD.match(message) or (_PLACED.match(message) if told["name"] == "SyntaxError" else None)
    if not found:
        return None
    file = found[1] if found.re is _UNREAD else found[2]
    path = unquote(urlparse(file).path)
    try:
        code = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    source = Source(short(path), code)
    if found.re is _PLACED:
        return syntax_error(found[1], source, _line(found[1], code, int(found[3])), None, places)
    if deep := too_deep(code):
        return syntax_error(f"{deep[0]}: this is nested too deeply to be read", source, deep[1], None, places)
    report = await _report(code, deno)
    return parse_error(report, source, places) if report else None


def _line(message: str, code: str, line: int) -> int:
    """V8's line is that of what Deno has made of the module; of a name that is declared again the module says it."""
    again = DECLARED.search(message)
    lines = declarations(code, again[1]) if again else []
    return lines[min(1, len(lines) - 1)] if lines else min(line, code.count("\n") + 1)


async def _report(code: str, deno: Deno) -> str:
    """Why Deno cannot read code, which it is given on a line behind a `throw`, so that nothing of it would run."""
    _, told = await deno.execute(f"throw 0;\n{code}", silent=True)
    report = str((told or {}).get("evalue", ""))
    if not is_parse_report(report):
        return ""
    return re.sub(r"(repl\.tsx?):(\d+)", lambda place: f"{place[1]}:{int(place[2]) - 1}", report)
