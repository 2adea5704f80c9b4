"""Where kernels' sockets lie: a path must be short for one, and some network drives have none."""

import atexit
import socket
import uuid
from contextlib import ExitStack
from pathlib import Path

from tessera_kernel.temporary import temporary_folder


def find_room_for_sockets(app):
    """Has kernels' connection files, and their sockets beside them, in a folder of the user's alone where the home has no
    room for sockets; as long as the server runs."""
    if app.config.KernelManager.get("transport") != "ipc" or _takes_sockets(app.kernel_manager.connection_dir):
        return
    ends = ExitStack()
    app.kernel_manager.connection_dir = str(ends.enter_context(temporary_folder("sockets")))
    atexit.register(ends.close)


def _takes_sockets(folder):
    path = Path(folder) / f"kernel-{uuid.uuid4()}-ipc-5"
    try:
        with socket.socket(socket.AF_UNIX) as tried:
            tried.bind(str(path))
        path.unlink()
    except OSError:
        return False
    return True
