"""Runs a submission's notebook in its sandbox: each cell within its limits, whatever the ones before did."""

import asyncio
import copy
import json
import os
import shutil
from collections.abc import Callable
from typing import Protocol
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
import nbformat
from nbformat import NotebookNode

from tessera_kernel.records import RECORD
from tessera_kernel.temporary import temporary_folder

from .bubblewrap import INSTALLATION
from .course_names import without_keeping
from .limits import GIB, Limits

Json = dict[str, Any]

# How long a stopped cell may take to end before its kernel is ended.
STOP_S = 25.0
START_S = 120.0
# A kernel that ends is started again, and what was right before runs once more.
MOST_KERNELS = 4


@dataclass
class CellRun:
    """What became of one cell; `records` are what checks found while it ran, as the door believes it."""

    ran: bool = False
    failed: bool = False
    error: Json | None = None
    records: list[Json] = field(default_factory=list)
    seconds: float = 0
    limit: str | None = None  # the limit that it ran into, or what it did to its kernel


@dataclass
class NotebookRun:
    cells: list[CellRun]
    peak_bytes: int = 0
    processor_s: float = 0
    seconds: float = 0
    # Why nothing could be run.
    reason: str | None = None


class _Client(NotebookClient):
    """One kernel's life; `limit_s` gives what a cell may still take."""

    limit_s: Callable[[], float]
    current: CellRun

    def process_message(self, msg: Json, cell: NotebookNode, cell_index: int) -> Any:
        if msg["msg_type"] == RECORD:
            self.current.records.append(msg["content"])
            return None
        return super().process_message(msg, cell, cell_index)

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        return None

    async def _async_poll_for_reply(
        self,
        msg_id: str,
        cell: NotebookNode,
        timeout: int | None,
        task_poll_output_msg: asyncio.Future[Any],
        task_poll_kernel_alive: asyncio.Future[Any],
    ) -> Json:
        """As nbclient's, but where the time is over it stops the cell and waits for its real end."""
        assert self.kc is not None and self.km is not None
        limit = self.limit_s()
        deadline = monotonic() + limit
        while True:
            try:
                message = await ensure_async(
                    self.kc.shell_channel.get_msg(timeout=max(0.0, deadline - monotonic()))
                )
            except Empty:
                if self.current.limit:
                    task_poll_kernel_alive.cancel()
                    raise DeadKernelError("the cell could not be stopped") from None
                self.current.limit = f"it took longer than {_duration(limit)}, and was stopped"
                await ensure_async(self.km.interrupt_kernel())
                deadline = monotonic() + STOP_S
                continue
            if message["parent_header"].get("msg_id") == msg_id:
                try:
                    await asyncio.wait_for(task_poll_output_msg, STOP_S)
                except TimeoutError:
                    pass
                task_poll_kernel_alive.cancel()
                return message


class Between(Protocol):
    """What runs as cells and between them (`plan.py`)."""

    def before(self, index: int) -> list[str]: ...
    def code(self, index: int) -> str: ...
    def after(self, index: int, run: CellRun) -> None: ...
    def is_over(self, index: int) -> bool: ...


class Runner:
    """Runs the cells of a notebook; `files` are what lies beside it."""

    def __init__(
        self,
        node: NotebookNode,
        files: list[Path],
        unit: str,
        limits: Limits,
        plan: Between,
        on_cell: Callable[[int, int], None] = lambda index, count: None,
    ) -> None:
        self._node, self._files, self._unit = node, files, unit
        self._limits, self._plan, self._on_cell = limits, plan, on_cell
        self._extra: dict[int, list[str]] = {}  # what was run before a cell
        self.result = NotebookRun([CellRun() for _ in node.cells])
        self._begun = monotonic()

    def run(self) -> NotebookRun:
        asyncio.run(self._run())
        self.result.seconds = monotonic() - self._begun
        return self.result

    async def _run(self) -> None:
        at = 0  # the first cell that has not been run
        for _ in range(MOST_KERNELS):
            at = await self._live(at)
            if at >= len(self._node.cells) or self.result.reason or self._left_s() <= 0:
                return

    def _left_s(self) -> float:
        return self._limits.submission_s - (monotonic() - self._begun)

    async def _live(self, at: int) -> int:
        """Starts a kernel and runs the cells from `at` on; returns the first that is still to be run."""
        with temporary_folder("grade") as folder:
            return await self._live_in(folder, at)

    async def _live_in(self, folder: Path, at: int) -> int:
        door, files = folder / "door", folder / "files"
        door.mkdir(mode=0o700)
        files.mkdir()
        for path in self._files:
            shutil.copy(path, files / path.name)
        settings = {"importMap": (INSTALLATION / "import_map.json").as_uri(), "lock": False}
        (files / "deno.json").write_text(json.dumps(settings))
        # Replayed cells must not touch what the first run of them left.
        nb = copy.deepcopy(self._node)
        nb.cells.append(nbformat.v4.new_code_cell())  # in whose place all that is not the learner's runs
        client = _Client(nb, allow_errors=True, kernel_name="deno")
        client.km = AsyncKernelManager(
            kernel_name="deno",
            transport="ipc",
            ip=str(door / "socket"),
            connection_file=str(door / "kernel.json"),
        )
        environment = {
            **os.environ,
            "NBGRADER_EXECUTION": "autograde",
            "TESSERA_GRADING_FILES": str(files),
            "TESSERA_GRADING_UNIT": self._unit,
            "TESSERA_LIMIT_MEMORY": str(self._limits.memory_bytes / GIB),
        }
        try:
            await client.async_start_new_kernel(cwd=str(files), env=environment)
            await client.async_start_new_kernel_client()
            if not await self._is_ready(client):
                return len(self._node.cells)
            return await self._run_cells(client, at, door)
        except RuntimeError as error:
            self.result.reason = f"its kernel did not start ({error})"
            return len(self._node.cells)
        finally:
            await self._end(client)
            self._usage(door, is_over=True)

    async def _is_ready(self, client: _Client) -> bool:
        """Lets the door keep the course's modules as they are, and tells whether there is native TensorFlow,
        without which numbers are others and times too long."""
        modules = json.dumps([f"./{path.name}" for path in self._files if path.suffix == ".ts"])
        await self._execute_own(client, f"await __tessera.keep({modules});", CellRun())
        wants = os.environ.get("TESSERA_BACKEND", "")
        if wants and wants != "native":
            return True
        probe = CellRun()
        code = (
            'const { kind, reason } = (await import("tessera")).backendReport;\n'
            'console.log("backend", kind, reason);'
        )
        cell = await self._execute_own(client, code, probe)
        said = "".join(each.get("text", "") for each in cell.get("outputs", []))
        if "backend native" in said:
            return True
        self.result.reason = f"native TensorFlow does not work in the sandbox ({said.strip() or 'it says nothing'})"
        return False

    async def _run_cells(self, client: _Client, at: int, door: Path) -> int:
        count = len(self._node.cells)
        for index, cell in enumerate(client.nb.cells[:count]):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            if index < at:
                # What ended a kernel, or had to be stopped, is left out when the rest runs once more.
                if self.result.cells[index].limit:
                    continue
                run = CellRun()
            else:
                run = self.result.cells[index]
            if self._left_s() <= 0:
                return index
            if index >= at and self._plan.is_over(index):
                return count
            self._on_cell(index, count)
            if index not in self._extra:
                self._extra[index] = self._plan.before(index)
            try:
                for code in self._extra[index]:
                    await self._execute_own(client, code, CellRun())
                cell.source = self._plan.code(index)
                await self._execute(client, cell, index, run)
            except DeadKernelError:
                # nbclient takes the end of the whole run for the kernel's.
                if (task := asyncio.current_task()) and task.cancelling():
                    raise asyncio.CancelledError from None
                where = self.result.cells[index]
                where.ran = where.failed = True
                where.limit = self._usage(door) or where.limit or "it ended the kernel"
                where.error = _error("KernelEnded", f"This cell was given up: {where.limit}.")
                self._keep(index, cell, where.error)
                self._plan.after(index, where)
                return max(at, index + 1)
            if index >= at:
                self._keep(index, cell, run.error if run.limit else None)
                self._plan.after(index, run)
        return count

    async def _execute_own(self, client: _Client, code: str, run: CellRun) -> NotebookNode:
        cell = nbformat.v4.new_code_cell(code)
        return await self._execute(client, cell, len(client.nb.cells) - 1, run)

    async def _execute(self, client: _Client, cell: NotebookNode, index: int, run: CellRun) -> NotebookNode:
        client.current = run
        client.limit_s = lambda: max(1.0, min(self._limits.cell_s, self._left_s()))
        replies: list[Json] = []
        client.on_cell_executed = lambda cell, cell_index, execute_reply: replies.append(execute_reply)
        begun = monotonic()
        cell.outputs = []
        try:
            await client.async_execute_cell(cell, index)
        finally:
            run.seconds = monotonic() - begun
        content = replies[-1]["content"] if replies else {"status": "error"}
        run.ran = True
        run.failed = content["status"] != "ok"
        if run.failed:
            # The code of a check as its authors wrote it.
            traceback = [without_keeping(line) for line in content.get("traceback") or []]
            value = without_keeping(content.get("evalue", ""))
            run.error = _error(content.get("ename", "Error"), value, traceback)
        for output in cell.outputs:
            if output.output_type == "error":
                output.evalue = without_keeping(output.evalue)
                output.traceback = [without_keeping(line) for line in output.traceback]
        if run.limit:
            run.failed = True
            run.error = _error("TimeLimit", f"This cell was given up: {run.limit}.")
        return cell

    def _keep(self, index: int, cell: NotebookNode, error: Json | None) -> None:
        """Takes what a cell printed and showed into the notebook, with the grading's own words."""
        kept = self._node.cells[index]
        kept.outputs = cell.get("outputs", [])
        kept.execution_count = cell.get("execution_count")
        if error:
            kept.outputs.append(NotebookNode(output_type="error", **error))

    async def _end(self, client: _Client) -> None:
        try:
            if client.kc:
                client.kc.stop_channels()
            if client.km and client.km.has_kernel:
                await ensure_async(client.km.shutdown_kernel(now=True))
        except Exception:  # it has ended by itself
            pass

    def _usage(self, door: Path, is_over: bool = False) -> str | None:
        """Takes notice of what the kernel used; why the sandbox ended it, if it did."""
        try:
            found = json.loads((door / "usage.json").read_text())
        except (OSError, ValueError):
            return None
        self.result.peak_bytes = max(self.result.peak_bytes, found["peakBytes"])
        if is_over:
            self.result.processor_s += found["processorSeconds"]
        return found["ended"]


def _error(name: str, value: str, traceback: list[str] | None = None) -> Json:
    return {"ename": name, "evalue": value, "traceback": traceback or [f"{name}: {value}"]}


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"
