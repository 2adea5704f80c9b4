"""What else is run between a submission's cells, so that a wrong one costs its own points and no more.

Where a task's checks fail, what follows runs with the course's solution of that task. So later tasks are judged
by themselves; what is left of the failed one gives no points any more.
"""

from .arrange import Arranged
from .course import CourseCell, CourseNotebook
from .results import Warning
from .run import CellRun


class Plan:
    """For one notebook; `task_of` gives the solution that a check is about."""

    def __init__(self, arranged: Arranged, notebook: CourseNotebook) -> None:
        self._arranged, self._notebook = arranged, notebook
        self.task_of: dict[str, CourseCell] = {}
        solution = None
        for cell in notebook.cells:
            if cell.node.cell_type != "code":
                continue
            if cell.is_solution:
                solution = cell
            elif cell.is_locked and solution:
                self.task_of[cell.id] = solution
        self._checks = [
            (index, of)
            for index, of in enumerate(arranged.origin)
            if of and of.has_points and of.node.cell_type == "code"
        ]
        self.replaced: dict[str, int] = {}  # tasks by id, with the cell before which they were put right
        self._failed: list[CourseCell] = []
        self.warnings: list[Warning] = []

    def before(self, index: int) -> list[str]:
        """What to run before a cell: tasks that failed, put right."""
        codes: list[str] = []
        for task in self._due(self._arranged.origin[index]):
            if task.id not in self.replaced:
                self.replaced[task.id] = index
                text = f"What follows {task.id} ran with the course's solution of it, as its check failed."
                self.warnings.append(Warning("other", text, index + 1))
            codes += self._solution_of(task)
        return codes

    def code(self, index: int) -> str:
        """What runs as a cell: of a check and a locked cell the course's code, with the course's names."""
        of = self._arranged.origin[index]
        if of and of.is_locked:
            return f"__tessera.restoreBuiltIns();{self._notebook.checked_code(of)}"
        return self._arranged.node.cells[index].source

    def after(self, index: int, run: CellRun) -> None:
        """Takes notice of what became of a cell."""
        of = self._arranged.origin[index]
        task = self.task_of.get(of.id) if of else None
        if run.failed and task and task not in self._failed:
            self._failed.append(task)

    def is_over(self, index: int) -> bool:
        """Whether nothing from a cell on can give points any more, after something has failed."""
        if not self._failed:
            return False
        return all(self.task_of.get(of.id) in self._failed for at, of in self._checks if at >= index)

    def rests_on(self, check: CourseCell, index: int) -> CourseCell | None:
        """The task whose solution is not the learner's where a check runs."""
        task = self.task_of.get(check.id)
        return task if task and self.replaced.get(task.id, index + 1) <= index else None

    def _due(self, of: CourseCell | None) -> list[CourseCell]:
        """The failed tasks, once something else than their own checks runs."""
        return [
            task
            for task in self._failed
            if task.id not in self.replaced and not (of and self.task_of.get(of.id) is task)
        ]

    def _solution_of(self, task: CourseCell) -> list[str]:
        """The course's cell, and its checks, whose variables later cells may use."""
        checks = [each for each in self._notebook.cells if self.task_of.get(each.id) is task]
        at = self.replaced[task.id]
        run_before = [each for each in checks if self._arranged.index_of(each) < at]
        return [task.node.source, *map(self._notebook.checked_code, run_before)]

