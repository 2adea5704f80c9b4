"""Runs one notebook in its own folder: execute.py NOTEBOOK COPY [go-on].

Says on standard output, a JSON object a line, which cell runs, what it prints and which one failed.
The copy is written in any case, so that a failed run can be looked at. With go-on a cell that fails
stops nothing.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


def say(**event):
    print(json.dumps(event), flush=True)


def error_of(cell):
    """The last error as the kernel shows it."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return "\n".join(errors[-1].traceback) if errors else "The kernel says no more."


class Client(NotebookClient):
    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            say(printed=msg["content"]["text"])
        return super().process_message(msg, cell, cell_index)


def end_with(parent: int) -> None:
    """Ends this program, and so its kernel, within a second of the end of what has started it."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def main(source: Path, copy: Path, go_on: bool) -> int:
    notebook = nbformat.read(source, as_version=4)
    client = Client(
        notebook,
        timeout=None,
        allow_errors=go_on,
        resources={"metadata": {"path": str(source.parent)}},
        on_cell_start=lambda cell, cell_index: say(cell=cell_index + 1, of=len(notebook.cells)),
        on_cell_error=lambda cell, cell_index, execute_reply: say(
            failed=cell_index + 1, message=error_of(cell)
        ),
    )
    try:
        client.execute()
        return 0
    except CellExecutionError:
        return 1  # on_cell_error has told the rest
    except DeadKernelError as error:
        say(died=str(error))
        return 1
    finally:
        nbformat.write(notebook, copy)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    sys.exit(main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]), "go-on" in sys.argv[3:]))
