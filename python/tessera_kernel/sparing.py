"""What goes wrong with one message is told, and those that follow are dealt with all the same."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spared(what: str) -> Iterator[None]:
    """Says on standard error what went wrong within, and where."""
    try:
        yield
    except Exception:
        print(f"tessera: {what}:\n{traceback.format_exc()}", end="", file=sys.stderr)
