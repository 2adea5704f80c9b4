"""Runs one notebook in its own folder: execute.py NOTEBOOK COPY [go-on].

Says on standard output, a JSON object a line, which cell runs, what it prints and which one failed. The copy
is written after every cell that took its time and in any case at the end, so that what ran can be looked at.

Ctrl-C, SIGTERM, SIGHUP and the end of what has started this press Stop, so that a training saves; then it
ends. At SIGUSR1 a training saves and goes on. With go-on a cell that fails stops nothing.
"""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from tessera_export.files import write_whole
from tessera_kernel.parent import end_with_starter
from tessera_kernel.temporary import temporary_folder

# A batch system kills half a minute after it has asked for the end.
STOP_S = 20
# Beyond so many letters a folder's path has no room for a socket on every system.
LONGEST = 90
# What cells give is written down after so many times as long as it takes to write.
SPARING = 20


def say(**event):
    try:
        print(json.dumps(event), flush=True)
    except OSError:
        pass  # what has started this has gone


def error_of(cell):
    """The last error as the kernel shows it."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return "\n".join(errors[-1].traceback) if errors else "The kernel says no more."


class Stopped(Exception):
    """The run was asked to end."""


class Client(NotebookClient):
    @asynccontextmanager
    async def async_setup_kernel(self, **kwargs):
        """As nbclient's, which also ends the kernel at once at Ctrl-C and SIGTERM."""
        self.km = self.create_kernel_manager()
        # At ports, which is what there would be otherwise, other users of the machine could listen.
        with temporary_folder("run") as folder:
            if len(str(folder)) <= LONGEST:
                self.km.transport, self.km.ip = "ipc", str(folder / "socket")
            try:
                await self.async_start_new_kernel(**kwargs)
                await self.async_start_new_kernel_client()
                yield
            finally:
                await self._async_cleanup_kernel()

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            say(printed=msg["content"]["text"])
        return super().process_message(msg, cell, cell_index)


class Run:
    """`copy` is where the executed notebook goes."""

    def __init__(self, source: Path, copy: Path, go_on: bool):
        # Windows' editors begin a file with a mark that JSON does not know.
        self.notebook = nbformat.reads(source.read_text("utf-8-sig"), as_version=4)
        self.copy = copy
        self.is_stopped = False
        self.write_after = 0.0
        self.client = Client(
            self.notebook,
            timeout=None,
            allow_errors=go_on,
            kernel_name="deno",
            resources={"metadata": {"path": str(source.parent)}},
            on_cell_start=self.start_cell,
            on_cell_executed=self.end_cell,
            on_cell_error=lambda cell, cell_index, execute_reply: say(
                failed=cell_index + 1, message=error_of(cell)
            ),
        )

    async def execute(self) -> int:
        loop = asyncio.get_running_loop()
        self.task = loop.create_task(self.client.async_execute())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # A batch of notebooks that `nohup` has started goes on when its terminal is closed.
            if signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self.stop, number)
        # Not by the loop, which at its own end would let a warning end the program.
        signal.signal(signal.SIGUSR1, lambda *_: loop.call_soon_threadsafe(self.warn))
        try:
            await self.task
            code = 0
        except CellExecutionError:
            code = 1  # on_cell_error has told the rest
        except (Stopped, asyncio.CancelledError):
            code = 1
        except DeadKernelError as error:
            if not self.is_stopped:  # nbclient calls a run that was given up so, too
                say(died=str(error))
            code = 1
        except RuntimeError as error:
            say(refused=f"the kernel does not start: {error}")
            return 1
        finally:
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        return code if self.write() else 1

    def start_cell(self, cell, cell_index):
        if self.is_stopped:
            raise Stopped
        say(cell=cell_index + 1, of=len(self.notebook.cells))

    def end_cell(self, **_):
        if time.monotonic() >= self.write_after:
            self.write()

    def write(self) -> bool:
        begun = time.monotonic()
        try:
            write_whole(self.copy, nbformat.writes(self.notebook).encode("utf-8", "surrogatepass"))
        except OSError as error:
            say(unwritten=str(error))
            return False
        finally:
            now = time.monotonic()
            self.write_after = now + SPARING * (now - begun)
        say(written=True)
        return True

    def stop(self, number):
        if self.is_stopped:
            # A closed terminal and the end of a batch job may send several signals.
            if number == signal.SIGINT:
                self.task.cancel()
            return
        self.is_stopped = True
        pid = self.kernel()
        if pid is None:
            self.task.cancel()
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        asyncio.get_running_loop().call_later(STOP_S, self.task.cancel)

    def warn(self):
        self.write()
        pid = self.kernel()
        if pid is not None:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGUSR1)

    def kernel(self) -> int | None:
        """The process of the kernel's door while it runs cells, which passes on what it is told."""
        provisioner = getattr(self.client.km, "provisioner", None)
        return getattr(provisioner, "pid", None) if self.client.kc else None


def main(source: Path, copy: Path, go_on: bool) -> int:
    try:
        run = Run(source, copy, go_on)
    except Exception as error:  # whatever is wrong with the file: nbformat has errors of many kinds
        say(refused=str(error).strip().split("\n")[0])
        return 1
    return asyncio.run(run.execute())


if __name__ == "__main__":
    end_with_starter()
    sys.exit(main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]), "go-on" in sys.argv[3:]))
