"""Rewrites cells, and modules of the learner's own, line for line, so that Stop can end what they await."""

import json
import re
from bisect import bisect_left
from dataclasses import dataclass

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

_typescript = Parser(Language(tree_sitter_typescript.language_typescript()))
_tsx = Parser(Language(tree_sitter_typescript.language_tsx()))


@dataclass
class _Edit:
    start: int
    end: int
    text: str


def parse(code: str) -> Tree | None:
    """The cell's syntax, as TypeScript or else with JSX; None where it is neither."""
    source = _AWAIT_USING.sub(r"const\1     ", code).encode()
    for parser in (_typescript, _tsx):
        tree = parser.parse(source)
        if not tree.root_node.has_error:
            return tree
    return None


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


def rewrite(code: str, number: int) -> str:
    """The cell as Deno's kernel gets it; `number` names it in stack traces (`cell:NUMBER`).

    It begins with an await, so that what follows runs in the event loop: in the first synchronous part of a
    cell Deno serves no other client of the inspector. Code that cannot be read stays as it is otherwise.
    """
    if is_object(code):
        code = f"({code})"
    begin = f"//# sourceURL=cell:{number}\nvoid await __tessera.cell({number}, () => 0);"
    tree = parse(code)
    if tree is None:
        return begin + code
    edits = [*_edits(tree.root_node, code.encode()), *_value_edits(tree.root_node), *_enum_edits(tree.root_node)]
    return begin + _edited(code, edits)


def rewrite_module(source: str) -> str:
    """A module as it is run. What it awaits while it is loaded stays as it is: loading runs through."""
    tree = parse(source)
    return source if tree is None else _edited(source, _edits(tree.root_node, source.encode(), in_module=True))


def _edited(code: str, edits: list[_Edit]) -> str:
    source = code.encode()
    # From the end, and of two at one place the inner one first.
    for _, edit in sorted(enumerate(edits), key=lambda each: (each[1].start, each[0]), reverse=True):
        source = source[: edit.start] + edit.text.encode() + source[edit.end :]
    return source.decode()


def _value_edits(root: Node) -> list[_Edit]:
    """The last value goes through the door: Deno loses a text with half a character in it."""
    statements = [child for child in root.named_children if child.type != "comment"]
    if not statements or statements[-1].type != "expression_statement":
        return []
    value = next(child for child in statements[-1].named_children if child.type != "comment")
    if _is_declaration(value):
        return []
    opening, closing = ("((", "))") if value.type == "sequence_expression" else ("(", ")")
    return [
        _Edit(value.start_byte, value.start_byte, f"__tessera.value{opening}"),
        _Edit(value.end_byte, value.end_byte, closing),
    ]


def _is_declaration(value: Node) -> bool:
    """Whether it is `using` or a namespace, which the grammar takes for expressions."""
    while value.type == "sequence_expression":
        value = value.children[0]
    return value.type == "internal_module" or bool(value.children) and value.children[0].type == "using"


def _enum_edits(root: Node) -> list[_Edit]:
    """Makes a plain `enum` of each `const enum`, of which Deno leaves nothing for other cells."""
    statements = [child.named_children[0] if child.type == "export_statement" else child for child in root.named_children]
    words = [each.children[0] for each in statements if each.type == "enum_declaration"]
    return [_Edit(word.start_byte, word.end_byte, " " * 5) for word in words if word.type == "const"]


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
        if above and above.children and (word := _text(above.children[0])) in _MAKING:
            return "function" if word == "async" else "class" if word == "abstract" else word
    return None


_MAKING = {"let", "const", "var", "function", "async", "class", "abstract", "namespace", "import"}


def _declaring(code: str, name: str) -> list[Node]:
    tree = parse(code)
    found: list[Node] = []
    stack = [tree.root_node] if tree else []
    while stack:
        node = stack.pop()
        stack.extend(node.children)
        if node.type not in ("identifier", "type_identifier") or _text(node) != name or not node.parent:
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
    stack = [tree.root_node] if tree else []
    while stack:
        node = stack.pop()
        if node.type == "await_expression" or node.type == "for_in_statement" and b"await" in (node.children[1].text or b""):
            lines.add(node.start_point[0] + 1)
        if node.type not in _FUNCTIONS and b"await" in (node.text or b""):
            stack.extend(node.children)
    return sorted(lines)


def is_object(code: str) -> bool:
    """As Deno's kernel decides: what can be an object is one, not a block."""
    text = code.strip()
    return text.startswith("{") and not text.endswith(";") and parse(f"({code})") is not None


def _edits(root: Node, source: bytes, in_module: bool = False) -> list[_Edit]:
    edits: list[_Edit] = []
    values, types = _names_used(root) if b"import" in source else (set(), set())

    def wrap(node: Node, opening: str) -> None:
        edits.append(_Edit(node.start_byte, node.start_byte, opening))
        edits.append(_Edit(node.end_byte, node.end_byte, ")"))

    words = [found.start() for found in _REWRITTEN.finditer(source)]
    stack = [(root, not in_module)]
    while stack:
        node, is_stoppable = stack.pop()
        # Most of a long cell has none of them, and its tree is long to walk.
        first = bisect_left(words, node.start_byte)
        if first == len(words) or words[first] >= node.end_byte:
            continue
        if node.type == "await_expression" and is_stoppable:
            operand = [child for child in node.named_children if child.type != "comment"][-1]
            wrap(operand, "__tessera.inModule(" if in_module else "__tessera(")
        elif node.type == "lexical_declaration" and source.startswith(b"await", node.start_byte):
            disposed = [child.child_by_field_name("value") for child in node.named_children]
            if is_stoppable:
                for value in filter(None, disposed):
                    wrap(value, f"__tessera.disposable{'InModule' * in_module}(")
        elif node.type == "throw_statement":
            operand = [child for child in node.named_children if child.type != "comment"][-1]
            if not _TELLING.match(_text(operand)) and operand.type != "sequence_expression":
                wrap(operand, "__tessera.thrown(")
        elif node.type == "for_in_statement" and any(child.type == "await" for child in node.children):
            if is_stoppable:
                wrap(_field(node, "right"), f"__tessera.each{'InModule' * in_module}(")
        elif node.type == "call_expression" and _field(node, "function").type == "import":
            given = _text(_field(node, "arguments"))[1:]
            wrap(node, f"__tessera.{_loader(given)}(")
            if _JSON.fullmatch(given[:-1].strip()):
                function = _field(node, "function")
                edits.append(_Edit(function.start_byte, function.end_byte, "__tessera.notAsCode"))
        elif node.type == "import_statement":
            if not in_module and (text := _dynamic_import(node, values, types)):
                edits.append(_Edit(node.start_byte, node.end_byte, text))
            if in_module and _JSON.fullmatch(_text(_field(node, "source"))):
                # `modules.ts` gives Deno a module of its value.
                edits += [
                    _Edit(child.start_byte, child.end_byte, "")
                    for child in node.children
                    if child.type == "import_attribute"
                ]
            continue
        is_inside = is_stoppable or node.type in _FUNCTIONS
        stack.extend((child, is_inside) for child in node.children)
    return edits


_FUNCTIONS = {
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "arrow_function",
    "method_definition",
}

# A file that is no module, and needs to be imported as what it is.
_JSON = re.compile(r"""(["'])[./][^"'\n]*\.json\1""")
_REWRITTEN = re.compile(rb"await|throw|import")

# What `throw` is mostly given, which says by itself what it is and where it was made.
_TELLING = re.compile(r"new [\w.]*(?:Error|Exception)\b")


def _loader(path: str) -> str:
    """What loads a module; one that is named by a text without a path is a package's, or the library's."""
    return "load" if re.match(r"""\s*["'][^./]""", path) and "file:" not in path else "own().load"


def _field(node: Node, name: str) -> Node:
    child = node.child_by_field_name(name)
    assert child is not None
    return child


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def _dynamic_import(node: Node, values: set[str], types: set[str]) -> str | None:
    """`const {…} = await …`, which Deno's kernel makes of it too, but one that Stop can give up.

    Names that the cell uses as types and never as values need not be there.
    """
    kinds = {child.type for child in node.children}
    if kinds & {"type", "import_attribute", "import_require_clause"}:
        return None
    path = _text(_field(node, "source"))
    clause = next((child for child in node.children if child.type == "import_clause"), None)
    taken: list[tuple[str, str]] = []  # exported name, name here
    namespace = None
    for part in clause.named_children if clause else []:
        if part.type == "identifier":
            taken.append(("default", _text(part)))
        elif part.type == "namespace_import":
            namespace = _text(part.named_children[-1])
        elif part.type == "named_imports":
            for each in part.named_children:
                if each.type != "import_specifier" or any(child.type == "type" for child in each.children):
                    continue
                name = _text(_field(each, "name"))
                alias = each.child_by_field_name("alias")
                taken.append((name, _text(alias) if alias else name))
    imports = "__tessera.notAsCode" if _JSON.fullmatch(path) else "import"
    module = f"await __tessera(__tessera.{_loader(path)}({imports}({path})))"
    if taken:
        needed = [name for name, here in taken if here in values or here not in types]
        module = f"__tessera.exports({module}, {path}, {json.dumps(needed)})"
    names = ", ".join(name if name == here else f"{name}: {here}" for name, here in taken)
    if clause is None:
        result = f"{module};"
    elif namespace and names:
        result = f"const {namespace} = {module}, {{ {names} }} = {namespace};"
    elif namespace:
        result = f"const {namespace} = {module};"
    else:
        result = f"const {{ {names} }} = {module};"
    return result + "\n" * _text(node).count("\n")


def _names_used(root: Node) -> tuple[set[str], set[str]]:
    """The names that a cell uses as values, and as types."""
    values: set[str] = set()
    types: set[str] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "shorthand_property_identifier"):
            values.add(_text(node))
        elif node.type == "type_identifier":
            types.add(_text(node))
        if node.type != "import_statement":
            stack.extend(node.children)
    return values, types
