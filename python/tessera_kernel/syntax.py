"""What a cell's syntax says: whether it can be read, which names it makes, where it awaits."""

import re
from bisect import bisect_left
from functools import lru_cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

_typescript = Parser(Language(tree_sitter_typescript.language_typescript()))
_tsx = Parser(Language(tree_sitter_typescript.language_tsx()))

# Nodes that are functions of their own.
FUNCTIONS = {
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "arrow_function",
    "method_definition",
}


class Places:
    """Where words stand: most parts of a long cell have none of them, and the whole of its tree is long to walk."""

    def __init__(self, words: bytes, source: bytes) -> None:
        self._starts = [found.start() for found in re.finditer(words, source)]

    def __contains__(self, node: Node) -> bool:
        first = bisect_left(self._starts, node.start_byte)
        return first < len(self._starts) and self._starts[first] < node.end_byte


def parse(code: str) -> Tree | None:
    """The cell's syntax, as TypeScript or else with JSX; None where it is neither."""
    return _kept(code) if len(code) <= _KEPT_CHARACTERS else _read(code)


def _read(code: str) -> Tree | None:
    source = _AWAIT_USING.sub(r"const\1     ", code).encode()
    for parser in (_typescript, _tsx):
        tree = parser.parse(source)
        if not tree.root_node.has_error:
            return tree
    return None


# An error's words ask several things of one cell. A long one's tree takes seventy times as much memory as its code.
_kept = lru_cache(maxsize=1)(_read)
_KEPT_CHARACTERS = 500_000

# The grammar does not know it. With `const` in its place all that stands around keeps its own.
_AWAIT_USING = re.compile(r"\bawait(\s+)using(?=\s+(?!in\b|instanceof\b)[\w$])")


def can_be_read(code: str, last: int) -> bool:
    """Whether code can be read up to a line (from 1), and in it."""
    trees = [parser.parse(code.encode()) for parser in (_typescript, _tsx)]
    if not all(tree.root_node.has_error for tree in trees):
        return True
    stack = [trees[0].root_node]
    while stack:
        node = stack.pop()
        if node.start_point[0] >= last:
            continue
        if node.is_error or node.is_missing:
            return False
        if node.has_error:
            stack.extend(node.children)
    return True


def declarations(code: str, name: str) -> list[int]:
    """The lines (from 1) in which a cell declares a name."""
    return sorted(node.start_point[0] + 1 for node in _declaring(code, name))


def made_for_all(code: str, name: str) -> list[int]:
    """The lines (from 1) in which a cell makes a name by `let`, `const` or `class` for all cells, not within a block."""
    lines = []
    for node in _declaring(code, name):
        above = node.parent
        while above and above.type in _PARTS:
            above = above.parent
        if above and above.type in _MADE and above.parent and above.parent.type in ("program", "export_statement"):
            lines.append(node.start_point[0] + 1)
    return sorted(lines)


_MADE = {"lexical_declaration", "class_declaration", "abstract_class_declaration"}
_PARTS = {"variable_declarator", "array_pattern", "object_pattern", "pair_pattern", "assignment_pattern", "rest_pattern"}


def declared_with(code: str, name: str) -> str | None:
    """The word with which a cell makes a name for all cells: `let`, `const`, `var`, `function`, `class` or others."""
    for node in _declaring(code, name):
        above = node.parent
        while above and above.parent and above.parent.type not in ("program", "export_statement"):
            above = above.parent
        if above and above.type == "enum_declaration":
            return "enum"
        if above and above.children and (word := text_of(above.children[0])) in _MAKING:
            return "function" if word == "async" else "class" if word == "abstract" else word
    return None


_MAKING = {"let", "const", "var", "function", "async", "class", "abstract", "namespace", "import"}


def _declaring(code: str, name: str) -> list[Node]:
    tree = parse(code)
    found: list[Node] = []
    places = Places(re.escape(name).encode(), code.encode())
    stack = [tree.root_node] if tree else []
    while stack:
        node = stack.pop()
        if node not in places:
            continue
        stack.extend(node.children)
        if node.type not in ("identifier", "type_identifier") or text_of(node) != name or not node.parent:
            continue
        names = node.parent.children_by_field_name("alias") or node.parent.children_by_field_name("name")
        if node in names or node.parent.type in ("import_clause", "namespace_import"):
            found.append(node)
    return found


def unclosed_comment(code: str) -> int | None:
    """The line (from 1) of a `/*` that nothing closes, if there is one."""
    begun = code.rfind("/*")
    # Behind one that nothing closes no sign can close another: most cells need not be read for this.
    if begun < 0 or "*/" in code[begun + 2 :] or parse(code) or not (tree := parse(f"{code}*/")):
        return None
    last = tree.root_node.descendant_for_byte_range(len(code.encode()), len(code.encode()) + 2)
    return last.start_point[0] + 1 if last and last.type == "comment" else None


def without_last_comment(code: str) -> str:
    """Code without the spaces and comments at its end."""
    root = _typescript.parse(code.encode()).root_node
    source = code.encode().rstrip()
    while source:
        last = root.descendant_for_byte_range(len(source) - 1, len(source))
        if not last or last.type != "comment":
            break
        source = source[: last.start_byte].rstrip()
    return source.decode()


def awaiting_lines(code: str) -> list[int]:
    """The lines (from 1) in which a cell itself awaits something, not one of its functions."""
    tree = parse(code)
    lines: set[int] = set()
    places = Places(b"await", code.encode())
    stack = [tree.root_node] if tree else []
    while stack:
        node = stack.pop()
        if node not in places:
            continue
        if node.type == "await_expression" or node.type == "for_in_statement" and node.children[1].type == "await":
            lines.add(node.start_point[0] + 1)
        if node.type not in FUNCTIONS:
            stack.extend(node.children)
    return sorted(lines)


def is_object(code: str) -> bool:
    """As Deno's kernel decides: what can be an object is one, not a block."""
    text = code.strip()
    return text.startswith("{") and not text.endswith(";") and parse(f"({code})") is not None


def text_of(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()
