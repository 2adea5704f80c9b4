"""Rewrites cells, and modules of the learner's own, line for line, so that Stop can end what they await."""

import json
import re
from dataclasses import dataclass

from tree_sitter import Node

from .syntax import FUNCTIONS, Places, is_object, parse, text_of


@dataclass
class _Edit:
    start: int
    end: int
    text: str


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
    edits = [*_value_edits(tree.root_node), *_edits(tree.root_node, code.encode()), *_enum_edits(tree.root_node)]
    return begin + _edited(code, edits)


def rewrite_module(source: str) -> str:
    """A module as it is run. What it awaits while it is loaded stays as it is: loading runs through."""
    tree = parse(source)
    return source if tree is None else _edited(source, _edits(tree.root_node, source.encode(), in_module=True))


def _edited(code: str, edits: list[_Edit]) -> str:
    """Of two at one place the outer one comes first, and what is put in front of something before what replaces it."""
    source, parts, at = code.encode(), [], 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end > each.start)):
        parts += [source[at : edit.start], edit.text.encode()]
        at = edit.end
    return b"".join([*parts, source[at:]]).decode()


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


def _edits(root: Node, source: bytes, in_module: bool = False) -> list[_Edit]:
    edits: list[_Edit] = []
    values, types = _names_used(root) if b"import" in source else (set(), set())

    def wrap(node: Node, opening: str) -> None:
        edits.append(_Edit(node.start_byte, node.start_byte, opening))
        edits.append(_Edit(node.end_byte, node.end_byte, ")"))

    places = Places(rb"await|throw|import", source)
    stack = [(root, not in_module)]
    while stack:
        node, is_stoppable = stack.pop()
        if node not in places:
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
            if not _TELLING.match(text_of(operand)) and operand.type != "sequence_expression":
                wrap(operand, "__tessera.thrown(")
        elif node.type == "for_in_statement" and any(child.type == "await" for child in node.children):
            if is_stoppable:
                wrap(_field(node, "right"), f"__tessera.each{'InModule' * in_module}(")
        elif node.type == "call_expression" and _field(node, "function").type == "import":
            given = text_of(_field(node, "arguments"))[1:]
            wrap(node, f"__tessera.{_loader(given)}(")
            if _JSON.fullmatch(given[:-1].strip()):
                function = _field(node, "function")
                edits.append(_Edit(function.start_byte, function.end_byte, "__tessera.notAsCode"))
        elif node.type == "import_statement":
            if not in_module and (text := _dynamic_import(node, values, types)):
                edits.append(_Edit(node.start_byte, node.end_byte, text))
            if in_module and _JSON.fullmatch(text_of(_field(node, "source"))):
                # `modules.ts` gives Deno a module of its value.
                edits += [
                    _Edit(child.start_byte, child.end_byte, "")
                    for child in node.children
                    if child.type == "import_attribute"
                ]
            continue
        is_inside = is_stoppable or node.type in FUNCTIONS
        stack.extend((child, is_inside) for child in node.children)
    return edits


# A file that is no module, and needs to be imported as what it is.
_JSON = re.compile(r"""(["'])[./][^"'\n]*\.json\1""")

# What `throw` is mostly given, which says by itself what it is and where it was made.
_TELLING = re.compile(r"new [\w.]*(?:Error|Exception)\b")


def _loader(path: str) -> str:
    """What loads a module; one that is named by a text without a path is a package's, or the library's."""
    return "load" if re.match(r"""\s*["'][^./]""", path) and "file:" not in path else "own().load"


def _field(node: Node, name: str) -> Node:
    child = node.child_by_field_name(name)
    assert child is not None
    return child


def _dynamic_import(node: Node, values: set[str], types: set[str]) -> str | None:
    """`const {…} = await …`, which Deno's kernel makes of it too, but one that Stop can give up.

    Names that the cell uses as types and never as values need not be there.
    """
    kinds = {child.type for child in node.children}
    if kinds & {"type", "import_attribute", "import_require_clause"}:
        return None
    path = text_of(_field(node, "source"))
    clause = next((child for child in node.children if child.type == "import_clause"), None)
    taken: list[tuple[str, str]] = []  # exported name, name here
    namespace = None
    for part in clause.named_children if clause else []:
        if part.type == "identifier":
            taken.append(("default", text_of(part)))
        elif part.type == "namespace_import":
            namespace = text_of(part.named_children[-1])
        elif part.type == "named_imports":
            for each in part.named_children:
                if each.type != "import_specifier" or any(child.type == "type" for child in each.children):
                    continue
                name = text_of(_field(each, "name"))
                alias = each.child_by_field_name("alias")
                taken.append((name, text_of(alias) if alias else name))
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
    return result + "\n" * text_of(node).count("\n")


def _names_used(root: Node) -> tuple[set[str], set[str]]:
    """The names that a cell uses as values, and as types."""
    values: set[str] = set()
    types: set[str] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "shorthand_property_identifier"):
            values.add(text_of(node))
        elif node.type == "type_identifier":
            types.add(text_of(node))
        if node.type != "import_statement":
            stack.extend(node.children)
    return values, types
