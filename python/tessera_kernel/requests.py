"""Requests in the order of their arrival, and which of them an error, or an early Stop, ends."""

import math
from dataclasses import dataclass
from datetime import datetime

from .cell import Cell
from .messages import Message


@dataclass
class Arrived:
    """A request that waits; `cell` is what it runs, if it runs one."""

    message: Message
    at: float
    cell: Cell | None = None

    @property
    def sent_at(self) -> float:
        """By the client's clock; never, where it says none."""
        try:
            return datetime.fromisoformat(self.message.header["date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return math.inf


# How long after a Stop a cell may arrive that was sent before it: they come by different ways.
EARLY_S = 0.2
# A signal is heard a little after it was sent, and a program may send its next cell meanwhile.
HEARD_S = 0.05


@dataclass
class EarlyStop:
    """A Stop that was heard while no cell ran (`at` by the loop's clock, `sent_at` in seconds since 1970)."""

    at: float
    sent_at: float

    def takes(self, cell: Arrived) -> bool:
        """Whether it was meant for a cell: one that waited by then, or was on its way."""
        return cell.at <= self.at or (cell.at - self.at < EARLY_S and cell.sent_at <= self.sent_at - HEARD_S)


@dataclass
class Failed:
    """The last cell that failed: what was sent before its error was known ends with it."""

    request: Arrived
    at: float

    def takes(self, later: Arrived) -> bool:
        if later.at <= self.at:
            return True
        # On its way when the cell failed: both times are by the clock of one client.
        if later.message.header.get("session") != self.request.message.header.get("session"):
            return False
        return later.sent_at - self.request.sent_at < self.at - self.request.at
