"""The door, Jupyter's server, and programs that run notebooks end with whoever has started them."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

_POLL_S = 1.0


def starter() -> int:
    """Who has started this kernel; they may have gone before it could ask, and then Jupyter's variable tells."""
    given = os.environ.get("JPY_PARENT_PID", "")
    return int(given) if os.getppid() == 1 and given.isdigit() else os.getppid()


def watch_parent(parent: int, on_end: Callable[[], None]) -> None:
    """Calls `on_end` once the parent process has gone, at once on Linux, elsewhere within a second."""
    loop = asyncio.get_running_loop()
    if sys.platform == "linux":
        try:
            descriptor = os.pidfd_open(parent)
        except ProcessLookupError:
            on_end()
            return
        except OSError:
            pass  # an old kernel
        else:

            def ended() -> None:
                loop.remove_reader(descriptor)
                on_end()

            loop.add_reader(descriptor, ended)
            if os.getppid() != parent:  # it had gone before, and its number may be another's
                ended()
            return

    async def poll() -> None:
        while os.getppid() == parent:
            await asyncio.sleep(_POLL_S)
        on_end()

    loop.create_task(poll())


def end_with_starter() -> None:
    """Ends this program as SIGTERM does, and so its kernel, within a second of the end of what has started it."""
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)
