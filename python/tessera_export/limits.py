"""What is set of a notebook: a page that nobody reads must not keep a learner waiting.

Long lines are broken where that is cheap, and what is longer than a person reads is cut, which the PDF and
a line on the error stream say. So a notebook of 20 MB is set within a minute, on two busy cores too.
"""

import re

# Of one line; it fills about eight lines of the page.
LINE = 1_000
# Of one output or one cell's code.
LINES = 400
LAST_LINES = 50
# Of a word in Markdown, which pandoc reads in a time that grows with the square of its length.
WORD = 1_500
# Of a cell's Markdown, and of all cells together: about 150 pages.
MARKDOWN = 100_000
ALL_LINES = 6_000
ALL_MARKDOWN = 250_000
CELLS = 1_200
PICTURES = 300
# So many characters of long words are broken well, after punctuation; the others every few letters.
WELL_BROKEN = 12_000
# Where a word may be broken: a sign of no width, which ends what notebook.typ takes for a long word.
BREAK = "\u200b"

_long_word = re.compile(r"\S{48}")
_endless_word = re.compile(rf"\S{{{WORD},}}")
_piece = re.compile(r"\S{24}(?=\S)")


class Limits:
    """Shortens the cells of a notebook one after the other, and notes which."""

    def __init__(self):
        self.lines, self.markdown, self.pictures = ALL_LINES, ALL_MARKDOWN, PICTURES
        self.well_broken = WELL_BROKEN
        self.shortened = []

    def shorten(self, cells):
        """The cells that are set, shortened, in place; a word at the end where that is not all."""
        for number, cell in enumerate(cells, 1):
            if number > CELLS or min(self.lines, self.markdown) <= 0:
                left = len(cells) - number + 1
                self.shortened.append(number)
                text = f"… ({left:,} cells are not shown here; the notebook has them)"
                return [*cells[: number - 1], {"cell_type": "markdown", "metadata": {}, "source": text}]
            self.cell(cell, number)
        return cells

    def cell(self, cell, number):
        """Shortens a cell, in place."""
        self.cut = False
        source = _text(cell.get("source", ""))
        if cell["cell_type"] == "markdown":
            cell["source"] = self.of_markdown(source)
        else:
            cell["source"] = self.of_lines(source)
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = self.of_lines(_text(output["text"]))
            if "traceback" in output:
                output["traceback"] = self.of_lines("\n".join(output["traceback"])).split("\n")
            data = output.get("data", {})
            for mime in ("text/plain", "text/html", "text/markdown", "text/latex"):
                if mime in data:
                    shorten = self.of_lines if mime == "text/plain" else self.of_markdown
                    data[mime] = shorten(_text(data[mime]))
            if any(mime.startswith("image/") for mime in data):
                self.pictures -= 1
                if self.pictures < 0:
                    self.cut = True
                    output["data"] = {"text/plain": f"(a picture: the PDF shows {PICTURES} of them)"}
        if self.cut:
            self.shortened.append(number)

    def of_lines(self, text):
        """Text that is set line by line, as it is printed."""
        lines = text.split("\n")
        room = max(0, min(LINES, self.lines))
        if len(lines) > room:
            self.cut = True
            last = min(LAST_LINES, room // 4)
            left = len(lines) - room
            gap = f"… ({left:,} lines are not shown here; the notebook has them)"
            lines = [*lines[: room - last], gap, *(lines[-last:] if last else [])]
        self.lines -= len(lines)
        return "\n".join(map(self.of_line, lines))

    def of_line(self, line):
        if len(line) > LINE:
            self.cut = True
            line = f"{line[:LINE]} … ({len(line) - LINE:,} characters more)"
        if not _long_word.search(line):
            return line
        self.well_broken -= len(line)
        return line if self.well_broken >= 0 else _piece.sub(lambda piece: piece[0] + BREAK, line)

    def of_markdown(self, text):
        text = _endless_word.sub(self.of_word, text)
        # Pictures within it have thousands of letters that nobody reads.
        length = len(re.sub(r"data:[\w/+.;=-]+,[\w+/=%]+", "", text))
        room = max(0, min(MARKDOWN, self.markdown))
        self.markdown -= min(length, room)
        if length <= room:
            return text
        self.cut = True
        return f"{text[:room]}\n\n… ({length - room:,} characters are not shown here; the notebook has them)"

    def of_word(self, word):
        if re.search(r"data:[\w/+.-]+[;,]", word[0][:200]):
            return word[0]  # a picture
        self.cut = True
        return f"{word[0][:WORD]} … ({len(word[0]) - WORD:,} characters more)"

    def notes(self):
        """What was shortened, in a line; nothing where nothing was."""
        if not self.shortened:
            return ""
        cells = ", ".join(map(str, self.shortened[:10])) + (" …" if len(self.shortened) > 10 else "")
        return f"Shortened in the PDF, for being longer than a person reads: cell {cells}"


def _text(lines):
    return lines if isinstance(lines, str) else "".join(lines)
