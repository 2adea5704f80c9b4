"""What cells show, in every window that looks at them: those that come back later see all of it again."""

from collections.abc import Callable
from dataclasses import dataclass

from .cell import Cell
from .messages import Json, Message, encode

# What is kept for windows that come back; the oldest cells' outputs go first.
KEPT_BYTES = 64_000_000

Publish = Callable[[str, "Json | bytes", Json, bytes], None]


@dataclass(eq=False)
class _Output:
    """A message as it would be sent now; of a stream (`type` is its name) the pieces of its text."""

    type: str
    pieces: list[bytes]
    metadata: bytes

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def message(self) -> tuple[str, bytes]:
        if self.type in ("stdout", "stderr"):
            return "stream", stream(self.type, b"".join(self.pieces))
        return self.type, self.pieces[0]


class _Record:
    """One cell's outputs, in order."""

    def __init__(self) -> None:
        self.outputs: list[_Output] = []
        self.size = 0
        self.clears_next = False


class Screen:
    """Publishes cells' outputs, and keeps them as they look by now where `keeps` says so."""

    def __init__(self, publish: Publish, keeps: bool) -> None:
        self._publish, self._keeps = publish, keeps
        self._records: dict[Cell, _Record] = {}
        self._displays: dict[str, list[tuple[_Record, _Output]]] = {}
        self._size = 0

    def write(self, cell: Cell, name: str, text: bytes) -> None:
        """Shows text of a stream."""
        self._send(cell, "stream", stream(name, text))
        record = self._record_of(cell)
        if not record:
            return
        if record.outputs and record.outputs[-1].type == name:
            record.outputs[-1].pieces.append(text)
        else:
            record.outputs.append(_Output(name, [text], b"{}"))
        self._grow(cell, record, len(text))

    def show(
        self, cell: Cell, type: str, content: Json | bytes, metadata: bytes = b"{}", display: str | None = None
    ) -> None:
        """Shows any other output; `display` is the id by which it can be updated."""
        raw = content if isinstance(content, bytes) else encode(content)
        if type == "update_display_data":
            # Front ends find the display by its id; once is enough.
            self._publish(type, raw, cell.requests[0].header, metadata)
            self._update(display, raw, metadata)
            return
        self._send(cell, type, raw, metadata)
        if type == "clear_output":
            self._clear(cell, raw)
            return
        self._update(display, raw, metadata)
        record = self._record_of(cell)
        if not record:
            return
        output = _Output(type, [raw], metadata)
        record.outputs.append(output)
        if display:
            self._displays.setdefault(display, []).append((record, output))
        self._grow(cell, record, len(raw))

    def again(self, cell: Cell, request: Message) -> None:
        """Shows to a window that has come back what the cell shows by now."""
        record = self._records.get(cell)
        for output in record.outputs if record else []:
            type, content = output.message()
            self._publish(type, content, request.header, output.metadata)

    def knows(self, cell: Cell) -> bool:
        """Whether all that the cell shows is kept."""
        return cell in self._records

    def begin(self, cell: Cell) -> None:
        """Keeps a cell's outputs from now on; those of its earlier runs are no longer asked for."""
        if not self._keeps or cell.place is None:
            return
        for earlier in [each for each in self._records if each.place == cell.place]:
            self.forget(earlier)
        self._records[cell] = _Record()

    def forget(self, cell: Cell) -> None:
        if record := self._records.pop(cell, None):
            self._empty(record)

    def _send(self, cell: Cell, type: str, content: bytes, metadata: bytes = b"{}") -> None:
        for request in cell.requests:
            self._publish(type, content, request.header, metadata)

    def _record_of(self, cell: Cell) -> _Record | None:
        """Where to keep what comes now."""
        record = self._records.get(cell)
        if record and record.clears_next:
            self._empty(record)
        return record

    def _clear(self, cell: Cell, content: bytes) -> None:
        record = self._records.get(cell)
        if not record:
            return
        if b'"wait":true' in content:
            record.clears_next = True
        else:
            self._empty(record)

    def _empty(self, record: _Record) -> None:
        for display, places in list(self._displays.items()):
            places[:] = [place for place in places if place[0] is not record]
            if not places:
                del self._displays[display]
        record.outputs.clear()
        record.clears_next = False
        self._size -= record.size
        record.size = 0

    def _update(self, display: str | None, content: bytes, metadata: bytes) -> None:
        for record, output in self._displays.get(display or "", []):
            more = len(content) - output.size
            output.pieces, output.metadata = [content], metadata
            record.size += more
            self._size += more

    def _grow(self, cell: Cell, record: _Record, more: int) -> None:
        record.size += more
        self._size += more
        while self._size > KEPT_BYTES:
            ended = next((each for each in self._records if each.ended_at), None)
            if ended is None:
                return
            self.forget(ended)


def stream(name: str, text: bytes) -> bytes:
    """The content of a message with text."""
    return b'{"name":"%s","text":%s}' % (name.encode(), encode(text.decode("utf-8", "replace")))
