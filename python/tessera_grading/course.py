"""A unit as its authors wrote it: the notebooks against which submissions are held."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from .course_names import Names, is_kept, with_course_names

Json = dict[str, Any]

_CHECK_CALL = re.compile(r"\bcheck[A-Z]\w*\(")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_DEFINED = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) +(\w+)", re.M)
_IMPORT = re.compile(r'^import\s+([^;"]*?)\s+from\s*"([^"]+)";?', re.M)


@dataclass(frozen=True, eq=False)
class CourseCell:
    """A cell of the authors' notebook, and as learners got it; each is equal to itself alone."""

    node: NotebookNode
    released: str  # its text as it was handed out

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def nbgrader(self) -> Json:
        return self.node.metadata.get("nbgrader", {})

    @property
    def grade_id(self) -> str | None:
        return self.nbgrader.get("grade_id")

    @property
    def has_points(self) -> bool:
        return bool(self.nbgrader.get("grade"))

    @property
    def is_solution(self) -> bool:
        return bool(self.nbgrader.get("solution"))

    @property
    def is_locked(self) -> bool:
        """Whether it is put back as the authors wrote it: a check, or a given cell that they locked."""
        return not self.is_solution and (self.has_points or bool(self.nbgrader.get("locked")))

    @property
    def points(self) -> float:
        return float(self.nbgrader.get("points") or 0)

    @property
    def is_bonus(self) -> bool:
        return bool(self.node.metadata.get("tessera", {}).get("bonus"))

    @property
    def bonus_points(self) -> float:
        """What its check can give beyond its points."""
        return float(self.node.metadata.get("tessera", {}).get("bonusPoints", 0))

    @cached_property
    def check_calls(self) -> int:
        return len(_CHECK_CALL.findall(_COMMENT.sub("", self.node.source)))

    @cached_property
    def defined(self) -> frozenset[str]:
        """The names that it gives the notebook, by which a task is known whose metadata are lost."""
        return frozenset(_DEFINED.findall(self.released)) if self.node.cell_type == "code" else frozenset()


class CourseNotebook:
    """One notebook of a unit; `released` is what learners got of it."""

    def __init__(self, source: Path, released: Path) -> None:
        self.name = source.stem
        self.node = nbformat.read(source, as_version=4)
        texts = {cell.id: cell.source for cell in nbformat.read(released, as_version=4).cells}
        self.cells = [CourseCell(cell, texts.get(cell.id, cell.source)) for cell in self.node.cells]
        self.by_id = {cell.id: cell for cell in self.cells}
        self.by_grade_id = {cell.grade_id: cell for cell in self.cells if cell.grade_id}

    @property
    def tasks(self) -> list[CourseCell]:
        return [cell for cell in self.cells if cell.has_points]

    def checked_code(self, cell: CourseCell) -> str:
        """A check's code with what the course imports before it, whatever cells have put in the place of that."""
        names: Names = {}
        for each in self.cells:
            if each.node.cell_type == "code":
                for clause, module in _IMPORT.findall(each.node.source):
                    if is_kept(module):
                        names |= {name: (module, exported) for name, exported in _imported(clause)}
            if each is cell:
                break
        return with_course_names(cell.node.source, names)


def _imported(clause: str) -> list[tuple[str, str]]:
    """The names of an import's clause that are values, each with what its module calls it."""
    found: list[tuple[str, str]] = []
    if clause.startswith("type "):
        return found
    if namespace := re.search(r"\* as (\w+)", clause):
        found.append((namespace[1], "*"))
    if braces := re.search(r"\{(.*)\}", clause, re.S):
        for part in braces[1].split(","):
            part = part.strip()
            if part and not part.startswith("type "):
                words = part.split()  # "a", or "a as b"
                found.append((words[-1], words[0]))
    return found


class Course:
    """A unit's notebooks and the modules beside them."""

    def __init__(self, unit: str, source_directory: Path, release_directory: Path) -> None:
        self.unit = unit
        self.folder = source_directory / unit
        self.notebooks: dict[str, CourseNotebook] = {}
        for path in sorted(self.folder.glob("*.ipynb")):
            released = release_directory / unit / path.name
            self.notebooks[path.stem] = CourseNotebook(path, released if released.exists() else path)

    @property
    def modules(self) -> list[Path]:
        """The files beside the notebooks, which a submission gets as the course has them."""
        return [path for path in sorted(self.folder.iterdir()) if path.is_file() and path.suffix != ".ipynb"]

    def digest(self, library: Path) -> str:
        """What grades: the unit, and the library with its checks."""
        sha = hashlib.sha256()
        files = [*self.folder.rglob("*"), *library.rglob("*.ts")]
        for path in sorted(path for path in files if path.is_file()):
            sha.update(json.dumps(str(path.name)).encode())
            sha.update(hashlib.sha256(path.read_bytes()).digest())
        return sha.hexdigest()

