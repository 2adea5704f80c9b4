"""Requests in the order of their arrival, and which of them an error, or an early Stop, ends."""

import asyncio
import math
import time
from dataclasses import dataclass
from datetime import datetime

from .cell import Cell
from .errors import STOPPED
from .messages import Json, Message


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
# A signal is heard a little after it was sent, on a busy machine, and a program may send its next cell meanwhile: rather
# is Stop to be pressed again than a cell stopped that nobody meant.
HEARD_S = 0.25


@dataclass
class Press:
    """Stop, as it was heard: `at` by the loop's clock, `sent_at` in seconds since 1970."""

    at: float
    sent_at: float

    @classmethod
    def now(cls, loop: asyncio.AbstractEventLoop) -> "Press":
        return cls(loop.time(), time.time())

    def takes(self, cell: Arrived) -> bool:
        """Whether it was meant for a cell that had not begun: one that waited by then, or was on its way."""
        return cell.at <= self.at or (cell.at - self.at < EARLY_S and cell.sent_at <= self.sent_at - HEARD_S)


@dataclass
class Failed:
    """The last cell that failed, or was stopped: what was sent before (`at`, by the loop's clock) ends with it."""

    request: Arrived
    at: float
    heard_s: float = 0.0  # how much later than it was sent what ended it may have been heard

    @classmethod
    def by(cls, request: Arrived, cell: Cell, error: Json | None, now: float) -> "Failed | None":
        """What was sent before an error was known ends with it; and before Stop, whatever its cell made of that."""
        if cell.stopped_at is not None and (error is None or error["ename"] == STOPPED["ename"]):
            return cls(request, cell.stopped_at, HEARD_S)
        return cls(request, now) if error else None

    def takes(self, later: Arrived) -> bool:
        if later.at <= self.at:
            return True
        # On its way when the cell failed: both times are by the clock of one client.
        if later.message.header.get("session") != self.request.message.header.get("session"):
            return False
        return later.sent_at - self.request.sent_at < self.at - self.request.at - self.heard_s
