"""From the lines of the JavaScript that Deno makes of a cell to the cell's own lines."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_parser = Parser(Language(tree_sitter_typescript.language_tsx()))

# Two texts that have gone apart are together again where so many words are alike.
_ALIKE = 3
# What Deno leaves out.
_TYPES = {
    "comment",
    "type_annotation",
    "type_arguments",
    "type_parameters",
    "type_alias_declaration",
    "interface_declaration",
    "implements_clause",
    "accessibility_modifier",
    "override_modifier",
}
# A list of numbers throws nothing, and may be long.
_NUMBERS = re.compile(rb"[\[\]\d\s.,eE+-]*")


class LineMap:
    """Deno prints a cell's code anew; both have the same words in the same order, but for types and the door's calls."""

    def __init__(self, code: str, script: str) -> None:
        ours, theirs = _words(code), _words(script)
        self._places: list[tuple[int, int]] = []
        self._lines: list[int] = []
        self._words: list[str] = []
        last = -1
        for our, their in _pairs([word for word, _ in ours], [word for word, _ in theirs]):
            line = ours[our][1][0] + 1
            # What the door has put round an expression is at that one's place.
            added = (place for word, place in theirs[last + 1 : their] if word == "__tessera")
            if place := next(added, None):
                self._places.append(place)
                self._lines.append(line)
                self._words.append("")
            self._places.append(theirs[their][1])
            self._lines.append(line)
            self._words.append(ours[our][0])
            last = their

    def line(self, line: int, column: int) -> int | None:
        """The cell's line (from 1) of a place in the script (both from 1); None where it has none."""
        if not self._lines:
            return None
        # Between words that Deno or the door has added, the last of the cell's own counts.
        return self._lines[max(0, bisect_right(self._places, (line - 1, column - 1)) - 1)]

    def word(self, line: int, column: int) -> str:
        """The cell's word at a place in the script (both from 1); empty between its words."""
        at = bisect_left(self._places, (line - 1, column - 1))
        return self._words[at] if self._places[at : at + 1] == [(line - 1, column - 1)] else ""


def _pairs(ours: list[str], theirs: list[str]) -> Iterator[tuple[int, int]]:
    """The words that are the same ones, in time that grows as the texts do: from each difference on, the nearest."""
    our = their = 0
    for alike in (_ALIKE, 1):  # so many are nowhere alike in what is short, and at the end
        places: dict[tuple[str, ...], list[int]] = {}
        for start in range(their, len(theirs)):
            places.setdefault(tuple(theirs[start : start + alike]), []).append(start)
        while our < len(ours) and their < len(theirs):
            if ours[our] == theirs[their]:
                yield our, their
                our, their = our + 1, their + 1
                continue
            nearest: tuple[int, int, int] | None = None
            start = our
            while start < len(ours) and (nearest is None or start - our < nearest[0]):
                found = places.get(tuple(ours[start : start + alike]), [])
                if (at := bisect_left(found, their)) < len(found):
                    reached = (start - our + found[at] - their, start, found[at])
                    nearest = min(nearest or reached, reached)
                start += 1
            if nearest is None:
                break
            _, our, their = nearest


def _words(code: str) -> list[tuple[str, tuple[int, int]]]:
    """The leaves of the syntax tree, without types, comments and semicolons, with line and column from 0."""
    lines = [line.encode() for line in code.split("\n")]
    words: list[tuple[str, tuple[int, int]]] = []
    # Columns are bytes here and characters there.
    last_row = last_bytes = characters = 0
    cursor = _parser.parse(code.encode()).walk()
    while True:
        node = cursor.node
        assert node is not None
        is_left_out = node.type in _TYPES or _is_data(node)
        if is_left_out or not cursor.goto_first_child():
            if not is_left_out and node.type != ";" and node.text:
                row, column = node.start_point
                if row != last_row:
                    last_row, last_bytes, characters = row, 0, 0
                characters += len(lines[row][last_bytes:column].decode("utf-8", "replace"))
                last_bytes = column
                words.append((node.text.decode(), (row, characters)))
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return words


def _is_data(node: Node) -> bool:
    return node.type == "array" and bool(_NUMBERS.fullmatch(node.text or b""))
