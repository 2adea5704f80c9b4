"""Requests in the order of their arrival, and which of them an error ends."""

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
        except (KeyError, ValueError):
            return math.inf


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
