"""Runs cells in Deno, and tells their errors."""

import asyncio
import json
import os

from . import errors, habits
from .cell import Cell
from .cells import rewrite
from .deno import Deno
from .frames import Frame, frames_of
from .messages import Json
from .nesting import too_deep
from .outputs import Outputs
from .own_modules import error_of_module
from .screen import Screen
from .stopping import Running, Stopper
from .syntax import unclosed_comment

# How long what was thrown may take to be put into words.
TOLD_S = 2.0
# How many cells keep their lines and their outputs' place.
CELLS_KEPT = 2000


class Execution:
    """One kernel's cells: which runs, which there were, and whose an output or an error is."""

    def __init__(self, screen: Screen, is_watched: bool, grades: bool) -> None:
        self._screen, self._is_watched, self._grades = screen, is_watched, grades
        self.cells: dict[int, Cell] = {}
        self.stopper = Stopper(lambda cell, text: self._outputs.print(cell, text, "stdout"))
        self._late_failures: list[Json] = []
        self._failing: set[asyncio.Task[None]] = set()

    def begin(self, deno: Deno, outputs: Outputs) -> None:
        """What runs the cells, and where their outputs come from."""
        self._deno, self._outputs = deno, outputs
        self.stopper.begin(deno.inspector, deno.answer, deno.process.pid)

    def add(self, cell: Cell) -> None:
        self.cells[cell.number] = cell
        if len(self.cells) > CELLS_KEPT:
            oldest = self.cells.pop(min(self.cells))
            self._screen.forget(oldest)

    @property
    def running(self) -> Cell | None:
        running = self.stopper.running
        return running.cell if running else None

    async def run(self, cell: Cell, silent: bool, stops: bool, is_stopped: bool = False) -> Json | None:
        """Runs a cell, shows its outputs and returns its error, if it has one; one that is stopped does not begin."""
        if is_stopped:
            self._show_error(cell, errors.STOPPED)
            return errors.STOPPED
        return self._take_late_failure(cell, stops) or await self._run(cell, silent)

    async def _run(self, cell: Cell, silent: bool) -> Json | None:
        if error := _refused(cell):
            self._show_error(cell, error)
            return error
        self._outputs.begin(cell)
        running = self.stopper.start(cell)
        reply, told = await self._deno.execute(rewrite(cell.code, cell.number), silent)
        if _does_not_parse(reply, told, running):
            # Deno says why in the words of what it gets.
            reply, told = await self._deno.execute(cell.code, silent)
        # Before the cell has ended, so that Stop ends this too: values may loop where they are shown.
        thrown = await self._told(reply) if reply.get("ename") else None
        await self.stopper.finish(running)
        await self._outputs.settle(cell)
        if self._failing:
            await asyncio.wait(self._failing)
        if reply["status"] == "ok" and not running.was_cut:
            return cell.failures[0] if cell.failures else None
        if running.was_cut:
            error = errors.STOPPED
        elif _was_lost(told):
            error = errors.STOPPED if running.presses else errors.NEVER_SETTLES
        elif thrown:
            error = await self._thrown(cell, thrown)
        elif running.presses and not errors.is_parse_report((told or {}).get("evalue", "")):
            error = errors.STOPPED
        else:
            error = errors.parse_error((told or {}).get("evalue", ""), errors.of_cell(cell))
        if error is not errors.STOPPED or error not in cell.failures:
            self._show_error(cell, error)
        return error

    async def _told(self, reply: Json) -> Json:
        """What a cell threw, in full; as Deno's kernel tells it, where nothing else is to be had."""
        told: Json = {
            "name": reply["ename"],
            "message": reply["evalue"],
            "stack": "\n".join(reply["traceback"]).removeprefix("Stack trace:\n"),
        }
        if self._deno.inspector and told["message"] != errors.STOPPED["evalue"]:
            asked = f"__tessera.toldAgain({json.dumps(told)})"
            if found := json.loads(await self._deno.inspector.evaluate(asked, TOLD_S) or "null"):
                return dict(found)
        if told["name"] == "Unknown error" and told["message"] == "(none)":
            return {**errors.NO_WORDS, "stack": ""}
        return {**told, "name": "", "stack": ""} if told["name"] == "Unknown error" else told

    async def _thrown(self, cell: Cell, told: Json) -> Json:
        """The error that a cell threw, or with which V8 refused it."""
        message = told["message"]
        error = await self._complete(told, cell, awaiting=cell)
        if told["name"] == "RangeError" and message == errors.TOO_DEEP and not frames_of(told["stack"])[1]:
            error["traceback"] = [*error["traceback"], errors.TOO_DEEP_HINT]
        if told["name"] != "SyntaxError":
            return error
        if hint := errors.redeclared(message, cell, self.cells):
            error["traceback"] = [*error["traceback"], hint]
        if frames_of(told["stack"])[1]:
            return error
        if line := errors.redeclared_line(message, cell) or await self._deno.line_of_syntax(cell):
            placed = errors.at_line(message, cell, line)
            placed["traceback"] = [*placed["traceback"], *([hint] if hint else [])]
            return placed
        return error

    async def _complete(self, told: Json, cell: Cell | None, awaiting: Cell | None = None) -> Json:
        if told["message"] == errors.STOPPED["evalue"]:
            return errors.STOPPED
        numbers = {frame.number for frame in errors.frames_behind(told) if frame.number is not None}
        await self._deno.learn_lines(self.cells, numbers)
        name, message, line_of = told["name"], told["message"], self._deno.line_of
        places = errors.places(frames_of(told["stack"])[1], self.cells, line_of)
        if error := await error_of_module(told, self._deno, places):
            return error
        hint = told.get("explanation") or await self._hint(cell, name, message, frames_of(told["stack"])[1])
        return errors.complete(told, self.cells, line_of, hint, awaiting)

    async def _hint(self, cell: Cell | None, name: str, message: str, frames: list[Frame]) -> str:
        """What to do about an error; of what the learner's own code says nothing is known."""
        if errors.is_made_by_learner(frames, self._deno.word_at):
            return ""
        if name == "ReferenceError":
            failed = [each for each in reversed(self.cells.values()) if each.reply and each.reply.get("ename")]
            if hint := errors.made_later(message, [*([cell] if cell else []), *failed]):
                return hint
        line = errors.line_at(frames, self.cells, self._deno.line_of)
        types = name == "TypeError"
        promises = await self._deno.promises_among(habits.names_used(line)) if types else []
        calls = await self._deno.async_among(habits.calls_in(line)) if types else []
        return habits.of_error(name, message, line, promises, calls) or errors.advice(name, message)

    def take_note(self, number: int, note: Json) -> None:
        """What the door's side in Deno says: of errors that no cell threw, and of what Stop waits for."""
        if "failure" in note:
            cell = self.cell_of(number)
            is_running = bool(self.running and self.running.number == number)
            task = asyncio.create_task(self._fail(cell, is_running, note["failure"]))
            self._failing.add(task)
            task.add_done_callback(self._failing.discard)
        elif "begun" in note:
            if self.running and self.running.number == note["begun"]:
                self.stopper.begun()
        elif "held" in note:
            self.stopper.held(note["held"])
        elif "watches" in note:
            self.stopper.watches, self.stopper.own_watches = note["watches"], note["ownWatches"]
            self.stopper.loads = note["loads"]

    async def _fail(self, cell: Cell | None, is_running: bool, told: Json) -> None:
        """An error that no cell threw: fails its cell, or a later one where nobody looks at that one."""
        error = await self._complete(told, cell)
        await self._outputs.take_rest()
        if cell is None:
            self._late_failures.append(error)
            return
        # In grading a cell does not fail for what an earlier one has left behind.
        if is_running or not (self._is_watched or self._grades):
            cell.failures.append(error)
        self._show_error(cell, error)

    def _take_late_failure(self, cell: Cell, stops: bool) -> Json | None:
        """Where nobody looks, an error between two cells is the next one's, which then does not run."""
        if not self._late_failures:
            return None
        for error in self._late_failures:
            self._show_error(cell, error)
        first = self._late_failures[0]
        self._late_failures.clear()
        return first if stops else None

    def _show_error(self, cell: Cell, error: Json) -> None:
        """Whoever has pressed Stop knows why the cell ends; only a run without a window needs an error."""
        if not (self._is_watched and error["ename"] == errors.STOPPED["ename"]):
            self._screen.show(cell, "error", error)
        elif error is errors.STOPPED:  # the library's trainings have said it themselves
            self._outputs.print(cell, f"{errors.STOPPED_LINE}\n", "stdout")

    def cell_of(self, number: int) -> Cell | None:
        """The cell whose outputs those of a cell's number are."""
        cell = self.cells.get(number)
        if cell and (self._is_watched or self.running is cell):
            return cell
        # Headless clients take nothing in of a cell that has ended.
        return self.running


def _refused(cell: Cell) -> Json | None:
    """The error of what Deno cannot be given."""
    if found := too_deep(cell.code):
        return errors.at_line(f"{found[0]}: this is nested too deeply to be read", cell, found[1])
    if line := unclosed_comment(cell.code):
        # Deno takes all that follows as a comment, and says nothing.
        return errors.at_line("Unterminated comment: its */ is missing", cell, line)
    return None


def _does_not_parse(reply: Json, told: Json | None, running: Running) -> bool:
    """Whether Deno says so; after Stop any other error may have come of that, and the code have run."""
    if reply["status"] == "ok" or reply.get("ename") or _was_lost(told):
        return False
    return not running.presses or errors.is_parse_report((told or {}).get("evalue", ""))


def _was_lost(told: Json | None) -> bool:
    return bool(told and errors.COLLECTED.search(told.get("ename", "")))


def is_watched() -> bool:
    """Whether a person looks at the notebook, as `lib/platform/environment.ts` guesses it."""
    decided = os.environ.get("TESSERA_HEADLESS")
    if decided:
        return decided == "0"
    return bool(os.environ.get("JPY_SESSION_NAME") or os.environ.get("VSCODE_PID"))
