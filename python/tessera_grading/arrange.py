"""Holds a submitted notebook against the course's: finds each task again, and puts the checks back."""

import copy
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from .course import CourseCell, CourseNotebook
from .results import Warning

# Of more cells of a learner's own than these only the number is told.
MOST_NAMED = 100


@dataclass
class Arranged:
    """The notebook to be run; `origin` is the course's cell of each of its cells, None for a learner's own."""

    node: NotebookNode
    origin: list[CourseCell | None]
    warnings: list[Warning] = field(default_factory=list)

    def index_of(self, task: CourseCell) -> int:
        return next(index for index, each in enumerate(self.origin) if each is task)


def arrange(submitted: NotebookNode, course: CourseNotebook) -> Arranged:
    """Each cell of the course is there once at most, every task exactly once, and what is locked is the course's.

    Cells keep the learner's order. Learners' own cells stay, as do copies of tasks, which run but have no points.
    """
    cells = list(submitted.cells)
    warnings: list[Warning] = []
    origin = _matched(cells, course)
    for task in course.cells:
        copies = [index for index, each in enumerate(origin) if each is task]
        if len(copies) > 1:
            kept = _best(copies, cells, task)
            for index in copies:
                if index != kept:
                    origin[index] = None
            if task.grade_id:
                text = f"There are {len(copies)} cells of {task.id}; cell {kept + 1} counts."
                warnings.append(Warning("repaired", text, kept + 1))
    warnings += _own_cells(cells, origin)
    arranged = [_prepared(cell, of) for cell, of in zip(cells, origin)]
    _add_missing(arranged, origin, course, warnings)
    seen: set[str] = set()
    for cell, of in zip(arranged, origin):
        wanted = of.id if of else cell.id
        if wanted in seen or (of is None and wanted in course.by_id):
            wanted = nbformat.v4.new_code_cell().id
        cell.id = wanted
        seen.add(wanted)
    node = copy.copy(course.node)
    node.metadata = copy.deepcopy(course.node.metadata)
    node.cells = arranged
    return Arranged(node, origin, warnings)


def _matched(cells: list[NotebookNode], course: CourseNotebook) -> list[CourseCell | None]:
    """The course's cell that each cell was: by nbgrader's name, by its id, by its text, by what it defines."""
    origin: list[CourseCell | None] = [None] * len(cells)
    for index, cell in enumerate(cells):
        nbgrader = cell.metadata.get("nbgrader")
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        origin[index] = course.by_grade_id.get(grade_id) or course.by_id.get(cell.get("id"))
    # A submission may have any number of cells: each is looked at a few times, however many there are.
    taken = set(origin)
    by_text: dict[str, list[CourseCell]] = {}
    for each in course.cells:
        for text in {each.released.strip(), each.node.source.strip()}:
            by_text.setdefault(text, []).append(each)
    for index, cell in enumerate(cells):
        if origin[index] is None and (text := cell.source.strip()):
            origin[index] = next((each for each in by_text.get(text, []) if each not in taken), None)
            taken.add(origin[index])
    solutions = [each for each in course.cells if each.is_solution and each.defined]
    for index, cell in enumerate(cells):
        if origin[index] is None and cell.cell_type == "code":
            origin[index] = next(
                (
                    each
                    for each in solutions
                    if each not in taken and all(_defines(cell.source, name) for name in each.defined)
                ),
                None,
            )
            taken.add(origin[index])
    _match_answers(cells, origin, course)
    return origin


def _defines(source: str, name: str) -> bool:
    return any(f"{word} {name}" in source for word in ("function", "class", "const", "let"))


def _match_answers(cells: list[NotebookNode], origin: list[CourseCell | None], course: CourseNotebook) -> None:
    """An answer that has lost its metadata is the text of the learner's that follows its question."""
    for before, answer in zip(course.cells, course.cells[1:]):
        if answer in origin or before not in origin or answer.node.cell_type != "markdown" or not answer.has_points:
            continue
        for index in range(origin.index(before) + 1, len(cells)):
            if origin[index] is not None:
                break
            if cells[index].cell_type == "markdown":
                origin[index] = answer
                break


def _best(copies: list[int], cells: list[NotebookNode], task: CourseCell) -> int:
    """Of several copies the last on which something was written."""
    written = [index for index in copies if cells[index].source.strip() != task.released.strip()]
    return (written or copies)[-1] if task.is_solution else copies[-1]


def _own_cells(cells: list[NotebookNode], origin: list[CourseCell | None]) -> list[Warning]:
    """Code beside the tasks, which staff should see."""
    warnings = []
    own = 0
    for index, (cell, of) in enumerate(zip(cells, origin)):
        if of is None:
            if cell.cell_type == "code" and cell.source.strip():
                own += 1
                if own > MOST_NAMED:
                    continue
                text = f"Cell {index + 1} is the learner's own."
                warnings.append(Warning("cell added", text, index + 1, cell.source))
        elif not of.is_solution and cell.cell_type == "code" and cell.source.strip() != of.released.strip():
            restored = "; it was put back for grading" if of.is_locked else ""
            text = f"Cell {index + 1} ({of.id}) is not as it was handed out{restored}."
            warnings.append(Warning("cell changed", text, index + 1, cell.source))
    if own > MOST_NAMED:
        warnings.append(Warning("cell added", f"There are {own - MOST_NAMED} more cells of the learner's own.", 0))
    return warnings


def _prepared(cell: NotebookNode, of: CourseCell | None) -> NotebookNode:
    """A cell as it is to be run: without outputs, and without metadata that change how it runs."""
    kind = of.node.cell_type if of and of.grade_id else cell.cell_type
    source = of.node.source if of and of.is_locked else cell.source
    return _new_cell(kind, source, of, cell.get("attachments"))


def _new_cell(kind: str, source: str, of: CourseCell | None, attachments: object = None) -> NotebookNode:
    make = getattr(nbformat.v4, f"new_{kind}_cell")
    new = make(source)
    if of and of.grade_id:
        new.metadata["nbgrader"] = copy.deepcopy(of.nbgrader)
    if kind == "markdown" and attachments:
        new.attachments = attachments
    return new


def _add_missing(
    cells: list[NotebookNode], origin: list[CourseCell | None], course: CourseNotebook, warnings: list[Warning]
) -> None:
    """Tasks that are missing come where the course has them, after what comes before."""
    place = 0  # after the course's cell before
    for each in course.cells:
        if each in origin:
            place = origin.index(each) + 1
        elif each.has_points:
            source = each.node.source if each.is_locked else each.released
            cells.insert(place, _new_cell(each.node.cell_type, source, each))
            origin.insert(place, each)
            place += 1
            warnings.append(Warning("cell missing", f"The cell {each.id} was missing; it was put back.", 0))
        elif each.grade_id or each.node.cell_type == "code":
            warnings.append(Warning("cell missing", f"The cell {each.id} is missing.", 0))
