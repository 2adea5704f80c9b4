"""Whether code is whole: consoles ask at Enter, and go on with a new line where it is not."""

import re

from .messages import Json
from .nesting import too_deep
from .syntax import is_object, parse

_CLOSING = {"(": ")", "[": "]", "{": "}", "${": "}"}
_INDENT = "  "
# What the language may wait for where all brackets are closed: a value, a block, a module.
_CONTINUATIONS = ("0", "{}", '"module"', 'from "module"')
# Comments, texts, and what opens and closes; a text ends with its line.
_TOKEN = re.compile(r"""//.*|/\*(?:.|\n)*?(?:\*/|\Z)|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|[()\[\]{}`]""")
_IN_TEMPLATE = re.compile(r"\\(?:.|\n)|`|\$\{")


def completeness(code: str) -> Json:
    """The content of an `is_complete_reply`."""
    if too_deep(code) or parse(code) or is_object(code):
        return {"status": "complete"}
    waiting = _open_ends(code)
    if waiting is None:
        return {"status": "invalid"}
    if waiting or any(parse(f"{code}\n{more}") for more in _CONTINUATIONS):
        depth = sum(each in _CLOSING.values() for each in waiting)
        return {"status": "incomplete", "indent": _INDENT * depth}
    return {"status": "invalid"}


def _open_ends(code: str) -> list[str] | None:
    """What would close the brackets, templates and comments that are open; None where they do not match."""
    waiting: list[str] = []
    at = 0
    while True:
        in_template = bool(waiting) and waiting[-1] == "`"
        found = (_IN_TEMPLATE if in_template else _TOKEN).search(code, at)
        if not found:
            return waiting
        token, at = found[0], found.end()
        if token in _CLOSING:
            waiting.append(_CLOSING[token])
        elif token == "`" and not in_template:
            waiting.append(token)
        elif token in ("`", ")", "]", "}"):
            if not waiting or waiting.pop() != token:
                return None
        elif token.startswith("/*") and not (len(token) >= 4 and token.endswith("*/")):
            waiting.append("*/")
