"""Windows that come back: what the kernel still does for a notebook, and what it did meanwhile.

JupyterLab knows nothing of cells that another window of the same notebook has sent, the one that was closed
among them. Its plug-in (`jupyterlab/returning.ts`) asks here which there are, by a request of the door's
own, and then executes each of them "again" with the word in the request's metadata that it follows the first
one: that does not run, but gets all that the cell has shown, and what it will show.
"""

from .cell import Cell
from .messages import Json, Message
from .screen import Screen

# By which a front end sees that this kernel answers.
FEATURE = "tessera cells"
REQUEST = "tessera_cells_request"
FOLLOWS = "tessera_follows"


def listed(cells: dict[int, Cell], screen: Screen) -> Json:
    """The last execution of each cell of a notebook, whose outputs are kept."""
    last = {cell.place: cell for cell in cells.values() if cell.place}
    return {
        "status": "ok",
        "cells": [
            {
                "request": cell.requests[0].id,
                "cell": cell.place,
                "code": cell.code,
                "ended": cell.ended_at and round(1000 * cell.ended_at),
            }
            for cell in last.values()
            if cell.ended_at is None or screen.knows(cell)
        ],
    }


def followed(cells: dict[int, Cell], request: Message) -> Cell | None:
    """The cell that a request follows, if it follows one."""
    first = request.details.get(FOLLOWS)
    return next((cell for cell in cells.values() if first and cell.requests[0].id == first), None)
