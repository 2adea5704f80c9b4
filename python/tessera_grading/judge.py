"""Points, from what the checks found: not from what a cell prints, shows or returns."""

import re

from nbformat import NotebookNode

from .arrange import Arranged
from .course import CourseCell
from .plan import Plan
from .results import TaskResult, Warning
from .run import CellRun, NotebookRun

# Colours, and all else that a terminal would obey.
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# What the units' own code prints where weights that were handed in make way for the course's.
_NOT_TAKEN = re.compile(r"^Not taken: best\.safetensors.*$", re.M)
MESSAGE_LINES = 30


def judge(
    arranged: Arranged, run: NotebookRun, tasks: list[CourseCell], plan: Plan
) -> tuple[list[TaskResult], list[Warning]]:
    """Each task's points, and what there is to say of how the notebook ran."""
    results = []
    for task in tasks:
        index = arranged.index_of(task)
        cell = arranged.node.cells[index]
        if task.is_solution or task.node.cell_type != "code":
            results.append(_answer(task, cell.source))
        else:
            result = _check(task, run.cells[index])
            _say_what_came_before(result, task, arranged, run, plan)
            if own := plan.rests_on(task, index):
                result.outcome, result.points, result.bonus = "failed", 0, 0
                result.message = f"This rests on {own.id}, whose own check failed."
            results.append(result)
    warnings = []
    for index, each in enumerate(run.cells):
        name = arranged.origin[index].id if arranged.origin[index] else "the learner's own"
        if each.limit:
            warnings.append(Warning("limit", f"Cell {index + 1} ({name}): {each.limit}.", index + 1))
        if match := _NOT_TAKEN.search(_printed(arranged.node.cells[index])):
            warnings.append(Warning("other weights", _CONTROLS.sub("", match[0][:300]), index + 1))
        if any(record.get("forged") for record in each.records):
            text = f"Cell {index + 1} ({name}) made up a record of points, which does not count."
            warnings.append(Warning("tampering", text, index + 1))
    return results, warnings


def _say_what_came_before(
    result: TaskResult, task: CourseCell, arranged: Arranged, run: NotebookRun, plan: Plan
) -> None:
    """Where a check fails because the task's own cell did, that says more than a name that is not defined."""
    solution = plan.task_of.get(task.id)
    if result.outcome != "failed" or solution is None or solution not in arranged.origin:
        return
    before = run.cells[arranged.index_of(solution)]
    if before.failed:
        first = _message(before).strip().split("\n")[0]
        result.message = f"The cell of {solution.id} failed: {first}\n{result.message or ''}"


def _printed(cell: NotebookNode) -> str:
    outputs = cell.get("outputs", [])
    return "".join(each.text for each in outputs if each.output_type == "stream" and each.name == "stdout")


def not_graded(task: CourseCell, reason: str) -> TaskResult:
    maximum, bonus_maximum = _maxima(task)
    kind = "answer" if task.is_solution else "check"
    return TaskResult(task.id, kind, "not graded", None, maximum, bonus_maximum, None, message=reason)


def _maxima(task: CourseCell) -> tuple[float, float]:
    if task.is_bonus:
        return 0, task.points
    return task.points, task.bonus_points


def _answer(task: CourseCell, text: str) -> TaskResult:
    maximum, bonus_maximum = _maxima(task)
    if text.strip() in ("", task.released.strip()):
        return TaskResult(task.id, "answer", "empty", 0, maximum, bonus_maximum)
    return TaskResult(task.id, "answer", "to read", None, maximum, bonus_maximum, None)


def _check(task: CourseCell, run: CellRun) -> TaskResult:
    maximum, bonus_maximum = _maxima(task)
    result = TaskResult(task.id, "check", "not run", 0, maximum, bonus_maximum, seconds=round(run.seconds, 3))
    if not run.ran:
        result.message = "This check was not run: what it rests on had failed, or the time was over."
        return result
    records = [record for record in run.records if not record.get("forged")]
    if run.failed:
        result.outcome, result.message = "failed", _message(run)
    elif any(record["outcome"] == "unmeasured" for record in records):
        result.outcome, result.points, result.bonus = "not graded", None, None
        result.message = "There was nothing to be measured: a quick run, without trained weights."
    elif len(records) < task.check_calls or any(record["outcome"] != "passed" for record in records):
        result.outcome = "failed"
        result.message = "The check left no record that it passed, as one always does: it was kept from running."
    else:
        result.outcome = "passed"
        bonus = min(bonus_maximum, sum(record["bonus"] for record in records))
        result.points, result.bonus = (0, task.points) if task.is_bonus else (task.points, bonus)
    return result


def _message(run: CellRun) -> str:
    lines = "\n".join((run.error or {}).get("traceback", [])).split("\n")
    text = "\n".join(lines[:MESSAGE_LINES]) + ("\n…" if len(lines) > MESSAGE_LINES else "")
    return _CONTROLS.sub("", text)
