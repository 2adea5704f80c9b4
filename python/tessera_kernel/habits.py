"""What those who know Python write out of habit, and what TypeScript has for it.

A hint stands only under an error, and only for what has caused it: code that cannot be read gets one where it can
be read once that habit is gone from it. `./tessera check` says the same, from the same table.
"""

import json
import re
from pathlib import Path

from .syntax import can_be_read

_TABLE = json.loads((Path(__file__).parent / "habits.json").read_text(encoding="utf-8"))
_UNDEFINED = re.compile(r"^(\w+) is not defined$")
_NO_METHOD = re.compile(r"\.(\w+) is not a function$")
_NO_FUNCTION = re.compile(r"^(.+)\.\w+ is not a function$")
_NAME = re.compile(r"(?<![\w.$])(?<!await )([A-Za-z_]\w*)(?![\w]|\.(?:then|catch|finally)\b)")
_CALL = re.compile(r"(?<![\w$])(?<!\w\.)(?<!await )([A-Za-z_][\w.]*)\(")
_PLACE = re.compile(r"\$(\d)")

# Errors are noticed at the word behind the mistake, which may stand on a later line.
_LINES_BEFORE = 3
# Each trial reads all of the cell, which takes a while for what nobody has typed.
_LONGEST = 500_000


def of_syntax(code: str, line: int) -> str:
    """The hint for code that could not be read, at a line from 1 on; empty where there is none."""
    lines = code.split("\n")
    for each in _TABLE["lines"]:
        if re.search(each["pattern"], lines[line - 1]):
            return str(each["hint"])
    for each in _TABLE["rewrites"] if len(code) <= _LONGEST else []:
        for number in range(line, max(0, line - _LINES_BEFORE), -1):
            text = lines[number - 1]
            changed = _rewritten(text, each["changes"])
            whole = "\n".join([*lines[: number - 1], changed, *lines[number:]])
            if changed != text and can_be_read(whole, last=line):
                return str(each["hint"])
    return ""


def of_error(name: str, message: str, line: str, promises: list[str], async_calls: list[str]) -> str:
    """The hint for an error that was thrown at a line, in which some names hold promises and some calls give them."""
    if name == "ReferenceError" and (found := _UNDEFINED.match(message)):
        return _of_undefined(found[1], line)
    if promise := next((each for each in promises if _is_of(each, message)), None):
        return f"{promise} holds a promise, a value that comes later: const {promise} = await … makes it the value."
    if call := next((each for each in async_calls if _is_of_call(each, message, line)), None):
        return f"{call}(…) gives a promise, a value that comes later: (await {call}(…)) is the value."
    for each in _TABLE["errors"]:
        if re.search(each["message"], message) and re.search(each.get("line", ""), line):
            return str(each["hint"])
    found = _NO_METHOD.search(message) if name == "TypeError" else None
    return str(_TABLE["methods"].get(found[1], "")) if found else ""


def names_used(line: str) -> list[str]:
    """The names in a line of code that are used as if they held no promise."""
    if "Promise." in line:
        return []
    return list(dict.fromkeys(_NAME.findall(re.sub(r"//.*$", "", line))))


def calls_in(line: str) -> list[str]:
    """What a line of code calls without waiting for it, as names."""
    return list(dict.fromkeys(_CALL.findall(re.sub(r"//.*$", "", line))))


def _is_of_call(name: str, message: str, line: str) -> bool:
    """Whether an error of types may come from what a call gives."""
    if message.startswith(f"{name}(...)."):
        return message.endswith(" is not a function")
    if message == f"{name} is not a function or its return value is not iterable":
        return True
    if message.startswith("Spread syntax requires"):
        return f"...{name}(" in line
    indexed = rf"(?<![\w.$]){re.escape(name)}\([^()]*\)\["
    return message.startswith("Cannot read properties of undefined") and bool(re.search(indexed, line))


def _is_of(name: str, message: str) -> bool:
    """Whether an error of types may come from what a name holds."""
    if found := _NO_FUNCTION.match(message):
        return found[1] in (name, "(intermediate value)")
    return "is not iterable" in message or message.startswith("Cannot read properties of undefined")


def _of_undefined(name: str, line: str) -> str:
    if re.search(rf"^\s*!\s*{name}\b", line) and re.fullmatch(_TABLE["commands"], name):
        return str(_TABLE["lines"][-1]["hint"])
    if habit := _TABLE["words"].get(name):
        return str(habit)
    if (habit := _TABLE["calls"].get(name)) and re.search(rf"\b{name}\s*\(", line):
        return str(habit)
    if (habit := _TABLE["modules"].get(name)) and re.search(rf"\b{name}\.\w", line):
        return str(habit)
    for each in _TABLE["newNames"]:
        if re.search(each["line"].replace("NAME", name), line):
            return str(each["hint"]).replace("NAME", name)
    return ""


def _rewritten(text: str, changes: list[list[str]]) -> str:
    for pattern, replacement in changes:
        text = re.sub(pattern, _PLACE.sub(r"\\g<\1>", replacement), text)
    return text
