"""Lets a check use what the course imports, whatever a learner's cells have put in the place of those names.

The kernel's door keeps the library and the modules beside the notebook as they were before the first cell
(`inside/mod.ts`), under a name that nothing can take. A check's cell is rewritten so that it takes them from there.
"""

import json
import re

from tree_sitter import Node

from tessera_kernel.syntax import parse

# A name in a notebook: the module that it comes from, and what it is called there; "*" is the module itself.
Names = dict[str, tuple[str, str]]


def is_kept(module: str) -> bool:
    """Whether the door has this module from before the first cell."""
    return module in ("tessera", "@tensorflow/tfjs") or (module.startswith("./") and module.endswith(".ts"))


def with_course_names(code: str, names: Names) -> str:
    """The code with the course's own in place of these names, on the same lines. Its own imports stay, as cells
    that follow may rely on them."""
    tree = parse(code)
    if tree is None:
        return code
    identifiers = list(_identifiers(tree.root_node))
    declared = {_text(node) for node in identifiers if _is_declared(node)}
    source = code.encode()
    for node in sorted(identifiers, key=lambda each: each.start_byte, reverse=True):
        name = _text(node)
        if name not in names or name in declared:
            continue
        module, exported = names[name]
        text = f"__tessera.kept[{json.dumps(module)}]" + ("" if exported == "*" else f".{exported}")
        if node.type == "shorthand_property_identifier":
            text = f"{name}: {text}"
        source = source[: node.start_byte] + text.encode() + source[node.end_byte :]
    return source.decode()


# V8's errors show what is looked up by a text as a member: `__tessera.kept.@tensorflow/tfjs.foo is not a function`.
_KEPT = re.compile(r"""__tessera\.kept(?:\["([^"]*)"\]|\.(tessera\b|@tensorflow/tfjs\b|\./[\w./-]*?\.ts\b))(\.?)""")


def without_keeping(text: str) -> str:
    """What is shown of such code, as it was before: a name alone, or `tf` and its member."""

    def written(found: re.Match[str]) -> str:
        is_tf = "@tensorflow/tfjs" in found.group(1, 2)
        return f"tf{found[3]}" if is_tf else ""

    return _KEPT.sub(written, text.replace("__tessera.restoreBuiltIns();", ""))


_NAMES = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")


def _identifiers(root: Node):
    """Names of values, without those of imports."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "import_statement":
            continue
        if node.type in _NAMES:
            yield node
        stack.extend(node.children)


def _is_declared(node: Node) -> bool:
    """Whether the code gives the name a meaning of its own here."""
    parent = node.parent
    if node.type == "shorthand_property_identifier_pattern":
        return True
    if parent is None or parent.type in ("property_signature", "pair"):
        return False
    named = [*parent.children_by_field_name("name"), *parent.children_by_field_name("pattern")]
    return node in named or parent.type in ("array_pattern", "object_pattern", "rest_pattern", "pair_pattern")


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()
