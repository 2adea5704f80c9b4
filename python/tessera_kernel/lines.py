"""From the lines of the JavaScript that Deno makes of a cell to the cell's own lines."""

import tree_sitter_typescript
from tree_sitter import Language, Parser

_parser = Parser(Language(tree_sitter_typescript.language_tsx()))


class LineMap:
    """Deno prints a cell's code anew; both have the same words in the same order, but for the types."""

    def __init__(self, code: str, script: str) -> None:
        from difflib import SequenceMatcher  # slow to load, and only errors need it

        ours, theirs = _words(code), _words(script)
        self._places = [place for _, place in theirs]
        self._lines: list[int | None] = [None] * len(theirs)
        matcher = SequenceMatcher(
            None, [word for word, _ in ours], [word for word, _ in theirs], autojunk=False
        )
        for our, their, count in matcher.get_matching_blocks():
            for index in range(count):
                self._lines[their + index] = ours[our + index][1][0] + 1

    def line(self, line: int, column: int) -> int | None:
        """The cell's line (from 1) of a place in the script (both from 1); None where it has none."""
        before = None
        for place, ours in zip(self._places, self._lines):
            if ours is None:
                continue
            if place > (line - 1, column - 1):
                # Between words that Deno or the door has added, the last of the cell's own counts.
                return ours if before is None else before
            before = ours
        return before


def _words(code: str) -> list[tuple[str, tuple[int, int]]]:
    """The leaves of the syntax tree, without comments and semicolons, with line and column from 0."""
    lines = code.split("\n")
    words: list[tuple[str, tuple[int, int]]] = []
    cursor = _parser.parse(code.encode()).walk()
    while True:
        node = cursor.node
        assert node is not None
        is_leaf = not cursor.goto_first_child() if node.type != "comment" else True
        if is_leaf:
            if node.type not in ("comment", ";") and node.text:
                row, column = node.start_point
                # Columns are bytes here and characters there.
                before = lines[row].encode()[:column].decode("utf-8", "replace")
                words.append((node.text.decode(), (row, len(before))))
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return words
