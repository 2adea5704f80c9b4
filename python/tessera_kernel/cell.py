"""One execution of a cell: who has asked for it, and what it may still show."""

from dataclasses import dataclass, field

from .messages import Json, Message

# What a cell may print and show.
LINES = 20_000
TEXT_BYTES = 5_000_000
DISPLAY_BYTES = 50_000_000
# A line that is longer is shown up to the limit; others are shown whole or not at all.
LONG_LINE_BYTES = 100_000


@dataclass(eq=False)
class Cell:
    """`requests` are the one that it runs for, and those of windows that came back to it."""

    number: int  # the door's, in stack frames
    requests: list[Message]
    code: str
    arrived_at: float = 0.0  # by the loop's clock
    count: int = 0  # Jupyter's, on the screen
    ended_at: float | None = None  # seconds since 1970
    stopped_at: float | None = None  # Stop was pressed for it, if its training did not simply end for that
    reply: Json | None = None
    failures: list[Json] = field(default_factory=list)
    lines: int = 0
    text_bytes: int = 0
    display_bytes: int = 0
    display_sizes: dict[str, int] = field(default_factory=dict)
    cut_lines: int = 0
    cut_text_bytes: int = 0
    cut_inside: bool = False  # the first of the lines that were cut is shown in part
    cut_displays: int = 0

    @property
    def place(self) -> str | None:
        """What the notebook calls the cell; None where the client does not say it."""
        said = self.requests[0].details.get("cellId")
        return said if isinstance(said, str) else None

    def takes_text(self, text: bytes) -> bytes:
        """As much of a text as the cell may still print."""
        kept = b"" if self.cut_text_bytes else self._beginning(text)
        if len(kept) < len(text):
            self.cut_inside = self.cut_inside or not self.cut_text_bytes and kept[-1:] not in (b"", b"\n")
            self.cut_lines += text.count(b"\n", len(kept))
            self.cut_text_bytes += len(text) - len(kept)
        self.lines += kept.count(b"\n")
        self.text_bytes += len(kept)
        return kept

    def _beginning(self, text: bytes) -> bytes:
        room, lines = TEXT_BYTES - self.text_bytes, LINES - self.lines
        if len(text) <= room and text.count(b"\n") <= lines:
            return text
        end = 0
        for line in text.split(b"\n", lines)[:lines]:
            if end + len(line) + 1 > room:
                # Whole characters: what continues one begins with the bits 10.
                cut = room if len(line) > LONG_LINE_BYTES else end
                while end < cut < len(text) and text[cut] & 0xC0 == 0x80:
                    cut -= 1
                return text[:cut]
            end += len(line) + 1
        return text[:end]

    def takes_display(self, size: int, display: str | None, is_update: bool) -> bool:
        """Whether it may show so many bytes; an update takes the place of what its display showed."""
        replaced = self.display_sizes.get(display or "", 0) if is_update else 0
        total = self.display_bytes - replaced + size
        if total > DISPLAY_BYTES:
            self.cut_displays += 1
            return False
        self.display_bytes = total
        if display:
            self.display_sizes[display] = size
        return True

    def take_cut(self) -> str | None:
        """Says once how much was cut, if anything was."""
        parts = []
        if self.cut_text_bytes:
            size = self.cut_text_bytes / 1e6
            whole = max(self.cut_lines - self.cut_inside, 0)
            if self.cut_inside:
                parts.append("the end of a line")
            if whole or not self.cut_inside:
                parts.append(_more(whole, "line"))
            parts[-1] += f" ({size:.1f} MB of text)"
        if self.cut_displays:
            parts.append(_more(self.cut_displays, "display"))
        if not parts:
            return None
        self.cut_lines = self.cut_text_bytes = self.cut_displays = 0
        self.cut_inside = False
        return (
            f"… Cut: {' and '.join(parts)}. A cell shows up to {LINES:,} lines or "
            f"{TEXT_BYTES / 1e6:.0f} MB of text, and {DISPLAY_BYTES / 1e6:.0f} MB of displays."
        )


def _more(count: int, thing: str) -> str:
    return f"{count:,} more {thing}{'s' * (count != 1)}"
