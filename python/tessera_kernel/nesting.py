"""Code that is nested too deeply for those who read it, this door's parser and Deno's: one would take forever, the
other's process would end."""

import re
import resource

from .launch import STACK_BYTES
from .syntax import parse

# Brackets within each other. Nobody writes a tenth of them, and the time for them grows with their square.
_BRACKETS = 1000
# What holds one another without brackets: the terms of a sum, the calls of a chain, `else if`.
_LEVELS = 30_000
# Deno takes about a quarter of this for a level.
_BYTES_A_LEVEL = STACK_BYTES // _LEVELS

_BRACKET = re.compile(r"[(\[{]|[)\]}]")
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[(\[{]|[)\]}]""", re.DOTALL
)
# Each level has one of them; numbers and texts, of which data are made, mostly have none.
_OPERATOR = re.compile(r"(?<!\d)\.|[-+*/%&|^!~?=<]|\b(?:else|await|typeof|in|of|as)\b")


def too_deep(code: str) -> tuple[str, int] | None:
    """What is too deep in code, in words, and its line (from 1)."""
    # Brackets in texts count for nothing; to leave them out takes longer, and is seldom needed.
    if _place_too_deep(_BRACKET, code) is not None and (place := _place_too_deep(_TOKEN, code)) is not None:
        return f"More than {_BRACKETS:,} brackets stand within each other", code.count("\n", 0, place) + 1
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    levels = _LEVELS if hard == resource.RLIM_INFINITY else min(_LEVELS, hard // _BYTES_A_LEVEL)
    if len(code) > levels and sum(1 for _ in _OPERATOR.finditer(code)) > levels // 2 and (line := _line_at(code, levels)):
        return f"An expression or a statement here has more than {levels:,} levels", line
    return None


def _place_too_deep(tokens: re.Pattern[str], code: str) -> int | None:
    depth = 0
    for found in tokens.finditer(code):
        token = found[0]
        if token in "([{":
            depth += 1
            if depth > _BRACKETS:
                return found.start()
        elif token in ")]}":
            depth = max(0, depth - 1)
    return None


def _line_at(code: str, depth: int) -> int | None:
    """The line of what stands so deep in the tree of code, if anything does."""
    tree = parse(code)
    stack = [(tree.root_node, 0)] if tree else []
    while stack:
        node, above = stack.pop()
        if above >= depth:
            return node.start_point[0] + 1
        if node.descendant_count > depth - above:
            stack.extend((child, above + 1) for child in node.children)
    return None
